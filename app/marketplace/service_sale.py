"""The giver's side of the public page: yes, no, fetched, or called off after all."""

from collections.abc import Collection, Sequence
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.kit.db import clock_of
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.events import publish, subjects
from app.kit.i18n import N_
from app.kit.states import advance
from app.marketplace import events_public as events
from app.marketplace.commands import Command, Text
from app.marketplace.events import ListingEnded, ListingLapsed, ListingWithdrawn
from app.marketplace.models_public import BuyerAsk
from app.marketplace.queries import by_id, givers
from app.marketplace.queries_public import asks_visible_to, market_of
from app.marketplace.rules import Terms
from app.marketplace.rules_public import ANSWERED_WITHIN, BuyerState, BuyerVerb
from app.marketplace.service_buyers import BuyerAnswered
from app.marketplace.service_listing import locked_listings
from app.marketplace.service_outside_pieces import (
    bring_back,
    end_empty,
    give_up,
    hold_some,
    take_away,
)
from app.marketplace.service_outside_rest import queue_rest

NO_ASK = N_("Fant ikke forespørselen.")
AT_ONCE = 50


class BuyerForgotten(Conflict):
    title = N_("Det er for lenge siden: opplysningene om kjøperen er slettet.")


class OfBuyer(Command):
    buyer_ask_id: UUID


class AnswerBuyer(OfBuyer):
    """Yes to ``quantity`` pieces; 0 is a no. ``answer`` goes to the buyer."""

    quantity: Annotated[int, Field(ge=0, le=500)]
    answer: Text | None = None


class CancelBuyer(OfBuyer):
    answer: Text | None = None


class HandOverBuyer(OfBuyer):
    """What was paid is as agreed; the VAT in it is what the organisation states.

    Without ``vat_percent`` it is what the organisation states for its public page.
    """

    vat_percent: Annotated[int | None, Field(ge=0, le=100)] = None


def answer_buyer(session: Session, actor: Actor, command: AnswerBuyer) -> BuyerAsk:
    """Raises ``BuyerAnswered``, and ``PieceTaken`` when so many are not left.

    Who waits can be told no as well; a yes to them is what the queue gives. Where all that is left
    is given and it is not enough, the rest waits.
    """
    actor.must(Permission.RESERVATION_APPROVE)
    ask = locked_of_giver(session, actor, command.buyer_ask_id, Permission.RESERVATION_APPROVE)
    if command.quantity and ask.state is not BuyerState.REQUESTED:
        raise BuyerAnswered(state=ask.state.value)
    if command.quantity > ask.wanted:
        text = N_("Så mange er det ikke spurt om.")
        raise Invalid(by_field={"quantity": text}, most=ask.wanted)
    now = clock_of(session).now()
    values: dict[str, Any] = {"answer": command.answer, "answered_at": now}
    if not command.quantity:
        values["over_at"] = now
        advance(session, [ask], BuyerVerb.DECLINE, refused=BuyerAnswered, values=values)
        publish(session, [_event(events.BuyerDeclined, ask, actor, ask.wanted)])
        return ask
    left = hold_some(session, actor, ask, command.quantity)
    values["approved"] = command.quantity
    advance(session, [ask], BuyerVerb.APPROVE, refused=BuyerAnswered, values=values)
    publish(session, [_event(events.BuyerApproved, ask, actor, ask.approved)])
    if not left:
        queue_rest(session, ask)
    return ask


def cancel_buyer(session: Session, actor: Actor, command: CancelBuyer) -> BuyerAsk:
    """A yes or an offer is called off; what was held stands on the market again."""
    actor.must(Permission.RESERVATION_APPROVE)
    ask = locked_of_giver(session, actor, command.buyer_ask_id, Permission.RESERVATION_APPROVE)
    _call_off(session, ask, actor.person_id, {"answer": command.answer})
    return ask


def _call_off(
    session: Session, ask: BuyerAsk, person_id: UUID | None, values: dict[str, Any]
) -> None:
    if ask.state not in (BuyerState.APPROVED, BuyerState.OFFERED):
        raise BuyerAnswered(state=ask.state.value)
    # Without a limit, so that only what lapsed has both a limit and an end.
    values |= {"over_at": clock_of(session).now(), "limit_at": None}
    advance(session, [ask], BuyerVerb.CANCEL, refused=BuyerAnswered, values=values)
    give_up(session, ask)
    told = events.BuyerCancelled.of(ask, person_id, listing_id=ask.listing_id, pieces=ask.approved)
    publish(session, [told])


