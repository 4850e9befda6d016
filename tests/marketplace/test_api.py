"""The market as JSON: the same verbs, keys that make a repeat harmless, problems that say where."""

from datetime import timedelta

import pytest

from app.accounts.rules import Role
from app.kit.clock import MovedClock
from tests.databases import RolledBackDatabase
from tests.factories import some_items
from tests.marketplace.stalls import a_listing, a_request, states, the_line
from tests.people import Organised, SignedInAs


def test_pieces_are_offered_found_ordered_and_approved(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        items = some_items(session, org, 3, name="Kontorstol")
    manager, employee = signed_in_as(), signed_in_as(Role.EMPLOYEE)
    offered = manager.post("/api/v1/listings", json=[{"item_ids": [str(i.id) for i in items]}])
    assert offered.status_code == 201
    [listing] = offered.json()
    found = employee.get("/api/v1/market", params={"words": "stoler", "count": 3}).json()
    assert (found["total"], found["cards"][0]["count"]) == (1, 3)
    order = [
        {
            "unit_id": str(org.unit_id),
            "lines": [{"listing_id": listing["id"], "wanted": 2, "would_have": "would_buy_new"}],
        }
    ]
    key = {"Idempotency-Key": "one"}
    first = employee.post("/api/v1/requests", json=order, headers=key)
    again = employee.post("/api/v1/requests", json=order, headers=key)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    request_id = first.json()[0]["id"]
    assert len(employee.get("/api/v1/requests").json()) == 1
    whole = employee.get(f"/api/v1/requests/{request_id}").json()
    assert [each["state"] for each in whole["reservations"]] == ["requested"] * 2
    approve = [{"request_line_id": whole["lines"][0]["id"], "quantity": 2}]
    assert manager.post("/api/v1/reservations/approve", json=approve).json()[0]["approved"] == 2
    line = [{"request_line_id": whole["lines"][0]["id"]}]
    assert manager.post("/api/v1/reservations/make-ready", json=line).status_code == 200
    whole = manager.get(f"/api/v1/requests/{request_id}").json()
    assert {each["state"] for each in whole["reservations"]} == {"ready"}
    assert employee.get(f"/api/v1/listings/{listing['id']}").json()["count"] == 1
    message = [{"request_id": request_id, "text": "Takk!"}]
    assert employee.post("/api/v1/messages", json=message).status_code == 201
    cancel = [{"request_id": request_id}]
    assert employee.post("/api/v1/requests/cancel", json=cancel).json()[0]["state"] == "cancelled"
    gone = manager.post("/api/v1/listings/withdraw", json=[{"listing_id": listing["id"]}])
    assert gone.json()[0]["state"] == "withdrawn"


def test_another_organisations_ids_are_not_found_and_nothing_changes(
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
    signed_in_as: SignedInAs,
) -> None:
    with database.write() as session:
        listing = a_listing(session, foreign_org, 2)
        request = a_request(session, foreign_org, listing)
        line_id, request_id = str(the_line(session, request).id), str(request.id)
        listing_id = str(listing.id)
    client = signed_in_as()
    order = {"unit_id": str(org.unit_id), "lines": [{"listing_id": listing_id}]}
    calls = [
        ("reservations/approve", {"request_line_id": line_id, "quantity": 1}),
        ("reservations/decline", {"request_line_id": line_id}),
        ("reservations/make-ready", {"request_line_id": line_id}),
        ("requests/cancel", {"request_id": request_id}),
        ("messages", {"request_id": request_id, "text": "Hei"}),
        ("listings/withdraw", {"listing_id": listing_id}),
        ("requests", order),
    ]
    for path, body in calls:
        assert client.post(f"/api/v1/{path}", json=[body]).status_code == 404, path
    assert client.get(f"/api/v1/requests/{request_id}").status_code == 404
    assert client.get(f"/api/v1/listings/{listing_id}").status_code == 404
    assert client.get("/api/v1/market").json()["total"] == 0
    assert client.get("/api/v1/requests").json() == []
    with database.write() as session:
        assert states(session, request) == {"requested": 1}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("requests", []),
        ("requests", [{"unit_id": "x", "lines": []}]),
        ("reservations/approve", [{"request_line_id": "x", "quantity": -1}]),
        ("listings", [{"item_ids": []}]),
        ("listings", [{"item_ids": ["x"], "colour": "red"}]),
        ("messages", [{"request_id": "x", "text": "\u0000"}]),
    ],
)
def test_a_body_that_can_not_be_read_says_where(
    signed_in_as: SignedInAs, path: str, body: object
) -> None:
    answer = signed_in_as().post(f"/api/v1/{path}", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"]


@pytest.mark.parametrize(
    "query", ["count=0", "width_min_mm=x", "unknown=1", "cursor=x", "limit=999"]
)
def test_an_unknown_or_impossible_filter_is_refused(signed_in_as: SignedInAs, query: str) -> None:
    assert signed_in_as().get(f"/api/v1/market?{query}").status_code == 422


def test_lists_go_on_where_the_link_says(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        for n in range(3):
            a_listing(session, org, name=f"Stol {n}")
    client = signed_in_as()
    seen, path = [], "/api/v1/market?limit=1"
    for _ in range(3):
        answer = client.get(path)
        seen += [each["listing_id"] for each in answer.json()["cards"]]
        path = answer.headers.get("link", "").partition(">")[0].lstrip("<")
    assert len(set(seen)) == 3
    assert path == ""


def test_who_may_not_is_refused(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        listing = a_listing(session, org)
        line = the_line(session, a_request(session, org, listing))
        listing_id = str(listing.id)
    client = signed_in_as(Role.EMPLOYEE)
    approve = [{"request_line_id": str(line.id), "quantity": 1}]
    assert client.post("/api/v1/reservations/approve", json=approve).status_code == 403
    withdraw = [{"listing_id": listing_id}]
    assert client.post("/api/v1/listings/withdraw", json=withdraw).status_code == 403


@pytest.mark.parametrize("decision", ["approve", "decline"])
def test_two_decisions_on_one_line_are_refused_and_none_is_made(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs, decision: str
) -> None:
    with database.write() as session:
        request = a_request(session, org, a_listing(session, org, 2), 2)
        one = {"request_line_id": str(the_line(session, request).id)}
    body = [one | {"quantity": count} for count in (1, 2)] if decision == "approve" else [one, one]
    refused = signed_in_as().post(f"/api/v1/reservations/{decision}", json=body)
    assert refused.status_code == 422
    detail = "Hver bestillingslinje kan bare stå én gang."
    assert refused.json()["errors"] == [
        {"pointer": f"#/{n}/request_line_id", "detail": detail} for n in (0, 1)
    ]
    with database.read() as session:
        assert states(session, request) == {"requested": 2}


def test_an_order_wanted_before_today_is_refused_at_the_date(
    database: RolledBackDatabase, clock: MovedClock, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        listing = a_listing(session, org)
    clock.move(timedelta(hours=14, minutes=30))  # 23:30 UTC: the next day in Norway
    employee = signed_in_as(Role.EMPLOYEE)
    order = {"unit_id": str(org.unit_id), "lines": [{"listing_id": str(listing.id)}]}
    refused = employee.post("/api/v1/requests", json=[order | {"wanted_date": "2026-03-02"}])
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/0/wanted_date")
    assert employee.get("/api/v1/requests").json() == []
    sent = employee.post("/api/v1/requests", json=[order | {"wanted_date": "2026-03-03"}])
    assert sent.status_code == 201
