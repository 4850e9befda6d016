"""The daily digest: one letter a working day, everything in it once, nothing lost on the way."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from app.accounts.actor import Actor, actor_of
from app.accounts.models import Membership
from app.accounts.rules import Role
from app.kit.clock import MovedClock
from app.kit.files import Files
from app.kit.jobs import Queue, backoff
from app.kit.mail import Mail
from app.marketplace import service as market
from app.notices import service
from app.notices.jobs import gather_digests
from app.notices.kinds import KINDS, Delivery
from app.notices.models import Digest, Notice
from tests.databases import RolledBackDatabase
from tests.marketplace.stalls import a_listing, a_request, acting
from tests.notices.post import Sink, a_server, sending
from tests.notices.test_sending import email_of, notices, submitted
from tests.people import Organised

FRIDAY_NOON = datetime(2026, 3, 6, 11, tzinfo=UTC)
MONDAY_AT_SIX = datetime(2026, 3, 9, 5, tzinfo=UTC)
MONDAY_AT_SEVEN = datetime(2026, 3, 9, 6, tzinfo=UTC)


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


def choose(
    database: RolledBackDatabase, org: Organised, role: Role, delivery: Delivery, *kinds: str
) -> None:
    with database.write() as session:
        actor = actor_of(session, org.org_id, org.person_ids[role])
        assert isinstance(actor, Actor)
        commands = [service.Choose(kind=each, delivery=delivery) for each in kinds or KINDS]
        service.choose(session, actor, commands)


def asked(database: RolledBackDatabase, org: Organised, times: int = 1) -> None:
    for _ in range(times):
        submitted(database, org)


def test_what_happened_over_the_weekend_comes_in_one_letter_on_monday_morning(
    database: RolledBackDatabase, org: Organised, sink: Sink, queue: Queue, clock: MovedClock
) -> None:
    choose(database, org, Role.APPROVER, Delivery.DAILY)
    clock.at = FRIDAY_NOON
    asked(database, org, 2)
    with database.write() as session:
        request = a_request(session, org, a_listing(session, org), 1)
        post = market.PostMessage(request_id=request.id, text="Når kan de hentes?")
        market.post_message(session, acting(session, org, Role.EMPLOYEE), [post])
    clock.at = FRIDAY_NOON + timedelta(days=1)
    gather_digests(queue.parts)
    clock.at = MONDAY_AT_SIX
    gather_digests(queue.parts)
    assert sink.letters == []

    clock.at = MONDAY_AT_SEVEN
    for _ in range(3):
        gather_digests(queue.parts)
        queue.sweep()

    [letter] = sink.letters
    assert sink.envelopes == [[email_of(database, org, Role.APPROVER)]]
    assert str(letter["Subject"]) == "Samlebrev: 4 varsler"
    text = sink.text()
    assert text.index("VENTER PÅ SVAR FRA DEG") < text.index("BESTILLINGER OG OVERLEVERINGER")
    assert text.count("venter på svar") == 3
    assert f"/bestillinger/{request.id}" in text
    html = letter.get_body(("html",))
    assert html is not None
    assert html.get_content().count("<li>") == 4
    assert all(each.sent_at == clock.at for each in notices(database))


def test_a_day_off_has_no_digest_and_the_day_after_has_all(
    database: RolledBackDatabase, org: Organised, sink: Sink, queue: Queue, clock: MovedClock
) -> None:
    choose(database, org, Role.APPROVER, Delivery.DAILY)
    clock.at = datetime(2026, 4, 1, 12, tzinfo=UTC)
    asked(database, org)
    for day in range(2, 7):  # Maundy Thursday to Easter Monday
        clock.at = datetime(2026, 4, day, 9, tzinfo=UTC)
        gather_digests(queue.parts)
    assert sink.letters == []
    clock.at = datetime(2026, 4, 7, 9, tzinfo=UTC)
    gather_digests(queue.parts)
    assert len(sink.letters) == 1


def test_what_comes_after_the_letter_of_the_day_waits_for_the_next(
    database: RolledBackDatabase, org: Organised, sink: Sink, queue: Queue, clock: MovedClock
) -> None:
    choose(database, org, Role.APPROVER, Delivery.DAILY)
    asked(database, org)
    gather_digests(queue.parts)
    asked(database, org)
    gather_digests(queue.parts)
    assert [str(each["Subject"]) for each in sink.letters] == ["Samlebrev: 1 varsel"]
    clock.move(timedelta(days=1))
    gather_digests(queue.parts)
    assert [str(each["Subject"]) for each in sink.letters] == ["Samlebrev: 1 varsel"] * 2
    numbers = [sink.text(index).count("venter på svar") for index in (0, 1)]
    assert numbers == [1, 1]
    assert "Bestilling 1 " in sink.text(0)
    assert "Bestilling 2 " in sink.text(1)


def test_a_server_that_was_away_for_days_gets_one_letter_with_all_of_them(
    database: RolledBackDatabase,
    org: Organised,
    files: Files,
    mail: Mail,
    sink: Sink,
    clock: MovedClock,
) -> None:
    unset = sending(database, files, Mail())
    choose(database, org, Role.APPROVER, Delivery.DAILY)
    for _ in range(3):
        asked(database, org)
        gather_digests(unset.parts)
        unset.sweep()
        clock.move(timedelta(days=1))
    sending(database, files, mail).sweep()
    [letter] = sink.letters
    assert str(letter["Subject"]) == "Samlebrev: 3 varsler"


def test_a_digest_that_is_refused_is_tried_again_under_the_same_id(
    database: RolledBackDatabase, org: Organised, sink: Sink, queue: Queue, clock: MovedClock
) -> None:
    choose(database, org, Role.APPROVER, Delivery.DAILY)
    asked(database, org, 2)
    sink.answer = "451 Local error"
    gather_digests(queue.parts)
    assert {each.last_error for each in notices(database)} == {"SMTPDataError: 451"}
    sink.answer = "250 OK"
    clock.move(backoff(1))
    queue.sweep()
    queue.sweep()
    with database.read() as session:
        [digest] = session.scalars(select(Digest)).all()
    assert sink.ids == [f"<{digest.id}@omlop.example.no>"]
    assert digest.sent_at == clock.at


def test_a_digest_to_an_address_that_is_refused_is_given_up_with_all_that_is_in_it(
    database: RolledBackDatabase, org: Organised, sink: Sink, queue: Queue
) -> None:
    choose(database, org, Role.APPROVER, Delivery.DAILY)
    asked(database, org, 2)
    sink.answer_to_recipient = "550 No such user"
    gather_digests(queue.parts)
    assert [each.gave_up_at is not None for each in notices(database)] == [True, True]


def test_who_has_left_gets_no_letter_more(
    database: RolledBackDatabase, org: Organised, sink: Sink, queue: Queue, clock: MovedClock
) -> None:
    choose(database, org, Role.APPROVER, Delivery.DAILY)
    asked(database, org)
    with database.write() as session:
        session.execute(
            update(Membership)
            .where(Membership.person_id == org.person_ids[Role.APPROVER])
            .values(ended_at=clock.now())
        )
    gather_digests(queue.parts)
    assert sink.letters == []
    assert [each.last_error for each in notices(database)] == [service.NOT_A_MEMBER]


def test_a_step_taken_back_is_in_no_digest(
    database: RolledBackDatabase, org: Organised, sink: Sink, queue: Queue
) -> None:
    choose(database, org, Role.APPROVER, Delivery.DAILY)
    with database.write() as session:
        listing = a_listing(session, org)

    def asks_and_fails() -> None:
        with database.write() as session:
            a_request(session, org, listing)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        asks_and_fails()
    gather_digests(queue.parts)
    assert sink.letters == []


def test_a_server_that_refuses_half_of_the_letters_gets_each_of_them_once(
    database: RolledBackDatabase, org: Organised, sink: Sink, queue: Queue, clock: MovedClock
) -> None:
    refused: list[bool] = []

    def refuses() -> bool:
        refused.append(len(refused) % 2 == 0)
        return refused[-1]

    sink.refuses = refuses
    kinds = ("request_answered", "message_posted")
    choose(database, org, Role.EMPLOYEE, Delivery.DAILY, *kinds)
    for _ in range(20):
        request_id = submitted(database, org)
        with database.write() as session:
            post = market.PostMessage(request_id=request_id, text="Ja, det passer.")
            market.post_message(session, acting(session, org), [post])
    gather_digests(queue.parts)
    for _ in range(8):
        clock.move(timedelta(hours=6))
        queue.sweep()
        gather_digests(queue.parts)

    with database.read() as session:
        rows = session.scalars(select(Notice)).all()
        digest_ids = set(session.scalars(select(Digest.id)))
    at_once = {each.id for each in rows if each.delivery is Delivery.AT_ONCE}
    daily = [each for each in rows if each.delivery is Delivery.DAILY]
    assert (len(at_once), len(daily)) == (40, 20)
    assert sum(refused) > 5, "nothing was refused, so nothing was shown"
    assert sorted(sink.ids) == sorted(
        f"<{each}@omlop.example.no>" for each in (*at_once, *digest_ids)
    )
    letters = [
        sink.text(index)
        for index, each in enumerate(sink.ids)
        if each in {f"<{digest_id}@omlop.example.no>" for digest_id in digest_ids}
    ]
    said = "".join(letters)
    told = [f"/bestillinger/{each.subject_id}" for each in daily]
    assert [said.count(each) for each in told] == [1] * 20
    assert all(each.sent_at is not None for each in rows)
