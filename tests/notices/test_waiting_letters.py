"""Letters of the waiting list: who is told of an offer, and of what became of it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.kit.clock import MovedClock
from app.kit.files import Files
from app.kit.jobs import Queue
from app.kit.mail import Mail
from app.marketplace import service as market
from app.marketplace.jobs import pass_on_offers
from app.marketplace.models import Request
from tests.databases import RolledBackDatabase
from tests.marketplace.queues import freed, taken, waits
from tests.marketplace.stalls import acting, states, the_line
from tests.notices.post import Sink, a_server, sending
from tests.notices.test_pages import opened
from tests.notices.test_sending import email_of
from tests.people import Organised, SignedInAs


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def queue(database: RolledBackDatabase, files: Files, sink: Sink) -> Iterator[Queue]:
    with a_server(sink) as mail:
        assert isinstance(mail, Mail)
        yield sending(database, files, mail)


def sent(sink: Sink) -> list[tuple[str, str]]:
    """Subject and reader of each letter since the last look."""
    found = [
        (str(letter["Subject"]), each)
        for letter, to in zip(sink.letters, sink.envelopes, strict=True)
        for each in to
    ]
    sink.letters.clear()
    sink.envelopes.clear()
    return sorted(found)


def _plain(letter: Any) -> str:
    return str(letter.get_body(("plain",)).get_content())


def line_of(session: Session, request_id: UUID) -> UUID:
    return the_line(session, session.get_one(Request, request_id)).id


def test_an_offer_its_answers_and_its_lapse_are_told_to_both_sides(
    database: RolledBackDatabase, org: Organised, queue: Queue, sink: Sink, clock: MovedClock
) -> None:
    giver, asker = email_of(database, org, Role.APPROVER), email_of(database, org, Role.EMPLOYEE)
    with database.write() as session:
        listing, holder = taken(session, org)
        first, second, third = (waits(session, org, listing, clock).id for _ in range(3))
        holder_id = holder.id
    sent(sink)

    with database.write() as session:
        freed(session, org, session.get_one(Request, holder_id))
    offered = [each for each in sink.letters if "Ledig for deg" in str(each["Subject"])]
    assert len(offered) == 1
    text = sink.text(sink.letters.index(offered[0]))
    assert "1 møbel du ventet på, er blitt ledig." in text
    assert "Svar senest 5. mars 2026." in text
    assert f"/bestillinger/{first}" in text
    assert ("Ledig for deg: svar på bestilling 2", asker) in sent(sink)

    with database.write() as session:
        no = market.DeclineOffer(request_line_id=line_of(session, first), quantity=1)
        market.decline_offer(session, acting(session, org, Role.EMPLOYEE), [no])
    assert sent(sink) == [
        ("Ledig for deg: svar på bestilling 3", asker),
        ("Nei takk til tilbudet på bestilling 2", giver),
    ]

    clock.move(timedelta(days=9))
    pass_on_offers(queue.parts)
    assert sent(sink) == sorted(
        [
            ("Fristen er ute for tilbudet på bestilling 3", asker),
            ("Fristen er ute for tilbudet på bestilling 3", giver),
            ("Ledig for deg: svar på bestilling 4", asker),
        ]
    )
    pass_on_offers(queue.parts)
    assert sent(sink) == []

    with database.write() as session:
        yes = market.AcceptOffer(request_line_id=line_of(session, third), quantity=1)
        market.accept_offer(session, acting(session, org), [yes])
        assert states(session, session.get_one(Request, third)) == {"approved": 1}
        assert states(session, session.get_one(Request, second)) == {"expired": 1}
    # Answered for the asker by who may: both sides hear of it, but not who did it.
    assert sent(sink) == sorted(
        [
            ("Tilbudet på bestilling 4 ble tatt imot", asker),
            ("Tilbudet på bestilling 4 ble tatt imot", giver),
        ]
    )


def test_a_withdrawn_listing_tells_who_was_offered_or_waited(
    database: RolledBackDatabase, org: Organised, queue: Queue, sink: Sink, clock: MovedClock
) -> None:
    assert queue.parts.mail.is_set
    asker = email_of(database, org, Role.EMPLOYEE)
    with database.write() as session:
        listing, holder = taken(session, org)
        for _ in range(2):
            waits(session, org, listing, clock)
        freed(session, org, holder)
    sent(sink)
    with database.write() as session:
        gone = market.OfListing(listing_id=listing.id)
        market.withdraw(session, acting(session, org), [gone])
    assert all("Annonsen ble trukket tilbake" in _plain(each) for each in sink.letters)
    assert sent(sink) == [("Svar på bestilling 2", asker), ("Svar på bestilling 3", asker)]


@pytest.mark.usefixtures("queue")
def test_the_notices_of_the_waiting_list_lead_to_the_request(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs, clock: MovedClock
) -> None:
    with database.write() as session:
        listing, holder = taken(session, org)
        request_id = waits(session, org, listing, clock).id
        freed(session, org, holder)
    page = signed_in_as(Role.EMPLOYEE).get("/varsler")
    assert page.status_code == 200
    assert "Ledig for deg: svar på bestilling 2" in page.text
    assert opened(signed_in_as(Role.EMPLOYEE)) == f"/bestillinger/{request_id}"
