"""What was asked for outside beyond what there was to give waits on, where it stood in the queue."""

from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.numbers import next_number
from app.kit.db import clock_of
from app.kit.events import publish
from app.marketplace import events, events_public
from app.marketplace.models import Listing
from app.marketplace.models_outside import OutsideDelivery, OutsideRequest
from app.marketplace.models_public import BuyerAsk
from app.marketplace.rules import ListingState, OutsideState
from app.marketplace.rules_public import BuyerState

Some = TypeVar("Some", OutsideRequest, BuyerAsk)
_AS_IT_WAS = {
    OutsideRequest: (
        "listing_id",
        "asker_org_id",
        "person_id",
        "delivery",
        "wanted_date",
        "project_date",
        "note",
        "asked_at",
    ),
    BuyerAsk: (
        "listing_id",
        "name",
        "email",
        "language",
        "message",
        "terms",
        "price_ore",
        "asked_at",
        "expires_at",
        "confirmed_at",
    ),
}


def queue_rest(session: Session, holder: Some) -> Some | None:
    """A request of its own for the rest, which keeps its turn; nothing where all was given.

    Called once, as a part is given; a unique key says that there is one rest of each. The caller
    holds the listing's lock.
    """
    rest = holder.wanted - holder.approved
    listing = session.get_one(Listing, holder.listing_id)
    if rest <= 0 or listing.state is not ListingState.OPEN:
        return None
    kept: dict[str, Any] = {name: getattr(holder, name) for name in _AS_IT_WAS[type(holder)]}
    is_buyer = isinstance(holder, BuyerAsk)
    row = type(holder)(
        org_id=holder.org_id,
        number=next_number(session, holder.org_id, "buyer" if is_buyer else "outside"),
        state=BuyerState.WAITING if is_buyer else OutsideState.WAITING,
        wanted=rest,
        answered_at=clock_of(session).now(),
        rest_of_id=holder.id,
        **kept,
    )
    session.add(row)
    session.flush()  # its id, and the unique key
    if isinstance(holder, OutsideRequest):
        _keep_bound(session, holder, row)
    told = events_public.BuyerWaiting if is_buyer else events.OutsideWaiting
    publish(session, [told.of(row, None, listing_id=row.listing_id, pieces=rest)])
    return row


def _keep_bound(session: Session, asked: OutsideRequest, rest: Any) -> None:
    """The rest is for the same place and need of the asker's."""
    delivery = session.scalar(
        select(OutsideDelivery).where(
            OutsideDelivery.org_id == asked.asker_org_id,
            OutsideDelivery.giver_org_id == asked.org_id,
            OutsideDelivery.outside_request_id == asked.id,
        )
    )
    if delivery is None:
        return
    names = ("unit_id", "place_id", "programme_line_id", "would_have", "need_recorded_before")
    session.add(
        OutsideDelivery(
            org_id=delivery.org_id,
            giver_org_id=rest.org_id,
            outside_request_id=rest.id,
            **{name: getattr(delivery, name) for name in names},
        )
    )
