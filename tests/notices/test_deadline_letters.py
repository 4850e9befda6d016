"""The letter before a listing's last day: once, to who listed it."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from app.accounts.rules import Role
from app.accounts.service import RemoveMember, remove_member
from app.kit.clock import MovedClock
from app.kit.files import Files
from app.kit.jobs import Queue
from app.kit.mail import Mail
from app.marketplace.jobs import move_stages
from tests.databases import RolledBackDatabase
from tests.marketplace.stalls import a_listing, acting
from tests.notices.post import Sink, a_server, sending
from tests.notices.test_sending import email_of
from tests.notices.test_waiting_letters import sent
from tests.people import Organised, SignedInAs

LAST_DAY = date(2026, 3, 20)
SUBJECT = "Annonsen «Skrivebord» går ut 20. mars 2026"


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def queue(database: RolledBackDatabase, files: Files, sink: Sink) -> Iterator[Queue]:
    with a_server(sink) as mail:
        assert isinstance(mail, Mail)
        yield sending(database, files, mail)


def test_who_listed_it_is_reminded_once_five_working_days_before(
    database: RolledBackDatabase,
    org: Organised,
    queue: Queue,
    sink: Sink,
    clock: MovedClock,
    signed_in_as: SignedInAs,
) -> None:
    with database.write() as session:
        a_listing(session, org, 2, name="Skrivebord", until_date=LAST_DAY)
    clock.move(timedelta(days=10))
    move_stages(queue.parts)
    queue.sweep()
    assert sent(sink) == []
    clock.move(timedelta(days=1))
    for _ in range(2):
        move_stages(queue.parts)
        queue.sweep()
    letter = sink.letters[0].get_body(("plain",))
    assert letter is not None
    assert "2 møbler er fortsatt ledige." in letter.get_content()
    assert sent(sink) == [(SUBJECT, email_of(database, org, Role.FURNITURE_MANAGER))]
    assert SUBJECT in signed_in_as().get("/varsler").text


def test_when_who_listed_it_has_left_those_who_may_publish_are_reminded(
    database: RolledBackDatabase, org: Organised, queue: Queue, sink: Sink, clock: MovedClock
) -> None:
    with database.write() as session:
        a_listing(session, org, name="Skrivebord", until_date=LAST_DAY)
        gone = RemoveMember(person_id=org.person_ids[Role.FURNITURE_MANAGER])
        remove_member(session, acting(session, org, Role.ADMIN), gone)
    clock.move(timedelta(days=14))
    move_stages(queue.parts)
    queue.sweep()
    assert sent(sink) == [(SUBJECT, email_of(database, org, Role.ADMIN))]


def test_nobody_is_reminded_of_a_day_that_was_set_just_now(
    database: RolledBackDatabase, org: Organised, queue: Queue, sink: Sink
) -> None:
    with database.write() as session:
        a_listing(session, org, until_date=date(2026, 3, 4))
    move_stages(queue.parts)
    queue.sweep()
    assert sent(sink) == []
