"""Scanning what goes to another organisation, and what comes from one: their labels are not ours."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.fieldwork.queries import codes_among
from app.fieldwork.rules import Lead, Scan
from app.handovers.commands_across import GiveToOthers, ReceiveFromOthers
from app.handovers.queries_across import coming_by_code
from app.handovers.rules import ScanOutcome
from app.handovers.service_across import bring_in, let_go, may_receive
from app.handovers.service_signed import Found
from app.kit.errors import Invalid
from app.kit.i18n import N_


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
    session: Session, actor: Actor, scans: Sequence[Scan], stored: Mapping[str, str]
) -> dict[int, Found]:
    """What became of the scans that are other organisations' labels, by their place in the list."""
    actor.must(Permission.REQUEST_MAKE)
    unknown = {at: scan for at, scan in enumerate(scans) if scan.lead is Lead.UNKNOWN}
    codes = codes_among([scan.text for scan in unknown.values()])
    coming = coming_by_code(session, actor, set(codes.values()))
    found: dict[int, Found] = {}
    first: dict[UUID, int] = {}
    by_request: dict[UUID, list[UUID]] = defaultdict(list)
    for at, scan in unknown.items():
        piece = coming.get(codes.get(scan.text, ""))
        if piece is None:
            continue
        if not may_receive(actor, piece.asker_id):
            found[at] = Found(scan, ScanOutcome.NOT_YOURS)
        elif piece.line_id in first:
            found[at] = Found(scan, ScanOutcome.AGAIN)
        else:
            first[piece.line_id] = at
            by_request[piece.request_id].append(piece.line_id)
    for row_id, line_ids in sorted(by_request.items()):
        command = ReceiveFromOthers(outside_request_id=row_id, handover_line_ids=line_ids)
        try:
            own = bring_in(session, actor, command, stored)
        except Invalid as problem:
            text = N_("Det ble ikke sagt hvor møblene skal. Bekreft mottaket fra forespørselen.")
            raise Invalid(by_field={"codes": text}) from problem
        for line_id, line in zip(line_ids, own, strict=True):
            at = first[line_id]
            scan = replace(scans[at], item_id=line.item_id)
            found[at] = Found(scan, ScanOutcome.RECEIVED, line.id)
    return found
