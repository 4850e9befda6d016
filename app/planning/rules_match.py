"""Which piles of like pieces meet which lines of a programme: counted, and shared out; pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from app.items.rules import Condition, Suitability, Suitable

SIDES = ("width", "depth", "height")


class Origin(StrEnum):
    """Where a pile is found. What is on the market or in the network is ordered, not allocated."""

    INVENTORY = "inventory"
    RELEASE = "release"
    MARKET = "market"
    NETWORK = "network"


ALLOCATED = (Origin.INVENTORY, Origin.RELEASE)
ORDERED = (Origin.MARKET, Origin.NETWORK)
DONORS_EACH = 2
"""Pieces of a kind that one is built of, where no order says it yet: as twelve for six tables."""


class Pile(NamedTuple):
    """Like pieces that stand together; sizes in mm. ``item_id`` is one of them, if they are ours.

    What ``is_moving_along`` with its user is no new need, and saves nothing by itself. What its project
    will redesign ``is_to_mend``; what it will take apart ``is_donor``.
    """

    origin: Origin
    category_id: str
    condition: Condition
    width_mm: int | None
    depth_mm: int | None
    height_mm: int | None
    suitability: Suitability | None
    free_from: date | None
    place_id: UUID | None
    name: str
    item_id: UUID | None
    listing_id: UUID | None
    project_id: UUID | None
    pieces: int
    is_moving_along: bool = False
    is_to_mend: bool = False
    is_donor: bool = False


class Asked(NamedTuple):
    """What a line asks of a piece: lines that ask for the same are looked for once."""

    category_id: str
    condition: Condition | None
    suitability: Suitable | None
    limits: tuple[int | None, ...]
    wanted_date: date | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line with the pieces it still lacks."""

    id: UUID
    asked: Asked
    open: int


@dataclass(slots=True)
class Supply:
    """What there is for a line: how many of each origin fit it, and how many of them it would get.

    ``got`` is after the lines before it have had theirs: no piece is given twice.
    """

    fit: dict[Origin, int] = field(default_factory=lambda: dict.fromkeys(Origin, 0))
    got: dict[Origin, int] = field(default_factory=lambda: dict.fromkeys(Origin, 0))
    takes: list[tuple[Pile, int]] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(self.got.values())


def suits(wanted: Suitable | None, has: Suitability | None) -> bool:
    """What has both surface and barrier has each of them."""
    return wanted is None or (has is not None and has.value in {wanted.value, "both"})


def fits(asked: Asked, pile: Pile, today: date) -> bool:
    """Whether the pile's pieces meet what is asked; one of unknown size meets no limit.

    In time is by the line's day, or today where that has passed.
    """
    if asked.condition is not None and pile.condition > asked.condition:
        return False
    if not suits(asked.suitability, pile.suitability):
        return False
    if (
        asked.wanted_date is not None
        and pile.free_from is not None
        and pile.free_from > max(asked.wanted_date, today)
    ):
        return False
    sizes = (pile.width_mm, pile.depth_mm, pile.height_mm)
    for index, size in enumerate(sizes):
        least, most = asked.limits[2 * index], asked.limits[2 * index + 1]
        if least is not None and (size is None or size < least):
            return False
        if most is not None and (size is None or size > most):
            return False
    return True


_FIRST = {Origin.INVENTORY: 0, Origin.RELEASE: 1, Origin.MARKET: 2, Origin.NETWORK: 3}


def in_order(pile: Pile) -> tuple[int, date, str, int, str]:
    """What is taken first: what stands free, then by its day, in the best condition, many together."""
    return (
        _FIRST[pile.origin],
        pile.free_from or date.min,
        pile.condition.value,
        -pile.pieces,
        str(pile.item_id or pile.listing_id),
    )


def matched(lines: Iterable[Line], piles: Iterable[Pile], today: date) -> Mapping[UUID, Supply]:
    """The supply of every line, the lines served in their order."""
    found: dict[UUID, Supply] = {}
    fitting = finder(piles, today)
    counted: dict[Asked, dict[Origin, int]] = {}
    left: dict[int, int] = {}
    for line in lines:
        fits_it = fitting(line.asked)
        if line.asked not in counted:
            counted[line.asked] = _count(fits_it)
        supply = found[line.id] = Supply(fit=dict(counted[line.asked]))
        missing = line.open
        for pile in fits_it if missing else ():
            has = left.get(id(pile), pile.pieces)
            taken = min(has, missing)
            if taken:
                left[id(pile)] = has - taken
                missing -= taken
                supply.got[pile.origin] += taken
                supply.takes.append((pile, taken))
                if not missing:
                    break
    return found


