"""One letter per person and step, none for what was taken back, at least once for the rest."""

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from app.accounts.models import Person
from app.accounts.rules import Role
from app.handovers.models import HandoverLine
from app.handovers.service import HandOver, Receive, hand_over, receive
from app.items.models import Code
from app.items.service_found import Report, report
from app.kit.files import Files
from app.kit.jobs import MOST_ATTEMPTS, Queue, backoff
from app.kit.mail import Mail
from app.marketplace import service as market
from app.marketplace.models import Request
from app.marketplace.rules import RefusalReason
from app.notices import jobs, service
from app.notices.models import Notice
from tests.databases import RolledBackDatabase
from tests.factories import an_item
from tests.handovers.orders import ON
from tests.marketplace.stalls import a_listing, a_request, acting, reservations, the_line
from tests.notices.post import PUBLIC_URL, Sink, a_server, parts_of, sending
from tests.people import Organised


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def mail(sink: Sink) -> Iterator[Mail]:
    with a_server(sink) as mail:
        yield mail


@pytest.fixture
def queue(database: RolledBackDatabase, files: Files, mail: Mail) -> Queue:
    return sending(database, files, mail)


def email_of(database: RolledBackDatabase, org: Organised, role: Role) -> str:
    with database.read() as session:
        return session.scalars(select(Person.email).where(Person.id == org.person_ids[role])).one()


def notices(database: RolledBackDatabase) -> list[Notice]:
    with database.read() as session:
        query = select(Notice).order_by(Notice.created_at, Notice.id)
        return list(session.scalars(query.execution_options(populate_existing=True)))


def submitted(database: RolledBackDatabase, org: Organised) -> UUID:
    with database.write() as session:
        listing = a_listing(session, org, pieces=3, name="Kontorstol Bris")
    with database.write() as session:
        return a_request(session, org, listing, 3).id


def answered(database: RolledBackDatabase, org: Organised, request_id: UUID, quantity: int) -> None:
    with database.write() as session:
        line = the_line(session, session.get_one(Request, request_id))
        command = market.Approve(
            request_line_id=line.id, quantity=quantity, reason=RefusalReason.GONE
        )
        market.approve(session, acting(session, org), [command])


@pytest.mark.usefixtures("queue")
def test_each_step_sends_one_letter_to_the_one_it_concerns(
    database: RolledBackDatabase, org: Organised, sink: Sink
) -> None:
    giver = email_of(database, org, Role.APPROVER)
    taker = email_of(database, org, Role.EMPLOYEE)
    steps: list[tuple[str, list[str]]] = []

    def step(name: str) -> None:
        steps.append((name, [to for each in sink.envelopes for to in each]))
        sink.envelopes.clear()

    request_id = submitted(database, org)
    step("submitted")
    answered(database, org, request_id, 3)
    step("answered")
    with database.write() as session:
        line = the_line(session, session.get_one(Request, request_id))
        ready = market.OfRequestLine(request_line_id=line.id)
        market.make_ready(session, acting(session, org), [ready])
    step("ready")
    with database.write() as session:
        request = session.get_one(Request, request_id)
        held = [each.id for each in reservations(session, request) if each.item_id is not None]
        command = HandOver(reservation_ids=held, handed_over_on=ON)
        hand_over(session, acting(session, org), [command])
    step("handed over")
    with database.write() as session:
        lines = list(session.scalars(select(HandoverLine.id)))
        taker_actor = acting(session, org, Role.EMPLOYEE)
        receive(session, taker_actor, [Receive(handover_line_ids=lines)])
    step("received")
    assert steps == [
        ("submitted", [giver]),
        ("answered", [taker]),
        ("ready", [taker]),
        ("handed over", [taker]),
        ("received", [giver]),
    ]
    assert len(set(sink.ids)) == len(sink.ids) == 5
    assert all(each.sent_at is not None and each.last_error is None for each in notices(database))


@pytest.mark.usefixtures("queue")
def test_an_answer_in_part_tells_all_numbers_in_one_letter(
    database: RolledBackDatabase, org: Organised, sink: Sink
) -> None:
    with database.write() as session:
        listing = a_listing(session, org, pieces=3)
    with database.write() as session:
        first = a_request(session, org, listing, 1).id
    with database.write() as session:
        second = a_request(session, org, listing, 3).id
    answered(database, org, first, 1)
    sink.letters.clear()
    answered(database, org, second, 3)
    [letter] = sink.letters
    assert "2 møbler er godkjent." in sink.text()
    assert "1 møbel står på venteliste" in sink.text()
    html = letter.get_body(("html",))
    assert html is not None
    assert "2 møbler er godkjent." in html.get_content()


@pytest.mark.usefixtures("queue")
def test_a_cancelled_request_is_told_to_the_giver(
    database: RolledBackDatabase, org: Organised, sink: Sink
) -> None:
    request_id = submitted(database, org)
    sink.envelopes.clear()
    with database.write() as session:
        command = market.OfRequest(request_id=request_id)
        market.cancel(session, acting(session, org, Role.EMPLOYEE), [command])
    assert sink.envelopes == [[email_of(database, org, Role.APPROVER)]]
    assert "trukket tilbake" in str(sink.letters[-1]["Subject"])


@pytest.mark.usefixtures("queue")
def test_a_message_is_told_without_its_text(
    database: RolledBackDatabase, org: Organised, sink: Sink
) -> None:
    request_id = submitted(database, org)
    sink.envelopes.clear()
    with database.write() as session:
        post = market.PostMessage(request_id=request_id, text="Nøkkelen ligger hos Anne")
        market.post_message(session, acting(session, org, Role.EMPLOYEE), [post])
    assert sink.envelopes == [[email_of(database, org, Role.APPROVER)]]
    assert "Anne" not in sink.letters[-1].as_string()


