"""Pieces that a project releases: put on it, planned otherwise, freed by the day, taken off."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, actor_of
from app.accounts.rules import Role
from app.items import service as items
from app.items.filters import InventoryFilter
from app.items.models import Item
from app.items.queries_history import history_of
from app.items.queries_list import Sorting, ids_in
from app.items.rules import Fate, ItemState
from app.items.service_lifecycle import ItemNotThere
from app.kit.clock import MovedClock
from app.kit.db import Database
from app.kit.errors import Forbidden, Invalid, NotFound, Stale
from app.kit.files import Files
from app.kit.jobs import Parts
from app.kit.mail import Mail
from app.kit.states import advance
from app.main import make_templates
from app.projects import service
from app.projects.jobs import free_releases
from app.projects.models import Release
from app.projects.queries import held_together
from app.projects.queries_release import BY_PROJECT, released_by_category
from app.projects.rules import (
    RELEASE_MACHINE,
    ProjectState,
    ReleaseState,
    ReleaseVerb,
)
from app.projects.service import (
    CancelRelease,
    EditRelease,
    PieceNotOnProject,
    PieceOnProjectAlready,
    PlanRelease,
)
from tests.databases import RolledBackDatabase
from tests.factories import an_item, some_items
from tests.people import Organised, organised
from tests.projects.rows import a_project
from tests.projects.test_service import kinds

ActorOf = Callable[..., Actor]
TODAY = date(2026, 3, 2)
LATER = date(2026, 4, 1)
S, V = ReleaseState, ReleaseVerb


def planned(session: Session, actor: Actor, project_id: UUID, *ids: UUID) -> list[Release]:
    return service.plan_release(
        session,
        actor,
        [PlanRelease(project_id=project_id, item_ids=list(ids), free_from=LATER)],
    )


def test_the_states_are_those_of_the_design() -> None:
    table = {
        (state, verb): target
        for state, verbs in RELEASE_MACHINE.items()
        for verb, target in verbs.items()
    }
    assert table == {
        (S.PLANNED, V.FREE): S.FREE,
        (S.PLANNED, V.ALLOCATE): S.ALLOCATED,
        (S.PLANNED, V.LEAVE): S.GONE,
        (S.PLANNED, V.CANCEL): S.CANCELLED,
        (S.FREE, V.ALLOCATE): S.ALLOCATED,
        (S.FREE, V.LEAVE): S.GONE,
        (S.FREE, V.CANCEL): S.CANCELLED,
        (S.ALLOCATED, V.GIVE_BACK): "state_before",
        (S.ALLOCATED, V.LEAVE): S.GONE,
        (S.ALLOCATED, V.CANCEL): S.CANCELLED,
        (S.GONE, V.RETURN): "state_before",
    }


@pytest.mark.parametrize("before", [S.PLANNED, S.FREE])
def test_what_was_allocated_and_is_given_back_is_what_it_was(
    session: Session, org: Organised, actor: ActorOf, before: ReleaseState
) -> None:
    project = a_project(session, actor(), org)
    (row,) = planned(session, actor(), project.id, an_item(session, org).id)
    if before is S.FREE:
        advance(session, [row], V.FREE)
    advance(session, [row], V.ALLOCATE)
    assert (row.state, row.state_before) == (S.ALLOCATED, before)
    advance(session, [row], V.GIVE_BACK)
    assert row.state is before


def test_pieces_are_put_on_a_project_and_their_history_says_so(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project = a_project(session, actor(), org)
    pieces = some_items(session, org, 3)
    command = PlanRelease(
        project_id=project.id,
        item_ids=[each.id for each in pieces],
        fate=Fate.SELL,
        free_from=LATER,
        gone_by=LATER + timedelta(days=20),
    )
    made = service.plan_release(session, actor(), [command])
    assert [each.item_id for each in made] == [each.id for each in pieces]
    assert {each.state for each in made} == {S.PLANNED}
    assert "item-release-planned" in kinds(session, pieces[0].id)
    newest = next(
        each
        for each in history_of(session, actor(), pieces[0].id)
        if each.kind == "item-release-planned"
    )
    shown = {each.field: (each.before, each.after) for each in newest.changes}
    assert shown["project"] == ("—", "Lensmannslia")
    assert shown["fate"] == ("—", "Salg")
    (counted,) = released_by_category(session, actor(), project.id)
    assert (counted.pieces, counted.free) == (3, 0)


@pytest.mark.parametrize(
    ("from_date", "wanted", "state"),
    [
        (LATER, LATER, S.PLANNED),
        (TODAY - timedelta(days=30), TODAY, S.FREE),
        (TODAY, TODAY, S.FREE),
    ],
)
def test_without_a_date_pieces_come_free_as_the_project_begins(
    session: Session,
    org: Organised,
    actor: ActorOf,
    from_date: date,
    wanted: date,
    state: ReleaseState,
) -> None:
    project = a_project(session, actor(), org, from_date=from_date)
    command = PlanRelease(project_id=project.id, item_ids=[an_item(session, org).id])
    (row,) = service.plan_release(session, actor(), [command])
    assert (row.free_from, row.state, row.fate) == (wanted, state, Fate.OFFER)


@pytest.mark.parametrize(
    ("dates", "field"),
    [
        ({}, "free_from"),
        ({"free_from": TODAY - timedelta(days=1)}, "free_from"),
        ({"free_from": LATER, "gone_by": TODAY}, "gone_by"),
    ],
)
def test_a_date_that_is_missing_passed_or_turned_is_said_at_its_field(
    session: Session, org: Organised, actor: ActorOf, dates: dict[str, date], field: str
) -> None:
    project = a_project(session, actor(), org)
    item = an_item(session, org)
    command = PlanRelease.model_validate({"project_id": project.id, "item_ids": [item.id], **dates})
    with pytest.raises(Invalid) as refused:
        service.plan_release(session, actor(), [command])
    assert list(refused.value.by_field) == [field]
    assert session.scalars(select(Release)).all() == []


def test_a_piece_is_on_one_project_only_until_it_is_taken_off(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    first, second = (a_project(session, actor(), org, name=each) for each in "AB")
    one, two = some_items(session, org, 2)
    (row,) = planned(session, actor(), first.id, one.id)
    with pytest.raises(PieceOnProjectAlready):
        planned(session, actor(), second.id, two.id, one.id)
    with pytest.raises(PieceOnProjectAlready):
        planned(session, actor(), first.id, two.id, two.id)
    assert len(session.scalars(select(Release)).all()) == 1, "a set is done whole or not at all"
    (off,) = service.cancel_release(session, actor(), [CancelRelease(release_id=row.id)])
    assert off.state is S.CANCELLED
    with pytest.raises(PieceNotOnProject):
        service.cancel_release(session, actor(), [CancelRelease(release_id=row.id)])
    (again,) = planned(session, actor(), second.id, one.id)
    assert again.id != row.id
    assert kinds(session, one.id).count("item-release-planned") == 2
    assert kinds(session, one.id).count("item-release-cancelled") == 1


def test_the_index_holds_where_the_verb_is_passed_by(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project = a_project(session, actor(), org)
    item = an_item(session, org)
    planned(session, actor(), project.id, item.id)
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(
            text(
                "INSERT INTO release (id, org_id, project_id, item_id, state, fate, free_from,"
                " created_at, version) SELECT :id, org_id, project_id, item_id, 'free', fate,"
                " free_from, created_at, 1 FROM release"
            ),
            {"id": uuid4().hex},
        )


def test_who_may_not_and_what_is_not_there_is_refused(
    session: Session, org: Organised, foreign_org: Organised, actor: ActorOf
) -> None:
    project = a_project(session, actor(), org)
    closed = a_project(session, actor(), org, name="Ferdig")
    closed.state = ProjectState.CLOSED
    there, gone = an_item(session, org), an_item(session, org, state=ItemState.DISPOSED)
    foreign = an_item(session, foreign_org)
    others = a_project(session, actor(where=foreign_org), foreign_org)
    with pytest.raises(Forbidden):
        planned(session, actor(Role.SURVEYOR), project.id, there.id)
    with pytest.raises(service.ProjectClosed):
        planned(session, actor(), closed.id, there.id)
    with pytest.raises(ItemNotThere):
        planned(session, actor(), project.id, there.id, gone.id)
    with pytest.raises(NotFound):
        planned(session, actor(), project.id, foreign.id)
    with pytest.raises(NotFound):
        planned(session, actor(), others.id, there.id)
    assert session.scalars(select(Release)).all() == []
    assert planned(session, actor(Role.PROJECT_MANAGER), project.id, there.id)


def test_the_plan_is_changed_by_who_saw_it_as_it_is(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project = a_project(session, actor(), org)
    item = an_item(session, org)
    (row,) = planned(session, actor(), project.id, item.id)
    edit = EditRelease(release_id=row.id, version=1, fate=Fate.PARTS, gone_by=LATER)
    service.edit_release(session, actor(), [edit])
    session.flush()
    assert (row.fate, row.gone_by, row.version) == (Fate.PARTS, LATER, 2)
    with pytest.raises(Stale):
        service.edit_release(session, actor(), [edit])
    for wrong in ({"free_from": TODAY - timedelta(days=1)}, {"gone_by": TODAY}):
        with pytest.raises(Invalid):
            service.edit_release(
                session,
                actor(),
                [EditRelease.model_validate({"release_id": row.id, "version": 2, **wrong})],
            )
    service.edit_release(
        session, actor(), [EditRelease(release_id=row.id, version=2, free_from=TODAY)]
    )
    assert row.state is S.FREE, "the new day has come"
    session.flush()
    with pytest.raises(Invalid):
        service.edit_release(
            session, actor(), [EditRelease(release_id=row.id, version=row.version, free_from=LATER)]
        )
    assert kinds(session, item.id).count("item-release-edited") == 2


def test_pieces_are_free_on_their_day_and_only_once(
    database: RolledBackDatabase,
    org: Organised,
    actor: ActorOf,
    clock: MovedClock,
    files: Files,
) -> None:
    with database.write() as session:
        project = a_project(session, actor(), org)
        item = an_item(session, org)
        (row,) = planned(session, actor(), project.id, item.id)
    parts = Parts(database, files, Mail(), make_templates(), "https://testserver")
    free_releases(parts)
    assert _state(database, row.id) is S.PLANNED
    clock.at = clock.at.replace(month=3, day=31, hour=22, minute=30)  # 00:30 on 1 April in Norway
    for _ in range(2):
        free_releases(parts)
    assert _state(database, row.id) is S.FREE
    with database.read() as session:
        assert kinds(session, item.id).count("item-release-freed") == 1


def _state(database: Database, release_id: UUID) -> ReleaseState:
    with database.read() as session:
        return session.scalars(select(Release.state).where(Release.id == release_id)).one()


def test_a_mistaken_registration_is_on_no_project(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project = a_project(session, actor(), org)
    wrong, right = some_items(session, org, 2)
    (row,) = planned(session, actor(), project.id, wrong.id)
    items.merge(session, actor(), [items.Merge(item_id=wrong.id, into_id=right.id)])
    session.refresh(row)
    assert row.state is S.CANCELLED
    assert released_by_category(session, actor(), project.id) == []


def test_the_inventory_is_narrowed_to_what_a_project_releases(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project, other = (a_project(session, actor(), org, name=each) for each in "AB")
    on, off, elsewhere = some_items(session, org, 3)
    planned(session, actor(), project.id, on.id)
    planned(session, actor(), other.id, elsewhere.id)
    (gone,) = planned(session, actor(), project.id, off.id)
    service.cancel_release(session, actor(), [CancelRelease(release_id=gone.id)])
    wanted = InventoryFilter(project_id=project.id)
    found = ids_in(session, actor(), wanted, Sorting(), cursor=None, limit=10)
    assert found.rows == [on.id]


def test_phones_that_survey_for_one_project_do_not_wait_for_each_other(actor: ActorOf) -> None:
    query = held_together(actor(), uuid4()).compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
    assert str(query).endswith("FOR SHARE OF project"), "and it can not be closed meanwhile"


def test_the_filter_by_project_starts_at_the_project(org: Organised, actor: ActorOf) -> None:
    condition = BY_PROJECT.condition(actor(), uuid4())
    query = select(Item.id).where(Item.org_id == org.org_id, condition)
    inner = str(query).partition("IN (SELECT")[2]
    assert inner, "the releases are not asked for piece by piece"
    assert "item.id" not in inner
    assert "item.org_id" not in inner


def test_what_a_project_releases_is_counted_as_the_table_shows_it(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project = a_project(session, actor(), org)
    there, lost, sold, given = some_items(session, org, 4)
    planned(session, actor(), project.id, there.id, lost.id, sold.id, given.id)
    for piece, state in (
        (lost, ItemState.LOST),
        (sold, ItemState.SOLD),
        (given, ItemState.DONATED),
    ):
        piece.state = state
    session.flush()
    (counted,) = released_by_category(session, actor(), project.id)
    wanted = InventoryFilter(project_id=project.id, category_id=counted.category_id)
    found = ids_in(session, actor(), wanted, Sorting(), cursor=None, limit=10)
    assert set(found.rows) == {there.id, lost.id}
    assert counted.pieces == 2


def test_two_at_once_put_a_piece_on_one_project(
    new_database: Callable[[], Database],
) -> None:
    database = new_database()
    with database.write() as session:
        org = organised(session, database.clock)
    with database.write() as session:
        manager = actor_of(session, org.org_id, org.person_ids[Role.FURNITURE_MANAGER])
        assert manager is not None
        projects = [a_project(session, manager, org, name=each).id for each in "AB"]
        item_id = an_item(session, org).id
    barrier, outcomes = threading.Barrier(2), []

    def put(project_id: UUID) -> None:
        barrier.wait()
        try:
            with database.write() as session:
                planned(session, manager, project_id, item_id)
            outcomes.append("done")
        except PieceOnProjectAlready:
            outcomes.append("refused")

    threads = [threading.Thread(target=put, args=(each,)) for each in projects]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(outcomes) == ["done", "refused"]
    with database.read() as session:
        assert len(session.scalars(select(Release)).all()) == 1
