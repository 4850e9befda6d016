"""What an order led to: pieces come back or arrive, and the ledger books them by their handover."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.catalogue.models_supplier import Supplier
from app.catalogue.rules import Work
from app.handovers.models import Handover, HandoverLine
from app.handovers.service import Donation, Record, record
from app.handovers.service_trips import only
from app.impact.queries import factors_of
from app.impact.rules import FulfilmentSource, RedesignLevel, WouldHave, is_by_weight
from app.items.events import ItemBackFromWorkshop, ItemMissed
from app.items.models import Item
from app.items.rules import Condition, ItemState, ItemVerb
from app.items.service import dismantle
from app.items.service_lifecycle import moved_by, own_places, put_at
from app.kit.errors import Invalid
from app.kit.events import publish
from app.kit.i18n import N_
from app.kit.states import advance
from app.places.models import Place, PlaceKind
from app.workshop.commands import DeliverOrder
from app.workshop.events import SupplierOrderDone
from app.workshop.models import OrderMaterial, OrderOffcut, OrderPiece, SupplierOrder
from app.workshop.queries import pieces_of
from app.workshop.rules import (
    MAKING,
    MENDED,
    SOURCE,
    TREATED,
    OrderState,
    OrderVerb,
    Outcome,
    each_ore,
    stands_for_itself,
)
from app.workshop.service import HERE, OrderOver, end_pieces, items_on, locked_order
from app.workshop.service_fitting import grams_of, require_fitting
from app.workshop.service_needs import drop_ended_line, give_up_step

NOT_DRIVEN = N_("Ingen møbler overleveres her, så transporten kan ikke føres. La feltet stå tomt.")


def deliver_order(session: Session, actor: Actor, command: DeliverOrder) -> SupplierOrder:
    """Treated pieces are back, dismantled ones gone, and new ones registered with codes of their own.

    Pieces that nobody used and that come back to where they stood earn nothing before they are
    handed to somebody. Raises ``OrderOver``, ``Invalid`` at the field, and what a receipt raises.
    """
    actor.must(Permission.SUPPLIER_ORDER)
    order = locked_order(session, actor, command.supplier_order_id)
    if order.state is not OrderState.CONFIRMED:
        raise OrderOver(state=order.state.value)
    drop_ended_line(session, order)
    items = items_on(session, actor, order)
    require_fitting(session, actor, order, command, items)
    _keep(session, order, command)
    gone, there = _gone(order, command, items)
    apart, rest = _parted(order, command, there)
    built_in = {each.item_id for each in command.donors}
    _mark(session, actor, order, {each.id for each in apart} | built_in, gone)
    end_pieces(session, actor, order)
    missing = [each for each in items if each.id in gone and each.state in HERE]
    moved_by(session, actor, missing, ItemVerb.MISS, ItemMissed)
    dismantle(session, actor, apart)
    count = order.received if order.received is not None else len(rest)
    handover = _hand_over(session, actor, order, command, rest, count)
    _return_unused(session, actor, order, there)
    expected = len(items) if order.work in TREATED else order.quantity
    give_up_step(session, order, expected - count)
    advance(
        session,
        [order],
        OrderVerb.FINISH,
        refused=OrderOver,
        values={"done_on": command.delivered_on},
    )
    told = SupplierOrderDone.of(
        order,
        actor.person_id,
        handover_id=handover.id if handover else None,
        pieces=count,
        dismantled=len(apart),
    )
    publish(session, [told])
    return order


def _keep(session: Session, order: SupplierOrder, command: DeliverOrder) -> None:
    """What was used and left over, before anything is booked that rests on it."""
    order.level = command.level
    order.invoiced_ore = command.invoiced_ore
    if order.work in MAKING:
        order.received = command.received or order.quantity
    order.energy_wh = command.energy_wh
    order.has_inputs = stands_for_itself(
        _level(order, command),
        has_materials=bool(command.materials),
        energy_wh=command.energy_wh,
    )
    session.add_all(
        OrderMaterial(
            org_id=order.org_id,
            supplier_order_id=order.id,
            material=each.material,
            is_removed=is_removed,
            mass_g=each.mass_g,
        )
        for is_removed, parts in ((False, command.materials), (True, command.removed))
        for each in parts
    )
    session.add_all(
        OrderOffcut(
            org_id=order.org_id,
            supplier_order_id=order.id,
            fraction=each.fraction,
            mass_g=each.mass_g,
        )
        for each in command.offcuts
    )
    session.flush()  # the ledger reads them as the pieces are received


def _parted(
    order: SupplierOrder, command: DeliverOrder, items: Sequence[Item]
) -> tuple[list[Item], list[Item]]:
    """Those taken apart, and the rest; a donor is taken apart by what is built of it."""
    if order.work not in TREATED:
        return [], list(items)
    if TREATED[order.work] is Outcome.DISMANTLED:
        return list(items), []
    apart = set(command.dismantled_ids)
    return [e for e in items if e.id in apart], [e for e in items if e.id not in apart]


def _gone(
    order: SupplierOrder, command: DeliverOrder, items: Sequence[Item]
) -> tuple[set[UUID], list[Item]]:
    """Those that did not come back, or have left meanwhile, and the rest."""
    gone = set(command.not_returned_ids)
    if order.work in TREATED:
        gone |= {each.id for each in items if each.state not in HERE}
    return gone, [each for each in items if each.id not in gone]


def _return_unused(
    session: Session, actor: Actor, order: SupplierOrder, items: Sequence[Item]
) -> None:
    """Donors of which nothing was built in are as before."""
    if order.work in TREATED:
        return
    left = [each for each in items if each.state is ItemState.IN_WORKSHOP]
    moved_by(session, actor, left, ItemVerb.BACK_FROM_WORKSHOP, ItemBackFromWorkshop)


def _mark(
    session: Session,
    actor: Actor,
    order: SupplierOrder,
    apart: Collection[UUID],
    gone: Collection[UUID],
) -> None:
    for each in session.scalars(pieces_of(actor, [order.id]).where(OrderPiece.ended_at.is_(None))):
        if each.item_id in gone:
            each.outcome = Outcome.NOT_RETURNED
        else:
            is_apart = each.item_id in apart
            each.outcome = Outcome.DISMANTLED if is_apart else TREATED.get(order.work)


def _hand_over(
    session: Session,
    actor: Actor,
    order: SupplierOrder,
    command: DeliverOrder,
    items: Sequence[Item],
    count: int,
) -> Handover | None:
    """What is registered or treated, handed to who has it from now on."""
    lots: Sequence[Sequence[Item]] = [[]]
    if order.work in TREATED:
        lots = _lots(order, command, _handed(session, actor, order, command, items))
        if not lots and command.transport_ore:
            raise Invalid(by_field={"transport_ore": NOT_DRIVEN})
        if not lots:
            return None

    def tie(handover: Handover) -> None:
        order.handover_id = order.handover_id or handover.id
        _tie_pieces(session, actor, order, handover)
        session.flush()  # the ledger finds by it what was used

    whole = order.price_ore if command.invoiced_ore is None else command.invoiced_ore
    price_ore = each_ore(whole or 0, _sharing(session, actor, order, count))
    trips = _trips(session, command, [len(each) for each in lots])
    made = [
        _record_of(session, order, trip, lot, price_ore)
        for lot, trip in zip(lots, trips, strict=True)
    ]
    is_needed = order.need_line_id is not None
    return record(session, actor, made, is_needed=is_needed, tie=tie)[0]


def _sharing(session: Session, actor: Actor, order: SupplierOrder, count: int) -> int:
    """How many share the price: those mended before, in a delivery that was undone for the rest, too."""
    if order.work in MAKING:
        return count
    rows = session.scalars(pieces_of(actor, [order.id]))
    return sum(each.outcome in MENDED for each in rows)


def _lots(order: SupplierOrder, command: DeliverOrder, items: Sequence[Item]) -> list[list[Item]]:
    """One handover for all, or for each owner and room they go back to."""
    if _has_receiver(order, command):
        return [list(items)] if items else []
    lots: dict[tuple[UUID, UUID], list[Item]] = {}
    for each in items:
        lots.setdefault((each.owner_unit_id, each.place_id), []).append(each)
    return list(lots.values())


def _trips(session: Session, command: DeliverOrder, sizes: Sequence[int]) -> list[DeliverOrder]:
    """The one trip's part for each lot, by pieces; a distance by weight holds for each as it is."""
    if len(sizes) == 1:
        return [command]
    factor = factors_of(session).factor_set.transport.get(command.vehicle or "")
    is_shared = factor is not None and not is_by_weight(factor)
    trips, before, pieces = [], 0, sum(sizes)
    for size in sizes:
        part: dict[str, int | None] = {}
        for name in ("transport_ore", "distance_m") if is_shared else ("transport_ore",):
            whole = getattr(command, name)
            if whole is not None:
                part[name] = whole * (before + size) // pieces - whole * before // pieces
        trips.append(command.model_copy(update=part))
        before += size
    return trips


