"""States of projects, programme lines and releases."""

from collections.abc import Mapping
from enum import StrEnum

from app.impact.rules import FulfilmentSource
from app.kit.i18n import N_
from app.kit.states import BEFORE


class ProjectKind(StrEnum):
    MOVE = "move"
    RENOVATION = "renovation"
    DEMOLITION = "demolition"
    NEW_BUILDING = "new_building"
    OPERATION = "operation"


class ProjectState(StrEnum):
    PLANNED = "planned"
    ACTIVE = "active"
    CLOSED = "closed"


class ProjectVerb(StrEnum):
    START = "start"
    CLOSE = "close"
    REOPEN = "reopen"


class ProjectRole(StrEnum):
    """What a member does in the project; what one may do is for the organisation's roles to say."""

    LEADER = "leader"
    ARCHITECT = "architect"
    FURNITURE = "furniture"
    UNIT = "unit"
    MOVE = "move"
    FINANCE = "finance"


PROJECT_MACHINE: Mapping[StrEnum, Mapping[StrEnum, StrEnum | str]] = {
    ProjectState.PLANNED: {ProjectVerb.START: ProjectState.ACTIVE},
    ProjectState.ACTIVE: {ProjectVerb.CLOSE: ProjectState.CLOSED},
    ProjectState.CLOSED: {ProjectVerb.REOPEN: ProjectState.ACTIVE},
}


class LineState(StrEnum):
    OPEN = "open"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"


class LineVerb(StrEnum):
    FULFIL = "fulfil"
    REOPEN = "reopen"
    CANCEL = "cancel"


LINE_MACHINE: Mapping[StrEnum, Mapping[StrEnum, StrEnum | str]] = {
    LineState.OPEN: {LineVerb.FULFIL: LineState.FULFILLED, LineVerb.CANCEL: LineState.CANCELLED},
    LineState.FULFILLED: {LineVerb.REOPEN: LineState.OPEN},
    LineState.CANCELLED: {LineVerb.REOPEN: LineState.OPEN},
}


class ReleaseState(StrEnum):
    PLANNED = "planned"
    FREE = "free"
    ALLOCATED = "allocated"
    GONE = "gone"
    CANCELLED = "cancelled"


class ReleaseVerb(StrEnum):
    """``FREE``: its date is reached. ``GIVE_BACK``: it is no longer allocated.

    ``LEAVE``: the piece has left, also before its date. ``RETURN``: that was undone.
    """

    FREE = "free"
    ALLOCATE = "allocate"
    GIVE_BACK = "give_back"
    LEAVE = "leave"
    RETURN = "return"
    CANCEL = "cancel"


R, RV = ReleaseState, ReleaseVerb

RELEASE_MACHINE: Mapping[StrEnum, Mapping[StrEnum, StrEnum | str]] = {
    R.PLANNED: {
        RV.FREE: R.FREE,
        RV.ALLOCATE: R.ALLOCATED,
        RV.LEAVE: R.GONE,
        RV.CANCEL: R.CANCELLED,
    },
    R.FREE: {RV.ALLOCATE: R.ALLOCATED, RV.LEAVE: R.GONE, RV.CANCEL: R.CANCELLED},
    R.ALLOCATED: {RV.GIVE_BACK: BEFORE, RV.LEAVE: R.GONE, RV.CANCEL: R.CANCELLED},
    R.CANCELLED: {},
    # An allocation ends with the piece's leaving; back is what it was before.
    R.GONE: {RV.RETURN: BEFORE},
}
UNALLOCATED = frozenset({R.PLANNED, R.FREE})
"""The states that ``state_before`` can hold."""
LIVE = (R.PLANNED, R.FREE, R.ALLOCATED)
"""The piece is the project's to release: at most one such row a piece."""


class PlanEnd(StrEnum):
    """Why a piece is set aside for a line no more.

    ``DELIVERED``: it meets the line. ``LET_GO``: who plans wants it no more. ``TAKEN``: it went to
    somebody else, or is gone. ``TOO_LATE``: its day was moved behind the line's. ``LINE_CHANGED``:
    the line asks for something else, or for fewer.
    """

    DELIVERED = "delivered"
    LET_GO = "let_go"
    TAKEN = "taken"
    TOO_LATE = "too_late"
    TAKEN_OFF = "taken_off"
    LINE_ENDED = "line_ended"
    LINE_CHANGED = "line_changed"


SOURCES: Mapping[StrEnum, str] = {
    FulfilmentSource.INTERNAL_REUSE: N_("Internt ombruk"),
    FulfilmentSource.REDESIGNED: N_("Redesignet"),
    FulfilmentSource.REDESIGNED_FROM_SURPLUS: N_("Redesign av overskudd"),
    FulfilmentSource.BOUGHT_USED: N_("Kjøpt brukt"),
    FulfilmentSource.NEW: N_("Nytt"),
}
SOURCE_HINTS: Mapping[StrEnum, str] = {
    FulfilmentSource.REDESIGNED: N_("Et møbel vi har, er reparert eller trukket om."),
    FulfilmentSource.REDESIGNED_FROM_SURPLUS: N_("Et nytt møbel bygd av deler fra møbler vi har."),
    FulfilmentSource.BOUGHT_USED: N_("Kjøpt eller fått brukt, utenfra."),
    FulfilmentSource.NEW: N_("Kjøpt nytt, når ingenting annet fantes."),
}
