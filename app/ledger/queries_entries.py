"""Entries by every filter that a page or the API has, and the sum of exactly those."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, literal, select
from sqlalchemy.orm import Session, aliased

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.impact.rules import FulfilmentSource, View
from app.kit.errors import Invalid
from app.kit.i18n import N_
from app.ledger.models import LedgerEntry, Period
from app.ledger.queries import STANDING, entries_visible_to
from app.ledger.rules_sums import QUANTITIES, Sum, total
from app.places.models import Place

_RANGED = [f"{name}{end}" for name in QUANTITIES for end in ("", "_low", "_high")]
_UNRANGED = ("mass_g", "new_price_ore", "reference_co2e_g")


class Without(StrEnum):
    """What the entries of a report's row without a name do not have."""

    GIVER = "giver_unit"
    RECEIVER = "receiver_unit"
    PLACE = "place"
    PROJECT = "project"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntriesAsked:
    """Which entries are asked for; what is empty leaves nothing out.

    Years are those of account, both included; ``month`` (202603) is the handover's own. ``sources``
    are any of several; none of them is no entry. A unit or place stands for itself, and with
    ``with_below`` for all below it too.
    """

    view: View | None = None
    first_year: int | None = None
    last_year: int | None = None
    month: int | None = None
    sources: tuple[FulfilmentSource, ...] | None = None
    category_id: str | None = None
    item_id: UUID | None = None
    project_id: UUID | None = None
    programme_line_id: UUID | None = None
    place_id: UUID | None = None
    giver_unit_id: UUID | None = None
    receiver_unit_id: UUID | None = None
    without: Without | None = None
    with_below: bool = False


_WITHOUT = {
    Without.GIVER: LedgerEntry.giver_unit_id,
    Without.RECEIVER: LedgerEntry.receiver_unit_id,
    Without.PLACE: LedgerEntry.place_id,
    Without.PROJECT: LedgerEntry.project_id,
}


def entries_asked(actor: Actor, asked: EntriesAsked) -> Select[LedgerEntry]:
    """Of the actor's organisation, reversals and reversed ones included."""
    query = entries_visible_to(actor)
    for column, wanted in (
        (LedgerEntry.view, asked.view),
        (LedgerEntry.category_id, asked.category_id),
        (LedgerEntry.item_id, asked.item_id),
        (LedgerEntry.project_id, asked.project_id),
        (LedgerEntry.programme_line_id, asked.programme_line_id),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if asked.sources is not None:
        query = query.where(LedgerEntry.source.in_(asked.sources))
    if asked.first_year is not None or asked.last_year is not None:
        periods = select(Period.id).where(
            Period.org_id == actor.org_id,
            Period.year.between(asked.first_year or 0, asked.last_year or 9999),
        )
        query = query.where(LedgerEntry.period_id.in_(periods))
    if asked.month is not None:
        query = query.where(LedgerEntry.handed_over_on.between(*days_of_month(asked.month)))
    if asked.without is not None:
        query = query.where(_WITHOUT[asked.without].is_(None))
    for node, node_column, top in (
        (Unit, LedgerEntry.giver_unit_id, asked.giver_unit_id),
        (Unit, LedgerEntry.receiver_unit_id, asked.receiver_unit_id),
        (Place, LedgerEntry.place_id, asked.place_id),
    ):
        if top is not None:
            query = query.where(
                node_column.in_(_with_all_below(actor, node, top, node_column.key))
                if asked.with_below
                else node_column == top
            )
    return query


def days_of_month(month: int) -> tuple[date, date]:
    """202602 → its first and its last day. Raises ``Invalid`` where there is no such month."""
    if not 1 <= month % 100 <= 12:
        text = N_("Skriv måneden som år og måned, for eksempel 202603.")
        raise Invalid(by_field={"month": text})
    first = date(month // 100, month % 100, 1)
    following = (first + timedelta(days=31)).replace(day=1)
    return first, following - timedelta(days=1)


def _with_all_below(
    actor: Actor, node: type[Unit] | type[Place], top: UUID, side: str
) -> Select[UUID]:
    tree = (
        select(node.id)
        .where(node.org_id == actor.org_id, node.id == top)
        .cte(f"below_{side}", recursive=True)  # giver, receiver and place have a tree each
    )
    below = aliased(node)
    tree = tree.union(
        select(below.id).where(below.org_id == actor.org_id, below.parent_id == tree.c.id)
    )
    return select(tree.c.id)


def sum_of_entries(session: Session, entries: Select[LedgerEntry]) -> Sum:
    """What these entries of one view add up to, in one statement that reads each of them.

    The sums beside the ledger answer faster, but by one of unit, place, project and month alone.
    """
    apart = (
        LedgerEntry.category_id,
        LedgerEntry.mass_tier,
        LedgerEntry.co2e_tier,
        LedgerEntry.price_tier,
        LedgerEntry.currency,
    )

    def summed(column: Any, name: str) -> ColumnElement[Any]:
        return func.coalesce(func.sum(column), 0).label(name)

    groups = session.execute(
        entries.with_only_columns(
            literal("").label("key"),
            *apart,
            *(summed(getattr(LedgerEntry, name), name) for name in (*_RANGED, *_UNRANGED)),
            summed(STANDING, "uses"),
            summed(case((LedgerEntry.co2e_g.is_(None), STANDING), else_=0), "not_calculated"),
        ).group_by(*apart)
    )
    return total(groups.all())
