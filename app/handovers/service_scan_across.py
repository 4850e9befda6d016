"""Scanning what goes to another organisation, and what comes from one: their labels are not ours."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.fieldwork.queries import codes_among
from app.fieldwork.rules import Lead, Scan, destinations
from app.handovers.commands_across import GiveToOthers, ReceiveFromOthers
from app.handovers.queries_across import coming_by_code
from app.handovers.queries_scan import labels_of
from app.handovers.rules import ScanOutcome
from app.handovers.service_across import bring_in, let_go, may_receive
from app.handovers.service_signed import Found
from app.items.service_seen import See, keep_sightings
from app.kit.errors import Invalid
from app.kit.i18n import N_
from app.marketplace.models_outside import OutsideDelivery
from app.places.rules import SEPARATOR


def scanned_out(
    session: Session, actor: Actor, by_request: Mapping[UUID, Sequence[UUID]], day: date
) -> dict[UUID, UUID]:
    """Pieces scanned as they left for others, by what they were promised by: the line of each."""
    actor.must(Permission.HANDOVER_MAKE)
    found: dict[UUID, UUID] = {}
    for row_id, item_ids in sorted(by_request.items()):
        command = GiveToOthers(
            outside_request_id=row_id, item_ids=list(item_ids), handed_over_on=day
        )
        try:
            lines = let_go(session, actor, command)
        except Invalid as problem:
            text = N_("Prisen eller dagen mangler. Overlever dem fra forespørselen i stedet.")
            raise Invalid(by_field={"codes": text}) from problem
        found |= {each.item_id: each.id for each in lines}
    return found


def scanned_in(
    session: Session, actor: Actor, scans: Sequence[Scan], stored: Mapping[str, str], at: datetime
) -> dict[int, Found]:
    """What became of the scans that are other organisations' labels, by their place in the list.

    A piece that is scanned in another room than it was asked for stays on its way, as own pieces do.
    """
    actor.must(Permission.REQUEST_MAKE)
    unknown = {number: scan for number, scan in enumerate(scans) if scan.lead is Lead.UNKNOWN}
    codes = codes_among([scan.text for scan in unknown.values()])
    known = coming_by_code(session, actor, set(codes.values()))
    coming = {
        number: piece
        for number, scan in unknown.items()
        if (piece := known.get(codes.get(scan.text, ""))) is not None
    }
    # Their labels are pieces too where it is read which room each was scanned in.
    rooms = destinations(
        [replace(e, lead=Lead.PIECE) if n in coming else e for n, e in enumerate(scans)]
    )
    asked = _places(session, actor, {each.request_id for each in coming.values()})
    labels = labels_of(session, actor, {*asked.values(), *(each for each in rooms if each)})
    found: dict[int, Found] = {}
    first: dict[UUID, int] = {}
    groups: dict[tuple[UUID, UUID | None], list[UUID]] = defaultdict(list)
    for number, piece in coming.items():
        scan, room, place = unknown[number], rooms[number], asked.get(piece.request_id)
        if not may_receive(actor, piece.asker_id):
            found[number] = Found(scan, ScanOutcome.NOT_YOURS)
        elif piece.line_id in first:
            found[number] = Found(scan, ScanOutcome.AGAIN)
        elif room and place and not is_within(labels[room], labels[place]):
            found[number] = Found(scan, ScanOutcome.ELSEWHERE)
        else:
            first[piece.line_id] = number
            groups[piece.request_id, place or room].append(piece.line_id)
    for (row_id, place_id), line_ids in sorted(groups.items(), key=str):
        command = ReceiveFromOthers(
            outside_request_id=row_id, handover_line_ids=line_ids, to_place_id=place_id
        )
        try:
            own = bring_in(session, actor, command, stored)
        except Invalid as problem:
            text = N_("Det ble ikke sagt hvor møblene skal. Bekreft mottaket fra forespørselen.")
            raise Invalid(by_field={"codes": text}) from problem
        for line_id, line in zip(line_ids, own, strict=True):
            number = first[line_id]
            scan = replace(scans[number], item_id=line.item_id)
            found[number] = Found(scan, ScanOutcome.RECEIVED, line.id)
        if place_id is not None:
            seen = [See(item_id=each.item_id, place_id=place_id, seen_at=at) for each in own]
            keep_sightings(session, actor, seen)
    return found


def _places(session: Session, actor: Actor, row_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Where the pieces of each request are to go, for those where it was said."""
    rows = session.execute(
        select(OutsideDelivery.outside_request_id, OutsideDelivery.place_id).where(
            OutsideDelivery.org_id == actor.org_id,
            OutsideDelivery.outside_request_id.in_(row_ids),
            OutsideDelivery.place_id.is_not(None),
        )
    )
    return {row.outside_request_id: row.place_id for row in rows}


def is_within(here: str, there: str) -> bool:
    """A building counts for the rooms in it, and a room for the building that was named."""
    here, there = here + SEPARATOR, there + SEPARATOR
    return here.startswith(there) or there.startswith(here)
