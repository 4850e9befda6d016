"""What somebody without an account asks for on the public page, and confirms by a letter's link.

To ask holds nothing and shows the giver nothing: an address that is not the asker's own asks for
nothing. To open a link changes nothing either, for mail is read by machines first.
"""

import secrets
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.accounts.actor import hashed
from app.accounts.attempts import count_attempt
from app.accounts.numbers import next_number
from app.accounts.service import Email
from app.kit.db import changed_rows, clock_of
from app.kit.errors import Conflict, Gone, Invalid, NotFound, TooMany
from app.kit.events import publish
from app.kit.i18n import N_
from app.kit.states import advance
from app.kit.text import FullName
from app.marketplace import events_public as events
from app.marketplace.commands import Command, Count, Text
from app.marketplace.models import Listing
from app.marketplace.models_public import BuyerAsk, BuyerLink
from app.marketplace.queries_outside import pieces_of
from app.marketplace.queries_public import PublicCard, public_card
from app.marketplace.rules import Terms
from app.marketplace.rules_public import (
    CONFIRMED_WITHIN,
    KEPT_AFTER,
    LINK_GOOD_FOR,
    MOST_LINKS_TRIED,
    MOST_PER_ADDRESS,
    MOST_PER_LISTING,
    MOST_UNCONFIRMED,
    BuyerState,
    BuyerVerb,
)
from app.marketplace.service_outside_pieces import give_up
from app.marketplace.service_public import MOST_ORE


class ListingGone(Gone):
    title = N_("Dette er borte. Det er hentet, eller det ligger ikke ute lenger.")


class BuyerLinkUnknown(NotFound):
    title = N_("Lenken er ikke kjent. Se om hele adressen kom med fra brevet.")


class BuyerLinkExpired(Gone):
    title = N_("Lenken er for gammel. Spør på nytt, så får du en ny.")


class BuyerAnswered(Conflict):
    title = N_("Forespørselen er alt besvart, trukket eller ferdig.")


class AskedTooOften(TooMany):
    title = N_("Du har alt fått flere brev fra oss. Bekreft ett av dem, eller prøv igjen i morgen.")


class AskToBuy(Command):
    """``offer_ore`` is for each piece, where the listing takes offers."""

    name: FullName
    email: Email
    message: Text | None = None
    wanted: Count = 1
    offer_ore: Annotated[int, Field(ge=100, le=MOST_ORE)] | None = None


def ask_to_buy(
    session: Session, card: PublicCard, command: AskToBuy, *, address: str, language: str
) -> BuyerAsk:
    """Keeps it until the address is confirmed. Raises ``Invalid`` at the field and ``TooMany``.

    The one verb of the market that needs no permission: the page asks everybody.
    """
    count_attempt(session, f"buyer:address:{address}", MOST_PER_ADDRESS)
    count_attempt(session, f"buyer:listing:{card.listing_id}", MOST_PER_LISTING)
    now = clock_of(session).now()
    price_ore = _price(session, card, command)
    there = pieces_of(session, card.org_id, card.listing_id)
    if command.wanted > there:
        raise Invalid(by_field={"wanted": N_("Det er ikke så mange igjen.")}, most=there)
    waiting = select(func.count()).where(
        BuyerAsk.email == command.email,
        BuyerAsk.state == BuyerState.UNCONFIRMED,
        BuyerAsk.expires_at > now,
    )
    if (session.scalar(waiting) or 0) >= MOST_UNCONFIRMED:
        raise AskedTooOften
    row = BuyerAsk(
        org_id=card.org_id,
        number=None,
        state=BuyerState.UNCONFIRMED,
        listing_id=card.listing_id,
        name=command.name,
        email=command.email,
        language=language,
        message=command.message,
        wanted=command.wanted,
        terms=card.terms,
        price_ore=price_ore,
        asked_at=now,
        expires_at=now + CONFIRMED_WITHIN,
    )
    session.add(row)
    session.flush()  # its id
    publish(session, [_event(events.BuyerAsked, row, row.wanted)])
    return row


def is_late(card: PublicCard, today: Any) -> bool:
    """Whether the last day to give an offer has passed."""
    return card.offers_until is not None and card.offers_until < today


def _price(session: Session, card: PublicCard, command: AskToBuy) -> int:
    """What each piece is to cost, by the terms as they stand."""
    if card.terms is Terms.FREE:
        return 0
    if card.terms is Terms.PRICE:
        return card.price_ore or 0
    if is_late(card, clock_of(session).today()):
        raise Invalid(by_field={"offer_ore": N_("Budfristen er ute.")})
    if command.offer_ore is None:
        raise Invalid(by_field={"offer_ore": N_("Skriv hva du byr for hvert møbel.")})
    return command.offer_ore


