"""What of the new pieces meets which open need line and which wish."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from app.accounts.actor import system_actor
from app.accounts.models import Organisation
from app.items.models import Item
from app.items.queries_assessed import is_suitable
from app.items.rules import Suitable
from app.items.search import matching
from app.kit.db import clock_of
from app.marketplace.commands import MarketSearch
from app.needs.matching import in_time
from app.needs.models import Need, NeedLine
from app.needs.models_wish import Find, NeedWatch, Wish
from app.needs.queries import Decision, decisions_by_line
from app.needs.rules import OPEN, missing
from app.needs.supply import Supply, news, supply
from app.places.models import Place

SIDES = ("width", "depth", "height")
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class NewFind:
    """One of the two ids says what it was found for."""

    need_line_id: UUID | None
    wish_id: UUID | None
    supply: Supply


@dataclass(frozen=True, slots=True)
class Found:
    """What a look from the mark ``before`` to ``seq`` found; ``is_done`` when there was nothing."""

    before: int
    seq: int
    finds: Sequence[NewFind]

    @property
    def is_done(self) -> bool:
        return self.seq == self.before


def found_since(session: Session, org_id: UUID) -> Found:
    """Looks through the next links of the organisation's chain. Writes nothing."""
    query = select(NeedWatch.seq).where(NeedWatch.org_id == org_id)
    before = session.scalar(query) or 0
    told = news(session, org_id, before)
    if not told.subjects:
        return Found(before, told.seq, ())
    today = clock_of(session).today()
    pieces = supply(session, org_id, told, today)
    if not pieces:
        return Found(before, told.seq, ())
    finds = [
        *_for_needs(session, org_id, pieces, today),
        *_for_wishes(session, org_id, pieces, today),
    ]
    return Found(before, told.seq, _new(session, org_id, finds))


def _for_needs(
    session: Session, org_id: UUID, pieces: Sequence[Supply], today: date
) -> Iterable[NewFind]:
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
    suited = _suitable(session, org_id, pieces)
    asked = [
        (line, fitting)
        for need, line in rows
        for each in by_category[line.category_id]
        if fits(line, each)
        and in_time(need, each.free_from, today)
        and (fitting := suited(line.suitability, each)) is not None
    ]
    actor = system_actor(session.get_one(Organisation, org_id))
    ids = list({line.id for line, _ in asked})
    decided: dict[UUID, list[Decision]] = {}
    for start in range(0, len(ids), AT_ONCE):
        decided |= decisions_by_line(session, actor, ids[start : start + AT_ONCE])
    for line, each in asked:
        if missing(line.quantity, decided.get(line.id, ())):
            yield NewFind(line.id, None, each)


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
) -> Iterable[NewFind]:
    wishes = session.scalars(
        select(Wish)
        .where(Wish.org_id == org_id, Wish.ended_at.is_(None))
        .order_by(Wish.created_at, Wish.id)
    ).all()
    below, suited = _places_below(session, org_id, wishes), _suitable(session, org_id, pieces)
    for wish in wishes:
        if wish.wanted_date is not None and wish.wanted_date < today:
            continue
        wanted = MarketSearch.model_validate(wish.wanted)
        likely = [
            fitting
            for each in pieces
            if meets(wanted, each, below)
            and (fitting := suited(wanted.suitability, each)) is not None
            and (wish.wanted_date is None or each.free_from <= wish.wanted_date)
        ]
        for each in _said(session, org_id, wanted.words.strip(), likely):
            yield NewFind(None, wish.id, each)


def meets(wanted: MarketSearch, piece: Supply, below: Callable[[UUID], Collection[UUID]]) -> bool:
    """Whether the market's search, but for its words and what it suits, finds the piece."""
    return (
        (wanted.category_id is None or wanted.category_id == piece.category_id)
        and (wanted.group is None or wanted.group == piece.group)
        and (not wanted.condition or piece.condition in wanted.condition)
        and (wanted.count is None or piece.count >= wanted.count)
        and (wanted.place_id is None or piece.place_id in below(wanted.place_id))
        and fits(wanted, piece)
    )


def _said(session: Session, org_id: UUID, words: str, pieces: Sequence[Supply]) -> Iterable[Supply]:
    """Those that the words find too; the index is asked once for each wish with words."""
    if not words or not pieces:
        return pieces
    found: set[UUID] = set()
    ids = [each.item_ids[0] for each in pieces]
    for start in range(0, len(ids), AT_ONCE):
        found |= set(
            session.scalars(
                select(Item.id).where(
                    Item.org_id == org_id,
                    Item.id.in_(ids[start : start + AT_ONCE]),
                    matching(session, words, org_id=org_id),
                )
            )
        )
    return [each for each in pieces if each.item_ids[0] in found]


def _suitable(
    session: Session, org_id: UUID, pieces: Sequence[Supply]
) -> Callable[[Suitable | None, Supply], Supply | None]:
    """Those of like pieces that suit, if any do; asked once for each thing they have to suit."""
    ids = [each for piece in pieces for each in piece.item_ids]
    known: dict[Suitable, set[UUID]] = {}

    def suited(wanted: Suitable | None, piece: Supply) -> Supply | None:
        if wanted is None:
            return piece
        if wanted not in known:
            known[wanted] = set()
            for start in range(0, len(ids), AT_ONCE):
                query = select(Item.id).where(
                    Item.org_id == org_id,
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


def _new(session: Session, org_id: UUID, finds: Sequence[NewFind]) -> list[NewFind]:
    """Without those that were found before: a piece is found once for each who asks."""
    firsts = list({each.supply.item_ids[0] for each in finds})
    known: set[tuple[UUID | None, UUID | None, UUID]] = set()
    for start in range(0, len(firsts), AT_ONCE):
        rows = session.execute(
            select(Find.need_line_id, Find.wish_id, Find.item_id).where(
                Find.org_id == org_id, Find.item_id.in_(firsts[start : start + AT_ONCE])
            )
        )
        known |= {(row.need_line_id, row.wish_id, row.item_id) for row in rows}
    fresh: Mapping[tuple[UUID | None, UUID | None, UUID], NewFind] = {
        (each.need_line_id, each.wish_id, each.supply.item_ids[0]): each for each in finds
    }
    return [each for key, each in fresh.items() if key not in known]
