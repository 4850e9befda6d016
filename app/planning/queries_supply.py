"""What there is for a programme's lines: one statement for each origin, whatever the number of lines.

Like pieces are put together by the database; which of them meet which line is ``rules_match``'s.
"""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    String,
    Uuid,
    and_,
    cast,
    exists,
    func,
    null,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.catalogue.models import ProductModel
from app.items.models import Assessment, Item
from app.items.rules import PRESENT, Fate, ItemState
from app.marketplace.models import Listing, ListingItem, Reservation
from app.marketplace.queries import free_pieces, is_active
from app.marketplace.queries_outside import held_outside, partner_listings
from app.marketplace.rules import ListingState
from app.planning.queries_lines import asked_of
from app.planning.rules_match import SIDES, Origin, Pile, finder
from app.projects.models import ProgrammeLine, Release
from app.projects.models_allocation import PlanAllocation
from app.projects.queries_release import is_live
from app.projects.rules import ReleaseState

HERE = sorted(PRESENT - {ItemState.LOST, ItemState.DRAFT, ItemState.IN_TRANSIT})


def _size(side: str) -> ColumnElement[int | None]:
    """A piece's measurement: its own, else its product model's, as on the market."""
    return func.coalesce(getattr(Item, f"{side}_mm"), getattr(ProductModel, f"{side}_mm"))


SUITABILITY: ColumnElement[Any] = Assessment.suitability.expression
_LIKE: dict[str, Any] = {
    "category_id": Item.category_id,
    "condition": Item.condition,
    **{f"{side}_mm": _size(side) for side in SIDES},
    "suitability": SUITABILITY,
    "place_id": Item.place_id,
    "name": Item.name,
}
"""What like pieces have in common, by its name in a pile."""
_ONE = func.min(cast(Item.id, String)).label("item_id")
"""Of like pieces one, always the same. PostgreSQL has no least of ids before version 18."""
_NO_ID = type_coerce(null(), Uuid)
_FEW = ("place_id", "listing_id", "project_id")
"""Ids that many piles share: read as they are kept, and made once each."""


def _described(query: Select[Any]) -> Select[Any]:
    """With the product model and the newest assessment, which not every piece has."""
    return query.outerjoin(
        ProductModel,
        and_(ProductModel.org_id == Item.org_id, ProductModel.id == Item.product_model_id),
    ).outerjoin(
        Assessment,
        and_(
            Assessment.org_id == Item.org_id,
            Assessment.item_id == Item.id,
            Assessment.is_newest,
        ),
    )


def _nobodys(org_id: UUID) -> list[ColumnElement[bool]]:
    """Not on the market, promised to somebody here or outside, or set aside for another line."""
    listed = (
        select(ListingItem.item_id)
        .join(
            Listing,
            and_(Listing.org_id == ListingItem.org_id, Listing.id == ListingItem.listing_id),
        )
        .where(
            ListingItem.org_id == org_id,
            ListingItem.left_at.is_(None),
            Listing.state == ListingState.OPEN,
        )
    )
    promised = select(Reservation.item_id).where(
        Reservation.org_id == org_id, Reservation.item_id.is_not(None), is_active()
    )
    planned = select(PlanAllocation.item_id).where(
        PlanAllocation.org_id == org_id, PlanAllocation.ended_at.is_(None)
    )
    return [Item.id.not_in(each) for each in (listed, promised, held_outside(org_id), planned)]


def free_inventory(org_id: UUID, *columns: Any) -> Select[*tuple[Any, ...]]:
    """Pieces in nobody's use that no project releases."""
    released = exists().where(Release.org_id == Item.org_id, Release.item_id == Item.id, is_live())
    query = _described(select(*columns).select_from(Item))
    return query.where(
        Item.org_id == org_id, Item.state == ItemState.AVAILABLE, ~released, *_nobodys(org_id)
    )


def free_releases(
    org_id: UUID, project_id: UUID, today: date, *columns: Any
) -> Select[*tuple[Any, ...]]:
    """Pieces that projects will offer, and those that the project itself moves along."""
    query = select(*columns).select_from(Release)
    query = query.join(Item, and_(Item.org_id == Release.org_id, Item.id == Release.item_id))
    return _described(query).where(
        Release.org_id == org_id,
        Release.state.in_((ReleaseState.PLANNED, ReleaseState.FREE)),
        or_(
            Release.fate == Fate.OFFER,
            and_(Release.fate == Fate.MOVE_ALONG, Release.project_id == project_id),
        ),
        or_(Release.gone_by.is_(None), Release.gone_by >= today),
        Item.state.in_(HERE),
        *_nobodys(org_id),
    )


