"""Books who pays what, as pieces are received and orders delivered, and takes it back.

Nothing is changed: what no longer holds is turned by a row of its own, in the month in which that
was found. Without a rule for the day nothing is booked.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Mapped, Session

from app.accounts.models import Organisation
from app.costs.models import CostEntry
from app.costs.queries import Rule, rule_on, rules_of, standing
from app.costs.queries_due import (
    Due,
    Piece,
    centres_of,
    due_of_order,
    due_of_piece,
    pieces_of,
)
from app.costs.rules import KIND_OF_WORK, Kind, Payer, split
from app.handovers.events import PieceReceived, PieceReturned, RunFinished
from app.handovers.models import HandoverLine
from app.handovers.models_run import RunPiece
from app.handovers.queries_loads import has_travelled
from app.impact.queries import factors_of
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.events import Event
from app.workshop.events import SupplierOrderDone, SupplierOrderInvoiced, SupplierOrderReopened
from app.workshop.models import SupplierOrder

COPIED = (
    "event_id",
    "cost_rule_id",
    "kind",
    "payer",
    "percent",
    "whole_ore",
    "amount_ore",
    "currency",
    "payer_unit_id",
    "payer_cost_centre",
    "payee_unit_id",
    "payee_cost_centre",
    "happened_on",
    "item_id",
    "handover_line_id",
    "request_id",
    "supplier_order_id",
)
IDS_A_QUERY = 5_000


@dataclass(slots=True)
class _Books:
    """The rows of one call for one organisation, in the order in which they are added."""

    session: Session
    org_id: UUID
    rules: Sequence[Rule]
    rows: list[dict[str, Any]] = field(default_factory=list)
    centres: Mapping[UUID, str | None] = field(default_factory=dict)

    def rule_on(self, day: date) -> Rule | None:
        return rule_on(self.rules, day)

    def book(self, due: Due, rule: Rule, currency: str, event: Event) -> None:
        """A row for each who pays a part. The part of a side that there is none of is common."""
        shares = rule.shares.get(due.kind)
        if shares is None:
            return
        if not self.centres:
            self.centres = centres_of(self.session, self.org_id)
        common = rule.row.common_unit_id
        units = {Payer.GIVER: due.giver_unit_id, Payer.RECEIVER: due.receiver_unit_id}
        payee = due.giver_unit_id if due.kind is Kind.INTERNAL_PRICE else None
        payee_id = payee or common
        for payer, percent, part in zip(Payer, shares, split(due.whole_ore, shares), strict=True):
            if not percent:
                continue
            unit_id = units.get(payer) or common
            named = due.cost_centre if payer is Payer.RECEIVER and units[payer] else None
            self._add(
                event,
                event_id=due.event_id,
                cost_rule_id=rule.row.id,
                kind=due.kind,
                payer=payer,
                percent=percent,
                whole_ore=due.whole_ore,
                amount_ore=part,
                currency=currency,
                payer_unit_id=unit_id,
                payer_cost_centre=named or self.centres[unit_id],
                payee_unit_id=payee_id,
                payee_cost_centre=self.centres[payee_id],
                happened_on=due.happened_on,
                item_id=due.item_id,
                handover_line_id=due.handover_line_id,
                request_id=due.request_id,
                supplier_order_id=due.supplier_order_id,
                reverses_id=None,
            )

    def turn(self, old: CostEntry, event: Event) -> None:
        """Takes an entry back: the same sides and reasons, the amount negative."""
        values = {name: getattr(old, name) for name in COPIED}
        values |= {"whole_ore": -old.whole_ore, "amount_ore": -old.amount_ore}
        self._add(event, **values, reverses_id=old.id)

    def again(self, old: CostEntry, whole_ore: int, amount_ore: int, event: Event) -> None:
        """An entry with another amount, after it was turned; its rule and sides stay."""
        values = {name: getattr(old, name) for name in COPIED}
        values |= {"whole_ore": whole_ore, "amount_ore": amount_ore}
        self._add(event, **values, reverses_id=None)

    def _add(self, event: Event, **values: Any) -> None:
        clock = clock_of(self.session)
        values |= {
            "id": new_id(),
            "org_id": self.org_id,
            "booked_by_event_id": event.id,
            "booked_on": clock.today(),
            "booked_at": clock.now(),
        }
        self.rows.append(values)

    def finish(self) -> None:
        if self.rows:
            self.session.execute(insert(CostEntry), self.rows)
            self.rows = []


def book_received(session: Session, events: Sequence[PieceReceived]) -> None:
    """Freight, handling, cleaning and internal price of each piece, after the ledger has booked it.

    An event that was booked before is passed over.
    """
    for org_id, own in _by_org(events).items():
        books = _Books(session, org_id, rules_of(session, org_id))
        if not books.rules:
            continue
        booked = _booked(session, org_id, [each.id for each in own])
        by_line = {each.subject_id: each for each in own if each.id not in booked}
        factors = factors_of(session, org_id=org_id)
        for piece in pieces_of(session, org_id, list(by_line), factors):
            rule = books.rule_on(piece.facts.handed_over_on)
            if rule is None:
                continue
            event = by_line[piece.line.id]
            for due in due_of_piece(piece, event.id, rule, factors):
                books.book(due, rule, piece.facts.currency, event)
        books.finish()


def book_delivered(session: Session, events: Sequence[SupplierOrderDone]) -> None:
    """What the supplier is paid, shared out on what came. Booked before is passed over."""
    for org_id, own in _by_org(events).items():
        books = _Books(session, org_id, rules_of(session, org_id))
        if not books.rules:
            continue
        booked = _booked(session, org_id, [each.id for each in own])
        currency = session.get_one(Organisation, org_id).currency
        orders = session.scalars(
            select(SupplierOrder).where(
                SupplierOrder.org_id == org_id,
                SupplierOrder.id.in_([each.subject_id for each in own]),
            )
        )
        by_id = {each.id: each for each in orders}
        for event in own:
            if event.id in booked:
                continue
            for due in due_of_order(session, by_id[event.subject_id], event.id):
                rule = books.rule_on(due.happened_on)
                if rule is not None:
                    books.book(due, rule, currency, event)
        books.finish()


def book_invoiced(session: Session, events: Sequence[SupplierOrderInvoiced]) -> None:
    """The invoice came late, or another one: what was booked is turned, and the new price shared out.

    By the rule and the sides of then. A piece whose receipt was undone as a mistake gets no part.
    """
    for org_id, own in _by_org(events).items():
        books = _Books(session, org_id, rules_of(session, org_id))
        if not books.rules:
            continue
        currency = session.get_one(Organisation, org_id).currency
        for event in own:
            _price_anew(books, event, currency)
        books.finish()


def _price_anew(books: _Books, event: SupplierOrderInvoiced, currency: str) -> None:
    session, org_id = books.session, books.org_id
    order = session.scalars(
        select(SupplierOrder).where(
            SupplierOrder.org_id == org_id, SupplierOrder.id == event.subject_id
        )
    ).one()
    old: dict[tuple[UUID | None, UUID | None], list[CostEntry]] = defaultdict(list)
    for each in _standing(session, org_id, CostEntry.supplier_order_id, [order.id]):
        if each.kind is KIND_OF_WORK[order.work]:
            old[each.item_id, each.handover_line_id].append(each)
    dues = due_of_order(session, order, event.id)
    lines = [each.handover_line_id for each in dues if each.handover_line_id is not None]
    wrong = _undone_as_wrong(session, org_id, lines)
    for due in dues:
        stands = old.pop((due.item_id, due.handover_line_id), [])
        rule = books.rule_on(due.happened_on)
        if stands:
            _book_otherwise(books, stands, due.whole_ore, event)
        elif rule is not None and due.handover_line_id not in wrong:
            books.book(due, rule, currency, event)
    for stands in old.values():  # an invoice of nothing
        for each in stands:
            books.turn(each, event)


def book_reopened(session: Session, events: Sequence[SupplierOrderReopened]) -> None:
    """Turns what stands of the supplier's price, which is shared out anew by the next delivery.

    With it goes what no receipt stood for: pieces taken apart, or mended without a user. Trips are
    turned with the receipts that were undone.
    """
    for org_id, own in _by_org(events).items():
        books = _Books(session, org_id, rules_of(session, org_id))
        if not books.rules:
            continue
        by_order = {each.subject_id: each for each in own}
        for each in _standing(session, org_id, CostEntry.supplier_order_id, by_order):
            assert each.supplier_order_id is not None  # it was asked for by it
            if each.kind in KIND_OF_WORK.values():
                books.turn(each, by_order[each.supplier_order_id])
        books.finish()


def book_returned(session: Session, events: Sequence[PieceReturned]) -> None:
    """Turns what stands of undone receipts.

    The others of the trip keep their parts: who undoes one piece holds it, and must not wait for
    those. What arrived and was given back later gets its internal price back, and no more: it was
    driven, carried and cleaned all the same.
    """
    for org_id, own in _by_org(events).items():
        books = _Books(session, org_id, rules_of(session, org_id))
        if not books.rules:
            continue
        by_line = {each.subject_id: each for each in own}
        wrong = _mistakes(session, org_id, list(by_line))
        for each in _standing(session, org_id, CostEntry.handover_line_id, by_line):
            assert each.handover_line_id is not None  # it was asked for by it
            if each.handover_line_id in wrong or each.kind is Kind.INTERNAL_PRICE:
                books.turn(each, by_line[each.handover_line_id])
        books.finish()


def book_run_finished(session: Session, events: Sequence[RunFinished]) -> None:
    """Shares a run's cost anew over what really went along, as the ledger does (F2)."""
    for org_id, own in _by_org(events).items():
        books = _Books(session, org_id, rules_of(session, org_id))
        if not books.rules:
            continue
        for event in own:
            _share_anew(books, _received_with(session, org_id, event.subject_id), event)


