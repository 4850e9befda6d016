"""The pages of needs as a browser without JavaScript meets them."""

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts.rules import Role
from app.marketplace.models import Request
from app.needs.models import LadderStep, Need
from tests.databases import RolledBackDatabase
from tests.factories import CHAIR
from tests.needs.test_ladder import offered
from tests.people import ActorOf, Organised, SignedInAs

HERE = {"Origin": "https://testserver"}


def post(client: TestClient, path: str, **fields: Any) -> Any:
    return client.post(path, data=fields, headers=HERE)


def submitted(client: TestClient, org: Organised, **fields: Any) -> str:
    """The path of a new need's page."""
    values = {"category_id": CHAIR, "quantity": "3", "unit_id": str(org.unit_id), **fields}
    answer = post(client, "/behov/nytt", **values)
    assert answer.status_code == 303, answer.text
    path: str = answer.headers["location"]
    return path


def hidden(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form with this action."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}[^>]*>(.*?)</form>', page, re.DOTALL)
    assert form is not None, action
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form[1]))


def line_path(page: str, verb: str) -> str:
    found = re.search(rf"/behov/linjer/[0-9a-f-]+/{verb}", page)
    assert found is not None
    return found[0]


def test_a_need_is_met_in_part_from_the_market_and_the_record_says_what_was_there(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase, actor: ActorOf
) -> None:
    with database.write() as session:
        offered(session, actor(Role.FURNITURE_MANAGER), org, 2, name="Grå stol")
        offered(session, actor(Role.FURNITURE_MANAGER), org, 2, name="Blå stol")
    nurse = signed_in_as(Role.EMPLOYEE)
    path = submitted(nurse, org, requirement="Tåler desinfeksjon", budget_kr="12 000")
    page = nurse.get(path).text
    assert "Grå stol" in page
    assert "2 tilgjengelige" in page
    take = line_path(page, "ta")
    taken = post(nurse, take, **{**hidden(page, take), "quantity": "2"})
    assert taken.headers["location"].startswith(path)

    page = nurse.get(path).text
    assert "1 mangler" in page
    leave = line_path(page, "videre")
    left = post(nurse, leave, reason="look", **hidden(page, leave))
    assert left.status_code == 303, left.text
    record = nurse.get(f"{path}/protokoll").text
    assert "Vurdering av ombruk før kjøp" in record
    assert "2 × Grå stol" in record
    (one,) = [each for each in record.split("<li>") if "dette ble tatt" in each]
    assert "Blå stol" in one  # the newest stands first, and its form was sent
    assert "12\xa0000\xa0kr" in record
    assert "Ikke vurdert." in record
    with database.read() as session:
        steps = session.scalars(select(LadderStep).order_by(LadderStep.number)).all()
        assert [each.outcome.value for each in steps] == ["taken", "refused"]
        assert session.scalars(select(Request)).one().person_id == org.person_ids[Role.EMPLOYEE]


