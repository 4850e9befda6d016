"""What of the new pieces meets which open need line and which wish."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.accounts.actor import actor_of, system_actor
from app.accounts.models import Organisation
from app.items.models import Item
from app.items.queries_assessed import is_suitable
from app.items.rules import Suitable
from app.items.search import matching
from app.kit.db import clock_of
from app.marketplace.commands import MarketSearch
from app.marketplace.queries_stages import units_shown_to
from app.marketplace.search import shared_said
from app.needs.matching import in_time
from app.needs.models import Need, NeedLine
from app.needs.models_wish import Find, NeedWatch, Wish
from app.needs.queries import Decision, decisions_by_line
from app.needs.rules import OPEN, missing
from app.needs.supply import Supply, news, shared_supply, supply
from app.places.models import Place

SIDES = ("width", "depth", "height")
AT_ONCE = 500
OVERLAP = timedelta(hours=1)
"""Longer than any transaction: what was found twice is kept once."""
_Asker = InstrumentedAttribute[UUID | None]
_LINE: _Asker = Find.need_line_id
_WISH: _Asker = Find.wish_id


@dataclass(frozen=True, slots=True)
class NewFind:
    """What a look found for one who asked: one of the two ids says for what."""

    need_line_id: UUID | None
    wish_id: UUID | None
    stands: Sequence[Supply]


@dataclass(frozen=True, slots=True)
class Found:
    """What a look from the mark ``before`` to ``seq`` found, and in the network up to the day ``on``.

    ``at`` is when it was made. ``is_done`` when there was nothing to look at.
    """

    before: int
    seq: int
    looks: int
    on: date
    at: datetime
    finds: Sequence[NewFind]

    @property
    def is_done(self) -> bool:
        return self.seq == self.before and not self.finds


def found_since(session: Session, org_id: UUID) -> Found:
    """Looks through the next links of the organisation's chain, and what partners show by now.

    Writes nothing.
    """
    watch = session.get(NeedWatch, org_id)
    before, looks = (watch.seq, watch.looks) if watch else (0, 0)
    told = news(session, org_id, before)
    now, today = clock_of(session).now(), clock_of(session).today()
    since = watch.network_on if watch and watch.network_on else today
    # Who joined while the last look was made may be seen by the next one alone.
    last = watch.network_at - OVERLAP if watch and watch.network_at else None
    pieces = supply(session, org_id, told, today) if told.subjects else []
    shared = shared_supply(session, org_id, since, last, today)
    if not pieces and not shared:
        return Found(before, told.seq, looks, today, now, ())
    for_needs = _for_needs(session, org_id, [*pieces, *shared], today)
    for_wishes = dict(_for_wishes(session, org_id, [*pieces, *shared], today))
    finds = [
        *(NewFind(each, None, some) for each, some in _new(session, org_id, for_needs, _LINE)),
        *(NewFind(None, each, some) for each, some in _new(session, org_id, for_wishes, _WISH)),
    ]
    return Found(before, told.seq, looks, today, now, finds)


def stood(supply: Supply) -> dict[str, Any]:
    """As it is kept with a find: a piece of the like ones, and on what they stood."""
    on = {
        "listing_id": supply.listing_id,
        "project_id": supply.project_id,
        "giver_org_id": supply.giver_org_id,
        "like": supply.like,
    }
    named = {name: str(value) for name, value in on.items() if value is not None}
    return {"item_id": str(supply.item_ids[0]), "pieces": supply.count, **named}


def _for_needs(
    session: Session, org_id: UUID, pieces: Sequence[Supply], today: date
) -> dict[UUID, list[Supply]]:
    """By need line."""
    by_category: dict[str, list[Supply]] = defaultdict(list)
    for each in pieces:
        by_category[each.category_id].append(each)
    rows = session.execute(
        select(Need, NeedLine)
        .join(NeedLine, and_(NeedLine.org_id == Need.org_id, NeedLine.need_id == Need.id))
        .where(
            Need.org_id == org_id,
            Need.state.in_(OPEN),
            NeedLine.category_id.in_(by_category),
        )
        .order_by(NeedLine.created_at, NeedLine.id)
    ).all()
    suited, shown_to = _suitable(session, org_id, pieces), _shown_to(session, org_id)
    asked = [
        (line, fitting)
        for need, line in rows
        for each in by_category[line.category_id]
        if fits(line, each)
        and in_time(need, each.free_from, today)
        and shown_to(need.person_id, each)
        and (fitting := suited(line.suitability, each)) is not None
    ]
    actor = system_actor(session.get_one(Organisation, org_id))
    ids = list({line.id for line, _ in asked})
    decided: dict[UUID, list[Decision]] = {}
    for start in range(0, len(ids), AT_ONCE):
        decided |= decisions_by_line(session, actor, ids[start : start + AT_ONCE])
    found: dict[UUID, list[Supply]] = defaultdict(list)
    for line, each in asked:
        found[line.id].append(each)
    wanted = {line.id: line.quantity for line, _ in asked}
    return {
        line_id: some
        for line_id, some in found.items()
        if missing(wanted[line_id], decided.get(line_id, ()))
    }


def fits(limits: NeedLine | MarketSearch, piece: Supply) -> bool:
    """Whether a piece keeps within the limits; one of unknown size meets none."""
    for side in SIDES:
        size = getattr(piece, f"{side}_mm")
        least, most = getattr(limits, f"{side}_min_mm"), getattr(limits, f"{side}_max_mm")
        if least is not None and (size is None or size < least):
            return False
        if most is not None and (size is None or size > most):
            return False
    return True


def _for_wishes(
    session: Session, org_id: UUID, pieces: Sequence[Supply], today: date
) -> Iterable[tuple[UUID, Sequence[Supply]]]:
    """By wish."""
    wishes = session.scalars(
        select(Wish)
        .where(Wish.org_id == org_id, Wish.ended_at.is_(None))
        .order_by(Wish.created_at, Wish.id)
    ).all()
    below, suited = _places_below(session, org_id, wishes), _suitable(session, org_id, pieces)
    said, shown_to = _said(session, org_id, pieces), _shown_to(session, org_id)
    by_category: dict[str, list[Supply]] = defaultdict(list)
    for each in pieces:
        by_category[each.category_id].append(each)
    for wish in wishes:
        if wish.wanted_date is not None and wish.wanted_date < today:
            continue
        wanted = MarketSearch.model_validate(wish.wanted)
        likely = [
            fitting
            for each in (by_category[wanted.category_id] if wanted.category_id else pieces)
            if meets(wanted, each, below)
            and shown_to(wish.person_id, each)
            and (fitting := suited(wanted.suitability, each)) is not None
            and (wanted.count is None or fitting.count >= wanted.count)
            and (wish.wanted_date is None or each.free_from <= wish.wanted_date)
        ]
        if found := said(wanted.words.strip(), likely):
            yield wish.id, found


def meets(wanted: MarketSearch, piece: Supply, below: Callable[[UUID], Collection[UUID]]) -> bool:
    """Whether the market's search finds the piece, but for its words and how many suit what."""
    return (
        (wanted.category_id is None or wanted.category_id == piece.category_id)
        and (wanted.group is None or wanted.group == piece.group)
        and (not wanted.condition or piece.condition in wanted.condition)
        and (wanted.place_id is None or piece.place_id in below(wanted.place_id))
        and fits(wanted, piece)
    )