def _share_anew(books: _Books, line_ids: Sequence[UUID], event: Event) -> None:
    """Where a piece's part of the freight has become another, it is turned and booked again."""
    if not line_ids:
        return
    session = books.session
    old: dict[UUID, list[CostEntry]] = defaultdict(list)
    for each in _standing(session, books.org_id, CostEntry.handover_line_id, line_ids):
        if each.kind is Kind.FREIGHT and each.handover_line_id is not None:
            old[each.handover_line_id].append(each)
    factors = factors_of(session, org_id=books.org_id)
    for piece in pieces_of(session, books.org_id, line_ids, factors):
        stands = old[piece.line.id]
        if stands:
            _book_otherwise(books, stands, piece.freight_ore, event)
        else:
            _book_freight(books, piece, event)
    books.finish()


def _book_otherwise(
    books: _Books, stands: Sequence[CostEntry], whole_ore: int, event: Event
) -> None:
    """One cost of one piece has become another: its rows are turned, and booked again for the same sides."""
    rows = sorted(stands, key=lambda each: list(Payer).index(each.payer))
    if sum(each.amount_ore for each in rows) == whole_ore:
        return
    for each in rows:
        books.turn(each, event)
    parts = split(whole_ore, [each.percent for each in rows])
    for each, part in zip(rows, parts, strict=True):
        books.again(each, whole_ore, part, event)


