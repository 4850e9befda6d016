"""Orders to suppliers as JSON."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.catalogue.rules import Work
from app.disposals.rules import Fraction
from app.impact.rules import RedesignLevel
from app.workshop import queries
from app.workshop.models import SupplierOrder
from app.workshop.rules import OrderState, Outcome


class OrderPieceOut(BaseModel):
    """A piece treated, or a donor; ``outcome`` is empty until the order is done."""

    item_id: UUID
    outcome: Outcome | None


class QuoteOut(BaseModel):
    """``claim`` is the supplier's own word on the environment: no figure of ours holds it."""

    id: UUID
    supplier_id: UUID
    price_ore: int
    delivery_on: date | None
    valid_until: date | None
    note: str | None
    claim: str | None
    chosen_at: datetime | None
    chosen_why: str | None


class OrderMaterialOut(BaseModel):
    """Grams put into one piece, or with ``is_removed`` taken off it and thrown away."""

    material: str
    is_removed: bool
    mass_g: int


class OrderOffcutOut(BaseModel):
    fraction: Fraction
    mass_g: int


class SupplierOrderOut(BaseModel):
    """An order; supplier and price are the chosen quote's, the price in all and excl. VAT."""

    id: UUID
    number: int
    state: OrderState
    work: Work
    title: str
    text: str | None
    unit_id: UUID
    place_id: UUID | None
    cost_centre: str | None
    wanted_date: date | None
    category_id: str | None
    quantity: int
    programme_line_id: UUID | None
    need_line_id: UUID | None
    case_id: UUID | None
    purchase_cancelled: bool
    supplier_id: UUID | None
    price_ore: int | None
    person_id: UUID | None
    created_at: datetime
    approved_by_id: UUID | None
    approved_at: datetime | None
    sent_at: datetime | None
    confirmed_at: datetime | None
    due_on: date | None
    done_on: date | None
    received: int | None
    invoiced_ore: int | None
    handover_id: UUID | None
    level: RedesignLevel | None
    energy_wh: int | None
    cancelled_at: datetime | None
    cancelled_why: str | None
    version: int
    pieces: list[OrderPieceOut]
    quotes: list[QuoteOut]
    materials: list[OrderMaterialOut]
    offcuts: list[OrderOffcutOut]

    @classmethod
    def all(
        cls, session: Session, actor: Actor, orders: Sequence[SupplierOrder]
    ) -> "list[SupplierOrderOut]":
        """In four queries more, however many there are."""
        session.flush()  # what a verb has just written is answered with
        ids = [each.id for each in orders]
        pieces: dict[UUID, list[OrderPieceOut]] = defaultdict(list)
        for piece in session.scalars(queries.pieces_of(actor, ids)):
            out = OrderPieceOut.model_validate(piece, from_attributes=True)
            pieces[piece.supplier_order_id].append(out)
        quotes: dict[UUID, list[QuoteOut]] = defaultdict(list)
        for quote in session.scalars(queries.quotes_of(actor, ids)):
            given = QuoteOut.model_validate(quote, from_attributes=True)
            quotes[quote.supplier_order_id].append(given)
        materials: dict[UUID, list[OrderMaterialOut]] = defaultdict(list)
        for row in session.scalars(queries.materials_of(actor.org_id, ids)):
            part = OrderMaterialOut.model_validate(row, from_attributes=True)
            materials[row.supplier_order_id].append(part)
        offcuts: dict[UUID, list[OrderOffcutOut]] = defaultdict(list)
        for cut in session.scalars(queries.offcuts_of(actor, ids)):
            left = OrderOffcutOut.model_validate(cut, from_attributes=True)
            offcuts[cut.supplier_order_id].append(left)
        beside = {"pieces", "quotes", "materials", "offcuts"}
        return [
            cls(
                **{name: getattr(each, name) for name in cls.model_fields if name not in beside},
                pieces=pieces[each.id],
                quotes=quotes[each.id],
                materials=materials[each.id],
                offcuts=offcuts[each.id],
            )
            for each in orders
        ]
