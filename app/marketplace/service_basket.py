"""The basket: a request that is not sent yet. What a listing must be to be asked for."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from app.kit.i18n import N_
from app.marketplace.commands import ChangeBasket, PutInBasket
from app.marketplace.models import Listing, Request, RequestLine
from app.marketplace.queries import basket_of, by_id, listings_visible_to, offered
from app.marketplace.rules import ListingState, RequestState


class ListingNotOpen(Conflict):
    title = N_("Annonsen er ikke lenger åpen.")


def put_in_basket(
    session: Session, actor: Actor, commands: Sequence[PutInBasket]
) -> list[RequestLine]:
    """Adds to the actor's basket, which is made when it is needed."""
    actor.must(Permission.REQUEST_MAKE)
    basket = own_basket(session, actor)
    lines = lines_by_listing(session, basket)
    wanted = {
        each.listing_id: (lines[each.listing_id].wanted if each.listing_id in lines else 0)
        for each in commands
    }
    for each in commands:
        wanted[each.listing_id] += each.wanted
    check_listings(session, actor, wanted)
    for listing_id, count in wanted.items():
        if listing_id in lines:
            lines[listing_id].wanted = count
        else:
            line = new_line(basket, listing_id, count, clock_of(session).now())
            session.add(line)
            lines[listing_id] = line
    session.flush()  # the unique key of a listing in a basket is met here, inside the verb
    return [lines[each] for each in wanted]


def change_basket(session: Session, actor: Actor, commands: Sequence[ChangeBasket]) -> Request:
    """New counts of lines; 0 takes a line out. Raises ``NotFound`` for what is not in the basket."""
    actor.must(Permission.REQUEST_MAKE)
    basket = own_basket(session, actor)
    lines = lines_by_listing(session, basket)
    if any(each.listing_id not in lines for each in commands):
        raise NotFound(N_("Linjen er ikke i kurven."))
    check_listings(session, actor, {each.listing_id: each.wanted for each in commands})
    for each in commands:
        if each.wanted:
            lines[each.listing_id].wanted = each.wanted
        else:
            session.execute(
                delete(RequestLine).where(
                    RequestLine.org_id == actor.org_id, RequestLine.id == lines[each.listing_id].id
                )
            )
    return basket


def person_of(actor: Actor) -> UUID:
    if actor.person_id is None:
        raise Forbidden(N_("Bare en person kan bestille. Velg hvem med --as."))
    return actor.person_id


def own_basket(session: Session, actor: Actor) -> Request:
    person_id = person_of(actor)
    query = basket_of(actor).with_for_update(of=Request)
    basket = session.scalar(query)
    if basket is not None:
        return basket
    try:
        with session.begin_nested():
            basket = Request(
                org_id=actor.org_id,
                state=RequestState.DRAFT,
                person_id=person_id,
                created_at=clock_of(session).now(),
            )
            session.add(basket)
            session.flush()  # meets the unique key: one basket a person
    except IntegrityError:  # two first clicks at once: the other one made it
        return session.scalars(query).one()
    return basket


def lines_by_listing(session: Session, request: Request) -> dict[UUID, RequestLine]:
    found = session.scalars(
        select(RequestLine)
        .where(RequestLine.org_id == request.org_id, RequestLine.request_id == request.id)
        .order_by(RequestLine.created_at, RequestLine.id)
    )
    return {each.listing_id: each for each in found}


def new_line(request: Request, listing_id: UUID, wanted: int, now: datetime) -> RequestLine:
    return RequestLine(
        id=new_id(),
        org_id=request.org_id,
        request_id=request.id,
        giver_org_id=request.org_id,
        listing_id=listing_id,
        wanted=wanted,
        created_at=now,
    )


def check_listings(session: Session, actor: Actor, wanted: dict[UUID, int]) -> None:
    """Every listing is seen and open, and has had as many pieces as are wanted of it."""
    # What is taken out of the basket need not be seen any more.
    some = [listing_id for listing_id, count in wanted.items() if count]
    rows = session.scalars(listings_visible_to(actor).where(Listing.id.in_(some))).all()
    if len(rows) < len(some):
        raise NotFound(N_("Fant ikke annonsen."))
    today = clock_of(session).now().date()
    there = by_id(session, offered(actor, some))
    for listing in rows:
        asked = wanted[listing.id]
        is_over = listing.until_date is not None and listing.until_date < today
        if listing.state is not ListingState.OPEN or is_over:
            raise ListingNotOpen(id=str(listing.id))
        most = there.get(listing.id, 0)
        if asked > most:
            text = N_("Du kan ikke bestille flere enn annonsen har.")
            where = {"listing_id": {listing.id}}
            raise Invalid(by_field={"wanted": text}, where=where, most=most)
