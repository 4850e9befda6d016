"""The market's search rows: one a listing, written anew by whatever changes what is left of it.

Pieces of a listing are alike, so the row holds what one of them is filtered by and the words of
them all. How many are left is never counted up or down: it is asked of ``free_pieces`` each time,
in the transaction of the change, so it can not drift from what approving goes by.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    Row,
    String,
    Uuid,
    and_,
    bindparam,
    column,
    func,
    insert,
    select,
    table,
    update,
)
from sqlalchemy.orm import Session

from app.catalogue.models import ProductModel
from app.items.events import ItemMerged
from app.items.found_by import words_by_piece
from app.items.models import Item
from app.items.rules import Condition
from app.items.search import write_words
from app.kit.columns import EnumText
from app.kit.events import Event, subjects
from app.marketplace.events import RequestLineApproved
from app.marketplace.models import Listing, ListingItem, RequestLine
from app.marketplace.queries import free_pieces
from app.marketplace.rules import ListingState, Stage, Terms
from app.marketplace.rules_stages import ORDER
from app.marketplace.search_alike import alike
from app.marketplace.traits import packed

AT_ONCE = 200
ROWS = table(
    "listing_search_row",
    column("id", Integer()),
    column("org_id", Uuid()),
    column("listing_id", Uuid()),
    column("item_id", Uuid()),
    column("place_id", Uuid()),
    column("category_id", String()),
    column("condition", EnumText(Condition)),
    column("width_mm", Integer()),
    column("depth_mm", Integer()),
    column("height_mm", Integer()),
    column("until_date", Date()),
    column("pieces", Integer()),
    column("reach", Integer()),  # how far its stage has come, as its place among them
    column("from_date", Date()),
    column("price_ore", BigInteger()),  # 0 when it is given away, nothing when offers are made
    column("traits", Integer()),  # as ``traits.packed``
    column("alike", BigInteger()),  # as ``search_alike.alike``
    column("unit_only", Uuid()),  # the unit whose people alone see it yet, by its stage
    column("words"),  # on PostgreSQL only: SQLite keeps them in a full-text table beside it
)
TEXTS = table("listing_search", column("rowid", Integer()), column("words"))
SIDES = ("width_mm", "depth_mm", "height_mm")


def measured(side: str) -> ColumnElement[int | None]:
    """A piece's measurement: its own, else its product model's."""
    of_model = (
        select(getattr(ProductModel, side))
        .where(ProductModel.org_id == Item.org_id, ProductModel.id == Item.product_model_id)
        .correlate(Item)
        .scalar_subquery()
    )
    return func.coalesce(getattr(Item, side), of_model)


_FACTS = (
    "place_id",
    "category_id",
    "condition",
    "width_mm",
    "depth_mm",
    "height_mm",
    "from_date",
    "until_date",
)
_PIECE = (
    Item.id,
    Item.product_model_id,
    Item.name,
    Item.maker,
    Item.model,
    Item.colour,
    Item.material,
    Item.place_id,
    Item.category_id,
    Item.condition,
    Item.owner_unit_id,
    *(measured(side).label(side) for side in SIDES),
)
_OFFER = (
    Listing.from_date,
    Listing.until_date,
    Listing.stage,
    Listing.terms,
    Listing.price_ore,
)
_CHANGE = update(ROWS).where(ROWS.c.listing_id == bindparam("of_listing"))


def refresh(session: Session, org_id: UUID, listing_ids: Iterable[UUID]) -> None:
    """Writes the listings' search rows as things are now; one with nothing left is not found."""
    wanted = sorted(set(listing_ids))
    if not wanted:
        return
    session.flush()
    for start in range(0, len(wanted), AT_ONCE):
        _refresh(session, org_id, wanted[start : start + AT_ONCE])


def on_listing(session: Session, events: Sequence[Event]) -> None:
    """A listing was opened, changed, shown to more, withdrawn or ended."""
    for org_id, ids in subjects(events).items():
        refresh(session, org_id, ids)


def on_line(session: Session, events: Sequence[Event]) -> None:
    """Pieces were promised to somebody. Who only waits from now on takes nothing away."""
    taking = [each for each in events if not _only_waits(each)]
    for org_id, ids in subjects(taking).items():
        _refresh_lines(session, org_id, RequestLine.id.in_(ids))


def _only_waits(event: Event) -> bool:
    return isinstance(event, RequestLineApproved) and not event.approved


def on_request(session: Session, events: Sequence[Event]) -> None:
    """Pieces that were promised are free again."""
    for org_id, ids in subjects(events).items():
        _refresh_lines(session, org_id, RequestLine.request_id.in_(ids))


