"""From one organisation of a network to another: two handovers, two receipts, two registers.

The giver's handover lets the pieces go; the receiver's is made as it confirms that they arrived, and
stands on new rows of its own. Each side has its own entries in its own ledger (D3 of the savings
method), and neither reads the other's rows: what crosses is copied in the receiver's own verb.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, system_actor
from app.accounts.models import Organisation
from app.accounts.numbers import next_number
from app.accounts.rules import Permission
from app.fieldwork.rules import Lead, Scan
from app.handovers.commands_across import GiveToOthers, ReceiveFromOthers
from app.handovers.events import PieceReceived
from app.handovers.models import Handover, HandoverLine
from app.handovers.models_receipt import Receipt
from app.handovers.own_across import own_handovers
from app.handovers.rules import ScanOutcome, Way
from app.handovers.service_receipt import (
    SOME_RECEIVED,
    HandoverUndone,
    PieceReceivedAlready,
    arrive,
)
from app.handovers.service_signed import Found, keep_receipt
from app.handovers.service_trips import (
    locked_items,
    only,
    take,
)
from app.handovers.signatures import DrawnSignature
from app.impact.rules import FulfilmentSource
from app.items import service as items_service
from app.items.models import Item
from app.items.rules import ItemVerb
from app.items.service_taken_over import Coming, take_over
from app.kit.chance import new_id
from app.kit.clock import OSLO
from app.kit.db import clock_of
from app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from app.kit.events import publish
from app.kit.i18n import N_
from app.kit.units import vat_within
from app.marketplace.models import Listing
from app.marketplace.models_outside import OutsideRequest
from app.marketplace.queries_public import market_of
from app.marketplace.rules import OutsideState, Terms
from app.marketplace.service_outside import OutsideAnswered, locked_of_asker, locked_request
from app.marketplace.service_outside_given import mark_arrived, mark_given, promises_of
from app.marketplace.service_outside_pieces import held_here
from app.places.models import Place, PlaceKind

SOURCES = {ItemVerb.SELL: FulfilmentSource.SOLD, ItemVerb.DONATE: FulfilmentSource.DONATED}


class PieceNotPromised(Conflict):
    title = N_("Møbelet er ikke holdt av for dem, eller det har alt gått.")


def give(
    session: Session, actor: Actor, command: GiveToOthers, drawn: DrawnSignature | None = None
) -> Receipt:
    """The pieces are on their way; the giver's receipt says which, and who took them along.

    Raises ``OutsideAnswered`` for what is not promised, ``PieceNotPromised`` for a piece that is
    not held for them here.
    """
    actor.must(Permission.HANDOVER_MAKE)
    lines = let_go(session, actor, command)
    found = [_found(each, ScanOutcome.LOADED) for each in lines]
    return keep_receipt(session, actor, Way.OUT, command.signed_name, found, drawn)


def let_go(session: Session, actor: Actor, command: GiveToOthers) -> list[HandoverLine]:
    """As ``give``, without a receipt."""
    actor.must(Permission.HANDOVER_MAKE)
    row = locked_request(
        session, actor, command.outside_request_id, permission=Permission.HANDOVER_MAKE
    )
    if row.state is not OutsideState.APPROVED:
        raise OutsideAnswered(state=row.state.value)
    here = session.scalars(held_here(row)).all()
    wanted = command.item_ids or list(here)
    if gone := set(wanted) - set(here):
        raise PieceNotPromised(id=str(min(gone)))
    day = command.handed_over_on or clock_of(session).today()
    _require_day(session, row, day)
    items = locked_items(session, actor, wanted)
    price_ore, vat_ore, vat_percent = _agreed(session, row, command.price_ore)
    handover = Handover(
        id=new_id(),
        org_id=actor.org_id,
        number=next_number(session, actor.org_id, "handover"),
        handed_over_on=day,
        giver_unit_id=only({each.owner_unit_id for each in items}),
        receiver_org_id=row.asker_org_id,
        from_place_id=only({each.place_id for each in items}),
        transport_ore=command.transport_ore,
        vat_percent=vat_percent if price_ore else None,
        person_id=actor.person_id,
        created_at=clock_of(session).now(),
    )
    lines = [
        HandoverLine(
            id=new_id(),
            org_id=actor.org_id,
            handover_id=handover.id,
            item_id=each.id,
            receiver_org_id=row.asker_org_id,
            source=FulfilmentSource.SOLD if price_ore else FulfilmentSource.DONATED,
            price_ore=price_ore or None,
            vat_ore=vat_ore if price_ore else None,
            cleaning_ore=command.cleaning_ore,
            handling_ore=command.handling_ore,
            costs_complete=command.costs_complete,
        )
        for each in items
    ]
    session.add_all([handover, *lines])
    take(session, actor, lines, items)
    mark_given(session, actor, row, len(lines))
    return lines


def _require_day(session: Session, row: OutsideRequest, day: date) -> None:
    """It left after it was asked for, and not on a day to come."""
    text = ""
    if day > clock_of(session).today():
        text = N_("Velg i dag eller en tidligere dag.")
    elif day < row.asked_at.astimezone(OSLO).date():
        text = N_("Møblene kan ikke ha gått før de ble spurt om.")
    if text:
        raise Invalid(by_field={"handed_over_on": text})


def _agreed(session: Session, row: OutsideRequest, told_ore: int | None) -> tuple[int, int, int]:
    """What each piece costs the other organisation without VAT, and the VAT, in øre, and its percent.

    0 for what is given.
    """
    listing = session.scalars(
        select(Listing).where(Listing.org_id == row.org_id, Listing.id == row.listing_id)
    ).one()
    if listing.terms is Terms.FREE and told_ore:
        raise Invalid(by_field={"price_ore": N_("Møblene er lagt ut gratis.")})
    if listing.terms is Terms.OFFERS and told_ore is None:
        raise Invalid(by_field={"price_ore": N_("Skriv hva de betaler for hvert møbel.")})
    price_ore = (listing.price_ore or 0) if told_ore is None else told_ore
    market = session.scalar(market_of(row.org_id))
    percent = market.vat_percent if market is not None else 0
    vat_ore = vat_within(price_ore, percent)
    return price_ore - vat_ore, vat_ore, percent


def receive_from_others(
    session: Session,
    actor: Actor,
    command: ReceiveFromOthers,
    drawn: DrawnSignature | None = None,
    stored: Mapping[str, str] | None = None,
) -> Receipt:
    """The pieces become the receiver's own, and leave the giver's for good; all of them or none.

    Raises ``NotFound``, ``HandoverUndone``, ``PieceReceivedAlready``: of two who confirm at once one
    has no effect. ``stored`` are the pictures that were copied beforehand.
    """
    actor.must(Permission.REQUEST_MAKE)
    own = bring_in(session, actor, command, stored or {})
    found = [_found(each, ScanOutcome.RECEIVED) for each in own]
    return keep_receipt(session, actor, Way.IN, command.signed_name, found, drawn)


def bring_in(
    session: Session, actor: Actor, command: ReceiveFromOthers, stored: Mapping[str, str]
) -> list[HandoverLine]:
    """As ``receive_from_others``, without a receipt; the lines in the order of the giver's."""
    actor.must(Permission.REQUEST_MAKE)
    row = locked_of_asker(session, actor, command.outside_request_id)
    if not may_receive(actor, row.person_id):
        raise Forbidden(N_("Bare den som spurte, eller de som tar imot møbler, kan bekrefte."))
    theirs = _locked(session, actor, row, command.handover_line_ids)
    items = _items(session, theirs)
    handovers, own = own_handovers(session, actor, row, command, theirs)
    place_id, unit_id = handovers[0].to_place_id, handovers[0].receiver_unit_id
    assert place_id is not None  # a destination was required
    assert unit_id is not None
    is_storage = _is_storage(session, actor, place_id)
    pieces = [Coming(items[each.item_id], unit_id, place_id, is_storage) for each in theirs]
    made = take_over(session, actor, pieces, stored)
    for line, item in zip(own, made, strict=True):
        line.item_id = item.id
    session.add_all([*handovers, *own])
    take(session, actor, own, made)
    arrive(session, actor, own)
    _leave_for_good(session, row, theirs, items, own)
    return own


