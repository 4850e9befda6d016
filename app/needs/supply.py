"""What is new since a link of the chain: pieces put on the market, to be released, or registered.

Nothing is done for it when a piece is registered. Whoever looks reads the events behind the mark,
and then the pieces as they are now.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    Uuid,
    and_,
    case,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from app.accounts.actor import system_actor
from app.accounts.models import Organisation
from app.catalogue.models import Category, ProductModel
from app.items.events import ItemCompleted, ItemFreed, ItemGivenBack, ItemRegistered
from app.items.models import Item
from app.items.rules import PRESENT, Condition, Fate, ItemState
from app.kit.chain import ChainLink
from app.kit.clock import end_of
from app.kit.events import EventRow
from app.marketplace.events import ListingOpened, ListingRelisted, ListingStageReached
from app.marketplace.models import Listing, ListingItem, Reservation
from app.marketplace.queries import free_pieces, is_active
from app.marketplace.queries_outside import held_outside, partner_listings
from app.marketplace.rules import ListingState, Stage
from app.networks.queries import partners_since
from app.projects.events import ItemReleaseEdited, ItemReleasePlanned
from app.projects.models import Release
from app.projects.rules import ReleaseState

MOST_EVENTS = 2_000
"""Links of the chain that one look covers; the rest is the next one's."""
MOST_OLDER = 2_000
"""Listings that a new partner had out before; the rest stands at the ladder's step and in the market."""
AT_ONCE = 500
OPENED = (ListingOpened.kind, ListingRelisted.kind, ListingStageReached.kind)
RETURNED = ItemGivenBack.kind
REGISTERED = (ItemRegistered.kind, ItemCompleted.kind, ItemFreed.kind)
RELEASED = (ItemReleasePlanned.kind, ItemReleaseEdited.kind)
KINDS = (*OPENED, RETURNED, *REGISTERED, *RELEASED)


class News(NamedTuple):
    """What the chain says behind a mark: the new mark, and the subjects of each kind of event."""

    seq: int
    subjects: Mapping[str, set[UUID]]


@dataclass(frozen=True, slots=True)
class Supply:
    """Like pieces that stand together; sizes in mm. ``item_ids`` are in order."""

    item_ids: Sequence[UUID]
    listing_id: UUID | None
    project_id: UUID | None
    name: str
    category_id: str
    group: str
    condition: Condition
    width_mm: int | None
    depth_mm: int | None
    height_mm: int | None
    place_id: UUID
    free_from: date
    giver_org_id: UUID | None = None
    """Of another organisation, which shows it to the network; else one's own."""
    only_unit_id: UUID | None = None
    """Whose own people alone see it yet."""

    @property
    def count(self) -> int:
        return len(self.item_ids)

    @property
    def like(self) -> str | None:
        """Which of a listing's like pieces these are, whichever of them have gone since."""
        if self.listing_id is None:
            return None
        facts = (self.name, self.category_id, self.condition.value)
        sizes = (self.width_mm, self.depth_mm, self.height_mm)
        said = "|".join(map(str, (self.listing_id, *facts, *sizes)))
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def news(session: Session, org_id: UUID, seq: int) -> News:
    """The next links behind ``seq``, at most ``MOST_EVENTS``."""
    last = session.scalars(
        select(ChainLink.seq)
        .where(ChainLink.org_id == org_id, ChainLink.seq > seq)
        .order_by(ChainLink.seq)
        .limit(MOST_EVENTS)
    ).all()
    if not last:
        return News(seq, {})
    found: dict[str, set[UUID]] = defaultdict(set)
    rows = session.execute(
        select(EventRow.kind, EventRow.subject_id)
        .join(ChainLink, and_(ChainLink.org_id == EventRow.org_id, ChainLink.row_id == EventRow.id))
        .where(
            ChainLink.org_id == org_id,
            ChainLink.seq > seq,
            ChainLink.seq <= last[-1],
            ChainLink.table == EventRow.__tablename__,
            EventRow.kind.in_(KINDS),
            # Later stages are for people of other organisations alone.
            or_(
                EventRow.kind != ListingStageReached.kind,
                EventRow.payload["stage"].as_string() == Stage.ORGANISATION.value,
            ),
        )
    )
    for kind, subject_id in rows:
        found[kind].add(subject_id)
    return News(last[-1], found)


def supply(session: Session, org_id: UUID, found: News, today: date) -> list[Supply]:
    """The pieces the news are of, as they are now, like ones together.

    What is on the market counts as that, else what is to be released, else what stands free. Not
    what is promised to somebody, here or outside.
    """
    pieces: dict[UUID, Supply] = {}
    subjects = found.subjects
    free = set().union(*(subjects.get(each, ()) for each in REGISTERED))
    released = set().union(*(subjects.get(each, ()) for each in RELEASED))
    opened = set().union(*(subjects.get(each, ()) for each in OPENED))
    listed = _listed(org_id, today)
    for ids, query in (
        (free, _free(org_id, today)),
        (released, _released(org_id, today)),
        (subjects.get(RETURNED, set()), (Item.id.expression, listed)),
        (opened, (Listing.id.expression, listed)),
    ):
        ordered = sorted(ids)
        for start in range(0, len(ordered), AT_ONCE):
            column, statement = query
            part = statement.where(column.in_(ordered[start : start + AT_ONCE]))
            for row in session.execute(part):
                pieces[row.item_id] = _piece(row)
    return _together(pieces.values())


