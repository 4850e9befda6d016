"""Pieces come onto the market and leave it. Their own state does not change until pick-up."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, union, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.items.models import Item
from app.items.service import held, refusal
from app.kit.db import clock_of
from app.kit.errors import Conflict, Invalid, NotFound, Problem
from app.kit.events import publish
from app.kit.i18n import N_
from app.kit.pointing import concerning
from app.kit.states import advance
from app.marketplace import events
from app.marketplace.commands import MOST_PIECES, Offer, OfListing
from app.marketplace.models import Listing, ListingItem, RequestLine, Reservation
from app.marketplace.models_outside import OutsidePiece
from app.marketplace.queries import OFFERABLE, by_id, givers, is_active, own_listings
from app.marketplace.queries_deciding import LOCKED_LISTINGS
from app.marketplace.queries_outside import held_outside, is_promised_outside
from app.marketplace.queries_stages import rules_of
from app.marketplace.rules import (
    UNPROMISED,
    ListingState,
    ListingVerb,
    RefusalReason,
    ReservationVerb,
)
from app.marketplace.search_rows import refresh
from app.marketplace.service_claims import close_finished, counted
from app.marketplace.stages import begin, require_reachable
from app.projects.queries_release import set_aside

DEADLINE_PASSED = N_("Velg i dag eller en senere dag.")


class PieceOfferedAlready(Conflict):
    title = N_("Møbelet er alt lagt ut eller reservert.")


class PieceNotHere(Conflict):
    title = N_("Bare møbler som er i bruk eller ledige, kan legges ut.")


class PieceSetAside(Conflict):
    title = N_("Møbelet er satt av til et behov. Ta det av prosjektet først.")


class ListingClosed(Conflict):
    title = N_("Annonsen er trukket tilbake eller avsluttet.")


def offer(session: Session, actor: Actor, commands: Sequence[Offer]) -> list[Listing]:
    """Pieces onto the market: like ones of one command become one listing each.

    Like are pieces of one product model (or, without a model, of one lot) with the same category,
    condition, place and owner. Raises ``PieceOfferedAlready``, ``PieceSetAside`` and
    ``PieceNotHere``.
    """
    actor.must(Permission.LISTING_PUBLISH)
    now, today = clock_of(session).now(), clock_of(session).today()
    rules = session.scalar(rules_of(actor.org_id))
    require_reachable(session, actor.org_id, [each.last_stage for each in commands])
    items = _pieces(session, actor, commands)
    listings: list[Listing] = []
    placed: list[dict[str, Any]] = []
    for command in commands:
        from_date = command.from_date or now.date()
        if command.until_date is not None and command.until_date < from_date:
            text = N_("Siste dag må komme etter første dag.")
            with concerning(command):
                raise Invalid(by_field={"until_date": text})
        if command.until_date is not None and command.until_date < today:
            with concerning(command):
                raise Invalid(by_field={"until_date": DEADLINE_PASSED})
        for like in _alike([items[each] for each in dict.fromkeys(command.item_ids)]):
            listing = Listing(
                org_id=actor.org_id,
                state=ListingState.OPEN,
                from_date=from_date,
                until_date=command.until_date,
                terms=command.terms,
                price_ore=command.price_ore,
                text=command.text,
                person_id=actor.person_id,
                created_at=now,
                unit_days=command.unit_days,
                organisation_days=command.organisation_days,
                network_days=command.network_days,
                last_stage=command.last_stage,
            )
            begin(rules, listing, today)
            listings.append(listing)
            session.add(listing)
            session.flush()  # its id, and its row before those of its pieces
            placed += [
                {"org_id": actor.org_id, "listing_id": listing.id, "item_id": item.id}
                for item in like
            ]
    try:
        with session.begin_nested():
            session.execute(insert(ListingItem), placed)
    except IntegrityError as error:
        raise PieceOfferedAlready from error
    pieces = Counter(each["listing_id"] for each in placed)
    publish(
        session,
        [
            events.ListingOpened.of(each, actor.person_id, pieces=pieces[each.id])
            for each in listings
        ],
    )
    return listings


def _pieces(session: Session, actor: Actor, commands: Sequence[Offer]) -> dict[UUID, Item]:
    """The pieces by id, locked, each one the actor may offer and nobody holds."""
    wanted = [each for command in commands for each in dict.fromkeys(command.item_ids)]
    if len(wanted) > MOST_PIECES * 10:
        raise Invalid(by_field={"item_ids": N_("For mange møbler på én gang.")})
    if len(set(wanted)) < len(wanted):
        raise PieceOfferedAlready
    found: dict[UUID, Item] = {}
    wanted.sort()  # locked by id over all parts
    for start in range(0, len(wanted), MOST_PIECES):
        some = wanted[start : start + MOST_PIECES]
        found |= held(session, actor, some)
        for problem in _refusals(session, actor, some, found).values():
            raise problem
    return found


def offer_refusals(session: Session, actor: Actor, item_ids: Sequence[UUID]) -> dict[UUID, Problem]:
    """Those of the pieces that cannot be offered, and why; all are locked from now on."""
    actor.must(Permission.LISTING_PUBLISH)
    return _refusals(session, actor, item_ids, held(session, actor, item_ids))


def _refusals(
    session: Session, actor: Actor, item_ids: Sequence[UUID], found: Mapping[UUID, Item]
) -> dict[UUID, Problem]:
    """``found`` are the pieces that are seen, locked. The one answer to "who is not offered?"."""
    on_market = select(ListingItem.item_id).where(
        ListingItem.org_id == actor.org_id,
        ListingItem.item_id.in_(item_ids),
        ListingItem.left_at.is_(None),
    )
    promised = select(Reservation.item_id).where(
        Reservation.org_id == actor.org_id, Reservation.item_id.in_(item_ids), is_active()
    )
    outside = held_outside(actor.org_id).where(OutsidePiece.item_id.in_(item_ids))
    told: dict[UUID, Problem] = {
        each: PieceOfferedAlready() for each in session.scalars(union(on_market, promised, outside))
    }
    aside = session.scalars(set_aside(actor.org_id, item_ids))
    told |= {each: PieceSetAside() for each in aside}
    for each in item_ids:
        problem = refusal(
            actor,
            found.get(each),
            Permission.LISTING_PUBLISH,
            states=OFFERABLE,
            not_there=PieceNotHere,
        )
        if problem is not None:
            told[each] = problem
    return told


def _alike(items: Sequence[Item]) -> list[list[Item]]:
    groups: dict[tuple[object, ...], list[Item]] = defaultdict(list)
    for item in items:
        groups[
            item.product_model_id or item.lot_id,
            item.category_id,
            item.condition,
            item.place_id,
            item.owner_unit_id,
        ].append(item)
    return list(groups.values())


def withdraw(session: Session, actor: Actor, commands: Sequence[OfListing]) -> list[Listing]:
    """Off the market: what was not yet approved is declined; approved pieces are still delivered.

    Offers to the waiting list are declined with the rest.
    """
    actor.must(Permission.LISTING_PUBLISH)
    listings = locked_listings(session, actor, [each.listing_id for each in commands])
    units = by_id(session, givers(actor, listings))
    for listing_id in listings:
        actor.must(Permission.LISTING_PUBLISH, unit=units.get(listing_id))
    rows = list(listings.values())
    advance(session, rows, ListingVerb.WITHDRAW, refused=ListingClosed)
    declined = decline_open(session, actor, list(listings), RefusalReason.WITHDRAWN)
    let_go(session, actor, list(listings))
    publish(
        session,
        [
            events.ListingWithdrawn.of(each, actor.person_id, declined=declined[each.id])
            for each in rows
        ],
    )
    return rows


def let_go(session: Session, actor: Actor, listing_ids: Sequence[UUID]) -> None:
    """The pieces of closed listings leave them, but for those that are promised to somebody."""
    held = select(Reservation.item_id).where(
        Reservation.org_id == actor.org_id,
        Reservation.listing_id.in_(listing_ids),
        Reservation.item_id.is_not(None),
        is_active(),
    )
    session.execute(
        update(ListingItem)
        .where(ListingItem.org_id == actor.org_id, ListingItem.listing_id.in_(listing_ids))
        .where(ListingItem.left_at.is_(None), ListingItem.item_id.not_in(held))
        .values(left_at=clock_of(session).now())
        .execution_options(synchronize_session=False)
    )


def locked_listings(
    session: Session, actor: Actor, listing_ids: Sequence[UUID]
) -> dict[UUID, Listing]:
    """The listings by id, locked in the order of their ids: who gives away their pieces waits here.

    Raises ``NotFound`` when one is not seen.
    """
    wanted = set(listing_ids)
    locked = session.scalars(LOCKED_LISTINGS, {"org": actor.org_id, "ids": list(wanted)})
    found = {each.id: each for each in locked}
    if len(found) < len(wanted):
        raise NotFound(N_("Fant ikke annonsen."))
    return found


def decline_open(
    session: Session, actor: Actor, listing_ids: Sequence[UUID], reason: RefusalReason
) -> Counter[UUID]:
    """Says no to everything that waits for an answer on these listings."""
    rows = session.scalars(
        select(Reservation)
        .where(Reservation.org_id == actor.org_id, Reservation.listing_id.in_(listing_ids))
        .where(Reservation.state.in_(UNPROMISED))
        .order_by(Reservation.id)
        .with_for_update(of=Reservation)
        .execution_options(populate_existing=True)
    ).all()
    advance(session, rows, ReservationVerb.DECLINE)
    counts = counted(rows)
    lines = session.scalars(
        select(RequestLine)
        .where(RequestLine.org_id == actor.org_id, RequestLine.id.in_(counts))
        .order_by(RequestLine.id)
        .with_for_update(of=RequestLine)
        .execution_options(populate_existing=True)
    ).all()
    for line in lines:
        line.declined += counts[line.id]
        line.declined_for = reason
    publish(
        session,
        [
            events.RequestLineDeclined.of(
                each,
                actor.person_id,
                request_id=each.request_id,
                declined=counts[each.id],
                reason=reason,
            )
            for each in lines
        ],
    )
    close_finished(session, actor, {each.request_id for each in lines})
    return Counter(each.listing_id for each in rows)


def pieces_left(session: Session, actor: Actor, item_ids: Sequence[UUID]) -> None:
    """Pieces that were picked up leave the market; a listing ends with its last piece.

    One of which a piece is promised outside goes on: it may come back. Who waits goes on waiting: an undone handover brings the piece back.
    """
    gone = update(ListingItem).where(
        ListingItem.org_id == actor.org_id, ListingItem.left_at.is_(None)
    )
    listing_ids: set[UUID] = set()
    for start in range(0, len(item_ids), MOST_PIECES):
        some = item_ids[start : start + MOST_PIECES]
        listing_ids.update(
            session.scalars(
                gone.where(ListingItem.item_id.in_(some))
                .values(left_at=clock_of(session).now())
                .returning(ListingItem.listing_id)
                .execution_options(synchronize_session=False)
            )
        )
    if not listing_ids:
        return
    refresh(session, actor.org_id, listing_ids)
    still = select(ListingItem.listing_id).where(
        ListingItem.org_id == actor.org_id, ListingItem.left_at.is_(None)
    )
    ended = session.scalars(
        own_listings(actor)
        .where(Listing.id.in_(listing_ids), Listing.id.not_in(still))
        .where(Listing.state == ListingState.OPEN, ~is_promised_outside())
        .order_by(Listing.id)
        .with_for_update(of=Listing)
    ).all()
    advance(session, ended, ListingVerb.END)
    publish(session, [events.ListingEnded.of(each, actor.person_id) for each in ended])


def pieces_back(session: Session, actor: Actor, reservations: Sequence[Reservation]) -> None:
    """Pieces of an undone pick-up stand on their listing again, unless they are on a newer one."""
    for each in reservations:
        newer = select(ListingItem.id).where(
            ListingItem.org_id == actor.org_id,
            ListingItem.item_id == each.item_id,
            ListingItem.left_at.is_(None),
        )
        if session.execute(newer).first() is None:
            session.execute(
                update(ListingItem)
                .where(
                    ListingItem.org_id == actor.org_id,
                    ListingItem.listing_id == each.listing_id,
                    ListingItem.item_id == each.item_id,
                )
                .values(left_at=None)
                .execution_options(synchronize_session=False)
            )
    ended = session.scalars(
        own_listings(actor)
        .where(Listing.id.in_({each.listing_id for each in reservations}))
        .where(Listing.state == ListingState.ENDED)
        .order_by(Listing.id)
        .with_for_update(of=Listing)
    ).all()
    advance(session, ended, ListingVerb.RELIST)
    refresh(session, actor.org_id, {each.listing_id for each in reservations})
