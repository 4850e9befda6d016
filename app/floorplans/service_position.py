"""Where pieces are drawn on a floor's plan: put, taken off, and the last step taken back.

Each verb holds the piece and then the floor's plan: numbers and steps follow each other, and of two
who change one position at once the second sees what the first wrote, and is told.
"""

from contextlib import suppress
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.fieldwork.service_move import RelocationUndone, UndoRelocation, note_moved
from app.fieldwork.service_move import undo as undo_relocation
from app.floorplans import events, queries
from app.floorplans.commands import PutPiece, TakePiece, UndoStep
from app.floorplans.models import FloorPosition, FloorStep
from app.floorplans.service import held_plan
from app.items import service as items
from app.items.commands import Move
from app.items.models import Item
from app.items.service_lifecycle import held, locked
from app.kit.db import clock_of
from app.kit.errors import Conflict, Invalid, NotFound, Stale
from app.kit.events import publish
from app.kit.i18n import N_
from app.places.models import Place

MOST = 2_000
"""Pieces on one plan: more are not to be told from each other, and the page has to stay light."""
KEPT = ("floor_id", "room_id", "number", "x", "y", "turn")
NOT_ITS_ROOM = N_("Møbelet er registrert et annet sted. Kryss av for at det flyttes hit.")


class PieceNotOnFloor(Conflict):
    title = N_("Møbelet hører ikke til på denne etasjen.")


class FloorFull(Conflict):
    title = N_("Det er ikke plass til flere møbler på denne planen.")


class NothingToUndo(Conflict):
    title = N_("Du har ikke gjort noe her som kan angres.")


class ChangedSinceStep(Conflict):
    title = N_("Møbelet er flyttet på planen siden. Det kan ikke angres.")


def put_piece(session: Session, actor: Actor, command: PutPiece) -> FloorPosition:
    """Draws the piece where the command says, and moves it to another room only if it says so.

    Raises ``PieceNotOnFloor``, ``FloorWithoutPlan``, ``FloorFull``, ``Invalid`` and ``Stale``.
    """
    actor.must(Permission.ITEM_READ)
    item = _changeable(session, actor, command.floor_id, command.item_id, command.project_id)
    held_plan(session, actor, command.floor_id)
    kept = _standing(session, actor, command.item_id, command.project_id)
    _require_version(kept, command.version, command.floor_id)
    query = queries.pieces_for(actor, command.floor_id, command.project_id)
    if session.scalar(query.where(Item.id == item.id).with_only_columns(Item.id)) is None:
        raise PieceNotOnFloor(id=str(item.id))
    room_id = _room(session, actor, command, kept)
    relocation_id = None
    if command.project_id is None:
        relocation_id = _moved(session, actor, command, item)
        room_id = None
    before = _fields(kept)
    same_floor = kept is not None and kept.floor_id == command.floor_id
    fields: dict[str, Any] = {
        "floor_id": command.floor_id,
        "room_id": room_id,
        "number": kept.number
        if kept is not None and same_floor
        else _free_number(session, actor, command.floor_id, command.project_id),
        "x": command.x,
        "y": command.y,
        "turn": command.turn,
    }
    row = _written(session, actor, item.id, command.project_id, kept, fields)
    _note(session, actor, command.floor_id, row, before, relocation_id)
    return row


def take_piece(session: Session, actor: Actor, command: TakePiece) -> None:
    """The piece is drawn no more. Where it is registered stays as it is."""
    actor.must(Permission.ITEM_READ)
    _changeable(session, actor, command.floor_id, command.item_id, command.project_id)
    held_plan(session, actor, command.floor_id)
    kept = _standing(session, actor, command.item_id, command.project_id)
    if kept is None or kept.floor_id != command.floor_id:
        raise NotFound(N_("Møbelet er ikke tegnet på planen."))
    if kept.version != command.version:
        raise Stale
    before = _fields(kept)
    session.delete(kept)
    session.flush()
    _step(session, actor, command.floor_id, command.item_id, command.project_id, before, None)
    _tell_taken(session, actor, command.floor_id, command.item_id, command.project_id)


