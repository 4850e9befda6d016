"""What states, kinds and sources are called."""

from collections.abc import Mapping
from typing import Protocol

from app.items import names as item_names
from app.items.rules import Condition, Suitable
from app.kit.i18n import N_, gettext
from app.projects.rules import (
    LineState,
    PlanEnd,
    ProjectKind,
    ProjectRole,
    ProjectState,
    ReleaseState,
)

KINDS: Mapping[ProjectKind, str] = {
    ProjectKind.MOVE: N_("Flytting"),
    ProjectKind.RENOVATION: N_("Ombygging"),
    ProjectKind.DEMOLITION: N_("Riving"),
    ProjectKind.NEW_BUILDING: N_("Nybygg"),
    ProjectKind.OPERATION: N_("Drift"),
}
PROJECT_ROLES: Mapping[ProjectRole, str] = {
    ProjectRole.LEADER: N_("Prosjektleder"),
    ProjectRole.ARCHITECT: N_("Interiørarkitekt"),
    ProjectRole.FURNITURE: N_("Møbelforvalter"),
    ProjectRole.UNIT: N_("Fra enheten"),
    ProjectRole.MOVE: N_("Flytting og logistikk"),
    ProjectRole.FINANCE: N_("Økonomi"),
}
PROJECT_STATES: Mapping[ProjectState, tuple[str, str]] = {
    ProjectState.PLANNED: (N_("Planlagt"), "info"),
    ProjectState.ACTIVE: (N_("I gang"), "accent"),
    ProjectState.CLOSED: (N_("Avsluttet"), "neutral"),
}
LINE_STATES: Mapping[LineState, tuple[str, str]] = {
    LineState.OPEN: (N_("Åpen"), "warning"),
    LineState.FULFILLED: (N_("Dekket"), "success"),
    LineState.CANCELLED: (N_("Avlyst"), "neutral"),
}
RELEASE_STATES: Mapping[ReleaseState, tuple[str, str]] = {
    ReleaseState.PLANNED: (N_("Planlagt ledig"), "info"),
    ReleaseState.FREE: (N_("Ledig fra prosjektet"), "success"),
    ReleaseState.ALLOCATED: (N_("Tildelt"), "accent"),
    ReleaseState.GONE: (N_("Borte"), "neutral"),
    ReleaseState.CANCELLED: (N_("Tatt av prosjektet"), "neutral"),
}


class Asked(Protocol):
    """A line of a programme, kept or asked for."""

    @property
    def condition(self) -> Condition | None: ...

    @property
    def suitability(self) -> Suitable | None: ...


def asked_of(line: Asked) -> str:
    """What a line asks of condition and surface, in words."""
    said = []
    if line.condition is not None:
        worst = gettext(item_names.CONDITIONS[line.condition])
        said.append(gettext("tilstand %(worst)s eller bedre", worst=worst))
    if line.suitability is not None:
        said.append(gettext(item_names.SUITABLES[line.suitability]))
    return " · ".join(said)


PLAN_ENDS: Mapping[PlanEnd, str] = {
    PlanEnd.DELIVERED: N_("Levert"),
    PlanEnd.LET_GO: N_("Frigitt igjen"),
    PlanEnd.TAKEN: N_("Gått til noe annet"),
    PlanEnd.TOO_LATE: N_("Blir ledig for sent"),
    PlanEnd.TAKEN_OFF: N_("Frigis ikke lenger av prosjektet"),
    PlanEnd.LINE_ENDED: N_("Linjen eller prosjektet er avsluttet"),
    PlanEnd.LINE_CHANGED: N_("Linjen ber om noe annet nå, eller om færre"),
}
