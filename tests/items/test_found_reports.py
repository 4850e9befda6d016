"""Found reports: sent by anybody, once, within limits; dealt with by the furniture manager."""

from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from app.accounts.rules import Role
from app.items.models import FoundReport
from app.items.queries import codes_of
from app.items.rules import FoundReportState
from app.items.service_codes import PrintBlank, print_blank
from app.items.service_found import (
    MOST_REPORTS,
    FoundReportDone,
    OfFoundReport,
    close_found_reports,
    reopen_found_reports,
)
from app.kit.codes import mint
from app.kit.errors import Forbidden, NotFound
from app.kit.events import EventRow
from tests.databases import RolledBackDatabase
from tests.factories import an_item
from tests.people import ActorOf, Organised, SignedInAs


@pytest.fixture
def code(database: RolledBackDatabase, org: Organised, actor: ActorOf) -> str:
    with database.write() as session:
        item = an_item(session, org, name="Kontorstol")
        return codes_of(session, actor(), [item.id])[item.id]


def reports(database: RolledBackDatabase) -> list[FoundReport]:
    with database.read() as session:
        return list(session.scalars(select(FoundReport).order_by(FoundReport.created_at)))


def test_a_strangers_report_is_kept_and_told_to_the_organisation(
    database: RolledBackDatabase, client: TestClient, org: Organised, code: str
) -> None:
    answer = client.post(
        f"/I/{code}/melding", data={"text": "Står i skogen", "contact": "900 00 000"}
    )

    assert (answer.status_code, answer.headers["location"]) == (303, f"/I/{code}?sendt=1")
    assert "Takk" in client.get(answer.headers["location"]).text
    (report,) = reports(database)
    assert (report.org_id, report.text, report.contact, report.state) == (
        org.org_id,
        "Står i skogen",
        "900 00 000",
        FoundReportState.OPEN,
    )
    with database.read() as session:
        row = session.scalars(select(EventRow).where(EventRow.kind == "item-found-reported")).one()
    assert (row.subject_id, row.person_id) == (report.item_id, None)
    assert row.payload == {"report_id": str(report.id)}


def test_the_same_form_sent_twice_is_one_report(
    database: RolledBackDatabase, client: TestClient, code: str
) -> None:
    form = {"text": "Ødelagt", "key": str(uuid4())}

    for _ in range(2):
        assert client.post(f"/I/{code}/melding", data=form).status_code == 303

    assert len(reports(database)) == 1


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({}, "text"),
        ({"text": "  "}, "text"),
        ({"text": "ab"}, "text"),
        ({"text": "x" * 5001}, "text"),
        ({"text": "Ødelagt", "contact": "x" * 121}, "contact"),
        ({"text": "Ødelagt\x07"}, "text"),
    ],
)
def test_a_wrong_form_is_shown_again_with_the_message_at_the_field(
    database: RolledBackDatabase, client: TestClient, code: str, form: dict[str, str], field: str
) -> None:
    answer = client.post(f"/I/{code}/melding", data=form)

    assert answer.status_code == 422
    assert f'id="field-{field}-error"' in answer.text
    assert reports(database) == []


def test_one_address_sends_so_many_reports_and_no_more(
    database: RolledBackDatabase, client: TestClient, code: str
) -> None:
    for n in range(MOST_REPORTS):
        assert client.post(f"/I/{code}/melding", data={"text": f"Nr. {n}"}).status_code == 303

    answer = client.post(f"/I/{code}/melding", data={"text": "En til"})

    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert "En til" in answer.text
    assert len(reports(database)) == MOST_REPORTS


def test_a_report_on_a_blank_an_unknown_or_a_mistyped_code_is_refused(
    database: RolledBackDatabase, client: TestClient, actor: ActorOf
) -> None:
    with database.write() as session:
        _, (blank,) = print_blank(session, actor(), PrintBlank(count=1))

    for code, status in ((blank, 404), (mint(), 404), ("TULL", 422)):
        answer = client.post(f"/I/{code}/melding", data={"text": "Hei på deg"})
        assert answer.status_code == status

    assert reports(database) == []


def test_the_furniture_manager_reads_closes_and_reopens(
    database: RolledBackDatabase, client: TestClient, signed_in_as: SignedInAs, code: str
) -> None:
    client.post(f"/I/{code}/melding", data={"text": "<b>Står</b> i gangen", "contact": "Kari"})
    (report,) = reports(database)
    manager = signed_in_as(Role.FURNITURE_MANAGER)

    listed = manager.get("/funnmeldinger")
    assert "&lt;b&gt;Står&lt;/b&gt; i gangen" in listed.text
    assert "Kari" in listed.text
    assert f"/mobler/{report.item_id}" in listed.text
    closed = manager.post(f"/funnmeldinger/{report.id}/lukk")
    assert closed.status_code == 303
    assert "i gangen" not in manager.get("/funnmeldinger").text
    assert "i gangen" in manager.get("/funnmeldinger?status=closed").text
    assert manager.post(f"/funnmeldinger/{report.id}/lukk").status_code == 409
    assert manager.post(f"/funnmeldinger/{report.id}/gjenapne").status_code == 303
    assert "i gangen" in manager.get("/funnmeldinger").text


def test_reports_are_listed_closed_and_reopened_through_the_api(
    database: RolledBackDatabase, client: TestClient, signed_in_as: SignedInAs, code: str
) -> None:
    client.post(f"/I/{code}/melding", data={"text": "Står i gangen"})
    manager = signed_in_as()

    (listed,) = manager.get("/api/v1/found-reports", params={"state": "open"}).json()
    body = [{"found_report_id": listed["id"]}]
    closed = manager.post("/api/v1/found-reports/close", json=body)
    again = manager.post("/api/v1/found-reports/close", json=body)
    reopened = manager.post("/api/v1/found-reports/reopen", json=body)

    assert [each["state"] for each in closed.json()] == ["closed"]
    assert (again.status_code, again.json()["type"]) == (409, "/problems/found-report-done")
    assert [each["state"] for each in reopened.json()] == ["open"]
    assert manager.get("/api/v1/found-reports", params={"state": "x"}).status_code == 422


def test_nobody_else_reads_or_closes_reports(
    database: RolledBackDatabase,
    client: TestClient,
    signed_in_as: SignedInAs,
    foreign_org: Organised,
    actor: ActorOf,
    code: str,
) -> None:
    client.post(f"/I/{code}/melding", data={"text": "Står i gangen"})
    (report,) = reports(database)
    command = OfFoundReport(found_report_id=report.id)

    assert signed_in_as(Role.EMPLOYEE).get("/funnmeldinger").status_code == 403
    assert "i gangen" not in signed_in_as(where=foreign_org).get("/funnmeldinger").text
    with database.write() as session:
        with pytest.raises(NotFound):
            close_found_reports(session, actor(where=foreign_org), [command])
        with pytest.raises(Forbidden):
            close_found_reports(session, actor(Role.SURVEYOR), [command])
        with pytest.raises(FoundReportDone):
            reopen_found_reports(session, actor(), [command])
        assert session.scalar(select(func.count()).select_from(FoundReport)) == 1
