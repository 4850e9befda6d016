"""A piece that leaves is gone from the project that released it, until its leaving is undone."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.handovers.models import HandoverLine
from app.handovers.service import HandOver, Receive, Undo, hand_over, receive, undo
from app.items import service_lifecycle as lifecycle
from app.items.models import Item
from app.items.queries_history import history_of
from app.items.rules import ItemState, ItemVerb
from app.kit.clock import MovedClock
from app.kit.events import EventRow
from app.kit.states import advance
from app.projects import service as projects
from app.projects.models import Project, Release
from app.projects.rules import ReleaseState, ReleaseVerb
from tests.databases import RolledBackDatabase
from tests.factories import some_items
from tests.handovers.orders import ON
from tests.people import ActorOf, Organised, SignedInAs
from tests.projects.rows import a_project

LATER = date(2026, 4, 1)
S = ReleaseState


@pytest.fixture
def project(database: RolledBackDatabase, org: Organised, actor: ActorOf) -> Project:
    with database.write() as session:
        return a_project(session, actor(), org)


@pytest.fixture
def pieces(
    database: RolledBackDatabase, org: Organised, actor: ActorOf, project: Project
) -> list[UUID]:
    """Three pieces on the project, from a day that is not yet here."""
    with database.write() as session:
        ids = [each.id for each in some_items(session, org, 3)]
    put_on(database, actor, project, ids)
    return ids


def put_on(
    database: RolledBackDatabase, actor: ActorOf, project: Project, ids: Sequence[UUID]
) -> None:
    with database.write() as session:
        plan = projects.PlanRelease(project_id=project.id, item_ids=list(ids), free_from=LATER)
        projects.plan_release(session, actor(), [plan])


def states(database: RolledBackDatabase, ids: Sequence[UUID]) -> list[list[ReleaseState]]:
    """The states of each piece's releases, the oldest first."""
    query = select(Release.item_id, Release.state).order_by(Release.created_at)
    with database.read() as session:
        rows = session.execute(query.where(Release.item_id.in_(ids))).all()
    return [[row.state for row in rows if row.item_id == each] for each in ids]


class Trips:
    """Handovers and their undoing, each a minute after the last."""

    def __init__(self, database: RolledBackDatabase, actor: ActorOf, clock: MovedClock) -> None:
        self._database, self._actor, self._clock = database, actor, clock

    def fetched(self, org: Organised, ids: Sequence[UUID]) -> list[UUID]:
        """The lines of a handover of the pieces to the second unit's room."""
        self._clock.move(timedelta(minutes=1))
        command = HandOver(
            item_ids=list(ids),
            handed_over_on=ON,
            to_unit_id=org.other_unit_id,
            to_place_id=org.storage_id,
        )
        with self._database.write() as session:
            (made,) = hand_over(session, self._actor(), [command])
            return [each.id for each in made_lines(session, made.id)]

    def received(self, lines: list[UUID]) -> None:
        self._clock.move(timedelta(minutes=1))
        with self._database.write() as session:
            receive(session, self._actor(), [Receive(handover_line_ids=lines)])

    def undone(self, lines: list[UUID]) -> None:
        self._clock.move(timedelta(minutes=1))
        with self._database.write() as session:
            undo(session, self._actor(), [Undo(handover_line_ids=lines)])


def made_lines(session: Session, handover_id: UUID) -> Sequence[Any]:
    lines = HandoverLine.handover_id == handover_id
    return session.scalars(select(HandoverLine).where(lines)).all()


@pytest.fixture
def trips(database: RolledBackDatabase, actor: ActorOf, clock: MovedClock) -> Trips:
    return Trips(database, actor, clock)


