"""What an actor sees of the market, and the one answer to "how many are left?"."""

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from fastapi import Request as WebRequest
from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, literal_column, or_, select
from sqlalchemy.orm import Session

from app.accounts.actor import ORGANISATION_ID, Actor, Errand
from app.accounts.models import Membership
from app.accounts.queries import units_led_by
from app.accounts.rules import Permission
from app.items.models import Item
from app.items.rules import ItemState
from app.marketplace.models import Listing, ListingItem, Message, Request, RequestLine, Reservation
from app.marketplace.models_approval import Approval
from app.marketplace.queries_approval import awaits_leader
from app.marketplace.queries_outside import held_still
from app.marketplace.queries_stages import seen_by
from app.marketplace.rules import ACTIVE, RequestState, ReservationState
from app.networks.queries import is_networked

OFFERABLE = (ItemState.IN_USE, ItemState.AVAILABLE)
"""The states in which a piece stays while it is on the market."""


def own_listings(actor: Actor) -> Select[Listing]:
    """The organisation's offers at every stage, for verbs that the market itself carries out."""
    return select(Listing).where(Listing.org_id == actor.org_id)


def listings_visible_to(actor: Actor) -> Select[Listing]:
    """The organisation's offers whose stage has reached the actor."""
    seen = seen_by(actor)
    return own_listings(actor) if seen is None else own_listings(actor).where(seen)


def is_active() -> ColumnElement[bool]:
    """A reservation that holds its piece. Literals, so that the partial unique index is used."""
    return Reservation.state.in_([literal_column(f"'{each.value}'") for each in ACTIVE])


def free_pieces(org_id: UUID | ColumnElement[UUID], *columns: Any) -> Select[*tuple[Any, ...]]:
    """Pieces of listings that can be given to somebody now: the one answer to "what is left?".

    On the listing, still where they were, and held by no active reservation.
    """
    return (
        select(*columns)
        .select_from(ListingItem)
        .join(Item, and_(Item.org_id == ListingItem.org_id, Item.id == ListingItem.item_id))
        .outerjoin(
            Reservation,
            and_(
                Reservation.org_id == ListingItem.org_id,
                Reservation.item_id == ListingItem.item_id,
                is_active(),
            ),
        )
        .where(
            ListingItem.org_id == org_id,
            ListingItem.left_at.is_(None),
            # Literals, so that the statement can be prepared.
            Item.state.in_([literal_column(f"'{each.value}'") for each in OFFERABLE]),
            Reservation.id.is_(None),
        )
    )


def available(actor: Actor, listing_ids: Iterable[UUID]) -> Select[*tuple[Any, ...]]:
    """How many pieces of each listing are left; one with none left has no row."""
    return (
        free_pieces(actor.org_id, ListingItem.listing_id, func.count())
        .where(ListingItem.listing_id.in_(list(listing_ids)))
        .group_by(ListingItem.listing_id)
    )


def offered(actor: Actor, listing_ids: Iterable[UUID]) -> Select[UUID, int]:
    """How many pieces stand on each listing, those that are held for somebody included.

    Also for somebody outside, for whom they have left it: they may fall free, and are waited for.
    """
    held = ListingItem.item_id.in_(held_still(actor.org_id))
    return (
        select(ListingItem.listing_id, func.count())
        .where(ListingItem.org_id == actor.org_id, or_(ListingItem.left_at.is_(None), held))
        .where(ListingItem.listing_id.in_(list(listing_ids)))
        .group_by(ListingItem.listing_id)
    )


def givers(actor: Actor, listing_ids: Iterable[UUID]) -> Select[UUID, UUID]:
    """The unit that owns each listing's pieces: like pieces of one listing have one owner.

    Also of pieces that have left the listing, or that another unit owns by now.
    """
    return (
        select(ListingItem.listing_id, Item.owner_unit_id)
        .join(Item, and_(Item.org_id == ListingItem.org_id, Item.id == ListingItem.item_id))
        .where(ListingItem.org_id == actor.org_id, ListingItem.listing_id.in_(list(listing_ids)))
        .distinct()
    )


def basket_of(actor: Actor) -> Select[Request]:
    return select(Request).where(
        Request.org_id == actor.org_id,
        Request.person_id == actor.person_id,
        Request.state == RequestState.DRAFT,
    )


def _in_basket(org_id: Any, person_id: Any) -> ScalarSelect[int]:
    """How many lines somebody's basket has."""
    return (
        select(func.count())
        .select_from(Request)
        .join(
            RequestLine,
            and_(RequestLine.org_id == Request.org_id, RequestLine.request_id == Request.id),
        )
        .where(
            Request.org_id == org_id,
            Request.person_id == person_id,
            Request.state == RequestState.DRAFT,
        )
        .scalar_subquery()
    )


def _place_of(org_id: Any, person_id: Any) -> ScalarSelect[UUID | None]:
    """Where somebody last asked for something to be brought: the nearest thing to a place of theirs."""
    return (
        select(Request.place_id)
        .where(
            Request.org_id == org_id,
            Request.person_id == person_id,
            Request.state != RequestState.DRAFT,
            Request.place_id.is_not(None),
        )
        .order_by(Request.created_at.desc())
        .limit(1)
        .scalar_subquery()
    )


