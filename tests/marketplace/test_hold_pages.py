"""Holds on pages, as JSON and in letters."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from app.accounts.rules import Role
from app.kit.clock import MovedClock
from app.kit.files import Files
from app.kit.jobs import Queue
from app.kit.mail import Mail
from app.marketplace.jobs import end_holds
from tests.databases import RolledBackDatabase
from tests.marketplace.stalls import the_line
from tests.marketplace.test_hold import an_order
from tests.notices.post import Sink, a_server, sending
from tests.notices.test_sending import email_of
from tests.notices.test_waiting_letters import sent
from tests.people import Organised, SignedInAs


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def queue(database: RolledBackDatabase, files: Files, sink: Sink) -> Iterator[Queue]:
    with a_server(sink) as mail:
        assert isinstance(mail, Mail)
        yield sending(database, files, mail)


def held(database: RolledBackDatabase, org: Organised) -> tuple[UUID, UUID]:
    with database.write() as session:
        _, request = an_order(session, org, 2)
        return request.id, the_line(session, request).id


def test_the_limit_stands_on_the_request_and_the_giver_makes_it_longer(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    request_id, line_id = held(database, org)
    page, path = f"/bestillinger/{request_id}", f"/godkjenning/{request_id}/forleng"
    manager, employee = signed_in_as(), signed_in_as(Role.EMPLOYEE)
    assert "Holdes av til 16. mars 2026" in employee.get(page).text
    assert "Forleng fristen" not in employee.get(page).text
    form = {"key": "k", "request_line_id": str(line_id), "until": "2026-03-01"}
    early = manager.post(path, data=form)
    assert early.status_code == 422
    assert f'id="field-until-{line_id}-error"' in early.text
    assert manager.post(path, data={**form, "until": ""}).status_code == 422
    assert manager.post(path, data={**form, "until": "2026-03-30"}).status_code == 303
    shown = employee.get(page).text
    assert "Holdes av til 30. mars 2026" in shown
    assert "Holdes av til 30. mars 2026: 2 stykk" in shown  # in the history


def test_holds_are_json_too(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    request_id, line_id = held(database, org)
    manager, path = signed_in_as(), "/api/v1/reservations/extend"
    late = manager.post(path, json=[{"request_line_id": str(line_id), "until": "2026-03-02"}])
    assert late.status_code == 422
    assert late.json()["errors"][0]["pointer"] == "#/0/until"
    body = [{"request_line_id": str(line_id), "until": "2026-03-30"}]
    assert manager.post(path, json=body).status_code == 200
    shown = manager.get(f"/api/v1/requests/{request_id}").json()
    assert {each["limit_at"] for each in shown["reservations"]} == {"2026-03-30T22:00:00Z"}


def test_the_number_of_days_is_set_on_its_page_and_as_json(
    org: Organised, signed_in_as: SignedInAs
) -> None:
    assert org.org_id is not None
    admin, page = signed_in_as(Role.ADMIN), "/bestillingsregler/frist"
    assert 'value="10"' in admin.get(page).text
    wrong = admin.post(page, data={"version": "0", "working_days": "0"})
    assert wrong.status_code == 422
    assert 'id="field-working_days-error"' in wrong.text
    assert admin.post(page, data={"version": "0", "working_days": "5"}).status_code == 303
    assert admin.post(page, data={"version": "0", "working_days": "6"}).status_code == 412
    assert "i 5 arbeidsdager" in admin.get("/bestillingsregler").text
    found = admin.get("/api/v1/hold-rule")
    assert (found.json()["working_days"], found.headers["etag"]) == (5, '"v1"')
    put = admin.put("/api/v1/hold-rule", json={"working_days": 7}, headers={"If-Match": '"v1"'})
    assert put.json() == {"working_days": 7, "version": 2}
    assert signed_in_as().get(page).status_code == 403


def test_both_sides_are_told_before_and_at_the_end(
    database: RolledBackDatabase,
    org: Organised,
    queue: Queue,
    sink: Sink,
    clock: MovedClock,
) -> None:
    giver, asker = email_of(database, org, Role.APPROVER), email_of(database, org, Role.EMPLOYEE)
    held(database, org)
    sent(sink)
    clock.move(timedelta(days=10))
    for _ in range(2):
        end_holds(queue.parts)
    assert sent(sink) == sorted(
        ("Fristen nærmer seg for bestilling 1", each) for each in (giver, asker)
    )
    clock.move(timedelta(days=10))
    for _ in range(2):
        end_holds(queue.parts)
    assert sent(sink) == sorted(
        ("Fristen er ute for bestilling 1", each) for each in (giver, asker)
    )


def test_who_hands_over_is_led_from_the_request_to_the_handover(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    request_id, _ = held(database, org)
    link = f'href="/overleveringer/ny?bestilling={request_id}"'
    assert link in signed_in_as().get(f"/bestillinger/{request_id}").text
    assert link not in signed_in_as(Role.EMPLOYEE).get(f"/bestillinger/{request_id}").text


def test_the_history_names_only_the_answers_that_were_given(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    request_id, _ = held(database, org)
    page = signed_in_as().get(f"/bestillinger/{request_id}").text
    assert ">Godkjent: 2<" in page
    assert "venteliste: 0" not in page