def _said(
    session: Session, org_id: UUID, pieces: Sequence[Supply]
) -> Callable[[str, Sequence[Supply]], Sequence[Supply]]:
    """Those that the words find too; the indexes are asked once for the same words.

    Partners' pieces by the words of their listings: nothing else of theirs is for others to read.
    """
    ids = [each.item_ids[0] for each in pieces if each.giver_org_id is None]
    listings = {each.listing_id for each in pieces if each.giver_org_id and each.listing_id}
    known: dict[str, set[UUID]] = {}

    def said(words: str, some: Sequence[Supply]) -> Sequence[Supply]:
        if not words or not some:
            return some
        if words not in known:
            known[words] = set()
            for start in range(0, len(ids), AT_ONCE):
                query = select(Item.id).where(
                    Item.org_id == org_id,
                    Item.id.in_(ids[start : start + AT_ONCE]),
                    matching(session, words, org_id=org_id),
                )
                known[words] |= set(session.scalars(query))
            known[words] |= shared_said(session, org_id, words, listings)
        return [each for each in some if _said_by(each) in known[words]]

    return said


def _said_by(piece: Supply) -> UUID | None:
    """What speaks of it: the piece itself, or the listing that a partner shows it in."""
    return piece.listing_id if piece.giver_org_id else piece.item_ids[0]