def _book_freight(books: _Books, piece: Piece, event: Event) -> None:
    """A trip whose cost was not known when the piece was received."""
    rule = books.rule_on(piece.facts.handed_over_on)
    if rule is None:
        return
    for due in due_of_piece(piece, event.id, rule, factors_of(books.session, org_id=books.org_id)):
        if due.kind is Kind.FREIGHT:
            books.book(due, rule, piece.facts.currency, event)


def _by_org(events: Sequence[Any]) -> dict[UUID, list[Any]]:
    by_org: dict[UUID, list[Any]] = defaultdict(list)
    for each in events:
        by_org[each.org_id].append(each)
    return by_org


def _booked(session: Session, org_id: UUID, event_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the events that have rows already."""
    return {
        event_id
        for start in range(0, len(event_ids), IDS_A_QUERY)
        for event_id in session.scalars(
            select(CostEntry.event_id)
            .where(CostEntry.org_id == org_id)
            .where(CostEntry.event_id.in_(event_ids[start : start + IDS_A_QUERY]))
            .distinct()
        )
    }


def _standing(
    session: Session, org_id: UUID, column: Mapped[UUID | None], ids: Iterable[UUID]
) -> list[CostEntry]:
    wanted = list(ids)
    return [
        each
        for start in range(0, len(wanted), IDS_A_QUERY)
        for each in session.scalars(
            standing(org_id)
            .where(column.in_(wanted[start : start + IDS_A_QUERY]))
            .order_by(CostEntry.id)
        )
    ]


def _mistakes(session: Session, org_id: UUID, line_ids: Sequence[UUID]) -> set[UUID]:
    """Lines whose handover was taken back as wrong; the rest had arrived, and went back."""
    return {
        line_id
        for start in range(0, len(line_ids), IDS_A_QUERY)
        for line_id in session.scalars(
            select(HandoverLine.id)
            .where(HandoverLine.org_id == org_id, HandoverLine.return_reason.is_(None))
            .where(HandoverLine.id.in_(line_ids[start : start + IDS_A_QUERY]))
        )
    }


def _undone_as_wrong(session: Session, org_id: UUID, line_ids: Sequence[UUID]) -> set[UUID]:
    undone = select(HandoverLine.id).where(
        HandoverLine.org_id == org_id,
        HandoverLine.id.in_(line_ids),
        HandoverLine.undone_at.is_not(None),
        HandoverLine.return_reason.is_(None),
    )
    return set(session.scalars(undone))


def _received_with(session: Session, org_id: UUID, run_id: UUID) -> list[UUID]:
    """Received lines that went with the run, those that were given back later among them.

    Who finishes it has locked them, so that one that is undone at the same moment is seen as that.
    """
    return list(
        session.scalars(
            select(HandoverLine.id)
            .join(
                RunPiece,
                (RunPiece.org_id == HandoverLine.org_id)
                & (RunPiece.handover_line_id == HandoverLine.id),
            )
            .where(RunPiece.org_id == org_id, RunPiece.run_sheet_id == run_id)
            .where(RunPiece.left_at.is_(None), has_travelled())
            .where(HandoverLine.received_at.is_not(None))
            .order_by(HandoverLine.id)
        )
    )
