"""A piece stays what and where it is while it is on the market or promised to somebody."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.items.events import ItemDeleted, ItemMerged, ItemMissed, ItemSentToWorkshop
from app.kit.errors import Conflict
from app.kit.events import subjects
from app.kit.i18n import N_
from app.marketplace.models import Listing, ListingItem, Reservation
from app.marketplace.models_outside import OutsidePiece
from app.marketplace.queries_outside import held_outside
from app.marketplace.rules import ListingState, ReservationState

PROMISED = (ReservationState.APPROVED, ReservationState.READY)
"""Given to somebody and not fetched. What is on its way is the handovers' to keep.

What is offered to the waiting list stands on an open listing, and is kept as what is listed.
"""


class PieceStillOffered(Conflict):
    title = N_("Møbelet ligger ute på markedet. Trekk annonsen først.")


class PieceStillPromised(Conflict):
    title = N_("Noen har fått møbelet godkjent. Avbestill eller overlever det først.")


def keep_offered(
    session: Session,
    events: Sequence[ItemMerged | ItemDeleted | ItemMissed | ItemSentToWorkshop],
) -> None:
    """Subscribes to what takes a piece away. Raises, and so undoes the verb as a whole.

    A promise is named before a listing: withdrawing the listing would not free a promised piece.
    """
    for org_id, item_ids in subjects(events).items():
        promised = select(Reservation.item_id).where(
            Reservation.org_id == org_id,
            Reservation.item_id.in_(item_ids),
            Reservation.state.in_(PROMISED),
        )
        if item_id := session.scalar(promised.limit(1)):
            raise PieceStillPromised(id=str(item_id))
        outside = held_outside(org_id).where(OutsidePiece.item_id.in_(item_ids))
        if item_id := session.scalar(outside.limit(1)):
            raise PieceStillPromised(id=str(item_id))
        # A promised piece outlives its withdrawn listing, and must not be bound by it.
        offered = (
            select(ListingItem.item_id)
            .join(
                Listing,
                (Listing.org_id == ListingItem.org_id) & (Listing.id == ListingItem.listing_id),
            )
            .where(
                ListingItem.org_id == org_id,
                ListingItem.item_id.in_(item_ids),
                ListingItem.left_at.is_(None),
                Listing.state == ListingState.OPEN,
            )
        )
        if item_id := session.scalar(offered.limit(1)):
            raise PieceStillOffered(id=str(item_id))