def piles(
    session: Session, actor: Actor, project_id: UUID, categories: Collection[str], today: date
) -> list[Pile]:
    """Everything that lines of these categories could get; four statements."""
    wanted = Item.category_id.in_(sorted(categories))
    grouped = list(_LIKE.values())
    nothing = {
        "free_from": type_coerce(null(), Date),
        "listing_id": _NO_ID,
        "project_id": _NO_ID,
        "fate": type_coerce(null(), String),
    }

    def columns(**own: Any) -> list[Any]:
        values = {**_LIKE, "pieces": func.count(), **nothing, **own}
        return [
            (type_coerce(value, String) if name in _FEW else value).label(name)
            for name, value in values.items()
        ]

    inventory = free_inventory(actor.org_id, *columns(), _ONE).where(wanted).group_by(*grouped)
    released = (
        free_releases(
            actor.org_id,
            project_id,
            today,
            *columns(free_from=Release.free_from, project_id=Release.project_id, fate=Release.fate),
            _ONE,
        )
        .where(wanted)
        .group_by(*grouped, Release.free_from, Release.project_id, Release.fate)
    )
    market = (
        _described(
            free_pieces(
                actor.org_id,
                *columns(free_from=Listing.from_date, listing_id=Listing.id),
                _ONE,
            ).join(
                Listing,
                and_(Listing.org_id == ListingItem.org_id, Listing.id == ListingItem.listing_id),
            )
        )
        .where(
            wanted,
            Listing.state == ListingState.OPEN,
            or_(Listing.until_date.is_(None), Listing.until_date >= today),
            Item.id.not_in(held_outside(actor.org_id)),
        )
        .group_by(*grouped, Listing.from_date, Listing.id)
    )
    found: list[Pile] = []
    ids: dict[Any, UUID] = {}
    for origin, query in (
        (Origin.INVENTORY, inventory),
        (Origin.RELEASE, released),
        (Origin.MARKET, market),
    ):
        found += [_pile(origin, row, ids) for row in session.execute(query)]
    return found + _shared(session, actor, wanted, today)


def surplus(
    session: Session, actor: Actor, project_id: UUID, categories: Collection[str]
) -> list[Pile]:
    """What the project itself will redesign or take apart for its parts; one statement."""
    like = [column.label(name) for name, column in _LIKE.items()]
    grouped = [*_LIKE.values(), Release.free_from, Release.fate]
    query = select(
        *like,
        func.count().label("pieces"),
        Release.free_from.label("free_from"),
        Release.fate.label("fate"),
        _ONE,
    ).select_from(Release)
    query = query.join(Item, and_(Item.org_id == Release.org_id, Item.id == Release.item_id))
    rows = session.execute(
        _described(query)
        .where(
            Release.org_id == actor.org_id,
            Release.project_id == project_id,
            Release.state.in_((ReleaseState.PLANNED, ReleaseState.FREE)),
            Release.fate.in_((Fate.REDESIGN, Fate.PARTS)),
            Item.state.in_((ItemState.IN_USE, ItemState.AVAILABLE)),
            Item.category_id.in_(sorted(categories)),
            *_nobodys(actor.org_id),
        )
        .group_by(*grouped)
    )
    return [
        _of_one(Origin.RELEASE, row, UUID(str(row.item_id)), row.free_from, project_id)._replace(
            pieces=row.pieces,
            is_to_mend=row.fate is Fate.REDESIGN,
            is_donor=row.fate is Fate.PARTS,
        )
        for row in rows
    ]


def _shared(session: Session, actor: Actor, wanted: ColumnElement[bool], today: date) -> list[Pile]:
    """What partners have out. Of it the name, kind, size, condition and day are shared, no place."""
    open_to_us = partner_listings(actor, today).with_only_columns(
        Listing.org_id, Listing.id, Listing.from_date
    )
    offered = open_to_us.subquery()
    like = [
        (_NO_ID if name == "place_id" else column).label(name) for name, column in _LIKE.items()
    ]
    query = _described(
        free_pieces(
            ListingItem.org_id.expression,
            *like,
            func.count().label("pieces"),
            offered.c.from_date.label("free_from"),
            offered.c.id.label("listing_id"),
            _NO_ID.label("project_id"),
            type_coerce(null(), String).label("fate"),
            type_coerce(null(), String).label("item_id"),
        ).join(
            offered,
            and_(offered.c.org_id == ListingItem.org_id, offered.c.id == ListingItem.listing_id),
        )
    ).where(wanted)
    grouped = [column for name, column in _LIKE.items() if name != "place_id"]
    rows = session.execute(query.group_by(*grouped, offered.c.from_date, offered.c.id))
    return [_pile(Origin.NETWORK, row, {}) for row in rows]


