"""A survey that a phone began without coverage: one, whichever way its beginning comes."""

from datetime import timedelta
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from app.accounts.rules import Role
from app.kit.clock import MovedClock
from tests.people import Organised, SignedInAs


@pytest.fixture
def web(signed_in_as: SignedInAs) -> TestClient:
    return signed_in_as(Role.SURVEYOR)


def surveys(web: TestClient) -> list[str]:
    return [each["id"] for each in web.get("/api/v1/surveys").json()]


def test_a_beginning_that_comes_twice_is_one_survey(web: TestClient) -> None:
    body = {"id": str(uuid4()), "name": "Bygg A"}
    answers = [
        web.post("/api/v1/surveys", json=body, headers={"Idempotency-Key": key}) for key in "kkl"
    ]

    assert [each.status_code for each in answers] == [201] * 3
    assert {each.json()["id"] for each in answers} == {body["id"]}
    assert surveys(web) == [body["id"]]


def test_the_form_that_was_lost_and_the_queue_begin_the_same_survey(web: TestClient) -> None:
    own = str(uuid4())

    posted = web.post("/kartlegging", data={"name": "Bygg A", "id": own, "key": str(uuid4())})
    queued = web.post("/api/v1/surveys", json={"name": "Bygg A", "id": own})
    plain = web.post("/kartlegging", data={"name": "Bygg B", "id": "", "key": str(uuid4())})

    assert [posted.status_code, queued.status_code, plain.status_code] == [303, 201, 303]
    assert queued.json()["id"] == own
    assert len(surveys(web)) == 2


def test_a_beginning_that_was_mended_after_it_had_come_is_corrected(
    web: TestClient, org: Organised
) -> None:
    own = str(uuid4())
    web.post("/kartlegging", data={"name": "Bygg A", "id": own, "key": str(uuid4())})
    mended = {"id": own, "name": "Bygg B", "place_id": str(org.room_id)}

    answer = web.post("/api/v1/surveys", json=mended)
    wrong = web.post("/api/v1/surveys", json={**mended, "place_id": str(uuid4())})

    assert [answer.status_code, wrong.status_code] == [201, 422]
    assert answer.json()["name"] == "Bygg B"
    assert answer.json()["place_id"] == str(org.room_id)
    assert web.get(f"/api/v1/surveys/{own}").json()["name"] == "Bygg B"
    assert surveys(web) == [own]


def test_a_survey_that_is_asked_for_by_its_id_is_gone_on_with_and_not_the_last(
    web: TestClient, signed_in_as: SignedInAs, foreign_org: Organised, clock: MovedClock
) -> None:
    first, last, foreign = (str(uuid4()) for _ in range(3))
    for own in (first, last):
        clock.move(timedelta(minutes=1))
        web.post("/api/v1/surveys", json={"id": own, "name": f"Bygg {own}"})
    other = signed_in_as(Role.SURVEYOR, where=foreign_org)
    other.post("/api/v1/surveys", json={"id": foreign, "name": "Deres"})

    answer = web.get("/kartlegging/videre", params={"kartlegging": first})

    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        f"/kartlegging/{first}/registrer",
    )
    for unknown in (foreign, str(uuid4())):
        shown = web.get("/kartlegging/videre", params={"kartlegging": unknown})
        assert f"Bygg {last}" in shown.text
        assert "Deres" not in shown.text
    assert web.get("/kartlegging/videre", params={"kartlegging": "x"}).status_code == 422


@pytest.mark.parametrize("own", ["x", "' OR 1=1", "0" * 400, "\x00"])
def test_an_id_that_is_none_begins_nothing(web: TestClient, own: str) -> None:
    assert web.post("/kartlegging", data={"name": "Bygg A", "id": own}).status_code in {400, 422}
    assert web.post("/api/v1/surveys", json={"name": "A", "id": own}).status_code in {400, 422}
    assert surveys(web) == []


def test_the_id_of_anothers_survey_is_taken(
    web: TestClient, signed_in_as: SignedInAs, foreign_org: Organised
) -> None:
    body = {"id": str(uuid4()), "name": "Bygg A"}
    web.post("/api/v1/surveys", json=body)
    others = [
        signed_in_as(Role.FURNITURE_MANAGER),
        signed_in_as(Role.SURVEYOR, where=foreign_org),
    ]

    for each in others:
        assert each.post("/api/v1/surveys", json=body).status_code == 409
    assert surveys(others[1]) == []


def test_what_was_registered_before_its_survey_has_come_is_refused_and_then_taken(
    web: TestClient, org: Organised
) -> None:
    own = str(uuid4())
    piece = {
        "category_id": "CHAIR_TASK",
        "owner_unit_id": str(org.unit_id),
        "place_id": str(org.room_id),
    }

    early = web.post(f"/api/v1/surveys/{own}/pieces", json=[piece])
    web.post("/api/v1/surveys", json={"id": own, "name": "Bygg A"})
    late = web.post(f"/api/v1/surveys/{own}/pieces", json=[piece])

    assert [early.status_code, late.status_code] == [404, 201]
    assert web.get(f"/api/v1/surveys/{own}").json()["total"]["pieces"] == 1


def test_the_page_that_stands_in_for_it_leads_to_its_own_when_there_is_one(
    web: TestClient, signed_in_as: SignedInAs, foreign_org: Organised
) -> None:
    own = str(uuid4())
    path = f"/kartlegging/ny?kartlegging={own}"

    assert "data-begun" in web.get(path).text
    web.post("/api/v1/surveys", json={"id": own, "name": "Bygg A"})
    assert web.get(path).headers["location"] == f"/kartlegging/{own}/registrer"
    assert web.get("/kartlegging/ny").status_code == 200
    assert signed_in_as(Role.SURVEYOR, where=foreign_org).get(path).status_code == 200
    assert signed_in_as(Role.EMPLOYEE).get(path).status_code == 403