_ERRAND = Errand(
    lambda who: who.add_columns(
        _in_basket(ORGANISATION_ID, Membership.person_id).label("in_basket"),
        is_networked(ORGANISATION_ID).label("is_networked"),
        _place_of(ORGANISATION_ID, Membership.person_id).label("place_id"),
    )
)


class Asking(NamedTuple):
    """Who looks at the market, and what its page says of them beside the cards."""

    actor: Actor
    in_basket: int
    is_networked: bool
    place_id: UUID | None


def asked_for(request: WebRequest) -> Asking:
    """Who looks, how many lines the basket has, whether there is a network, and where things go.

    In one statement.

    Raises ``SignInRequired`` and ``Forbidden``.
    """
    actor, row = _ERRAND.asked_by_member(request)
    actor.must(Permission.ITEM_READ)
    return Asking(actor, int(row.in_basket), bool(row.is_networked), row.place_id)


def requests_visible_to(actor: Actor) -> Select[Request]:
    """Submitted requests: one's own, one's unit's, and those to pieces one decides or hands over."""
    query = select(Request).where(
        Request.org_id == actor.org_id, Request.state != RequestState.DRAFT
    )
    seen = _decided_by(actor)
    return query if seen is None else query.where(or_(*seen))


def _decided_by(actor: Actor) -> list[ColumnElement[bool]] | None:
    """Conditions of which one must hold; ``None`` when everything is seen."""
    conditions: list[ColumnElement[bool]] = [
        Request.person_id == actor.person_id,
        Request.unit_id.in_(units_led_by(actor)),
        Request.id.in_(
            select(Approval.request_id).where(
                Approval.org_id == actor.org_id, Approval.unit_id.in_(units_led_by(actor))
            )
        ),
    ]
    for permission in (
        Permission.RESERVATION_APPROVE,
        Permission.HANDOVER_MAKE,
        Permission.EXPORT,
    ):
        if not actor.may(permission):
            continue
        units = actor.permissions[permission]
        if units is None:
            return None
        given = (
            select(RequestLine.request_id)
            .join(
                ListingItem,
                and_(
                    ListingItem.org_id == RequestLine.giver_org_id,
                    ListingItem.listing_id == RequestLine.listing_id,
                ),
            )
            .join(Item, and_(Item.org_id == ListingItem.org_id, Item.id == ListingItem.item_id))
            .where(RequestLine.org_id == actor.org_id, Item.owner_unit_id.in_(units))
        )
        conditions += [Request.id.in_(given), Request.unit_id.in_(units)]
    return conditions


def own_requests(actor: Actor) -> Select[Request]:
    return requests_visible_to(actor).where(Request.person_id == actor.person_id)


def lines_visible_to(actor: Actor) -> Select[RequestLine]:
    """Lines of the requests an actor sees."""
    return select(RequestLine).where(
        RequestLine.org_id == actor.org_id,
        RequestLine.request_id.in_(requests_visible_to(actor).with_only_columns(Request.id)),
    )


def reservations_visible_to(actor: Actor) -> Select[Reservation]:
    """The giver's reservations that belong to requests the actor sees."""
    lines = lines_visible_to(actor).with_only_columns(RequestLine.id)
    return select(Reservation).where(
        Reservation.org_id == actor.org_id, Reservation.request_line_id.in_(lines)
    )


def states_of_lines(actor: Actor, line_ids: Iterable[UUID]) -> Select[UUID, ReservationState, int]:
    """How many reservations each line has in each state."""
    return (
        select(Reservation.request_line_id, Reservation.state, func.count())
        .where(
            Reservation.receiver_org_id == actor.org_id,
            Reservation.request_line_id.in_(list(line_ids)),
        )
        .group_by(Reservation.request_line_id, Reservation.state)
    )


def messages_of(actor: Actor, request_id: UUID) -> Select[Message]:
    return (
        select(Message)
        .where(Message.org_id == actor.org_id, Message.request_id == request_id)
        .order_by(Message.created_at, Message.id)
    )


def undecided(actor: Actor) -> Select[UUID]:
    """Requests with something to say yes or no to, among those the actor decides over.

    Who waits is served by the waiting list, without another answer. What the asker's own leaders
    have not said yes to comes later.
    """
    lines = select(Reservation.request_line_id).where(
        Reservation.org_id == actor.org_id, Reservation.state == ReservationState.REQUESTED
    )
    requests = select(RequestLine.request_id).where(
        RequestLine.id.in_(lines), ~awaits_leader(RequestLine.org_id, RequestLine.request_id)
    )
    units = actor.permissions.get(Permission.RESERVATION_APPROVE, frozenset())
    if units is not None:
        own = (
            select(ListingItem.listing_id)
            .join(Item, and_(Item.org_id == ListingItem.org_id, Item.id == ListingItem.item_id))
            .where(ListingItem.org_id == actor.org_id, Item.owner_unit_id.in_(units))
        )
        requests = requests.where(RequestLine.listing_id.in_(own))
    return requests.distinct()


def by_id(session: Session, query: Select[*tuple[Any, ...]]) -> dict[UUID, Any]:
    """The second column by the first: a count or a unit by its listing."""
    return {row[0]: row[1] for row in session.execute(query)}