def test_pieces_that_are_fetched_are_gone_and_an_undone_handover_brings_them_back(
    database: RolledBackDatabase,
    org: Organised,
    actor: ActorOf,
    pieces: list[UUID],
    trips: Trips,
) -> None:
    with database.write() as session:
        free = session.scalars(select(Release).where(Release.item_id == pieces[1])).one()
        advance(session, [free], ReleaseVerb.FREE)
    lines = trips.fetched(org, pieces[:2])
    assert states(database, pieces) == [[S.GONE], [S.GONE], [S.PLANNED]]
    trips.received(lines)
    assert states(database, pieces) == [[S.GONE], [S.GONE], [S.PLANNED]]
    trips.undone(lines)
    assert states(database, pieces) == [[S.PLANNED], [S.FREE], [S.PLANNED]]
    with database.read() as session:
        said = [each.what for each in history_of(session, actor(), pieces[0])]
    assert "Har forlatt prosjektet" in said
    assert "Tilbake på prosjektet" in said


def test_the_handover_that_is_undone_must_be_the_one_it_left_with(
    database: RolledBackDatabase, org: Organised, pieces: list[UUID], trips: Trips
) -> None:
    first = trips.fetched(org, pieces[:1])
    trips.received(first)
    second = trips.fetched(org, pieces[:1])
    trips.undone(second)
    assert states(database, pieces[:1]) == [[S.GONE]], "it left with the first"
    trips.undone(first)
    assert states(database, pieces[:1]) == [[S.PLANNED]]


def test_a_piece_that_is_on_a_project_again_stays_there_when_its_leaving_is_undone(
    database: RolledBackDatabase,
    org: Organised,
    actor: ActorOf,
    project: Project,
    pieces: list[UUID],
    trips: Trips,
    clock: MovedClock,
) -> None:
    lines = trips.fetched(org, pieces)
    trips.received(lines)
    clock.move(timedelta(minutes=1))
    put_on(database, actor, project, pieces[:1])
    trips.undone(lines)
    assert states(database, pieces) == [[S.GONE, S.PLANNED], [S.PLANNED], [S.PLANNED]]


def test_what_is_allocated_sold_disposed_of_or_taken_apart_is_gone_too(
    database: RolledBackDatabase, actor: ActorOf, pieces: list[UUID]
) -> None:
    with database.write() as session:
        allocated = session.scalars(select(Release).where(Release.item_id == pieces[0])).one()
        advance(session, [allocated], ReleaseVerb.ALLOCATE)
        items = {each.id: each for each in session.scalars(select(Item))}
        lifecycle.leave(session, actor(), [items[pieces[0]]], ItemVerb.RECYCLE)
        lifecycle.dismantle(session, actor(), [items[pieces[1]]])
        items[pieces[2]].state = ItemState.IN_TRANSIT
        lifecycle.leave(session, actor(), [items[pieces[2]]], ItemVerb.SELL)
    assert states(database, pieces) == [[S.GONE], [S.GONE], [S.GONE]]


def test_a_piece_on_no_project_leaves_without_a_word_of_one(
    database: RolledBackDatabase, org: Organised, trips: Trips
) -> None:
    with database.write() as session:
        ids = [each.id for each in some_items(session, org, 1)]
    trips.undone(trips.fetched(org, ids))
    with database.read() as session:
        kinds = set(session.scalars(select(EventRow.kind).where(EventRow.subject_id.in_(ids))))
    assert not {each for each in kinds if each.startswith("item-release")}


def test_the_project_s_page_counts_what_has_left_beside_what_it_still_releases(
    signed_in_as: SignedInAs,
    org: Organised,
    project: Project,
    pieces: list[UUID],
    trips: Trips,
) -> None:
    web = signed_in_as()

    def shown() -> str:
        return web.get(f"/prosjekter/{project.id}").text

    assert "har forlatt prosjektet" not in shown()
    lines = trips.fetched(org, pieces[:2])
    assert "1 møbel blir ledig med prosjektet" in shown()
    assert "2 møbler har forlatt prosjektet." in shown()
    rest = trips.fetched(org, pieces[2:])
    assert "3 møbler har forlatt prosjektet." in shown()
    assert "Ingen ennå" not in shown()
    trips.undone([*lines, *rest])
    assert "3 møbler blir ledige med prosjektet" in shown()