def _shown_to(session: Session, org_id: UUID) -> Callable[[UUID, Supply], bool]:
    """Whether somebody sees what only a unit's own people do yet; asked once of each."""
    known: dict[UUID, frozenset[UUID] | None] = {}

    def shown_to(person_id: UUID, piece: Supply) -> bool:
        if piece.only_unit_id is None:
            return True
        if person_id not in known:
            actor = actor_of(session, org_id, person_id)
            known[person_id] = units_shown_to(session, actor) if actor else frozenset()
        units = known[person_id]
        return units is None or piece.only_unit_id in units

    return shown_to


def _suitable(
    session: Session, org_id: UUID, pieces: Sequence[Supply]
) -> Callable[[Suitable | None, Supply], Supply | None]:
    """Those of like pieces that suit, if any do; asked once for each thing they have to suit."""
    ids = [each for piece in pieces for each in piece.item_ids]
    owners = {each.giver_org_id or org_id for each in pieces}
    known: dict[Suitable, set[UUID]] = {}

    def suited(wanted: Suitable | None, piece: Supply) -> Supply | None:
        if wanted is None:
            return piece
        if wanted not in known:
            known[wanted] = set()
            for start in range(0, len(ids), AT_ONCE):
                query = select(Item.id).where(
                    Item.org_id.in_(owners),
                    Item.id.in_(ids[start : start + AT_ONCE]),
                    is_suitable(wanted),
                )
                known[wanted] |= set(session.scalars(query))
        left = tuple(each for each in piece.item_ids if each in known[wanted])
        return replace(piece, item_ids=left) if left else None

    return suited


def _places_below(
    session: Session, org_id: UUID, wishes: Sequence[Wish]
) -> Callable[[UUID], Collection[UUID]]:
    """Each place's own tree, made when it is first asked for."""
    if not any(each.wanted.get("place_id") for each in wishes):
        return lambda _: ()
    children: dict[UUID | None, list[UUID]] = defaultdict(list)
    for row in session.execute(select(Place.id, Place.parent_id).where(Place.org_id == org_id)):
        children[row.parent_id].append(row.id)
    known: dict[UUID, frozenset[UUID]] = {}

    def below(root: UUID) -> Collection[UUID]:
        if root not in known:
            found, waiting = {root}, [root]
            while waiting:
                under = children[waiting.pop()]
                found.update(under)
                waiting += under
            known[root] = frozenset(found)
        return known[root]

    return below


def _new(
    session: Session, org_id: UUID, found: Mapping[UUID, Sequence[Supply]], column: _Asker
) -> Iterable[tuple[UUID, Sequence[Supply]]]:
    """Without those that were found before: a piece is found once for each who asks.

    Those of a listing are the same as long as they are like those that were found there.
    """
    known: dict[UUID, set[str]] = defaultdict(set)
    asking = list(found)
    for start in range(0, len(asking), AT_ONCE):
        rows = session.execute(
            select(column, Find.stands).where(
                Find.org_id == org_id, column.in_(asking[start : start + AT_ONCE])
            )
        )
        for asker, stands in rows:
            for each in stands:
                known[asker].update((each["item_id"], each.get("like", each["item_id"])))
    for asker, some in found.items():
        before = known.get(asker)
        fresh = [each for each in some if not _is_known(each, before)] if before else some
        if fresh:
            yield asker, fresh


def _is_known(piece: Supply, before: Collection[str]) -> bool:
    return str(piece.item_ids[0]) in before or piece.like in before
