"""Letters to those who ask on the public page, and to those who answer them."""

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts.rules import Role
from app.kit.clock import MovedClock
from app.kit.files import Files
from app.kit.jobs import Queue, queue_at_once
from app.kit.mail import Mail
from app.marketplace.models_public import BuyerAsk
from app.marketplace.rules import Terms
from app.marketplace.service_sale import CancelBuyer, cancel_buyer
from app.notices.jobs import SEND, SEND_TO_BUYER
from app.notices.models_buyers import BuyerLetter
from tests.databases import RolledBackDatabase
from tests.marketplace.openings import a_public_listing, said_yes, wished
from tests.marketplace.stalls import acting
from tests.notices.post import PUBLIC_URL, Sink, a_server, parts_of
from tests.notices.test_sending import email_of
from tests.people import Organised

BUYER = "kari@example.no"


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def queue(database: RolledBackDatabase, files: Files, sink: Sink) -> Iterator[Queue]:
    with a_server(sink) as mail:
        assert isinstance(mail, Mail)
        made = Queue(queue_at_once(), parts_of(database, files, mail), [SEND, SEND_TO_BUYER], ())
        database.enqueue = made.enqueue
        yield made


def asked(database: RolledBackDatabase, org: Organised, **fields: str) -> UUID:
    with database.write() as session:
        listing = a_public_listing(session, org, 2, terms=Terms.PRICE, price_ore=20_000)
        return wished(session, listing, 2, **fields).id


def link_in(sink: Sink, index: int = -1) -> str:
    found = re.search(rf"{PUBLIC_URL}(/ombruk/lenke\?lenke=\S+)", sink.text(index))
    assert found is not None
    return found[1]


def test_a_buyer_is_asked_to_confirm_and_told_of_the_answer(
    database: RolledBackDatabase, org: Organised, queue: Queue, sink: Sink, client: TestClient
) -> None:
    ask_id = asked(database, org)
    queue.sweep()
    assert sink.envelopes == [[BUYER]]
    link = link_in(sink)
    assert client.get(link).status_code == 200
    token = link.partition("lenke=")[2]
    assert client.post("/ombruk/lenke/bekreft", data={"lenke": token}).status_code == 303
    queue.sweep()
    giver = email_of(database, org, Role.APPROVER)
    assert sink.envelopes[1:] == [[giver]]
    assert f"/marked/kjopere/{ask_id}" in sink.text()
    with database.write() as session:
        said_yes(session, org, session.get_one(BuyerAsk, ask_id), 1)
    queue.sweep()
    assert sink.envelopes[2:] == [[BUYER]]
    assert "200" in sink.text()
    assert "Avtalt" in client.get(link_in(sink)).text
    with database.write() as session:
        off = CancelBuyer(buyer_ask_id=ask_id, answer="Vi fant skade")
        cancel_buyer(session, acting(session, org), off)
    queue.sweep()
    assert "Vi fant skade" in sink.text()


def test_the_first_letter_says_nothing_that_a_stranger_wrote(
    database: RolledBackDatabase, org: Organised, queue: Queue, sink: Sink
) -> None:
    asked(database, org, name="Vinn en million", message="Klikk her")
    queue.sweep()
    [letter] = sink.letters
    whole = letter.as_string() + sink.text()
    assert "million" not in whole
    assert "Klikk" not in whole


def test_a_letter_that_was_not_taken_is_tried_again_with_a_link_of_its_own(
    database: RolledBackDatabase,
    org: Organised,
    queue: Queue,
    sink: Sink,
    client: TestClient,
    clock: MovedClock,
) -> None:
    sink.answer = "451 Try again later"
    asked(database, org)
    queue.sweep()
    assert sink.letters == []
    clock.move(timedelta(minutes=2))
    sink.answer = "250 OK"
    queue.sweep()
    assert client.get(link_in(sink)).status_code == 200


def test_nobody_is_asked_to_confirm_what_can_not_be_confirmed_any_more(
    database: RolledBackDatabase, org: Organised, queue: Queue, sink: Sink, clock: MovedClock
) -> None:
    sink.answer = "451 Try again later"
    asked(database, org)
    queue.sweep()
    clock.move(timedelta(days=3))
    sink.answer = "250 OK"
    queue.sweep()
    assert sink.letters == []
    with database.read() as session:
        [letter] = session.scalars(select(BuyerLetter)).all()
        assert letter.gave_up_at is not None