def _pile(origin: Origin, row: Any, ids: dict[Any, UUID]) -> Pile:
    """``ids`` are those that were met before, as the database has them."""

    def known(kept: Any) -> UUID | None:
        if kept is None:
            return None
        if kept not in ids:
            ids[kept] = kept if isinstance(kept, UUID) else UUID(kept)
        return ids[kept]

    # By position: a large programme has tens of thousands of them.
    (
        category_id, condition, width_mm, depth_mm, height_mm, suitability, place_id, name,
        pieces, free_from, listing_id, project_id, fate, item_id,
    ) = row  # fmt: skip
    return Pile(
        origin,
        category_id,
        condition,
        width_mm,
        depth_mm,
        height_mm,
        suitability,
        free_from,
        known(place_id),
        name,
        UUID(item_id) if item_id else None,
        known(listing_id),
        known(project_id),
        pieces,
        fate == Fate.MOVE_ALONG,
    )


def like(pile: Pile) -> list[ColumnElement[bool]]:
    """The pieces of a pile of ours, as conditions on the statement that found it."""
    return [
        column.is_(None) if getattr(pile, name) is None else column == getattr(pile, name)
        for name, column in _LIKE.items()
    ]


def pile_of(
    session: Session, org_id: UUID, project_id: UUID, item_id: UUID, today: date
) -> Pile | None:
    """What a piece of ours that is to be had is like; of the pile it counts only itself."""
    columns = [column.label(name) for name, column in _LIKE.items()]
    mine = Item.id == item_id
    inventory = session.execute(free_inventory(org_id, *columns).where(mine)).first()
    if inventory is not None:
        return _of_one(Origin.INVENTORY, inventory, item_id, None, None)
    columns += [Release.free_from, Release.project_id, Release.fate]
    released = free_releases(org_id, project_id, today, *columns).where(mine)
    row = session.execute(released).first()
    if row is None:
        return None
    found = _of_one(Origin.RELEASE, row, item_id, row.free_from, row.project_id)
    return found._replace(is_moving_along=row.fate is Fate.MOVE_ALONG)


def _of_one(
    origin: Origin, row: Any, item_id: UUID, free_from: date | None, project_id: UUID | None
) -> Pile:
    facts = {name: getattr(row, name) for name in _LIKE}
    return Pile(
        origin=origin,
        item_id=item_id,
        free_from=free_from,
        project_id=project_id,
        listing_id=None,
        pieces=1,
        **facts,
    )


def likeness(session: Session, org_id: UUID, item_ids: Collection[UUID]) -> dict[UUID, Pile]:
    """What each of the pieces is like, wherever it stands; its day is for the caller to say."""
    columns = [column.label(name) for name, column in _LIKE.items()]
    rows = session.execute(
        _described(select(Item.id.label("own_id"), *columns).select_from(Item)).where(
            Item.org_id == org_id, Item.id.in_(item_ids)
        )
    )
    return {row.own_id: _of_one(Origin.RELEASE, row, row.own_id, None, None) for row in rows}


def same_pile(
    org_id: UUID, project_id: UUID, pile: Pile, today: date, column: ColumnElement[UUID]
) -> Select[UUID]:
    """The pieces of a pile of ours that are to be had, in the order of their ids."""
    query: Select[Any]
    if pile.project_id is None:
        query = free_inventory(org_id, column)
    else:
        query = free_releases(org_id, project_id, today, column).where(
            Release.project_id == pile.project_id,
            Release.free_from == pile.free_from,
            Release.fate == Fate.MOVE_ALONG
            if pile.is_moving_along
            else Release.fate != Fate.MOVE_ALONG,
        )
    return query.where(*like(pile)).order_by(Item.id)


def fitting(
    session: Session, actor: Actor, project_id: UUID, row: ProgrammeLine, today: date
) -> list[Pile]:
    """What meets one line, in the order it would be taken."""
    found = piles(session, actor, project_id, {row.category_id}, today)
    return list(finder(found, today)(asked_of(row)))
