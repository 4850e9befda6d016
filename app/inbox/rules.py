"""Cases and site visits: what they are about, their states, and how their days are counted."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum


class Channel(StrEnum):
    """How a case came in."""

    FORM = "form"
    EMAIL = "email"
    PHONE = "phone"


class Kind(StrEnum):
    """What somebody wants of the furniture manager."""

    MEND = "mend"
    MOVE = "move"
    HAND_IN = "hand_in"
    WISH = "wish"
    ASSESS = "assess"
    DISPOSE = "dispose"
    OTHER = "other"


class CaseState(StrEnum):
    """``WAITING``: for an answer from who asked. ``WITHDRAWN``: who asked does not need it any more."""

    NEW = "new"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class CaseVerb(StrEnum):
    BEGIN = "begin"
    WAIT = "wait"
    CLOSE = "close"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"


S, V = CaseState, CaseVerb

_ENDS: Mapping[StrEnum, StrEnum | str] = {V.CLOSE: S.CLOSED, V.WITHDRAW: S.WITHDRAWN}
CASE_MACHINE: Mapping[StrEnum, Mapping[StrEnum, StrEnum | str]] = {
    S.NEW: {V.BEGIN: S.IN_PROGRESS, V.WAIT: S.WAITING, **_ENDS},
    S.IN_PROGRESS: {V.WAIT: S.WAITING, **_ENDS},
    S.WAITING: {V.BEGIN: S.IN_PROGRESS, **_ENDS},
    S.CLOSED: {V.REOPEN: S.IN_PROGRESS},
    S.WITHDRAWN: {},
}
OPEN = (S.NEW, S.IN_PROGRESS, S.WAITING)


class Outcome(StrEnum):
    """How a case ended."""

    REUSED = "reused"
    MENDED = "mended"
    MOVED = "moved"
    TAKEN_IN = "taken_in"
    BOUGHT = "bought"
    DISPOSED = "disposed"
    ADVISED = "advised"
    DECLINED = "declined"
    OTHER = "other"


class NoteKind(StrEnum):
    """``NOTE`` is among those who handle cases; the other two pass between them and who asked."""

    NOTE = "note"
    REPLY = "reply"
    MESSAGE = "message"


class VisitState(StrEnum):
    PLANNED = "planned"
    DONE = "done"
    CANCELLED = "cancelled"


class VisitVerb(StrEnum):
    FINISH = "finish"
    CANCEL = "cancel"


VISIT_MACHINE: Mapping[StrEnum, Mapping[StrEnum, StrEnum | str]] = {
    VisitState.PLANNED: {
        VisitVerb.FINISH: VisitState.DONE,
        VisitVerb.CANCEL: VisitState.CANCELLED,
    },
    VisitState.DONE: {},
    VisitState.CANCELLED: {},
}


def case_number(year: int, number: int) -> str:
    """As people say it: ``2026-0042``."""
    return f"{year}-{number:04d}"


_NUMBER = re.compile(r"\s*(\d{4})\s*[-–/]\s*(\d{1,9})\s*")


def read_number(text: str) -> tuple[int, int] | None:
    """Year and number, if the text is a case's number and nothing else."""
    found = _NUMBER.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else None


def percentile(values: Sequence[int], share: int) -> float | None:
    """Of whole days: the least value that ``share`` % do not exceed; the median between two middles.

    The nearest-rank method; for 50 % of an even number of values the mean of the two in the middle.
    """
    if not values:
        return None
    ordered, count = sorted(values), len(values)
    if share == 50:
        return (ordered[(count - 1) // 2] + ordered[count // 2]) / 2
    return float(ordered[max(1, -(-count * share // 100)) - 1])
