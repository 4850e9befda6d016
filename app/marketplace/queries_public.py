"""What strangers see: the one way out of the organisation, and what they have asked for."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, literal_column, or_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Organisation
from app.accounts.rules import Permission
from app.catalogue.models import Category
from app.catalogue.queries import category_name
from app.items.models import Item, Photo, PhotoFile
from app.items.rules import Condition
from app.kit.paging import Page, keyset
from app.marketplace.models import Listing, ListingItem
from app.marketplace.models_outside import OutsidePiece
from app.marketplace.models_public import BuyerAsk, PublicMarket, PublicTerms
from app.marketplace.rules import ListingState, Stage, Terms
from app.marketplace.rules_public import SEEN, BuyerState
from app.marketplace.rules_stages import ORDER
from app.marketplace.search_rows import ROWS
from app.projects.models import Release
from app.projects.queries_release import is_live

PUBLIC_REACH = ORDER.index(Stage.PUBLIC)
TERMS: ColumnElement[Terms] = func.coalesce(PublicTerms.terms, Listing.terms)
PRICE: ColumnElement[int | None] = case(
    (PublicTerms.terms.is_not(None), PublicTerms.price_ore), else_=Listing.price_ore
)


@dataclass(frozen=True, slots=True)
class PublicCard:
    """All that a stranger is shown of a listing.

    No name, place, unit, person or text is among it: they were written for those inside.
    """

    number: int
    listing_id: UUID
    org_id: UUID
    slug: str
    giver: str
    is_indexed: bool
    currency: str
    area: str
    pick_up: str | None
    count: int
    category_id: str
    condition: Condition
    width_mm: int | None
    depth_mm: int | None
    height_mm: int | None
    terms: Terms
    price_ore: int | None
    offers_until: date | None
    from_date: date
    until_date: date | None
    photo_id: UUID | None = None


_COLUMNS: tuple[ColumnElement[Any], ...] = (
    ROWS.c.id.label("number"),
    ROWS.c.listing_id,
    ROWS.c.org_id,
    PublicMarket.slug.expression,
    Organisation.name.label("giver"),
    PublicMarket.is_indexed.expression,
    Organisation.currency.expression,
    PublicMarket.area.expression,
    PublicMarket.pick_up.expression,
    ROWS.c.pieces.label("count"),
    ROWS.c.category_id,
    ROWS.c.condition,
    ROWS.c.width_mm,
    ROWS.c.depth_mm,
    ROWS.c.height_mm,
    TERMS.label("terms"),
    PRICE.label("price_ore"),
    PublicTerms.offers_until.expression,
    Listing.from_date.expression,
    Listing.until_date.expression,
)
_PIECE = (ROWS.c.item_id, Item.lot_id, Item.product_model_id)


def is_public(today: date) -> tuple[ColumnElement[bool], ...]:
    """The conditions on a listing, and on its organisation, for anybody to see it."""
    return (
        PublicMarket.is_open.expression,
        Listing.stage == Stage.PUBLIC,
        Listing.state == ListingState.OPEN,
        or_(Listing.until_date.is_(None), Listing.until_date >= today),
    )


def _shown(today: date, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(ROWS)
        .join(Listing, and_(Listing.org_id == ROWS.c.org_id, Listing.id == ROWS.c.listing_id))
        .join(PublicMarket, PublicMarket.org_id == ROWS.c.org_id)
        .join(Organisation, Organisation.id == ROWS.c.org_id)
        .join(Item, and_(Item.org_id == ROWS.c.org_id, Item.id == ROWS.c.item_id))
        .outerjoin(
            PublicTerms,
            and_(PublicTerms.org_id == Listing.org_id, PublicTerms.listing_id == Listing.id),
        )
        .where(*is_public(today))
    )


def shown_now(today: date, slug: str | None, category_id: str | None, *columns: Any) -> Select[Any]:
    """What anybody may have now, of one organisation or of them all."""
    # Literals, so that the partial indexes are used.
    free: ColumnElement[int] = literal_column("0")
    public: ColumnElement[int] = literal_column(str(PUBLIC_REACH))
    query = _shown(today, *columns).where(ROWS.c.pieces > free, ROWS.c.reach == public)
    if slug is not None:
        query = query.where(PublicMarket.slug == slug)
    if category_id is not None:
        query = query.where(ROWS.c.category_id == category_id)
    return query


def public_page(
    session: Session,
    today: date,
    *,
    slug: str | None,
    category_id: str | None,
    cursor: str | None,
    limit: int,
) -> Page[PublicCard]:
    """What is free for anybody now, the newest first: of one organisation or of them all."""
    found = keyset(
        session,
        shown_now(today, slug, category_id, *_COLUMNS, *_PIECE),
        [(ROWS.c.id, True)],
        cursor=cursor,
        limit=limit,
        rows=lambda result: result.all(),
        position=lambda row: (row.number,),
    )
    return Page(_cards(session, found.rows), found.next)


def public_categories(session: Session, today: date, slug: str | None) -> dict[str, int]:
    """How many listings there are of each category."""
    query = shown_now(today, slug, None, ROWS.c.category_id, func.count())
    return {row[0]: row[1] for row in session.execute(query.group_by(ROWS.c.category_id))}


def public_card(
    session: Session, today: date, listing_id: UUID, slug: str | None = None
) -> PublicCard | None:
    """One of them, also while all its pieces are promised; ``None`` for what nobody may see."""
    query = _shown(today, *_COLUMNS, *_PIECE).where(ROWS.c.listing_id == listing_id)
    if slug is not None:
        query = query.where(PublicMarket.slug == slug)
    return next(iter(_cards(session, session.execute(query).all())), None)


def _cards(session: Session, rows: Collection[Any]) -> list[PublicCard]:
    photos = _main_photos(session, rows)
    fields = [name for name in PublicCard.__match_args__ if name != "photo_id"]
    return [
        PublicCard(
            **{name: getattr(row, name) for name in fields}, photo_id=photos.get(row.item_id)
        )
        for row in rows
    ]


def _main_photos(session: Session, rows: Collection[Any]) -> dict[UUID, UUID]:
    """Each piece's first photo: its own, else its lot's, else its model's. For several givers."""
    own = {row.org_id for row in rows}
    wanted = {each for row in rows for each in _subjects(row) if each is not None}
    if not wanted:
        return {}
    subject = func.coalesce(Photo.item_id, Photo.lot_id, Photo.product_model_id)
    first: dict[UUID, UUID] = {}
    for key, photo_id in session.execute(
        select(subject, Photo.id)
        .where(Photo.org_id.in_(own), Photo.removed_at.is_(None))
        .where(
            or_(
                Photo.item_id.in_(wanted),
                Photo.lot_id.in_(wanted),
                Photo.product_model_id.in_(wanted),
            )
        )
        .order_by(Photo.position, Photo.created_at, Photo.id)
    ):
        first.setdefault(key, photo_id)
    return {
        row.item_id: next(first[each] for each in _subjects(row) if each in first)
        for row in rows
        if any(each in first for each in _subjects(row))
    }


