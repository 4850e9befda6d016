"""What a stocktake can be, what a scan in it means, and what may be decided afterwards."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from app.items.rules import ItemState


class StocktakeState(StrEnum):
    """``joined``: begun by a phone while another was open in the room, and gone into that one."""

    OPEN = "open"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    JOINED = "joined"


class StocktakeVerb(StrEnum):
    FINISH = "finish"
    REOPEN = "reopen"
    CANCEL = "cancel"


STOCKTAKE_MACHINE: Mapping[StrEnum, Mapping[StrEnum, StrEnum | str]] = {
    StocktakeState.OPEN: {
        StocktakeVerb.FINISH: StocktakeState.FINISHED,
        StocktakeVerb.CANCEL: StocktakeState.CANCELLED,
    },
    StocktakeState.FINISHED: {StocktakeVerb.REOPEN: StocktakeState.OPEN},
}

LATE = timedelta(days=14)
"""How long a finished stocktake takes scans that were made before its end and not sent then."""

EXPECTED = frozenset({ItemState.DRAFT, ItemState.IN_USE, ItemState.AVAILABLE})
"""What ought to stand where it is registered: not what is on its way, in the workshop or lost."""


class Sighting(StrEnum):
    """What one scan was.

    Down to ``has_left`` it was a piece and is kept as such; down to ``unknown`` it is kept as a
    code nobody could place; the last three are only answered.
    """

    FOUND = "found"
    UNEXPECTED = "unexpected"
    WAS_LOST = "was_lost"
    ON_ITS_WAY = "on_its_way"
    HAS_LEFT = "has_left"
    BLANK = "blank"
    CANCELLED = "cancelled"
    SEVERAL = "several"
    UNKNOWN = "unknown"
    AGAIN = "again"
    PLACE = "place"
    MISTYPED = "mistyped"


ANSWERED_ONLY = frozenset({Sighting.AGAIN, Sighting.PLACE, Sighting.MISTYPED})
"""Nothing to keep: met before, the code of a room, or to be asked for again."""

MOVABLE = frozenset({Sighting.UNEXPECTED, Sighting.WAS_LOST})
"""Pieces met here that may be registered elsewhere: one tap moves them."""


def sighting_of(state: ItemState, *, is_expected: bool, is_here: bool) -> Sighting:
    """What the scan of a piece means. ``is_here``: by the register it stands in this place."""
    if state is ItemState.LOST:
        return Sighting.WAS_LOST
    if state is ItemState.IN_TRANSIT:
        return Sighting.ON_ITS_WAY
    if state not in EXPECTED and state is not ItemState.IN_WORKSHOP:
        return Sighting.HAS_LEFT
    return Sighting.FOUND if is_expected or is_here else Sighting.UNEXPECTED


class Decision(StrEnum):
    """What follows from a difference: of unexpected pieces the first two, of missing the others."""

    MOVED_HERE = "moved_here"
    LEFT = "left"
    LOST = "lost"
    KEPT = "kept"


OF_MISSING = frozenset({Decision.LOST, Decision.KEPT})

OPEN_TO_CHANGE = frozenset({Decision.LEFT, Decision.KEPT})
"""Decisions that changed nothing, so that another may follow."""
