"""Letters about cases: a receipt, an answer, the end; and visits with a file for the calendar."""

from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.accounts.rules import Role
from app.inbox import service, service_visit
from app.inbox.commands import AddNote, AssignCase, MoveVisit, OfVisit, PlanVisit, Reply, Write
from app.inbox.rules import Outcome
from app.kit import i18n
from app.kit.clock import MovedClock
from app.kit.files import Files
from app.kit.jobs import Queue
from tests.databases import RolledBackDatabase
from tests.inbox.cases import a_case, a_note, closed
from tests.notices.post import Sink, a_server, sending
from tests.notices.test_pages import opened
from tests.notices.test_sending import email_of
from tests.people import ActorOf, Organised, SignedInAs


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def queue(database: RolledBackDatabase, files: Files, sink: Sink) -> Iterator[Queue]:
    with a_server(sink) as mail:
        yield sending(database, files, mail)


def taken(sink: Sink) -> set[tuple[str, str]]:
    """Reader and subject of each letter since the last look."""
    found = {(str(each["To"]), str(each["Subject"])) for each in sink.letters}
    assert len(found) == len(sink.letters)
    sink.letters.clear()
    return found


@pytest.mark.usefixtures("queue")
def test_each_step_of_a_case_is_told_once_to_the_one_it_concerns(
    database: RolledBackDatabase,
    org: Organised,
    actor: ActorOf,
    sink: Sink,
    signed_in_as: SignedInAs,
) -> None:
    manager, nurse = actor(), actor(Role.EMPLOYEE)
    to_manager = email_of(database, org, Role.FURNITURE_MANAGER)
    to_admin = email_of(database, org, Role.ADMIN)
    to_nurse = email_of(database, org, Role.EMPLOYEE)
    with database.write() as session:
        case = a_case(session, org, text="Stol")
        case_id, number = case.id, case.title
    assert taken(sink) == {
        (to_nurse, f"Vi har fått henvendelsen {number}"),
        (to_manager, f"Ny henvendelse {number}"),
        (to_admin, f"Ny henvendelse {number}"),
    }
    with database.write() as session:
        mine = AssignCase(case_id=case_id, assignee_id=manager.person_id)
        service.assign(session, manager, [mine])
        service.add_notes(session, manager, [AddNote(case_id=case_id, text="x")])
    assert taken(sink) == set()
    with database.write() as session:
        service.reply(session, manager, [Reply(case_id=case_id, text="Hva?")])
    assert taken(sink) == {(to_nurse, f"Svar på henvendelse {number}")}
    with database.write() as session:
        service.write(session, nurse, [Write(case_id=case_id, text="Dette")])
    assert taken(sink) == {(to_manager, f"Ny melding på henvendelse {number}")}
    with database.write() as session:
        closed(session, org, session.get_one(type(case), case_id), text="Ferdig")
    assert taken(sink) == {(to_nurse, f"Henvendelse {number} er avsluttet")}
    employee = signed_in_as(Role.EMPLOYEE)
    told = [each["subject_id"] for each in employee.get("/api/v1/notices").json()]
    assert told.count(str(case_id)) == 3
    assert opened(employee) == f"/henvendelser/{case_id}"


def calendar(sink: Sink) -> dict[str, Any]:
    (part,) = [
        each for each in sink.letters[-1].walk() if each.get_content_type() == "text/calendar"
    ]
    text = str(part.get_content())
    lines = text.replace("\r\n", "\n").replace("\n ", "").splitlines()
    return {"method": part.get_param("method"), **dict(line.split(":", 1) for line in lines)}


@pytest.mark.usefixtures("queue")
def test_a_visit_comes_moves_and_goes_in_the_reader_s_calendar(
    database: RolledBackDatabase, org: Organised, actor: ActorOf, sink: Sink
) -> None:
    manager = actor()
    day = database.clock.today() + timedelta(days=3)
    with database.write() as session:
        case = a_note(session, org, asker_email=email_of(database, org, Role.EMPLOYEE))
    sink.letters.clear()
    with database.write() as session:
        plan = PlanVisit(case_id=case.id, day=day, at=time(10), place_id=org.room_id)
        (visit,) = service_visit.plan_visits(session, manager, [plan])
    first = calendar(sink)
    assert (first["UID"], first["SEQUENCE"], first["method"]) == (str(visit.id), "0", "PUBLISH")
    assert first["LOCATION"].startswith("Bygg A")
    assert {to for to, _ in taken(sink)} == {
        email_of(database, org, Role.EMPLOYEE),
        email_of(database, org, Role.FURNITURE_MANAGER),
    }
    with database.write() as session:
        move = MoveVisit(site_visit_id=visit.id, sequence=0, day=day, at=time(12))
        service_visit.move_visits(session, manager, [move])
    moved = calendar(sink)
    assert (moved["UID"], moved["SEQUENCE"]) == (str(visit.id), "1")
    assert moved["DTSTART"] != first["DTSTART"]
    with database.write() as session:
        service_visit.cancel_visits(session, manager, [OfVisit(site_visit_id=visit.id)])
    off = calendar(sink)
    assert (off["UID"], off["SEQUENCE"], off["method"]) == (str(visit.id), "2", "CANCEL")


