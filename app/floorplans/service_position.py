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
from app.items.queries import items_ever_visible_to, items_visible_to
from app.kit.db import clock_of
from app.kit.errors import Conflict, Invalid, NotFound, Stale
from app.kit.events import publish
from app.kit.i18n import N_
from app.places.models import Place
from app.projects.rules import ProjectState
from app.projects.service import ProjectClosed

MOST = 2_000
"""Pieces on one plan: more are not to be told from each other, and the page has to stay light."""
KEPT = ("floor_id", "room_id", "number", "x", "y", "turn")
NOT_ITS_ROOM = N_("Møbelet er registrert et annet sted. Kryss av for at det flyttes hit.")


class PieceNotOnFloor(Conflict):
    title = N_("Møbelet hører ikke til på denne etasjen.")


class DrawnElsewhere(Conflict):
    title = N_("Møbelet er tegnet på en annen etasje. Ta det av planen der først.")


class FloorFull(Conflict):
    title = N_("Det er ikke plass til flere møbler på denne planen.")


class NothingToUndo(Conflict):
    title = N_("Du har ikke gjort noe her som kan angres.")


class ChangedSinceStep(Conflict):
    title = N_("Møbelet er flyttet på planen siden. Det kan ikke angres.")


def put_piece(session: Session, actor: Actor, command: PutPiece) -> FloorPosition:
    """Draws the piece where the command says, and moves it to another room only if it says so.

    Raises ``PieceNotOnFloor``, ``DrawnElsewhere``, ``FloorWithoutPlan``, ``FloorFull``, ``Invalid``
    and ``Stale``.
    """
    actor.must(Permission.ITEM_READ)
    item = _changeable(session, actor, command.floor_id, command.item_id, command.project_id)
    held_plan(session, actor, command.floor_id)
    kept = _standing(session, actor, command.item_id, command.project_id)
    _require_version(session, actor, command, kept)
    if not _belongs(session, actor, command, command.floor_id):
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
    """The piece is drawn no more, a merged or deleted one too. Where it is registered stays as is."""
    actor.must(Permission.ITEM_READ)
    _changeable(session, actor, command.floor_id, command.item_id, command.project_id, ever=True)
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
    _changeable(session, actor, command.floor_id, step.item_id, step.project_id, ever=True)
    floor_ids = {command.floor_id}
    if step.before is not None:
        floor_ids.add(UUID(step.before["floor_id"]))  # it is drawn there again, under a number
    for each in sorted(floor_ids):
        held_plan(session, actor, each)
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
    session: Session,
    actor: Actor,
    floor_id: UUID,
    item_id: UUID,
    project_id: UUID | None,
    *,
    ever: bool = False,
) -> Item:
    """The piece, held, where the caller may change what is drawn; with ``ever`` a mistake too.

    As it is now, whoever may edit the piece; in a project that is not closed, whoever may edit that.
    Raises ``NotFound``, ``Forbidden``, ``ProjectClosed``.
    """
    queries.floor_of(session, actor, floor_id)
    project = queries.project_of(session, actor, project_id)
    if project is None:
        actor.must(Permission.ITEM_EDIT)
    else:
        actor.must(Permission.PROJECT_EDIT, unit=project.unit_id)
        if project.state is ProjectState.CLOSED:
            raise ProjectClosed
    visible = items_ever_visible_to(actor) if ever else items_visible_to(actor)
    query = visible.where(Item.id == item_id).with_for_update(of=Item)
    item = session.scalar(query.execution_options(populate_existing=True))
    if item is None:
        raise NotFound(N_("Fant ikke møbelet."))
    if project is None:
        actor.must(Permission.ITEM_EDIT, unit=item.owner_unit_id)
    return item


def _standing(
    session: Session, actor: Actor, item_id: UUID, project_id: UUID | None
) -> FloorPosition | None:
    query = queries.positions_visible_to(actor).where(
        FloorPosition.item_id == item_id, queries.variant(project_id)
    )
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))


def _belongs(session: Session, actor: Actor, command: PutPiece, floor_id: UUID) -> bool:
    query = queries.pieces_for(actor, floor_id, command.project_id)
    of_piece = query.where(Item.id == command.item_id).with_only_columns(Item.id)
    return session.scalar(of_piece) is not None


def _require_version(
    session: Session, actor: Actor, command: PutPiece, kept: FloorPosition | None
) -> None:
    """0 is right for a piece that is drawn nowhere, or on a floor that it has left since."""
    if kept is not None and kept.floor_id != command.floor_id and command.version == 0:
        if _belongs(session, actor, command, kept.floor_id):
            raise DrawnElsewhere(id=str(command.item_id))
    elif command.version != (0 if kept is None else kept.version):
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
    """The next number on this plan. Raises ``FloorFull``.

    A number that was taken off is not given again while its step is kept: a list that was printed
    with it would lead to another piece.
    """
    count, last = session.execute(
        select(func.count(), func.max(FloorPosition.number)).where(
            FloorPosition.org_id == actor.org_id,
            FloorPosition.floor_id == floor_id,
            queries.variant(project_id),
        )
    ).one()
    if count >= MOST:
        raise FloorFull(most=MOST)
    return max(last or 0, session.scalar(queries.last_number(actor, floor_id, project_id)) or 0) + 1


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
