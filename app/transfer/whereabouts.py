"""Which of our places and units a row of a sheet names, and which places are missing.

Pure: the organisation's places and units go in as rows; nothing is looked up while a row is judged.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from app.places.models import PlaceKind
from app.places.rules import BELOW
from app.transfer.pieces import Piece

Step = tuple[PlaceKind, str]
"""One level of a path: ``(floor, "2. etg.")``."""

Path = tuple[Step, ...]
MOST_NAME_CHARACTERS = 120
_KINDS = (
    PlaceKind.PROPERTY, PlaceKind.BUILDING, PlaceKind.FLOOR, PlaceKind.ROOM, PlaceKind.STORAGE,
)  # fmt: skip
_NAMES_OF = attrgetter("property", "building", "floor", "room", "place")


class KnownPlace(NamedTuple):
    id: UUID
    parent_id: UUID | None
    kind: PlaceKind
    name: str
    label: str


class KnownUnit(NamedTuple):
    id: UUID
    name: str
    cost_centre: str | None


class Missing(NamedTuple):
    """A place to add: below one we have, or below another missing one (an index before its own)."""

    kind: PlaceKind
    name: str
    parent_id: UUID | None = None
    parent_index: int | None = None


def path_of(piece: Piece) -> Path:
    """What a row says of where it stands, from the widest to the narrowest."""
    names = _NAMES_OF(piece)
    if not any(names):
        return ()
    named = zip(_KINDS, names, strict=True)
    return tuple((kind, name[:MOST_NAME_CHARACTERS].strip()) for kind, name in named if name)


class Places:
    """The organisation's places, found by path; missing ones are planned below the usual place."""

    def __init__(self, places: Iterable[KnownPlace], usual: UUID) -> None:
        self.by_id = {place.id: place for place in places}
        self.usual = usual
        self.missing: list[Missing] = []
        self._planned: dict[tuple[UUID | int | None, str], int] = {}
        self._found: dict[Path, UUID | int] = {}
        self._children: dict[tuple[UUID | None, str], UUID] = {}
        self._by_name: dict[str, list[KnownPlace]] = defaultdict(list)
        self._by_label: dict[str, KnownPlace] = {}
        for place in sorted(self.by_id.values(), key=lambda each: each.label):
            name = place.name.casefold()
            self._children[place.parent_id, name] = place.id
            self._by_name[name].append(place)
            self._by_label.setdefault(place.label.casefold(), place)

    def find(self, path: Path) -> UUID | int:
        """The place's id, or the index of the missing one in ``missing``."""
        if path not in self._found:
            self._found[path] = self._walk(path)
        return self._found[path]

    def _walk(self, path: Path) -> UUID | int:
        current: UUID | int | None = None
        for kind, name in path:
            known = None
            if not isinstance(current, int):
                known = self._known(current, kind, name)
            current = known.id if known else self._plan(current, kind, name)
        return self.usual if current is None else current

    def _known(self, current: UUID | None, kind: PlaceKind, name: str) -> KnownPlace | None:
        folded = name.casefold()
        if kind is PlaceKind.STORAGE and (labelled := self._by_label.get(folded)):
            return labelled
        fitting = [
            place
            for place in self._by_name.get(folded, ())
            if kind in (place.kind, PlaceKind.STORAGE)
        ]
        if current is not None:
            return next((each for each in fitting if current in self._above(each)), None)
        # Without anything above it, a name tells the place below the usual one, or the only one.
        below = [each for each in fitting if self.usual in (each.id, *self._above(each))]
        return below[0] if below else (fitting[0] if len(fitting) == 1 else None)

    def _above(self, place: KnownPlace) -> Iterator[UUID]:
        parent = self.by_id.get(place.parent_id) if place.parent_id else None
        while parent is not None:
            yield parent.id
            parent = self.by_id.get(parent.parent_id) if parent.parent_id else None

    def _plan(self, current: UUID | int | None, kind: PlaceKind, name: str) -> UUID | int:
        if kind is PlaceKind.STORAGE and not name.casefold().startswith(("lager", "storage")):
            kind = PlaceKind.ROOM
        parent: UUID | int | None = self.usual if current is None else current
        while parent is not None and kind not in BELOW[self._kind_of(parent)]:
            parent = self._parent_of(parent)
        if kind not in BELOW[self._kind_of(parent)]:
            # A floor or a room needs a building; one without is a store of its own.
            kind = PlaceKind.STORAGE
        key = (parent, name.casefold())
        if not isinstance(parent, int) and (there := self._children.get((parent, key[1]))):
            return there
        if key not in self._planned:
            self._planned[key] = len(self.missing)
            if isinstance(parent, int):
                self.missing.append(Missing(kind, name, parent_index=parent))
            else:
                self.missing.append(Missing(kind, name, parent_id=parent))
        return self._planned[key]

    def _kind_of(self, place: UUID | int | None) -> PlaceKind | None:
        if isinstance(place, int):
            return self.missing[place].kind
        return None if place is None else self.by_id[place].kind

    def _parent_of(self, place: UUID | int | None) -> UUID | int | None:
        if isinstance(place, int):
            missing = self.missing[place]
            return missing.parent_id if missing.parent_index is None else missing.parent_index
        return None if place is None else self.by_id[place].parent_id


class Units:
    """The organisation's units, found by name or cost centre; an ambiguous word finds none."""

    def __init__(self, units: Iterable[KnownUnit]) -> None:
        self._by_word: dict[str, set[UUID]] = defaultdict(set)
        for unit in units:
            self._by_word[unit.name.casefold()].add(unit.id)
            if unit.cost_centre:
                self._by_word[unit.cost_centre.casefold()].add(unit.id)

    def find(self, *words: str | None) -> UUID | None:
        for word in words:
            found = self._by_word.get(word.casefold(), set()) if word else set()
            if len(found) == 1:
                return next(iter(found))
        return None