@pytest.mark.usefixtures("queue")
def test_of_a_visit_that_is_written_down_afterwards_nobody_is_told(
    database: RolledBackDatabase, org: Organised, actor: ActorOf, sink: Sink
) -> None:
    with database.write() as session:
        case = a_note(session, org, asker_email=email_of(database, org, Role.EMPLOYEE))
    sink.letters.clear()
    with database.write() as session:
        yesterday = database.clock.today() - timedelta(days=1)
        plan = PlanVisit(case_id=case.id, day=yesterday, at=time(10))
        service_visit.plan_visits(session, actor(), [plan])
    assert taken(sink) == set()


@pytest.mark.usefixtures("queue")
def test_who_has_no_account_is_written_to_when_it_is_received_and_ended(
    database: RolledBackDatabase, org: Organised, sink: Sink, actor: ActorOf
) -> None:
    own = email_of(database, org, Role.EMPLOYEE)
    with database.write() as session:
        case = a_note(session, org, asker_email="olga@avdeling.example", subject="Skap")
        case_id, number = case.id, case.title
        a_note(session, org)  # left no address
        a_note(session, org, asker_email=own)  # is a member, and told as one
    outside = [index for index, to in enumerate(sink.envelopes) if to == ["olga@avdeling.example"]]
    assert len(outside) == 1
    text = sink.text(outside[0])
    assert "Prøve helseforetak har fått henvendelsen din: Skap" in text
    assert number in text
    assert "/henvendelser/" not in text  # nowhere to go without an account
    assert str(sink.letters[outside[0]]["Subject"]) == "Vi har fått henvendelsen din: Skap"
    sink.letters.clear()
    sink.envelopes.clear()
    with database.write() as session:
        service.reply(session, actor(), [Reply(case_id=case_id, text="Vi kommer.")])
        closed(session, org, session.get_one(type(case), case_id), outcome=Outcome.MOVED)
    assert sink.envelopes == [["olga@avdeling.example"]]
    assert "Utfall: Flyttet" in sink.text()


@pytest.mark.usefixtures("queue")
def test_an_old_case_that_is_written_down_today_is_receipted_to_nobody(
    database: RolledBackDatabase, org: Organised, sink: Sink
) -> None:
    with database.write() as session:
        long_ago = database.clock.today() - timedelta(days=15)
        a_note(session, org, asker_email="olga@avdeling.example", received_on=long_ago)
    assert ["olga@avdeling.example"] not in sink.envelopes


def test_a_letter_to_outside_that_is_not_taken_waits_and_is_sent_once(
    database: RolledBackDatabase, org: Organised, sink: Sink, files: Files, clock: MovedClock
) -> None:
    with a_server(sink) as mail:
        queue = sending(database, files, mail)
        sink.answer = "451 Try again later"
        with database.write() as session:
            a_note(session, org, asker_email="olga@avdeling.example")
        assert sink.letters == []
        sink.answer = "250 OK"
        clock.move(timedelta(hours=1))
        queue.sweep()
        queue.sweep()
    assert sink.envelopes.count(["olga@avdeling.example"]) == 1


def test_a_case_that_is_rolled_back_writes_to_nobody(
    database: RolledBackDatabase, org: Organised, sink: Sink, files: Files
) -> None:
    with a_server(sink) as mail:
        sending(database, files, mail)
        with pytest.raises(ZeroDivisionError), database.write() as session:
            a_note(session, org, asker_email="olga@avdeling.example")
            raise ZeroDivisionError
    assert sink.letters == []


CATALOGUE = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "Vi har fått henvendelsen din: %(subject)s"
msgstr "Vi har tagit emot ditt ärende: %(subject)s"
"""


@pytest.mark.usefixtures("queue")
def test_who_has_no_account_is_written_to_in_the_language_it_was_written_down_in(
    database: RolledBackDatabase,
    org: Organised,
    sink: Sink,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "sv" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text(CATALOGUE, encoding="utf-8")
    monkeypatch.setattr(i18n, "CATALOGUES", tmp_path)
    i18n._catalogue.cache_clear()
    try:
        for language, name in (("sv", "olga"), ("nb", "per")):
            with i18n.speaking(language), database.write() as session:
                a_note(session, org, asker_email=f"{name}@avdeling.example", subject="Skap")
    finally:
        i18n._catalogue.cache_clear()
    letters = taken(sink)
    assert ("olga@avdeling.example", "Vi har tagit emot ditt ärende: Skap") in letters
    assert ("per@avdeling.example", "Vi har fått henvendelsen din: Skap") in letters
