"""States of a piece and of its label's code, and what a condition means."""

from collections.abc import Mapping
from enum import StrEnum

from app.kit.states import BEFORE


class ItemState(StrEnum):
    DRAFT = "draft"
    IN_USE = "in_use"
    AVAILABLE = "available"
    IN_WORKSHOP = "in_workshop"
    IN_TRANSIT = "in_transit"
    SOLD = "sold"
    DONATED = "donated"
    DISMANTLED = "dismantled"
    RECYCLED = "recycled"
    DISPOSED = "disposed"
    LOST = "lost"
    MERGED = "merged"
    DELETED = "deleted"


class ItemVerb(StrEnum):
    COMPLETE = "complete"
    FREE = "free"
    TAKE_INTO_USE = "take_into_use"
    SEND_TO_WORKSHOP = "send_to_workshop"
    BACK_FROM_WORKSHOP = "back_from_workshop"
    PICK_UP = "pick_up"
    RECEIVE = "receive"
    RECEIVE_IN_STORAGE = "receive_in_storage"
    SELL = "sell"
    DONATE = "donate"
    UNDO_HANDOVER = "undo_handover"
    DISMANTLE = "dismantle"
    RECYCLE = "recycle"
    DISPOSE = "dispose"
    RESTORE = "restore"
    MISS = "miss"
    FIND = "find"
    MERGE = "merge"
    DELETE = "delete"


S, V = ItemState, ItemVerb

REMEMBERED = frozenset({S.IN_USE, S.AVAILABLE})
"""The states that ``state_before`` can hold."""

_WRONG: Mapping[StrEnum, StrEnum | str] = {V.MERGE: S.MERGED, V.DELETE: S.DELETED}
_LEAVES: Mapping[StrEnum, StrEnum | str] = {
    V.DISMANTLE: S.DISMANTLED,
    V.RECYCLE: S.RECYCLED,
    V.DISPOSE: S.DISPOSED,
}
_HELD: Mapping[StrEnum, StrEnum | str] = {
    V.SEND_TO_WORKSHOP: S.IN_WORKSHOP,
    V.PICK_UP: S.IN_TRANSIT,
    V.MISS: S.LOST,
    V.UNDO_HANDOVER: BEFORE,
    **_LEAVES,
    **_WRONG,
}

MACHINE: Mapping[StrEnum, Mapping[StrEnum, StrEnum | str]] = {
    S.DRAFT: {V.COMPLETE: S.IN_USE, V.FREE: S.AVAILABLE, **_WRONG},
    S.IN_USE: {V.FREE: S.AVAILABLE, **_HELD},
    S.AVAILABLE: {V.TAKE_INTO_USE: S.IN_USE, **_HELD},
    S.IN_WORKSHOP: {
        V.BACK_FROM_WORKSHOP: BEFORE,
        V.PICK_UP: S.IN_TRANSIT,
        V.MISS: S.LOST,
        **_LEAVES,
    },
    S.IN_TRANSIT: {
        V.RECEIVE: S.IN_USE,
        V.RECEIVE_IN_STORAGE: S.AVAILABLE,
        V.SELL: S.SOLD,
        V.DONATE: S.DONATED,
        V.UNDO_HANDOVER: BEFORE,
        V.MISS: S.LOST,
    },
    S.SOLD: {V.UNDO_HANDOVER: BEFORE},
    S.DONATED: {V.UNDO_HANDOVER: BEFORE},
    S.RECYCLED: {V.RESTORE: BEFORE},
    S.DISPOSED: {V.RESTORE: BEFORE},
    S.LOST: {V.FIND: BEFORE},
}

PRESENT = frozenset({S.DRAFT, S.IN_USE, S.AVAILABLE, S.IN_WORKSHOP, S.IN_TRANSIT, S.LOST})
"""What the organisation still has, and so counts in its inventory."""


class Condition(StrEnum):
    """A as new · B good · C worn · D damaged."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


class Fate(StrEnum):
    """What is planned for a piece that comes free."""

    MOVE_ALONG = "move_along"
    OFFER = "offer"
    REDESIGN = "redesign"
    PARTS = "parts"
    SELL = "sell"
    RECYCLE = "recycle"


class Verdict(StrEnum):
    """What an expert says is to be done with a piece."""

    KEEP = "keep"
    CLEAN = "clean"
    REPAIR = "repair"
    REUPHOLSTER = "reupholster"
    REDESIGN = "redesign"
    PARTS = "parts"
    DISPOSE = "dispose"


class Suitability(StrEnum):
    """What a piece's surface stands where patients are: wiped with disinfectant, liquids kept out."""

    NONE = "none"
    WIPEABLE = "wipeable"
    BARRIER = "barrier"
    BOTH = "both"


class Suitable(StrEnum):
    """What of it can be asked for; a piece with both answers each of the other two."""

    WIPEABLE = "wipeable"
    BARRIER = "barrier"
    BOTH = "both"


class FoundReportState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class FoundReportVerb(StrEnum):
    CLOSE = "close"
    REOPEN = "reopen"


FOUND_REPORT_MACHINE: Mapping[StrEnum, Mapping[StrEnum, StrEnum | str]] = {
    FoundReportState.OPEN: {FoundReportVerb.CLOSE: FoundReportState.CLOSED},
    FoundReportState.CLOSED: {FoundReportVerb.REOPEN: FoundReportState.OPEN},
}
