"""States of projects and programme lines."""

from collections.abc import Mapping
from enum import StrEnum

from app.impact.rules import FulfilmentSource
from app.kit.i18n import N_


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


PROJECT_MACHINE: Mapping[StrEnum, Mapping[StrEnum, StrEnum | str]] = {
    ProjectState.PLANNED: {ProjectVerb.START: ProjectState.ACTIVE},
    ProjectState.ACTIVE: {},
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
