"""How many listings of a search there are of each category, at each place, in each condition.

The database groups what is found once, by all three together, without their own filters. Each
facet is then added up from those groups with the filters of the other two: what the reader would
find by choosing something else there.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol
from uuid import UUID

from sqlalchemy import bindparam, literal_column, select

from app.items.rules import Condition
from app.kit.prepared import Kept, Prepared
from app.marketplace.search_rows import ROWS
from app.places.models import Place


class Group(Protocol):
    """Listings that are alike in all three."""

    @property
    def category_id(self) -> str: ...
    @property
    def place_id(self) -> UUID: ...
    @property
    def condition(self) -> Condition: ...
    @property
    def listings(self) -> int: ...


class Node(Protocol):
    """A place with the one it lies in."""

    @property
    def id(self) -> UUID: ...
    @property
    def parent_id(self) -> UUID | None: ...
    @property
    def label(self) -> str: ...


@dataclass(frozen=True, slots=True)
class PlaceCount:
    place_id: UUID
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """Counts of listings; what is chosen is there even with none, all else only with some.

    A place counts what lies below it too. Categories come by their code, places by their label.
    """

    categories: tuple[tuple[str, int], ...]
    places: tuple[PlaceCount, ...]
    conditions: tuple[tuple[Condition, int], ...]


def _places() -> Prepared:
    """Places with something on the market, the one that is chosen, and all these lie in."""
    seen = (
        select(Place.id, Place.parent_id, Place.label)
        .where(
            Place.org_id == bindparam("org_id"),
            (Place.id == bindparam("chosen"))
            | Place.id.in_(
                select(ROWS.c.place_id).where(
                    ROWS.c.org_id == bindparam("org_id"), ROWS.c.pieces > literal_column("0")
                )
            ),
        )
        .cte("seen", recursive=True)
    )
    above = (
        select(Place.id, Place.parent_id, Place.label)
        .join(seen, Place.id == seen.c.parent_id)
        .where(Place.org_id == bindparam("org_id"))
    )
    tree = seen.union(above)
    shown = select(tree.c.id, tree.c.parent_id, tree.c.label).order_by(tree.c.label)
    return Prepared(shown, kept=Kept(4_000))


PLACES = _places()


@lru_cache(maxsize=500)
def counted(
    groups: tuple[Group, ...],
    places: tuple[Node, ...],
    *,
    category_id: str | None,
    place_id: UUID | None,
    conditions: tuple[Condition, ...],
) -> tuple[Facets, int]:
    """The facets and how many listings match in all. ``places`` come in the order they are shown.

    Added up anew when something in the arguments has changed: they hold all that it depends on.
    """
    lies_in = _paths(places)
    by_category: Counter[str] = Counter()
    by_place: Counter[UUID] = Counter()
    by_condition: Counter[Condition] = Counter()
    total = 0
    for group in groups:
        path = lies_in.get(group.place_id, (group.place_id,))
        is_category = category_id is None or group.category_id == category_id
        is_place = place_id is None or place_id in path
        is_condition = not conditions or group.condition in conditions
        if is_place and is_condition:
            by_category[group.category_id] += group.listings
        if is_category and is_condition:
            for each in path:
                by_place[each] += group.listings
        if is_category and is_place:
            by_condition[group.condition] += group.listings
            total += group.listings if is_condition else 0
    if category_id is not None:
        by_category[category_id] += 0
    found = Facets(
        categories=tuple(sorted(by_category.items())),
        places=tuple(
            PlaceCount(each.id, each.label, by_place[each.id])
            for each in places
            if by_place[each.id] or each.id == place_id
        ),
        conditions=tuple((each, by_condition[each]) for each in Condition),
    )
    return found, total


def _paths(places: Sequence[Node]) -> Mapping[UUID, tuple[UUID, ...]]:
    """Each place with those it lies in, itself first."""
    parents = {each.id: each.parent_id for each in places}
    found: dict[UUID, tuple[UUID, ...]] = {}
    for each in places:
        path, at = [each.id], each.parent_id
        while at is not None:
            path.append(at)
            at = parents.get(at)
        found[each.id] = tuple(path)
    return found
