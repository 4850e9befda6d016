"""A letter that waited while things changed says nothing that is no longer so."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.clock import MovedClock
from app.kit.db import clock_of
from app.marketplace import service_buyers
from app.marketplace.models_public import BuyerAsk
from app.marketplace.rules_public import BuyerState
from app.marketplace.service_outside_queue import accept_ask, offer_due
from app.notices.models_buyers import BuyerLetter
from app.notices.service_buyers import ClaimedBuyerLetter, claim, due
from tests.marketplace.openings import a_public_listing, confirmed, said_yes, wished
from tests.marketplace.test_outside_queue import all_promised, called_off, waits
from tests.people import Organised


def claimed(session: Session, ask: BuyerAsk) -> list[ClaimedBuyerLetter]:
    """What would be sent now of all that waits for this buyer."""
    session.flush()
    own = select(BuyerLetter.id).where(BuyerLetter.buyer_ask_id == ask.id)
    ids = session.scalars(due(clock_of(session).now()).where(BuyerLetter.id.in_(own))).all()
    return [each for each in (claim(session, letter_id) for letter_id in ids) if each is not None]


def kinds(session: Session, ask: BuyerAsk) -> list[str]:
    return [each.kind for each in claimed(session, ask)]


def offered(session: Session, org: Organised) -> BuyerAsk:
    listing, holder = all_promised(session, org)
    ask = confirmed(session, listing, email="next@example.no")
    waits(session, org, ask)
    called_off(session, org, holder)
    offer_due(session)
    assert ask.state is BuyerState.OFFERED
    return ask


def test_who_accepted_is_not_told_that_the_time_is_up(session: Session, org: Organised) -> None:
    ask = offered(session, org)
    accept_ask(session, service_buyers.mint(session, ask))
    assert kinds(session, ask) == []


@pytest.mark.parametrize("by_giver", [True, False])
def test_what_was_called_off_has_not_lapsed(
    session: Session, org: Organised, clock: MovedClock, *, by_giver: bool
) -> None:
    ask = offered(session, org)
    if by_giver:
        called_off(session, org, ask)
    else:
        service_buyers.withdraw_ask(session, service_buyers.mint(session, ask))
    clock.move(timedelta(days=7))
    assert kinds(session, ask) == (["buyer_cancelled"] if by_giver else [])


def test_who_did_not_answer_is_told_that_the_time_is_up(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    ask = offered(session, org)
    [first, second] = claimed(session, ask)
    assert {first.kind, second.kind} == {"buyer_queue"}
    assert first.values["is_offered"]
    clock.move(timedelta(days=7))
    assert offer_due(session) == 1
    assert "buyer_queue" in kinds(session, ask)


def test_nobody_confirms_twice_or_is_told_yes_after_it_was_called_off(
    session: Session, org: Organised
) -> None:
    listing = a_public_listing(session, org, 1)
    ask = wished(session, listing)
    service_buyers.confirm_ask(session, ask)
    assert kinds(session, ask) == []
    said_yes(session, org, ask, 1)
    called_off(session, org, ask)
    assert kinds(session, ask) == ["buyer_cancelled"]
