"""The lists of what organisations ask of each other: a page at a time, at the same cost."""

import re
from datetime import timedelta

from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.kit.clock import MovedClock
from app.marketplace.models_outside import OutsideRequest
from app.marketplace.rules import OutsideState
from tests.databases import RolledBackDatabase
from tests.marketplace.stalls import a_listing
from tests.marketplace.test_network_market import AT_NETWORK, asked
from tests.marketplace.test_pages import _queries
from tests.networks.circles import a_network
from tests.people import Organised, SignedInAs

PATHS = ("/marked/utenfra", "/marked/andre")


def test_requests_come_in_pages_of_as_many_statements_however_many_wait(
    database: RolledBackDatabase,
    session: Session,
    org: Organised,
    foreign_org: Organised,
    signed_in_as: SignedInAs,
    clock: MovedClock,
) -> None:
    a_network(session, org, foreign_org)
    listing = a_listing(session, org, 2, **AT_NETWORK)
    rows = [waiting(session, listing, foreign_org)]
    clients = (signed_in_as(), signed_in_as(Role.EMPLOYEE, foreign_org))
    few = [_queries(session, client, path) for client, path in zip(clients, PATHS, strict=True)]
    for _ in range(29):
        clock.move(timedelta(seconds=1))
        rows += [waiting(session, listing, foreign_org)]
    many = [_queries(session, client, path) for client, path in zip(clients, PATHS, strict=True)]
    assert many == few
    first = clients[0].get(PATHS[0]).text
    shown = re.findall(r'id="outside-([0-9a-f-]{36})"', first)
    assert len(shown) == 25
    assert "Nummer 30 av dem utenfra" in first
    further = re.search(r'href="([^"]+cursor=[^"]+)"', first)
    assert further is not None
    rest = clients[0].get(further[1].replace("&amp;", "&")).text
    shown += re.findall(r'id="outside-([0-9a-f-]{36})"', rest)
    assert sorted(shown) == sorted(str(each.id) for each in rows)
    answer = clients[0].get("/api/v1/outside-requests?limit=20")
    assert len(answer.json()) == 20
    assert 'rel="next"' in answer.headers["link"]


def waiting(session: Session, listing: object, asker: Organised) -> OutsideRequest:
    row = asked(session, listing, asker)  # type: ignore[arg-type]
    row.state = OutsideState.WAITING
    session.flush()
    return row