def undo_step(session: Session, actor: Actor, command: UndoStep) -> FloorStep:
    """The caller's last step on the floor is taken back, with the move between rooms it made.

    Raises ``NothingToUndo``, and ``ChangedSinceStep`` where somebody has changed it afterwards.
    """
    actor.must(Permission.ITEM_READ)
    queries.floor_of(session, actor, command.floor_id)
    queries.project_of(session, actor, command.project_id)
    query = queries.last_step(actor, command.floor_id, command.project_id)
    step = session.scalar(query)
    if step is None:
        raise NothingToUndo
    _changeable(session, actor, command.floor_id, step.item_id, step.project_id)
    held_plan(session, actor, command.floor_id)
    if session.scalar(query.with_only_columns(FloorStep.id)) != step.id:
        raise Stale  # a second press was faster
    kept = _standing(session, actor, step.item_id, step.project_id)
    if _fields(kept) != step.after:
        raise ChangedSinceStep(id=str(step.item_id))
    step.undone_at = clock_of(session).now()
    if step.relocation_id is not None:
        with suppress(RelocationUndone):  # taken back from the list of moves: it is as it was
            undo_relocation(session, actor, UndoRelocation(relocation_id=step.relocation_id))
    if step.before is None:
        if kept is not None:
            session.delete(kept)
            session.flush()
        _tell_taken(session, actor, command.floor_id, step.item_id, step.project_id)
        return step
    fields = {**step.before, "floor_id": UUID(step.before["floor_id"])}
    fields["room_id"] = UUID(step.before["room_id"]) if step.before["room_id"] else None
    taken = queries.positions_on(actor, fields["floor_id"], step.project_id).where(
        FloorPosition.number == fields["number"], FloorPosition.item_id != step.item_id
    )
    if session.scalar(taken.limit(1)) is not None:
        fields["number"] = _free_number(session, actor, fields["floor_id"], step.project_id)
    row = _written(session, actor, step.item_id, step.project_id, kept, fields)
    _tell_put(session, actor, row)
    return step


def _changeable(
    session: Session, actor: Actor, floor_id: UUID, item_id: UUID, project_id: UUID | None
) -> Item:
    """The piece, where the caller may change what is drawn. Raises ``NotFound``, ``Forbidden``.

    As it is now, whoever may edit the piece; in a project, whoever may edit that.
    """
    queries.floor_of(session, actor, floor_id)
    project = queries.project_of(session, actor, project_id)
    if project is None:
        actor.must(Permission.ITEM_EDIT)
        return locked(session, actor, [item_id], Permission.ITEM_EDIT)[0]
    actor.must(Permission.PROJECT_EDIT, unit=project.unit_id)
    found = held(session, actor, [item_id])
    if item_id not in found:
        raise NotFound(N_("Fant ikke møbelet."))
    return found[item_id]


def _standing(
    session: Session, actor: Actor, item_id: UUID, project_id: UUID | None
) -> FloorPosition | None:
    query = queries.positions_visible_to(actor).where(
        FloorPosition.item_id == item_id, queries.variant(project_id)
    )
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))


def _require_version(kept: FloorPosition | None, version: int, floor_id: UUID) -> None:
    """0 is right for a piece that is drawn nowhere, or on a floor that it has left since."""
    is_new_here = kept is None or (kept.floor_id != floor_id and version == 0)
    if version != (0 if is_new_here or kept is None else kept.version):
        raise Stale


def _room(
    session: Session, actor: Actor, command: PutPiece, kept: FloorPosition | None
) -> UUID | None:
    """The room in a project: the one that is named, else as before, else where the plan wants it."""
    rooms = {each.id for each in queries.rooms_of(session, actor, command.floor_id)}
    if command.room_id is not None:
        if command.room_id not in rooms:
            raise Invalid(by_field={"room_id": N_("Velg et rom på denne etasjen.")})
        return command.room_id
    if command.project_id is None:
        return None
    if kept is not None and kept.floor_id == command.floor_id:
        return kept.room_id
    item = session.get_one(Item, command.item_id)
    wanted = queries.wanted_rooms(session, actor, command.project_id, [item.id])
    found = wanted.get(item.id, item.place_id)
    return found if found in rooms else None


