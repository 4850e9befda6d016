"""What must not happen on the way to sixty workplaces: it is said, and everything stands as it stood."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from app.accounts.rules import Role
from app.costs.models import CostEntry
from app.items.models import Item
from app.kit.events import EventRow
from app.ledger.models import LedgerEntry
from app.projects.models import ProgrammeLine, Project, Release
from app.projects.models_allocation import PlanAllocation
from app.workshop.models import OrderPiece, SupplierOrder
from tests.databases import RolledBackDatabase
from tests.people import Organised
from tests.reports.sixty import Pieces, Row, Sixty
from tests.reports.test_sixty_workplaces import CHAIR, DESK

SignedInAs = Callable[..., TestClient]
LOOKED_AT = (
    Item, Project, ProgrammeLine, Release, PlanAllocation, SupplierOrder, OrderPiece,
)  # fmt: skip


@pytest.fixture
def sixty(signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised) -> Sixty:
    made = Sixty(signed_in_as(Role.FURNITURE_MANAGER), org, database.clock.today())
    made.start()
    return made


@pytest.fixture
def refused(sixty: Sixty, database: RolledBackDatabase) -> Callable[..., Row]:
    """Sends it, and compares every row that it could have changed."""

    def as_it_stands() -> dict[str, Any]:
        with database.read() as session:
            rows = {
                model.__tablename__: sorted(
                    repr(tuple(each))
                    for each in session.execute(select(*model.__table__.columns)).all()
                )
                for model in LOOKED_AT
            }
            counts = {
                model.__tablename__: session.scalar(select(func.count()).select_from(model))
                for model in (EventRow, LedgerEntry, CostEntry)
            }
        return rows | counts

    def send(path: str, body: Any, status: int, kind: str, method: str = "post") -> Row:
        before = as_it_stands()
        answer = sixty.client.request(method, f"/api/v1{path}", json=body)
        assert answer.status_code == status, answer.text
        problem: Row = answer.json()
        assert problem["type"] == f"/problems/{kind}", problem
        assert problem["title"]
        assert as_it_stands() == before
        return problem

    return send


def surveyed(sixty: Sixty, *pieces: Row) -> list[Pieces]:
    return sixty.survey(str(sixty.org.building_id), str(sixty.org.room_id), *pieces)


def test_a_piece_is_set_aside_once(sixty: Sixty, refused: Callable[..., Row]) -> None:
    (chairs,) = surveyed(sixty, {**CHAIR, "quantity": 1})
    first, second = sixty.lines(("CHAIR_TASK", 1), ("CHAIR_TASK", 1))
    sixty.set_aside(first, chairs)
    for line_id in (first, second):
        again = [{"programme_line_id": line_id, "item_id": chairs.ids[0], "quantity": 1}]
        problem = refused("/allocations", again, 422, "invalid")
        assert [each["pointer"] for each in problem["errors"]] == ["#/0/item_id"]


def test_what_is_reserved_is_not_released(sixty: Sixty, refused: Callable[..., Row]) -> None:
    free = {**CHAIR, "owner_unit_id": str(sixty.org.unit_id), "place_id": str(sixty.org.room_id)}
    (chair,) = sixty.post("/items", [free])
    (listing,) = sixty.post("/listings", [{"item_ids": [chair["id"]]}])
    order = {
        "unit_id": str(sixty.org.other_unit_id),
        "place_id": sixty.room_id,
        "lines": [{"listing_id": listing["id"], "wanted": 1}],
    }
    (request,) = sixty.post("/requests", [order])
    line_id = sixty.get(f"/requests/{request['id']}")["lines"][0]["id"]
    sixty.post("/reservations/approve", [{"request_line_id": line_id, "quantity": 1}])
    plan = {"item_ids": [chair["id"]], "free_from": sixty.today.isoformat()}
    refused(f"{sixty.project}/releases", plan, 409, "piece-promised")


def test_donors_give_no_more_than_they_weigh(sixty: Sixty, refused: Callable[..., Row]) -> None:
    (donors,) = surveyed(
        sixty, {"category_id": "TABLE_CANTEEN", "mass_g": 24_000, "condition": "D", "quantity": 2}
    )
    (desks,) = sixty.lines(("DESK_FIXED", 1))
    order_id = sixty.order(
        "build_from_surplus", desks, item_ids=donors.ids, category_id="DESK_FIXED", quantity=1
    )
    supplier_id = sixty.supplier("Snekkeriet", 1, "build_from_surplus")
    sixty.send(order_id, sixty.quote(order_id, supplier_id, 100_000))
    delivery = {
        "supplier_order_id": order_id,
        "delivered_on": sixty.today.isoformat(),
        "donors": [{"item_id": each, "built_in_g": 24_001} for each in donors.ids],
    }
    problem = refused("/supplier-orders/deliver", delivery, 422, "invalid")
    assert "donors" in str(problem["errors"])


def test_no_day_before_today_is_planned(sixty: Sixty, refused: Callable[..., Row]) -> None:
    (chairs,) = surveyed(sixty, {**CHAIR, "quantity": 1})
    yesterday = (sixty.today - timedelta(days=1)).isoformat()
    line = [{"category_id": "CHAIR_TASK", "quantity": 1, "wanted_date": yesterday}]
    problem = refused(f"{sixty.project}/programme-lines", line, 422, "invalid")
    assert "wanted_date" in str(problem["errors"])
    release_id = sixty.releases()[chairs.ids[0]]["id"]
    body = {"release_ids": [release_id], "free_from": yesterday}
    problem = refused(f"{sixty.project}/releases/replan", body, 422, "invalid")
    assert "free_from" in str(problem["errors"])


def test_no_order_goes_out_above_a_budget_that_is_a_limit(
    sixty: Sixty, refused: Callable[..., Row]
) -> None:
    version = sixty.client.get(f"/api/v1{sixty.project}").headers["etag"]
    limit = sixty.client.patch(
        f"/api/v1{sixty.project}",
        json={"budget_ore": 500_000, "budget_is_limit": True},
        headers={"If-Match": version},
    )
    assert limit.status_code == 200, limit.text
    (desks,) = sixty.lines(("DESK_FIXED", 2))
    order_id = sixty.order("buy_new", desks, category_id="DESK_FIXED", quantity=2)
    supplier_id = sixty.supplier("Kjøp", 1, "buy_new")
    sixty.post("/supplier-orders/choose", sixty.quote(order_id, supplier_id, 500_001))
    body = {"supplier_order_id": order_id}
    refused("/supplier-orders/send", body, 409, "over-budget")


def test_a_project_does_not_end_while_pieces_are_on_their_way(
    sixty: Sixty, refused: Callable[..., Row]
) -> None:
    (desks,) = surveyed(sixty, {**DESK, "quantity": 1})
    (line_id,) = sixty.lines(("DESK_FIXED", 1))
    sixty.set_aside(line_id, desks)
    trip = {
        "item_ids": desks.ids,
        "handed_over_on": sixty.today.isoformat(),
        "to_unit_id": str(sixty.org.other_unit_id),
        "to_place_id": sixty.room_id,
        "programme_line_id": line_id,
    }
    sixty.post("/handovers", [trip])
    refused(f"{sixty.project}/close", None, 409, "project-has-open-handovers")
