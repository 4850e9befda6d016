"""The entries behind a figure of the organisation's report."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.catalogue.models import Category
from app.impact.rules import FulfilmentSource
from app.items.models import Item
from app.kit.i18n import locale
from app.ledger.models import LedgerEntry, Period
from app.ledger.queries_sums import Role
from app.places.models import Place
from app.reports.organisation_figures import Wanted
from app.reports.queries import category_name

Without = Literal["unit", "place", "project"]
"""What the entries of a row without a key do not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """Which of the entries of a report are behind one figure; what is empty leaves nothing out.

    ``is_alone`` leaves out what is below the unit or place; ``month`` (202603) is the handover's own.
    ``sources`` are for figures of more than one.
    """

    role: Role = Role.RECEIVER
    project_id: UUID | None = None
    is_alone: bool = False
    month: int | None = None
    without: Without | None = None
    sources: tuple[FulfilmentSource, ...] = ()


def named(entries: Select[LedgerEntry]) -> Select[*tuple[Any, ...]]:
    """With each the piece's name and the category's."""
    return (
        entries.join(Item, (Item.org_id == LedgerEntry.org_id) & (Item.id == LedgerEntry.item_id))
        .join(Category, Category.id == LedgerEntry.category_id)
        .add_columns(Item.name, category_name(locale()))
    )


def entries_of(actor: Actor, wanted: Wanted, behind: Behind) -> Select[LedgerEntry]:
    """Entries, reversals included."""
    unit = LedgerEntry.giver_unit_id if behind.role == Role.GIVER else LedgerEntry.receiver_unit_id
    query = select(LedgerEntry).where(
        LedgerEntry.org_id == actor.org_id, LedgerEntry.view == wanted.view
    )
    if wanted.first_year is not None or wanted.last_year is not None:
        periods = select(Period.id).where(
            Period.org_id == actor.org_id,
            Period.year.between(wanted.first_year or 0, wanted.last_year or 9999),
        )
        query = query.where(LedgerEntry.period_id.in_(periods))
    if wanted.source is not None:
        query = query.where(LedgerEntry.source == wanted.source)
    if behind.sources:
        query = query.where(LedgerEntry.source.in_(behind.sources))
    if wanted.category_id is not None:
        query = query.where(LedgerEntry.category_id == wanted.category_id)
    if behind.project_id is not None:
        query = query.where(LedgerEntry.project_id == behind.project_id)
    if behind.month is not None:
        query = query.where(LedgerEntry.handed_over_on.between(*_days_of(behind.month)))
    if behind.without is not None:
        column = {
            "unit": unit,
            "place": LedgerEntry.place_id,
            "project": LedgerEntry.project_id,
        }[behind.without]
        query = query.where(column.is_(None))
    if wanted.unit_id is not None:
        query = query.where(
            unit == wanted.unit_id
            if behind.is_alone
            else unit.in_(_below(actor, Unit, wanted.unit_id))
        )
    if wanted.place_id is not None:
        query = query.where(
            LedgerEntry.place_id == wanted.place_id
            if behind.is_alone
            else LedgerEntry.place_id.in_(_below(actor, Place, wanted.place_id))
        )
    return query


def _days_of(month: int) -> tuple[date, date]:
    first = date(month // 100, month % 100, 1)
    following = (first + timedelta(days=31)).replace(day=1)
    return first, following - timedelta(days=1)


def _below(actor: Actor, node: type[Unit] | type[Place], top: UUID) -> Select[UUID]:
    tree = (
        select(node.id)
        .where(node.org_id == actor.org_id, node.id == top)
        .cte("tree", recursive=True)
    )
    below = aliased(node)
    tree = tree.union(
        select(below.id).where(below.org_id == actor.org_id, below.parent_id == tree.c.id)
    )
    return select(tree.c.id)
