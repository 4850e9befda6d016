"""What happens on the public page; payloads hold ids and amounts, nothing of who asked."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class PublicMarketSet(Event):
    """What strangers may see was changed; subject is the organisation's public market."""


@dataclass(frozen=True, kw_only=True)
class PublicTermsSet(Event):
    """What a listing costs outside was changed; subject is the listing."""


@dataclass(frozen=True, kw_only=True)
class BuyerEvent(Event):
    """Subject is what the buyer asked for."""

    listing_id: UUID
    pieces: int


@dataclass(frozen=True, kw_only=True)
class BuyerAsked(BuyerEvent):
    """A stranger asks; nobody sees it before the address is confirmed."""


@dataclass(frozen=True, kw_only=True)
class BuyerConfirmed(BuyerEvent):
    """The address is the asker's: the giver sees it from now on."""


@dataclass(frozen=True, kw_only=True)
class BuyerApproved(BuyerEvent):
    """The pieces are held for the buyer, off the market."""


@dataclass(frozen=True, kw_only=True)
class BuyerDeclined(BuyerEvent):
    """By the giver, or because the listing ended."""


@dataclass(frozen=True, kw_only=True)
class BuyerWithdrew(BuyerEvent):
    """By the buyer; what was held stands on the market again."""


@dataclass(frozen=True, kw_only=True)
class BuyerCancelled(BuyerEvent):
    """By the giver, after a yes; what was held stands on the market again."""


@dataclass(frozen=True, kw_only=True)
class BuyerHandedOver(BuyerEvent):
    """The pieces have gone to the buyer, for ``amount_ore`` in all, VAT included."""

    amount_ore: int
    vat_percent: int


@dataclass(frozen=True, kw_only=True)
class BuyerNotFetched(BuyerEvent):
    """It was not fetched after all: the pieces are held for the buyer as before."""


@dataclass(frozen=True, kw_only=True)
class BuyerWaiting(BuyerEvent):
    """The giver says yes, and nothing is left: the buyer waits after everybody else."""


@dataclass(frozen=True, kw_only=True)
class BuyerOffered(BuyerEvent):
    """Pieces fell free, and are held for the buyer until the limit."""


@dataclass(frozen=True, kw_only=True)
class BuyerAccepted(BuyerEvent):
    """By the buyer who waited: the pieces are promised."""


@dataclass(frozen=True, kw_only=True)
class BuyerExpired(BuyerEvent):
    """The buyer did not answer in time; the pieces go to who is next."""


@dataclass(frozen=True, kw_only=True)
class BuyerDayMoved(BuyerEvent):
    """Its pieces come free on another day, the last of them on ``free_from``."""

    free_from: date


TO_GIVER = (BuyerConfirmed, BuyerWithdrew, BuyerAccepted)
TO_BUYER = (
    BuyerAsked,
    BuyerApproved,
    BuyerDeclined,
    BuyerCancelled,
    BuyerWaiting,
    BuyerOffered,
    BuyerExpired,
    BuyerDayMoved,
)
"""Who is told of what."""
