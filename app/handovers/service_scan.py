"""Fetching and delivering by scanning: what is scanned goes, what is not stays where it is."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.fieldwork.queries import read_texts
from app.fieldwork.rules import Lead, Scan, destinations, scanned_at
from app.handovers import queries
from app.handovers.models import Handover, HandoverLine
from app.handovers.models_receipt import Receipt
from app.handovers.queries_scan import Given, given_to, labels_of, lines_of_pieces
from app.handovers.rules import ScanOutcome, Way
from app.handovers.service_promised import is_abroad
from app.handovers.service_receipt import arrive, locked_lines
from app.handovers.service_scan_across import is_within, scanned_in, scanned_out
from app.handovers.service_signed import Found, Signed, keep_receipt
from app.handovers.service_trips import HandOver, depart
from app.handovers.signatures import DrawnSignature
from app.items.models import Item
from app.items.queries import items_visible_to
from app.items.rules import ItemState
from app.items.service_lifecycle import own_places
from app.items.service_seen import See, keep_sightings
from app.kit.clock import OSLO
from app.kit.db import clock_of
from app.kit.errors import Invalid
from app.kit.i18n import N_

O = ScanOutcome  # noqa: E741  (the table's one column)

GONE = frozenset(ItemState) - {
    ItemState.IN_USE,
    ItemState.AVAILABLE,
    ItemState.IN_WORKSHOP,
    ItemState.IN_TRANSIT,
}


class ScanOut(Signed):
    """Pieces that are taken along now. ``to_place_id`` is for orders that say no place."""

    to_place_id: UUID | None = None


class ScanIn(Signed):
    """Pieces that have arrived. A place that is scanned too must be the one they are meant for."""


def scan_out(
    session: Session, actor: Actor, command: ScanOut, drawn: DrawnSignature | None = None
) -> Receipt:
    """The scanned pieces are picked up: one handover for each order. What stays says why.

    Who hands over for the giving unit may fetch, and who ordered the pieces. Raises the conflicts
    of ``hand_over`` when a piece or a reservation is not there any more.
    """
    actor.must(Permission.REQUEST_MAKE)
    at = scanned_at(command.at, clock_of(session).now())
    if command.to_place_id is not None:
        own_places(session, actor, {command.to_place_id}, "to_place_id")
    scans = _scans(session, actor, command)
    items = _pieces(session, actor, scans)
    given = given_to(session, actor, list(items))
    outcomes = [
        _leaves(actor, scan, items, given, command, is_again=is_again)
        for scan, is_again in zip(scans, _repeats(scans), strict=True)
    ]
    loaded = [scan.item_id for scan, each in zip(scans, outcomes, strict=True) if each is O.LOADED]
    groups: dict[tuple[Any, bool], list[UUID]] = defaultdict(list)
    abroad: dict[UUID, list[UUID]] = defaultdict(list)
    for item_id in loaded:
        assert item_id is not None  # only a piece is loaded
        if (row_id := given[item_id].outside_request_id) is not None:
            abroad[row_id].append(item_id)
            continue
        is_receivers = not actor.may(_MAKE, items[item_id].owner_unit_id)
        groups[given[item_id].group, is_receivers].append(item_id)
    by_item: dict[UUID, UUID] = {}
    places = {item.id: item.place_id for item in items.values()}
    for (_, is_receiver), some in sorted(groups.items(), key=lambda each: str(each[0])):
        first = given[some[0]]
        claims = [given[each].reservation_id for each in some]
        trip = HandOver(
            handed_over_on=at.astimezone(OSLO).date(),
            reservation_ids=[each for each in claims if each is not None],
            item_ids=some if first.reservation_id is None else [],
            to_unit_id=first.unit_id,
            to_place_id=first.place_id or command.to_place_id,
        )
        handover = depart(session, actor, trip, is_fetched_by_receiver=is_receiver)
        by_item |= _lines_by_item(session, actor, handover.id)
    if abroad:
        by_item |= scanned_out(session, actor, abroad, at.astimezone(OSLO).date())
    _see(session, actor, [(each, places[each]) for each in by_item], at)
    found = [
        Found(scan, outcome, _line_of(scan, by_item) if outcome is O.LOADED else None)
        for scan, outcome in zip(scans, outcomes, strict=True)
        if outcome is not None
    ]
    return keep_receipt(session, actor, Way.OUT, command.signed_name, found, drawn)


_MAKE = Permission.HANDOVER_MAKE


def _line_of(scan: Scan, by_item: Mapping[UUID, UUID]) -> UUID | None:
    return by_item.get(scan.item_id) if scan.item_id is not None else None


def scan_in(
    session: Session,
    actor: Actor,
    command: ScanIn,
    drawn: DrawnSignature | None = None,
    stored: Mapping[str, str] | None = None,
) -> Receipt:
    """The scanned pieces have arrived: place, holder and owner follow. What did not says why.

    ``stored`` are the pictures that were copied of what comes from other organisations.
    """
    actor.must(Permission.REQUEST_MAKE)
    at = scanned_at(command.at, clock_of(session).now())
    scans = _scans(session, actor, command)
    items = _pieces(session, actor, scans)
    waiting = lines_of_pieces(session, actor, list(items))
    locked = locked_lines(session, actor, [line.id for line, _ in waiting.values()])
    lines = {each.item_id: each for each in locked}
    mine = set(
        session.scalars(
            queries.to_receive(actor)
            .with_only_columns(HandoverLine.id)
            .where(HandoverLine.id.in_([each.id for each in lines.values()]))
        )
    )
    targets = {item_id: handover for item_id, (_, handover) in waiting.items()}
    where = _checked_places(session, actor, scans, targets)
    outcomes = [
        _arrives(actor, scan, items, lines, targets, mine, is_again=is_again, is_here=is_here)
        for scan, is_again, is_here in zip(scans, _repeats(scans), where, strict=True)
    ]
    arriving = [
        lines[scan.item_id]
        for scan, outcome in zip(scans, outcomes, strict=True)
        if outcome is O.RECEIVED and scan.item_id is not None
    ]
    if arriving:
        arrive(session, actor, arriving)
        # Received just now; it was scanned earlier where the phone had no coverage.
        seen = [(each.item_id, targets[each.item_id].to_place_id) for each in arriving]
        _see(session, actor, [(item, place) for item, place in seen if place], at)
    others = scanned_in(session, actor, scans, stored or {}, at)
    found = [
        others.get(number)
        or Found(scan, outcome, lines[scan.item_id].id if scan.item_id in lines else None)
        for number, (scan, outcome) in enumerate(zip(scans, outcomes, strict=True))
        if outcome is not None
    ]
    return keep_receipt(session, actor, Way.IN, command.signed_name, found, drawn)


def _scans(session: Session, actor: Actor, command: Signed) -> list[Scan]:
    scans = read_texts(session, actor, command.codes)
    if all(scan.lead is Lead.PLACE for scan in scans):
        raise Invalid(by_field={"codes": N_("Skann minst ett møbel.")})
    return scans


def _pieces(session: Session, actor: Actor, scans: Sequence[Scan]) -> dict[UUID, Item]:
    """What was scanned, unlocked: the verbs below lock in their own order, and check again."""
    ids = {scan.item_id for scan in scans if scan.item_id is not None}
    query = items_visible_to(actor).where(Item.id.in_(ids))
    return {each.id: each for each in session.scalars(query)}


def _repeats(scans: Sequence[Scan]) -> list[bool]:
    """Whether the same piece was scanned before."""
    seen: set[UUID] = set()
    found = []
    for scan in scans:
        found.append(scan.item_id in seen)
        if scan.item_id is not None:
            seen.add(scan.item_id)
    return found


def _leaves(
    actor: Actor,
    scan: Scan,
    items: Mapping[UUID, Item],
    given: Mapping[UUID, Given],
    command: ScanOut,
    *,
    is_again: bool,
) -> ScanOutcome | None:
    if scan.lead is Lead.PLACE:
        return None
    if scan.lead is not Lead.PIECE:
        return ScanOutcome(scan.lead.value)
    item = items.get(scan.item_id) if scan.item_id else None
    if item is None:
        return O.UNKNOWN
    order = given.get(item.id)
    is_own = order is not None and order.person_id == actor.person_id
    is_out = order is not None and order.outside_request_id is not None
    has_place = order is not None and (order.place_id or command.to_place_id) is not None
    tried = (
        (is_again, O.AGAIN),
        (item.state is ItemState.IN_TRANSIT, O.ON_ITS_WAY),
        (item.state in GONE, O.HAS_LEFT),
        (order is None, O.NOT_ORDERED),
        (not is_own and not actor.may(_MAKE, item.owner_unit_id), O.NOT_YOURS),
        (not is_out and (not has_place or order is None or not order.unit_id), O.NO_DESTINATION),
    )
    return next((outcome for is_so, outcome in tried if is_so), O.LOADED)


def _arrives(
    actor: Actor,
    scan: Scan,
    items: Mapping[UUID, Item],
    lines: Mapping[UUID, HandoverLine],
    handovers: Mapping[UUID, Handover],
    mine: set[UUID],
    *,
    is_again: bool,
    is_here: bool,
) -> ScanOutcome | None:
    if scan.lead is Lead.PLACE:
        return None
    if scan.lead is not Lead.PIECE:
        return ScanOutcome(scan.lead.value)
    if scan.item_id is None or scan.item_id not in items:
        return O.UNKNOWN
    line = lines.get(scan.item_id)
    if line is None or line.undone_at is not None:
        return O.AGAIN if is_again else O.NOT_ON_ITS_WAY
    giver_id = handovers[scan.item_id].giver_unit_id
    tried = (
        (is_again, O.AGAIN),
        (line.received_at is not None, O.RECEIVED_ALREADY),
        (is_abroad(line), O.NOT_YOURS),
        (line.id not in mine and not actor.may(_MAKE, giver_id), O.NOT_YOURS),
        (not is_here, O.ELSEWHERE),
    )
    return next((outcome for is_so, outcome in tried if is_so), O.RECEIVED)


def _checked_places(
    session: Session, actor: Actor, scans: Sequence[Scan], handovers: Mapping[UUID, Handover]
) -> list[bool]:
    """Whether each piece is where it is meant to be; where no place was scanned, it is believed."""
    rooms = destinations(scans)
    wanted = {each.to_place_id for each in handovers.values() if each.to_place_id}
    labels = labels_of(session, actor, wanted | {each for each in rooms if each})

    def agrees(scan: Scan, room: UUID | None) -> bool:
        handover = handovers.get(scan.item_id) if scan.item_id else None
        if room is None or handover is None or handover.to_place_id is None:
            return True
        return is_within(labels[room], labels[handover.to_place_id])

    return [agrees(scan, room) for scan, room in zip(scans, rooms, strict=True)]


def _lines_by_item(session: Session, actor: Actor, handover_id: UUID) -> dict[UUID, UUID]:
    query = queries.handover_lines_visible_to(actor).with_only_columns(
        HandoverLine.item_id, HandoverLine.id
    )
    found = session.execute(query.where(HandoverLine.handover_id == handover_id))
    return {row.item_id: row.id for row in found}


def _see(session: Session, actor: Actor, seen: Sequence[tuple[UUID, UUID]], at: datetime) -> None:
    sightings = [See(item_id=item, place_id=place, seen_at=at) for item, place in seen]
    keep_sightings(session, actor, sightings)
