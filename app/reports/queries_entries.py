"""The entries behind a figure of the organisation's report."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.catalogue.models import Category
from app.items.models import Item
from app.kit.i18n import locale
from app.ledger.models import LedgerEntry, Period
from app.ledger.queries_sums import Role
from app.places.models import Place
from app.reports.organisation_figures import Wanted
from app.reports.queries import category_name


def entries_of(
    actor: Actor,
    wanted: Wanted,
    role: Role,
    project_id: UUID | None,
    *,
    is_alone: bool = False,
) -> Select[*tuple[Any, ...]]:
    """Entries, reversals included, with the piece's name and the category's.

    ``is_alone`` leaves out what is below the unit or place.
    """
    query = (
        select(LedgerEntry, Item.name, category_name(locale()))
        .join(Item, (Item.org_id == LedgerEntry.org_id) & (Item.id == LedgerEntry.item_id))
        .join(Category, Category.id == LedgerEntry.category_id)
        .where(LedgerEntry.org_id == actor.org_id, LedgerEntry.view == wanted.view)
    )
    if wanted.first_year is not None or wanted.last_year is not None:
        periods = select(Period.id).where(
            Period.org_id == actor.org_id,
            Period.year.between(wanted.first_year or 0, wanted.last_year or 9999),
        )
        query = query.where(LedgerEntry.period_id.in_(periods))
    if wanted.source is not None:
        query = query.where(LedgerEntry.source == wanted.source)
    if wanted.category_id is not None:
        query = query.where(LedgerEntry.category_id == wanted.category_id)
    if project_id is not None:
        query = query.where(LedgerEntry.project_id == project_id)
    if wanted.unit_id is not None:
        unit = LedgerEntry.giver_unit_id if role == Role.GIVER else LedgerEntry.receiver_unit_id
        query = query.where(
            unit == wanted.unit_id if is_alone else unit.in_(_below(actor, Unit, wanted.unit_id))
        )
    if wanted.place_id is not None:
        query = query.where(
            LedgerEntry.place_id == wanted.place_id
            if is_alone
            else LedgerEntry.place_id.in_(_below(actor, Place, wanted.place_id))
        )
    return query


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
