"""Moving by scanning: a place and pieces in any order, and one tap that takes it back."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.fieldwork import queries, queries_bulk
from app.fieldwork.models import Relocation, RelocationLine, StocktakeScan
from app.fieldwork.rules import ARRIVED, Lead, MoveOutcome, Scan, destinations, scanned_at
from app.fieldwork.rules_stocktake import Decision
from app.items import service as items
from app.items.commands import MOST_PIECES, Command, Move, OfItem
from app.items.models import Item
from app.items.queries import codes_of
from app.items.rules import PRESENT, ItemState
from app.items.service_lifecycle import held, own_places
from app.items.service_seen import See, see
from app.kit.chance import new_id
from app.kit.db import changed_rows, clock_of
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.i18n import N_
from app.kit.text import PRINTABLE, STRIPPED

ScannedText = Annotated[str, STRIPPED, Field(max_length=200), PRINTABLE]
"""As it was scanned or typed: our code with or without its address, or a foreign one."""


class RelocationUndone(Conflict):
    title = N_("Flyttingen er alt angret.")


class Relocate(Command):
    """Codes of places and pieces as they were scanned.

    ``place_id`` is a place chosen before the first scan. ``at`` is the phone's clock, for scans
    that waited for coverage: a piece that somebody has moved or seen after it stays where it is.
    """

    codes: list[ScannedText] = Field(min_length=1, max_length=MOST_PIECES)
    place_id: UUID | None = None
    at: AwareDatetime | None = None


class UndoRelocation(Command):
    """Back to where the pieces were."""

    relocation_id: UUID


def relocate(session: Session, actor: Actor, command: Relocate) -> Relocation:
    """Moves what can be moved and says of each scan what became of it.

    A lost piece that is scanned is found. Raises ``Invalid`` when no place was scanned or chosen.
    """
    actor.must(Permission.ITEM_EDIT)
    if command.place_id is not None:
        own_places(session, actor, {command.place_id})
    scans = queries.read_texts(session, actor, command.codes)
    if command.place_id is None and all(scan.lead is not Lead.PLACE for scan in scans):
        raise Invalid(by_field={"codes": N_("Skann stedet også, eller velg det i listen.")})
    if all(scan.lead is Lead.PLACE for scan in scans):
        raise Invalid(by_field={"codes": N_("Skann minst ett møbel.")})
    targets = destinations(scans, command.place_id)
    pieces = hold(session, actor, scans)
    row = Relocation(
        id=new_id(),
        org_id=actor.org_id,
        person_id=actor.person_id,
        created_at=clock_of(session).now(),
    )
    at = scanned_at(command.at, row.created_at)
    later = _placed_after(session, actor, pieces, at)
    lines = _lines(actor, row, scans, targets, pieces, later)
    session.add(row)
    session.flush()  # the lines refer to it
    session.add_all(lines)
    _carry_out(session, actor, lines, at)
    return row


def hold(session: Session, actor: Actor, scans: Sequence[Scan]) -> dict[UUID, Item]:
    """The pieces scanned, by id; held until the end, so that what is said of them stays true."""
    return held(session, actor, [scan.item_id for scan in scans if scan.item_id is not None])


def _placed_after(
    session: Session, actor: Actor, pieces: Mapping[UUID, Item], at: datetime
) -> set[UUID]:
    """The pieces of which a newer place is known than that of a scan made then.

    A change of place carries the server's time, also one that waited on a phone. So where the piece
    was last seen in its place, the sighting's time counts instead; that of a registration is the
    server's too, and nothing is known of a place before it.
    """
    changed = queries_bulk.changed_since(session, actor, list(pieces), "place_id", at)
    return {
        item.id
        for item in pieces.values()
        if (item.id in changed and item.place_id != item.last_seen_place_id)
        or (item.last_seen_at not in (None, item.created_at) and item.last_seen_at > at)
    }


def _lines(
    actor: Actor,
    row: Relocation,
    scans: Sequence[Scan],
    targets: Sequence[UUID | None],
    pieces: Mapping[UUID, Item],
    later: AbstractSet[UUID],
) -> list[RelocationLine]:
    last = {scan.item_id: at for at, scan in enumerate(scans) if scan.item_id is not None}
    lines = []
    for at, (scan, target) in enumerate(zip(scans, targets, strict=True)):
        if scan.lead is Lead.PLACE:
            continue
        item = pieces.get(scan.item_id) if scan.item_id else None
        is_last = scan.item_id is not None and last[scan.item_id] == at
        is_late = scan.item_id in later
        outcome = _outcome(actor, scan, item, target, is_last=is_last, is_late=is_late)
        has_arrived = outcome in ARRIVED
        lines.append(
            RelocationLine(
                org_id=actor.org_id,
                relocation_id=row.id,
                position=at,
                text=scan.text,
                outcome=outcome,
                item_id=item.id if item else None,
                from_place_id=item.place_id if item and has_arrived else None,
                to_place_id=target if has_arrived else None,
                is_undone=False,
            )
        )
    return lines


def _outcome(
    actor: Actor,
    scan: Scan,
    item: Item | None,
    target: UUID | None,
    *,
    is_last: bool,
    is_late: bool,
) -> MoveOutcome:
    """A piece scanned twice goes where it was scanned last."""
    if scan.lead is not Lead.PIECE:
        return MoveOutcome(scan.lead.value)
    if item is None:
        return MoveOutcome.UNKNOWN
    may_edit = actor.may(Permission.ITEM_EDIT, item.owner_unit_id)
    tried = (
        (not is_last, MoveOutcome.AGAIN),
        (item.state not in PRESENT, MoveOutcome.HAS_LEFT),
        (not may_edit, MoveOutcome.NOT_YOURS),
        (target is None, MoveOutcome.NO_PLACE),
        (is_late and item.place_id != target, MoveOutcome.MOVED_SINCE),
        (item.state is ItemState.LOST, MoveOutcome.FOUND),
        (item.place_id == target, MoveOutcome.HERE_ALREADY),
    )
    return next((outcome for is_so, outcome in tried if is_so), MoveOutcome.MOVED)


def _carry_out(
    session: Session, actor: Actor, lines: Sequence[RelocationLine], at: datetime
) -> None:
    """Through the verbs of the pieces, which know their rules and keep their history."""
    arrived = [
        (line.item_id, line.to_place_id, line.outcome)
        for line in lines
        if line.item_id is not None and line.to_place_id is not None
    ]
    found = [OfItem(item_id=item) for item, _, outcome in arrived if outcome is MoveOutcome.FOUND]
    moved = [
        Move(item_id=item, place_id=place)
        for item, place, outcome in arrived
        if outcome is not MoveOutcome.HERE_ALREADY
    ]
    if found:
        items.find(session, actor, found)
    if moved:
        items.move(session, actor, moved)
    see(session, actor, [See(item_id=item, place_id=to, seen_at=at) for item, to, _ in arrived])


def note_moved(
    session: Session, actor: Actor, pieces: Sequence[Item], place_id: UUID, at: datetime
) -> Relocation:
    """Pieces that are about to be moved to the place by another list than one of scans.

    They stand among the moves, and are taken back as those are.
    """
    actor.must(Permission.ITEM_EDIT)
    row = Relocation(id=new_id(), org_id=actor.org_id, person_id=actor.person_id, created_at=at)
    session.add(row)
    session.flush()  # the lines refer to it
    known = codes_of(session, actor, [item.id for item in pieces])
    session.add_all(
        RelocationLine(
            org_id=actor.org_id,
            relocation_id=row.id,
            position=position,
            text=known.get(item.id, ""),
            outcome=MoveOutcome.MOVED,
            item_id=item.id,
            from_place_id=item.place_id,
            to_place_id=place_id,
            is_undone=False,
        )
        for position, item in enumerate(pieces)
    )
    return row


def undo(session: Session, actor: Actor, command: UndoRelocation) -> Relocation:
    """Back to where they were, but for pieces that somebody has moved since.

    What a stocktake had decided by it is open again there. What was lost stays found: it has been seen. Raises ``RelocationUndone`` the second time.
    """
    actor.must(Permission.ITEM_EDIT)
    claimed = session.execute(
        update(Relocation)
        .where(Relocation.org_id == actor.org_id, Relocation.id == command.relocation_id)
        .where(Relocation.undone_at.is_(None))
        .values(undone_at=clock_of(session).now(), undone_by_id=actor.person_id)
        .execution_options(synchronize_session=False)
    )
    row = session.scalar(
        queries.relocations_visible_to(actor)
        .where(Relocation.id == command.relocation_id)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound(N_("Fant ikke flyttingen."))
    if changed_rows(claimed) != 1:
        raise RelocationUndone(id=str(row.id))
    lines = {
        line.item_id: line
        for line in session.scalars(queries.lines_of(actor, row.id))
        if line.item_id and line.to_place_id and line.to_place_id != line.from_place_id
    }
    _take_back(session, actor, lines)
    undone = [item_id for item_id, line in lines.items() if line.is_undone]
    session.execute(
        update(StocktakeScan)
        .where(StocktakeScan.org_id == actor.org_id, StocktakeScan.item_id.in_(undone))
        .where(StocktakeScan.decision == Decision.MOVED_HERE)
        .where(StocktakeScan.decided_at == row.created_at)
        .values(decision=None, decided_by_id=None, decided_at=None)
        .execution_options(synchronize_session=False)
    )
    return row


def _take_back(session: Session, actor: Actor, lines: dict[UUID, RelocationLine]) -> None:
    scans = [Scan(line.text, Lead.PIECE, item_id=item_id) for item_id, line in lines.items()]
    back = []
    for item_id, item in hold(session, actor, scans).items():
        line = lines[item_id]
        is_ours = item.state in PRESENT and actor.may(Permission.ITEM_EDIT, item.owner_unit_id)
        if is_ours and item.place_id == line.to_place_id and line.from_place_id:
            line.is_undone = True
            back.append(Move(item_id=item_id, place_id=line.from_place_id))
    if back:
        items.move(session, actor, back)
