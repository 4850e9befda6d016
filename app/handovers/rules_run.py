"""In which order a driver stops, how far that is, and what the load takes up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from uuid import UUID

from app.places.rules import Position, road_m


class RunState(StrEnum):
    PLANNED = "planned"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class RunVerb(StrEnum):
    FINISH = "finish"
    CANCEL = "cancel"


RUN_MACHINE: Mapping[StrEnum, Mapping[StrEnum, StrEnum | str]] = {
    RunState.PLANNED: {RunVerb.FINISH: RunState.FINISHED, RunVerb.CANCEL: RunState.CANCELLED}
}


@dataclass(frozen=True, slots=True)
class Leg:
    """One piece from a place to another; ``key`` names it."""

    key: UUID
    start: UUID
    end: UUID


@dataclass(slots=True)
class Stop:
    """What is fetched and delivered at a place; ``metres`` from the stop before, where known."""

    place_id: UUID
    deliver: list[UUID] = field(default_factory=list)
    fetch: list[UUID] = field(default_factory=list)
    metres: int | None = None


def stops_of(
    legs: Sequence[Leg],
    positions: Mapping[UUID, Position],
    labels: Mapping[UUID, str],
    base: UUID | None = None,
) -> list[Stop]:
    """The nearest place next where there is something to do: a piece is fetched before delivered.

    Without positions the places come by their paths, those where something is fetched first. Not
    the shortest way there is, but one that a person can follow and change: the same every time.
    """
    here = positions.get(base) if base else None
    last = base
    to_fetch, carried = list(legs), list[Leg]()
    stops: list[Stop] = []
    while to_fetch or carried:
        starts = {each.start for each in to_fetch}
        places = starts | {each.end for each in carried}

        def rank(
            place: UUID, here: Position | None = here, starts: set[UUID] = starts
        ) -> tuple[bool, int, bool, str]:
            there = positions.get(place)
            far = road_m(here, there) if here and there else 0
            return there is None, far, place not in starts, labels.get(place, "")

        place = min(places, key=rank)
        stop = Stop(place)
        stop.deliver = [each.key for each in carried if each.end == place]
        carried = [each for each in carried if each.end != place]
        taken = [each for each in to_fetch if each.start == place]
        stop.fetch = [each.key for each in taken]
        to_fetch = [each for each in to_fetch if each.start != place]
        carried += taken
        stop.metres = metres_between(positions, last, place)
        stops.append(stop)
        here, last = positions.get(place) or here, place
    return stops


def metres_between(
    positions: Mapping[UUID, Position], one: UUID | None, other: UUID | None
) -> int | None:
    """By road, roughly; unknown where one of the places has no position."""
    start, end = positions.get(one) if one else None, positions.get(other) if other else None
    return road_m(start, end) if start and end else None


def round_trip_m(
    stops: Sequence[Stop], positions: Mapping[UUID, Position], base: UUID | None = None
) -> int | None:
    """The whole run with the way back to where it began; unknown where one position is missing."""
    places = [*([base] if base else []), *(each.place_id for each in stops)]
    if not places:
        return None
    parts = [metres_between(positions, *pair) for pair in pairwise([*places, places[0]])]
    known = [each for each in parts if each is not None]
    return sum(known) if len(known) == len(parts) else None


@dataclass(frozen=True, slots=True)
class Bulk:
    """What one piece takes up: mm³ and g, each with whether it is a default and no measurement."""

    volume_mm3: int | None
    is_volume_guessed: bool
    mass_g: int | None
    is_mass_guessed: bool


@dataclass(frozen=True, slots=True)
class Load:
    """Several pieces together; what is unknown is counted beside the sum, never as 0."""

    pieces: int
    volume_mm3: int
    without_volume: int
    is_volume_guessed: bool
    mass_g: int
    without_mass: int
    is_mass_guessed: bool


def load_of(parts: Sequence[Bulk]) -> Load:
    return Load(
        pieces=len(parts),
        volume_mm3=sum(each.volume_mm3 or 0 for each in parts),
        without_volume=sum(each.volume_mm3 is None for each in parts),
        is_volume_guessed=any(each.is_volume_guessed for each in parts),
        mass_g=sum(each.mass_g or 0 for each in parts),
        without_mass=sum(each.mass_g is None for each in parts),
        is_mass_guessed=any(each.is_mass_guessed for each in parts),
    )


def fullest(stops: Sequence[Stop], bulks: Mapping[UUID, Bulk]) -> Load:
    """The load when there is most of it in the vehicle, by volume: what has to fit in at once."""
    inside: list[UUID] = []
    most = load_of([])
    for stop in stops:
        gone = set(stop.deliver)
        inside = [*(each for each in inside if each not in gone), *stop.fetch]
        now = load_of([bulks[each] for each in inside])
        if (now.volume_mm3, now.pieces) > (most.volume_mm3, most.pieces):
            most = now
    return most
