"""What received pieces and delivered orders have cost, and whose they are: nothing is written here."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, func, select
from sqlalchemy.orm import Session, aliased

from app.accounts.models import Unit
from app.costs.queries import Rule, vat_percent_of
from app.costs.rules import KIND_OF_WORK, InternalPrice, Kind, part_of_price, split
from app.handovers.models import HandoverLine
from app.impact.rules import Factors, Facts, FulfilmentSource, UserCase, find_mass, find_price
from app.items.models import Item
from app.kit.units import vat_within
from app.ledger.received import IDS_A_QUERY, Received, received
from app.marketplace.models import Listing, Request, RequestLine, Reservation
from app.marketplace.rules import Terms
from app.workshop.models import OrderPiece, SupplierOrder
from app.workshop.rules import MAKING, MENDED, Outcome

BOUGHT = frozenset({FulfilmentSource.BOUGHT_USED, FulfilmentSource.NEW})
PAID_FOR = (*MENDED, Outcome.DISMANTLED)
"""What a supplier is paid for on pieces that were there already."""


@dataclass(frozen=True, slots=True)
class Due:
    """One cost of one piece, in øre; a side that is empty is outside, or nobody's.

    ``cost_centre`` is the one that was named for the receiver, in the request or the order.
    """

    kind: Kind
    whole_ore: int
    event_id: UUID
    happened_on: date
    giver_unit_id: UUID | None
    receiver_unit_id: UUID | None
    cost_centre: str | None
    item_id: UUID | None
    handover_line_id: UUID | None = None
    request_id: UUID | None = None
    supplier_order_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """A received piece with its line, and the request that it met, if there was one.

    ``asked_ore`` is the listing's price without VAT, as all costs are.
    """

    facts: Facts
    of: Received
    line: HandoverLine
    request_id: UUID | None
    cost_centre: str | None
    asked_ore: int | None
    supplier_order_id: UUID | None

    @property
    def freight_ore(self) -> int:
        """The piece's part of the trip: the parts of all pieces are exactly what it cost."""
        trip = self.facts.transport
        if trip is None or not trip.cost_ore:
            return 0
        parts = split(trip.cost_ore, list(self.of.shares.values()))
        return dict(zip(self.of.shares, parts, strict=True))[self.line.id]


def pieces_of(
    session: Session, org_id: UUID, line_ids: Sequence[UUID], factors: Factors
) -> list[Piece]:
    """In the order of the ids; as many statements however many they are, in parts of 5,000."""
    found = {each.line_id: each for each in received(session, org_id, line_ids, factors)}
    rows: dict[UUID, Row[*tuple[Any, ...]]] = {}
    for start in range(0, len(line_ids), IDS_A_QUERY):
        query = _lines(org_id, line_ids[start : start + IDS_A_QUERY])
        rows |= {row[0].id: row for row in session.execute(query)}
    vat_percent = vat_percent_of(session, org_id)
    return [_piece(found[line_id], rows[line_id], vat_percent) for line_id in line_ids]


def _lines(org_id: UUID, line_ids: Sequence[UUID]) -> Any:
    delivered = aliased(SupplierOrder)
    order_id = func.coalesce(
        select(delivered.id)
        .where(
            delivered.org_id == HandoverLine.org_id,
            delivered.handover_id == HandoverLine.handover_id,
        )
        .limit(1)
        .correlate(HandoverLine)
        .scalar_subquery(),
        # What was mended for a storage is tied to the handover that found it a user: not that one.
        select(OrderPiece.supplier_order_id)
        .where(
            OrderPiece.org_id == HandoverLine.org_id,
            OrderPiece.handover_id == HandoverLine.handover_id,
            OrderPiece.item_id == HandoverLine.item_id,
            ~OrderPiece.had_no_user,
        )
        .limit(1)
        .correlate(HandoverLine)
        .scalar_subquery(),
    )
    return (
        select(
            HandoverLine,
            Request.id.label("request_id"),
            func.coalesce(SupplierOrder.cost_centre, Request.cost_centre).label("cost_centre"),
            Listing.terms,
            Listing.price_ore,
            SupplierOrder.id.label("supplier_order_id"),
        )
        .select_from(HandoverLine)
        .outerjoin(
            SupplierOrder,
            and_(SupplierOrder.org_id == HandoverLine.org_id, SupplierOrder.id == order_id),
        )
        .outerjoin(
            Reservation,
            and_(
                Reservation.org_id == HandoverLine.org_id,
                Reservation.id == HandoverLine.reservation_id,
                Reservation.receiver_org_id == HandoverLine.org_id,
            ),
        )
        .outerjoin(
            Listing,
            and_(Listing.org_id == Reservation.org_id, Listing.id == Reservation.listing_id),
        )
        .outerjoin(
            RequestLine,
            and_(
                RequestLine.org_id == Reservation.receiver_org_id,
                RequestLine.id == Reservation.request_line_id,
            ),
        )
        .outerjoin(
            Request,
            and_(Request.org_id == RequestLine.org_id, Request.id == RequestLine.request_id),
        )
        .where(HandoverLine.org_id == org_id, HandoverLine.id.in_(line_ids))
    )


def _piece(of: Received, row: Any, vat_percent: int) -> Piece:
    asked_ore = row.price_ore if row.terms is Terms.PRICE else None
    if asked_ore:
        asked_ore -= vat_within(asked_ore, vat_percent)
    return Piece(
        facts=of.facts,
        of=of,
        line=row[0],
        request_id=row.request_id,
        cost_centre=row.cost_centre,
        asked_ore=asked_ore,
        supplier_order_id=row.supplier_order_id,
    )


