"""A purchase is decided from the letter by who leads the unit, once nothing else is left."""

import re
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.accounts.rules import Role
from app.kit.files import Files
from app.kit.jobs import Queue
from app.needs.models import LadderStep, Need
from app.needs.rules import Outcome, Step
from tests.databases import RolledBackDatabase
from tests.needs.test_ladder import a_need, left, line_of
from tests.notices.post import Sink, a_server, sending
from tests.notices.test_answers import answered, opened, tokens
from tests.people import Organised, SignedInAs

ActorOf = Callable[..., Actor]


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture(autouse=True)
def queue(database: RolledBackDatabase, files: Files, sink: Sink) -> Iterator[Queue]:
    with a_server(sink) as mail:
        yield sending(database, files, mail)


def to_decide(database: RolledBackDatabase, org: Organised, actor: ActorOf) -> UUID:
    """A need for which only a purchase is left, walked there by who needs it."""
    nurse = actor(Role.EMPLOYEE)
    with database.write() as session:
        need = a_need(session, nurse, org)
        steps = (Step.OWN_UNIT, Step.ORGANISATION, Step.REPAIR_OR_REDESIGN, Step.BUY_USED)
        left(session, nurse, line_of(session, nurse, need), *steps)
        return need.id


def ladder(database: RolledBackDatabase) -> LadderStep:
    with database.read() as session:
        query = select(LadderStep).order_by(LadderStep.number.desc())
        return session.scalars(query).first()  # type: ignore[return-value]


def test_a_purchase_is_decided_from_the_letter_by_who_leads_the_unit(
    client: TestClient,
    database: RolledBackDatabase,
    org: Organised,
    sink: Sink,
    actor: ActorOf,
) -> None:
    to_decide(database, org, actor)
    [token] = tokens(sink)
    page = opened(client, token)
    assert "5 × " in page.text
    assert re.search(r"Anslått til [\d\xa0\s]+\skr som nytt", page.text)
    empty = answered(client, token)
    assert empty.status_code == 422
    assert "Skriv hva som skal kjøpes" in empty.text
    assert answered(client, token, text="5 stoler hos Møbelringen").status_code == 303
    last = ladder(database)
    assert (last.step, last.outcome, last.quantity) == (Step.NEW, Outcome.TAKEN, 5)
    assert last.person_id == org.person_ids[Role.APPROVER]


def test_no_to_a_purchase_takes_a_reason(
    client: TestClient,
    database: RolledBackDatabase,
    org: Organised,
    sink: Sink,
    actor: ActorOf,
) -> None:
    to_decide(database, org, actor)
    [token] = tokens(sink)
    assert answered(client, token, is_yes=False).status_code == 422
    assert answered(client, token, is_yes=False, reason="price").status_code == 303
    assert ladder(database).outcome is Outcome.REFUSED


def test_a_leader_without_the_approvers_role_sees_the_units_needs_and_is_asked(
    signed_in_as: SignedInAs,
    database: RolledBackDatabase,
    org: Organised,
    sink: Sink,
    actor: ActorOf,
) -> None:
    with database.write() as session:
        unit = Unit.id == org.unit_id
        leader = org.person_ids[Role.SURVEYOR]
        session.execute(update(Unit).where(unit).values(leader_id=leader))
    need_id = to_decide(database, org, actor)
    surveyor = signed_in_as(Role.SURVEYOR)
    assert surveyor.get(f"/behov/{need_id}").status_code == 200
    [token] = tokens(sink)
    assert answered(surveyor, token, text="5 stoler").status_code == 303
    with database.read() as session:
        assert session.get_one(Need, need_id).state.value == "in_progress"
    assert ladder(database).person_id == leader
