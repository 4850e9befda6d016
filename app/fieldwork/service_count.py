"""What is scanned in a stocktake, and what is decided about the differences."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.fieldwork import queries, queries_bulk
from app.fieldwork.models import Stocktake, StocktakeExpected, StocktakeScan, StocktakeStray
from app.fieldwork.rules import Lead, Scan, scanned_at
from app.fieldwork.rules_stocktake import (
    ANSWERED_ONLY,
    LATE,
    MOVABLE,
    OF_MISSING,
    OPEN_TO_CHANGE,
    Decision,
    Sighting,
    StocktakeState,
    sighting_of,
)
from app.fieldwork.service_move import ScannedText, hold, note_moved
from app.fieldwork.service_stocktake import StocktakeClosed, held
from app.items import service as items
from app.items.commands import MOST_PIECES, Command, Move, OfItem
from app.items.models import Item
from app.items.rules import MACHINE, PRESENT, ItemState, ItemVerb
from app.items.service_seen import See, see
from app.kit.db import clock_of
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.kit.states import allows
from app.kit.text import Line

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""Before any piece: a phone's clock may stand at times that a database cannot compare."""


class OneScan(Command):
    """A code as it was read; ``at`` is the phone's clock, for scans that waited for coverage."""

    text: ScannedText
    at: AwareDatetime | None = None


class Count(Command):
    """Codes read in the place."""

    stocktake_id: UUID
    scans: list[OneScan] = Field(min_length=1, max_length=MOST_PIECES)


class CountUnlabelled(Command):
    """Things without a label: how many, and what they are. ``at`` as for a scan."""

    stocktake_id: UUID
    count: Annotated[int, Field(ge=1, le=1000)] = 1
    note: Line | None = None
    at: AwareDatetime | None = None


class Decide(Command):
    """What follows from a difference, for these pieces.

    ``at`` is when it was decided, for decisions that waited for coverage: a piece of which somebody
    knows something newer by then stays as it is.
    """

    stocktake_id: UUID
    item_ids: list[UUID] = Field(min_length=1, max_length=5_000)
    decision: Decision
    at: AwareDatetime | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """How many pieces were settled; ``relocation_id`` is the move of those that were moved here."""

    settled: int
    relocation_id: UUID | None


@dataclass(frozen=True, slots=True)
class Counted:
    """What became of one scan; ``elsewhere_id`` is the place that the piece is registered in."""

    text: str
    sighting: Sighting
    item_id: UUID | None
    elsewhere_id: UUID | None = None


def count(session: Session, actor: Actor, command: Count) -> list[Counted]:
    """Keeps what was met, each piece once. A lost piece is found by it.

    Raises ``StocktakeClosed`` when the stocktake has ended; scans that were made before its end
    are taken for 14 days more.
    """
    actor.must(Permission.ITEM_EDIT)
    row = held(session, actor, command.stocktake_id)
    now = clock_of(session).now()
    times = [scanned_at(each.at, now) for each in command.scans]
    if not _takes(row, times, now):
        raise StocktakeClosed(id=str(row.id), state=row.state.value)
    scans = queries.read_texts(session, actor, [each.text for each in command.scans])
    pieces = hold(session, actor, scans)
    known = _known(session, row)
    expected = _expected(session, row, pieces)
    answers = []
    for scan, at in zip(scans, times, strict=True):
        answer = _classified(row, scan, pieces, known, expected)
        answers.append(answer)
        if answer.sighting not in ANSWERED_ONLY:
            known.add(answer.item_id or scan.text)
            _keep(session, actor, row, answer, at)
    _find(session, actor, pieces, answers)
    sightings = [
        See(item_id=each.item_id, place_id=row.place_id, seen_at=at)
        for each, at in zip(answers, times, strict=True)
        if each.item_id is not None
    ]
    see(session, actor, sightings)
    return answers


