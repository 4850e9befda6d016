"""Disposal decisions as their pages show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Person
from app.disposals import names, queries
from app.disposals.models import Disposal, DisposalPiece
from app.items.models import Item
from app.kit import codes
from app.kit.db import clock_of
from app.kit.i18n import N_, gettext, ngettext
from app.kit.i18n import date as shown_date
from app.kit.units import typed_scaled

STAGES: Mapping[str, str] = {
    "unit": N_("egen enhet"),
    "organisation": N_("hele virksomheten"),
    "network": N_("nettverket"),
    "public": N_("alle"),
}


@dataclass(frozen=True, slots=True)
class PieceShown:
    """A piece on the document: what it was, what it weighed, and what it was offered as."""

    item_id: UUID
    name: str
    code: str
    condition: str
    mass_g: int | None
    is_mass_default: bool
    offers: list[str]


@dataclass(frozen=True, slots=True)
class FractionShown:
    fraction: str
    name: str
    mass_g: int
    kg: str
    is_entered: bool
    ns_code: str
    eal_code: str


@dataclass(frozen=True, slots=True)
class Document:
    """Everything the decision says."""

    state: dict[str, str]
    fate: str
    reason: str
    pieces: list[PieceShown]
    fractions: list[FractionShown]
    kg_fields: list[tuple[str, str, str]]
    mass_g: int
    unknown_mass: int
    owners: set[UUID]
    proposed_by: str
    decided_by: str
    delivered_by: str
    withdrawn_by: str


def today(session: Session) -> date:
    return clock_of(session).today()


def state_of(disposal: Disposal) -> dict[str, str]:
    text, tone = names.STATES[disposal.state]
    return {"text": gettext(text), "tone": tone}


def rows(session: Session, actor: Actor, disposals: Sequence[Disposal]) -> list[dict[str, Any]]:
    """Decisions in a list, each with its pieces counted and its reason."""
    counts = {
        row[0]: (row[1], row[2])
        for row in session.execute(
            select(DisposalPiece.disposal_id, func.count(), func.min(DisposalPiece.name))
            .where(
                DisposalPiece.org_id == actor.org_id,
                DisposalPiece.disposal_id.in_([each.id for each in disposals]),
            )
            .group_by(DisposalPiece.disposal_id)
        )
    }
    return [
        {
            "disposal": each,
            "state": state_of(each),
            "count": counts[each.id][0],
            "name": counts[each.id][1],
            "reason": gettext(names.REASONS[each.reason]),
            "fate": gettext(names.FATES[each.fate]),
        }
        for each in disposals
    ]


def document(session: Session, actor: Actor, disposal: Disposal) -> Document:
    pieces = list(session.scalars(queries.pieces_of(actor, [disposal.id])))
    fractions = list(session.scalars(queries.fractions_of(actor, [disposal.id])))
    owners = set(
        session.scalars(
            select(Item.owner_unit_id).where(
                Item.org_id == actor.org_id, Item.id.in_([each.item_id for each in pieces])
            )
        )
    )
    who = {
        disposal.person_id,
        disposal.decided_by_id,
        disposal.delivered_by_id,
        disposal.withdrawn_by_id,
    }
    people = {
        row[0]: row[1]
        for row in session.execute(select(Person.id, Person.name).where(Person.id.in_(who)))
    }
    by_fraction = {each.fraction: each.mass_g for each in fractions}

    def person(person_id: UUID | None) -> str:
        return people.get(person_id, "") if person_id else ""

    return Document(
        state=state_of(disposal),
        fate=gettext(names.FATES[disposal.fate]),
        reason=gettext(names.REASONS[disposal.reason]),
        pieces=[_piece(each) for each in pieces],
        fractions=[
            FractionShown(
                each.fraction.value,
                gettext(names.FRACTIONS[each.fraction]),
                each.mass_g,
                typed_scaled(each.mass_g, 1000),
                each.is_entered,
                each.ns_code,
                each.eal_code,
            )
            for each in fractions
        ],
        kg_fields=[
            (f"kg_{each.value}", gettext(text), typed_scaled(by_fraction.get(each), 1000))
            for each, text in names.FRACTIONS.items()
        ],
        mass_g=sum(each.mass_g for each in fractions),
        unknown_mass=sum(each.mass_g is None for each in pieces),
        owners=owners,
        proposed_by=person(disposal.person_id),
        decided_by=person(disposal.decided_by_id),
        delivered_by=person(disposal.delivered_by_id),
        withdrawn_by=person(disposal.withdrawn_by_id),
    )


def _piece(piece: DisposalPiece) -> PieceShown:
    return PieceShown(
        item_id=piece.item_id,
        name=piece.name,
        code=codes.grouped(piece.code) if piece.code else "",
        condition=piece.condition.value,
        mass_g=piece.mass_g,
        is_mass_default=piece.is_mass_default,
        offers=[_offer(each) for each in piece.offers],
    )


def _offer(offer: Mapping[str, Any]) -> str:
    """«Tilbudt hele virksomheten fra 3. mars 2026 i 20 dager, 2 bestillinger»."""
    days = ngettext("%(num)s dag", "%(num)s dager", offer["days"])
    asked = ngettext("%(num)s bestilling", "%(num)s bestillinger", offer["asked"])
    return gettext(
        "Tilbudt %(whom)s fra %(day)s i %(days)s, %(asked)s",
        whom=gettext(STAGES[offer["stage"]]),
        day=shown_date(date.fromisoformat(offer["from_date"])),
        days=days,
        asked=asked,
    )


def code_rows(session: Session, actor: Actor) -> list[dict[str, Any]]:
    found = queries.codes_of_waste(session, actor)
    who = {own.verified_by_id for _, own in found.values() if own}
    people = {
        row[0]: row[1]
        for row in session.execute(select(Person.id, Person.name).where(Person.id.in_(who)))
    }
    return [
        {
            "fraction": fraction.value,
            "name": gettext(names.FRACTIONS[fraction]),
            "code": code,
            "own": own,
            "who": people.get(own.verified_by_id, "") if own and own.verified_by_id else "",
        }
        for fraction, (code, own) in found.items()
    ]
