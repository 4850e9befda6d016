"""A list of pieces onto the market, and off it again where nobody has asked for them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.fieldwork.models import BulkAction, BulkActionLine
from app.fieldwork.service_bulk import Act, BulkVerb, Did, OfCodes, in_one
from app.kit.errors import Forbidden
from app.kit.i18n import N_
from app.marketplace.commands import Offer, OfListing
from app.marketplace.models import Listing, ListingItem, Reservation
from app.marketplace.queries import by_id, givers, own_listings
from app.marketplace.rules import ACTIVE, OPEN_RESERVATIONS, ListingState
from app.marketplace.service_listing import ListingClosed, offer, offer_refusals, withdraw

ASKED_FOR = N_("Noen har bestilt fra annonsen. Trekk den selv hvis den likevel skal bort")
CHANGED_SINCE = N_("Endret av noen etterpå, og står som det er")


def _offer(session: Session, actor: Actor, _command: OfCodes) -> Act:
    """The single offer, free and from today; like pieces become one listing."""

    def act(ids: list[UUID]) -> Mapping[UUID, Did]:
        listings = offer(session, actor, [Offer(item_ids=ids)])
        versions = {each.id: each.version for each in listings}
        on = select(ListingItem.item_id, ListingItem.listing_id).where(
            ListingItem.org_id == actor.org_id, ListingItem.listing_id.in_(versions)
        )
        return {
            row.item_id: Did(made_id=row.listing_id, made_version=versions[row.listing_id])
            for row in session.execute(on)
        }

    return Act(lambda ids: offer_refusals(session, actor, ids), act)


def _undo_offer(
    session: Session, actor: Actor, _action: BulkAction, lines: Sequence[BulkActionLine]
) -> Mapping[UUID, str]:
    """Listing by listing: one that somebody has asked for, changed or withdrawn stays as it is."""
    pieces: dict[UUID, list[UUID]] = defaultdict(list)
    versions: dict[UUID, int | None] = {}
    for line in lines:
        if line.made_id is not None and line.item_id is not None:
            pieces[line.made_id].append(line.item_id)
            versions[line.made_id] = line.made_version
    # First of all: whoever asks for a piece, changes or withdraws a listing now waits for this.
    query = own_listings(actor).where(Listing.id.in_(pieces)).order_by(Listing.id)
    locking = query.with_for_update(of=Listing).execution_options(populate_existing=True)
    rows = session.scalars(locking).all()
    asked_for = set(
        session.scalars(
            select(Reservation.listing_id).where(
                Reservation.org_id == actor.org_id,
                Reservation.listing_id.in_(pieces),
                Reservation.state.in_((*OPEN_RESERVATIONS, *ACTIVE)),
            )
        )
    )
    units = by_id(session, givers(actor, [each.id for each in rows]))
    stays: dict[UUID, str] = {}
    off: list[UUID] = []
    for row in rows:
        if row.state is not ListingState.OPEN:
            stays[row.id] = ListingClosed.title
        elif row.id in asked_for:
            stays[row.id] = ASKED_FOR
        elif not actor.may(Permission.LISTING_PUBLISH, units.get(row.id)):
            stays[row.id] = Forbidden.title
        elif row.version != versions[row.id]:
            stays[row.id] = CHANGED_SINCE
        else:
            off.append(row.id)

    def act(ids: list[UUID]) -> None:
        withdraw(session, actor, [OfListing(listing_id=each) for each in ids])

    stays |= in_one(session, off, act)
    return {item_id: said for each, said in stays.items() for item_id in pieces[each]}


OFFER = BulkVerb(
    "offer", N_("Lagt ut på markedet"), Permission.LISTING_PUBLISH, _offer, _undo_offer
)
