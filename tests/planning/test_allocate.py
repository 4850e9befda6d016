"""Pieces set aside for lines of a programme: nobody else's, and let go when they do not come."""

import threading
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, actor_of
from app.accounts.rules import Role
from app.disposals.rules import Fate as Disposed
from app.disposals.rules import Reason
from app.disposals.service import Propose, propose
from app.handovers.models import HandoverLine
from app.handovers.service import HandOver, Receive, Undo, hand_over, receive, undo
from app.handovers.service_aside import PiecePlannedFor
from app.impact.rules import FulfilmentSource
from app.items.commands import OfItem
from app.items.models import Item
from app.items.rules import Fate, ItemState
from app.items.service_lifecycle import take_into_use
from app.kit.db import Database
from app.kit.errors import Forbidden, Invalid, NotFound
from app.marketplace.commands import Offer
from app.marketplace.service import offer
from app.marketplace.service_listing import PieceSetAside
from app.notices.models import Notice
from app.planning import service_allocate as service
from app.planning.names import ALL_NEW, ALL_WE_HAVE, NOW
from app.planning.queries_plan import allocated_pieces
from app.planning.service_allocate import Allocate, LetGo, NotAllocated, PieceAllocatedAlready
from app.planning.views_plan import plan_of
from app.projects.models import Project, Release
from app.projects.models_allocation import PlanAllocation
from app.projects.rules import LineState, PlanEnd
from app.projects.service import (
    CancelLine,
    EditLine,
    EditRelease,
    PiecePromised,
    PlanRelease,
    cancel_line,
    edit_line,
    edit_release,
    plan_release,
)
from tests.factories import some_items
from tests.people import Organised, organised
from tests.projects.rows import a_line, a_project

ActorOf = Callable[..., Actor]
TODAY = date(2026, 3, 2)
SOON, LATER = date(2026, 4, 1), date(2026, 6, 1)
S = FulfilmentSource


def free_pieces(session: Session, org: Organised, count: int, **changes: Any) -> list[Item]:
    fields = {"state": ItemState.AVAILABLE, "place_id": org.storage_id, **changes}
    return some_items(session, org, count, **fields)


def releases(
    session: Session, actor: Actor, org: Organised, count: int, **changes: Any
) -> tuple[Project, list[Release]]:
    """Pieces in use that another project will release."""
    project = a_project(session, actor, org, name="Bygg B")
    ids = [each.id for each in some_items(session, org, count)]
    plan = {"project_id": project.id, "item_ids": ids, "free_from": SOON, **changes}
    return project, plan_release(session, actor, [PlanRelease.model_validate(plan)])


def ends(session: Session) -> list[PlanEnd | None]:
    return list(session.scalars(select(PlanAllocation.ended_for)))


