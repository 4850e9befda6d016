"""The counts beside the market's filters, against searching for each choice by itself."""

import random
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.items.rules import Condition
from app.marketplace import service
from app.marketplace.commands import MarketSearch
from app.marketplace.models import Listing
from app.marketplace.search import Card, Found, search_market
from app.places.models import Place
from tests.databases import RolledBackDatabase
from tests.marketplace.stalls import a_listing, acting
from tests.people import Organised, SignedInAs

TODAY = date(2026, 3, 2)
CATEGORIES = ("CHAIR_TASK", "SOFA_2", "DESK_SITSTAND")


def found(session: Session, org: Organised, **wanted: Any) -> Found[Card]:
    return search_market(
        session, acting(session, org), MarketSearch(**wanted), today=TODAY, kind=Card, limit=200
    )


def filled(session: Session, org: Organised, seed: int, listings: int = 30) -> None:
    chance = random.Random(seed)
    for _ in range(listings):
        a_listing(
            session,
            org,
            chance.randint(1, 2),
            name=chance.choice(("Stol", "Stol rød", "Bord")),
            category_id=chance.choice(CATEGORIES),
            condition=chance.choice(list(Condition)),
            place_id=chance.choice((org.building_id, org.room_id, org.storage_id)),
            width_mm=chance.choice((None, 600, 1200)),
        )
    for listing in chance.sample(list(session.scalars(select(Listing))), 5):
        command = service.OfListing(listing_id=listing.id)
        service.withdraw(session, acting(session, org), [command])


def scanned(session: Session, org: Organised, wanted: dict[str, Any]) -> dict[str, dict[Any, int]]:
    """Each choice searched for by itself, its own filter taken out of the search."""
    conditions = {each: {**wanted, "condition": [each]} for each in Condition}
    categories = {each: {**wanted, "category_id": each} for each in CATEGORIES}
    ids = session.scalars(select(Place.id).where(Place.org_id == org.org_id))
    places = {each: {**wanted, "place_id": each} for each in ids}
    return {
        kind: {key: len(found(session, org, **each).cards) for key, each in searches.items()}
        for kind, searches in (
            ("categories", categories),
            ("places", places),
            ("conditions", conditions),
        )
    }


def some(counts: dict[Any, int], chosen: Any = None) -> dict[Any, int]:
    return {key: n for key, n in counts.items() if n or key == chosen}


@pytest.mark.parametrize("seed", range(2))
def test_each_count_is_what_choosing_it_would_find(
    session: Session, org: Organised, seed: int
) -> None:
    filled(session, org, seed)
    for wanted in (
        {},
        {"words": "stol"},
        {"words": "rød", "condition": [Condition.A, Condition.C]},
        {"category_id": "SOFA_2"},
        {"category_id": "SOFA_2", "condition": [Condition.B], "place_id": org.room_id},
        {"place_id": org.building_id, "count": 2},
        {"width_min_mm": 700, "group": "seating"},
        {"words": "finnesikke", "category_id": "SOFA_2", "place_id": org.room_id},
    ):
        answer, scan = found(session, org, **wanted), scanned(session, org, wanted)
        assert answer.total == len(answer.cards), wanted
        chosen = wanted.get("category_id")
        assert dict(answer.facets.categories) == some(scan["categories"], chosen), wanted
        places = {each.place_id: each.count for each in answer.facets.places}
        assert places == some(scan["places"], wanted.get("place_id")), wanted
        assert dict(answer.facets.conditions) == scan["conditions"], wanted


def test_the_counts_stay_on_the_pages_that_follow(session: Session, org: Organised) -> None:
    filled(session, org, 3)
    actor, wanted = acting(session, org), MarketSearch(words="stol")
    first = search_market(session, actor, wanted, today=TODAY, kind=Card, limit=2)
    then = search_market(session, actor, wanted, today=TODAY, kind=Card, limit=2, cursor=first.next)
    assert (first.facets, first.total) == (then.facets, then.total)


def test_another_organisation_counts_nothing_of_ours(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    filled(session, org, 4)
    seen = found(session, foreign_org, place_id=org.room_id).facets
    assert (seen.categories, seen.places) == ((), ())
    assert {n for _, n in seen.conditions} == {0}


def test_the_page_shows_how_much_each_choice_would_give(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        for condition in (Condition.A, Condition.B, Condition.B):
            a_listing(session, org, 1, condition=condition, place_id=org.room_id)
    client = signed_in_as(Role.EMPLOYEE)
    page = client.get("/marked?condition=A").text
    assert "1 treff" in page
    for text in ("Som ny (1)", "God (2)", "Slitt (0)", "Bygg A (1)", "Bygg A › Rom 214 (1)"):
        assert text in page
    assert "Bygg A › Lager" not in page
    empty = client.get(f"/marked?category_id=SOFA_2&place_id={org.storage_id}").text
    assert f'value="{org.storage_id}" selected>Bygg A › Lager (0)' in empty
    assert 'value="SOFA_2" selected' in empty


def test_the_api_counts_by_category_place_and_condition(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        a_listing(session, org, 1, condition=Condition.A, place_id=org.room_id)
    facets = signed_in_as(Role.EMPLOYEE).get("/api/v1/market?condition=B").json()["facets"]
    assert facets["categories"] == []
    assert facets["conditions"] == [
        {"condition": each, "count": int(each == "A")} for each in ("A", "B", "C", "D")
    ]
    assert facets["places"] == []


def test_a_chosen_place_is_named_even_when_nothing_stands_there(
    session: Session, org: Organised
) -> None:
    [only] = found(session, org, place_id=org.room_id).facets.places
    assert (only.place_id, only.label, only.count) == (org.room_id, "Bygg A › Rom 214", 0)
    unknown = UUID(int=7)
    assert found(session, org, place_id=unknown).facets.places == ()
