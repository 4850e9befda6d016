"""Letters about networks, and about what organisations ask of each other."""

from collections.abc import Iterator
from datetime import date

import pytest

from app.accounts.rules import Role
from app.handovers.service import Undo, undo
from app.kit.events import publish
from app.kit.files import Files
from app.kit.jobs import Queue
from app.kit.mail import Mail
from app.marketplace.events import OutsideDayMoved
from app.marketplace.models_outside import OutsideRequest
from app.marketplace.service_outside import CallOffOutside, call_off_outside
from app.networks import service
from tests.databases import RolledBackDatabase
from tests.handovers.crossings import given, promised, received
from tests.marketplace.stalls import a_listing, acting
from tests.marketplace.test_network_market import AT_NETWORK, answered, asked
from tests.networks.circles import a_network
from tests.notices.post import Sink, a_server, sending
from tests.notices.test_sending import email_of
from tests.notices.test_waiting_letters import sent
from tests.people import Organised, SignedInAs


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def queue(database: RolledBackDatabase, files: Files, sink: Sink) -> Iterator[Queue]:
    with a_server(sink) as mail:
        assert isinstance(mail, Mail)
        yield sending(database, files, mail)


def test_each_step_of_a_network_is_told_where_it_was_not_done(
    database: RolledBackDatabase, org: Organised, foreign_org: Organised, queue: Queue, sink: Sink
) -> None:
    host, member = (email_of(database, each, Role.ADMIN) for each in (org, foreign_org))
    with database.write() as session:
        network_id = a_network(session, org, foreign_org).id
    queue.sweep()
    subject = "Nytt i nettverket Fylket"
    assert sent(sink) == sorted([(subject, member), (subject, host)])
    with database.write() as session:
        over = service.OfNetwork(network_id=network_id)
        service.end(session, acting(session, org, Role.ADMIN), over)
    queue.sweep()
    assert sent(sink) == [(subject, member)]


def test_the_giver_hears_of_the_wish_and_the_asker_of_the_answer(
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
    queue: Queue,
    sink: Sink,
    signed_in_as: SignedInAs,
) -> None:
    giver, asker = (
        email_of(database, org, Role.APPROVER),
        email_of(database, foreign_org, Role.EMPLOYEE),
    )
    with database.write() as session:
        a_network(session, org, foreign_org)
        listing = a_listing(session, org, 2, name="Kontorstol", **AT_NETWORK)
        row_id = asked(session, listing, foreign_org, 2).id
    queue.sweep()
    wish = ("Fremmed kommune spør om 2 × Kontorstol", giver)
    assert wish in sent(sink)
    with database.write() as session:
        row = session.get_one(OutsideRequest, row_id)
        answered(session, org, row, 1)
    queue.sweep()
    answer = "Svar fra Prøve helseforetak om Kontorstol"
    letter = sink.letters[0].get_body(("plain",))
    assert letter is not None
    assert "Dere får 1 møbel." in letter.get_content()
    assert sent(sink) == [(answer, asker)]
    assert answer in signed_in_as(Role.EMPLOYEE, foreign_org).get("/varsler").text
    with database.write() as session:
        row = session.get_one(OutsideRequest, row_id)
        day = date(2026, 5, 1)
        moved = OutsideDayMoved.of(row, None, listing_id=row.listing_id, pieces=1, free_from=day)
        publish(session, [moved])
    queue.sweep()
    assert "1 møbel dere har bedt om, blir ledig 1. mai 2026." in sink.text()
    assert sent(sink) == [(answer, asker)]
    with database.write() as session:
        off = CallOffOutside(outside_request_id=row_id)
        call_off_outside(session, acting(session, org), off)
    queue.sweep()
    assert "De har avbrutt avtalen." in sink.text()
    assert sent(sink) == [(answer, asker)]


def test_both_sides_hear_once_of_what_leaves_comes_back_and_arrives(
    database: RolledBackDatabase, org: Organised, foreign_org: Organised, queue: Queue, sink: Sink
) -> None:
    giver = email_of(database, org, Role.APPROVER)
    asker = email_of(database, foreign_org, Role.EMPLOYEE)
    with database.write() as session:
        row = promised(session, org, foreign_org, name="Kontorstol")
    queue.sweep()
    sent(sink)
    with database.write() as session:
        [line] = given(session, org, row)
    queue.sweep()
    answer = "Svar fra Prøve helseforetak om Kontorstol"
    assert sent(sink) == [(answer, asker)]
    with database.write() as session:
        undo(session, acting(session, org), [Undo(handover_line_ids=[line.id])])
    queue.sweep()
    assert sent(sink) == [(answer, asker)]
    with database.write() as session:
        lines = given(session, org, row)
    queue.sweep()
    sent(sink)
    with database.write() as session:
        received(session, foreign_org, row, [each for each in lines if not each.undone_at])
    queue.sweep()
    letters = sent(sink)
    assert ("Fremmed kommune har mottatt 1 × Kontorstol", giver) in letters
    assert len([each for each in letters if each[1] == giver]) == 1
    assert asker not in [each[1] for each in letters]