def _count(piles: Iterable[Pile]) -> dict[Origin, int]:
    pieces = dict.fromkeys(Origin, 0)
    for pile in piles:
        pieces[pile.origin] += pile.pieces
    return pieces


def reworked(
    lines: Iterable[Line],
    supply: Mapping[UUID, Supply],
    piles: Iterable[Pile],
    surplus: Iterable[Pile],
    today: date,
) -> Mapping[UUID, Sequence[tuple[Pile, int]]]:
    """What could be mended, or built of surplus, for what a line still lacks after its supply.

    Mended: what is to be redesigned, and what is ours and short of nothing but its condition or
    surface. Built: of every ``DONORS_EACH`` pieces of the kind that are to be parts, one.
    """
    left: dict[int, int] = {}
    for each in supply.values():
        for pile, taken in each.takes:
            left[id(pile)] = left.get(id(pile), pile.pieces) - taken
    ours = [e for e in piles if e.origin in ALLOCATED and left.get(id(e), e.pieces)]
    surplus = list(surplus)
    to_mend = [each for each in surplus if each.is_to_mend] + ours
    donors = [each for each in surplus if not each.is_to_mend]
    mendable = finder(to_mend, today)
    found: dict[UUID, list[tuple[Pile, int]]] = {}
    for line in lines:
        missing = line.open - supply[line.id].total
        takes: list[tuple[Pile, int]] = []
        anyhow = line.asked._replace(condition=None, suitability=None)
        for pile in mendable(anyhow) if missing else ():
            has = left.get(id(pile), pile.pieces)
            if taken := min(has, missing):
                left[id(pile)] = has - taken
                missing -= taken
                takes.append((pile, taken))
        for pile in donors if missing else ():
            has = left.get(id(pile), pile.pieces)
            is_of_kind = pile.category_id == line.asked.category_id
            if is_of_kind and (made := min(has // DONORS_EACH, missing)):
                left[id(pile)] = has - made * DONORS_EACH
                missing -= made
                takes.append((pile, made))
        if takes:
            found[line.id] = takes
    return found


def _that_fit(asked: Asked, piles: Sequence[Pile]) -> Sequence[Pile]:
    """As ``fits`` at any time, for many piles at once: one pass for each thing that is asked."""
    found = piles
    if asked.condition is not None:
        worst = asked.condition
        found = [each for each in found if each.condition <= worst]
    if asked.suitability is not None:
        found = [each for each in found if suits(asked.suitability, each.suitability)]
    for index, side in enumerate(SIDES):
        size = attrgetter(f"{side}_mm")
        least, most = asked.limits[2 * index], asked.limits[2 * index + 1]
        if least is not None:
            found = [e for e in found if (mm := size(e)) is not None and mm >= least]
        if most is not None:
            found = [e for e in found if (mm := size(e)) is not None and mm <= most]
    return found


def _in_time(piles: Sequence[Pile], wanted: date | None, today: date) -> Sequence[Pile]:
    if wanted is None:
        return piles
    last = max(wanted, today)
    return [each for each in piles if each.free_from is None or each.free_from <= last]


def finder(piles: Iterable[Pile], today: date) -> Callable[[Asked], Sequence[Pile]]:
    """The piles that fit, in the order they are taken; kept for the next who asks for the same."""
    by_category: dict[str, list[Pile]] = defaultdict(list)
    for pile in sorted(piles, key=in_order):
        by_category[pile.category_id].append(pile)
    at_any_time: dict[Asked, Sequence[Pile]] = {}
    known: dict[Asked, Sequence[Pile]] = {}

    def fitting(asked: Asked) -> Sequence[Pile]:
        if asked not in known:
            # Lines differ in their days more than in what they ask for.
            timeless = asked._replace(wanted_date=None)
            if timeless not in at_any_time:
                at_any_time[timeless] = _that_fit(timeless, by_category[asked.category_id])
            known[asked] = _in_time(at_any_time[timeless], asked.wanted_date, today)
        return known[asked]

    return fitting
