"""The public page: what strangers see, what they ask for, and that nothing is given twice."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.items.models import Item
from app.items.rules import ItemState
from app.kit.clock import MovedClock
from app.kit.errors import Forbidden, Gone, Invalid, NotFound, Stale, TooMany
from app.marketplace import service, service_buyers, service_sale
from app.marketplace.jobs import move_stages
from app.marketplace.models import Listing
from app.marketplace.models_public import BuyerAsk, BuyerLink
from app.marketplace.queries_public import public_card, public_page
from app.marketplace.rules import ListingState, Stage, Terms
from app.marketplace.rules_public import BuyerState
from app.marketplace.service_claims import PieceTaken
from app.marketplace.service_public import SetPublicTerms, set_public_terms
from app.notices.models_buyers import BuyerLetter
from tests.databases import RolledBackDatabase
from tests.marketplace.openings import (
    SLUG,
    a_public_listing,
    a_public_page,
    confirmed,
    fetched,
    said_yes,
    wished,
)
from tests.marketplace.stalls import a_listing, a_request, acting, approved, states
from tests.people import Organised

TODAY = date(2026, 3, 2)
PAGE = f"/ombruk/{SLUG}"


def shown(session: Session, slug: str | None = SLUG) -> list[UUID]:
    found = public_page(session, TODAY, slug=slug, category_id=None, cursor=None, limit=24)
    return [each.listing_id for each in found.rows]


def priced(session: Session, org: Organised, listing: Listing, **terms: Any) -> None:
    command = SetPublicTerms(listing_id=listing.id, version=0, **terms)
    set_public_terms(session, acting(session, org), command)


def token_of(session: Session, ask: BuyerAsk) -> str:
    return service_buyers.mint(session, ask)


def test_only_what_has_gone_all_the_way_is_seen_and_only_while_the_page_is_on(
    session: Session, org: Organised
) -> None:
    with pytest.raises(Invalid) as refused:
        a_listing(session, org, last_stage=Stage.PUBLIC)
    assert list(refused.value.by_field) == ["last_stage"]
    a_public_page(session, org)
    a_listing(session, org)
    listing = a_public_listing(session, org, 2)
    assert shown(session) == shown(session, None) == [listing.id]
    a_public_page(session, org, is_open=False)
    assert shown(session) == shown(session, None) == []
    assert public_card(session, TODAY, listing.id) is None


def test_what_is_withdrawn_or_past_its_day_is_gone(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    listing = a_public_listing(session, org, until_date=date(2026, 3, 3))
    other = a_public_listing(session, org)
    service.withdraw(session, acting(session, org), [service.OfListing(listing_id=other.id)])
    assert shown(session) == [listing.id]
    clock.move(timedelta(days=2))
    assert public_card(session, clock.today(), listing.id) is None


def test_asking_holds_nothing_and_the_giver_sees_it_when_it_is_confirmed(
    session: Session, org: Organised
) -> None:
    listing = a_public_listing(session, org, 2)
    ask = wished(session, listing, 2)
    yes = service_sale.AnswerBuyer(buyer_ask_id=ask.id, quantity=1)
    with pytest.raises(NotFound):
        service_sale.answer_buyer(session, acting(session, org), yes)
    service_buyers.confirm(session, token_of(session, ask))
    assert (ask.state, ask.number) == (BuyerState.REQUESTED, 1)
    card = public_card(session, TODAY, listing.id)
    assert card is not None
    assert card.count == 2


def test_a_link_confirms_once_and_not_for_ever(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    listing = a_public_listing(session, org, 2)
    token = token_of(session, wished(session, listing))
    late = token_of(session, wished(session, listing))
    service_buyers.confirm(session, token)
    with pytest.raises(service_buyers.BuyerAnswered):
        service_buyers.confirm(session, token)
    clock.move(timedelta(hours=49))
    with pytest.raises(service_buyers.BuyerLinkExpired):
        service_buyers.confirm(session, late)
    assert service_buyers.opened(session, token).state is BuyerState.REQUESTED
    with pytest.raises(service_buyers.BuyerLinkUnknown):
        service_buyers.opened(session, "feil")


def test_what_went_while_the_letter_was_on_its_way_is_said(
    session: Session, org: Organised
) -> None:
    listing = a_public_listing(session, org)
    token = token_of(session, wished(session, listing))
    service.withdraw(session, acting(session, org), [service.OfListing(listing_id=listing.id)])
    with pytest.raises(Gone):
        service_buyers.confirm(session, token)


def test_accepted_pieces_are_off_the_market_and_fetched_as_given_away(
    session: Session, org: Organised
) -> None:
    listing = a_public_listing(session, org, 3)
    ask = confirmed(session, listing, 3)
    said_yes(session, org, ask, 2)
    card = public_card(session, TODAY, listing.id)
    assert card is not None
    assert card.count == 1
    fetched(session, org, ask)
    gone = select(Item.state).where(Item.org_id == org.org_id, Item.state == ItemState.DONATED)
    assert len(session.scalars(gone).all()) == 2
    assert listing.state is ListingState.OPEN
    with pytest.raises(service_buyers.BuyerAnswered):
        fetched(session, org, ask)


def test_a_sale_at_a_price_and_one_by_offers_end_as_sold(session: Session, org: Organised) -> None:
    for terms, fields, each in (
        ({"terms": Terms.PRICE, "price_ore": 20_000}, {}, 20_000),
        ({"terms": Terms.OFFERS, "offers_until": TODAY}, {"offer_ore": 12_300}, 12_300),
    ):
        listing = a_public_listing(session, org, 1)
        priced(session, org, listing, **terms)
        ask = confirmed(session, listing, 1, **fields)
        assert (ask.terms, ask.price_ore) == (terms["terms"], each)
        said_yes(session, org, ask, 1)
        fetched(session, org, ask)
        assert listing.state is ListingState.ENDED
    sold = select(Item.id).where(Item.org_id == org.org_id, Item.state == ItemState.SOLD)
    assert len(session.scalars(sold).all()) == 2


def test_offers_are_taken_until_their_day_and_a_price_leaves_no_choice(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    listing = a_public_listing(session, org)
    priced(session, org, listing, terms=Terms.OFFERS, offers_until=TODAY)
    with pytest.raises(Invalid) as refused:
        wished(session, listing)
    assert list(refused.value.by_field) == ["offer_ore"]
    clock.move(timedelta(days=1))
    with pytest.raises(Invalid):
        wished(session, listing, offer_ore=5_000)
    free = a_public_listing(session, org)
    assert wished(session, free, offer_ore=5_000).price_ore == 0


def test_who_asked_first_pays_what_stood_then(session: Session, org: Organised) -> None:
    listing = a_public_listing(session, org, terms=Terms.PRICE, price_ore=10_000)
    ask = confirmed(session, listing)
    priced(session, org, listing, terms=Terms.PRICE, price_ore=50_000)
    assert ask.price_ore == 10_000
    assert confirmed(session, listing).price_ore == 50_000


def test_bad_wishes_and_bad_terms_are_refused_at_the_field(
    session: Session, org: Organised
) -> None:
    listing = a_public_listing(session, org, 2)
    with pytest.raises(Invalid):
        wished(session, listing, 3)
    with pytest.raises(ValueError, match="e-post"):
        wished(session, listing, email="ikke en adresse")
    with pytest.raises(Invalid):
        priced(session, org, listing, terms=Terms.OFFERS, offers_until=date(2026, 3, 1))
    with pytest.raises(ValueError, match="pris"):
        priced(session, org, listing, terms=Terms.PRICE)
    priced(session, org, listing, terms=Terms.FREE)
    with pytest.raises(Stale):
        priced(session, org, listing, terms=Terms.FREE)
    ask = confirmed(session, listing, 1)
    with pytest.raises(Invalid):
        said_yes(session, org, ask, 2)


def test_one_mailbox_and_one_address_can_not_be_flooded(session: Session, org: Organised) -> None:
    listing = a_public_listing(session, org, 20)
    for _ in range(3):
        wished(session, listing)
    with pytest.raises(TooMany):
        wished(session, listing)
    for number in range(6):
        wished(session, listing, email=f"{number}@example.no")
    with pytest.raises(TooMany):
        wished(session, listing, email="siste@example.no")
    wished(session, listing, email="annen@example.no", address="192.0.2.7")


def test_who_waits_at_home_comes_before_a_buyer(session: Session, org: Organised) -> None:
    listing = a_public_listing(session, org, 1)
    ask = confirmed(session, listing)
    holder, waiting = a_request(session, org, listing), a_request(session, org, listing)
    approved(session, org, holder, 1)
    approved(session, org, waiting, 1)
    with pytest.raises(PieceTaken):
        said_yes(session, org, ask, 1)
    cancel = service.OfRequest(request_id=holder.id)
    service.cancel(session, acting(session, org), [cancel])
    assert states(session, waiting) == {"offered": 1}
    with pytest.raises(PieceTaken):
        said_yes(session, org, ask, 1)


def test_what_is_held_for_a_buyer_is_nobody_elses_and_comes_back_when_it_is_called_off(
    session: Session, org: Organised
) -> None:
    listing = a_public_listing(session, org, 1)
    first, second = confirmed(session, listing), confirmed(session, listing)
    said_yes(session, org, first, 1)
    with pytest.raises(PieceTaken):
        said_yes(session, org, second, 1)
    off = service_sale.CancelBuyer(buyer_ask_id=first.id)
    service_sale.cancel_buyer(session, acting(session, org), off)
    assert first.state is BuyerState.CANCELLED
    said_yes(session, org, second, 1)
    service_buyers.withdraw_ask(session, token_of(session, second))
    third = confirmed(session, listing)
    said_yes(session, org, third, 1)


def test_a_listing_that_ends_answers_who_waits_and_keeps_what_was_promised(
    session: Session, org: Organised
) -> None:
    listing = a_public_listing(session, org, 2)
    promised, waiting = confirmed(session, listing), confirmed(session, listing)
    said_yes(session, org, promised, 1)
    service.withdraw(session, acting(session, org), [service.OfListing(listing_id=listing.id)])
    session.expire_all()
    assert (promised.state, waiting.state) == (BuyerState.APPROVED, BuyerState.DECLINED)
    fetched(session, org, promised)


def test_a_listing_does_not_lapse_while_a_buyer_waits_for_an_answer(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    listing = a_public_listing(session, org, until_date=date(2026, 3, 3))
    ask = confirmed(session, listing)
    clock.move(timedelta(days=3))
    assert service.lapse_due(session) == 0
    no = service_sale.AnswerBuyer(buyer_ask_id=ask.id, quantity=0)
    service_sale.answer_buyer(session, acting(session, org), no)
    assert service.lapse_due(session) == 1


def test_only_who_answers_for_the_unit_answers_buyers(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    ask = confirmed(session, a_public_listing(session, org))
    yes = service_sale.AnswerBuyer(buyer_ask_id=ask.id, quantity=1)
    with pytest.raises(Forbidden):
        service_sale.answer_buyer(session, acting(session, org, Role.EMPLOYEE), yes)
    with pytest.raises(NotFound):
        service_sale.answer_buyer(session, acting(session, foreign_org), yes)


def test_two_organisations_can_not_have_the_same_address(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    a_public_page(session, org)
    with pytest.raises(Invalid) as refused:
        a_public_page(session, foreign_org)
    assert list(refused.value.by_field) == ["slug"]
    with pytest.raises(ValueError, match="bokstaver"):
        a_public_page(session, org, slug="lenke")


def test_who_is_never_answered_is_told_no_and_forgotten(
    database: RolledBackDatabase, org: Organised, clock: MovedClock
) -> None:
    with database.write() as session:
        listing = a_public_listing(session, org, 2)
        ids = [
            confirmed(session, listing, email="a@example.no").id,
            said_yes(session, org, confirmed(session, listing, email="b@example.no"), 1).id,
        ]

    class Parts:
        db = database

    def after(days: int) -> list[tuple[str, str]]:
        clock.move(timedelta(days=days))
        move_stages(Parts())  # type: ignore[arg-type]
        with database.write() as session:
            service_buyers.forget_buyers(session)
            rows = [session.get_one(BuyerAsk, each) for each in ids]
            return [(each.state.value, each.email) for each in rows]

    promised = ("approved", "b@example.no")
    assert after(89) == [("requested", "a@example.no"), promised]
    assert after(2) == [("declined", "a@example.no"), promised]
    with database.read() as session:
        letters = session.scalars(
            select(BuyerLetter.kind).where(BuyerLetter.buyer_ask_id == ids[0])
        ).all()
        assert "buyer_declined" in letters
    assert after(91) == [("declined", ""), promised]


def test_who_asked_is_forgotten_when_it_is_over(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    listing = a_public_listing(session, org, 3)
    never = wished(session, listing, message="Ring meg")
    no, waiting = confirmed(session, listing), confirmed(session, listing)
    service_sale.answer_buyer(
        session, acting(session, org), service_sale.AnswerBuyer(buyer_ask_id=no.id, quantity=0)
    )
    clock.move(timedelta(days=3))
    assert service_buyers.forget_buyers(session) == 1
    clock.move(timedelta(days=88))
    assert service_buyers.forget_buyers(session) == 1
    session.expire_all()
    assert [each.email for each in (never, no, waiting)] == ["", "", "kari@example.no"]
    assert (never.name, never.message) == ("", None)
    clock.move(timedelta(days=100))
    service_buyers.forget_buyers(session)
    assert session.scalars(select(BuyerLink)).all() == []
