"""What the giver promised outside can be called off, and ends with a listing that is withdrawn."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.kit.clock import MovedClock
from app.kit.errors import Forbidden, NotFound
from app.marketplace import service, service_buyers
from app.marketplace.models import Listing
from app.marketplace.models_outside import OutsideRequest
from app.marketplace.models_public import BuyerAsk
from app.marketplace.rules import ListingState, OutsideState
from app.marketplace.rules_public import BuyerState
from app.marketplace.service_buyers import BuyerAnswered
from app.marketplace.service_outside import (
    CallOffOutside,
    OutsideAnswered,
    call_off_outside,
)
from app.marketplace.service_outside_queue import accept_ask, accept_outside, offer_due
from app.marketplace.service_stages import lapse_due
from tests.databases import RolledBackDatabase
from tests.marketplace.openings import a_public_listing, confirmed, said_yes
from tests.marketplace.stalls import a_listing, acting
from tests.marketplace.test_network_market import AT_NETWORK, answered, asked, found_by, of
from tests.marketplace.test_outside_queue import all_promised, called_off, held, waits
from tests.networks.circles import a_network
from tests.people import Organised, SignedInAs


def taken_back(session: Session, org: Organised, row: OutsideRequest) -> None:
    command = CallOffOutside(outside_request_id=row.id, answer="Vi trenger dem selv")
    call_off_outside(session, acting(session, org), command)


def withdrawn(session: Session, org: Organised, listing: Listing) -> None:
    service.withdraw(session, acting(session, org), [service.OfListing(listing_id=listing.id)])
    session.expire_all()


def test_a_yes_to_a_partner_is_called_off_and_the_pieces_stand_on_the_market_again(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    a_network(session, org, foreign_org)
    listing = a_listing(session, org, 1, **AT_NETWORK)
    row = asked(session, listing, foreign_org)
    with pytest.raises(OutsideAnswered):  # a no is the answer to what is only asked for
        taken_back(session, org, row)
    answered(session, org, row, 1)
    assert found_by(session, foreign_org) == []
    with pytest.raises(NotFound):
        taken_back(session, foreign_org, row)
    with pytest.raises(Forbidden):
        call_off_outside(
            session,
            acting(session, org, Role.EMPLOYEE),
            CallOffOutside(outside_request_id=row.id),
        )
    taken_back(session, org, row)
    assert (row.state, row.answer) == (OutsideState.DECLINED, "Vi trenger dem selv")
    assert held(session) == 0
    assert [each.count for each in found_by(session, foreign_org)] == [1]
    with pytest.raises(OutsideAnswered):
        taken_back(session, org, row)


def test_an_offer_that_is_called_off_can_not_be_accepted_and_goes_to_who_is_next(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    a_network(session, org, foreign_org)
    listing, holder = all_promised(session, org)
    partner, buyer = asked(session, listing, foreign_org), confirmed(session, listing)
    waits(session, org, partner)
    waits(session, org, buyer)
    called_off(session, org, holder)
    assert offer_due(session) == 1
    taken_back(session, org, partner)
    with pytest.raises(OutsideAnswered):
        accept_outside(session, acting(session, foreign_org, Role.EMPLOYEE), of(partner))
    assert offer_due(session) == 1
    assert (buyer.state, buyer.approved) == (BuyerState.OFFERED, 1)
    called_off(session, org, buyer)
    assert (buyer.state, buyer.over_at is not None) == (BuyerState.CANCELLED, True)
    with pytest.raises(BuyerAnswered):
        accept_ask(session, service_buyers.mint(session, buyer))
    assert held(session) == 0


def test_who_waits_can_be_told_no_but_not_yes(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    a_network(session, org, foreign_org)
    listing, _ = all_promised(session, org)
    partner, buyer = asked(session, listing, foreign_org), confirmed(session, listing)
    waits(session, org, partner)
    waits(session, org, buyer)
    with pytest.raises(OutsideAnswered):
        answered(session, org, partner, 1)
    with pytest.raises(BuyerAnswered):
        said_yes(session, org, buyer, 1)
    answered(session, org, partner, 0)
    said_yes(session, org, buyer, 0)
    assert (partner.state, buyer.state) == (OutsideState.DECLINED, BuyerState.DECLINED)
    assert buyer.over_at is not None


@pytest.mark.parametrize("kind", ["partner", "buyer"])
def test_an_offer_ends_when_its_listing_is_withdrawn_and_a_promise_stands(
    session: Session, org: Organised, foreign_org: Organised, kind: str
) -> None:
    a_network(session, org, foreign_org)
    listing = a_public_listing(session, org, 2)
    promised, holder = (
        said_yes(session, org, confirmed(session, listing, email=email), 1)
        for email in ("a@example.no", "b@example.no")
    )
    next_: Any = (
        asked(session, listing, foreign_org) if kind == "partner" else confirmed(session, listing)
    )
    waits(session, org, next_)
    called_off(session, org, holder)
    offer_due(session)
    assert next_.state.value == "offered"
    withdrawn(session, org, listing)
    ended = OutsideState.DECLINED if kind == "partner" else BuyerState.CANCELLED
    assert (next_.state, promised.state) == (ended, BuyerState.APPROVED)
    assert held(session) == 1
    assert listing.state is ListingState.WITHDRAWN


def test_a_partner_who_asked_in_time_gets_an_answer(
    session: Session, org: Organised, foreign_org: Organised, clock: MovedClock
) -> None:
    a_network(session, org, foreign_org)
    last = clock.today() + timedelta(days=1)
    listing = a_listing(session, org, 1, until_date=last, **AT_NETWORK)
    row = asked(session, listing, foreign_org)
    clock.move(timedelta(days=2))
    assert lapse_due(session) == 0
    assert row.state is OutsideState.REQUESTED
    answered(session, org, row, 0)
    assert lapse_due(session) == 1


def test_the_giver_calls_off_over_http(
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
    signed_in_as: SignedInAs,
) -> None:
    with database.write() as session:
        a_network(session, org, foreign_org)
        listing, holder = all_promised(session, org)
        partner, buyer = asked(session, listing, foreign_org), confirmed(session, listing)
        ids = partner.id, buyer.id, holder.id
        for each in (partner, buyer):
            waits(session, org, each)
    manager, theirs = signed_in_as(), signed_in_as(Role.EMPLOYEE, foreign_org)
    partner_id, buyer_id, holder_id = ids
    page = f"/marked/kjopere/{buyer_id}"
    assert "Si nei" in manager.get(page).text
    assert manager.post(f"{page}/svar", data={"says": "no"}).status_code == 303
    assert "Si nei" in manager.get("/marked/utenfra").text
    with database.write() as session:
        called_off(session, org, session.get_one(BuyerAsk, holder_id))
        offer_due(session)
    got = manager.get("/marked/utenfra").text
    assert "De må svare senest" in got
    assert "Avbryt avtalen" in got
    path = f"/marked/utenfra/{partner_id}/avbryt"
    said = {"answer": "Vi trenger dem selv", "key": "off"}
    assert theirs.post(path, data=said).status_code in {403, 404}
    for _ in range(2):
        assert manager.post(path, data=said).status_code == 303
    assert "Vi trenger dem selv" in theirs.get("/marked/andre").text
    with database.write() as session:
        again = asked(session, session.get_one(Listing, listing.id), foreign_org).id
    twin = "/api/v1/outside-requests"
    of_it = {"outside_request_id": str(again)}
    assert manager.post(f"{twin}/call-off", json=of_it).status_code == 409
    assert manager.post(f"{twin}/answer", json=of_it | {"quantity": 1}).status_code == 200
    [called] = manager.post(f"{twin}/call-off", json=of_it).json()
    assert called["state"] == "declined"
