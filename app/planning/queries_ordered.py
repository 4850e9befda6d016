"""What is ordered for the lines of a programme and has not come yet, by who is to bring it."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.impact.rules import FulfilmentSource
from app.items.models import Item
from app.items.rules import PRESENT, ItemState
from app.marketplace.models import RequestLine, Reservation
from app.needs.models import LadderStep, NeedLine
from app.needs.models_allocation import NeedAllocation
from app.planning.queries_open import PROMISED
from app.projects.models import Release
from app.projects.models_allocation import PlanAllocation
from app.projects.rules import ReleaseState
from app.workshop.models import OrderPiece, SupplierOrder
from app.workshop.rules import AT_SUPPLIER, SOURCE, TREATED

Ordered = Mapping[UUID, Counter[FulfilmentSource]]


def ordered_for(session: Session, actor: Actor, line_ids: Collection[UUID]) -> Ordered:
    """By line and source: promised on the market, at a supplier's, or set aside for a need of it.

    Three statements. A piece that is set aside for the line and treated for it counts as set aside;
    one that was sold or given away while a supplier had it does not come.
    """
    org_id = actor.org_id
    found: dict[UUID, Counter[FulfilmentSource]] = defaultdict(Counter)
    reserved = (
        select(RequestLine.programme_line_id, func.count())
        .join(
            Reservation,
            and_(
                Reservation.receiver_org_id == RequestLine.org_id,
                Reservation.request_line_id == RequestLine.id,
            ),
        )
        .where(
            RequestLine.org_id == org_id,
            RequestLine.programme_line_id.in_(line_ids),
            Reservation.state.in_(PROMISED),
        )
        .group_by(RequestLine.programme_line_id)
    )
    needed = (
        select(NeedLine.programme_line_id, func.count())
        .join(
            LadderStep,
            and_(LadderStep.org_id == NeedLine.org_id, LadderStep.need_line_id == NeedLine.id),
        )
        .join(
            NeedAllocation,
            and_(
                NeedAllocation.org_id == LadderStep.org_id,
                NeedAllocation.ladder_step_id == LadderStep.id,
            ),
        )
        .join(
            Release,
            and_(Release.org_id == NeedAllocation.org_id, Release.id == NeedAllocation.release_id),
        )
        .where(
            NeedLine.org_id == org_id,
            NeedLine.programme_line_id.in_(line_ids),
            NeedAllocation.ended_at.is_(None),
            Release.state == ReleaseState.ALLOCATED,
        )
        .group_by(NeedLine.programme_line_id)
    )
    for query in (reserved, needed):
        for line_id, count in session.execute(query):
            assert line_id is not None  # the query asks for it
            found[line_id][FulfilmentSource.INTERNAL_REUSE] += count
    aside = (
        select(func.count())
        .select_from(OrderPiece)
        .join(
            PlanAllocation,
            and_(
                PlanAllocation.org_id == OrderPiece.org_id,
                PlanAllocation.item_id == OrderPiece.item_id,
                PlanAllocation.ended_at.is_(None),
            ),
        )
        .where(
            OrderPiece.org_id == SupplierOrder.org_id,
            OrderPiece.supplier_order_id == SupplierOrder.id,
            OrderPiece.ended_at.is_(None),
            PlanAllocation.programme_line_id == SupplierOrder.programme_line_id,
        )
        .correlate(SupplierOrder)
        .scalar_subquery()
    )
    left = (
        select(func.count())
        .select_from(OrderPiece)
        .join(Item, and_(Item.org_id == OrderPiece.org_id, Item.id == OrderPiece.item_id))
        .where(
            OrderPiece.org_id == SupplierOrder.org_id,
            OrderPiece.supplier_order_id == SupplierOrder.id,
            OrderPiece.ended_at.is_(None),
            Item.state.not_in(PRESENT - {ItemState.LOST}),
        )
        .correlate(SupplierOrder)
        .scalar_subquery()
    )
    orders = select(
        SupplierOrder.programme_line_id, SupplierOrder.work, SupplierOrder.quantity, aside, left
    ).where(
        SupplierOrder.org_id == org_id,
        SupplierOrder.programme_line_id.in_(line_ids),
        SupplierOrder.state.in_(AT_SUPPLIER),
    )
    for line_id, work, quantity, counted, gone in session.execute(orders):
        if line_id is not None and work in SOURCE:
            # Of a donor that left the quantity built says nothing.
            coming = quantity - counted - (gone if work in TREATED else 0)
            found[line_id][SOURCE[work]] += max(0, coming)
    return found