def _tie_pieces(session: Session, actor: Actor, order: SupplierOrder, handover: Handover) -> None:
    ids = select(HandoverLine.item_id).where(
        HandoverLine.org_id == order.org_id, HandoverLine.handover_id == handover.id
    )
    for each in session.scalars(pieces_of(actor, [order.id]).where(OrderPiece.item_id.in_(ids))):
        each.handover_id = handover.id


def _handed(
    session: Session,
    actor: Actor,
    order: SupplierOrder,
    command: DeliverOrder,
    items: Sequence[Item],
) -> list[Item]:
    """Those handed to who has them from now on. The rest are returned, and nothing is booked of them.

    What comes to a storage has no user yet. What was cleaned or repaired for its own user saved no
    purchase, unless it would have been thrown away or a purchase was cancelled.
    """
    if order.programme_line_id is not None or order.need_line_id is not None:
        return list(items)
    place_id = command.to_place_id or order.place_id
    if place_id is not None:
        own_places(session, actor, {place_id}, "to_place_id")
    is_storage = _is_storage(session, actor, place_id)
    is_saved = command.would_discard or order.purchase_cancelled
    returned = [
        each
        for each in items
        if is_storage
        or (each.state_before is ItemState.AVAILABLE and place_id is None)
        or (_is_kept_up(order, command, each) and not is_saved)
    ]
    away = [each for each in returned if each.state is ItemState.IN_WORKSHOP]
    moved_by(session, actor, away, ItemVerb.BACK_FROM_WORKSHOP, ItemBackFromWorkshop)
    if place_id is not None:
        put_at(session, actor, returned, place_id, is_storage=is_storage)
    _wait_for_user(session, actor, order, returned)
    return [each for each in items if each not in returned]


