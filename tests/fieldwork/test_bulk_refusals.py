"""A list with many pieces that are refused holds others up no longer than one with a few."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, select, update

from app.accounts.models import Membership, RoleGrant
from app.accounts.rules import Role
from app.fieldwork.service_bulk import in_one
from app.items.models import Code, Item
from app.items.rules import Condition, ItemState
from app.items.service import ItemNotThere
from app.projects.models import Project
from app.projects.rules import ProjectState
from tests.databases import RolledBackDatabase
from tests.factories import some_items
from tests.people import ActorOf, Organised, SignedInAs
from tests.projects.rows import a_project

VERBS = ("condition", "project", "offer")


@pytest.fixture
def web(signed_in_as: SignedInAs) -> TestClient:
    return signed_in_as()


@pytest.fixture
def more(database: RolledBackDatabase, org: Organised, actor: ActorOf) -> dict[str, Any]:
    """What each verb asks for beside the pieces."""
    with database.write() as session:
        project_id = str(a_project(session, actor(), org).id)
    return {
        "condition": {"condition": "C"},
        "project": {"project_id": project_id, "free_from": "2026-04-01"},
        "offer": {},
    }


def some_codes(
    database: RolledBackDatabase, org: Organised, quantity: int, **changes: Any
) -> dict[str, UUID]:
    """Like pieces by their codes."""
    with database.write() as session:
        made = some_items(session, org, quantity, condition=Condition.B, **changes)
        session.flush()
        of_them = select(Code.code, Code.item_id).where(Code.item_id.in_([e.id for e in made]))
        return {row.code: row.item_id for row in session.execute(of_them) if row.item_id}


def mixed(database: RolledBackDatabase, org: Organised, refused: int) -> list[str]:
    """Four pieces that are here among many that have left."""
    left = list(some_codes(database, org, refused, state=ItemState.DISPOSED))
    for at, code in enumerate(some_codes(database, org, 4)):
        left.insert(at * refused // 4, code)
    return left


@contextmanager
def counted(database: RolledBackDatabase) -> Iterator[list[str]]:
    found: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        found.append(statement)

    event.listen(database._connection, "before_cursor_execute", note)
    yield found
    event.remove(database._connection, "before_cursor_execute", note)


def lines_of(answer: Any) -> dict[str, str | None]:
    assert answer.status_code == 200, answer.text
    return {line["text"]: line["reason"] for line in answer.json()["lines"]}


@pytest.mark.parametrize("verb", VERBS)
def test_many_refusals_cost_no_more_statements_than_few(
    web: TestClient, database: RolledBackDatabase, org: Organised, more: Any, verb: str
) -> None:
    sent = []
    for refused in (4, 80):
        codes = mixed(database, org, refused)
        with counted(database) as statements:
            lines = lines_of(web.post(f"/api/v1/bulk/{verb}", json={"codes": codes, **more[verb]}))
        assert [reason is None for reason in lines.values()].count(True) == 4
        sent.append(statements)
    few, many = map(len, sent)
    assert many <= few + 4, [each[:120] for each in sent[1]]


@pytest.mark.parametrize("verb", VERBS)
def test_taking_back_costs_no_more_statements_for_many_that_stay(
    web: TestClient, database: RolledBackDatabase, org: Organised, more: Any, verb: str
) -> None:
    """A condition stays where the piece has left, and a closed project keeps all."""
    sent = []
    for staying in (4, 80):
        pieces = some_codes(database, org, staying + 4)
        done = web.post(f"/api/v1/bulk/{verb}", json={"codes": list(pieces), **more[verb]})
        assert set(lines_of(done).values()) == {None}
        with database.write() as session:
            gone = list(pieces.values())[2:-2]
            state = update(Item).where(Item.id.in_(gone)).values(state=ItemState.DISPOSED)
            session.execute(state)
            session.execute(update(Project).values(state=ProjectState.CLOSED))
        with counted(database) as statements:
            lines = lines_of(web.post(f"/api/v1/bulk-actions/{done.json()['id']}/undo"))
        stayed = sum(reason is not None for reason in lines.values())
        assert stayed == {"condition": staying, "project": staying + 4, "offer": 0}[verb]
        sent.append(statements)
        with database.write() as session:
            session.execute(update(Project).values(state=ProjectState.PLANNED))
    few, many = map(len, sent)
    assert many <= few + 4, [each[:120] for each in sent[1]]


def limit(database: RolledBackDatabase, org: Organised, unit_id: UUID | None) -> None:
    """The furniture manager holds the role in this unit only, or everywhere."""
    person = org.person_ids[Role.FURNITURE_MANAGER]
    of_person = select(Membership.id).where(Membership.person_id == person)
    with database.write() as session:
        session.execute(
            update(RoleGrant).where(RoleGrant.membership_id.in_(of_person)).values(unit_id=unit_id)
        )


@pytest.mark.parametrize("verb", VERBS)
def test_pieces_of_a_unit_where_the_person_may_not_say_so_and_the_others_are_done(
    web: TestClient, database: RolledBackDatabase, org: Organised, more: Any, verb: str
) -> None:
    ours = some_codes(database, org, 2)
    theirs = some_codes(database, org, 2, owner_unit_id=org.other_unit_id)
    sent = {"codes": [*theirs, *ours], **more[verb]}
    forbidden = "Du har ikke tilgang til å gjøre dette."

    limit(database, org, org.unit_id)
    some = web.post(f"/api/v1/bulk/{verb}", json=sent)
    assert lines_of(some) == {**dict.fromkeys(theirs, forbidden), **dict.fromkeys(ours)}
    lines_of(web.post(f"/api/v1/bulk-actions/{some.json()['id']}/undo"))

    limit(database, org, None)
    every = web.post(f"/api/v1/bulk/{verb}", json=sent)
    assert set(lines_of(every).values()) == {None}
    limit(database, org, org.unit_id)
    back = lines_of(web.post(f"/api/v1/bulk-actions/{every.json()['id']}/undo"))
    # A project is one unit's, whoever owns its pieces.
    assert back == {
        **dict.fromkeys(theirs, None if verb == "project" else forbidden),
        **dict.fromkeys(ours),
    }


def test_a_verb_that_refuses_what_was_not_foreseen_does_nothing_and_says_why(
    database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> None:
    """Then all stay as they are: half of a list is never done and called refused."""
    pieces = some_codes(database, org, 3)
    with database.write() as session:

        def act(ids: list[UUID]) -> None:
            session.execute(update(Item).where(Item.id.in_(ids)).values(condition=Condition.D))
            raise ItemNotThere

        said = in_one(session, list(pieces.values()), act)
        assert said == dict.fromkeys(pieces.values(), ItemNotThere.title)
        conditions = select(Item.condition).where(Item.id.in_(pieces.values()))
        assert set(session.scalars(conditions)) == {Condition.B}
