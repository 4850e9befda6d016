"""What one's own requests saved, for oneself alone."""

from app.accounts.rules import Role
from app.handovers.service_receipt import Receive, Undo, receive, undo
from tests.databases import RolledBackDatabase
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
