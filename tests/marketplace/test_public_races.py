"""A piece on the public page has one holder, whoever says yes at once; with twins that must fail."""

import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.kit.db import Database
from app.kit.errors import Conflict
from app.marketplace import queries_deciding, service, service_buyers, service_outside_pieces
from app.marketplace.models import RequestLine
from app.marketplace.models_outside import OutsidePiece
from app.marketplace.models_public import BuyerAsk
from app.marketplace.queries import free_pieces
from app.marketplace.rules_public import BuyerState
from app.marketplace.service_sale import AnswerBuyer, answer_buyer
from tests.marketplace.openings import a_public_listing, a_public_page, confirmed, wished
from tests.marketplace.stalls import a_request, acting, the_line
from tests.marketplace.test_races import MakeDatabase, without_locks
from tests.marketplace.test_waiting_races import together
from tests.people import organised


def two_buyers(database: Database) -> tuple[Actor, list[UUID]]:
    """30 like pieces, and two buyers who ask for 20 each."""
    with database.write() as session:
        org = organised(session, database.clock)
        listing = a_public_listing(session, org, 30)
        asks = [
            confirmed(session, listing, 20, email=f"{number}@example.no").id for number in range(2)
        ]
        return acting(session, org), asks


def says_yes(database: Database, manager: Actor, ask_id: UUID) -> None:
    with database.write() as session:
        answer_buyer(session, manager, AnswerBuyer(buyer_ask_id=ask_id, quantity=20))


def held(database: Database) -> tuple[int, int]:
    """How many pieces are held, and how many of them twice."""
    with database.read() as session:
        rows = session.execute(
            select(OutsidePiece.item_id, func.count())
            .where(OutsidePiece.given_up_at.is_(None))
            .group_by(OutsidePiece.item_id)
        ).all()
    return len(rows), sum(1 for _, count in rows if count > 1)


def pausing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both see what is left before either takes it, if nothing keeps them apart."""
    both_have_seen = threading.Barrier(2)
    seen = queries_deciding.free_by_listing

    def look(session: Session, actor: Actor, ids: list[UUID]) -> dict[UUID, list[UUID]]:
        found = seen(session, actor, ids)
        # It breaks when the other one is kept out until we are done: that is the lock at work.
        with suppress(threading.BrokenBarrierError):
            both_have_seen.wait(timeout=1.5)
        return found

    monkeypatch.setattr(service_outside_pieces, "free_by_listing", look)


def test_two_yeses_at_once_to_20_of_30_are_one_yes(
    new_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = new_database()
    manager, asks = two_buyers(database)
    pausing(monkeypatch)
    refused = together(*(partial(says_yes, database, manager, each) for each in asks))
    assert [type(each) for each in refused] == [service.PieceTaken]
    assert held(database) == (20, 0)


def test_the_unique_index_alone_refuses_the_second_yes(
    new_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = new_database()
    manager, asks = two_buyers(database)
    without_locks(database, monkeypatch)
    pausing(monkeypatch)
    refused = together(*(partial(says_yes, database, manager, each) for each in asks))
    assert len(refused) == 1
    assert held(database) == (20, 0)


def test_a_buyer_and_one_of_ones_own_never_get_the_same_piece(new_database: MakeDatabase) -> None:
    database = new_database()
    for number in range(5):
        with database.write() as session:
            org = organised(session, database.clock)
            a_public_page(session, org, slug=f"prove-{number}")
            listing = a_public_listing(session, org)
            ask_id = confirmed(session, listing).id
            line_id = the_line(session, a_request(session, org, listing)).id
            manager = acting(session, org)

        def buyer(manager: Actor = manager, ask_id: UUID = ask_id) -> None:
            with database.write() as session:
                answer_buyer(session, manager, AnswerBuyer(buyer_ask_id=ask_id, quantity=1))

        def own(manager: Actor = manager, line_id: UUID = line_id) -> None:
            with database.write() as session:
                service.approve(
                    session, manager, [service.Approve(request_line_id=line_id, quantity=1)]
                )

        raised = together(buyer, own)
        assert all(isinstance(each, Conflict) for each in raised)
        with database.read() as session:
            approved = session.scalars(
                select(RequestLine.approved).where(RequestLine.id == line_id)
            ).one()
            state = session.scalars(select(BuyerAsk.state).where(BuyerAsk.id == ask_id)).one()
            left = session.scalars(free_pieces(manager.org_id, func.count())).one()
        assert approved + (state is BuyerState.APPROVED) == 1
        assert left == 0


def test_a_link_that_is_used_by_many_at_once_confirms_once(new_database: MakeDatabase) -> None:
    database = new_database()
    with database.write() as session:
        org = organised(session, database.clock)
        ask = wished(session, a_public_listing(session, org))
        token, ask_id = service_buyers.mint(session, ask), ask.id

    def confirm() -> None:
        with database.write() as session:
            service_buyers.confirm(session, token)

    acts: list[Callable[[], object]] = [confirm] * 8
    raised = together(*acts)
    assert [type(each) for each in raised] == [service_buyers.BuyerAnswered] * 7
    with database.read() as session:
        assert session.get_one(BuyerAsk, ask_id).number == 1