def due_of_piece(piece: Piece, event_id: UUID, rule: Rule, factors: Factors) -> Iterator[Due]:
    """What a receipt has cost, kind by kind; what an order costs is booked with its delivery."""
    line = piece.line
    giver, receiver = sides_of(piece)
    amounts = {
        Kind.FREIGHT: piece.freight_ore,
        Kind.HANDLING: line.handling_ore,
        Kind.CLEANING: line.cleaning_ore,
    }
    if piece.supplier_order_id is None:
        amounts[Kind.WORK] = line.redesign_ore
        amounts[Kind.PURCHASE] = line.price_ore if line.source in BOUGHT else None
    if is_reused(piece):
        amounts[Kind.INTERNAL_PRICE] = internal_price(rule, piece.facts, factors, piece.asked_ore)
    for kind, whole_ore in amounts.items():
        if whole_ore:
            yield Due(
                kind=kind,
                whole_ore=whole_ore,
                event_id=event_id,
                happened_on=piece.facts.handed_over_on,
                giver_unit_id=giver,
                receiver_unit_id=receiver,
                cost_centre=piece.cost_centre,
                item_id=line.item_id,
                handover_line_id=line.id,
                request_id=piece.request_id,
                supplier_order_id=piece.supplier_order_id,
            )


def sides_of(piece: Piece) -> tuple[UUID | None, UUID | None]:
    """Giving and receiving unit. What comes back from a supplier was given by its own unit."""
    line, giver = piece.line, piece.of.giver_unit_id
    if giver is None and line.source is FulfilmentSource.REDESIGNED:
        giver = line.owner_unit_before_id
    is_ours = line.receiver_org_id == line.org_id
    return giver, (piece.of.receiver_unit_id or giver) if is_ours else None


def is_reused(piece: Piece) -> bool:
    """Another unit of the organisation has the use of it now."""
    giver, receiver = sides_of(piece)
    return (
        piece.line.source is FulfilmentSource.INTERNAL_REUSE
        and piece.line.user_case is UserCase.NEW_USER
        and giver is not None
        and receiver is not None
        and giver != receiver
    )


def internal_price(rule: Rule, facts: Facts, factors: Factors, asked_ore: int | None) -> int:
    """What the giver gets for a piece, in øre: what the listing asked for, else by the rule."""
    if rule.row.price_kind is InternalPrice.NONE:
        return 0
    if asked_ore is not None:
        return asked_ore
    if rule.row.price_kind is InternalPrice.FIXED:
        return rule.prices.get(facts.category_code or "", 0)
    price = find_price(facts, factors, find_mass(facts, factors), facts.currency)
    assert rule.row.price_percent is not None  # the rule is refused without it
    return part_of_price(Fraction(0) if price is None else price.value, rule.row.price_percent)


def due_of_order(session: Session, order: SupplierOrder, event_id: UUID) -> list[Due]:
    """What a delivered order costs, shared out on the pieces that came, or were taken apart."""
    whole_ore = order.price_ore if order.invoiced_ore is None else order.invoiced_ore
    if not whole_ore or order.done_on is None:
        return []
    pieces = _ordered(session, order)
    parts = split(whole_ore, [1] * max(1, len(pieces)))
    return [
        Due(
            kind=KIND_OF_WORK[order.work],
            whole_ore=part,
            event_id=event_id,
            happened_on=order.done_on,
            giver_unit_id=piece[1],
            receiver_unit_id=order.unit_id,
            cost_centre=order.cost_centre,
            item_id=piece[0],
            handover_line_id=piece[2],
            supplier_order_id=order.id,
        )
        for piece, part in zip(pieces or [(None, None, None)], parts, strict=True)
        if part
    ]


def _ordered(
    session: Session, order: SupplierOrder
) -> list[tuple[UUID | None, UUID | None, UUID | None]]:
    """Piece, owner before and line of the handover, of what the order led to."""
    line = HandoverLine
    if order.work in MAKING:
        made = (
            select(line.item_id, line.id)
            .where(line.org_id == order.org_id, line.handover_id == order.handover_id)
            .order_by(line.id)
        )
        return [(row.item_id, None, row.id) for row in session.execute(made)]
    treated = (
        select(
            OrderPiece.item_id,
            OrderPiece.had_no_user,
            Item.owner_unit_id,
            line.owner_unit_before_id,
            line.id,
        )
        .join(Item, and_(Item.org_id == OrderPiece.org_id, Item.id == OrderPiece.item_id))
        .outerjoin(
            line,
            and_(
                line.org_id == OrderPiece.org_id,
                line.handover_id == OrderPiece.handover_id,
                line.item_id == OrderPiece.item_id,
            ),
        )
        .where(OrderPiece.org_id == order.org_id, OrderPiece.supplier_order_id == order.id)
        .where(OrderPiece.outcome.in_(PAID_FOR))
        .order_by(OrderPiece.id)
    )
    # A later handover that found a piece its user is not the delivery: undone, it takes nothing back.
    return [
        (
            row.item_id,
            row.owner_unit_before_id or row.owner_unit_id,
            None if row.had_no_user else row.id,
        )
        for row in session.execute(treated)
    ]


def centres_of(session: Session, org_id: UUID) -> Mapping[UUID, str | None]:
    """Each unit's cost centre: its own, else that of the nearest unit above it that has one."""
    rows = session.execute(
        select(Unit.id, Unit.parent_id, Unit.cost_centre).where(Unit.org_id == org_id)
    )
    above: dict[UUID, UUID | None] = {}
    own: dict[UUID, str | None] = defaultdict(lambda: None)
    for row in rows:
        above[row.id], own[row.id] = row.parent_id, row.cost_centre
    found: dict[UUID, str | None] = {}
    for unit_id in above:
        at: UUID | None = unit_id
        while at is not None and not own[at]:
            at = above[at]
        found[unit_id] = None if at is None else own[at]
    return found
