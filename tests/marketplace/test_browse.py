"""What the market's page says to whoever looks at it."""

from typing import cast

import pytest
from fastapi import FastAPI

from app.accounts.rules import Role
from app.marketplace import service
from app.marketplace.commands import PutInBasket
from tests.databases import RolledBackDatabase
from tests.marketplace.stalls import a_listing, acting
from tests.people import Organised, SignedInAs


def test_the_market_says_how_much_is_in_the_reader_s_own_basket(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        listings = [a_listing(session, org, name=name) for name in ("Stol", "Bord")]
        employee = acting(session, org, Role.EMPLOYEE)
        lines = [PutInBasket(listing_id=each.id, wanted=1) for each in listings]
        service.put_in_basket(session, employee, lines)
    assert "Kurv (2)" in signed_in_as(Role.EMPLOYEE).get("/marked").text
    assert "Kurv (" not in signed_in_as().get("/marked").text


def test_a_search_that_is_stopped_on_the_event_loop_gives_the_same_page(
    database: RolledBackDatabase,
    org: Organised,
    signed_in_as: SignedInAs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with database.write() as session:
        for name in ("Stol", "Bord"):
            a_listing(session, org, name=name)
    client = signed_in_as(Role.EMPLOYEE)
    pace = cast("FastAPI", client.app).state.search_pace
    pages = [client.get("/marked?words=stol").text]
    while not pace.is_short(org.org_id) and database.is_sqlite and len(pages) < 200:
        pages.append(client.get("/marked?words=stol").text)  # the first draws what is kept
    pages.append(client.get("/marked?words=stol").text)
    monkeypatch.setattr("app.kit.pace.STEPS", 1)
    monkeypatch.setattr("app.kit.pace.TIMES", 0)
    pages.append(client.get("/marked?words=stol").text)
    assert not pace.is_short(org.org_id)
    assert set(pages) == {pages[0]}
    assert "Stol" in pages[0]
