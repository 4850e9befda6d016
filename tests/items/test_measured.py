"""The table of measurements by category, and the form that asks by it."""

import csv
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

from app.accounts.rules import Role
from app.items.commands import Register
from app.items.measured import ASKED, EVERY, asked_of
from app.items.models import MeasurementKind
from tests.people import Organised, SignedInAs

FACTORS = Path(__file__).resolve().parents[2] / "app/impact/factor_sets/2025.1/categories.csv"


@pytest.fixture
def web(signed_in_as: SignedInAs) -> TestClient:
    return signed_in_as(Role.SURVEYOR)


def test_every_category_of_furniture_stands_in_the_table_with_its_source() -> None:
    with FACTORS.open(encoding="utf-8", newline="") as file:
        categories = {row["category_code"] for row in csv.DictReader(file)}

    assert set(ASKED) == categories
    for category, asked in [*ASKED.items(), ("equipment", asked_of("EQ_UNKNOWN"))]:
        assert asked.sources or asked.own, category
        assert not asked.own or asked.own.startswith("own choice"), category
        for source in asked.sources:
            assert source.title, category
            assert source.says, category
            assert urlsplit(source.url).scheme in ("http", "https"), category


def test_a_standard_is_not_cited_for_furniture_that_its_scope_leaves_out() -> None:
    """EN 527-1 leaves out reception desks and other tables, EN 1729-1 what teachers use."""
    cited = {
        category: " ".join(source.title for source in asked.sources)
        for category, asked in ASKED.items()
    }

    assert "EN 527-1" in cited["DESK_SITSTAND"]
    assert "EN 1729-1" in cited["CHAIR_SCHOOL"]
    for category in ("DESK_RECEPTION", "TABLE_MEETING_S", "TABLE_CANTEEN"):
        assert "EN 527-1" not in cited[category]
    for category in ("CHAIR_MEETING", "CHAIR_CHILD"):
        assert "EN 1335-1" not in cited[category]
    assert "EN 1729-1" not in cited["DESK_TEACHER"]


def test_what_is_asked_for_can_be_registered() -> None:
    kinds = {kind.value for kind in MeasurementKind}

    for asked in [*ASKED.values(), asked_of("EQ_UNKNOWN")]:
        assert set(asked.fields) <= set(EVERY)
        assert {each for each in asked.fields if each not in kinds} <= set(Register.model_fields)
        assert len(set(asked.fields)) == len(asked.fields)


def shown_first(text: str) -> str:
    """The part of the form that asks, before the measurements that are folded away."""
    return text[text.index('id="defaults"') : text.index("Andre mål")]


def test_a_chair_is_asked_for_its_seat_and_a_desk_for_its_top(web: TestClient) -> None:
    chair = shown_first(web.get("/mobler/ny?category_id=CHAIR_TASK").text)
    desk = shown_first(web.get("/mobler/ny?category_id=DESK_SITSTAND").text)

    assert "Setehøyde" in chair
    assert "field-width_cm" not in chair
    assert "Mål på plata" in desk
    assert "field-width_cm" in desk
    assert "field-m_height_max_cm" in desk
    assert "Setehøyde" not in desk


def test_a_measurement_that_is_not_asked_for_is_kept_and_shown(
    web: TestClient, org: Organised
) -> None:
    form = {
        "category_id": "CHAIR_TASK",
        "owner_unit_id": str(org.unit_id),
        "place_id": str(org.room_id),
        "m_seat_height_cm": "45,5",
        "width_cm": "62",
    }
    refused = web.post("/mobler/ny", data={**form, "width_cm": "bred"})
    web.post("/mobler/ny", data=form)
    (item,) = web.get("/api/v1/items").json()

    assert 'class="ds-details" open>\n<summary>Andre mål' in refused.text
    assert (item["width_mm"], item["measurements"]) == (620, {"seat_height": 455})