def shared_supply(
    session: Session, org_id: UUID, since: date, joined_since: datetime | None, today: date
) -> list[Supply]:
    """What partners have shown to the network since a day, like ones of a listing together.

    Of who became a partner since a moment, else since the day began, also what was out before, the
    newest ``MOST_OLDER`` listings: it is new to who could not see it.
    """
    actor = system_actor(session.get_one(Organisation, org_id))
    joined = partners_since(org_id, joined_since or end_of(since - timedelta(days=1)))
    seen = partner_listings(actor, today)
    older = (
        seen.where(Listing.org_id.in_(joined), Listing.stage_since < since)
        .with_only_columns(Listing.id)
        .order_by(Listing.stage_since.desc(), Listing.id)
        .limit(MOST_OLDER)
    )
    is_new = or_(Listing.stage_since >= since, Listing.id.in_(older))
    listings = seen.where(is_new).subquery()
    query = (
        free_pieces(
            ListingItem.org_id.expression,
            *_FACTS,
            ListingItem.listing_id,
            _NO_PROJECT,
            _NO_UNIT,
            listings.c.from_date.label("free_from"),
            ListingItem.org_id.label("giver_org_id"),
        )
        .join(Category, Category.id == Item.category_id)
        .join(
            listings,
            and_(listings.c.org_id == ListingItem.org_id, listings.c.id == ListingItem.listing_id),
        )
        .where(Item.id.not_in(held_outside(Item.org_id)))
    )
    return _together(
        replace(_piece(row), giver_org_id=row.giver_org_id) for row in session.execute(query)
    )


SIDES = ("width_mm", "depth_mm", "height_mm")


def _measured(side: str) -> ColumnElement[int | None]:
    """A piece's measurement: its own, else its product model's, as on the market."""
    of_model = (
        select(getattr(ProductModel, side))
        .where(ProductModel.org_id == Item.org_id, ProductModel.id == Item.product_model_id)
        .correlate(Item)
        .scalar_subquery()
    )
    return func.coalesce(getattr(Item, side), of_model)


_FACTS = (
    Item.id.label("item_id"),
    Item.name,
    Item.category_id,
    Category.group.label("category_group"),
    Item.condition,
    *(_measured(side).label(side) for side in SIDES),
    Item.place_id,
)
_NO_LISTING = type_coerce(null(), Uuid).label("listing_id")
_NO_PROJECT = type_coerce(null(), Uuid).label("project_id")
_NO_UNIT = type_coerce(null(), Uuid).label("only_unit_id")
Asked = tuple[ColumnElement[UUID], Select[*tuple[Any, ...]]]


def _pieces(org_id: UUID, *columns: Any) -> Select[*tuple[Any, ...]]:
    promised = select(Reservation.id).where(
        Reservation.org_id == org_id, Reservation.item_id == Item.id, is_active()
    )
    return (
        select(*_FACTS, *columns)
        .select_from(Item)
        .join(Category, Category.id == Item.category_id)
        .where(Item.org_id == org_id, ~promised.exists(), Item.id.not_in(held_outside(org_id)))
    )


def _free(org_id: UUID, today: date) -> Asked:
    query = _pieces(
        org_id,
        _NO_LISTING,
        _NO_PROJECT,
        _NO_UNIT,
        literal(today, Date).label("free_from"),
    )
    return Item.id.expression, query.where(Item.state == ItemState.AVAILABLE)


def _released(org_id: UUID, today: date) -> Asked:
    query = (
        _pieces(org_id, _NO_LISTING, Release.project_id, _NO_UNIT, Release.free_from)
        .join(Release, and_(Release.org_id == Item.org_id, Release.item_id == Item.id))
        .where(
            Item.state.in_(sorted(PRESENT - {ItemState.LOST})),
            Release.state.in_((ReleaseState.PLANNED, ReleaseState.FREE)),
            Release.fate == Fate.OFFER,
            or_(Release.gone_by.is_(None), Release.gone_by >= today),
        )
    )
    return Item.id.expression, query


def _listed(org_id: UUID, today: date) -> Select[*tuple[Any, ...]]:
    only = case((Listing.stage == Stage.UNIT, Item.owner_unit_id), else_=None)
    return (
        _pieces(
            org_id,
            Listing.id.label("listing_id"),
            _NO_PROJECT,
            only.label("only_unit_id"),
            Listing.from_date.label("free_from"),
        )
        .join(ListingItem, and_(ListingItem.org_id == Item.org_id, ListingItem.item_id == Item.id))
        .join(
            Listing,
            and_(Listing.org_id == ListingItem.org_id, Listing.id == ListingItem.listing_id),
        )
        .where(
            ListingItem.left_at.is_(None),
            Listing.state == ListingState.OPEN,
            or_(Listing.until_date.is_(None), Listing.until_date >= today),
        )
    )


def _piece(row: Any) -> Supply:
    return Supply(
        item_ids=(row.item_id,),
        listing_id=row.listing_id,
        project_id=row.project_id,
        name=row.name,
        category_id=row.category_id,
        group=row.category_group,
        condition=row.condition,
        width_mm=row.width_mm,
        depth_mm=row.depth_mm,
        height_mm=row.height_mm,
        place_id=row.place_id,
        free_from=row.free_from,
        only_unit_id=row.only_unit_id,
    )


def _together(pieces: Iterable[Supply]) -> list[Supply]:
    alike: dict[tuple[Any, ...], list[Supply]] = defaultdict(list)
    for each in pieces:
        alike[
            each.listing_id,
            each.project_id,
            each.name,
            each.category_id,
            each.condition,
            each.width_mm,
            each.depth_mm,
            each.height_mm,
            each.place_id,
            each.free_from,
            each.only_unit_id,
        ].append(each)
    return [
        replace(same[0], item_ids=tuple(sorted(each.item_ids[0] for each in same)))
        for same in alike.values()
    ]