def test_a_form_that_is_wrong_says_all_that_is_wrong_and_keeps_what_was_typed(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    nurse = signed_in_as(Role.EMPLOYEE)
    answer = post(
        nurse, "/behov/nytt", category_id="", quantity="mange", unit_id="", text="Til vaktrommet"
    )
    assert answer.status_code == 422
    for field in ("category_id", "quantity", "unit_id"):
        assert f'id="field-{field}-error"' in answer.text or f"#field-{field}" in answer.text
    assert "Til vaktrommet" in answer.text
    with database.read() as session:
        assert session.scalars(select(Need)).all() == []


def test_a_need_that_is_sent_twice_is_one(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    nurse = signed_in_as(Role.EMPLOYEE)
    paths = {submitted(nurse, org, key="samme") for _ in range(2)}
    assert len(paths) == 1
    with database.read() as session:
        assert len(session.scalars(select(Need)).all()) == 1


@pytest.mark.parametrize("quantity", ["0", "-1", "4", "2,5", "x", ""])
def test_a_wrong_number_is_said_at_the_line_and_nothing_is_ordered(
    signed_in_as: SignedInAs,
    org: Organised,
    database: RolledBackDatabase,
    actor: ActorOf,
    quantity: str,
) -> None:
    with database.write() as session:
        offered(session, actor(Role.FURNITURE_MANAGER), org, 9)
    nurse = signed_in_as(Role.EMPLOYEE)
    page = nurse.get(submitted(nurse, org)).text
    take = line_path(page, "ta")
    answer = post(nurse, take, **{**hidden(page, take), "quantity": quantity})
    assert answer.status_code == 422
    assert 'class="ds-error-summary' in answer.text or "error" in answer.text
    with database.read() as session:
        assert session.scalars(select(LadderStep)).all() == []
        assert session.scalars(select(Request)).all() == []


def test_what_changed_since_the_page_was_opened_is_looked_at_again(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase, actor: ActorOf
) -> None:
    nurse = signed_in_as(Role.EMPLOYEE)
    path = submitted(nurse, org)
    page = nurse.get(path).text
    with database.write() as session:
        offered(session, actor(Role.FURNITURE_MANAGER), org, 1, name="Ny på markedet")
    leave = line_path(page, "videre")
    answer = post(nurse, leave, **hidden(page, leave))
    assert answer.status_code == 409
    assert "har endret seg" in answer.text
    assert "Ny på markedet" in answer.text


def test_the_list_shows_what_one_may_see_and_leads_on(
    signed_in_as: SignedInAs, org: Organised
) -> None:
    submitted(signed_in_as(Role.EMPLOYEE), org)
    assert "3 mangler" in signed_in_as(Role.FURNITURE_MANAGER).get("/behov").text
    assert "Ingen behov ennå" in signed_in_as(Role.SURVEYOR).get("/behov").text
    assert "Ingen behov her" in signed_in_as(Role.EMPLOYEE).get("/behov?status=cancelled").text


def test_a_new_need_waits_for_who_decides_and_not_for_who_needs_it(
    signed_in_as: SignedInAs, org: Organised
) -> None:
    nurse = signed_in_as(Role.EMPLOYEE)
    path = submitted(nurse, org)

    def waits(role: Role) -> bool:
        tasks = signed_in_as(role).get("/api/v1/waiting").json()
        return any(each["task"] == "examine_need" for each in tasks)

    assert (waits(Role.APPROVER), waits(Role.EMPLOYEE)) == (True, False)
    page = nurse.get(path).text
    leave = line_path(page, "videre")
    post(nurse, leave, **hidden(page, leave))
    assert not waits(Role.APPROVER)


def test_an_end_and_a_new_beginning(signed_in_as: SignedInAs, org: Organised) -> None:
    nurse = signed_in_as(Role.EMPLOYEE)
    path = submitted(nurse, org)
    assert post(nurse, f"{path}/lukk", key="a").status_code == 303
    page = nurse.get(path).text
    assert "Lukket udekket" in page
    assert "/videre" not in page
    assert post(nurse, f"{path}/lukk", key="b").status_code == 409
    assert post(nurse, f"{path}/gjenapne", key="c").status_code == 303
    assert "Under arbeid" in nurse.get(path).text
    assert post(nurse, f"{path}/trekk", key="d").status_code == 303
    assert "Trukket" in nurse.get(path).text


def test_the_same_through_the_api(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase, actor: ActorOf
) -> None:
    with database.write() as session:
        listing = offered(session, actor(Role.FURNITURE_MANAGER), org, 5)
    nurse = signed_in_as(Role.EMPLOYEE)
    line = {"category_id": CHAIR, "quantity": 4, "width_max_mm": 900}
    made = nurse.post("/api/v1/needs", json=[{"unit_id": str(org.unit_id), "lines": [line]}])
    assert made.status_code == 201, made.text
    (need,) = made.json()
    assert need["lines"][0]["next_step"] == "own_unit"
    of_line = {"need_line_id": need["lines"][0]["id"], "step": "own_unit"}
    matches = nurse.get(f"/api/v1/need-lines/{of_line['need_line_id']}/matches").json()
    assert matches["matches"] == []  # their width is not known
    left = nurse.post("/api/v1/need-lines/leave", json=[{**of_line, "seen": matches["seen"]}])
    assert left.json()[0]["outcome"] == "none"
    wrong = nurse.post(
        "/api/v1/need-lines/take",
        json=[{**of_line, "step": "organisation", "quantity": 1, "listing_id": str(listing.id)}],
    )
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["pointer"] == "#/0/listing_id"
    ladder = nurse.get(f"/api/v1/needs/{need['id']}/ladder").json()
    assert [each["step"] for each in ladder] == ["own_unit"]
    closed = nurse.post("/api/v1/needs/close", json=[{"need_id": need["id"]}])
    assert closed.json()[0]["state"] == "closed_unmet"
