"""What was sold to other organisations of a network: handovers with a price, for the accounts.

What was sold stays a sale when it is taken back: the taking back is a row of its own, of its own
day, as the accounts of a closed month have it.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, func, literal_column, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Organisation
from app.handovers.models import Handover, HandoverLine
from app.impact.rules import FulfilmentSource
from app.items.models import Item
from app.kit.clock import OSLO, end_of

MOST_UNKNOWN = 20
_CLOCKS = date(1900, 1, 1), date(9000, 1, 1)
"""Further away a day has no moment that a clock could tell."""
_PRICED = and_(
    HandoverLine.org_id == Handover.org_id,
    HandoverLine.handover_id == Handover.id,
    HandoverLine.receiver_org_id != HandoverLine.org_id,
    HandoverLine.source == FulfilmentSource.SOLD,
    HandoverLine.price_ore > 0,
)
_SOLD = and_(_PRICED, HandoverLine.vat_ore.is_not(None))
"""Before VAT was kept with the price nobody knows what is to be paid."""
_PER_HANDOVER = (
    Handover.id,
    Handover.number,
    Handover.handed_over_on,
    Handover.vat_percent,
    Organisation.name,
)


class SaleKind(StrEnum):
    """A credit is what was taken back of a sale at one time; its amounts are negative."""

    SALE = "sale"
    CREDIT = "credit"


def _rows(kind: SaleKind, org_id: UUID) -> Select[*tuple[Any, ...]]:
    """The columns of either kind; sums in øre. ``at`` is when it was written down."""
    sign = 1 if kind is SaleKind.SALE else -1
    is_left = HandoverLine.undone_at.is_(None)
    came = func.sum(case((and_(is_left, HandoverLine.received_at.is_not(None)), 1), else_=0))
    return (
        select(
            literal_column(f"'{kind.value}'").label("kind"),
            Handover.id,
            Handover.number,
            Handover.handed_over_on.label("sold_on"),
            Organisation.name.label("buyer"),
            func.count().label("pieces"),
            came.label("received"),
            func.count(HandoverLine.undone_at).label("taken_back"),
            (sign * func.sum(HandoverLine.price_ore)).label("net_ore"),
            (sign * func.sum(HandoverLine.vat_ore)).label("vat_ore"),
            func.coalesce(Handover.vat_percent, 0).label("vat_percent"),
            literal_column(str(int(kind is SaleKind.CREDIT))).label("turn"),
        )
        .join(HandoverLine, _SOLD)
        .join(Organisation, Organisation.id == Handover.receiver_org_id)
        .where(Handover.org_id == org_id)
    )


def _sales(org_id: UUID) -> Select[*tuple[Any, ...]]:
    at = Handover.created_at
    return _rows(SaleKind.SALE, org_id).add_columns(at.label("at")).group_by(*_PER_HANDOVER, at)


def _credits(org_id: UUID) -> Select[*tuple[Any, ...]]:
    at = HandoverLine.undone_at
    query = _rows(SaleKind.CREDIT, org_id).add_columns(at.label("at"))
    return query.where(at.is_not(None)).group_by(*_PER_HANDOVER, at)


def partner_sales(
    actor: Actor,
    first: date | None = None,
    last: date | None = None,
    handover_id: UUID | None = None,
) -> tuple[Select[*tuple[Any, ...]], Sequence[tuple[Any, bool]]]:
    """Sales by handover, and what was taken back of them, with the order that they are listed in.

    Both days are included, and an open end is everything there: a sale is of the day of handing
    over, a credit of the day of taking back. Amounts in øre; ``net_ore`` is without VAT.
    """
    sales, taken_back = _sales(actor.org_id), _credits(actor.org_id)
    if handover_id is not None:
        sales = sales.where(Handover.id == handover_id)
        taken_back = taken_back.where(Handover.id == handover_id)
    if first is not None:
        sales = sales.where(Handover.handed_over_on >= first)
        taken_back = taken_back.where(
            HandoverLine.undone_at >= end_of(_known(first) - timedelta(days=1))
        )
    if last is not None:
        sales = sales.where(Handover.handed_over_on <= last)
        taken_back = taken_back.where(HandoverLine.undone_at < end_of(_known(last)))
    found = sales.union_all(taken_back).subquery("partner_sales")
    # The sale, what came back of it first, and so on, of the newest handover.
    columns = found.c
    order = [(columns.number, True), (columns.id, True), (columns.turn, False), (columns.at, False)]
    return select(found), order


def position(row: Any) -> tuple[Any, ...]:
    """Where a row stands in the order."""
    return row.number, row.id, row.turn, row.at


def booked_on(row: Any) -> date:
    """The day that a row of the accounts belongs to."""
    return taken_back_on(row.at) if row.kind == SaleKind.CREDIT else row.sold_on


def taken_back_on(at: datetime) -> date:
    return at.astimezone(OSLO).date()


def _known(day: date) -> date:
    nearest, furthest = _CLOCKS
    return min(max(day, nearest), furthest)


def sold_pieces(session: Session, actor: Actor, handover_id: UUID) -> Sequence[Any]:
    """What a handover sold, like pieces together: what, how many, and what they cost in øre."""
    price, vat = HandoverLine.price_ore, HandoverLine.vat_ore
    return session.execute(
        select(
            Item.name.label("what"),
            func.count().label("pieces"),
            func.sum(price).label("net_ore"),
            func.sum(vat).label("vat_ore"),
        )
        .select_from(Handover)
        .join(HandoverLine, _SOLD)
        .join(Item, and_(Item.org_id == HandoverLine.org_id, Item.id == HandoverLine.item_id))
        .where(Handover.org_id == actor.org_id, Handover.id == handover_id)
        .group_by(Item.name, price)
        .order_by(Item.name, price)
    ).all()


def of_unknown_vat(
    session: Session, actor: Actor, first: date | None, last: date | None
) -> tuple[int, Sequence[Any]]:
    """How many sales of the period have no VAT kept with their price, and the newest of them."""
    query = (
        select(Handover.id, Handover.number)
        .join(HandoverLine, and_(_PRICED, HandoverLine.vat_ore.is_(None)))
        .where(Handover.org_id == actor.org_id, HandoverLine.undone_at.is_(None))
        .distinct()
    )
    if first is not None:
        query = query.where(Handover.handed_over_on >= first)
    if last is not None:
        query = query.where(Handover.handed_over_on <= last)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    newest = query.order_by(Handover.number.desc()).limit(MOST_UNKNOWN)
    return total, session.execute(newest).all() if total else []
