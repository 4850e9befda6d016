"""A leader answers from the letter: once, in turn, and never beside an answer in the program."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts.actor import Actor, actor_of
from app.accounts.models import Deputy, Person, Unit
from app.accounts.rules import Role
from app.kit.clock import MovedClock
from app.kit.db import Database
from app.kit.files import Files
from app.kit.jobs import Queue
from app.kit.mail import Mail
from app.marketplace import service as market
from app.marketplace.commands_approval import RefuseAsLeader
from app.marketplace.models import Request
from app.marketplace.models_approval import Approval
from app.notices.models import AnswerLink
from app.notices.service_answers import GOOD_FOR, Answer, answer
from tests.databases import RolledBackDatabase
from tests.handovers.test_races import at_once
from tests.marketplace.stalls import a_listing, a_request, states
from tests.marketplace.test_leaders import a_leader, a_rule, levels, top_unit, yes
from tests.notices.post import Sink, a_server, sending
from tests.notices.test_answers import answered, of, opened, tokens
from tests.people import Organised, a_member, organised

NewDatabase = Callable[[], Database]


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def mail(sink: Sink) -> Iterator[Mail]:
    with a_server(sink) as found:
        yield found


@pytest.fixture
def queue(database: RolledBackDatabase, files: Files, mail: Mail) -> Queue:
    return sending(database, files, mail)


def a_led_request(database: Database, org: Organised, clock: MovedClock) -> tuple[Actor, UUID]:
    """Six pieces are more than one asks for without a leader. Gives the leader and the request."""
    with database.write() as session:
        leader = a_leader(session, org, clock, org.other_unit_id)
        a_rule(session, org, (None, 5))
        listing = a_listing(session, org, 6, name="Kontorstol Bris")
    with database.write() as session:
        return leader, a_request(session, org, listing, 6).id


def address(database: Database, person_id: UUID | None) -> str:
    with database.read() as session:
        return session.scalars(select(Person.email).where(Person.id == person_id)).one()


@pytest.mark.usefixtures("queue")
def test_a_leader_says_yes_from_the_letter_and_the_giver_is_asked(
    client: TestClient,
    database: RolledBackDatabase,
    org: Organised,
    sink: Sink,
    clock: MovedClock,
) -> None:
    leader, request_id = a_led_request(database, org, clock)
    to = address(database, leader.person_id)
    [token] = tokens(sink, to)
    shown = opened(client, token)
    assert shown.status_code == 200
    assert "6 × Kontorstol Bris" in shown.text
    assert "Sier du ja, går bestillingen videre." in shown.text
    assert "Verdt" in shown.text
    assert of(database, request_id) == {"requested": 6}
    before = len(sink.letters)

    done = answered(client, token, text="Vi trenger dem til nybygget.")
    assert done.status_code == 303
    assert "Du sa ja. Bestillingen går videre." in client.get(done.headers["location"]).text
    with database.read() as session:
        request = session.get_one(Request, request_id)
        assert levels(session, request) == [(1, "approved")]
    # The giver has a letter with a link of its own, and the asker is told.
    new = tokens(sink)[1:]
    assert len(new) == 1
    assert len(sink.letters) >= before + 2
    again = answered(client, token, is_yes=False, text="Nei.")
    assert again.status_code == 410
    assert "Du sa ja" in opened(client, token).text


@pytest.mark.usefixtures("queue")
def test_a_leaders_no_needs_its_reason_and_declines_all(
    client: TestClient,
    database: RolledBackDatabase,
    org: Organised,
    sink: Sink,
    clock: MovedClock,
) -> None:
    _, request_id = a_led_request(database, org, clock)
    [token] = tokens(sink)
    unsaid = answered(client, token, is_yes=False)
    assert unsaid.status_code == 422
    assert 'href="#field-text"' in unsaid.text
    assert of(database, request_id) == {"requested": 6}
    assert answered(client, token, is_yes=False, text="Budsjettet er brukt.").status_code == 303
    assert of(database, request_id) == {"declined": 6}
    assert "Du sa nei. Den som ville bestille" in opened(client, token).text
    with database.read() as session:
        reason = select(Approval.reason).where(Approval.request_id == request_id)
        assert session.scalars(reason).all() == ["Budsjettet er brukt."]


def _in_the_program(database: Database, leader: Actor, _org: Organised, _request: UUID) -> None:
    with database.write() as session:
        yes(session, leader)


def _taken_back(database: Database, _leader: Actor, org: Organised, request_id: UUID) -> None:
    with database.write() as session:
        asker = actor_of(session, org.org_id, org.person_ids[Role.EMPLOYEE])
        assert asker is not None
        market.cancel(session, asker, [market.OfRequest(request_id=request_id)])


def _no_leader_any_more(database: Database, _leader: Actor, org: Organised, _request: UUID) -> None:
    with database.write() as session:
        unit = session.get_one(Unit, org.other_unit_id)
        unit.leader_id = org.person_ids[Role.CONTROLLER]


def _a_fortnight(database: Database, _leader: Actor, _org: Organised, _request: UUID) -> None:
    assert isinstance(database.clock, MovedClock)
    database.clock.move(timedelta(days=GOOD_FOR.days + 1))


@pytest.mark.usefixtures("queue")
@pytest.mark.parametrize(
    ("happens", "status", "said"),
    [
        (_in_the_program, 409, "Dette er alt besvart"),
        (_taken_back, 409, "Dette er alt besvart"),
        (_no_leader_any_more, 403, "Du kan ikke lenger svare på dette"),
        (_a_fortnight, 410, "Fristen for å svare herfra er ute"),
    ],
)
def test_a_leaders_link_that_no_longer_holds_says_why_and_changes_nothing(
    client: TestClient,
    database: RolledBackDatabase,
    org: Organised,
    sink: Sink,
    clock: MovedClock,
    happens: Callable[[Database, Actor, Organised, UUID], None],
    status: int,
    said: str,
) -> None:
    leader, request_id = a_led_request(database, org, clock)
    [token] = tokens(sink, address(database, leader.person_id))
    happens(database, leader, org, request_id)
    before = of(database, request_id)
    for found in (opened(client, token), answered(client, token, is_yes=False, text="Nei.")):
        assert found.status_code == status
        assert said in found.text
    assert of(database, request_id) == before


@pytest.mark.usefixtures("queue")
def test_each_level_has_a_link_of_its_own_in_its_turn(
    client: TestClient,
    database: RolledBackDatabase,
    org: Organised,
    sink: Sink,
    clock: MovedClock,
) -> None:
    with database.write() as session:
        first = a_leader(session, org, clock, org.other_unit_id)
        second = a_leader(session, org, clock, top_unit(session, org))
        a_rule(session, org, (None, 1), (None, 2))
        listing = a_listing(session, org, 3)
    with database.write() as session:
        request_id = a_request(session, org, listing, 3).id
    assert tokens(sink, address(database, second.person_id)) == []
    [lower] = tokens(sink, address(database, first.person_id))
    assert answered(client, lower).status_code == 303
    [upper] = tokens(sink, address(database, second.person_id))
    assert answered(client, upper).status_code == 303
    with database.read() as session:
        request = session.get_one(Request, request_id)
        assert levels(session, request) == [(1, "approved"), (2, "approved")]


def two_who_may(
    new_database: NewDatabase, files: Files, mail: Mail, clock: MovedClock, sink: Sink
) -> tuple[Database, UUID, list[str], list[Actor]]:
    """A leader and a deputy, each with a letter about the same request."""
    database = new_database()
    sending(database, files, mail)
    with database.write() as session:
        org = organised(session, clock)
        leader = a_leader(session, org, clock, org.other_unit_id)
        stand_in = a_member(session, clock, org.org_id, org.other_unit_id, Role.EMPLOYEE)
        session.add(Deputy(org_id=org.org_id, unit_id=org.other_unit_id, person_id=stand_in))
        a_rule(session, org, (None, 5))
        listing = a_listing(session, org, 6)
    with database.write() as session:
        request_id = a_request(session, org, listing, 6).id
        deputy = actor_of(session, org.org_id, stand_in)
    assert deputy is not None
    found = tokens(sink)
    assert len(found) == 2
    return database, request_id, found, [leader, deputy]


def decided(database: Database, request_id: UUID) -> tuple[list[tuple[int, str]], int]:
    with database.read() as session:
        request = session.get_one(Request, request_id)
        spent = session.scalars(select(AnswerLink.id).where(AnswerLink.spent_at.is_not(None)))
        return levels(session, request), len(spent.all())


def _use(database: Database, token: str, *, is_yes: bool = True) -> None:
    with database.write() as session:
        answer(session, token, Answer(is_yes=is_yes, text="Sagt fra brevet."))


def test_a_link_used_twice_at_the_same_moment_answers_once(
    new_database: NewDatabase, files: Files, mail: Mail, clock: MovedClock, sink: Sink
) -> None:
    database, request_id, found, _ = two_who_may(new_database, files, mail, clock, sink)
    calls = [partial(_use, database, found[0], is_yes=n % 2 == 0) for n in range(4)]
    assert at_once(calls) == ["LinkUsed"] * 3 + ["done"]
    [(level, state)], spent = decided(database, request_id)
    assert (level, spent) == (1, 1)
    assert state in ("approved", "declined")


def test_two_links_at_the_same_moment_have_one_answer_and_the_other_is_told(
    new_database: NewDatabase, files: Files, mail: Mail, clock: MovedClock, sink: Sink
) -> None:
    database, request_id, found, _ = two_who_may(new_database, files, mail, clock, sink)
    ended = at_once([partial(_use, database, each) for each in found])
    assert ended[1] == "done"
    assert ended[0] in ("ApprovalDecided", "LinkAnswered")
    assert decided(database, request_id) == ([(1, "approved")], 1)


def test_a_link_beside_an_answer_in_the_program_ends_as_one_of_the_two(
    new_database: NewDatabase, files: Files, mail: Mail, clock: MovedClock, sink: Sink
) -> None:
    database, request_id, found, people = two_who_may(new_database, files, mail, clock, sink)
    with database.read() as session:
        [approval_id] = session.scalars(
            select(Approval.id).where(Approval.request_id == request_id)
        )

    def in_the_program() -> None:
        with database.write() as session:
            yes(session, people[1], [approval_id])

    ended = at_once([partial(_use, database, found[0], is_yes=False), in_the_program])
    assert "done" in ended
    assert {*ended} - {"done"} <= {"ApprovalDecided", "LinkAnswered", "LinkNotYours"}
    assert len(set(ended)) == 2
    [(_, state)], _ = decided(database, request_id)
    with database.read() as session:
        pieces = states(session, session.get_one(Request, request_id))
    assert pieces == ({"requested": 6} if state == "approved" else {"declined": 6})


def test_two_leaders_who_decide_at_once_decide_once(
    new_database: NewDatabase, files: Files, mail: Mail, clock: MovedClock, sink: Sink
) -> None:
    database, request_id, _, people = two_who_may(new_database, files, mail, clock, sink)
    with database.read() as session:
        [approval_id] = session.scalars(
            select(Approval.id).where(Approval.request_id == request_id)
        )

    def approve() -> None:
        with database.write() as session:
            yes(session, people[0], [approval_id])

    def refuse() -> None:
        with database.write() as session:
            no = RefuseAsLeader(approval_id=approval_id, reason="Vi har nok.")
            market.refuse_as_leader(session, people[1], [no])

    assert at_once([approve, refuse]) == ["ApprovalDecided", "done"]
    [(_, state)], _ = decided(database, request_id)
    with database.read() as session:
        pieces = states(session, session.get_one(Request, request_id))
    assert pieces == ({"requested": 6} if state == "approved" else {"declined": 6})