def on_piece(session: Session, events: Sequence[Event]) -> None:
    """A piece that may be on offer was changed, moved, or is gone."""
    into = [each.into_id for each in events if isinstance(each, ItemMerged)]
    for org_id, item_ids in subjects(events).items():
        ids = item_ids + into
        for start in range(0, len(ids), AT_ONCE):
            offered = select(ListingItem.listing_id).where(
                ListingItem.org_id == org_id,
                ListingItem.left_at.is_(None),
                ListingItem.item_id.in_(ids[start : start + AT_ONCE]),
            )
            refresh(session, org_id, session.scalars(offered).all())


def on_model(session: Session, events: Sequence[Event]) -> None:
    """A product model got other words or measurements, which are those of pieces without own."""
    for org_id, ids in subjects(events).items():
        offered = (
            select(ListingItem.listing_id)
            .join(Item, and_(Item.org_id == ListingItem.org_id, Item.id == ListingItem.item_id))
            .where(ListingItem.org_id == org_id, ListingItem.left_at.is_(None))
            .where(Item.product_model_id.in_(ids))
        )
        refresh(session, org_id, session.scalars(offered).all())


def _refresh_lines(session: Session, org_id: UUID, lines: Any) -> None:
    """The line belongs to the receiver, its listing to the giver."""
    query = select(RequestLine.giver_org_id, RequestLine.listing_id)
    by_giver: dict[UUID, list[UUID]] = defaultdict(list)
    for giver_org_id, listing_id in session.execute(
        query.where(RequestLine.org_id == org_id, lines)
    ):
        by_giver[giver_org_id].append(listing_id)
    for giver_org_id, ids in by_giver.items():
        refresh(session, giver_org_id, ids)


def _refresh(session: Session, org_id: UUID, listing_ids: Sequence[UUID]) -> None:
    # Who changes the same listing meanwhile waits here, and then counts what we left.
    locked = select(ROWS.c.listing_id, ROWS.c.id).where(ROWS.c.listing_id.in_(listing_ids))
    known: dict[UUID, int] = {
        row[0]: row[1] for row in session.execute(locked.order_by(ROWS.c.id).with_for_update())
    }
    pieces = _pieces(session, org_id, listing_ids)
    words = _words(session, pieces)
    today: date = session.info["clock"].now().date()
    new: list[dict[str, Any]] = []
    old: list[dict[str, Any]] = []
    for listing_id in listing_ids:
        some = pieces.get(listing_id)
        if some:
            first = some[0]
            facts = {name: getattr(first, name) for name in _FACTS}
            facts |= {"item_id": first.id, "pieces": len(some), "unit_only": _alone(first)}
            facts["reach"] = ORDER.index(first.stage)
            facts["price_ore"] = 0 if first.terms is Terms.FREE else first.price_ore
            facts["traits"] = packed(first.colour, first.material, first.terms, first.stage)
            facts["alike"] = alike(
                org_id,
                first.category_id,
                first.place_id,
                first.condition,
                facts["traits"],
                first.from_date,
                today,
            )
            if listing_id in known:
                old.append({"of_listing": listing_id, **facts})
            else:
                new.append({"org_id": org_id, "listing_id": listing_id, **facts})
    gone = [each for each in known if each not in pieces]
    if gone:
        session.execute(update(ROWS).where(ROWS.c.listing_id.in_(gone)).values(pieces=0))
    if old:
        session.connection().execute(_CHANGE.values(_named(old[0])), old)
    if new:
        session.connection().execute(insert(ROWS), new)
        known |= {row[0]: row[1] for row in session.execute(locked)}
    by_number = {known[listing_id]: some for listing_id, some in words.items()}
    write_words(session, TEXTS.name, org_id, list(known.values()), by_number)


def _alone(row: Row[Any]) -> UUID | None:
    unit_id: UUID | None = row.owner_unit_id if row.stage is Stage.UNIT else None
    return unit_id


def _named(row: dict[str, Any]) -> dict[str, Any]:
    return {name: bindparam(name) for name in row if name != "of_listing"}


def _pieces(
    session: Session, org_id: UUID, listing_ids: Sequence[UUID]
) -> dict[UUID, list[Row[Any]]]:
    """What is left of each open listing."""
    query = (
        free_pieces(org_id, ListingItem.listing_id, *_OFFER, *_PIECE)
        .join(
            Listing,
            and_(Listing.org_id == ListingItem.org_id, Listing.id == ListingItem.listing_id),
        )
        .where(ListingItem.listing_id.in_(listing_ids), Listing.state == ListingState.OPEN)
        .order_by(ListingItem.item_id)
    )
    found: dict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in session.execute(query):
        found[row.listing_id].append(row)
    return dict(found)


def _words(session: Session, pieces: dict[UUID, list[Row[Any]]]) -> dict[UUID, list[str]]:
    by_piece = words_by_piece(session, [each for some in pieces.values() for each in some])
    return {
        listing_id: list(dict.fromkeys(word for each in some for word in by_piece[each.id]))
        for listing_id, some in pieces.items()
    }
