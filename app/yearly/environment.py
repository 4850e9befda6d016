"""What an environmental certification asks of a year: reuse, used purchases, waste, goals, comment.

Masses and CO2e in g, money in øre. Avoided waste is calculated, and never taken off what was weighed
(savings method, D6): the two stand beside each other.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Person
from app.accounts.rules import Permission
from app.disposals.models import Disposal, DisposalFraction
from app.disposals.queries import codes_of_waste
from app.disposals.rules import DisposalState, Fraction
from app.goals.figures import Line, overview
from app.impact.rules import FIVE_SOURCES, FulfilmentSource, View
from app.kit.db import clock_of
from app.reports import words_share
from app.reports.figures import Ranged, Savings, Total
from app.reports.rules import savings, shares
from app.reports.service_went import avoided_waste
from app.reports.words import pieces_number
from app.yearly.models import YearNote
from app.yearly.queries import year_sums
from app.yearly.rules import days_of


@dataclass(frozen=True, slots=True)
class BySource:
    """Pieces of one source, their mass, and the part of all pieces; gross.

    ``gross`` has the same figures with their ranges.
    """

    source: str
    pieces: int
    mass_g: int
    share: float | None
    waste_g: int
    co2e_g: int
    not_calculated: int
    saved_ore: int | None
    gross: Savings


@dataclass(frozen=True, slots=True)
class Waste:
    """One fraction. Codes are empty until somebody has compared them with the published lists.

    ``avoided_g`` is calculated from the materials of the categories, with the range that the masses
    have; ``delivered_g`` is what the year's disposal decisions say was delivered.
    """

    fraction: str
    avoided_g: int
    avoided_g_low: int
    avoided_g_high: int
    delivered_g: int
    ns_code: str | None
    eal_code: str | None
    is_verified: bool
    verified_by: str | None
    verified_on: date | None


@dataclass(frozen=True, slots=True)
class Note:
    text: str
    version: int


@dataclass(frozen=True, slots=True)
class EnvironmentalReport:
    """``reuse`` is the share of pieces without and with what was bought used; empty of none.

    ``waste_avoided`` is the whole of what ``waste`` takes apart: the fractions' ranges can not be
    added up to its range, for all fractions of a piece are heavier when the piece is.
    """

    year: int
    organisation: str
    currency: str
    view: str
    made_on: date
    sources: tuple[BySource, ...]
    reuse: Total | None
    waste: tuple[Waste, ...]
    waste_avoided: Ranged
    goals: tuple[Line, ...]
    note: Note


def note_of(session: Session, actor: Actor, year: int) -> Note:
    own = select(YearNote).where(YearNote.org_id == actor.org_id, YearNote.year == year)
    found = session.scalar(own)
    return Note(found.text, found.version) if found else Note("", 0)


def environmental_report(session: Session, actor: Actor, year: int) -> EnvironmentalReport:
    """For who reports for the whole organisation. Raises ``Forbidden``."""
    actor.must_everywhere(Permission.EXPORT)
    rows = [each for each in year_sums(session, actor, year) if each.view is View.GROSS]
    return EnvironmentalReport(
        year=year,
        organisation=actor.organisation_name,
        currency=actor.currency,
        view=View.GROSS.value,
        made_on=clock_of(session).today(),
        sources=_sources(rows),
        reuse=_reuse(rows),
        waste=_waste(session, actor, year, rows),
        waste_avoided=savings(rows).waste_g,
        goals=tuple(
            each for each in overview(session, actor, year).whole if each.target is not None
        ),
        note=note_of(session, actor, year),
    )


MEASURED = ("entries", "mass_g", "waste_g", "co2e_g", "not_calculated")


def _sources(rows: Sequence[Any]) -> tuple[BySource, ...]:
    """The five, those with nothing too; the share is of all five (F5)."""
    sums: dict[Any, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for name in MEASURED:
            sums[row.source][name] += int(getattr(row, name) or 0)
    found = shares({each: sums[each]["entries"] for each in FIVE_SOURCES})
    gross = {each: savings(row for row in rows if row.source == each) for each in FIVE_SOURCES}
    return tuple(
        BySource(
            source=each.value,
            share=found[1][each.value] if found else None,
            pieces=sums[each]["entries"],
            mass_g=sums[each]["mass_g"],
            waste_g=sums[each]["waste_g"],
            co2e_g=sums[each]["co2e_g"],
            not_calculated=sums[each]["not_calculated"],
            saved_ore=None if (paid := gross[each].saved_ore) is None else paid.value,
            gross=gross[each],
        )
        for each in FIVE_SOURCES
    )


def _reuse(rows: Sequence[Any]) -> Total | None:
    """F5 in its two readings, without and with what was bought used, each with its numbers."""
    pieces: Counter[FulfilmentSource] = Counter()
    for row in rows:
        if row.source in FIVE_SOURCES:
            pieces[row.source] += int(row.entries or 0)
    found = shares(pieces)
    return None if found is None else words_share.total(found[0], pieces, pieces_number)


def _waste(session: Session, actor: Actor, year: int, rows: Sequence[Any]) -> tuple[Waste, ...]:
    avoided = avoided_waste(session, rows)
    delivered = _delivered(session, actor, year)
    codes = codes_of_waste(session, actor)
    people = _names(session, {own.verified_by_id for _, own in codes.values() if own})
    return tuple(
        Waste(
            fraction=fraction.value,
            avoided_g=avoided[fraction].value,
            avoided_g_low=avoided[fraction].low,
            avoided_g_high=avoided[fraction].high,
            delivered_g=delivered.get(fraction, 0),
            ns_code=code.ns_code if code.is_confirmed else None,
            eal_code=code.eal_code if code.is_confirmed else None,
            is_verified=code.is_confirmed,
            verified_by=people.get(own.verified_by_id) if own else None,
            verified_on=own.verified_on if own else None,
        )
        for fraction, (code, own) in codes.items()
    )


def _names(session: Session, ids: set[UUID | None]) -> dict[UUID | None, str]:
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    return {row.id: row.name for row in rows}


def _delivered(session: Session, actor: Actor, year: int) -> dict[Fraction, int]:
    first, last = days_of(year)
    rows = session.execute(
        select(DisposalFraction.fraction, func.sum(DisposalFraction.mass_g).label("mass_g"))
        .join(
            Disposal,
            (Disposal.org_id == DisposalFraction.org_id)
            & (Disposal.id == DisposalFraction.disposal_id),
        )
        .where(DisposalFraction.org_id == actor.org_id, Disposal.state == DisposalState.DELIVERED)
        .where(Disposal.delivered_on >= first, Disposal.delivered_on <= last)
        .group_by(DisposalFraction.fraction)
    )
    return {row.fraction: int(row.mass_g) for row in rows}
