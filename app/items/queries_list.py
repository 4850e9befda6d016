"""The inventory as a list: filtered, in pages, with a constant number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, aliased

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.catalogue.models import Category
from app.items import queries, search
from app.items.models import Item
from app.items.queries_piece import category_column
from app.items.rules import PRESENT, Condition, ItemState
from app.kit.paging import Key, Page, keyset
from app.places.models import Place

NEWEST_FIRST: Key = ((Item.__table__.c.created_at, True), (Item.__table__.c.id, True))


@dataclass(frozen=True)
class Wanted:
    """Filters of the inventory; empty ones filter nothing, but what has left is not shown."""

    words: str = ""
    category_id: str | None = None
    place_id: UUID | None = None
    condition: Condition | None = None
    state: ItemState | None = None
    lot_id: UUID | None = None

    @property
    def count(self) -> int:
        chosen = (self.category_id, self.place_id, self.condition, self.state, self.lot_id)
        return sum(each is not None for each in chosen)


@dataclass(frozen=True)
class Listed:
    """One row of the list: the piece's columns with names, its photo and its code."""

    item: Any
    photo_id: UUID | None
    code: str | None


def below(actor: Actor, root: UUID) -> Select[UUID]:
    """A place and everything inside it."""
    tree = (
        select(Place.id)
        .where(Place.org_id == actor.org_id, Place.id == root)
        .cte("tree", recursive=True)
    )
    child = aliased(Place)
    inside = select(child.id).where(child.org_id == actor.org_id, child.parent_id == tree.c.id)
    return select(tree.union_all(inside).c.id)


def narrowed(session: Session, actor: Actor, wanted: Wanted) -> list[ColumnElement[bool]]:
    """Conditions on pieces, for any query over them."""
    states = PRESENT if wanted.state is None else {wanted.state}
    found: list[ColumnElement[bool]] = [Item.state.in_(sorted(states))]
    if wanted.words.strip():
        found.append(search.matching(session, wanted.words, org_id=actor.org_id))
    if wanted.category_id is not None:
        found.append(Item.category_id == wanted.category_id)
    if wanted.place_id is not None:
        found.append(Item.place_id.in_(below(actor, wanted.place_id)))
    if wanted.condition is not None:
        found.append(Item.condition == wanted.condition)
    if wanted.lot_id is not None:
        found.append(Item.lot_id == wanted.lot_id)
    return found


def _shown() -> list[Any]:
    return [
        Item.id,
        Item.name,
        Item.state,
        Item.condition,
        Item.width_mm,
        Item.depth_mm,
        Item.height_mm,
        Item.lot_id,
        Item.product_model_id,
        Item.created_at,
        category_column().label("category_name"),
        Place.label.label("place_label"),
        Unit.name.label("holder_name"),
    ]


def inventory(
    session: Session, actor: Actor, wanted: Wanted, *, cursor: str | None, limit: int
) -> Page[Listed]:
    """The newest pieces first."""
    query = (
        queries.items_visible_to(actor)
        .with_only_columns(*_shown())
        .join(Category, Category.id == Item.category_id)
        .join(Place, (Place.org_id == Item.org_id) & (Place.id == Item.place_id))
        .join(Unit, (Unit.org_id == Item.org_id) & (Unit.id == Item.holder_unit_id))
    )
    found = keyset(
        session,
        query.where(*narrowed(session, actor, wanted)),
        NEWEST_FIRST,
        cursor=cursor,
        limit=limit,
        rows=list,
        position=lambda row: (row.created_at, row.id),
    )
    return Page(listed(session, actor, found.rows), found.next)


def listed(session: Session, actor: Actor, rows: Sequence[Any]) -> list[Listed]:
    """Rows of pieces with their photos and codes: two queries, however many rows."""
    photos = queries.main_photo_ids(session, actor, rows)
    codes = queries.codes_of(session, actor, [row.id for row in rows])
    return [Listed(row, photos.get(row.id), codes.get(row.id)) for row in rows]