@pytest.mark.usefixtures("queue")
def test_a_found_piece_is_told_to_who_may_handle_it(
    database: RolledBackDatabase, org: Organised, sink: Sink
) -> None:
    with database.write() as session:
        item = an_item(session, org, name="Stol\r\nBcc: alle@example.no")
        code = session.scalars(select(Code.code).where(Code.item_id == item.id)).one()
    with database.write() as session:
        report(session, Report(code=code, text="Står i kjelleren"), None, "192.0.2.1")
    told = sorted(to for each in sink.envelopes for to in each)
    handlers = [email_of(database, org, each) for each in (Role.ADMIN, Role.FURNITURE_MANAGER)]
    assert told == sorted(handlers)
    assert all(each["Bcc"] is None for each in sink.letters)
    assert str(sink.letters[0]["Subject"]) == "Funnmelding: Stol Bcc: alle@example.no"


def test_a_step_taken_back_tells_nobody(
    database: RolledBackDatabase, org: Organised, sink: Sink, queue: Queue
) -> None:
    with database.write() as session:
        listing = a_listing(session, org, pieces=2)

    def asks_and_fails() -> None:
        with database.write() as session:
            a_request(session, org, listing)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        asks_and_fails()
    queue.sweep()
    assert sink.letters == []
    assert notices(database) == []


def test_a_worker_killed_after_sending_repeats_once_with_the_same_id(
    database: RolledBackDatabase, org: Organised, files: Files, mail: Mail, sink: Sink
) -> None:
    submitted(database, org)
    [notice] = notices(database)
    parts = parts_of(database, files, mail)
    with database.write() as session:
        claimed = service.claim(session, notice.id)
    assert claimed is not None
    mail.deliver(jobs.letter_of(claimed, parts.templates, PUBLIC_URL))
    # Killed here. Nobody else takes it while the claim holds; then one does, and only once.
    jobs.send(parts, notice.id)
    assert len(sink.letters) == 1
    database.clock.move(service.CLAIMED_FOR)  # type: ignore[attr-defined]
    jobs.send(parts, notice.id)
    jobs.send(parts, notice.id)
    assert len(sink.letters) == 2
    assert len(set(sink.ids)) == 1
    assert sink.ids[0] == f"<{notice.id}@omlop.example.no>"


def test_a_failing_server_is_tried_again_and_then_given_up(
    database: RolledBackDatabase, org: Organised, sink: Sink, queue: Queue
) -> None:
    sink.answer = "451 Local error"
    submitted(database, org)
    for attempt in range(1, MOST_ATTEMPTS):
        [notice] = notices(database)
        assert (notice.attempts, notice.gave_up_at) == (attempt, None)
        assert notice.last_error == "SMTPDataError: 451"
        assert notice.next_try_at == database.clock.now() + backoff(attempt)
        queue.sweep()
        assert notices(database)[0].attempts == attempt, "too early"
        database.clock.move(backoff(attempt))  # type: ignore[attr-defined]
        queue.sweep()
    [notice] = notices(database)
    assert notice.gave_up_at == database.clock.now()
    sink.answer = "250 OK"
    database.clock.move(timedelta(days=1))  # type: ignore[attr-defined]
    queue.sweep()
    assert sink.letters == []


def test_a_server_that_is_back_gets_the_letter(
    database: RolledBackDatabase, org: Organised, sink: Sink, queue: Queue
) -> None:
    sink.answer = "451 Local error"
    submitted(database, org)
    sink.answer = "250 OK"
    database.clock.move(backoff(1))  # type: ignore[attr-defined]
    queue.sweep()
    assert len(sink.letters) == 1
    assert notices(database)[0].sent_at is not None


@pytest.mark.usefixtures("queue")
def test_an_address_that_is_refused_is_given_up_at_once(
    database: RolledBackDatabase, org: Organised, sink: Sink
) -> None:
    sink.answer_to_recipient = "550 No such user"
    submitted(database, org)
    [notice] = notices(database)
    assert (notice.attempts, notice.last_error) == (1, "recipient refused: 550")
    assert notice.gave_up_at is not None


def test_without_a_server_notices_wait_and_old_ones_are_never_sent(
    database: RolledBackDatabase, org: Organised, files: Files, mail: Mail, sink: Sink
) -> None:
    waiting = sending(database, files, Mail())
    submitted(database, org)
    waiting.sweep()
    [notice] = notices(database)
    assert (notice.attempts, notice.sent_at) == (0, None)
    database.clock.move(service.KEPT_WAITING + timedelta(minutes=1))  # type: ignore[attr-defined]
    sending(database, files, mail).sweep()
    assert sink.letters == []
    assert notices(database)[0].last_error == service.TOO_OLD


@pytest.mark.usefixtures("queue")
def test_letters_hold_links_to_the_installation_only(
    database: RolledBackDatabase, org: Organised, sink: Sink
) -> None:
    request_id = submitted(database, org)
    answered(database, org, request_id, 2)
    for letter in sink.letters:
        for kind in ("plain", "html"):
            body = letter.get_body((kind,))
            assert body is not None
            links = re.findall(r"https?://[^\s\"'<]+", body.get_content())
            assert links
            assert all(each.startswith(f"{PUBLIC_URL}/") for each in links)
