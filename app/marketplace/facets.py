"""How many listings of a search there are by each choice that there is: what, where, how, from when.

The database groups what is found once, by all that there is a facet for, without their own filters.
Each facet is then added up from those groups with the filters of the others: what the reader would
find by choosing something else there.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self, TypeVar
from uuid import UUID

from sqlalchemy import Select, bindparam, literal_column, select

from app.items.rules import Condition
from app.kit.kept import HashedOnce, Kept, MadeOf
from app.kit.prepared import Prepared
from app.marketplace.commands import MarketSearch
from app.marketplace.commands_look import METRES, Available, MarketLook, Within
from app.marketplace.rules import Stage, Terms
from app.marketplace.search_looks import reach, square_of, standing
from app.marketplace.search_rows import ROWS
from app.marketplace.traits import WAIT_AT, Colour, Material, Traits, unpacked
from app.places.models import Place, PlaceKind
from app.places.rules import Position

LATE = 4
"""In a group's wait: not ready by the day that was named."""


class Group(Protocol):
    """Listings that are alike in all of it; ``traits`` as ``traits_and_wait``."""

    @property
    def category_id(self) -> str: ...
    @property
    def place_id(self) -> UUID: ...
    @property
    def condition(self) -> Condition: ...
    @property
    def traits(self) -> int: ...
    @property
    def listings(self) -> int: ...