def _wait_for_user(
    session: Session, actor: Actor, order: SupplierOrder, returned: Sequence[Item]
) -> None:
    """What it took is booked with the handover that finds each of them a user."""
    idle = [each.id for each in returned if each.state is ItemState.AVAILABLE]
    for each in session.scalars(
        pieces_of(actor, [order.id]).where(
            OrderPiece.item_id.in_(idle), OrderPiece.outcome.in_(MENDED)
        )
    ):
        each.had_no_user = True


def _is_storage(session: Session, actor: Actor, place_id: UUID | None) -> bool:
    kind = session.scalar(
        select(Place.kind).where(Place.org_id == actor.org_id, Place.id == place_id)
    )
    return kind is PlaceKind.STORAGE


def _is_kept_up(order: SupplierOrder, command: DeliverOrder, item: Item) -> bool:
    """Cleaned or repaired, and used by its own user before and after."""
    is_own = item.owner_unit_id == order.unit_id or not _has_receiver(order, command)
    is_used = item.state_before is not ItemState.AVAILABLE
    return order.work is Work.CLEAN_OR_REPAIR and is_used and is_own


def _has_receiver(order: SupplierOrder, command: DeliverOrder) -> bool:
    named = (order.place_id, command.to_place_id, order.programme_line_id, order.need_line_id)
    return any(named)


def _record_of(
    session: Session,
    order: SupplierOrder,
    command: DeliverOrder,
    items: Sequence[Item],
    price_ore: int,
) -> Record:
    source = SOURCE[order.work]
    is_bought = source in {FulfilmentSource.BOUGHT_USED, FulfilmentSource.NEW}
    is_treated = source is FulfilmentSource.REDESIGNED
    place_id = command.to_place_id or order.place_id
    if place_id is None and order.programme_line_id is None:
        place_id = only({each.place_id for each in items}) if is_treated else None
    is_back = is_treated and not _has_receiver(order, command)
    unit_id = only({each.owner_unit_id for each in items}) if is_back else order.unit_id
    is_kept_up = any(_is_kept_up(order, command, each) for each in items)
    as_new = source in {FulfilmentSource.NEW, FulfilmentSource.REDESIGNED_FROM_SURPLUS}
    own_fields = (
        "product_model_id",
        "name",
        "maker",
        "model",
        "width_mm",
        "depth_mm",
        "height_mm",
        "mass_g",
        "new_price_ore",
    )
    made = {} if is_treated else {name: getattr(command, name) for name in own_fields}
    default = Condition.A if as_new else Condition.B
    return Record(
        source=source,
        handed_over_on=command.delivered_on,
        programme_line_id=order.programme_line_id,
        to_unit_id=unit_id,
        to_place_id=place_id,
        supplier=session.scalar(
            select(Supplier.name).where(
                Supplier.org_id == order.org_id, Supplier.id == order.supplier_id
            )
        ),
        item_ids=[each.id for each in items] if is_treated else [],
        quantity=1 if is_treated else order.received or order.quantity,
        category_id=None if is_treated else order.category_id,
        condition=command.condition or default,
        price_ore=price_ore if is_bought else None,
        redesign_ore=None if is_bought else price_ore,
        redesign_level=_level(order, command),
        removed_g=grams_of(command.removed) if command.removed else None,
        warranted_as_new=command.warranted_as_new,
        would_have=_would_have(order, command),
        would_discard=command.would_discard or not is_kept_up,
        purchase_cancelled=order.purchase_cancelled,
        donors=[
            Donation(item_id=each.item_id, built_in_g=each.built_in_g) for each in command.donors
        ],
        vehicle=command.vehicle,
        distance_m=command.distance_m,
        transport_ore=command.transport_ore,
        costs_complete=command.costs_complete,
        **made,
    )


def _level(order: SupplierOrder, command: DeliverOrder) -> RedesignLevel | None:
    """Cleaning where nothing else is said of a cleaning; else the source's own default stands."""
    is_light = order.work is Work.CLEAN_OR_REPAIR
    return command.level or (RedesignLevel.CLEANING if is_light else None)


def _would_have(order: SupplierOrder, command: DeliverOrder) -> WouldHave:
    """What was answered; the ladder of a need ends with buying new, which this keeps from being done."""
    if command.would_have is not None:
        return command.would_have
    is_needed = order.need_line_id is not None
    return WouldHave.WOULD_BUY_NEW if is_needed else WouldHave.NOT_ANSWERED
