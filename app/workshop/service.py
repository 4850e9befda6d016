"""Orders to suppliers: drafted, sent, confirmed, cancelled. Quotes and delivery have their own files."""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.accounts.numbers import next_number
from app.accounts.rules import Permission
from app.catalogue.rules import Work
from app.handovers.service_aside import require_unplanned
from app.handovers.service_trips import require_unclaimed
from app.items.events import ItemBackFromWorkshop, ItemSentToWorkshop
from app.items.models import Item
from app.items.rules import ItemState, ItemVerb
from app.items.service_lifecycle import ItemNotThere, locked, moved_by, own_places, own_units
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.events import publish
from app.kit.i18n import N_
from app.kit.states import advance
from app.needs.models import Need, NeedLine
from app.needs.queries import lines_visible_to as need_lines_visible_to
from app.needs.service import must_be_open
from app.projects.service import open_lines
from app.projects.service_programme import require_categories
from app.workshop import events
from app.workshop.commands import CancelOrder, ConfirmOrder, DraftOrder, OfOrder
from app.workshop.models import OrderPiece, SupplierOrder
from app.workshop.queries import orders_visible_to, pieces_of
from app.workshop.rules import (
    AT_SUPPLIER,
    MAKING,
    ON_PIECES,
    STEP,
    TREATED,
    OrderState,
    OrderVerb,
)
from app.workshop.service_approval import require_yes
from app.workshop.service_needs import give_up_step, line_of_need, take_step
from app.workshop.service_sending import require_budget, require_standing_quote

HERE = frozenset({ItemState.IN_USE, ItemState.AVAILABLE, ItemState.IN_WORKSHOP})


class OrderOver(Conflict):
    """Another came first, or the order is at another step."""

    title = N_("Oppdraget er ikke lenger slik at dette kan gjøres.")


class PieceOnOrder(Conflict):
    title = N_("Møbelet står alt på et oppdrag.")


class NoQuoteChosen(Conflict):
    title = N_("Velg et tilbud før oppdraget sendes.")


