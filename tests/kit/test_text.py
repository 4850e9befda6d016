"""What people write reaches every command as the same kind of text."""

import pytest

from app.accounts.rules import Role
from tests.people import Organised, SignedInAs

WRONG = "Teksten har ugyldige tegn."


@pytest.mark.parametrize("name", ["A\x00B", "A\x1bB", "A\u202eB", "A\u2066B", "  ", ""])
def test_no_name_of_the_api_takes_control_characters_or_only_blanks(
    signed_in_as: SignedInAs, org: Organised, name: str
) -> None:
    client = signed_in_as(Role.ADMIN)
    person = {"name": name, "email": "kari@example.no", "roles": ["employee"]}
    model = {"category_id": "CHAIR_TASK", "maker": "Håg", "name": name}
    posted: dict[str, object] = {
        "/api/v1/units": [{"name": name}],
        "/api/v1/people": [person],
        "/api/v1/tokens": {"name": name},
    }
    answers = {path: client.post(path, json=body) for path, body in posted.items()}
    unit = f"/api/v1/units/{org.unit_id}"
    answers["unit"] = client.put(unit, json={"name": name}, headers={"If-Match": '"v1"'})
    manager = signed_in_as(Role.FURNITURE_MANAGER)
    place = {"kind": "building", "name": name}
    answers["place"] = manager.post("/api/v1/places", json=[place])
    answers["model"] = manager.post("/api/v1/product-models", json=[model])
    answers["mapping"] = manager.post("/api/v1/imports/mappings", json={"name": name})

    assert {where: each.status_code for where, each in answers.items()} == dict.fromkeys(
        answers, 422
    )
    if name.strip():
        for where, each in answers.items():
            assert WRONG in [found["detail"] for found in each.json()["errors"]], where


def test_cost_centres_and_addresses_take_no_control_characters(signed_in_as: SignedInAs) -> None:
    unit = {"name": "Barn", "cost_centre": "43\x0000"}
    place = {"kind": "building", "name": "Bygg B", "address": "Storgata\x00 1"}

    answers = [
        signed_in_as(Role.ADMIN).post("/api/v1/units", json=[unit]),
        signed_in_as().post("/api/v1/places", json=[place]),
    ]

    for answer in answers:
        assert answer.status_code == 422
        assert WRONG in answer.text


@pytest.mark.parametrize(
    "asked",
    [
        "market?words=%00",
        "market?group=%00",
        "market?category_id=%00",
        "product-models?category_id=%00",
    ],
)
def test_no_question_of_the_api_takes_a_nul(signed_in_as: SignedInAs, asked: str) -> None:
    answer = signed_in_as().get(f"/api/v1/{asked}")

    assert answer.status_code == 422
    assert WRONG in answer.text


def test_nothing_has_an_address_with_a_nul(signed_in_as: SignedInAs) -> None:
    assert signed_in_as().get("/api/v1/categories/%00").status_code == 404


def test_the_market_page_without_what_was_asked_with_a_nul(signed_in_as: SignedInAs) -> None:
    for asked in ("words", "group", "category_id"):
        assert signed_in_as().get(f"/marked?{asked}=%00").status_code == 200


def test_a_form_says_at_the_field_that_its_text_has_a_nul(signed_in_as: SignedInAs) -> None:
    client = signed_in_as()

    answer = client.post("/steder", data={"kind": "building", "name": "Bygg\x00 B"})

    assert answer.status_code == 422
    assert WRONG in answer.text
    assert "Bygg B" not in client.get("/steder").text


def test_blanks_around_a_name_are_taken_away(signed_in_as: SignedInAs) -> None:
    answer = signed_in_as(Role.ADMIN).post("/api/v1/units", json=[{"name": "  Barn "}])

    assert answer.json()[0]["name"] == "Barn"
