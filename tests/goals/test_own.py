"""What one's own requests saved, for oneself alone."""

from app.accounts.models import Organisation
from app.accounts.rules import Role
from app.handovers.service_receipt import Receive, Undo, receive, undo
from tests.databases import RolledBackDatabase
from tests.handovers.crossings import given, promised, received
from tests.handovers.orders import an_order, on_its_way
from tests.inbox.cases import acting
from tests.people import Organised, SignedInAs


def test_own_savings_are_those_of_own_requests_until_they_are_undone(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    taker, other = signed_in_as(Role.EMPLOYEE), signed_in_as(Role.SURVEYOR)
    assert "Ingenting ennå" in taker.get("/mine-besparelser").text
    with database.write() as session:
        manager = acting(session, org)
        ordered = an_order(session, org, 2, place_id=org.room_id)
        lines = [each.id for each in on_its_way(session, manager, ordered)]
        receive(session, ordered.taker, [Receive(handover_line_ids=lines)])
    mine = taker.get("/api/v1/my-savings").json()["gross"]
    assert (mine["pieces"], mine["uses"], mine["waste_g"]["value"]) == (2, 2, 30_000)
    assert "2 ombrukte møbler" in taker.get("/mine-besparelser").text
    assert other.get("/api/v1/my-savings").json()["gross"]["uses"] == 0
    assert "Ingenting ennå" in other.get("/mine-besparelser").text
    with database.write() as session:
        undo(session, manager, [Undo(handover_line_ids=lines[:1])])
    assert taker.get("/api/v1/my-savings").json()["gross"]["uses"] == 1


def test_what_came_from_another_organisation_is_its_askers_own_and_nobody_elses(
    signed_in_as: SignedInAs,
    org: Organised,
    foreign_org: Organised,
    database: RolledBackDatabase,
) -> None:
    with database.write() as session:
        row = promised(session, org, foreign_org, 2, category_id="CHAIR_TASK", mass_g=15_000)
        received(session, foreign_org, row, given(session, org, row))
    asker = signed_in_as(Role.EMPLOYEE, where=foreign_org)
    mine = asker.get("/api/v1/my-savings").json()["gross"]
    assert (mine["pieces"], mine["uses"], mine["waste_g"]["value"]) == (2, 2, 0)
    assert mine["co2e_g"]["value"] > 2 * 70_000
    page = asker.get("/mine-besparelser").text
    assert "2 ombrukte møbler" in page
    assert page.count("Kjøpt brukt") == 2
    colleague = signed_in_as(Role.SURVEYOR, where=foreign_org)
    assert colleague.get("/api/v1/my-savings").json()["gross"]["uses"] == 0
    for giver in (Role.EMPLOYEE, Role.FURNITURE_MANAGER):
        found = signed_in_as(giver).get("/api/v1/my-savings").json()
        assert found["gross"]["uses"] == 0
    board = asker.get("/api/v1/goals/2026/leader-board").json()
    assert [each["value"] for each in board["places"]] == [mine["co2e_g"]["value"]]


def test_own_savings_that_wait_for_a_rate_are_not_told_as_nothing(
    signed_in_as: SignedInAs,
    org: Organised,
    foreign_org: Organised,
    database: RolledBackDatabase,
) -> None:
    with database.write() as session:
        session.get_one(Organisation, foreign_org.org_id).currency = "SEK"
        row = promised(session, org, foreign_org, 2, category_id="CHAIR_TASK", mass_g=15_000)
        received(session, foreign_org, row, given(session, org, row))
    asker = signed_in_as(Role.EMPLOYEE, where=foreign_org)
    assert asker.get("/api/v1/my-savings").json()["gross"]["unpriced"] == 2
    page = asker.get("/mine-besparelser").text
    assert "For 2 overleveringer er spart ikke beregnet" in page
    assert "SEK" not in page
    assert "ca. 0" not in page