def _takes(row: Stocktake, times: Sequence[datetime], now: datetime) -> bool:
    if row.state is StocktakeState.OPEN:
        return True
    ended = row.finished_at
    if row.state is not StocktakeState.FINISHED or ended is None:
        return False
    return now - ended <= LATE and all(at <= ended for at in times)


def _known(session: Session, row: Stocktake) -> set[UUID | str | None]:
    """Pieces and codes that were met before."""
    own = {"org_id": row.org_id, "stocktake_id": row.id}
    return {
        *session.scalars(select(StocktakeScan.item_id).filter_by(**own)),
        *session.scalars(select(StocktakeStray.text).filter_by(**own)),
    }


def _expected(session: Session, row: Stocktake, pieces: dict[UUID, Item]) -> set[UUID]:
    query = select(StocktakeExpected.item_id).filter_by(org_id=row.org_id, stocktake_id=row.id)
    return set(session.scalars(query.where(StocktakeExpected.item_id.in_(pieces))))


def _classified(
    row: Stocktake,
    scan: Scan,
    pieces: dict[UUID, Item],
    known: set[UUID | str | None],
    expected: set[UUID],
) -> Counted:
    item = pieces.get(scan.item_id) if scan.item_id else None
    if item is not None:
        is_here = item.place_id == row.place_id
        kind = sighting_of(item.state, is_expected=item.id in expected, is_here=is_here)
        sighting = Sighting.AGAIN if item.id in known else kind
        return Counted(scan.text, sighting, item.id, None if is_here else item.place_id)
    kind = Sighting.UNKNOWN if scan.lead is Lead.PIECE else Sighting(scan.lead.value)
    return Counted(scan.text, Sighting.AGAIN if scan.text in known else kind, None)


def _keep(session: Session, actor: Actor, row: Stocktake, answer: Counted, at: datetime) -> None:
    own = {"org_id": row.org_id, "stocktake_id": row.id, "person_id": actor.person_id}
    if answer.item_id is not None:
        scan = StocktakeScan(**own, item_id=answer.item_id, kind=answer.sighting, seen_at=at)
        session.add(scan)
    else:
        stray = StocktakeStray(
            **own, kind=answer.sighting, text=answer.text, count=1, note=None, created_at=at
        )
        session.add(stray)


def _find(
    session: Session, actor: Actor, pieces: dict[UUID, Item], answers: Sequence[Counted]
) -> None:
    """Sighting is found, where the person may say so; for others' pieces it stands in the report."""
    met = [pieces[each.item_id] for each in answers if each.item_id is not None]
    lost = {
        item.id
        for item in met
        if item.state is ItemState.LOST and actor.may(Permission.ITEM_EDIT, item.owner_unit_id)
    }
    if lost:
        items.find(session, actor, [OfItem(item_id=each) for each in sorted(lost)])


def count_unlabelled(session: Session, actor: Actor, command: CountUnlabelled) -> StocktakeStray:
    """Raises ``StocktakeClosed`` as ``count`` does."""
    actor.must(Permission.ITEM_EDIT)
    row = held(session, actor, command.stocktake_id)
    now = clock_of(session).now()
    at = scanned_at(command.at, now)
    if not _takes(row, [at], now):
        raise StocktakeClosed(id=str(row.id), state=row.state.value)
    stray = StocktakeStray(
        org_id=row.org_id,
        stocktake_id=row.id,
        person_id=actor.person_id,
        kind=None,
        text=None,
        count=command.count,
        note=command.note,
        created_at=at,
    )
    session.add(stray)
    return stray


