"""The entries behind a figure: by each filter and by several at once, their sum is of exactly them."""

import html
import itertools
import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.impact.rules import FulfilmentSource, View
from app.kit.db import clock_of
from app.ledger.queries_sums import Role
from app.reports.organisation_figures import Wanted
from app.reports.queries_entries import Behind, entries_of, sum_behind
from tests.databases import RolledBackDatabase
from tests.ledger import trips
from tests.ledger.trips import Load
from tests.people import ActorOf, Organised, SignedInAs
from tests.projects.rows import a_project

S = FulfilmentSource
SUMMED = ("waste_g", "value_chain_waste_g", "co2e_g", "saved_ore")


def played(session: Session, org: Organised, actor: Actor) -> Mapping[str, Any]:
    """Three years, and pieces of a project that came to a unit and a place below others."""
    trips.three_years(session, org)
    below = Unit(
        id=uuid4(),
        org_id=org.org_id,
        parent_id=org.unit_id,
        name="Post 3",
        created_at=clock_of(session).now(),
    )
    session.add(below)
    session.flush()
    project = a_project(session, actor, org)
    for place_id, day in ((org.room_id, date(2026, 2, 10)), (org.building_id, date(2026, 3, 1))):
        loads = [
            Load(trips.an_item(session, org, category_id=category), source)
            for category in ("CHAIR_TASK", "EQUIP_AID")
            for source in (S.INTERNAL_REUSE, S.BOUGHT_USED)
        ]
        trips.handed_over(
            session,
            org,
            loads,
            handed_over_on=day,
            project_id=project.id,
            to_place_id=place_id,
            receiver_unit_id=below.id,
        )
    return {
        "unit_id": [org.unit_id, org.other_unit_id],
        "place_id": [org.building_id, org.room_id],
        "project_id": [project.id],
        "source": [S.INTERNAL_REUSE],
        "sources": [(S.BOUGHT_USED, S.SOLD), (S.INTERNAL_REUSE, S.NEW)],
        "category_id": ["CHAIR_TASK", "EQUIP_AID"],
        "first_year": [2025],
        "last_year": [2025],
        "month": [202602, 202503],
        "without": ["unit", "place", "project"],
        "role": [Role.GIVER],
        "is_alone": [True],
        "view": [View.NET],
    }


OF_REPORT = {"view", "first_year", "last_year", "unit_id", "place_id", "source", "category_id"}


def split(chosen: Mapping[str, Any]) -> tuple[Wanted, Behind]:
    return (
        Wanted(**{name: value for name, value in chosen.items() if name in OF_REPORT}),
        Behind(**{name: value for name, value in chosen.items() if name not in OF_REPORT}),
    )


def test_by_every_two_filters_the_sum_is_of_exactly_the_rows(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    filters = played(session, org, actor())
    single = [(name, value) for name, values in filters.items() for value in values]
    several = [pair for pair in itertools.combinations(single, 2) if pair[0][0] != pair[1][0]]
    unit = ("unit_id", org.unit_id)
    place = ("place_id", org.building_id)
    more = [
        (unit, place, ("is_alone", True)),
        (unit, ("role", Role.GIVER), ("month", 202602)),
        (unit, ("without", "project"), ("sources", (S.BOUGHT_USED,)), ("role", Role.GIVER)),
        (place, ("is_alone", True), ("sources", (S.BOUGHT_USED, S.INTERNAL_REUSE))),
        (("month", 202602), ("sources", (S.BOUGHT_USED,)), ("source", S.BOUGHT_USED)),
    ]
    wrong, counts = [], set()
    for chosen in [(), *((each,) for each in single), *several, *more]:
        wanted, behind = split(dict(chosen))
        rows = list(session.scalars(entries_of(actor(), wanted, behind)))
        found = sum_behind(session, actor(), wanted, behind)
        counts.add(len(rows))
        expected = [sum(getattr(row, name) or 0 for row in rows) for name in SUMMED]
        standing = [1 if row.reverses_id is None else -1 for row in rows]
        missing = sum(n for n, row in zip(standing, rows, strict=True) if row.co2e_g is None)
        got = [getattr(found, name).value for name in SUMMED]
        if (got, found.uses, found.not_calculated) != (expected, sum(standing), missing):
            wrong.append((chosen, got, expected))
    assert wrong == []
    assert len(counts) > 5


def _address(chosen: Mapping[str, Any]) -> str:
    names = {
        "unit_id": "enhet",
        "place_id": "sted",
        "project_id": "prosjekt",
        "source": "kilde",
        "sources": "kilder",
        "category_id": "kategori",
        "first_year": "fra",
        "last_year": "til",
        "month": "maaned",
        "without": "uten",
        "role": "rolle",
        "is_alone": "alene",
        "view": "visning",
    }
    query = {names[name]: value for name, value in chosen.items()}
    return "/rapporter/poster?" + urlencode(query, doseq=True)


def _twin(client: TestClient, address: str) -> tuple[str, str]:
    shown = client.get(address)
    assert shown.status_code == 200, address
    found = re.search(r'rel="alternate" type="application/json" href="([^"]+)"', shown.text)
    assert found is not None
    return shown.text, html.unescape(found[1])


@pytest.mark.parametrize(
    "more", [{}, {"sources": (S.BOUGHT_USED, S.INTERNAL_REUSE)}, {"first_year": 2025}]
)
def test_the_json_of_a_page_has_the_pages_rows_by_each_filter(
    more: Mapping[str, Any],
    database: RolledBackDatabase,
    org: Organised,
    actor: ActorOf,
    signed_in_as: SignedInAs,
) -> None:
    manager = actor()
    with database.write() as session:
        filters = played(session, org, manager)
    client = signed_in_as()
    for name, values in filters.items():
        for value in values:
            address = _address({name: value, **more})
            text, twin = _twin(client, address)
            rows = client.get(f"{twin}&limit=200").json()
            shown = re.findall(r'href="/besparelser/([^"]+)"', text)
            assert [each["id"] for each in rows] == shown, address
            exact = text.replace("\xa0", "").replace(" ", "")
            assert f"nøyaktig{sum(each['waste_g'] for each in rows)}g" in exact, address


def test_the_json_refuses_what_is_no_month_and_no_span(signed_in_as: SignedInAs) -> None:
    client = signed_in_as()
    path = "/api/v1/ledger-entries"
    for query in (
        "month=202613",
        "month=1",
        "first_year=2026&last_year=2025",
        "without=name",
        "source=found",
    ):
        assert client.get(f"{path}?{query}").status_code == 422, query
    assert client.get(f"{path}?source=new&source=sold&with_below=true").json() == []


def test_the_json_is_narrowed_by_a_unit_on_both_sides_and_a_place_at_once(
    database: RolledBackDatabase, org: Organised, actor: ActorOf, signed_in_as: SignedInAs
) -> None:
    manager = actor()
    with database.write() as session:
        played(session, org, manager)
    client = signed_in_as()
    query = f"giver_unit_id={org.unit_id}&receiver_unit_id={org.unit_id}&place_id={org.building_id}"
    path = f"/api/v1/ledger-entries?{query}"
    assert client.get(path).json() == []
    below = client.get(f"{path}&with_below=true&view=gross").json()
    assert len(below) == 8
    assert {each["giver_unit_id"] for each in below} == {str(org.unit_id)}
    # The pieces went to a unit below it.
    assert {each["receiver_unit_id"] for each in below} != {str(org.unit_id)}
