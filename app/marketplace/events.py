"""What happens to offers, requests and reservations; payloads hold ids and amounts only."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.kit.events import Event
from app.marketplace.rules import RefusalReason, Stage


@dataclass(frozen=True, kw_only=True)
class ListingOpened(Event):
    """Pieces came onto the market."""

    pieces: int


@dataclass(frozen=True, kw_only=True)
class ListingWithdrawn(Event):
    """Taken off the market; what was not yet approved was declined."""

    declined: int


@dataclass(frozen=True, kw_only=True)
class ListingEnded(Event):
    """Its last piece is gone."""


@dataclass(frozen=True, kw_only=True)
class ListingLapsed(Event):
    """Its last day has passed; who still waited for it was declined."""

    declined: int


@dataclass(frozen=True, kw_only=True)
class ListingRelisted(Event):
    """An ended or withdrawn listing is open again."""

    pieces: int


@dataclass(frozen=True, kw_only=True)
class ListingChanged(Event):
    """Other dates, or another way through the stages."""


@dataclass(frozen=True, kw_only=True)
class ListingStageReached(Event):
    """More people see it now; by the clock when nobody did it."""

    stage: Stage


@dataclass(frozen=True, kw_only=True)
class ListingDeadlineNear(Event):
    """Who listed it is reminded of its last day."""

    until_date: date


@dataclass(frozen=True, kw_only=True)
class ListingRulesSet(Event):
    """The organisation's way through the stages was set; subject is the organisation's rules."""


@dataclass(frozen=True, kw_only=True)
class RequestSubmitted(Event):
    lines: int
    pieces: int


@dataclass(frozen=True, kw_only=True)
class RequestLineApproved(Event):
    """The giver's yes to all or a part; ``waiting`` pieces were wanted but are not left."""

    request_id: UUID
    approved: int
    waiting: int
    declined: int
    reason: RefusalReason | None = None


@dataclass(frozen=True, kw_only=True)
class RequestLineDeclined(Event):
    """The giver's no. What was declined before reasons were asked for has none."""

    request_id: UUID
    declined: int
    reason: RefusalReason | None = None


@dataclass(frozen=True, kw_only=True)
class RequestLineMadeReady(Event):
    """The pieces stand where they can be picked up."""

    request_id: UUID
    pieces: int


@dataclass(frozen=True, kw_only=True)
class RequestLineOffered(Event):
    """Pieces fell free for who waited, and stand for them until ``limit_at``."""

    request_id: UUID
    pieces: int
    limit_at: datetime


@dataclass(frozen=True, kw_only=True)
class RequestLineOfferAccepted(Event):
    """The asker's yes: the pieces are approved."""

    request_id: UUID
    pieces: int


@dataclass(frozen=True, kw_only=True)
class RequestLineOfferDeclined(Event):
    """The asker's no: the pieces go to who is next."""

    request_id: UUID
    pieces: int


@dataclass(frozen=True, kw_only=True)
class RequestLineOfferExpired(Event):
    """Nobody answered in time: the pieces go to who is next."""

    request_id: UUID
    pieces: int


@dataclass(frozen=True, kw_only=True)
class RequestCancelled(Event):
    pieces: int


@dataclass(frozen=True, kw_only=True)
class RequestClosed(Event):
    """Every piece was received or given up."""


@dataclass(frozen=True, kw_only=True)
class RequestReopened(Event):
    """A handover was undone: something is to be delivered again."""


@dataclass(frozen=True, kw_only=True)
class MessagePosted(Event):
    """Subject is the request."""

    message_id: UUID


@dataclass(frozen=True, kw_only=True)
class OutsideRequested(Event):
    """Another organisation asks for pieces of a listing; subject is its request to the giver."""

    listing_id: UUID
    pieces: int


@dataclass(frozen=True, kw_only=True)
class OutsideApproved(Event):
    """The pieces are held for the other organisation, off the market."""

    listing_id: UUID
    pieces: int


@dataclass(frozen=True, kw_only=True)
class OutsideDeclined(Event):
    """By the giver, or because the two share no network any more."""

    listing_id: UUID
    pieces: int


@dataclass(frozen=True, kw_only=True)
class OutsideCalledOff(Event):
    """By the giver, after a yes or an offer; what was held stands on the market again."""

    listing_id: UUID
    pieces: int


@dataclass(frozen=True, kw_only=True)
class OutsideCancelled(Event):
    """By who asked; what was held stands on the market again."""

    listing_id: UUID
    pieces: int


@dataclass(frozen=True, kw_only=True)
class OutsideHandedOver(Event):
    """The pieces are on their way to the other organisation."""

    listing_id: UUID
    pieces: int


@dataclass(frozen=True, kw_only=True)
class OutsideReceiptAsked(Event):
    """So many pieces left some days ago, and the receiver is reminded to confirm them."""

    listing_id: UUID
    pieces: int


@dataclass(frozen=True, kw_only=True)
class OutsideReceiptMissing(Event):
    """The receiver was reminded and has not confirmed: the giver hears of it, and may confirm."""

    listing_id: UUID
    pieces: int


@dataclass(frozen=True, kw_only=True)
class OutsideReceivedForThem(Event):
    """The giver confirmed what the other organisation had not in time."""

    listing_id: UUID
    pieces: int


@dataclass(frozen=True, kw_only=True)
class OutsideReceived(Event):
    """The other organisation has confirmed that the pieces arrived."""

    listing_id: UUID
    pieces: int


@dataclass(frozen=True, kw_only=True)
class OutsideTakenBack(Event):
    """The handover was undone before they arrived: the pieces are held as before it."""

    listing_id: UUID
    pieces: int


@dataclass(frozen=True, kw_only=True)
class OutsideWaiting(Event):
    """The giver says yes, and nothing is left: it waits after the giver's own."""

    listing_id: UUID
    pieces: int


@dataclass(frozen=True, kw_only=True)
class OutsideOffered(Event):
    """Pieces fell free, and are held for who waited until the limit."""

    listing_id: UUID
    pieces: int


@dataclass(frozen=True, kw_only=True)
class OutsideAccepted(Event):
    """By who waited: the pieces are promised."""

    listing_id: UUID
    pieces: int


@dataclass(frozen=True, kw_only=True)
class OutsideExpired(Event):
    """Nobody answered in time; the pieces go to who is next."""

    listing_id: UUID
    pieces: int


@dataclass(frozen=True, kw_only=True)
class OutsideDayMoved(Event):
    """Its pieces come free on another day, the last of them on ``free_from``."""

    listing_id: UUID
    pieces: int
    free_from: date


@dataclass(frozen=True, kw_only=True)
class OutsideMessagePosted(Event):
    """One side writes to the other; subject is the request."""

    message_id: UUID
    from_org_id: UUID
    listing_id: UUID
    pieces: int


ON_LISTINGS = (
    ListingChanged,
    ListingEnded,
    ListingLapsed,
    ListingOpened,
    ListingRelisted,
    ListingStageReached,
    ListingWithdrawn,
)
"""After these a listing is found by other things, by others, or not at all."""
OUTSIDE_ASKED = (
    OutsideRequested,
    OutsideCancelled,
    OutsideAccepted,
    OutsideReceiptMissing,
    OutsideReceived,
)
OUTSIDE_ANSWERED = (
    OutsideReceiptAsked,
    OutsideReceivedForThem,
    OutsideApproved,
    OutsideCalledOff,
    OutsideDeclined,
    OutsideHandedOver,
    OutsideTakenBack,
    OutsideWaiting,
    OutsideOffered,
    OutsideExpired,
    OutsideDayMoved,
)
"""The giver is told of the first, the asker of the others."""
