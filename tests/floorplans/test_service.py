"""What is drawn and where a piece is are two things; steps follow each other and are taken back."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.fieldwork.models import Relocation
from app.floorplans import queries, views
from app.floorplans.commands import PutPiece, TakePiece, UndoStep
from app.floorplans.models import FloorPosition
from app.floorplans.rules import Sheet
from app.floorplans.service_position import (
    ChangedSinceStep,
    DrawnElsewhere,
    NothingToUndo,
    PieceNotOnFloor,
    put_piece,
    take_piece,
    undo_step,
)
from app.items.commands import Merge, Move, OfItem
from app.items.service import miss, move
from app.items.service_wrong import merge
from app.kit.errors import Invalid, NotFound, Stale
from app.planning.service_allocate import Allocate, allocate
from app.projects.rules import ProjectState
from app.projects.service import ProjectClosed
from tests.factories import an_item, some_items
from tests.floorplans.plans import a_floor, a_plan
from tests.people import Organised
from tests.projects.rows import a_line, a_project

ActorOf = Callable[..., Actor]


def test_a_piece_changes_room_only_when_that_is_said_and_both_are_taken_back(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    floor = a_floor(session, org)
    a_plan(session, org, floor)
    desk = an_item(session, org, place_id=floor.room_id)
    of = {"floor_id": floor.id, "item_id": desk.id}
    put_piece(session, manager, PutPiece(**of, x=1000, y=1000, version=0))
    there = {**of, "x": 9000, "y": 1000, "room_id": floor.other_room_id, "version": 1}
    outside = {**there, "room_id": org.room_id, "moves": True}
    for refused in (there, outside):
        with pytest.raises(Invalid):
            put_piece(session, manager, PutPiece(**refused))
    assert desk.place_id == floor.room_id
    assert put_piece(session, manager, PutPiece(**there, moves=True)).version == 2
    assert desk.place_id == floor.other_room_id
    moved = select(Relocation.undone_at).where(Relocation.org_id == org.org_id)
    assert session.scalars(moved).all() == [None]
    undo_step(session, manager, UndoStep(floor_id=floor.id))
    assert desk.place_id == floor.room_id
    assert session.scalars(moved).one() is not None
    assert session.scalars(select(FloorPosition.x)).all() == [1000]
    undo_step(session, manager, UndoStep(floor_id=floor.id))
    assert session.scalars(select(FloorPosition)).all() == []
    with pytest.raises(NothingToUndo):
        undo_step(session, manager, UndoStep(floor_id=floor.id))


def test_numbers_stay_with_their_pieces_and_what_has_left_is_offered_for_removal(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    floor, upstairs = a_floor(session, org), a_floor(session, org, "3. etasje")
    for each in (floor, upstairs):
        a_plan(session, org, each)
    items = some_items(session, org, 3, place_id=floor.room_id)
    rows = [
        put_piece(
            session,
            manager,
            PutPiece(floor_id=floor.id, item_id=each.id, x=1, y=1, version=0),
        )
        for each in items
    ]
    assert [each.number for each in rows] == [1, 2, 3]
    take_piece(session, manager, TakePiece(floor_id=floor.id, item_id=items[0].id, version=1))
    with pytest.raises(NotFound):
        take_piece(session, manager, TakePiece(floor_id=floor.id, item_id=items[0].id, version=1))
    move(session, manager, [Move(item_id=items[1].id, place_id=upstairs.room_id)])
    miss(session, manager, [OfItem(item_id=items[2].id)])
    place = queries.floor_of(session, manager, floor.id)
    shown = views.shown(session, manager, place, None)
    assert [piece.id for _, piece in shown.gone] == [items[1].id, items[2].id]
    assert (shown.drawn, shown.waiting_count) == ([], 1)
    with pytest.raises(PieceNotOnFloor):
        put_piece(
            session,
            manager,
            PutPiece(floor_id=floor.id, item_id=items[1].id, x=2, y=2, version=1),
        )
    moved = put_piece(
        session,
        manager,
        PutPiece(floor_id=upstairs.id, item_id=items[1].id, x=2, y=2, version=0),
    )
    assert (moved.floor_id, moved.number) == (upstairs.id, 1)


def test_of_two_who_change_one_position_the_second_is_told_and_nobody_undoes_the_others(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    first, second = actor(), actor(Role.SURVEYOR)
    floor = a_floor(session, org)
    a_plan(session, org, floor)
    item = an_item(session, org, place_id=floor.room_id)
    of = {"floor_id": floor.id, "item_id": item.id}
    put_piece(session, first, PutPiece(**of, x=1, y=1, version=0))
    with pytest.raises(Stale):
        put_piece(session, second, PutPiece(**of, x=2, y=2, version=0))
    put_piece(session, second, PutPiece(**of, x=2, y=2, version=1))
    with pytest.raises(ChangedSinceStep):
        undo_step(session, first, UndoStep(floor_id=floor.id))
    with pytest.raises(Stale):
        take_piece(session, first, TakePiece(**of, version=1))
    undo_step(session, second, UndoStep(floor_id=floor.id))
    assert session.scalars(select(FloorPosition.x)).all() == [1]
    planned = a_project(session, first, org)
    with pytest.raises(Invalid):
        put_piece(
            session,
            first,
            PutPiece(**of, x=1, y=1, version=0, project_id=planned.id, room_id=org.room_id),
        )
    put_piece(session, first, PutPiece(**of, x=7, y=7, version=0, project_id=planned.id))
    assert sorted(session.scalars(select(FloorPosition.x))) == [1, 7]


def test_what_was_merged_away_comes_off_and_its_number_leads_to_no_other_piece(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    floor = a_floor(session, org)
    a_plan(session, org, floor)
    kept, double, new = some_items(session, org, 3, place_id=floor.room_id)
    of = {"floor_id": floor.id, "x": 1, "y": 1, "version": 0}
    for each in (kept, double):
        put_piece(session, manager, PutPiece(**of, item_id=each.id))
    merge(session, manager, [Merge(item_id=double.id, into_id=kept.id)])
    take_piece(session, manager, TakePiece(floor_id=floor.id, item_id=double.id, version=1))
    assert put_piece(session, manager, PutPiece(**of, item_id=new.id)).number == 3
    with pytest.raises(NotFound):
        put_piece(session, manager, PutPiece(**of, item_id=double.id))


def test_a_project_draws_a_piece_on_the_floor_it_is_for_and_nothing_once_it_is_closed(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    floor, upstairs = a_floor(session, org), a_floor(session, org, "3. etasje")
    for each in (floor, upstairs):
        a_plan(session, org, each)
    project = a_project(session, manager, org, place_id=org.building_id)
    line = a_line(session, manager, project, place_id=upstairs.room_id)
    either = a_line(session, manager, project, place_id=org.building_id)
    goes, free = some_items(session, org, 2, place_id=floor.room_id, is_free=True)
    wanted = ((line, goes), (either, free))
    allocate(
        session,
        manager,
        [Allocate(programme_line_id=each.id, item_id=item.id) for each, item in wanted],
    )
    of = {"x": 1, "y": 1, "project_id": project.id}
    with pytest.raises(PieceNotOnFloor):
        put_piece(session, manager, PutPiece(**of, floor_id=floor.id, item_id=goes.id, version=0))
    here = PutPiece(**of, floor_id=floor.id, item_id=free.id, version=0)
    assert put_piece(session, manager, here).version == 1
    there = {**of, "floor_id": upstairs.id, "item_id": free.id}
    with pytest.raises(DrawnElsewhere):
        put_piece(session, manager, PutPiece(**there, version=0))
    put_piece(session, manager, PutPiece(**there, version=1))
    undo_step(session, manager, UndoStep(floor_id=upstairs.id, project_id=project.id))
    rows = session.execute(select(FloorPosition.floor_id, FloorPosition.number)).all()
    assert rows == [(floor.id, 1)]
    project.state = ProjectState.CLOSED
    session.flush()
    taken = TakePiece(floor_id=floor.id, item_id=free.id, project_id=project.id, version=3)
    with pytest.raises(ProjectClosed):
        put_piece(session, manager, here)
    with pytest.raises(ProjectClosed):
        take_piece(session, manager, taken)


@pytest.mark.parametrize(
    ("width_mm", "typed", "x"), [(None, "12,34", 1234), (20_000, "5", 2500), (20_000, "0", 0)]
)
def test_a_side_is_typed_in_metres_with_a_scale_and_in_per_cent_without(
    width_mm: int | None, typed: str, x: int
) -> None:
    sheet = Sheet(1600, 800, width_mm)
    assert sheet.typed(typed, is_x=True) == x
    assert sheet.shown(x, 0)[0] == typed
    for wrong in ("-1", "100,1" if width_mm is None else "20,1", "x"):
        with pytest.raises(ValueError, match=r"\w"):
            sheet.typed(wrong, is_x=True)