def mint(session: Session, ask: BuyerAsk) -> str:
    """A new token for a letter to the buyer; each letter that is tried again has its own."""
    now = clock_of(session).now()
    token = secrets.token_urlsafe(32)
    is_new = ask.state is BuyerState.UNCONFIRMED
    session.add(
        BuyerLink(
            org_id=ask.org_id,
            buyer_ask_id=ask.id,
            token_hash=hashed(token),
            created_at=now,
            expires_at=ask.expires_at if is_new else now + LINK_GOOD_FOR,
        )
    )
    return token


def opened(session: Session, token: str) -> BuyerAsk:
    """What the link is about. Raises ``BuyerLinkUnknown`` and ``BuyerLinkExpired``."""
    row = session.execute(
        select(BuyerAsk, BuyerLink.expires_at)
        .join(
            BuyerLink,
            (BuyerLink.org_id == BuyerAsk.org_id) & (BuyerLink.buyer_ask_id == BuyerAsk.id),
        )
        .where(BuyerLink.token_hash == hashed(token))
    ).one_or_none()
    if row is None:
        raise BuyerLinkUnknown
    ask: BuyerAsk = row.BuyerAsk
    now = clock_of(session).now()
    # A confirmed letter's link goes on showing how it stands; one that was never used lapses.
    last = row.expires_at if ask.confirmed_at is None else ask.confirmed_at + LINK_GOOD_FOR
    if ask.blanked_at is not None or max(last, row.expires_at) <= now:
        raise BuyerLinkExpired
    return ask


def count_link(session: Session, address: str) -> None:
    """One address from which a link was tried that leads nowhere. Raises ``TooMany``."""
    count_attempt(session, f"buyer:link:{address}", MOST_LINKS_TRIED)


def confirm(session: Session, token: str) -> BuyerAsk:
    """Once: the giver sees it now. Raises ``ListingGone`` when there is nothing to ask for."""
    return confirm_ask(session, locked_ask(session, token))


def confirm_ask(session: Session, ask: BuyerAsk) -> BuyerAsk:
    """As ``confirm``, for who holds the row and the listing's lock already."""
    if ask.state is not BuyerState.UNCONFIRMED:
        raise BuyerAnswered(state=ask.state.value)
    if public_card(session, clock_of(session).today(), ask.listing_id) is None:
        raise ListingGone
    values = {
        "confirmed_at": clock_of(session).now(),
        "number": next_number(session, ask.org_id, "buyer"),
    }
    advance(session, [ask], BuyerVerb.CONFIRM, refused=BuyerAnswered, values=values)
    publish(session, [_event(events.BuyerConfirmed, ask, ask.wanted)])
    return ask


def withdraw_ask(session: Session, token: str) -> BuyerAsk:
    """By the buyer, until it is fetched; what was held stands on its listing again."""
    ask = locked_ask(session, token)
    values = {"over_at": clock_of(session).now(), "limit_at": None}
    pieces = ask.approved or ask.wanted
    advance(session, [ask], BuyerVerb.CANCEL, refused=BuyerAnswered, values=values)
    give_up(session, ask)
    publish(session, [_event(events.BuyerWithdrew, ask, pieces)])
    return ask


def locked_ask(session: Session, token: str) -> BuyerAsk:
    """The listing's lock comes first, as for who answers."""
    ask = opened(session, token)
    session.execute(
        select(Listing.id)
        .where(Listing.org_id == ask.org_id, Listing.id == ask.listing_id)
        .with_for_update(of=Listing)
    )
    session.refresh(ask, with_for_update=True)
    return ask


def _event(kind: type[events.BuyerEvent], row: BuyerAsk, pieces: int) -> events.BuyerEvent:
    """Nobody's: a buyer is no person of ours."""
    return kind.of(row, None, listing_id=row.listing_id, pieces=pieces)


def forget_buyers(session: Session) -> int:
    """Blanks who asked and what they wrote, when it was never confirmed or is long over."""
    now = clock_of(session).now()
    links = select(BuyerLink.id).where(BuyerLink.expires_at < now - KEPT_AFTER)
    session.execute(delete(BuyerLink).where(BuyerLink.id.in_(links)))
    never = (BuyerAsk.state == BuyerState.UNCONFIRMED) & (BuyerAsk.expires_at < now)
    over = BuyerAsk.over_at < now - KEPT_AFTER
    blanked = (
        update(BuyerAsk)
        .where(BuyerAsk.blanked_at.is_(None), never | over)
        .values(name="", email="", message=None, answer=None, blanked_at=now)
        .execution_options(synchronize_session=False)
    )
    return changed_rows(session.execute(blanked))