def decide(session: Session, actor: Actor, command: Decide) -> Decided:
    """Moves here what was met, or calls lost what was not.

    Pieces that have changed since, or were settled before, stay as they are. Raises ``NotFound``
    when a piece is none of the stocktake's, ``StocktakeClosed`` when it is too early or too late.
    """
    actor.must(Permission.ITEM_EDIT)
    row = held(session, actor, command.stocktake_id)
    is_of_missing = command.decision in OF_MISSING
    allowed = (
        {StocktakeState.FINISHED}
        if is_of_missing
        else {
            StocktakeState.FINISHED,
            StocktakeState.OPEN,
        }
    )
    if row.state not in allowed:
        raise StocktakeClosed(id=str(row.id), state=row.state.value)
    kind = StocktakeExpected if is_of_missing else StocktakeScan
    found = _undecided(session, row, kind, command.item_ids)
    pieces = hold(session, actor, [Scan("", Lead.PIECE, item_id=each) for each in found])
    met = _known(session, row)
    later = _known_later(session, actor, row, pieces, command)
    settled = [
        item
        for item in pieces.values()
        if item.id not in later and _can(actor, row, item, command.decision, was_met=item.id in met)
    ]
    now = clock_of(session).now()
    moved_id = _settle(session, actor, row, settled, command.decision, now)
    for item in settled:
        line = found[item.id]
        line.decision = command.decision
        line.decided_by_id = actor.person_id
        line.decided_at = now
    return Decided(len(settled), moved_id)


def _undecided(
    session: Session,
    row: Stocktake,
    kind: type[StocktakeExpected] | type[StocktakeScan],
    item_ids: Sequence[UUID],
) -> dict[UUID, StocktakeExpected | StocktakeScan]:
    query = select(kind).where(kind.org_id == row.org_id, kind.stocktake_id == row.id)
    rows: Sequence[Any] = session.scalars(query.where(kind.item_id.in_(set(item_ids)))).all()
    if len(rows) < len(set(item_ids)):
        raise NotFound(N_("Fant ikke alle møblene i tellingen."))
    return {
        each.item_id: each
        for each in rows
        if (each.decision is None or each.decision in OPEN_TO_CHANGE)
        and (kind is StocktakeExpected or each.kind in MOVABLE)
    }


def _known_later(
    session: Session, actor: Actor, row: Stocktake, pieces: dict[UUID, Item], command: Decide
) -> set[UUID]:
    """The pieces that were put or seen elsewhere after the decision, and with it overtaken.

    A change of place carries the server's time, also one that waited on a phone: where the piece was
    seen in its place, that sighting's time counts. What is to be called lost must not be seen at all.
    However old the decision is, its time is taken as it is: too early a one can only leave more as it
    stands.
    """
    if command.at is None:
        return set()
    at = max(min(command.at, clock_of(session).now()), LONG_AGO)
    is_of_missing = command.decision in OF_MISSING
    changed = queries_bulk.changed_since(session, actor, list(pieces), "place_id", at)
    return {
        item.id
        for item in pieces.values()
        if (item.id in changed and item.place_id != item.last_seen_place_id)
        or (
            item.last_seen_at is not None
            and item.last_seen_at > at
            and (is_of_missing or item.last_seen_place_id != row.place_id)
        )
    }


def _can(actor: Actor, row: Stocktake, item: Item, decision: Decision, *, was_met: bool) -> bool:
    """Whether the difference is still there, and the person may settle it."""
    if not actor.may(Permission.ITEM_EDIT, item.owner_unit_id):
        return False
    is_here = item.place_id == row.place_id
    if decision in OF_MISSING:
        can_miss = allows(MACHINE, item.state, ItemVerb.MISS)
        return is_here and not was_met and (can_miss or decision is Decision.KEPT)
    return not is_here and item.state in PRESENT and item.state is not ItemState.LOST


def _settle(
    session: Session,
    actor: Actor,
    row: Stocktake,
    settled: Sequence[Item],
    decision: Decision,
    at: datetime,
) -> UUID | None:
    """Gives the move that takes them back, where there was one."""
    if settled and decision is Decision.LOST:
        items.miss(session, actor, [OfItem(item_id=item.id) for item in settled])
    if not settled or decision is not Decision.MOVED_HERE:
        return None
    moved = note_moved(session, actor, settled, row.place_id, at)
    moves = [Move(item_id=item.id, place_id=row.place_id) for item in settled]
    items.move(session, actor, moves)
    return moved.id