class Node(Protocol):
    """A place with the one it lies in, and its own position in millionths of a degree."""

    @property
    def id(self) -> UUID: ...
    @property
    def parent_id(self) -> UUID | None: ...
    @property
    def label(self) -> str: ...
    @property
    def kind(self) -> PlaceKind: ...
    @property
    def latitude_udeg(self) -> int | None: ...
    @property
    def longitude_udeg(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """``position`` is its own, else that of the nearest place around it."""

    place_id: UUID
    label: str
    count: int
    kind: PlaceKind
    parent_id: UUID | None
    position: Position | None


@dataclass(frozen=True, slots=True)
class Chosen:
    """The filters of a search that there is a facet for."""

    category_id: str | None = None
    place_id: UUID | None = None
    conditions: tuple[Condition, ...] = ()
    colours: tuple[Colour, ...] = ()
    materials: tuple[Material, ...] = ()
    stages: tuple[Stage, ...] = ()
    terms: tuple[Terms, ...] = ()
    is_ready_by: bool = False
    stood_at: UUID | None = None
    within: Within | None = None

    @classmethod
    def of(cls, wanted: MarketSearch) -> Self:
        plain = (wanted.category_id, wanted.place_id, tuple(wanted.condition))
        if not isinstance(wanted, MarketLook):
            return cls(*plain)
        return cls(
            *plain,
            tuple(wanted.colour),
            tuple(wanted.material),
            tuple(wanted.stage),
            tuple(wanted.terms),
            wanted.available is not None or wanted.available_by is not None,
            wanted.from_place_id,
            wanted.within,
        )


@dataclass(frozen=True, slots=True)
class Facets(HashedOnce):
    """Counts of listings; what is chosen is there even with none, all else only with some.

    A place counts what lies below it too, and what is ready soon or within 5 km also what is ready
    now or within 1 km. Categories come by their code, places by their label. ``distances`` are empty
    where nobody knows from where, ``origins`` the places one can reckon from.
    """

    categories: tuple[tuple[str, int], ...]
    places: tuple[PlaceCount, ...]
    conditions: tuple[tuple[Condition, int], ...]
    colours: tuple[tuple[Colour, int], ...] = ()
    materials: tuple[tuple[Material, int], ...] = ()
    stages: tuple[tuple[Stage, int], ...] = ()
    terms: tuple[tuple[Terms, int], ...] = ()
    available: tuple[tuple[Available, int], ...] = ()
    distances: tuple[tuple[Within, int], ...] = ()
    origins: tuple[tuple[UUID, str], ...] = ()

    __hash__ = HashedOnce.__hash__


def _offered() -> Select[UUID]:
    """The places with something on the market: from each to the next, and not row by row."""
    place_id = ROWS.c.place_id
    next_one = (
        select(place_id)
        .where(ROWS.c.org_id == bindparam("org_id"), ROWS.c.pieces > literal_column("0"))
        .order_by(place_id)
        .limit(literal_column("1"))
    )
    first = select(next_one.subquery("first").c.place_id)
    tree = first.cte("offered", recursive=True)
    after = next_one.where(place_id > tree.c.place_id).correlate(tree).scalar_subquery()
    tree = tree.union_all(select(after).where(tree.c.place_id.is_not(None)))
    return select(tree.c.place_id).where(tree.c.place_id.is_not(None))


def _places() -> Prepared:
    """Places with something on the market, with a position, chosen or stood at; all these lie in."""
    columns = (
        Place.id,
        Place.parent_id,
        Place.label,
        Place.kind,
        Place.latitude_udeg,
        Place.longitude_udeg,
    )
    seen = (
        select(*columns)
        .where(
            Place.org_id == bindparam("org_id"),
            (Place.id == bindparam("chosen"))
            | (Place.id == bindparam("stood_at"))
            | Place.latitude_udeg.is_not(None)
            | Place.id.in_(_offered()),
        )
        .cte("seen", recursive=True)
    )
    above = (
        select(*columns)
        .join(seen, Place.id == seen.c.parent_id)
        .where(Place.org_id == bindparam("org_id"))
    )
    tree = seen.union(above)
    shown = select(tree).order_by(tree.c.label)
    return Prepared(shown, kept=Kept(4_000))


PLACES = _places()
_Key = TypeVar("_Key", bound=Hashable)
_ALL = frozenset(Within)


def counted(groups: Sequence[Group], places: Sequence[Node], chosen: Chosen) -> tuple[Facets, int]:
    """The facets and how many listings match in all. ``places`` come in the order they are shown.

    Added up anew when something in the arguments has changed: they hold all that it depends on.
    """
    return _COUNTED.of((*groups, *places), len(groups), chosen)


def _counted(rows: Sequence[Any], group_count: int, chosen: Chosen) -> tuple[Facets, int]:
    groups: Sequence[Group] = rows[:group_count]
    places: Sequence[Node] = rows[group_count:]
    lies_in = _paths(places)
    position_of = _positions(lies_in, places)
    within = _within(places, lies_in, position_of, chosen)
    sums = _Sums(_tests(lies_in, within, chosen), groups)
    by_place: Counter[UUID] = Counter()
    for place_id, n in sums.of("place", lambda group: group.place_id).items():
        for each in lies_in.get(place_id, (place_id,)):
            by_place[each] += n
    by_category = sums.of("category", lambda group: group.category_id)
    if chosen.category_id is not None:
        by_category[chosen.category_id] += 0
    by_condition = sums.of("condition", lambda group: group.condition)
    waits = sums.of("wait", lambda group: (group.traits >> WAIT_AT) % LATE)
    by_distance: Counter[Within] = Counter()
    for place_id, n in sums.of("within", lambda group: group.place_id).items():
        by_distance.update(dict.fromkeys(within.get(place_id, ()), n))
    found = Facets(
        categories=tuple(sorted(by_category.items())),
        places=tuple(
            PlaceCount(
                each.id,
                each.label,
                by_place[each.id],
                each.kind,
                each.parent_id,
                position_of.get(each.id),
            )
            for each in places
            if by_place[each.id] or each.id == chosen.place_id
        ),
        conditions=tuple((each, by_condition[each]) for each in Condition),
        colours=_some(Colour, chosen.colours, sums.by_trait("colour")),
        materials=_some(Material, chosen.materials, sums.by_trait("material")),
        stages=_some(Stage, chosen.stages, sums.by_trait("stage")),
        terms=_some(Terms, chosen.terms, sums.by_trait("terms")),
        available=((Available.NOW, waits[0]), (Available.SOON, waits[0] + waits[1])),
        distances=tuple(
            (each, by_distance[each]) for each in Within if each in within.get(None, ())
        ),
        origins=_origins(places, chosen.stood_at),
    )
    return found, sums.total


_COUNTED = MadeOf(500, _counted)

Test = Callable[[Group], bool]


def _tests(
    lies_in: Mapping[UUID, Sequence[UUID]],
    within: Mapping[UUID | None, frozenset[Within]],
    chosen: Chosen,
) -> dict[str, Test]:
    """What a group has to pass by each filter that is chosen."""
    tests: dict[str, Test] = {}
    if chosen.category_id is not None:
        tests["category"] = lambda group: group.category_id == chosen.category_id
    if chosen.place_id is not None:
        tests["place"] = lambda group: (
            chosen.place_id in lies_in.get(group.place_id, (group.place_id,))
        )
    if chosen.conditions:
        tests["condition"] = lambda group: group.condition in chosen.conditions
    if chosen.colours:
        tests["colour"] = lambda group: unpacked(group.traits).colour in chosen.colours
    if chosen.materials:
        tests["material"] = lambda group: unpacked(group.traits).material in chosen.materials
    if chosen.stages:
        tests["stage"] = lambda group: unpacked(group.traits).stage in chosen.stages
    if chosen.terms:
        tests["terms"] = lambda group: unpacked(group.traits).terms in chosen.terms
    if chosen.is_ready_by:
        tests["wait"] = lambda group: group.traits >> WAIT_AT < LATE
    if chosen.within is not None:
        tests["within"] = lambda group: chosen.within in within.get(group.place_id, ())
    return tests


class _Sums:
    """Groups that pass all tests, and for each test those that pass all others."""

    def __init__(self, tests: Mapping[str, Test], groups: Sequence[Group]) -> None:
        self._passed: list[Group] = []
        self._but_for: dict[str, list[Group]] = {name: [] for name in tests}
        for group in groups:
            failed = [name for name, test in tests.items() if not test(group)] if tests else []
            if not failed:
                self._passed.append(group)
            elif len(failed) == 1:
                self._but_for[failed[0]].append(group)
        self.total = sum(group.listings for group in self._passed)
        self._traits = _added(self._passed, lambda group: group.traits)

    def of(self, facet: str, key: Callable[[Group], _Key]) -> Counter[_Key]:
        found = _added(self._passed, key)
        found.update(_added(self._but_for.get(facet, ()), key))
        return found

    def by_trait(self, name: str) -> Counter[object]:
        """By one of the ``Traits``; those of what passes all are taken apart once."""
        found: Counter[object] = Counter()
        others = _added(self._but_for.get(name, ()), lambda group: group.traits)
        at = Traits._fields.index(name)
        for traits in (self._traits, others):
            for number, n in traits.items():
                found[unpacked(number)[at]] += n
        return found


def _added(groups: Iterable[Group], key: Callable[[Group], _Key]) -> Counter[_Key]:
    found: Counter[_Key] = Counter()
    for group in groups:
        found[key(group)] += group.listings
    return found


_Choice = TypeVar("_Choice", Colour, Material, Stage, Terms)


def _some(
    kind: type[_Choice], chosen: Sequence[_Choice], counts: Mapping[object, int]
) -> tuple[tuple[_Choice, int], ...]:
    """What there is some of, or is chosen, in the order of the choices."""
    found = ((each, counts.get(each, 0)) for each in kind)
    return tuple((each, n) for each, n in found if n or each in chosen)


def _within(
    places: Sequence[Node],
    lies_in: Mapping[UUID, Sequence[UUID]],
    position_of: Mapping[UUID, Position],
    chosen: Chosen,
) -> Mapping[UUID | None, frozenset[Within]]:
    """Where each place lies as seen from where one stands; under ``None`` what can be told at all.

    Nothing where one stands nowhere.
    """
    path = lies_in.get(chosen.stood_at) if chosen.stood_at else None
    if path is None:
        return {}
    kinds = {each.id: each.kind for each in places}
    building = next((each for each in path if kinds[each] is PlaceKind.BUILDING), path[0])
    here = standing(position_of[path[0]]) if path[0] in position_of else None
    found: dict[UUID | None, frozenset[Within]] = {}
    for place_id, around in lies_in.items():
        near = {Within.BUILDING} if building in around else set()
        if here is not None and place_id in position_of:
            square = square_of(position_of[place_id], here)
            near |= {each for each in METRES if square <= reach(each)}
        found[place_id] = frozenset(near)
    found[None] = _ALL if here is not None else frozenset({Within.BUILDING})
    return found


def _own_position(place: Node) -> Position | None:
    if place.latitude_udeg is None or place.longitude_udeg is None:
        return None
    return place.latitude_udeg, place.longitude_udeg


def _positions(
    lies_in: Mapping[UUID, Sequence[UUID]], places: Sequence[Node]
) -> dict[UUID, Position]:
    """Where each place is, by its own position or that of the nearest place around it."""
    own = {each.id: at for each in places if (at := _own_position(each)) is not None}
    found: dict[UUID, Position] = {}
    for key, path in lies_in.items() if own else ():
        at = next((own[each] for each in path if each in own), None)
        if at is not None:
            found[key] = at
    return found


def _origins(places: Sequence[Node], stood_at: UUID | None) -> tuple[tuple[UUID, str], ...]:
    """Places with a position, and the one that is stood at."""
    return tuple(
        (each.id, each.label)
        for each in places
        if each.id == stood_at or _own_position(each) is not None
    )


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
