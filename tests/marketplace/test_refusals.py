"""Orders that cannot be: said at the field on the page, as a problem to programs, nothing changed."""

from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from app.accounts.rules import Role
from app.marketplace import service
from app.marketplace.models import Request, RequestLine, Reservation
from app.marketplace.rules import RequestState
from tests.databases import RolledBackDatabase
from tests.marketplace.stalls import a_listing, acting
from tests.people import Organised, SignedInAs


@pytest.fixture
def listing_id(database: RolledBackDatabase, org: Organised) -> UUID:
    with database.write() as session:
        return a_listing(session, org, 3).id


def sent(database: RolledBackDatabase) -> tuple[int, int, list[int]]:
    """Requests that are sent, reservations, and what lies in baskets."""
    with database.read() as session:
        requests = select(func.count(Request.id)).where(Request.state != RequestState.DRAFT)
        lines = select(RequestLine.wanted).order_by(RequestLine.wanted)
        return (
            session.scalars(requests).one(),
            session.scalars(select(func.count(Reservation.id))).one(),
            list(session.scalars(lines)),
        )


def put(client: TestClient, listing_id: UUID, wanted: int = 1) -> int:
    form = {"key": f"put-{wanted}", "listing_id": str(listing_id), "wanted": str(wanted)}
    return client.post("/kurv", data=form).status_code


def ordered(client: TestClient, listing_id: UUID, **fields: Any) -> tuple[int, str, list[str]]:
    """Status, kind of problem and the fields it points at."""
    wanted = fields.pop("wanted", 1)
    body = [{"lines": [{"listing_id": str(listing_id), "wanted": wanted}], **fields}]
    answer = client.post("/api/v1/requests", json=body)
    problem = answer.json()
    return answer.status_code, problem["type"], [e["pointer"] for e in problem.get("errors", [])]


def test_what_is_gone_can_not_be_ordered(
    database: RolledBackDatabase, org: Organised, listing_id: UUID, signed_in_as: SignedInAs
) -> None:
    employee = signed_in_as(Role.EMPLOYEE)
    assert put(employee, listing_id) == 303
    with database.write() as session:
        withdraw = service.OfListing(listing_id=listing_id)
        service.withdraw(session, acting(session, org), [withdraw])
    before = sent(database)
    form = {"key": "k", "unit_id": str(org.unit_id)}
    page = employee.post("/kurv/send", data=form)
    assert page.status_code == 409
    assert "Annonsen er ikke lenger åpen." in page.text
    assert (
        employee.post(
            "/kurv", data={"key": "l", "listing_id": str(listing_id), "wanted": "1"}
        ).status_code
        == 409
    )
    status, kind, _ = ordered(employee, listing_id, unit_id=str(org.unit_id))
    assert (status, kind) == (409, "/problems/listing-not-open")
    assert sent(database) == before == (0, 0, [1])


def test_more_than_the_listing_has_can_not_be_ordered(
    database: RolledBackDatabase, org: Organised, listing_id: UUID, signed_in_as: SignedInAs
) -> None:
    employee = signed_in_as(Role.EMPLOYEE)
    form = {"key": "k", "listing_id": str(listing_id), "wanted": "4"}
    page = employee.post("/kurv", data=form)
    assert page.status_code == 422
    assert 'id="field-wanted-error"' in page.text
    status, kind, pointers = ordered(employee, listing_id, unit_id=str(org.unit_id), wanted=4)
    assert (status, kind, pointers) == (422, "/problems/invalid", ["#/0/lines/0/wanted"])
    assert sent(database) == (0, 0, [])


def test_a_day_in_the_past_can_not_be_wanted(
    database: RolledBackDatabase, org: Organised, listing_id: UUID, signed_in_as: SignedInAs
) -> None:
    employee = signed_in_as(Role.EMPLOYEE)
    assert put(employee, listing_id) == 303
    form = {"key": "k", "unit_id": str(org.unit_id), "wanted_date": "2026-03-01"}
    page = employee.post("/kurv/send", data=form)
    assert page.status_code == 422
    assert 'id="field-wanted_date-error"' in page.text
    assert "2026-03-01" in page.text
    status, _, pointers = ordered(
        employee, listing_id, unit_id=str(org.unit_id), wanted_date="2026-03-01"
    )
    assert (status, pointers) == (422, ["#/0/wanted_date"])
    assert sent(database) == (0, 0, [1])


def test_another_organisations_unit_can_not_be_ordered_for(
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
    listing_id: UUID,
    signed_in_as: SignedInAs,
) -> None:
    assert org.org_id != foreign_org.org_id
    employee = signed_in_as(Role.EMPLOYEE)
    assert put(employee, listing_id) == 303
    form = {"key": "k", "unit_id": str(foreign_org.unit_id)}
    page = employee.post("/kurv/send", data=form)
    assert page.status_code in {404, 422}
    status, _, _ = ordered(employee, listing_id, unit_id=str(foreign_org.unit_id))
    assert status in {404, 422}
    assert sent(database) == (0, 0, [1])


def test_a_form_that_is_sent_again_with_other_choices_says_so_in_words(
    database: RolledBackDatabase, org: Organised, listing_id: UUID, signed_in_as: SignedInAs
) -> None:
    employee = signed_in_as(Role.EMPLOYEE)
    form = {"key": "same", "listing_id": str(listing_id), "wanted": "1"}
    assert employee.post("/kurv", data=form).status_code == 303
    again = employee.post("/kurv", data={**form, "wanted": "2"})
    assert again.status_code == 422
    assert "alt sendt en gang, med andre valg" in again.text
    assert "nøkkel" not in again.text
    assert org.org_id is not None
    assert sent(database) == (0, 0, [1])
