"""A search's hits by building, and where the buildings stand on a drawing of ours.

No session and no map from elsewhere: positions of the organisation's places, on a plane with north
up. A drawing is in units of its own, ``WIDTH`` wide; what would cover one another is one mark.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, radians, sqrt
from uuid import UUID

from app.marketplace.facets import PlaceCount
from app.marketplace.search_looks import UDEG_M
from app.places.models import PlaceKind
from app.places.rules import SEPARATOR, Position

WIDTH, MARGIN = 400, 56
LOWEST, HIGHEST = 160, 360
LEAST_METRES = 150
"""A drawing is never of less ground than this across: one building is no plain."""
WIDE, HIGH = 84, 50
"""How near two marks may come, sideways and upwards, for both to be read with their names."""
SMALLEST, LARGEST = 13, 24
NAME = 16
ROUND = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class House:
    """A building, a storage outside of any, or a property where things stand outside of both."""

    place_id: UUID
    label: str
    count: int
    position: Position | None
    around: tuple[UUID, ...]
    """The places it lies in, the nearest first."""

    @property
    def name(self) -> str:
        return self.label.rpartition(SEPARATOR)[2]


def houses_of(places: Sequence[PlaceCount], below: UUID | None = None) -> list[House]:
    """Every hit in one of them: their counts add up to the search's. Only those with some.

    ``below`` leaves out what lies outside of that place.
    """
    by_id = {each.place_id: each for each in places}
    paths: dict[UUID | None, tuple[UUID, ...]] = {
        each.place_id: tuple(_path(by_id, each)) for each in places
    }
    kinds = {each.place_id: each.kind for each in places}
    found: list[House] = []
    left = {each.place_id: each.count for each in places if each.kind is PlaceKind.PROPERTY}
    for each in places:
        around = paths[each.place_id][1:]
        is_house = each.kind is PlaceKind.BUILDING or (
            each.kind is PlaceKind.STORAGE
            and all(kinds[place_id] is PlaceKind.PROPERTY for place_id in around)
        )
        if is_house:
            found.append(_house(each, each.count, around))
            for place_id in around:
                left[place_id] -= each.count
    found += [_house(by_id[key], n, paths[key][1:]) for key, n in left.items()]
    # A room that is chosen has no house in it: the house that it is in is meant.
    outer = {key for key in paths.get(below, ()) if kinds[key] is not PlaceKind.PROPERTY}
    shown = [
        each
        for each in found
        if each.count
        and (below is None or below in (each.place_id, *each.around) or each.place_id in outer)
    ]
    return sorted(shown, key=lambda each: (-each.count, each.label))


def _house(place: PlaceCount, count: int, around: tuple[UUID, ...]) -> House:
    return House(place.place_id, place.label, count, place.position, around)


def _path(by_id: Mapping[UUID, PlaceCount], place: PlaceCount) -> Iterable[UUID]:
    at: PlaceCount | None = place
    while at is not None:
        yield at.place_id
        at = by_id.get(at.parent_id) if at.parent_id else None


@dataclass(frozen=True, slots=True)
class Mark:
    """A circle with a count in it, for one house or for several that are too near to draw apart."""

    x: float
    y: float
    radius: float
    count: int
    houses: tuple[House, ...]

    @property
    def name(self) -> str | None:
        """Of one house, as much as there is room for."""
        if len(self.houses) > 1:
            return None
        name = self.houses[0].name
        return name if len(name) <= NAME else f"{name[: NAME - 1].rstrip()}…"

    @property
    def together(self) -> UUID | None:
        """The nearest place that all of its houses lie in, or the only one itself."""
        if len(self.houses) == 1:
            return self.houses[0].place_id
        common = set.intersection(*({each.place_id, *each.around} for each in self.houses))
        first = self.houses[0]
        return next((each for each in (first.place_id, *first.around) if each in common), None)


@dataclass(frozen=True, slots=True)
class Drawing:
    height: int
    marks: tuple[Mark, ...]
    bar: float
    """How long the bar is that says how far ``bar_m`` metres are."""
    bar_m: int


def drawing(houses: Sequence[House]) -> Drawing | None:
    """The houses whose position is known, with north up; nothing where none is."""
    known = [(each, each.position) for each in houses if each.position is not None]
    if not known:
        return None
    middle = (min(at[0] for _, at in known) + max(at[0] for _, at in known)) / 2
    narrowing = cos(radians(middle / 1_000_000))
    metres = [(each, at[1] * narrowing * UDEG_M, -at[0] * UDEG_M) for each, at in known]
    west, east = min(x for _, x, _ in metres), max(x for _, x, _ in metres)
    north, south = min(y for _, _, y in metres), max(y for _, _, y in metres)
    inside = WIDTH - 2 * MARGIN
    scale = min(
        inside / max(east - west, LEAST_METRES), (HIGHEST - 2 * MARGIN) / max(south - north, 1)
    )
    height = max(LOWEST, round((south - north) * scale) + 2 * MARGIN)
    left = (WIDTH - (east - west) * scale) / 2
    top = (height - (south - north) * scale) / 2
    placed = [(each, left + (x - west) * scale, top + (y - north) * scale) for each, x, y in metres]
    bar_m = _round_metres(inside / 3 / scale)
    return Drawing(height, _marks(placed), round(bar_m * scale, 1), bar_m)


def _marks(placed: Sequence[tuple[House, float, float]]) -> tuple[Mark, ...]:
    """The largest first; a smaller house that would lie on a mark becomes part of it."""
    groups: list[tuple[float, float, list[House]]] = []
    for house, x, y in placed:
        for at_x, at_y, inside in groups:
            if abs(at_x - x) < WIDE and abs(at_y - y) < HIGH:
                inside.append(house)
                break
        else:
            groups.append((x, y, [house]))
    counts = [sum(each.count for each in inside) for _, _, inside in groups]
    most = max(counts)
    return tuple(
        Mark(
            round(x, 1),
            round(y, 1),
            round(SMALLEST + (LARGEST - SMALLEST) * sqrt(count / most), 1),
            count,
            tuple(inside),
        )
        for (x, y, inside), count in zip(groups, counts, strict=True)
    )


def _round_metres(most: float) -> int:
    """The greatest of 1, 2, 5, 10, 20, 50 … metres that is not above ``most``."""
    steps = [digit * int(10**power) for power in range(8) for digit in ROUND]
    return next((one for one, more in pairwise(steps) if more > most), steps[-1])
