"""What was done in a count without coverage and comes late: once, and never over something newer."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.fieldwork.models import Stocktake
from app.fieldwork.rules_stocktake import Decision, StocktakeState
from app.fieldwork.service_count import Count, Decide, OneScan, count, decide
from app.fieldwork.service_stocktake import Begin, OfStocktake, begin, finish
from app.items import service
from app.items.commands import Move
from app.items.models import Item
from app.items.rules import ItemState
from app.items.service_seen import See, see
from app.kit.clock import MovedClock
from tests.databases import RolledBackDatabase
from tests.factories import an_item
from tests.fieldwork.rooms import acting, labels_of
from tests.people import Organised, SignedInAs

MINUTES = timedelta(minutes=10)


@pytest.fixture
def client(signed_in_as: SignedInAs) -> TestClient:
    return signed_in_as(Role.FURNITURE_MANAGER)


@pytest.fixture
def strays(database: RolledBackDatabase, org: Organised) -> list[tuple[str, str]]:
    """Two pieces of the storage: id and code."""
    with database.write() as session:
        items = [an_item(session, org, name="Krakk", place_id=org.storage_id) for _ in range(2)]
        ids = [str(each.id) for each in items]
        return list(zip(ids, labels_of(session, org, items), strict=True))


def begun(client: TestClient, org: Organised) -> str:
    made = client.post("/api/v1/stocktakes", json={"place_id": str(org.room_id)})
    return f"/api/v1/stocktakes/{made.json()['id']}"


def sent(client: TestClient, path: str, body: Any = None, key: str | None = None) -> Any:
    return client.post(path, json=body, headers={"Idempotency-Key": key or str(uuid4())})


def counted(client: TestClient, path: str, codes: list[str]) -> None:
    scans = {"scans": [{"text": each} for each in codes]}
    assert sent(client, f"{path}/scans", scans).status_code == 200


def test_a_correction_that_is_sent_twice_moves_once_and_one_tapped_twice_settles_none(
    client: TestClient, org: Organised, strays: list[tuple[str, str]], clock: MovedClock
) -> None:
    path = begun(client, org)
    counted(client, path, [code for _, code in strays])
    body = {
        "item_ids": [item for item, _ in strays],
        "decision": "moved_here",
        "at": clock.now().isoformat(),
    }

    first, again = (sent(client, f"{path}/decide", body, "tap") for _ in range(2))
    tapped_again = sent(client, f"{path}/decide", body)

    assert (first.status_code, first.json()) == (200, again.json())
    assert first.json()["settled"] == 2
    assert tapped_again.json() == {"settled": 0, "relocation_id": None}
    for item, _ in strays:
        assert client.get(f"/api/v1/items/{item}").json()["place_id"] == str(org.room_id)


def _met_three(session: Session, actor: Actor, org: Organised) -> tuple[Stocktake, list[Item]]:
    """A count of the room in which three pieces of the storage were met."""
    row = begin(session, actor, Begin(place_id=org.room_id))
    strays = [an_item(session, org, name="Krakk", place_id=org.storage_id) for _ in range(3)]
    for code in labels_of(session, org, strays):
        count(session, actor, Count(stocktake_id=row.id, scans=[OneScan(text=code)]))
    return row, strays


def test_a_correction_that_waited_leaves_what_was_moved_since_where_it_is(
    database: RolledBackDatabase, org: Organised, clock: MovedClock
) -> None:
    with database.write() as session:
        actor = acting(session, org)
        row, (moved, seen, free) = _met_three(session, actor, org)
        clock.move(MINUTES)
        at = clock.now()
        clock.move(MINUTES)
        service.move(session, actor, [Move(item_id=moved.id, place_id=org.building_id)])
        away = See(item_id=seen.id, place_id=org.building_id, seen_at=clock.now())
        see(session, actor, [away])
        session.flush()
        command = Decide(
            stocktake_id=row.id,
            item_ids=[moved.id, seen.id, free.id],
            decision=Decision.MOVED_HERE,
            at=at,
        )

        done = decide(session, actor, command)

        assert done.settled == 1
        assert moved.place_id == org.building_id
        assert (seen.place_id, free.place_id) == (org.storage_id, org.room_id)


@pytest.mark.parametrize("since", [timedelta(days=1), timedelta(days=35)])
def test_a_correction_that_waited_for_more_than_a_month_overrides_nothing_newer(
    database: RolledBackDatabase, org: Organised, clock: MovedClock, since: timedelta
) -> None:
    with database.write() as session:
        actor = acting(session, org)
        row, (moved, seen, free) = _met_three(session, actor, org)
        clock.move(MINUTES)
        at = clock.now()
        clock.move(timedelta(days=40) - since)
        service.move(session, actor, [Move(item_id=moved.id, place_id=org.building_id)])
        see(session, actor, [See(item_id=seen.id, place_id=org.building_id, seen_at=clock.now())])
        session.flush()
        clock.move(since)
        ids = [moved.id, seen.id, free.id]

        late = Decide(stocktake_id=row.id, item_ids=ids, decision=Decision.MOVED_HERE, at=at)

        assert decide(session, actor, late).settled == 1
        assert (moved.place_id, seen.place_id) == (org.building_id, org.storage_id)
        assert free.place_id == org.room_id


@pytest.mark.parametrize(
    ("at", "settled"), [("0001-01-01T00:00:00+14:00", 0), ("9999-12-31T23:59:59-14:00", 1)]
)
def test_a_clock_that_stands_far_off_breaks_nothing(
    client: TestClient, org: Organised, strays: list[tuple[str, str]], at: str, settled: int
) -> None:
    path = begun(client, org)
    ((item, code), _) = strays
    counted(client, path, [code])
    client.post("/api/v1/relocations", json={"codes": [code], "place_id": str(org.building_id)})

    answer = sent(
        client, f"{path}/decide", {"item_ids": [item], "decision": "moved_here", "at": at}
    )

    assert (answer.status_code, answer.json()["settled"]) == (200, settled)


def test_what_was_seen_after_it_was_called_missing_is_not_called_lost(
    database: RolledBackDatabase, org: Organised, clock: MovedClock
) -> None:
    with database.write() as session:
        actor = acting(session, org)
        item, other = (an_item(session, org) for _ in range(2))
        row = begin(session, actor, Begin(place_id=org.room_id))
        finish(session, actor, OfStocktake(stocktake_id=row.id))
        clock.move(MINUTES)
        at = clock.now()
        clock.move(MINUTES)
        see(session, actor, [See(item_id=item.id, place_id=org.room_id, seen_at=clock.now())])
        session.expire_all()
        ids = [item.id, other.id]
        late = Decide(stocktake_id=row.id, item_ids=ids, decision=Decision.LOST, at=at)

        assert decide(session, actor, late).settled == 1
        assert (item.state, other.state) == (ItemState.IN_USE, ItemState.LOST)


def test_things_without_a_label_count_in_an_ended_count_if_they_were_met_before_its_end(
    client: TestClient, org: Organised, clock: MovedClock
) -> None:
    path, before = begun(client, org), clock.now().isoformat()
    clock.move(MINUTES)
    assert client.post(f"{path}/finish").status_code == 200
    clock.move(MINUTES)
    late = {"count": 3, "note": "Krakker", "at": before}

    first, again = (sent(client, f"{path}/unlabelled", late, "late") for _ in range(2))
    after = sent(client, f"{path}/unlabelled", {**late, "at": clock.now().isoformat()})

    assert (first.status_code, first.json()) == (201, again.json())
    assert client.get(path).json()["unlabelled"] == 3
    assert (after.status_code, after.json()["state"]) == (409, "finished")
    assert "Tell mer i rommet" in after.json()["detail"]
    clock.move(timedelta(days=14))
    assert sent(client, f"{path}/unlabelled", late).status_code == 409


@pytest.mark.parametrize("at", ["i går", "2026-01-01T10:00:00", "x" * 500])
def test_a_time_that_is_none_is_refused(client: TestClient, org: Organised, at: object) -> None:
    path = begun(client, org)

    assert sent(client, f"{path}/unlabelled", {"count": 1, "at": at}).status_code == 422
    body = {"item_ids": [str(uuid4())], "decision": "left", "at": at}
    assert sent(client, f"{path}/decide", body).status_code == 422


def test_an_end_that_comes_twice_is_answered_once_and_then_says_how_it_is(
    client: TestClient, org: Organised
) -> None:
    path = begun(client, org)

    first, again = (sent(client, f"{path}/finish", key="end") for _ in range(2))
    other = sent(client, f"{path}/finish")

    assert (first.status_code, first.json()) == (200, again.json())
    assert (other.status_code, other.json()["state"]) == (409, "finished")


def test_a_count_that_was_called_off_takes_nothing_and_says_so(
    client: TestClient, org: Organised, strays: list[tuple[str, str]], clock: MovedClock
) -> None:
    path, at = begun(client, org), clock.now().isoformat()
    counted(client, path, [strays[0][1]])
    client.post(f"{path}/cancel")
    asked = {
        "decide": {"item_ids": [strays[0][0]], "decision": "moved_here", "at": at},
        "unlabelled": {"count": 1, "at": at},
        "finish": None,
    }

    for what, body in asked.items():
        answer = sent(client, f"{path}/{what}", body)
        assert (what, answer.status_code) == (what, 409)
        assert "avbrutt" in answer.json()["detail"]


def test_a_phone_that_joined_anothers_count_unawares_does_not_end_it(
    database: RolledBackDatabase, org: Organised
) -> None:
    with database.write() as session:
        one, other = acting(session, org), acting(session, org, Role.SURVEYOR)
        row = begin(session, one, Begin(place_id=org.room_id))
        mine, own = uuid4(), uuid4()
        begin(session, other, Begin(place_id=org.room_id, id=mine))
        begin(session, one, Begin(place_id=org.room_id, id=own))

        assert finish(session, other, OfStocktake(stocktake_id=mine)) is row
        assert row.state is StocktakeState.OPEN
        # Their own second phone does, and so does whoever opens the count.
        assert finish(session, one, OfStocktake(stocktake_id=own)).state is StocktakeState.FINISHED


def test_another_organisation_settles_counts_and_ends_nothing(
    client: TestClient,
    signed_in_as: SignedInAs,
    org: Organised,
    foreign_org: Organised,
    strays: list[tuple[str, str]],
) -> None:
    path = begun(client, org)
    counted(client, path, [strays[0][1]])
    theirs = signed_in_as(Role.FURNITURE_MANAGER, where=foreign_org)
    body = {"item_ids": [strays[0][0]], "decision": "moved_here"}

    for what, asked in {"decide": body, "unlabelled": {"count": 1}, "finish": None}.items():
        assert sent(theirs, f"{path}/{what}", asked).status_code == 404
    report = client.get(path).json()
    assert (report["state"], report["unlabelled"]) == ("open", 0)
    assert [each["decision"] for each in report["pieces_met"]] == [None]
