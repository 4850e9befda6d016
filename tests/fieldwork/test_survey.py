"""Surveys: begun, walked, counted by room and person, ended; as pages without scripts and as JSON."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import func, select

from app.accounts.rules import Role
from app.catalogue.service import RegisterModel, register_model
from app.fieldwork.models_survey import SurveyPiece
from app.fieldwork.queries_survey import Tally, progress
from app.items.commands import Delete
from app.items.models import Item
from app.items.service_wrong import delete
from app.kit.clock import MovedClock
from app.kit.codes import grouped
from app.projects.service import StartProject, start_project
from tests.databases import RolledBackDatabase
from tests.people import ActorOf, Organised, SignedInAs


@pytest.fixture
def web(signed_in_as: SignedInAs) -> TestClient:
    return signed_in_as(Role.SURVEYOR)


@pytest.fixture
def survey(web: TestClient, org: Organised) -> str:
    """The id of one that was begun in room 214."""
    body = {"name": "Bygg A", "place_id": str(org.room_id)}
    return str(web.post("/api/v1/surveys", json=body).json()["id"])


def blank(web: TestClient, count: int) -> list[str]:
    codes: list[str] = web.post("/api/v1/print-batches", json={"count": count}).json()["codes"]
    return codes


def chair(org: Organised, **more: Any) -> dict[str, Any]:
    return {
        "category_id": "CHAIR_TASK",
        "owner_unit_id": str(org.unit_id),
        "place_id": str(org.room_id),
        **more,
    }


def a_photo() -> bytes:
    kept = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(kept, "JPEG")
    return kept.getvalue()


def test_thirty_like_chairs_are_one_form_one_photo_and_thirty_codes(
    database: RolledBackDatabase, org: Organised, web: TestClient, survey: str
) -> None:
    codes = blank(web, 30)
    form = chair(org, codes="\n".join(map(grouped, codes)), condition="B", m_seat_height_cm="45,5")
    path = f"/kartlegging/{survey}/registrer"

    done = web.post(path, data={**form, "key": "k"}, files={"photos": ("x.jpg", a_photo())})
    again = web.post(path, data={**form, "key": "k"}, files={"photos": ("x.jpg", a_photo())})

    assert (done.status_code, again.status_code) == (303, 303)
    assert done.headers["location"] == path
    report = web.get(f"/api/v1/surveys/{survey}").json()
    whole = {"pieces": 30, "photographed": 30, "measured": 30, "judged": 30}
    assert report["total"] == whole
    assert report["rooms"] == [{**whole, "place_id": str(org.room_id), "label": "Bygg A › Rom 214"}]
    assert [row["pieces"] for row in report["people"]] == [30]
    with database.read() as session:
        assert session.scalar(select(func.count(Item.lot_id.distinct()))) == 1
    assert {web.get(f"/api/v1/codes/{each}").json()["state"] for each in codes} == {"bound"}
    text = web.get(f"/kartlegging/{survey}").text
    assert "30 møbler registrert" in text
    assert "30 av 30 har bilde" in text


def test_what_stays_is_place_category_and_unit_and_the_rest_only_when_asked(
    org: Organised, web: TestClient, survey: str
) -> None:
    path = f"/kartlegging/{survey}/registrer"
    first = web.get(path).text
    form = chair(org, place_id=str(org.storage_id), colour="Rød", note="Bare denne", condition="C")
    web.post(path, data=form)

    plain, like = web.get(path).text, web.get(f"{path}?som=forrige").text

    assert f'<option value="{org.room_id}" selected' in first
    for text in (plain, like):
        assert f'<option value="{org.storage_id}" selected' in text
        assert '<option value="CHAIR_TASK" selected' in text
        assert f'<option value="{org.unit_id}" selected' in text
        assert "Bare denne" not in text
    assert 'value="Rød"' not in plain
    assert 'value="Rød"' in like
    assert 'value="C" checked' in like
    assert 'value="C" checked' not in plain


def test_a_condition_that_nobody_chose_does_not_count_as_judged(
    database: RolledBackDatabase, org: Organised, actor: ActorOf, web: TestClient, survey: str
) -> None:
    pieces = [chair(org), chair(org, condition="B", quantity=2, width_mm=600)]
    made = web.post(f"/api/v1/surveys/{survey}/pieces", json=pieces)

    assert made.status_code == 201
    with database.write() as session:
        found = progress(session, actor(), UUID(survey))
        assert found.total == Tally(pieces=3, photographed=0, measured=2, judged=2)
        delete(session, actor(), [Delete(item_id=made.json()[0]["id"], reason="Fantes ikke")])
    assert web.get(f"/api/v1/surveys/{survey}").json()["total"]["pieces"] == 2


def test_a_product_model_that_is_typed_fills_what_is_left_empty(
    database: RolledBackDatabase, org: Organised, actor: ActorOf, web: TestClient, survey: str
) -> None:
    with database.write() as session:
        models = [
            RegisterModel(category_id="CHAIR_TASK", maker="HÅG", name=name, width_mm=620)
            for name in ("Capisco", "Capisco Puls", "Sofi")
        ]
        capisco, _, sofi = register_model(session, actor(Role.FURNITURE_MANAGER), models)
    path = f"/kartlegging/{survey}/registrer"

    for typed in ("håg capisco", "sofi", "Ukjent 7"):
        assert web.post(path, data=chair(org, product_model=typed)).status_code == 303

    pieces = web.get("/api/v1/items").json()
    found = {(each["product_model_id"], each["model"]) for each in pieces}
    assert found == {(str(capisco.id), None), (str(sofi.id), None), (None, "Ukjent 7")}
    suggested = web.get("/api/v1/product-models/suggested", params={"text": "hå"}).json()
    assert [each["name"] for each in suggested] == ["Capisco", "Capisco Puls", "Sofi"]
    assert web.get("/api/v1/product-models/suggested", params={"text": "h"}).status_code == 422
    assert web.get(f"/api/v1/surveys/{survey}").json()["total"]["measured"] == 2


@pytest.mark.parametrize(
    ("more", "field", "said", "status"),
    [
        ({"codes": "7K3QWX9R2M5"}, "codes", "er ikke riktig skrevet", 422),
        ({"codes": "7K3QWX9R2M4 7k3q-wx9r-2m4"}, "codes", "står to ganger", 422),
        ({"codes": "\n".join(["7K3QWX9R2M4"] * 10_000)}, "codes", "Ta med høyst 500", 422),
        ({"codes": "7K3QWX9R2M4"}, "codes", "Ingen etikett har denne koden", 404),
        ({"category_id": ""}, "category_id", "Fyll ut feltet", 422),
        ({"place_id": str(uuid4())}, "place_id", "virksomhetens steder", 422),
        ({"width_cm": "bred"}, "width_cm", "Skriv et tall", 422),
        ({"quantity": "501"}, "quantity", "Skriv høyst 500", 422),
        ({"product_model": "x" * 300}, "model", "Skriv høyst 120 tegn", 422),
    ],
)
def test_what_can_not_be_registered_is_said_and_what_was_typed_stays(
    database: RolledBackDatabase,
    org: Organised,
    web: TestClient,
    survey: str,
    more: dict[str, str],
    field: str,
    said: str,
    status: int,
) -> None:
    form = chair(org, note="Beholdt", **{name: text for name, text in more.items() if text})
    form |= more
    answer = web.post(f"/kartlegging/{survey}/registrer", data=form)

    assert answer.status_code == status
    assert f'id="field-{field}-error"' in answer.text
    assert said in answer.text
    assert "Beholdt</textarea>" in answer.text
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Item)) == 0


def test_a_code_of_another_organisation_a_withdrawn_and_a_used_one_each_say_so(
    org: Organised,
    foreign_org: Organised,
    signed_in_as: SignedInAs,
    web: TestClient,
    survey: str,
) -> None:
    path = f"/kartlegging/{survey}/registrer"
    (theirs,) = blank(signed_in_as(Role.SURVEYOR, where=foreign_org), 1)
    batch = web.post("/api/v1/print-batches", json={"count": 1}).json()
    web.post(f"/api/v1/print-batches/{batch['id']}/cancel", json={})
    (used,) = blank(web, 1)
    web.post(path, data=chair(org, codes=used, name="Den første"))

    answers = [
        web.post(path, data=chair(org, codes=code)) for code in (theirs, *batch["codes"], used)
    ]

    assert [each.status_code for each in answers] == [404, 410, 409]
    assert "Ingen etikett har denne koden" in answers[0].text
    assert "ble trukket tilbake av" in answers[1].text
    assert "hører alt til Den første" in answers[2].text


def test_a_finished_survey_still_takes_what_a_phone_sends_late_and_can_be_reopened(
    org: Organised, web: TestClient, survey: str
) -> None:
    assert web.post(f"/kartlegging/{survey}/avslutt").status_code == 303
    assert "ble avsluttet" in web.get(f"/kartlegging/{survey}").text
    assert web.post(f"/api/v1/surveys/{survey}/finish", json={}).status_code == 409

    late = web.post(f"/api/v1/surveys/{survey}/pieces", json=[chair(org)])

    assert late.status_code == 201
    assert web.get("/kartlegging/videre").headers["location"] == "/kartlegging"
    assert web.post(f"/kartlegging/{survey}/gjenapne").status_code == 303
    assert f'action="/kartlegging/{survey}/registrer"' in web.get("/kartlegging/videre").text


def test_the_survey_to_go_on_with_is_the_one_last_begun_or_registered_in(
    org: Organised, web: TestClient, survey: str, clock: MovedClock
) -> None:
    def goes_on_in(survey_id: str) -> bool:
        return f'action="/kartlegging/{survey_id}/registrer"' in web.get("/kartlegging/videre").text

    assert web.post(f"/api/v1/surveys/{survey}/pieces", json=[chair(org)]).status_code == 201
    assert goes_on_in(survey)
    clock.move(timedelta(minutes=1))
    begun = web.post("/kartlegging", data={"key": str(uuid4()), "name": "Bygg B"})
    assert begun.headers["location"] == "/kartlegging/videre"
    assert not goes_on_in(survey)
    assert "Bygg B" in web.get("/kartlegging/videre").text
    clock.move(timedelta(minutes=1))
    assert web.post(f"/api/v1/surveys/{survey}/pieces", json=[chair(org)]).status_code == 201
    assert goes_on_in(survey)


def test_a_call_registers_no_more_pieces_in_a_survey_than_elsewhere(
    database: RolledBackDatabase, org: Organised, web: TestClient, survey: str
) -> None:
    pieces = [chair(org, quantity=500)] * 10 + [chair(org)]
    for path in (f"/api/v1/surveys/{survey}/pieces", "/api/v1/items"):
        answer = web.post(path, json=pieces)
        assert answer.status_code == 422
        assert "høyst 5000" in answer.text
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(SurveyPiece)) == 0


def test_a_survey_is_begun_for_a_place_and_a_project_of_the_organisations_own(
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
    actor: ActorOf,
    web: TestClient,
) -> None:
    with database.write() as session:
        command = StartProject(name="Flytting", unit_id=org.unit_id, from_date=date(2026, 4, 1))
        (project,) = start_project(session, actor(Role.FURNITURE_MANAGER), [command])
    form = {"name": "Kjelleren", "project_id": str(project.id), "key": "k"}

    first = web.post("/kartlegging", data=form)
    repeated = web.post("/kartlegging", data=form)
    foreign = web.post("/kartlegging", data={"name": "X", "place_id": str(foreign_org.room_id)})
    nameless = web.post("/kartlegging", data={"name": "  "})

    assert first.headers["location"] == repeated.headers["location"]
    assert [foreign.status_code, nameless.status_code] == [422, 422]
    assert 'id="field-place_id-error"' in foreign.text
    assert 'id="field-name-error"' in nameless.text
    assert "Flytting" in web.get("/kartlegging").text


def test_who_registers_nothing_begins_no_survey_but_may_see_how_far_it_has_come(
    org: Organised, signed_in_as: SignedInAs, survey: str
) -> None:
    employee = signed_in_as(Role.EMPLOYEE)

    assert employee.get(f"/kartlegging/{survey}").status_code == 200
    assert employee.post("/kartlegging", data={"name": "X"}).status_code == 403
    assert employee.get(f"/kartlegging/{survey}/registrer").status_code == 403
    assert employee.post(f"/kartlegging/{survey}/avslutt").status_code == 403
    body = [chair(org)]
    assert employee.post(f"/api/v1/surveys/{survey}/pieces", json=body).status_code == 403


def test_the_same_queue_sent_twice_registers_once(
    database: RolledBackDatabase, org: Organised, web: TestClient, survey: str
) -> None:
    path, body = f"/api/v1/surveys/{survey}/pieces", [chair(org, id=str(uuid4()))]

    first = web.post(path, json=body, headers={"Idempotency-Key": "k"})
    second = web.post(path, json=body, headers={"Idempotency-Key": "k"})
    other_key = web.post(path, json=body, headers={"Idempotency-Key": "l"})

    assert first.json() == second.json()
    assert (other_key.status_code, other_key.json()["id"]) == (409, body[0]["id"])
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(SurveyPiece)) == 1
