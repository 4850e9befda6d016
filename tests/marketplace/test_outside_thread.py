"""What two organisations write to each other about a request, and what they see of each other."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.accounts.rules import Role
from app.kit.clock import MovedClock
from app.kit.errors import NotFound
from app.marketplace.models_outside import OutsideRequest
from app.marketplace.service_outside_thread import WriteOutside, threads_of, write_outside
from app.notices.models import Notice
from tests.databases import RolledBackDatabase
from tests.marketplace.stalls import a_listing, acting
from tests.marketplace.test_network_market import AT_NETWORK, asked
from tests.networks.circles import a_network
from tests.people import Organised, SignedInAs


def wrote(
    session: Session, org: Organised, row: OutsideRequest, text: str, role: Role = Role.EMPLOYEE
) -> None:
    command = WriteOutside(outside_request_id=row.id, text=text)
    write_outside(session, acting(session, org, role), command)


def told(session: Session, org: Organised) -> list[str]:
    query = select(Notice).where(Notice.org_id == org.org_id).order_by(Notice.created_at)
    return [each.values["step"] for each in session.scalars(query) if "step" in each.values]


def test_both_sides_write_and_the_other_is_told(
    session: Session, org: Organised, foreign_org: Organised, clock: MovedClock
) -> None:
    a_network(session, org, foreign_org)
    row = asked(session, a_listing(session, org, **AT_NETWORK), foreign_org)
    wrote(session, foreign_org, row, "Kan vi hente fredag?")
    session.info["told"] = {}
    clock.move(timedelta(minutes=1))
    wrote(session, org, row, "Ja, etter 12.", Role.FURNITURE_MANAGER)
    theirs = threads_of(session, acting(session, foreign_org, Role.EMPLOYEE), [row.id])[row.id]
    name = session.get_one(Person, foreign_org.person_ids[Role.EMPLOYEE]).name
    assert [(each["text"], each["who"], each["is_mine"]) for each in theirs] == [
        ("Kan vi hente fredag?", name, True),
        ("Ja, etter 12.", "Prøve helseforetak", False),
    ]
    assert told(session, foreign_org)[-1] == "outside-message-posted"


def test_nobody_else_writes_or_reads(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    a_network(session, org, foreign_org)
    row = asked(session, a_listing(session, org, **AT_NETWORK), foreign_org)
    for where, role in ((org, Role.EMPLOYEE), (foreign_org, Role.SURVEYOR)):
        with pytest.raises(NotFound):
            wrote(session, where, row, "Hei", role)


def test_a_message_goes_over_http_once_and_shows_no_name(
    database: RolledBackDatabase, org: Organised, foreign_org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        a_network(session, org, foreign_org)
        row_id = asked(session, a_listing(session, org, **AT_NETWORK), foreign_org).id
    theirs, ours = signed_in_as(Role.EMPLOYEE, foreign_org), signed_in_as()
    path = f"/marked/andre/{row_id}/melding"
    assert theirs.post(path, data={"text": "", "side": "asker"}).status_code == 422
    for _ in range(2):
        sent = theirs.post(path, data={"text": "Passer fredag?", "side": "asker", "key": "one"})
        assert sent.status_code == 303
    page = ours.get("/marked/utenfra").text
    assert page.count("Passer fredag?") == 1
    assert "Prøve employee" not in page
    assert ours.post(path, data={"text": "Ja", "side": "giver"}).status_code == 303
    assert "Prøve helseforetak" in theirs.get("/marked/andre").text
