"""Answering from a letter: who has the link answers once, and what was asked, or nothing happens."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import delete, select, update

from app.accounts.actor import Actor, hashed
from app.accounts.models import Membership, Person, RoleGrant
from app.accounts.rules import Role
from app.kit.clock import MovedClock
from app.kit.files import Files
from app.kit.jobs import Queue
from app.marketplace import service as market
from app.marketplace.models import Request, RequestLine
from app.marketplace.rules import RefusalReason
from app.notices.models import AnswerLink
from app.notices.service_answers import GOOD_FOR, forget_links
from tests.databases import RolledBackDatabase
from tests.marketplace.queues import freed, taken, waits
from tests.marketplace.stalls import a_listing, a_request, acting, states, the_line
from tests.notices.post import PUBLIC_URL, Sink, a_server, sending
from tests.people import Organised, SignedInAs
from tests.test_tenancy import everything_of

ActorOf = Callable[..., Actor]


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture(autouse=True)
def queue(database: RolledBackDatabase, files: Files, sink: Sink) -> Iterator[Queue]:
    with a_server(sink) as mail:
        yield sending(database, files, mail)


def tokens(sink: Sink, to: str | None = None) -> list[str]:
    """The links of the letters, the newest last; in text and HTML they are the same."""
    found = []
    for index, letter in enumerate(sink.letters):
        if to is not None and sink.envelopes[index] != [to]:
            continue
        for token in re.findall(rf"{PUBLIC_URL}/svar\?lenke=(\S+)", sink.text(index)):
            html = letter.get_body(("html",))
            assert html is not None
            assert f'href="{PUBLIC_URL}/svar?lenke={token}"' in html.get_content()
            found.append(token)
    return found


def asked(database: RolledBackDatabase, org: Organised, pieces: int = 3) -> UUID:
    with database.write() as session:
        listing = a_listing(session, org, pieces=pieces, name="Kontorstol Bris")
    with database.write() as session:
        return a_request(session, org, listing, pieces).id


def opened(client: TestClient, token: str) -> Response:
    return client.get("/svar", params={"lenke": token})


def answered(client: TestClient, token: str, *, is_yes: bool = True, **form: str) -> Response:
    data = {"lenke": token, "is_yes": str(is_yes).lower(), **form}
    return client.post("/svar", data=data, follow_redirects=False)


def of(database: RolledBackDatabase, request_id: UUID) -> dict[str, int]:
    with database.read() as session:
        return states(session, session.get_one(Request, request_id))


def test_a_letter_is_answered_without_signing_in(
    client: TestClient, database: RolledBackDatabase, org: Organised, sink: Sink
) -> None:
    request_id = asked(database, org)
    [token] = tokens(sink)
    assert "- 3 × Kontorstol Bris (Bygg A › Rom 214)" in sink.text().splitlines()

    page = opened(client, token)
    assert page.status_code == 200
    assert "virker én gang, til og med 16. mars 2026, og" in page.text
    assert "Kontorstol Bris" in page.text
    assert "3 × Kontorstol Bris" in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    done = answered(client, token, text="Hent dem gjerne før fredag.")

    assert done.status_code == 303
    thanks = client.get(done.headers["location"])
    assert "Du sa ja" in thanks.text
    assert of(database, request_id) == {"approved": 3}
    with database.read() as session:
        [event] = [
            row
            for row in session.execute(select(AnswerLink.is_yes, AnswerLink.spent_at))
            if row.spent_at is not None
        ]
    assert event.is_yes is True


def test_no_from_the_letter_declines_all_that_was_asked(
    client: TestClient, database: RolledBackDatabase, org: Organised, sink: Sink
) -> None:
    request_id = asked(database, org)
    [token] = tokens(sink)
    unsaid = answered(client, token, is_yes=False)
    assert (unsaid.status_code, "Velg hvorfor." in unsaid.text) == (422, True)
    assert answered(client, token, is_yes=False, refusal="other").status_code == 422
    assert of(database, request_id) == {"requested": 3}
    answered(client, token, is_yes=False, refusal="condition")
    assert of(database, request_id) == {"declined": 3}
    with database.read() as session:
        request = session.get_one(Request, request_id)
        assert the_line(session, request).declined_for is RefusalReason.CONDITION
    assert "Hvorfor ikke: De er ikke gode nok" in sink.text()
    assert "Du sa nei" in opened(client, token).text


def test_to_open_a_link_changes_nothing_however_often_and_by_whomever(
    client: TestClient, database: RolledBackDatabase, org: Organised, sink: Sink
) -> None:
    asked(database, org)
    [token] = tokens(sink)
    before = everything_of(database, org)
    for _ in range(3):
        assert opened(client, token).status_code == 200
        assert client.head("/svar", params={"lenke": token}).status_code in {200, 405}
    assert everything_of(database, org) == before


def test_only_the_hash_of_a_link_is_kept(
    database: RolledBackDatabase, org: Organised, sink: Sink
) -> None:
    asked(database, org)
    [token] = tokens(sink)
    assert len(token) >= 43
    with database.read() as session:
        [link] = session.scalars(select(AnswerLink)).all()
        assert link.token_hash == hashed(token)
    assert token not in str(everything_of(database, org))


def test_a_link_answers_once(
    client: TestClient, database: RolledBackDatabase, org: Organised, sink: Sink
) -> None:
    request_id = asked(database, org)
    [token] = tokens(sink)
    answered(client, token)
    again = answered(client, token, is_yes=False)
    assert again.status_code == 410
    assert "Lenken er brukt" in again.text
    assert of(database, request_id) == {"approved": 3}


def _nobody(_database: RolledBackDatabase, _org: Organised, _request_id: UUID) -> None:
    """Nothing but time passes."""


def _answers(database: RolledBackDatabase, org: Organised, request_id: UUID) -> None:
    with database.write() as session:
        line = the_line(session, session.get_one(Request, request_id))
        market.decline(
            session,
            acting(session, org),
            [market.Decline(request_line_id=line.id, reason=RefusalReason.GONE)],
        )


def _takes_back(database: RolledBackDatabase, org: Organised, request_id: UUID) -> None:
    with database.write() as session:
        gone = market.OfRequest(request_id=request_id)
        market.cancel(session, acting(session, org, Role.EMPLOYEE), [gone])


def _loses_role(database: RolledBackDatabase, org: Organised, _request_id: UUID) -> None:
    with database.write() as session:
        session.execute(delete(RoleGrant).where(RoleGrant.membership_id == _membership(org)))


def _leaves(database: RolledBackDatabase, org: Organised, _request_id: UUID) -> None:
    with database.write() as session:
        session.execute(
            update(Membership)
            .where(Membership.id == _membership(org))
            .values(ended_at=database.clock.now())
        )


def _is_shut_out(database: RolledBackDatabase, org: Organised, _request_id: UUID) -> None:
    with database.write() as session:
        person = Person.id == org.person_ids[Role.APPROVER]
        session.execute(update(Person).where(person).values(is_active=False))


def _moves(database: RolledBackDatabase, org: Organised, _request_id: UUID) -> None:
    with database.write() as session:
        person = Person.id == org.person_ids[Role.APPROVER]
        session.execute(update(Person).where(person).values(email="ny@example.no"))


def _membership(org: Organised) -> Any:
    return (
        select(Membership.id)
        .where(
            Membership.org_id == org.org_id,
            Membership.person_id == org.person_ids[Role.APPROVER],
        )
        .scalar_subquery()
    )


@pytest.mark.parametrize(
    ("happens", "days", "status", "said"),
    [
        (_nobody, GOOD_FOR.days + 1, 410, "Fristen for å svare herfra er ute"),
        (_answers, 0, 409, "Dette er alt besvart"),
        (_takes_back, 0, 409, "Dette er alt besvart"),
        (_loses_role, 0, 403, "Du kan ikke lenger svare på dette"),
        (_leaves, 0, 403, "Du kan ikke lenger svare på dette"),
        (_is_shut_out, 0, 403, "Du kan ikke lenger svare på dette"),
        (_moves, 0, 409, "Saken er endret"),
    ],
)
def test_a_link_that_no_longer_holds_says_why_and_changes_nothing(
    client: TestClient,
    database: RolledBackDatabase,
    org: Organised,
    sink: Sink,
    clock: MovedClock,
    happens: Callable[[RolledBackDatabase, Organised, UUID], None],
    days: int,
    status: int,
    said: str,
) -> None:
    request_id = asked(database, org)
    [token] = tokens(sink)
    happens(database, org, request_id)
    clock.move(timedelta(days=days))
    before = everything_of(database, org)
    for answer in (opened(client, token), answered(client, token)):
        assert answer.status_code == status
        assert said in answer.text
    assert everything_of(database, org) == before


def test_a_line_that_was_answered_meanwhile_makes_the_link_outdated(
    client: TestClient, database: RolledBackDatabase, org: Organised, sink: Sink
) -> None:
    with database.write() as session:
        listings = [a_listing(session, org, name=each) for each in ("Stol", "Bord")]
    with database.write() as session:
        lines = [market.OrderLine(listing_id=each.id) for each in listings]
        order = market.Order(unit_id=org.unit_id, lines=lines)
        (request,) = market.order(session, acting(session, org, Role.EMPLOYEE), [order])
    [token] = tokens(sink)
    assert opened(client, token).text.count("1 × ") == 2
    with database.write() as session:
        rows = session.scalars(
            select(RequestLine).where(RequestLine.request_id == request.id)
        ).all()
        no = market.Decline(request_line_id=rows[0].id, reason=RefusalReason.GONE)
        market.decline(session, acting(session, org), [no])
    answer = answered(client, token)
    assert answer.status_code == 409
    assert "Saken er endret" in answer.text
    assert of(database, request.id) == {"declined": 1, "requested": 1}


@pytest.mark.parametrize("token", ["", "x", "%00", "a" * 100, "ÆØÅ"])
def test_a_link_that_was_never_made_is_unknown(client: TestClient, token: str) -> None:
    for answer in (opened(client, token), answered(client, token)):
        assert answer.status_code == 404


def test_a_link_is_not_answered_from_another_site(
    client: TestClient, database: RolledBackDatabase, org: Organised, sink: Sink
) -> None:
    request_id = asked(database, org)
    [token] = tokens(sink)
    answer = client.post(
        "/svar",
        data={"lenke": token, "is_yes": "true"},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403
    assert of(database, request_id) == {"requested": 3}


def test_a_link_is_its_readers_whoever_is_signed_in(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised, sink: Sink
) -> None:
    request_id = asked(database, org)
    [token] = tokens(sink)
    stranger = signed_in_as(Role.EMPLOYEE)
    with database.read() as session:
        name = session.scalars(
            select(Person.name).where(Person.id == org.person_ids[Role.APPROVER])
        ).one()
    assert f"Du svarer som {name}." in opened(stranger, token).text
    answered(stranger, token)
    assert of(database, request_id) == {"approved": 3}


def test_an_offer_is_accepted_from_the_letter_until_it_lapses(
    client: TestClient,
    database: RolledBackDatabase,
    org: Organised,
    sink: Sink,
    clock: MovedClock,
) -> None:
    with database.write() as session:
        listing, holder = taken(session, org)
        first, second = (waits(session, org, listing, clock).id for _ in range(2))
        holder_id = holder.id
    sink.letters.clear()
    sink.envelopes.clear()
    with database.write() as session:
        freed(session, org, session.get_one(Request, holder_id))
    [token] = tokens(sink)
    assert answered(client, token, is_yes=False).status_code == 303
    assert of(database, first) == {"declined": 1}
    [_, following] = tokens(sink)
    with database.read() as session:
        query = select(AnswerLink).where(AnswerLink.token_hash == hashed(following))
        limit = session.scalars(query).one().expires_at
    assert answered(client, token).status_code == 410
    assert answered(client, following).status_code == 303
    assert of(database, second) == {"approved": 1}
    assert limit - clock.now() < GOOD_FOR


def test_a_lapsed_offer_is_not_accepted(
    client: TestClient,
    database: RolledBackDatabase,
    org: Organised,
    sink: Sink,
    clock: MovedClock,
) -> None:
    with database.write() as session:
        listing, holder = taken(session, org)
        first = waits(session, org, listing, clock).id
        freed(session, org, holder)
    token = tokens(sink)[-1]
    clock.move(timedelta(days=9))
    assert answered(client, token).status_code == 410
    assert of(database, first) == {"offered": 1}


def test_links_that_are_long_past_are_removed(
    database: RolledBackDatabase, org: Organised, clock: MovedClock
) -> None:
    asked(database, org)
    with database.write() as session:
        assert forget_links(session) == 0
    clock.move(timedelta(days=120))
    with database.write() as session:
        assert forget_links(session) == 1
