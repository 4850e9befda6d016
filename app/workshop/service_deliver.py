"""What an order led to: pieces come back or arrive, and the ledger books them by their handover."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.catalogue.models_supplier import Supplier
from app.catalogue.rules import Work
from app.disposals.queries import weights_of
from app.handovers.models import Handover
from app.handovers.service import Donation, Record, record
from app.handovers.service_trips import only
from app.impact.queries import factors_of
from app.impact.rules import FulfilmentSource, RedesignLevel, WouldHave
from app.items.events import ItemBackFromWorkshop
from app.items.models import Item
from app.items.rules import Condition, ItemState, ItemVerb
from app.items.service import dismantle
from app.items.service_lifecycle import moved_by, own_places, return_to
from app.kit.clock import OSLO
from app.kit.db import clock_of
from app.kit.errors import Invalid
from app.kit.events import publish
from app.kit.i18n import N_, gettext, mass_g
from app.kit.states import advance
from app.places.models import Place, PlaceKind
from app.workshop.commands import DeliverOrder, MaterialMass
from app.workshop.events import SupplierOrderDone
from app.workshop.models import OrderMaterial, OrderOffcut, OrderPiece, SupplierOrder
from app.workshop.queries import pieces_of
from app.workshop.rules import (
    LEVELS,
    MAKING,
    SOURCE,
    TREATED,
    OrderState,
    OrderVerb,
    Outcome,
    each_ore,
    stands_for_itself,
)
from app.workshop.service import OrderOver, end_pieces, items_on, locked_order
from app.workshop.service_needs import drop_ended_line, give_up_step

TOO_HEAVY = N_("Møblene veier %(whole)s til sammen. Du har ført %(entered)s.")


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
    _check(session, order, command, items)
    _require_masses(session, actor, command, items)
    _keep(session, order, command)
    apart, rest = _parted(order, command, items)
    dismantle(session, actor, apart)
    built_in = {each.item_id for each in command.donors}
    _mark(session, actor, order, {each.id for each in apart} | built_in)
    count = order.quantity if order.work in MAKING else len(rest)
    handover = _hand_over(session, actor, order, command, rest)
    _return_unused(session, actor, order, items)
    give_up_step(session, order, len(apart))
    advance(
        session,
        [order],
        OrderVerb.FINISH,
        refused=OrderOver,
        values={"done_on": command.delivered_on},
    )
    end_pieces(session, actor, order)
    told = SupplierOrderDone.of(
        order,
        actor.person_id,
        handover_id=handover.id if handover else None,
        pieces=count,
        dismantled=len(apart),
    )
    publish(session, [told])
    return order


def _check(
    session: Session, order: SupplierOrder, command: DeliverOrder, items: Sequence[Item]
) -> None:
    today = clock_of(session).today()
    wrong: dict[str, str] = {}
    assert order.sent_at is not None  # a confirmed order has been sent
    if not order.sent_at.astimezone(OSLO).date() <= command.delivered_on <= today:
        wrong["delivered_on"] = N_("Datoen må være fra oppdraget ble sendt og til i dag.")
    on = {each.id for each in items}
    if set(command.dismantled_ids) - on or (command.dismantled_ids and order.work not in TREATED):
        wrong["dismantled_ids"] = N_("Velg blant møblene på oppdraget.")
    if command.level is not None and command.level not in LEVELS.get(order.work, ()):
        wrong["level"] = N_("Velg det som passer til arbeidet.")
    is_building = SOURCE.get(order.work) is FulfilmentSource.REDESIGNED_FROM_SURPLUS
    if is_building and not command.donors:
        wrong["donors"] = N_("Skriv hvor mye av hvert donormøbel som er bygd inn.")
    if command.donors and (not is_building or {each.item_id for each in command.donors} - on):
        wrong["donors"] = N_("Velg blant møblene på oppdraget.")
    wrong |= _wrong_lists(session, command)
    if wrong:
        raise Invalid(by_field={name: gettext(text) for name, text in wrong.items()})


def _wrong_lists(session: Session, command: DeliverOrder) -> dict[str, str]:
    known = factors_of(session).factor_set.materials
    wrong = {}
    for name, parts in (("materials", command.materials), ("removed", command.removed)):
        if any(each.material not in known for each in parts):
            wrong[name] = N_("Velg et materiale fra listen.")
        if len({each.material for each in parts}) < len(parts):
            wrong[name] = N_("Samme materiale står flere ganger.")
    if len({each.fraction for each in command.offcuts}) < len(command.offcuts):
        wrong["offcuts"] = N_("Samme fraksjon står flere ganger.")
    return wrong


def _require_masses(
    session: Session, actor: Actor, command: DeliverOrder, items: Sequence[Item]
) -> None:
    """Nothing is taken off a piece, built in or cut away, that the pieces did not weigh."""
    weights = weights_of(session, actor, items, command.delivered_on)
    known = [each.mass_g for each in weights.values() if each.mass_g is not None]
    removed = _grams(command.removed)
    if items and len(known) == len(items) and removed > min(known):
        text = N_("Møbelet veier %(whole)s. Du har ført %(entered)s.")
        said = gettext(text, whole=mass_g(min(known)), entered=mass_g(removed))
        raise Invalid(by_field={"removed": said})
    if not command.offcuts:
        return
    apart = set(command.dismantled_ids) or {each.id for each in items}
    whole = sum(weights[each].mass_g or 0 for each in apart if each in weights)
    entered = sum(each.mass_g for each in command.offcuts)
    entered += sum(each.built_in_g for each in command.donors)
    if entered > whole:
        said = gettext(TOO_HEAVY, whole=mass_g(whole), entered=mass_g(entered))
        raise Invalid(by_field={"offcuts": said})


def _keep(session: Session, order: SupplierOrder, command: DeliverOrder) -> None:
    """What was used and left over, before anything is booked that rests on it."""
    order.level = command.level
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


def _return_unused(
    session: Session, actor: Actor, order: SupplierOrder, items: Sequence[Item]
) -> None:
    """Donors of which nothing was built in are as before."""
    if order.work in TREATED:
        return
    left = [each for each in items if each.state is ItemState.IN_WORKSHOP]
    moved_by(session, actor, left, ItemVerb.BACK_FROM_WORKSHOP, ItemBackFromWorkshop)


def _mark(session: Session, actor: Actor, order: SupplierOrder, apart: Collection[UUID]) -> None:
    for each in session.scalars(pieces_of(actor, [order.id]).where(OrderPiece.ended_at.is_(None))):
        is_apart = each.item_id in apart
        each.outcome = Outcome.DISMANTLED if is_apart else TREATED.get(order.work)


def _hand_over(
    session: Session,
    actor: Actor,
    order: SupplierOrder,
    command: DeliverOrder,
    items: Sequence[Item],
) -> Handover | None:
    """What is registered or treated, handed to who has it from now on."""
    if order.work in TREATED:
        pieces, count = _handed(session, actor, order, command, items), len(items)
        if not pieces:
            return None
    else:
        pieces, count = [], order.quantity

    def tie(handover: Handover) -> None:
        order.handover_id = handover.id
        session.flush()  # the ledger finds by it what was used

    made = _record_of(session, order, command, pieces, each_ore(order.price_ore or 0, count))
    is_needed = order.need_line_id is not None
    (handover,) = record(session, actor, [made], is_needed=is_needed, tie=tie)
    return handover


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
    if place_id is None:
        moved_by(session, actor, returned, ItemVerb.BACK_FROM_WORKSHOP, ItemBackFromWorkshop)
    else:
        return_to(session, actor, returned, place_id, is_storage=is_storage)
    return [each for each in items if each not in returned]


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
        quantity=1 if is_treated else order.quantity,
        category_id=None if is_treated else order.category_id,
        condition=command.condition or default,
        price_ore=price_ore if is_bought else None,
        redesign_ore=None if is_bought else price_ore,
        redesign_level=_level(order, command),
        removed_g=_grams(command.removed) if command.removed else None,
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


def _grams(parts: Sequence[MaterialMass]) -> int:
    return sum(each.mass_g for each in parts)
