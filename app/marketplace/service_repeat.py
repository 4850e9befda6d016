"""The same request once more: what is still there goes into the basket, and the rest is named."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.kit.db import clock_of
from app.kit.errors import Conflict, NotFound
from app.kit.i18n import N_
from app.marketplace.commands import MOST_PIECES, OfRequest, PutInBasket
from app.marketplace.models import Listing, Request, RequestLine
from app.marketplace.queries import by_id, listings_visible_to, offered, requests_visible_to
from app.marketplace.rules import ListingState
from app.marketplace.service_basket import lines_by_listing, own_basket, put_in_basket


class NothingLeftToRepeat(Conflict):
    title = N_("Ingenting av dette er på markedet lenger.")


@dataclass(frozen=True, slots=True)
class Repeated:
    """A line of the old request: how many were wanted then, and how many are in the basket now."""

    listing_id: UUID
    wanted: int
    put: int


def repeat(session: Session, actor: Actor, commands: Sequence[OfRequest]) -> list[Repeated]:
    """Fills the actor's own basket from requests the actor sees, as far as there is still some.

    A listing that is in the basket already is left as it is where it holds as many. Raises
    ``NothingLeftToRepeat`` when no line of any of them can be had.
    """
    actor.must(Permission.REQUEST_MAKE)
    asked = {each.request_id for each in commands}
    seen = requests_visible_to(actor).where(Request.id.in_(asked))
    if len(session.scalars(seen).all()) < len(asked):
        raise NotFound(N_("Fant ikke bestillingen."))
    wanted: dict[UUID, int] = {}
    for listing_id, count in session.execute(
        select(RequestLine.listing_id, RequestLine.wanted)
        .where(RequestLine.org_id == actor.org_id, RequestLine.request_id.in_(asked))
        .order_by(RequestLine.created_at, RequestLine.id)
    ):
        wanted[listing_id] = min(MOST_PIECES, wanted.get(listing_id, 0) + count)
    there = _there(session, actor, list(wanted))
    known = lines_by_listing(session, own_basket(session, actor))
    found, puts = [], []
    for listing_id, count in wanted.items():
        most = min(count, there.get(listing_id, 0))
        has = known[listing_id].wanted if listing_id in known else 0
        if most > has:
            puts.append(PutInBasket(listing_id=listing_id, wanted=most - has))
        found.append(Repeated(listing_id, count, most))
    if not any(each.put for each in found):
        raise NothingLeftToRepeat
    if puts:
        put_in_basket(session, actor, puts)
    return found


def _there(session: Session, actor: Actor, listing_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many pieces stand on those of the listings that are still open."""
    today = clock_of(session).today()
    still = listings_visible_to(actor).where(
        Listing.id.in_(listing_ids),
        Listing.state == ListingState.OPEN,
        Listing.until_date.is_(None) | (Listing.until_date >= today),
    )
    ids = [each.id for each in session.scalars(still)]
    return by_id(session, offered(actor, ids)) if ids else {}
