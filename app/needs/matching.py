"""What there is to choose from at a step of the ladder: offers, and what projects will release."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, cast, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.accounts.queries import units_below
from app.items.models import Item
from app.items.queries_assessed import is_suitable
from app.items.rules import PRESENT, Condition, Fate, ItemState
from app.marketplace.commands import MarketSearch
from app.marketplace.models import Listing, ListingItem, RequestLine, Reservation
from app.marketplace.queries import is_active
from app.marketplace.queries_outside import held_outside, partner_listings
from app.marketplace.rules import OPEN_RESERVATIONS, ListingState
from app.marketplace.search import Card, Tile, search_market
from app.needs.models import LadderStep, Need, NeedLine
from app.needs.queries_outside import asked_outside
from app.needs.rules import FOUND, Step
from app.places.models import Place
from app.projects.models import Project, Release
from app.projects.rules import ReleaseState

MOST_MATCHES = 200
"""Listings, and groups of planned releases, that one step shows."""
MOST_SEARCHED = 20
"""Pages of the market that are looked through for them: the newest may all be of other units."""
SIZES = tuple(f"{side}_{end}_mm" for side in ("width", "depth", "height") for end in ("min", "max"))


@dataclass(frozen=True, slots=True)
class Match:
    """Like pieces that could meet a line. Sizes in mm.

    ``listing_id`` is empty where they are not offered yet: a project releases them on ``from_date``.
    ``item_id`` is one of them; of another organisation's, which are nothing of ours, none.
    """

    listing_id: UUID | None
    item_id: UUID | None
    name: str
    condition: Condition
    width_mm: int | None
    depth_mm: int | None
    height_mm: int | None
    place: str
    unit: str
    count: int
    from_date: date
    until_date: date | None
    project: str | None
    photo_id: UUID | None

    def as_json(self) -> dict[str, Any]:
        """As it is frozen with a decision."""
        return {
            name: value.isoformat()
            if isinstance(value, date)
            else str(value)
            if isinstance(value, UUID)
            else value
            for name, value in asdict(self).items()
        }


def matches_of(
    session: Session, actor: Actor, need: Need, line: NeedLine, step: Step, today: date
) -> list[Match]:
    """What there is for the line at a step that is matched by the program, offers first.

    Offers are the newest ``MOST_MATCHES``; planned releases those that are free when the need wants
    them, the earliest first.
    """
    return matches_of_lines(session, actor, need, [(line, step)], today)[line.id]


def matches_of_lines(
    session: Session,
    actor: Actor,
    need: Need,
    at: Sequence[tuple[NeedLine, Step]],
    today: date,
) -> Mapping[UUID, list[Match]]:
    """As ``matches_of`` for lines of one need; those that ask for the same are looked for once."""
    found: dict[UUID, list[Match]] = {line.id: [] for line, _ in at}
    matched = [(line, step) for line, step in at if step in FOUND]
    if not matched:
        return found
    own = units_below(session, actor, need.unit_id)
    asked = dict(_asked_for(session, actor, [line.id for line, _ in matched]))
    if any(step is Step.NETWORK for _, step in matched):
        asked |= asked_outside(session, actor, [line.id for line, _ in matched])
    known: dict[tuple[object, ...], tuple[list[Match], list[Match]]] = {}
    for line, step in matched:
        is_own = step is Step.OWN_UNIT
        like = (
            step,
            line.category_id,
            line.suitability,
            *(getattr(line, name) for name in SIZES),
        )
        if like not in known and step is Step.NETWORK:
            known[like] = (shared_offers(session, actor, need, line, today), [])
        elif like not in known:
            known[like] = (
                _offers(session, actor, need, line, own, today, is_own=is_own),
                _released(session, actor, need, line, own, today, is_own=is_own),
            )
        offers, released = known[like]
        left = [
            replace(each, count=each.count - asked.get((line.id, each.listing_id), 0))
            for each in offers
        ]
        found[line.id] = [each for each in left if each.count > 0] + released
    return found


def _offers(
    session: Session,
    actor: Actor,
    need: Need,
    line: NeedLine,
    own: frozenset[UUID],
    today: date,
    *,
    is_own: bool,
) -> list[Match]:
    wanted = _wanted(line)
    offers: list[Match] = []
    cursor = None
    for _ in range(MOST_SEARCHED):
        page = search_market(
            session, actor, wanted, today=today, kind=Card, cursor=cursor, limit=MOST_MATCHES
        )
        offers += [
            _offered(each)
            for each in page.cards
            if (each.giver_unit_id in own) is is_own and in_time(need, each.from_date, today)
        ]
        cursor = page.next
        if cursor is None or len(offers) >= MOST_MATCHES:
            break
    return offers[:MOST_MATCHES]


def _wanted(line: NeedLine) -> MarketSearch:
    return MarketSearch(
        category_id=line.category_id,
        suitability=line.suitability,
        **{name: getattr(line, name) for name in SIZES},
    )


def shared_offers(
    session: Session, actor: Actor, need: Need, line: NeedLine, today: date
) -> list[Match]:
    """What partners have out at the network's stage: what is shared of it, and the giver's name."""
    found = search_market(
        session,
        actor,
        _wanted(line),
        today=today,
        kind=Tile,
        limit=MOST_MATCHES,
        is_shared=True,
    ).cards
    days = {
        row.id: row
        for row in session.execute(
            partner_listings(actor, today)
            .with_only_columns(Listing.id, Listing.from_date, Listing.until_date)
            .where(Listing.id.in_([each.listing_id for each in found]))
        )
    }
    return [
        Match(
            listing_id=each.listing_id,
            item_id=None,
            name=each.name,
            condition=each.condition,
            width_mm=each.width_mm,
            depth_mm=each.depth_mm,
            height_mm=each.height_mm,
            place=each.place_label,
            unit="",
            count=each.count,
            from_date=days[each.listing_id].from_date,
            until_date=days[each.listing_id].until_date,
            project=None,
            photo_id=each.photo_id,
        )
        for each in found
        if each.listing_id in days and in_time(need, days[each.listing_id].from_date, today)
    ]


def in_time(need: Need, free_from: date, today: date) -> bool:
    """Whether it is there on the day the need names; one whose day has passed takes what is there."""
    return need.wanted_date is None or free_from <= max(need.wanted_date, today)


def _asked_for(
    session: Session, actor: Actor, line_ids: Sequence[UUID]
) -> Mapping[tuple[UUID, UUID | None], int]:
    """How many pieces of each listing each line has asked for and not been answered about."""
    asked = (
        select(LadderStep.need_line_id, RequestLine.listing_id, func.count())
        .join(
            Reservation,
            (Reservation.receiver_org_id == RequestLine.org_id)
            & (Reservation.request_line_id == RequestLine.id),
        )
        .join(
            LadderStep,
            (LadderStep.org_id == RequestLine.org_id)
            & (LadderStep.request_line_id == RequestLine.id),
        )
        .where(
            RequestLine.org_id == actor.org_id,
            LadderStep.need_line_id.in_(line_ids),
            Reservation.state.in_(OPEN_RESERVATIONS),
        )
        .group_by(LadderStep.need_line_id, RequestLine.listing_id)
    )
    return {(row[0], row[1]): row[2] for row in session.execute(asked)}


def _offered(card: Card) -> Match:
    return Match(
        listing_id=card.listing_id,
        item_id=card.item_id,
        name=card.name,
        condition=card.condition,
        width_mm=card.width_mm,
        depth_mm=card.depth_mm,
        height_mm=card.height_mm,
        place=card.place_label,
        unit=card.giver_name,
        count=card.count,
        from_date=card.from_date,
        until_date=card.until_date,
        project=None,
        photo_id=card.photo_id,
    )


_FIRST = func.min(cast(Item.id, String))
"""Of like pieces one, always the same. PostgreSQL has no least of ids before version 18."""


_LIKE: Mapping[str, Any] = {
    "name": Item.name,
    "condition": Item.condition,
    "width_mm": Item.width_mm,
    "depth_mm": Item.depth_mm,
    "height_mm": Item.height_mm,
    "place": Place.label,
    "unit": Unit.name,
    "project": Project.name,
    "from_date": Release.free_from,
    "until_date": Release.gone_by,
}
"""What like pieces have in common, by its name in a match."""


def _releasable(
    query: Select[Any],
    actor: Actor,
    need: Need,
    line: NeedLine,
    own: frozenset[UUID],
    today: date,
    *,
    is_own: bool,
) -> Select[Any]:
    """A statement of releases, narrowed to pieces that projects will offer and the line can use.

    Not what is on the market, promised to somebody here or outside, nowhere to be found, or to be
    gone by now.
    """
    listed = (
        select(ListingItem.item_id)
        .join(
            Listing,
            (Listing.org_id == ListingItem.org_id) & (Listing.id == ListingItem.listing_id),
        )
        .where(
            ListingItem.org_id == actor.org_id,
            ListingItem.left_at.is_(None),
            Listing.state == ListingState.OPEN,
        )
    )
    promised = select(Reservation.item_id).where(
        Reservation.org_id == actor.org_id, Reservation.item_id.is_not(None), is_active()
    )
    query = (
        query.select_from(Release)
        .join(Item, (Item.org_id == Release.org_id) & (Item.id == Release.item_id))
        .join(Place, (Place.org_id == Item.org_id) & (Place.id == Item.place_id))
        .join(Unit, (Unit.org_id == Item.org_id) & (Unit.id == Item.owner_unit_id))
        .join(Project, (Project.org_id == Release.org_id) & (Project.id == Release.project_id))
        .where(
            Release.org_id == actor.org_id,
            Release.state.in_((ReleaseState.PLANNED, ReleaseState.FREE)),
            Release.fate == Fate.OFFER,
            or_(Release.gone_by.is_(None), Release.gone_by >= today),
            Item.category_id == line.category_id,
            Item.state.in_(sorted(PRESENT - {ItemState.LOST})),
            Item.id.not_in(listed),
            Item.id.not_in(promised),
            Item.id.not_in(held_outside(actor.org_id)),
            Item.owner_unit_id.in_(own) if is_own else Item.owner_unit_id.not_in(own),
            *_fits(line),
        )
    )
    if need.wanted_date is not None:
        query = query.where(Release.free_from <= max(need.wanted_date, today))
    return query


def _released(
    session: Session,
    actor: Actor,
    need: Need,
    line: NeedLine,
    own: frozenset[UUID],
    today: date,
    *,
    is_own: bool,
) -> list[Match]:
    """Pieces that projects will offer, like ones together."""
    columns = [column.label(name) for name, column in _LIKE.items()]
    query = select(_FIRST.label("item_id"), func.count().label("pieces"), *columns)
    query = (
        _releasable(query, actor, need, line, own, today, is_own=is_own)
        .group_by(*_LIKE.values())
        .order_by(Release.free_from, Item.name, _FIRST)
        .limit(MOST_MATCHES)
    )
    return [
        Match(
            listing_id=None,
            photo_id=None,
            item_id=UUID(str(row.item_id)),
            count=row.pieces,
            **{name: getattr(row, name) for name in _LIKE},
        )
        for row in session.execute(query)
    ]


def releases_like(
    session: Session,
    actor: Actor,
    need: Need,
    line: NeedLine,
    match: Match,
    today: date,
    *,
    is_own: bool,
) -> Select[Release]:
    """The releases behind a match, in the order of their ids; locked by who takes them."""
    own = units_below(session, actor, need.unit_id)
    query: Select[Release] = _releasable(
        select(Release), actor, need, line, own, today, is_own=is_own
    )
    for name, column in _LIKE.items():
        value = getattr(match, name)
        query = query.where(column.is_(None) if value is None else column == value)
    return query.order_by(Release.id)


def _fits(line: NeedLine) -> list[ColumnElement[bool]]:
    """The line's limits as conditions on a piece; a piece of which nothing is known meets none."""
    conditions = []
    for side in ("width", "depth", "height"):
        column = getattr(Item, f"{side}_mm")
        least, most = getattr(line, f"{side}_min_mm"), getattr(line, f"{side}_max_mm")
        if least is not None:
            conditions.append(column >= least)
        if most is not None:
            conditions.append(column <= most)
    if line.suitability is not None:
        conditions.append(is_suitable(line.suitability))
    return conditions
