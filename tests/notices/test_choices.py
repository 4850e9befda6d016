"""How each person wants to be told, and what of it is read."""

import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts.rules import Role
from app.kit.i18n import gettext
from app.marketplace import service as market
from app.notices.kinds import GROUPS, KINDS, Delivery
from app.notices.models import Notice, NoticeChoice
from tests.databases import RolledBackDatabase
from tests.marketplace.stalls import a_listing, a_request, acting
from tests.people import Organised, SignedInAs
from tests.test_tenancy import routes

CHOICES, NOTICES = "/api/v1/notices/choices", "/api/v1/notices"


def asked(database: RolledBackDatabase, org: Organised, times: int = 1) -> None:
    for _ in range(times):
        with database.write() as session:
            a_request(session, org, a_listing(session, org), 1)


def told(client: TestClient) -> list[dict[str, str]]:
    found: list[dict[str, str]] = client.get(NOTICES).json()
    return found


@pytest.mark.parametrize("name", sorted(KINDS))
def test_each_kind_leads_to_a_page_and_stands_under_a_heading(web_app: FastAPI, name: str) -> None:
    paths = {re.sub(r"{\w+}", "{id}", path) for method, path in routes(web_app) if method == "GET"}
    assert KINDS[name].path in paths
    assert KINDS[name].group in GROUPS


def test_without_a_choice_everybody_is_told_at_once(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised
) -> None:
    asked(database, org)
    approver = signed_in_as(Role.APPROVER)
    assert [each["delivery"] for each in told(approver)] == ["at_once"]
    chosen = {each["kind"]: each["delivery"] for each in approver.get(CHOICES).json()}
    assert chosen == {name: kind.delivery.value for name, kind in KINDS.items()}
    assert [job for job, _ in database.woken if job.startswith("notices")] == ["notices:send"]


@pytest.mark.parametrize("delivery", ["daily", "product"])
def test_a_choice_holds_for_what_happens_from_then_on_and_wakes_no_letter(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised, delivery: str
) -> None:
    approver = signed_in_as(Role.APPROVER)
    body = [{"kind": "request_submitted", "delivery": delivery}]
    answer = approver.post(CHOICES, json=body)
    assert answer.status_code == 200, answer.text
    asked(database, org)
    assert [each["delivery"] for each in told(approver)] == [delivery]
    assert [job for job, _ in database.woken if job.startswith("notices")] == []


def test_what_is_turned_off_is_not_told_at_all(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised
) -> None:
    employee = signed_in_as(Role.EMPLOYEE)
    body = [{"kind": "request_cancelled", "delivery": "off"}]
    assert employee.post(CHOICES, json=body).status_code == 200
    asked(database, org)
    with database.write() as session:
        request_id = session.scalars(select(Notice.subject_id)).one()
        gone = market.OfRequest(request_id=request_id)
        market.cancel(session, acting(session, org, Role.ADMIN), [gone])
    assert told(employee) == []
    kinds = sorted(each["kind"] for each in told(signed_in_as(Role.APPROVER)))
    assert kinds == ["request_cancelled", "request_submitted"]


@pytest.mark.parametrize("kind", sorted(name for name, kind in KINDS.items() if kind.is_asked))
def test_what_has_to_be_answered_can_not_be_turned_off(
    signed_in_as: SignedInAs, database: RolledBackDatabase, kind: str
) -> None:
    approver = signed_in_as(Role.APPROVER)
    answer = approver.post(CHOICES, json=[{"kind": kind, "delivery": "off"}])
    assert answer.status_code == 422
    page = approver.post("/varsler/valg", data={kind: "off"})
    assert page.status_code == 422
    assert "kan ikke slås helt av" in page.text
    with database.read() as session:
        assert session.scalars(select(NoticeChoice)).all() == []


def test_the_form_saves_all_choices_at_once_and_shows_them(
    signed_in_as: SignedInAs, database: RolledBackDatabase
) -> None:
    approver = signed_in_as(Role.APPROVER)
    form = dict.fromkeys(KINDS, "daily") | {"key": "one"}
    for _ in range(2):
        answer = approver.post("/varsler/valg", data=form, follow_redirects=False)
        assert answer.headers["location"] == "/varsler/valg"
    text = approver.get("/varsler/valg").text
    assert text.count('value="daily" selected') == len(KINDS)
    with database.read() as session:
        rows = session.scalars(select(NoticeChoice)).all()
    assert {each.delivery for each in rows} == {Delivery.DAILY}
    assert len(rows) == len(KINDS)


@pytest.mark.parametrize(
    "body", [[{"kind": "nothing_such", "delivery": "daily"}], [{"kind": "x", "delivery": "fax"}]]
)
def test_a_kind_or_a_way_that_does_not_exist_is_refused(
    signed_in_as: SignedInAs, body: list[dict[str, str]]
) -> None:
    assert signed_in_as(Role.APPROVER).post(CHOICES, json=body).status_code == 422


def test_a_way_that_does_not_exist_is_said_at_its_field(signed_in_as: SignedInAs) -> None:
    answer = signed_in_as(Role.APPROVER).post("/varsler/valg", data={"message_posted": "fax"})
    assert answer.status_code == 422
    assert gettext("Velg et av svarene.") in answer.text


def test_unread_notices_are_counted_until_they_are_opened(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised
) -> None:
    asked(database, org, 3)
    approver = signed_in_as(Role.APPROVER)
    assert "3 uleste varsler" in approver.get("/").text
    first = told(approver)[0]["id"]
    for _ in range(2):
        answer = approver.post(f"/varsler/{first}/apne", follow_redirects=False)
        assert answer.headers["location"] == "/godkjenning"
    assert "2 uleste varsler" in approver.get("/").text
    assert approver.get("/varsler?vis=uleste").text.count("task-unread") == 2
    approver.post("/varsler/lest")
    assert "uleste varsler" not in approver.get("/").text
    assert gettext("Alt er lest") in approver.get("/varsler?vis=uleste").text


def test_a_program_reads_its_own_and_no_one_elses(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised
) -> None:
    asked(database, org, 2)
    approver, employee = signed_in_as(Role.APPROVER), signed_in_as(Role.EMPLOYEE)
    ids = [each["id"] for each in told(approver)]
    path = "/api/v1/notices/read"
    assert employee.post(path, json=[{"notice_ids": ids}]).status_code == 404
    assert employee.post(path, json=[{}]).json() == {"count": 0}
    assert approver.post(path, json=[{"notice_ids": ids[:1]}]).json() == {"count": 1}
    assert approver.post(path, json=[{"notice_ids": ids}]).json() == {"count": 1}
    assert all(each["read_at"] for each in told(approver))
    assert employee.post(f"/varsler/{ids[0]}/apne").status_code == 404


def test_to_look_at_notices_reads_none(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised
) -> None:
    asked(database, org)
    approver = signed_in_as(Role.APPROVER)
    approver.get("/varsler")
    approver.get("/varsler?vis=uleste")
    assert [each["read_at"] for each in told(approver)] == [None]


def test_an_administrator_sees_everybodys_and_reads_nobodys(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised
) -> None:
    asked(database, org)
    admin = signed_in_as(Role.ADMIN)
    text = admin.get("/varsler?vis=alle").text
    assert "venter på svar" in text
    assert "/apne" not in text
    [notice] = admin.get(NOTICES, params={"everybody": True}).json()
    assert admin.post(f"/varsler/{notice['id']}/apne").status_code == 404
