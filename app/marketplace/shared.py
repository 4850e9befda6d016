"""A listing as another organisation of the network sees it: the piece and the giver's name."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Organisation
from app.items.models import PhotoFile
from app.items.rules import Condition
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.marketplace.models import Listing
from app.marketplace.queries_outside import partner_listings
from app.marketplace.rules import Terms
from app.marketplace.search import Card, cards_of

NO_LISTING = N_("Fant ikke annonsen.")


@dataclass(frozen=True, slots=True)
class SharedCard:
    """All that is shared. No person, unit, place or note of the giver's is among it."""

    listing_id: UUID
    giver_org_id: UUID
    giver: str
    count: int
    name: str
    category_name: str
    condition: Condition
    maker: str | None
    model: str | None
    colour: str | None
    material: str | None
    width_mm: int | None
    depth_mm: int | None
    height_mm: int | None
    terms: Terms
    price_ore: int | None
    currency: str
    text: str | None
    from_date: date
    until_date: date | None
    has_photo: bool


def shared_card(session: Session, actor: Actor, listing_id: UUID, today: date) -> SharedCard:
    """Raises ``NotFound`` for what the network does not show the actor's organisation."""
    giver, card = _seen(session, actor, listing_id, today)
    facts = {name: getattr(card, name) for name in SharedCard.__match_args__ if hasattr(card, name)}
    return SharedCard(
        giver_org_id=giver.id,
        giver=giver.name,
        currency=giver.currency,
        has_photo=card.photo_id is not None,
        **facts,
    )


def shared_photo(
    session: Session, actor: Actor, listing_id: UUID, names: tuple[str, str], today: date
) -> tuple[str, str, str]:
    """Key, media type and hash of the listing's picture; the second size stands in for the first."""
    giver, card = _seen(session, actor, listing_id, today)
    rows = session.execute(
        select(PhotoFile.name, PhotoFile.key, PhotoFile.media_type, PhotoFile.sha256).where(
            PhotoFile.org_id == giver.id,
            PhotoFile.photo_id == card.photo_id,
            PhotoFile.name.in_(names),
        )
    ).all()
    found = {row.name: row for row in rows}
    row = found.get(names[0], found.get(names[1]))
    if row is None:
        raise NotFound(N_("Fant ikke bildet."))
    return row.key, row.media_type, row.sha256


def _seen(
    session: Session, actor: Actor, listing_id: UUID, today: date
) -> tuple[Organisation, Card]:
    """The listing read as one of the giver's would read it, after the network has shown it."""
    seen = partner_listings(actor, today).where(Listing.id == listing_id)
    listing = session.scalar(seen)
    if listing is None:
        raise NotFound(NO_LISTING)
    giver = session.get_one(Organisation, listing.org_id)
    card: Card | None = cards_of(session, replace(actor, org_id=giver.id), [listing_id]).get(
        listing_id
    )
    if card is None:
        raise NotFound(NO_LISTING)
    return giver, card