def draft_order(session: Session, actor: Actor, command: DraftOrder) -> SupplierOrder:
    """The pieces stay as they are until it is sent.

    Raises ``Invalid`` at the field, ``NotFound``, ``PieceOnOrder``, ``ItemNotThere``.
    """
    actor.must(Permission.SUPPLIER_ORDER, unit=command.unit_id)
    check_draft(session, actor, command)
    items = pieces_named(session, actor, command)
    now = clock_of(session).now()
    unit = session.scalars(
        select(Unit).where(Unit.org_id == actor.org_id, Unit.id == command.unit_id)
    ).one()
    order = SupplierOrder(
        **command.model_dump(exclude={"item_ids", "quantity", "cost_centre", "programme_line_id"}),
        id=new_id(),
        org_id=actor.org_id,
        number=next_number(session, actor.org_id, "supplier_order"),
        state=OrderState.DRAFT,
        quantity=quantity_of(command, items),
        cost_centre=command.cost_centre or unit.cost_centre,
        programme_line_id=command.programme_line_id
        or line_of_need(session, actor, command.need_line_id),
        person_id=actor.person_id,
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(order)
            session.flush()  # a case of somebody else's answers inside the savepoint
    except IntegrityError as error:
        raise NotFound(N_("Fant ikke henvendelsen.")) from error
    put_on(session, order, [each.id for each in items])
    told = events.SupplierOrderDrafted.of(
        order, actor.person_id, work=order.work, pieces=order.quantity
    )
    publish(session, [told])
    return order


def put_on(session: Session, order: SupplierOrder, item_ids: Collection[UUID]) -> None:
    """Raises ``PieceOnOrder``: a piece is on one open order at most."""
    try:
        with session.begin_nested():
            session.add_all(
                OrderPiece(org_id=order.org_id, supplier_order_id=order.id, item_id=each)
                for each in item_ids
            )
            session.flush()  # the unique index must answer inside the savepoint
    except IntegrityError as error:
        raise PieceOnOrder from error


def quantity_of(command: DraftOrder, items: Collection[Item]) -> int:
    return len(items) if command.work in TREATED else command.quantity or 1


def send_order(session: Session, actor: Actor, command: OfOrder) -> SupplierOrder:
    """The order goes to the chosen supplier, and its pieces to the workshop.

    Raises ``NoQuoteChosen``, ``QuoteOver``, ``OverBudget``, ``YesMissing``, ``OrderOver``, what the
    reuse ladder raises for a need, and the conflicts of a piece that is reserved, on offer or not there.
    """
    actor.must(Permission.SUPPLIER_ORDER)
    order = locked_order(session, actor, command.supplier_order_id)
    if order.state is not OrderState.DRAFT:
        raise OrderOver(state=order.state.value)
    if order.supplier_id is None or order.price_ore is None:
        raise NoQuoteChosen
    require_standing_quote(session, actor, order)
    require_budget(session, actor, order, order.price_ore)
    require_yes(session, order, order.price_ore)
    items = items_on(session, actor, order)
    _require_here(order.work, items)
    ids = [each.id for each in items]
    require_unclaimed(session, actor, ids)
    if order.programme_line_id is not None:
        require_unplanned(session, actor, ids, order.programme_line_id)
    going = [each for each in items if each.state in {ItemState.IN_USE, ItemState.AVAILABLE}]
    moved_by(session, actor, going, ItemVerb.SEND_TO_WORKSHOP, ItemSentToWorkshop)
    _remember(session, actor, order, going)
    take_step(session, actor, order)
    now = clock_of(session).now()
    advance(session, [order], OrderVerb.SEND, refused=OrderOver, values={"sent_at": now})
    told = events.SupplierOrderSent.of(
        order, actor.person_id, supplier_id=order.supplier_id, price_ore=order.price_ore
    )
    publish(session, [told])
    return order


def confirm_order(session: Session, actor: Actor, command: ConfirmOrder) -> SupplierOrder:
    """The supplier has taken it on."""
    actor.must(Permission.SUPPLIER_ORDER)
    order = locked_order(session, actor, command.supplier_order_id)
    if command.due_on is not None and command.due_on < clock_of(session).today():
        raise Invalid(by_field={"due_on": N_("Datoen er passert.")})
    values = {"confirmed_at": clock_of(session).now(), "due_on": command.due_on}
    advance(session, [order], OrderVerb.CONFIRM, refused=OrderOver, values=values)
    told = events.SupplierOrderConfirmed.of(order, actor.person_id, due_on=command.due_on)
    publish(session, [told])
    return order


def cancel_order(session: Session, actor: Actor, command: CancelOrder) -> SupplierOrder:
    """Nothing comes of it: the pieces are as before, and a need lacks them again."""
    actor.must(Permission.SUPPLIER_ORDER)
    order = locked_order(session, actor, command.supplier_order_id)
    was_sent = order.state in AT_SUPPLIER
    items = items_on(session, actor, order)
    sent = session.scalars(pieces_of(actor, [order.id]).where(OrderPiece.is_sent))
    ours = {each.item_id for each in sent}
    now = clock_of(session).now()
    values = {"cancelled_at": now, "cancelled_why": command.why}
    advance(session, [order], OrderVerb.CANCEL, refused=OrderOver, values=values)
    end_pieces(session, actor, order)
    if was_sent:  # what was in a workshop before stays there
        away = [e for e in items if e.state is ItemState.IN_WORKSHOP and e.id in ours]
        moved_by(session, actor, away, ItemVerb.BACK_FROM_WORKSHOP, ItemBackFromWorkshop)
        give_up_step(session, order, order.quantity)
    publish(session, [events.SupplierOrderCancelled.of(order, actor.person_id)])
    return order


def locked_order(session: Session, actor: Actor, order_id: UUID) -> SupplierOrder:
    """The order, one act at a time. Raises ``NotFound`` and ``Forbidden``."""
    query = orders_visible_to(actor).where(SupplierOrder.id == order_id)
    locking = query.with_for_update(of=SupplierOrder).execution_options(populate_existing=True)
    order = session.scalar(locking)
    if order is None:
        raise NotFound(N_("Fant ikke oppdraget."))
    actor.must(Permission.SUPPLIER_ORDER, unit=order.unit_id)
    return order


def items_on(session: Session, actor: Actor, order: SupplierOrder) -> list[Item]:
    """The pieces that stand on the order, locked by id."""
    rows = session.scalars(pieces_of(actor, [order.id]))
    ids = [each.item_id for each in rows if each.ended_at is None]
    return locked(session, actor, ids, Permission.SUPPLIER_ORDER)


def _remember(session: Session, actor: Actor, order: SupplierOrder, sent: Collection[Item]) -> None:
    ids = [each.id for each in sent]
    rows = pieces_of(actor, [order.id]).where(OrderPiece.item_id.in_(ids))
    for each in session.scalars(rows):
        each.is_sent = True


def end_pieces(session: Session, actor: Actor, order: SupplierOrder) -> None:
    """Other orders may have them from now on."""
    now = clock_of(session).now()
    for each in session.scalars(pieces_of(actor, [order.id])):
        each.ended_at = each.ended_at or now


def check_draft(session: Session, actor: Actor, command: DraftOrder) -> None:
    """What an order asks for, whoever the pieces are of. Raises ``Invalid`` at the field, ``NotFound``."""
    actor.must(Permission.SUPPLIER_ORDER, unit=command.unit_id)
    own_units(session, actor, {command.unit_id}, "unit_id")
    if command.place_id is not None:
        own_places(session, actor, {command.place_id})
    _require_fields(command, clock_of(session).today())
    if command.category_id is not None:
        require_categories(session, [command.category_id])
    if command.programme_line_id is not None:
        open_lines(session, actor, [command.programme_line_id])
    if command.need_line_id is not None:
        _require_need(session, actor, command.need_line_id, command.work)


def _require_fields(command: DraftOrder, today: date) -> None:
    wrong: dict[str, str] = {}
    if command.wanted_date is not None and command.wanted_date < today:
        wrong["wanted_date"] = N_("Datoen er passert.")
    if command.work in ON_PIECES and not command.item_ids:
        wrong["item_ids"] = N_("Velg møblene oppdraget gjelder.")
    if command.work not in ON_PIECES and command.item_ids:
        wrong["item_ids"] = N_("Et kjøp gjelder ikke møbler som alt er registrert.")
    if command.work in MAKING and command.category_id is None:
        wrong["category_id"] = N_("Velg en kategori.")
    if command.work in MAKING and command.quantity is None:
        wrong["quantity"] = N_("Skriv hvor mange.")
    if wrong:
        raise Invalid(by_field=wrong)


def _require_need(session: Session, actor: Actor, need_line_id: UUID, work: Work) -> None:
    line = session.scalar(need_lines_visible_to(actor).where(NeedLine.id == need_line_id))
    if line is None or work not in STEP:
        raise NotFound(N_("Fant ikke behovet."))
    must_be_open(
        session.scalars(
            select(Need).where(Need.org_id == actor.org_id, Need.id == line.need_id)
        ).one()
    )


def pieces_named(session: Session, actor: Actor, command: DraftOrder) -> Sequence[Item]:
    """Those the order is about, each there and of one owner when they come back to it."""
    actor.must(Permission.SUPPLIER_ORDER)
    if not command.item_ids:
        return []
    items = locked(session, actor, command.item_ids, Permission.SUPPLIER_ORDER)
    _require_here(command.work, items)
    is_coming_back = command.work in TREATED and not _has_receiver(command)
    if is_coming_back and len({each.owner_unit_id for each in items}) > 1:
        text = N_("Møblene har flere eiere. Velg hvor de skal, eller lag ett oppdrag for hver.")
        raise Invalid(by_field={"item_ids": text})
    return items


def _require_here(work: Work, items: Collection[Item]) -> None:
    """A donor may have been taken apart before. Raises ``ItemNotThere``."""
    may_be = HERE if work in TREATED else HERE | {ItemState.DISMANTLED}
    for each in items:
        if each.state not in may_be:
            raise ItemNotThere(id=str(each.id), state=each.state.value)


def _has_receiver(command: DraftOrder) -> bool:
    return any((command.place_id, command.programme_line_id, command.need_line_id))