def test_free_pieces_are_set_aside_and_nobody_elses_until_they_are_let_go(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    line = a_line(session, actor(), a_project(session, actor(), org), quantity=2)
    items = free_pieces(session, org, 3)
    with pytest.raises(Invalid) as refused:
        service.allocate(
            session, actor(),
            [Allocate(programme_line_id=line.id, item_id=items[0].id, quantity=3)],
        )  # fmt: skip
    assert list(refused.value.by_field) == ["quantity"]
    made = service.allocate(
        session, actor(), [Allocate(programme_line_id=line.id, item_id=items[0].id, quantity=2)]
    )
    taken = made[0].item_id
    with pytest.raises(PieceSetAside):
        offer(session, actor(), [Offer(item_ids=[taken])])
    with pytest.raises(PiecePromised):
        plan_release(
            session, actor(),
            [PlanRelease(project_id=line.project_id, item_ids=[taken], free_from=TODAY)],
        )  # fmt: skip
    other = a_line(session, actor(), a_project(session, actor(), org, name="C"), quantity=5)
    again = Allocate(programme_line_id=other.id, item_id=taken)
    with pytest.raises(Invalid) as twice:
        service.allocate(session, actor(), [again])
    assert list(twice.value.by_field) == ["item_id"]
    service.let_go(session, actor(), [LetGo(programme_line_id=line.id, item_ids=[taken])])
    service.allocate(session, actor(), [again])
    with pytest.raises(NotAllocated):
        service.let_go(session, actor(), [LetGo(programme_line_id=line.id, item_ids=[taken])])


def test_only_who_may_edit_both_projects_and_pieces_sets_aside_and_only_ones_own(
    session: Session, org: Organised, foreign_org: Organised, actor: ActorOf
) -> None:
    line = a_line(session, actor(), a_project(session, actor(), org))
    (item,) = free_pieces(session, org, 1)
    (foreign,) = free_pieces(session, foreign_org, 1)
    with pytest.raises(Forbidden):
        service.allocate(
            session, actor(Role.EMPLOYEE), [Allocate(programme_line_id=line.id, item_id=item.id)]
        )
    with pytest.raises(Invalid):
        service.allocate(
            session, actor(), [Allocate(programme_line_id=line.id, item_id=foreign.id)]
        )
    with pytest.raises(NotFound):
        service.allocate(
            session,
            actor(where=foreign_org),
            [Allocate(programme_line_id=line.id, item_id=foreign.id)],
        )


def test_a_release_that_is_moved_too_late_ends_what_counted_on_it_and_tells_who_planned(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    line = a_line(session, actor(), a_project(session, actor(), org), wanted_date=LATER)
    _, (first, second) = releases(session, actor(), org, 2)
    planner = actor(Role.PROJECT_MANAGER)
    service.allocate(
        session, planner, [Allocate(programme_line_id=line.id, item_id=first.item_id, quantity=2)]
    )
    session.refresh(first)
    assert first.state.value == "allocated"
    day = date(2026, 5, 1)
    manager = actor(Role.FURNITURE_MANAGER)
    edit_release(
        session, manager, [EditRelease(release_id=first.id, version=first.version, free_from=day)]
    )
    assert ends(session) == [None, None]
    session.refresh(first)
    late = date(2026, 7, 1)
    edit_release(
        session, manager, [EditRelease(release_id=first.id, version=first.version, free_from=late)]
    )
    session.refresh(second)
    edit_release(
        session,
        manager,
        [EditRelease(release_id=second.id, version=second.version, fate=Fate.RECYCLE)],
    )
    assert set(ends(session)) == {PlanEnd.TOO_LATE, PlanEnd.TAKEN_OFF}
    session.refresh(first)
    assert first.state.value == "planned"
    told = session.scalars(select(Notice).where(Notice.kind == "plan_ended")).all()
    assert {each.person_id for each in told} == {planner.person_id}


def test_what_is_delivered_to_its_line_meets_it_and_what_the_line_loses_is_free(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project = a_project(session, actor(), org, place_id=org.room_id)
    line, dropped = (a_line(session, actor(), project, quantity=1) for _ in range(2))
    one, other = free_pieces(session, org, 2)
    service.allocate(session, actor(), [Allocate(programme_line_id=line.id, item_id=one.id)])
    service.allocate(session, actor(), [Allocate(programme_line_id=dropped.id, item_id=other.id)])
    trip = HandOver(
        item_ids=[one.id], to_unit_id=org.other_unit_id, to_place_id=org.room_id,
        programme_line_id=line.id, handed_over_on=TODAY,
    )  # fmt: skip
    (handover,) = hand_over(session, actor(), [trip])
    query = select(HandoverLine.id).where(HandoverLine.handover_id == handover.id)
    receive(session, actor(), [Receive(handover_line_ids=list(session.scalars(query)))])
    cancel_line(session, actor(), [CancelLine(programme_line_id=dropped.id)])
    session.refresh(line)
    assert line.state is LineState.FULFILLED
    assert set(ends(session)) == {PlanEnd.DELIVERED, PlanEnd.LINE_ENDED}


def test_a_pick_up_for_the_line_is_undone_and_the_piece_stands_aside_still(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    line = a_line(session, actor(), a_project(session, actor(), org))
    (item,) = free_pieces(session, org, 1)
    service.allocate(session, actor(), [Allocate(programme_line_id=line.id, item_id=item.id)])
    trip = HandOver(
        item_ids=[item.id], to_unit_id=org.other_unit_id, to_place_id=org.room_id,
        programme_line_id=line.id, handed_over_on=TODAY,
    )  # fmt: skip
    (handover,) = hand_over(session, actor(), [trip])
    query = select(HandoverLine.id).where(HandoverLine.handover_id == handover.id)
    undo(session, actor(), [Undo(handover_line_ids=list(session.scalars(query)))])
    session.refresh(item)
    assert (item.state, item.place_id) == (ItemState.AVAILABLE, org.storage_id)
    assert ends(session) == [None]


def test_the_plan_shows_shares_and_figures_at_once_and_all_new_saves_nothing(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project = a_project(session, actor(), org)
    line = a_line(session, actor(), project, quantity=10)
    item = free_pieces(session, org, 3)[0]
    releases(session, actor(), org, 2)
    service.allocate(
        session, actor(), [Allocate(programme_line_id=line.id, item_id=item.id, quantity=2)]
    )
    plan = plan_of(session, actor(), project, TODAY)
    ways = {each.key: each for each in plan.alternatives}
    assert (ways[NOW].open, ways[NOW].counts[S.INTERNAL_REUSE]) == (8, 2)
    assert ways[ALL_WE_HAVE].counts[S.INTERNAL_REUSE] == 5
    assert ways[ALL_WE_HAVE].counts[S.NEW] == 5
    share = ways[ALL_WE_HAVE].share
    assert share is not None
    assert share.without_bought_used * 2 == 1
    new = ways[ALL_NEW]
    assert (new.counts[S.NEW], new.figures.gross.co2e_g.value) == (10, 0)
    assert new.figures.cost_ore > ways[ALL_WE_HAVE].figures.cost_ore > 0
    two, five = (ways[key].figures.gross.co2e_g for key in (NOW, ALL_WE_HAVE))
    assert two.low < two.value < two.high
    assert five.value * 2 == two.value * 5


def test_two_at_once_never_set_one_piece_aside_twice(
    new_database: Callable[[], Database],
) -> None:
    database = new_database()
    with database.write() as session:
        org = organised(session, database.clock)
    with database.write() as session:
        manager = actor_of(session, org.org_id, org.person_ids[Role.FURNITURE_MANAGER])
        assert manager is not None
        lines = [
            a_line(session, manager, a_project(session, manager, org, name=each), quantity=1).id
            for each in "AB"
        ]
        item_id = free_pieces(session, org, 1)[0].id
    barrier, outcomes = threading.Barrier(2), []

    def take(line_id: UUID) -> None:
        barrier.wait()
        try:
            with database.write() as session:
                service.allocate(
                    session, manager, [Allocate(programme_line_id=line_id, item_id=item_id)]
                )
            outcomes.append("done")
        except (PieceAllocatedAlready, Invalid):
            outcomes.append("refused")

    threads = [threading.Thread(target=take, args=(each,)) for each in lines]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(outcomes) == ["done", "refused"]
    with database.read() as session:
        assert len(session.scalars(select(PlanAllocation)).all()) == 1


def test_what_moves_along_counts_in_the_share_and_saves_nothing_and_only_its_own_project_gets_it(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project, (release, _) = releases(session, actor(), org, 2, fate=Fate.MOVE_ALONG)
    line = a_line(session, actor(), project, quantity=2)
    other = a_line(session, actor(), a_project(session, actor(), org, name="C"))
    with pytest.raises(Invalid):
        service.allocate(
            session, actor(), [Allocate(programme_line_id=other.id, item_id=release.item_id)]
        )
    service.allocate(
        session, actor(), [Allocate(programme_line_id=line.id, item_id=release.item_id)]
    )
    plan = plan_of(session, actor(), project, TODAY)
    for way in plan.alternatives[:2]:
        assert way.share is not None
        assert way.share.without_bought_used == 1
        assert (way.figures.gross.co2e_g.value, way.figures.gross.saved_ore.value) == (0, 0)
    assert plan.alternatives[1].counts[S.INTERNAL_REUSE] == 2


def test_what_is_set_aside_goes_to_its_line_unasked_and_to_no_other(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project = a_project(session, actor(), org, place_id=org.room_id)
    line, other = (a_line(session, actor(), project, quantity=1) for _ in range(2))
    sent, used = free_pieces(session, org, 2)
    for row, item in ((line, sent), (other, used)):
        service.allocate(session, actor(), [Allocate(programme_line_id=row.id, item_id=item.id)])
    trip = HandOver(
        item_ids=[sent.id], to_unit_id=org.other_unit_id, to_place_id=org.room_id,
        handed_over_on=TODAY,
    )  # fmt: skip
    with pytest.raises(PiecePlannedFor):
        hand_over(session, actor(), [trip.model_copy(update={"programme_line_id": other.id})])
    with pytest.raises(PiecePlannedFor):
        propose(
            session,
            actor(),
            Propose(fate=Disposed.RECYCLE, item_ids=[sent.id], reason=Reason.WORN_OUT),
        )
    (handover,) = hand_over(session, actor(), [trip])
    (gone,) = session.scalars(
        select(HandoverLine).where(HandoverLine.handover_id == handover.id)
    ).all()
    assert (gone.programme_line_id, gone.need_recorded_before) == (line.id, True)
    assert handover.project_id == project.id
    take_into_use(session, actor(), [OfItem(item_id=used.id)])
    assert set(ends(session)) == {None, PlanEnd.TAKEN}


def test_another_day_in_time_is_shown_and_told_and_what_moves_along_elsewhere_is_let_go(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    line = a_line(session, actor(), a_project(session, actor(), org), wanted_date=LATER)
    _, (first, second) = releases(session, actor(), org, 2)
    planner = actor(Role.PROJECT_MANAGER)
    service.allocate(
        session, planner, [Allocate(programme_line_id=line.id, item_id=first.item_id, quantity=2)]
    )
    day, manager = date(2026, 5, 1), actor(Role.FURNITURE_MANAGER)
    session.refresh(first)
    edit_release(
        session, manager, [EditRelease(release_id=first.id, version=first.version, free_from=day)]
    )
    shown = session.execute(allocated_pieces(manager, [line.id])).all()
    assert {each.free_from for each in shown} == {SOON, day}
    told = session.scalars(select(Notice).where(Notice.kind == "plan_moved")).all()
    assert [each.person_id for each in told] == [planner.person_id]
    session.refresh(second)
    along = EditRelease(release_id=second.id, version=second.version, fate=Fate.MOVE_ALONG)
    edit_release(session, manager, [along])
    assert set(ends(session)) == {None, PlanEnd.TAKEN_OFF}


def test_no_day_that_has_passed_is_asked_for_and_one_pile_serves_several_lines_at_once(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project = a_project(session, actor(), org)
    gone = date(2026, 2, 1)
    with pytest.raises(Invalid) as refused:
        a_line(session, actor(), project, wanted_date=gone)
    assert list(refused.value.by_field) == ["wanted_date"]
    lines = [a_line(session, actor(), project, quantity=1) for _ in range(2)]
    edit = EditLine(programme_line_id=lines[0].id, version=lines[0].version, wanted_date=gone)
    with pytest.raises(Invalid):
        edit_line(session, actor(), [edit])
    _, (row, _) = releases(session, actor(), org, 2)
    with pytest.raises(Invalid):
        edit_release(
            session, actor(), [EditRelease(release_id=row.id, version=row.version, gone_by=gone)]
        )
    made = service.allocate(
        session,
        actor(),
        [Allocate(programme_line_id=each.id, item_id=row.item_id) for each in reversed(lines)],
    )
    assert len({each.item_id for each in made}) == 2