def hand_over_buyer(session: Session, actor: Actor, command: HandOverBuyer) -> BuyerAsk:
    """The pieces have been fetched: sold where something was paid, else given away."""
    actor.must(Permission.HANDOVER_MAKE)
    ask = locked_of_giver(session, actor, command.buyer_ask_id, Permission.HANDOVER_MAKE)
    listing = locked_listings(session, actor, [ask.listing_id])[ask.listing_id]
    values = {"over_at": clock_of(session).now()}
    advance(session, [ask], BuyerVerb.HAND_OVER, refused=BuyerAnswered, values=values)
    gone = take_away(session, actor, ask, is_sold=ask.terms is not Terms.FREE)
    vat_percent = command.vat_percent
    if vat_percent is None:
        market = session.scalar(market_of(ask.org_id))
        vat_percent = market.vat_percent if market is not None else 0
    publish(
        session,
        [
            events.BuyerHandedOver.of(
                ask,
                actor.person_id,
                listing_id=ask.listing_id,
                pieces=gone,
                amount_ore=gone * ask.price_ore,
                vat_percent=vat_percent,
            )
        ],
    )
    end_empty(session, actor, listing)
    return ask


def take_back_buyer(session: Session, actor: Actor, command: OfBuyer) -> BuyerAsk:
    """It was not fetched after all: the pieces and the promise stand as before, the income is reversed.

    Raises ``BuyerAnswered``, and ``BuyerForgotten`` when who asked has been blanked since.
    """
    actor.must(Permission.HANDOVER_MAKE)
    ask = locked_of_giver(session, actor, command.buyer_ask_id, Permission.HANDOVER_MAKE)
    if ask.blanked_at is not None:
        raise BuyerForgotten
    values = {"over_at": None}
    advance(session, [ask], BuyerVerb.TAKE_BACK, refused=BuyerAnswered, values=values)
    pieces = bring_back(session, actor, ask)
    publish(session, [_event(events.BuyerNotFetched, ask, actor, pieces)])
    return ask


def decline_ended(
    session: Session, told: Sequence[ListingWithdrawn | ListingLapsed | ListingEnded]
) -> None:
    """Who still waits for an answer about a listing that has ended is told no.

    What was promised stands: the giver hands it over, or calls it off. With a listing that is
    withdrawn, what is offered and not accepted ends too, as it does inside.
    """
    withdrawn = [each for each in told if isinstance(each, ListingWithdrawn)]
    for org_id, listing_ids in subjects(withdrawn).items():
        for ask in _locked(session, org_id, listing_ids, BuyerState.OFFERED):
            _call_off(session, ask, None, {})
    for org_id, listing_ids in subjects(told).items():
        rows = _locked(session, org_id, listing_ids, BuyerState.REQUESTED, BuyerState.WAITING)
        _decline(session, rows)


def decline_unanswered(session: Session) -> int:
    """Tells some of those no whom the giver never answered. By the clock; gives how many."""
    rows = session.scalars(
        select(BuyerAsk)
        .where(BuyerAsk.state == BuyerState.REQUESTED)
        .where(BuyerAsk.confirmed_at < clock_of(session).now() - ANSWERED_WITHIN)
        .order_by(BuyerAsk.id)
        .limit(AT_ONCE)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    _decline(session, rows)
    return len(rows)


def _decline(session: Session, rows: Sequence[BuyerAsk]) -> None:
    now = clock_of(session).now()
    advance(session, rows, BuyerVerb.DECLINE, values={"answered_at": now, "over_at": now})
    publish(
        session,
        [
            events.BuyerDeclined.of(each, None, listing_id=each.listing_id, pieces=each.wanted)
            for each in rows
        ],
    )


def _locked(
    session: Session, org_id: UUID, listing_ids: Collection[UUID], *states: BuyerState
) -> Sequence[BuyerAsk]:
    return session.scalars(
        select(BuyerAsk)
        .where(BuyerAsk.org_id == org_id, BuyerAsk.listing_id.in_(listing_ids))
        .where(BuyerAsk.state.in_(states))
        .order_by(BuyerAsk.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def locked_of_giver(
    session: Session, actor: Actor, buyer_ask_id: UUID, permission: Permission
) -> BuyerAsk:
    """One of a unit for which the actor may do it. The listing's lock comes first."""
    ask = session.scalar(asks_visible_to(actor).where(BuyerAsk.id == buyer_ask_id))
    if ask is None:
        raise NotFound(NO_ASK)
    units = by_id(session, givers(actor, [ask.listing_id]))
    actor.must(permission, unit=units.get(ask.listing_id))
    locked_listings(session, actor, [ask.listing_id])
    session.refresh(ask, with_for_update=True)
    return ask


def _event(
    kind: type[events.BuyerEvent], row: BuyerAsk, actor: Actor, pieces: int
) -> events.BuyerEvent:
    return kind.of(row, actor.person_id, listing_id=row.listing_id, pieces=pieces)