def _subjects(row: Any) -> tuple[UUID, UUID, UUID | None]:
    return row.item_id, row.lot_id, row.product_model_id


def public_photo(session: Session, card: PublicCard, names: tuple[str, str]) -> Any:
    """Key, media type and hash of the listing's picture; the second size stands in for the first."""
    rows = session.execute(
        select(PhotoFile.name, PhotoFile.key, PhotoFile.media_type, PhotoFile.sha256).where(
            PhotoFile.org_id == card.org_id,
            PhotoFile.photo_id == card.photo_id,
            PhotoFile.name.in_(names),
        )
    ).all()
    by_name = {row.name: row for row in rows}
    return by_name.get(names[0], by_name.get(names[1]))


def market_of(org_id: UUID) -> Select[PublicMarket]:
    return select(PublicMarket).where(PublicMarket.org_id == org_id)


def terms_of(org_id: UUID, listing_id: UUID) -> Select[PublicTerms]:
    """What the listing costs outside, where that is not what it costs inside."""
    return select(PublicTerms).where(
        PublicTerms.org_id == org_id, PublicTerms.listing_id == listing_id
    )


def is_open_to_all(session: Session, org_id: UUID) -> bool:
    """Whether the organisation has switched its public page on."""
    return session.scalar(market_of(org_id).where(PublicMarket.is_open)) is not None


def open_markets() -> Select[PublicMarket, str]:
    """The organisations with a public page, by name."""
    return (
        select(PublicMarket, Organisation.name)
        .join(Organisation, Organisation.id == PublicMarket.org_id)
        .where(PublicMarket.is_open)
        .order_by(Organisation.name, PublicMarket.slug)
    )


def asks_visible_to(actor: Actor) -> Select[BuyerAsk]:
    """What buyers have confirmed, of the units whose requests the actor answers."""
    query = select(BuyerAsk).where(BuyerAsk.org_id == actor.org_id, BuyerAsk.state.in_(SEEN))
    units = actor.permissions.get(Permission.RESERVATION_APPROVE, frozenset())
    if units is None:
        return query
    own = (
        select(ListingItem.listing_id)
        .join(Item, and_(Item.org_id == ListingItem.org_id, Item.id == ListingItem.item_id))
        .where(ListingItem.org_id == actor.org_id, Item.owner_unit_id.in_(units))
    )
    return query.where(BuyerAsk.listing_id.in_(own))


def waiting_asks(org_id: Any, listing_id: Any) -> ColumnElement[bool]:
    """Whether a buyer waits for an answer about the listing."""
    return (
        select(BuyerAsk.id)
        .where(BuyerAsk.org_id == org_id, BuyerAsk.listing_id == listing_id)
        .where(BuyerAsk.state == BuyerState.REQUESTED)
        .exists()
    )


def kind_of(session: Session, ask: BuyerAsk) -> str:
    """What kind of pieces a buyer asked for: all that a stranger is told of their names."""
    found = session.scalars(
        select(Category)
        .join(Item, Item.category_id == Category.id)
        .join(ListingItem, (ListingItem.org_id == Item.org_id) & (ListingItem.item_id == Item.id))
        .where(ListingItem.org_id == ask.org_id, ListingItem.listing_id == ask.listing_id)
        .limit(1)
    )
    return category_name(found.one())


def free_day_of(session: Session, ask: BuyerAsk) -> date:
    """When the last of the pieces held for a buyer comes free; of none, the listing's first day."""
    held = (OutsidePiece.org_id == Release.org_id) & (OutsidePiece.item_id == Release.item_id)
    last = session.scalar(
        select(func.max(Release.free_from))
        .join(OutsidePiece, held)
        .where(Release.org_id == ask.org_id, is_live())
        .where(OutsidePiece.buyer_ask_id == ask.id, OutsidePiece.given_up_at.is_(None))
    )
    if last is not None:
        return last
    listing = (Listing.org_id == ask.org_id) & (Listing.id == ask.listing_id)
    return session.scalars(select(Listing.from_date).where(listing)).one()
