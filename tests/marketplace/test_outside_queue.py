"""Who outside waits: after those inside, the network before buyers, with a limit, never two holders."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.kit.clock import MovedClock
from app.kit.errors import Forbidden, Invalid, NotFound
from app.marketplace import service, service_buyers
from app.marketplace.jobs import pass_on_offers
from app.marketplace.models import Listing
from app.marketplace.models_outside import OutsidePiece, OutsideRequest
from app.marketplace.models_public import BuyerAsk
from app.marketplace.rules import ListingState, OutsideState
from app.marketplace.rules_public import BuyerState
from app.marketplace.service_approval import mark_picked_up
from app.marketplace.service_outside import OfOutside
from app.marketplace.service_outside_queue import (
    StillFree,
    accept_ask,
    accept_outside,
    offer_due,
    place_of,
    wait_buyer,
    wait_outside,
)
from app.marketplace.service_sale import CancelBuyer, OfBuyer, cancel_buyer
from app.marketplace.service_waiting import OfferLapsed
from tests.databases import RolledBackDatabase
from tests.marketplace.openings import a_public_listing, confirmed, said_yes
from tests.marketplace.stalls import a_request, acting, approved, reservations, states
from tests.marketplace.test_network_market import asked
from tests.networks.circles import a_network
from tests.people import Organised, SignedInAs


def waits(session: Session, org: Organised, holder: OutsideRequest | BuyerAsk) -> None:
    if isinstance(holder, OutsideRequest):
        wait_outside(session, acting(session, org), OfOutside(outside_request_id=holder.id))
    else:
        wait_buyer(session, acting(session, org), OfBuyer(buyer_ask_id=holder.id))


def all_promised(session: Session, org: Organised) -> tuple[Listing, BuyerAsk]:
    """One piece, which a buyer has been promised."""
    listing = a_public_listing(session, org, 1)
    holder = confirmed(session, listing)
    said_yes(session, org, holder, 1)
    return listing, holder


def called_off(session: Session, org: Organised, ask: BuyerAsk) -> None:
    cancel_buyer(session, acting(session, org), CancelBuyer(buyer_ask_id=ask.id))


def held(session: Session) -> int:
    query = select(func.count()).select_from(OutsidePiece).where(OutsidePiece.given_up_at.is_(None))
    return session.scalar(query) or 0


def test_the_network_comes_before_buyers_and_of_each_who_asked_first(
    session: Session, org: Organised, foreign_org: Organised, clock: MovedClock
) -> None:
    a_network(session, org, foreign_org)
    listing, holder = all_promised(session, org)
    first_buyer = confirmed(session, listing, email="a@example.no")
    clock.move(timedelta(minutes=1))
    second_buyer = confirmed(session, listing, email="b@example.no")
    network = asked(session, listing, foreign_org)
    for each in (second_buyer, first_buyer, network):
        waits(session, org, each)
    assert [place_of(session, each) for each in (network, first_buyer, second_buyer)] == [1, 2, 3]
    assert offer_due(session) == 0
    called_off(session, org, holder)
    assert offer_due(session) == 1
    assert (network.state, network.approved) == (OutsideState.OFFERED, 1)
    clock.move(timedelta(days=4))
    assert offer_due(session) == 2
    assert network.state is OutsideState.CANCELLED
    assert first_buyer.state is BuyerState.OFFERED
    token = service_buyers.mint(session, first_buyer)
    service_buyers.withdraw_ask(session, token)
    assert offer_due(session) == 1
    accept_ask(session, service_buyers.mint(session, second_buyer))
    assert second_buyer.state is BuyerState.APPROVED
    assert held(session) == 1


def test_who_waits_inside_comes_before_all_outside(session: Session, org: Organised) -> None:
    listing = a_public_listing(session, org, 1)
    own = a_request(session, org, listing)
    holder = said_yes(session, org, confirmed(session, listing), 1)
    buyer = confirmed(session, listing)
    waits(session, org, buyer)
    approved(session, org, own, 1)
    assert states(session, own) == {"waiting": 1}
    called_off(session, org, holder)
    offer_due(session)
    assert states(session, own) == {"offered": 1}
    assert buyer.state is BuyerState.WAITING


def test_an_order_inside_without_an_answer_comes_before_all_outside(
    session: Session, org: Organised
) -> None:
    listing = a_public_listing(session, org, 2)
    first, holder = (
        said_yes(session, org, confirmed(session, listing, email=email), 1)
        for email in ("a@example.no", "b@example.no")
    )
    buyer = confirmed(session, listing)
    waits(session, org, buyer)
    called_off(session, org, first)
    own = a_request(session, org, listing)
    assert offer_due(session) == 0
    approved(session, org, own, 1)
    called_off(session, org, holder)
    assert offer_due(session) == 1
    assert (buyer.state, buyer.approved) == (BuyerState.OFFERED, 1)


def test_a_listing_goes_on_while_a_piece_of_it_is_held_outside(
    session: Session, org: Organised
) -> None:
    listing = a_public_listing(session, org, 2)
    own = a_request(session, org, listing)
    approved(session, org, own, 1)
    holder = said_yes(session, org, confirmed(session, listing), 1)
    mark_picked_up(session, acting(session, org), reservations(session, own))
    session.expire_all()
    assert listing.state is ListingState.OPEN
    called_off(session, org, holder)
    said_yes(session, org, confirmed(session, listing), 1)


def test_a_partner_accepts_in_time_and_not_after(
    session: Session, org: Organised, foreign_org: Organised, clock: MovedClock
) -> None:
    a_network(session, org, foreign_org)
    listing, holder = all_promised(session, org)
    row = asked(session, listing, foreign_org)
    waits(session, org, row)
    called_off(session, org, holder)
    offer_due(session)
    of = OfOutside(outside_request_id=row.id)
    with pytest.raises(NotFound):
        accept_outside(session, acting(session, org), of)
    with pytest.raises(NotFound):
        accept_outside(session, acting(session, foreign_org, Role.MOVER), of)
    clock.move(timedelta(days=4))
    with pytest.raises(OfferLapsed):
        accept_outside(session, acting(session, foreign_org, Role.EMPLOYEE), of)
    clock.move(timedelta(days=-3))
    accept_outside(session, acting(session, foreign_org, Role.EMPLOYEE), of)
    assert row.state is OutsideState.APPROVED
    clock.move(timedelta(days=9))
    assert offer_due(session) == 0


def test_nobody_waits_for_what_is_free_and_only_the_giver_lets_wait(
    session: Session, org: Organised
) -> None:
    listing = a_public_listing(session, org, 1)
    ask = confirmed(session, listing)
    with pytest.raises(StillFree):
        waits(session, org, ask)
    with pytest.raises(Forbidden):
        wait_buyer(session, acting(session, org, Role.EMPLOYEE), OfBuyer(buyer_ask_id=ask.id))


def test_who_waits_is_told_no_when_the_listing_ends(session: Session, org: Organised) -> None:
    listing, _ = all_promised(session, org)
    ask = confirmed(session, listing)
    waits(session, org, ask)
    service.withdraw(session, acting(session, org), [service.OfListing(listing_id=listing.id)])
    session.expire_all()
    assert ask.state is BuyerState.DECLINED
    assert offer_due(session) == 0


def test_a_buyer_waits_is_offered_and_accepts_over_http(
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
    signed_in_as: SignedInAs,
    client: Any,
) -> None:
    with database.write() as session:
        a_network(session, org, foreign_org)
        listing, holder = all_promised(session, org)
        listing_id, holder_id = listing.id, holder.id
    page = client.get(f"/ombruk/prove/{listing_id}")
    assert "Stå på venteliste" in page.text
    with database.write() as session:
        ask = confirmed(session, session.get_one(Listing, listing_id))
        token, ask_id = service_buyers.mint(session, ask), ask.id
        row_id = asked(session, session.get_one(Listing, listing_id), foreign_org).id
    manager = signed_in_as()
    assert "Sett på venteliste" in manager.get(f"/marked/kjopere/{ask_id}").text
    answer = {"says": "wait"}
    assert manager.post(f"/marked/kjopere/{ask_id}/svar", data=answer).status_code == 303
    assert manager.post(f"/marked/utenfra/{row_id}/svar", data=answer).status_code == 303
    link = f"/ombruk/lenke?lenke={token}"
    assert "nummer 2 i køen" in client.get(link).text
    theirs = signed_in_as(Role.EMPLOYEE, foreign_org)
    assert "Nummer 1 av dem utenfra" in theirs.get("/marked/andre").text
    assert theirs.post(f"/marked/andre/{row_id}/trekk").status_code == 303
    assert manager.post(f"/marked/kjopere/{holder_id}/avbryt", data={}).status_code == 303

    class Parts:
        db = database

    pass_on_offers(Parts())  # type: ignore[arg-type]
    assert "ledig for deg" in client.get(link).text
    assert "Kjøperen må svare senest" in manager.get(f"/marked/kjopere/{ask_id}").text
    assert client.post("/ombruk/lenke/ja", data={"lenke": token}).status_code == 303
    assert client.post("/ombruk/lenke/ja", data={"lenke": token}).status_code == 409
    assert "Avtalt" in client.get(link).text


def part_offered(
    session: Session, org: Organised, row: OutsideRequest | BuyerAsk, holder: BuyerAsk
) -> None:
    """One piece falls free for somebody who waits for more."""
    waits(session, org, row)
    called_off(session, org, holder)
    assert offer_due(session) == 1


def test_the_rest_of_a_part_waits_once_with_the_turn_it_had(
    session: Session, org: Organised, foreign_org: Organised, clock: MovedClock
) -> None:
    a_network(session, org, foreign_org)
    listing = a_public_listing(session, org, 2)
    holders = [said_yes(session, org, confirmed(session, listing), 1) for _ in range(2)]
    row = asked(session, listing, foreign_org, 2)
    clock.move(timedelta(minutes=1))
    later = asked(session, listing, foreign_org)
    waits(session, org, later)
    part_offered(session, org, row, holders[0])
    accept_outside(
        session,
        acting(session, foreign_org, Role.EMPLOYEE),
        OfOutside(outside_request_id=row.id),
    )
    [rest] = session.scalars(select(OutsideRequest).where(OutsideRequest.rest_of_id == row.id))
    assert (rest.state, rest.wanted, rest.asked_at) == (OutsideState.WAITING, 1, row.asked_at)
    assert [place_of(session, each) for each in (rest, later)] == [1, 2]
    called_off(session, org, holders[1])
    assert offer_due(session) == 1
    assert rest.state is OutsideState.OFFERED


def test_the_rest_of_a_buyers_part_waits_where_all_that_was_left_is_given(
    session: Session, org: Organised
) -> None:
    listing = a_public_listing(session, org, 3)
    all_left = confirmed(session, listing, 3)
    said_yes(session, org, confirmed(session, listing, 2), 1)
    assert session.scalar(select(func.count(BuyerAsk.rest_of_id))) == 0, "one more was free"
    said_yes(session, org, all_left, 2)
    [rest] = session.scalars(select(BuyerAsk).where(BuyerAsk.rest_of_id == all_left.id))
    assert (rest.state, rest.wanted, rest.email) == (BuyerState.WAITING, 1, all_left.email)


def test_a_project_comes_first_of_the_network_by_its_date(
    session: Session, org: Organised, foreign_org: Organised, clock: MovedClock
) -> None:
    a_network(session, org, foreign_org)
    listing, holder = all_promised(session, org)
    today = clock.now().date()
    rows = []
    for days in (None, 60, 30):
        day = None if days is None else today + timedelta(days=days)
        rows.append(asked(session, listing, foreign_org, project_date=day))
        clock.move(timedelta(minutes=1))
    for row in rows:
        waits(session, org, row)
    assert [place_of(session, each) for each in rows] == [3, 2, 1]
    called_off(session, org, holder)
    offer_due(session)
    assert [each.state for each in rows] == [
        OutsideState.WAITING,
        OutsideState.WAITING,
        OutsideState.OFFERED,
    ]
    with pytest.raises(Invalid) as refused:
        asked(session, listing, foreign_org, project_date=today - timedelta(days=1))
    assert list(refused.value.by_field) == ["project_date"]
