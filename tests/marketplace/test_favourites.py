"""Listings that a person keeps to find them again."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts.rules import Role
from app.kit.clock import MovedClock
from app.marketplace import service_favourite
from app.marketplace.commands import OfListing
from app.marketplace.models import Listing
from app.marketplace.models_favourite import Favourite
from app.marketplace.service import withdraw
from tests.databases import RolledBackDatabase
from tests.marketplace.stalls import a_listing, acting
from tests.people import Organised, SignedInAs

NAME = "Kontorstol RH Logic"


def arranged(database: RolledBackDatabase, org: Organised) -> Listing:
    with database.write() as session:
        return a_listing(session, org, 3, name=NAME)


def send(client: TestClient, path: str, listing: Listing) -> str:
    """The page that the form leads to."""
    form = {"listing_id": str(listing.id), "key": str(uuid4())}
    answer = client.post(path, data=form, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_what_a_person_keeps_is_found_again_by_that_person_alone(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    listing = arranged(database, org)
    client = signed_in_as(Role.EMPLOYEE)
    assert "Ingen favoritter ennå" in client.get("/marked/favoritter").text

    page = send(client, "/marked/favoritter", listing)
    assert "Lagret som favoritt." in page
    assert "Fjern fra favoritter" in page
    assert NAME in client.get("/marked/favoritter").text
    other = signed_in_as(Role.FURNITURE_MANAGER)
    assert NAME not in other.get("/marked/favoritter").text
    assert other.get("/api/v1/favourites").json() == []


def test_a_favourite_is_taken_off_where_it_stands(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    listing = arranged(database, org)
    client = signed_in_as(Role.EMPLOYEE)
    send(client, "/marked/favoritter", listing)
    page = send(client, "/marked/favoritter/fjern?fra=annonsen", listing)
    assert re.search(r"<h1[^>]*>Kontorstol RH Logic</h1>", page)
    assert "Lagre som favoritt" in page

    send(client, "/marked/favoritter", listing)
    page = send(client, "/marked/favoritter/fjern", listing)
    assert "Ingen favoritter ennå" in page


def test_a_listing_that_is_withdrawn_stays_a_favourite_and_says_so(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    listing = arranged(database, org)
    client = signed_in_as(Role.EMPLOYEE)
    send(client, "/marked/favoritter", listing)
    with database.write() as session:
        withdraw(session, acting(session, org), [OfListing(listing_id=listing.id)])
    page = client.get("/marked/favoritter").text
    assert NAME in page
    assert "<strong>Trukket tilbake</strong>" in page


def test_the_newest_favourite_comes_first_and_twice_is_once(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs, clock: MovedClock
) -> None:
    first, second = arranged(database, org), arranged(database, org)
    client = signed_in_as(Role.EMPLOYEE)
    for listing in (first, second, first):
        answer = client.post("/api/v1/favourites", json=[{"listing_id": str(listing.id)}])
        assert answer.json() == [str(listing.id)]
        clock.move(timedelta(minutes=1))
    kept = client.get("/api/v1/favourites").json()
    assert [each["listing_id"] for each in kept] == [str(second.id), str(first.id)]
    both = [{"listing_id": str(each.id)} for each in (first, second)]
    assert client.post("/api/v1/favourites/remove", json=both).status_code == 200
    assert client.post("/api/v1/favourites/remove", json=both).status_code == 200
    assert client.get("/api/v1/favourites").json() == []


def test_another_organisations_listing_is_no_favourite(
    database: RolledBackDatabase, foreign_org: Organised, signed_in_as: SignedInAs
) -> None:
    foreign = arranged(database, foreign_org)
    client = signed_in_as(Role.EMPLOYEE)
    answer = client.post("/api/v1/favourites", json=[{"listing_id": str(foreign.id)}])
    assert answer.status_code == 404
    for path in ("/marked/favoritter", "/marked/favoritter/fjern"):
        form = {"listing_id": str(foreign.id), "key": str(uuid4())}
        assert client.post(path, data=form).status_code == 404
    with database.read() as session:
        assert session.scalars(select(Favourite)).all() == []


def test_one_more_than_there_is_room_for_is_refused_and_nothing_is_kept(
    database: RolledBackDatabase,
    org: Organised,
    signed_in_as: SignedInAs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service_favourite, "MOST", 1)
    first, second = arranged(database, org), arranged(database, org)
    client = signed_in_as(Role.EMPLOYEE)
    assert client.post("/api/v1/favourites", json=[{"listing_id": str(first.id)}]).is_success
    answer = client.post("/api/v1/favourites", json=[{"listing_id": str(second.id)}])
    assert answer.status_code == 409
    assert "plass til" in answer.json()["title"]
    assert len(client.get("/api/v1/favourites").json()) == 1
