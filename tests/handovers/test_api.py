"""Handovers over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.accounts.rules import Role
from tests.databases import RolledBackDatabase
from tests.factories import some_items
from tests.handovers.orders import an_order
from tests.people import Organised

SignedInAs = Callable[..., TestClient]
ActorOf = Callable[..., Any]
ON = "2026-03-02"


def test_pieces_are_handed_over_received_and_undone(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        ordered = an_order(session, org)
        reservation_ids = [str(each) for each in ordered.reservation_ids]
    mover, taker = signed_in_as(Role.MOVER), signed_in_as(Role.EMPLOYEE)
    made = mover.post(
        "/api/v1/handovers",
        json=[
            {
                "reservation_ids": reservation_ids,
                "handed_over_on": ON,
                "vehicle": "VAN_BEV_NO_KM",
                "distance_m": 12_000,
            }
        ],
    )
    assert made.status_code == 201, made.text
    (handover,) = made.json()
    line_ids = [each["id"] for each in handover["lines"]]
    received = taker.post("/api/v1/handovers/receive", json=[{"handover_line_ids": line_ids}])
    assert all(each["received_at"] for each in received.json()[0]["lines"])
    again = taker.post("/api/v1/handovers/receive", json=[{"handover_line_ids": line_ids}])
    assert (again.status_code, again.json()["type"]) == (409, "/problems/piece-received-already")
    undone = mover.post("/api/v1/handovers/undo", json=[{"handover_line_ids": line_ids}])
    assert all(each["undone_at"] for each in undone.json()[0]["lines"])
    shown = taker.get(f"/api/v1/handovers/{handover['id']}").json()
    assert shown == undone.json()[0]
    assert [each["id"] for each in taker.get("/api/v1/handovers").json()] == [handover["id"]]


def test_an_entry_by_hand_shows_its_donors(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        donors = [str(each.id) for each in some_items(session, org, 2)]
    body = {
        "source": "redesigned_from_surplus",
        "handed_over_on": ON,
        "to_unit_id": str(org.unit_id),
        "to_place_id": str(org.room_id),
        "category_id": "TABLE_MEETING_S",
        "donors": [{"item_id": each, "built_in_g": 9_000} for each in donors],
    }
    made = signed_in_as().post("/api/v1/handovers/record", json=[body])
    assert made.status_code == 201, made.text
    (line,) = made.json()[0]["lines"]
    assert sorted(each["donor_id"] for each in line["donors"]) == sorted(donors)


def test_a_wrong_field_is_pointed_at(signed_in_as: SignedInAs, org: Organised) -> None:
    body = {
        "source": "new",
        "handed_over_on": "2026-04-01",
        "to_unit_id": str(org.unit_id),
        "to_place_id": str(org.room_id),
        "category_id": "CHAIR_TASK",
    }
    refused = signed_in_as().post("/api/v1/handovers/record", json=[body])
    assert refused.status_code == 422
    assert [each["pointer"] for each in refused.json()["errors"]] == ["#/0/handed_over_on"]


def test_a_repeat_under_the_same_key_registers_nothing_more(
    signed_in_as: SignedInAs, org: Organised
) -> None:
    client = signed_in_as()
    body = {
        "source": "bought_used",
        "handed_over_on": ON,
        "to_unit_id": str(org.unit_id),
        "to_place_id": str(org.room_id),
        "category_id": "CHAIR_TASK",
        "quantity": 2,
        "price_ore": 50_000,
    }
    answers = [
        client.post("/api/v1/handovers/record", json=[body], headers={"Idempotency-Key": "x"})
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert len(client.get("/api/v1/handovers").json()) == 1


@pytest.mark.parametrize("verb", ["receive", "undo"])
def test_another_organisations_lines_are_not_found(
    signed_in_as: SignedInAs,
    org: Organised,
    foreign_org: Organised,
    database: RolledBackDatabase,
    verb: str,
) -> None:
    with database.write() as session:
        ordered = an_order(session, foreign_org)
        reservation_ids = [str(each) for each in ordered.reservation_ids]
    theirs = signed_in_as(where=foreign_org)
    body = [{"reservation_ids": reservation_ids, "handed_over_on": ON}]
    (handover,) = theirs.post("/api/v1/handovers", json=body).json()
    line_ids = [each["id"] for each in handover["lines"]]
    ours = signed_in_as(Role.ADMIN)
    refused = ours.post(f"/api/v1/handovers/{verb}", json=[{"handover_line_ids": line_ids}])
    assert refused.status_code == 404
    assert ours.get(f"/api/v1/handovers/{handover['id']}").status_code == 404
    assert theirs.get(f"/api/v1/handovers/{handover['id']}").json() == handover


@pytest.mark.parametrize(
    "body",
    [
        [],
        [{}],
        [{"handover_line_ids": []}],
        [{"handover_line_ids": ["x"]}],
        [{"handover_line_ids": None}],
    ],
)
def test_a_receipt_of_nothing_is_a_problem_document(signed_in_as: SignedInAs, body: object) -> None:
    answer = signed_in_as().post("/api/v1/handovers/receive", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
