"""What may lie below what: property › building › floor › room, and storage in any of them."""

from collections.abc import Mapping

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
