"""The waiting list as JSON, and the migration that makes it."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from alembic import command
from sqlalchemy import select, text

from app.accounts.rules import Role
from app.kit.clock import MovedClock
from app.kit.db import Database
from app.marketplace.models import Reservation
from app.schema import configuration, migrate
from tests.databases import RolledBackDatabase
from tests.marketplace.stalls import a_listing, a_request, approved, states, the_line
from tests.people import Organised, SignedInAs, organised


def queued(
    database: RolledBackDatabase, org: Organised, clock: MovedClock
) -> tuple[str, list[str], list[str]]:
    """A listing of one piece: who holds it, and two who wait. Ids of listing, requests, lines."""
    with database.write() as session:
        listing = a_listing(session, org)
        requests = []
        for role in (Role.MOVER, Role.EMPLOYEE, Role.EMPLOYEE):
            requests.append(a_request(session, org, listing, role=role))
            clock.move(timedelta(minutes=1))
            approved(session, org, requests[-1], 1)
        lines = [str(the_line(session, each).id) for each in requests]
        return str(listing.id), [str(each.id) for each in requests], lines


def test_the_queue_is_shown_and_an_offer_answered(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs, clock: MovedClock
) -> None:
    listing_id, requests, lines = queued(database, org, clock)
    manager, employee = signed_in_as(), signed_in_as(Role.EMPLOYEE)
    shown = employee.get(f"/api/v1/listings/{listing_id}").json()
    assert (shown["count"], shown["waiting"], shown["offered"]) == (0, 2, 0)
    (place,) = employee.get(f"/api/v1/requests/{requests[2]}").json()["queue"]
    assert (place["place"], place["ahead"], place["pieces"]) == (2, 1, 1)
    assert place["priority"] == "organisation"

    cancel = [{"request_id": requests[0]}]
    assert manager.post("/api/v1/requests/cancel", json=cancel).status_code == 200
    queue = manager.get(f"/api/v1/listings/{listing_id}/queue").json()
    assert [(each["state"], each["place"], each["request_id"]) for each in queue] == [
        ("offered", None, requests[1]),
        ("waiting", 1, requests[2]),
    ]
    assert queue[0]["limit_at"] == "2026-03-05T23:00:00Z"
    (offer,) = employee.get(f"/api/v1/requests/{requests[1]}").json()["reservations"]
    assert (offer["state"], offer["limit_at"]) == ("offered", "2026-03-05T23:00:00Z")

    no = [{"request_line_id": lines[1], "quantity": 1}]
    assert employee.post("/api/v1/reservations/decline-offer", json=no).json()[0]["declined"] == 1
    yes, key = [{"request_line_id": lines[2], "quantity": 1}], {"Idempotency-Key": "one"}
    first = employee.post("/api/v1/reservations/accept-offer", json=yes, headers=key)
    again = employee.post("/api/v1/reservations/accept-offer", json=yes, headers=key)
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert first.json()[0]["approved"] == 1
    twice = employee.post("/api/v1/reservations/accept-offer", json=yes)
    assert (twice.status_code, twice.json()["type"]) == (409, "/problems/nothing-offered")


def test_a_late_answer_is_refused_and_nothing_changes(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs, clock: MovedClock
) -> None:
    _, requests, lines = queued(database, org, clock)
    signed_in_as().post("/api/v1/requests/cancel", json=[{"request_id": requests[0]}])
    clock.move(timedelta(days=9))
    yes = [{"request_line_id": lines[1], "quantity": 1}]
    late = signed_in_as(Role.EMPLOYEE).post("/api/v1/reservations/accept-offer", json=yes)
    assert (late.status_code, late.json()["type"]) == (409, "/problems/offer-lapsed")
    with database.read() as session:
        [row] = session.scalars(
            select(Reservation).where(Reservation.request_line_id == UUID(lines[1]))
        )
        assert row.state.value == "offered"


@pytest.mark.parametrize("verb", ["accept-offer", "decline-offer"])
def test_another_organisations_offer_is_not_found(
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
    signed_in_as: SignedInAs,
    clock: MovedClock,
    verb: str,
) -> None:
    listing_id, requests, lines = queued(database, foreign_org, clock)
    signed_in_as(where=foreign_org).post(
        "/api/v1/requests/cancel", json=[{"request_id": requests[0]}]
    )
    client = signed_in_as(Role.ADMIN)
    body = [{"request_line_id": lines[1], "quantity": 1}]
    assert client.post(f"/api/v1/reservations/{verb}", json=body).status_code == 404
    assert client.get(f"/api/v1/listings/{listing_id}/queue").status_code == 404


@pytest.mark.parametrize("quantity", [0, -1, 501, "x", None])
@pytest.mark.parametrize("verb", ["accept-offer", "decline-offer"])
def test_a_number_that_can_not_be_is_pointed_at(
    signed_in_as: SignedInAs, org: Organised, verb: str, quantity: object
) -> None:
    body = [{"request_line_id": str(org.org_id), "quantity": quantity}]
    answer = signed_in_as().post(f"/api/v1/reservations/{verb}", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/0/quantity"


def test_only_who_decides_sees_the_whole_queue(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs, clock: MovedClock
) -> None:
    listing_id, *_ = queued(database, org, clock)
    path = f"/api/v1/listings/{listing_id}/queue"
    assert signed_in_as(Role.EMPLOYEE).get(path).status_code == 403
    assert len(signed_in_as(Role.APPROVER).get(path).json()) == 2


def test_who_waited_before_the_upgrade_has_a_class_and_an_offer_waits_again_after_a_downgrade(
    new_database: Callable[[], Database], clock: MovedClock
) -> None:
    database = new_database()
    with database.write() as session:
        org = organised(session, database.clock)
        listing = a_listing(session, org)
        holder = a_request(session, org, listing)
        other, own = (
            a_request(session, org, listing, unit_id=unit)
            for unit in (org.other_unit_id, org.unit_id)
        )
        for each in (holder, other, own):
            approved(session, org, each, 1)
        assert states(session, own) == {"waiting": 1}
        lines = {name: the_line(session, row).id for name, row in (("own", own), ("other", other))}
        session.execute(text("UPDATE reservation SET state = 'offered' WHERE state = 'approved'"))
    command.downgrade(configuration(database.url), "2026_11_29_import_staging")
    migrate(database.url)
    with database.read() as session:
        rows = session.execute(
            select(Reservation.request_line_id, Reservation.priority, Reservation.item_id)
        ).all()
        kept = {row[0]: row[1] for row in rows}
        assert (kept[lines["own"]], kept[lines["other"]]) == (0, 1)
        assert {row[2] for row in rows} == {None}
        assert {each.value for each in session.scalars(select(Reservation.state))} == {"waiting"}