def _moved(session: Session, actor: Actor, command: PutPiece, item: Item) -> UUID | None:
    """The move to the room that is named, if it is another than where the piece is registered."""
    if command.room_id is None or command.room_id == item.place_id:
        return None
    if not command.moves:
        raise Invalid(by_field={"room_id": NOT_ITS_ROOM})
    now = clock_of(session).now()
    moved = note_moved(session, actor, [item], command.room_id, now)
    items.move(session, actor, [Move(item_id=item.id, place_id=command.room_id)])
    return moved.id


def _free_number(session: Session, actor: Actor, floor_id: UUID, project_id: UUID | None) -> int:
    """The next number on this plan. Raises ``FloorFull``."""
    count, last = session.execute(
        select(func.count(), func.max(FloorPosition.number)).where(
            FloorPosition.org_id == actor.org_id,
            FloorPosition.floor_id == floor_id,
            queries.variant(project_id),
        )
    ).one()
    if count >= MOST:
        raise FloorFull(most=MOST)
    return int(last or 0) + 1


def _written(
    session: Session,
    actor: Actor,
    item_id: UUID,
    project_id: UUID | None,
    kept: FloorPosition | None,
    fields: dict[str, Any],
) -> FloorPosition:
    now = clock_of(session).now()
    row = kept
    if row is None:
        row = FloorPosition(org_id=actor.org_id, item_id=item_id, project_id=project_id)
        session.add(row)
    for name, value in fields.items():
        setattr(row, name, value)
    row.person_id, row.changed_at = actor.person_id, now
    session.flush()  # the answer carries the new version
    return row


def _fields(row: FloorPosition | None) -> dict[str, Any] | None:
    if row is None:
        return None
    found = {name: getattr(row, name) for name in KEPT}
    return {name: str(value) if isinstance(value, UUID) else value for name, value in found.items()}


def _note(
    session: Session,
    actor: Actor,
    floor_id: UUID,
    row: FloorPosition,
    before: dict[str, Any] | None,
    relocation_id: UUID | None,
) -> None:
    of = (row.item_id, row.project_id)
    _step(session, actor, floor_id, *of, before, _fields(row), relocation_id)
    _tell_put(session, actor, row)


def _step(
    session: Session,
    actor: Actor,
    floor_id: UUID,
    item_id: UUID,
    project_id: UUID | None,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    relocation_id: UUID | None = None,
) -> None:
    last = session.scalar(
        select(func.max(FloorStep.number)).where(
            FloorStep.org_id == actor.org_id, FloorStep.floor_id == floor_id
        )
    )
    session.add(
        FloorStep(
            org_id=actor.org_id,
            floor_id=floor_id,
            number=(last or 0) + 1,
            item_id=item_id,
            project_id=project_id,
            person_id=actor.person_id,
            before=before,
            after=after,
            relocation_id=relocation_id,
            taken_at=clock_of(session).now(),
        )
    )


def _tell_put(session: Session, actor: Actor, row: FloorPosition) -> None:
    facts = {name: getattr(row, name) for name in ("item_id", "project_id", "x", "y", "turn")}
    floor = session.get_one(Place, row.floor_id)
    publish(session, [events.FloorPiecePut.of(floor, actor.person_id, **facts)])


def _tell_taken(
    session: Session, actor: Actor, floor_id: UUID, item_id: UUID, project_id: UUID | None
) -> None:
    floor = session.get_one(Place, floor_id)
    event = events.FloorPieceTaken.of(
        floor, actor.person_id, item_id=item_id, project_id=project_id
    )
    publish(session, [event])
