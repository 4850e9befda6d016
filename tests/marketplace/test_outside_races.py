"""What is offered to somebody outside is answered once, whoever answers at the same moment."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import func, select

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.kit.clock import MovedClock
from app.kit.db import Database
from app.marketplace.models_outside import OutsidePiece, OutsideRequest
from app.marketplace.rules import OutsideState
from app.marketplace.service_outside import OfOutside, cancel_outside
from app.marketplace.service_outside_queue import accept_outside, offer_due
from tests.handovers.test_races import at_once
from tests.marketplace.openings import a_public_listing, confirmed, said_yes
from tests.marketplace.stalls import acting
from tests.marketplace.test_network_market import asked
from tests.marketplace.test_outside_queue import called_off, waits
from tests.marketplace.test_races import MakeDatabase
from tests.networks.circles import a_network
from tests.people import organised

Offered = tuple[Database, Actor, UUID, UUID]


@pytest.fixture
def offered(new_database: MakeDatabase, clock: MovedClock) -> Offered:
    """One piece, offered to the first of two of a partner who wait for it, each for two."""
    database = new_database()
    with database.write() as session:
        org = organised(session, database.clock)
        partner = organised(session, database.clock, name="Annen kommune")
        a_network(session, org, partner)
        listing = a_public_listing(session, org, 2)
        holders = [said_yes(session, org, confirmed(session, listing), 1) for _ in range(2)]
        rows = []
        for _ in range(2):
            clock.move(timedelta(minutes=1))
            rows.append(asked(session, listing, partner, 2))
            waits(session, org, rows[-1])
        called_off(session, org, holders[0])
        assert offer_due(session) == 1
        return database, acting(session, partner, Role.EMPLOYEE), rows[0].id, rows[1].id


def answering(database: Database, actor: Actor, row_id: UUID, verb: Callable[..., object]) -> None:
    with database.write() as session:
        verb(session, actor, OfOutside(outside_request_id=row_id))


def swept(database: Database) -> None:
    with database.write() as session:
        offer_due(session)


def held(database: Database) -> int:
    with database.read() as session:
        query = select(func.count()).where(OutsidePiece.given_up_at.is_(None))
        return session.scalar(query) or 0


def test_two_answers_at_once_have_one_effect(offered: Offered) -> None:
    database, actor, first, _ = offered
    yes = partial(answering, database, actor, first, accept_outside)
    assert at_once([yes, yes, yes]) == ["OutsideAnswered", "OutsideAnswered", "done"]
    with database.read() as session:
        rests = session.scalars(
            select(OutsideRequest.wanted).where(OutsideRequest.rest_of_id == first)
        ).all()
    assert (rests, held(database)) == ([1], 2)


def test_a_yes_beside_a_no_leaves_the_piece_with_one_of_two(offered: Offered) -> None:
    database, actor, first, second = offered
    answers = [
        partial(answering, database, actor, first, accept_outside),
        partial(answering, database, actor, first, cancel_outside),
        partial(swept, database),
    ]
    ended = at_once(answers)
    assert ended in (["OutsideAnswered", "done", "done"], ["done", "done", "done"])
    swept(database)
    with database.read() as session:
        assert session.get_one(OutsideRequest, first).state is OutsideState.CANCELLED
        assert session.get_one(OutsideRequest, second).state in (
            OutsideState.OFFERED,
            OutsideState.WAITING,
        )
    assert held(database) == 2


def test_an_offer_that_lapses_while_it_is_answered_goes_to_the_next(
    offered: Offered, clock: MovedClock
) -> None:
    database, actor, first, second = offered
    clock.move(timedelta(days=9))
    ended = at_once(
        [
            partial(answering, database, actor, first, accept_outside),
            partial(swept, database),
            partial(swept, database),
        ]
    )
    assert ended in (["OfferLapsed", "done", "done"], ["OutsideAnswered", "done", "done"])
    with database.read() as session:
        assert session.get_one(OutsideRequest, first).state is OutsideState.CANCELLED
        assert session.get_one(OutsideRequest, second).state is OutsideState.OFFERED
    assert held(database) == 2