def may_receive(actor: Actor, asker_id: UUID | None) -> bool:
    """Who asked, or, whoever asked, who answers requests or hands over in the asker's organisation."""
    receivers = (Permission.RESERVATION_APPROVE, Permission.HANDOVER_MAKE)
    is_asker = asker_id is not None and asker_id == actor.person_id
    return is_asker or any(actor.may(each) for each in receivers)


def _locked(
    session: Session, actor: Actor, row: OutsideRequest, ids: Sequence[UUID]
) -> list[HandoverLine]:
    """The giver's lines, locked behind its request, that are on their way to the actor."""
    wanted = list(dict.fromkeys(ids))
    query = (
        select(HandoverLine)
        .where(HandoverLine.org_id == row.org_id, HandoverLine.receiver_org_id == actor.org_id)
        .where(HandoverLine.id.in_(wanted))
        .order_by(HandoverLine.id)
        .with_for_update(of=HandoverLine)
        .execution_options(populate_existing=True)
    )
    found = {each.id: each for each in session.scalars(query)}
    if len(found) < len(wanted):
        raise NotFound(N_("Fant ikke overleveringen."))
    lines = [found[each] for each in wanted]
    if any(each.undone_at for each in lines):
        raise HandoverUndone
    promises = promises_of(session, row.org_id, [each.item_id for each in lines])
    if any(promises.get(each.item_id) is not row for each in lines):
        raise NotFound(N_("Fant ikke overleveringen."))
    received = sum(each.received_at is not None for each in lines)
    if received:
        raise PieceReceivedAlready(SOME_RECEIVED if received < len(lines) else "")
    return lines


