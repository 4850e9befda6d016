"""What the market's page says to whoever looks at it."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any, cast

import httpx2
import pytest
from fastapi import FastAPI

from app.accounts.actor import hashed
from app.accounts.models import ApiToken
from app.accounts.rules import Role
from app.kit.aside import Aside
from app.kit.db import Database
from app.kit.files import Files
from app.main import create_app
from app.marketplace import service
from app.marketplace.commands import PutInBasket
from app.settings import Settings
from tests.databases import RolledBackDatabase
from tests.marketplace.stalls import a_listing, acting
from tests.people import BASE_URL, Organised, SignedInAs, organised


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


def test_many_who_search_at_once_get_what_each_gets_alone(
    new_database: Callable[[], Database],
    settings: Settings,
    files: Files,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    database = new_database()
    names = ("Stol", "Bord", "Skap", "Sofa", "Hylle")
    with database.write() as session:
        org = organised(session, database.clock)
        for number, name in enumerate(names, start=1):
            for _ in range(number):
                a_listing(session, org, name=name)
        employee = {
            "org_id": org.org_id,
            "person_id": org.person_ids[Role.EMPLOYEE],
            "created_at": database.clock.now(),
        }
        session.add(ApiToken(name="test", token_hash=hashed("search"), **employee))
    app = create_app(settings, database=database, files=files)
    ways: Counter[str] = Counter()
    done = Aside.done

    async def noted(aside: Aside) -> Any:
        ways["aside"] += 1
        return await done(aside)

    monkeypatch.setattr(Aside, "done", noted)
    client = httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app),
        base_url=BASE_URL,
        headers={"Authorization": "Bearer search"},
    )

    async def search(name: str) -> str:
        answer = await client.get("/marked", params={"words": name})
        assert answer.status_code == 200
        return answer.text

    async def main() -> None:
        while not app.state.search_pace.is_short(org.org_id):
            alone = [await search(name) for name in names]
        together = await asyncio.gather(*(search(name) for _ in range(12) for name in names))
        assert list(together) == alone * 12

    asyncio.run(main())
    for name in names:
        assert f"treff på «{name}»" in asyncio.run(search(name))
    # On PostgreSQL they step aside while a connection is free, and the others go to threads.
    assert bool(ways["aside"]) == (not database.is_sqlite)
    assert ways["aside"] < 60
