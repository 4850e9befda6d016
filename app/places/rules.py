"""What may lie below what: property › building › floor › room, and storage in any of them.

How far it is between two places, by their positions.
"""

from collections.abc import Mapping
from fractions import Fraction
from math import asin, cos, radians, sin, sqrt

from app.places.models import PlaceKind

K = PlaceKind

BELOW: Mapping[PlaceKind | None, frozenset[PlaceKind]] = {
    None: frozenset({K.PROPERTY, K.BUILDING, K.STORAGE}),
    K.PROPERTY: frozenset({K.BUILDING, K.STORAGE}),
    K.BUILDING: frozenset({K.FLOOR, K.ROOM, K.STORAGE}),
    K.FLOOR: frozenset({K.ROOM, K.STORAGE}),
    K.ROOM: frozenset(),
    K.STORAGE: frozenset({K.ROOM}),
}

SEPARATOR = " › "


def label_of(parent_label: str | None, name: str) -> str:
    """The readable path: ``"Bygg A › 2. etg. › 214"``."""
    return name if parent_label is None else parent_label + SEPARATOR + name


Position = tuple[int, int]
"""Latitude and longitude in millionths of a degree, as a place keeps them."""

EARTH_M = 6_371_009
"""Mean radius of the earth in m (IUGG)."""

ROAD_FACTOR = Fraction(13, 10)
"""Metres of road for each metre in a straight line: an estimate, said wherever it is used."""


def straight_m(one: Position, other: Position) -> int:
    """The great circle between two positions in whole metres (haversine)."""
    lat, lon, lat_there, lon_there = (radians(each / 1_000_000) for each in (*one, *other))
    half = sin((lat_there - lat) / 2) ** 2
    half += cos(lat) * cos(lat_there) * sin((lon_there - lon) / 2) ** 2
    return round(2 * EARTH_M * asin(min(1.0, sqrt(half))))


def road_m(one: Position, other: Position) -> int:
    """How far it is by road, roughly: the straight line times ``ROAD_FACTOR``."""
    return round(straight_m(one, other) * ROAD_FACTOR)