def _items(session: Session, lines: Sequence[HandoverLine]) -> dict[UUID, Item]:
    """The giver's pieces, locked by id."""
    query = (
        select(Item)
        .where(Item.org_id == lines[0].org_id, Item.id.in_([each.item_id for each in lines]))
        .order_by(Item.id)
        .with_for_update(of=Item)
    )
    found = session.scalars(query.execution_options(populate_existing=True))
    return {each.id: each for each in found}


def _is_storage(session: Session, actor: Actor, place_id: UUID) -> bool:
    kind = session.scalar(
        select(Place.kind).where(Place.org_id == actor.org_id, Place.id == place_id)
    )
    return kind is PlaceKind.STORAGE


def _leave_for_good(
    session: Session,
    row: OutsideRequest,
    theirs: Sequence[HandoverLine],
    items: Mapping[UUID, Item],
    own: Sequence[HandoverLine],
) -> None:
    """The giver's side of the receipt, which names nobody of the receiver's.

    What the receiver would have done else stands on both: their net figures add up to one use.
    """
    giver = system_actor(session.get_one(Organisation, row.org_id))
    for verb, source in SOURCES.items():
        gone = [items[each.item_id] for each in theirs if each.source is source]
        if gone:
            items_service.leave(session, giver, gone, verb)
    now = clock_of(session).now()
    for line, ours in zip(theirs, own, strict=True):
        line.received_at, line.new_item_id = now, ours.item_id
        line.would_have, line.need_recorded_before = ours.would_have, ours.need_recorded_before
    publish(
        session,
        [
            PieceReceived.of(each, None, item_id=each.item_id, handover_id=each.handover_id)
            for each in theirs
        ],
    )
    mark_arrived(session, row, len(theirs))


def _found(line: HandoverLine, outcome: ScanOutcome) -> Found:
    return Found(Scan("", Lead.PIECE, item_id=line.item_id), outcome, line.id)
