"""Looking by price, on one's own market and on the network's, with the network's filters and orders."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.items.rules import Condition
from app.marketplace.rules import Terms
from tests.databases import RolledBackDatabase
from tests.marketplace.stalls import a_listing
from tests.marketplace.test_network_market import AT_NETWORK
from tests.networks.circles import a_network
from tests.people import Organised, SignedInAs

PRICES: dict[str, dict[str, Any]] = {
    "Gratisstol": {"terms": Terms.FREE},
    "Rimeligstol": {"terms": Terms.PRICE, "price_ore": 25_000},
    "Dyrstol": {"terms": Terms.PRICE, "price_ore": 400_050},
    "Budstol": {"terms": Terms.OFFERS},
}


def filled(session: Session, org: Organised, **changes: Any) -> None:
    for name, price in PRICES.items():
        a_listing(session, org, name=name, **price, **changes)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("price_max_kr=0", {"Gratisstol"}),
        ("price_max_kr=250", {"Gratisstol", "Rimeligstol"}),
        ("price_min_kr=250&price_max_kr=4000,5", {"Rimeligstol", "Dyrstol"}),
        ("price_min_kr=1&terms=free", set()),
        ("price_min_kr=", set(PRICES)),
    ],
)
def test_a_range_of_prices_finds_what_costs_as_much(
    database: RolledBackDatabase,
    org: Organised,
    signed_in_as: SignedInAs,
    typed: str,
    expected: set[str],
) -> None:
    with database.write() as session:
        filled(session, org)
    page = signed_in_as(Role.EMPLOYEE).get(f"/marked?{typed}").text
    assert {name for name in PRICES if f">{name}" in page} == expected
    assert ("Fant ikke" in page) == (not expected)


def test_the_counts_are_those_inside_the_range_and_a_wrong_price_is_said_at_its_field(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        filled(session, org)
    client = signed_in_as(Role.EMPLOYEE)
    answer = client.get("/api/v1/market?price_min_ore=1&price_max_ore=400050").json()
    assert (answer["total"], answer["facets"]["terms"]) == (2, [{"terms": "price", "count": 2}])
    page = client.get("/marked?price_max_kr=250&price_min_kr=dyrt")
    assert page.status_code == 422
    assert 'href="#field-price_min_kr"' in page.text
    assert "Pris til 250 kr" in page.text
    assert "Rimeligstol" in page.text
    assert client.get("/marked?price_max_kr=-1").status_code == 422
    assert client.get("/api/v1/market?price_max_ore=-1").status_code == 422


def test_a_range_from_more_to_less_is_said_at_its_upper_end_and_filters_nothing_there(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        filled(session, org)
    client = signed_in_as(Role.EMPLOYEE)
    page = client.get("/marked?price_min_kr=250&price_max_kr=1&width_min_cm=80&width_max_cm=70")
    assert page.status_code == 422
    for field in ("price_max_kr", "width_max_cm"):
        assert f'href="#field-{field}"' in page.text
    assert client.get("/marked/nettverket?price_min_kr=2&price_max_kr=1").status_code == 422
    for market in ("market", "network-market"):
        answer = client.get(f"/api/v1/{market}?price_min_ore=2&price_max_ore=1")
        assert answer.status_code == 422
        assert "price_max_ore" in answer.text


def test_the_network_s_market_is_narrowed_by_condition_and_price_with_counts(
    database: RolledBackDatabase, org: Organised, foreign_org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        a_network(session, org, foreign_org)
        filled(session, org, condition=Condition.B, **AT_NETWORK)
        a_listing(session, org, name="Sliten", condition=Condition.D, **AT_NETWORK)
        a_listing(session, org, name="Hjemme", condition=Condition.B)
    client = signed_in_as(Role.EMPLOYEE, foreign_org)
    page = client.get(f"/marked/nettverket?condition=B&price_max_kr=250&place_id={org.room_id}")
    assert {name for name in (*PRICES, "Sliten", "Hjemme") if f">{name}" in page.text} == {
        "Gratisstol",
        "Rimeligstol",
    }
    for text in ("2 treff", "God (2)", "Skadet (1)", "Gratis (1)", "Pris til 250 kr"):
        assert text in page.text, text
    assert "Bygg A" not in page.text
    answer = client.get("/api/v1/network-market?condition=B&terms=free&terms=offers").json()
    assert answer["total"] == 2
    assert {each["terms"]: each["count"] for each in answer["facets"]["terms"]} == {
        "free": 1,
        "price": 2,
        "offers": 1,
    }
    assert client.get("/marked/nettverket?price_min_kr=x").status_code == 422
    assert client.get("/api/v1/network-market?place_id=x").status_code == 422


def test_the_network_s_market_is_narrowed_by_traits_and_sizes_and_put_in_order(
    database: RolledBackDatabase, org: Organised, foreign_org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        a_network(session, org, foreign_org)
        for name, colour, width, category in (
            ("Skapet", "sjøgrønn", 800, "CABINET_LOW"),
            ("Stolen", "mørkegrønn", 500, "CHAIR_VISITOR"),
            ("Pulten", "hvit", 1400, "DESK_SITSTAND"),
        ):
            a_listing(
                *(session, org, 2),
                **(AT_NETWORK | {"name": name, "colour": colour, "material": "eik"}),
                width_mm=width,
                category_id=category,
            )
    client = signed_in_as(Role.EMPLOYEE, foreign_org)

    def order(query: str) -> list[str]:
        cards = client.get(f"/api/v1/network-market?{query}").json()["cards"]
        return [each["name"] for each in cards]

    assert order("colour=green") == ["Stolen", "Skapet"]
    assert order("width_min_mm=600&width_max_mm=1400&material=wood") == ["Pulten", "Skapet"]
    assert order("available=now&count=3") == []
    assert order("sort=saving")[0] == "Pulten"
    answer = client.get("/api/v1/network-market?sort=saving&limit=1")
    further = client.get(answer.links["next"]["url"]).json()["cards"]
    assert len(further) == 1
    assert further[0]["name"] != "Pulten"
    assert {"colour": "green", "count": 2} in answer.json()["facets"]["colours"]
    page = client.get("/marked/nettverket?colour=green&width_max_cm=60&sort=saving").text
    assert (">Stolen" in page, ">Skapet" in page) == (True, False)
    for text in ("Grønn (1)", "Bredde til 60 cm", 'name="sort" value="saving"'):
        assert text in page, text
    assert "sort=nearest" not in client.get("/marked/nettverket").text
    for wrong in ("sort=nearest", "words=%00", "width_min_mm=9&width_max_mm=1", "from_place_id=x"):
        assert client.get(f"/api/v1/network-market?{wrong}").status_code == 422
    mistyped = client.get("/marked/nettverket?width_max_cm=x")
    assert mistyped.status_code == 422
    assert 'href="#field-width_max_cm"' in mistyped.text
