"""What states, kinds and sources are called."""

from collections.abc import Mapping

from app.kit.i18n import N_
from app.projects.rules import LineState, ProjectKind, ProjectState, ReleaseState

KINDS: Mapping[ProjectKind, str] = {
    ProjectKind.MOVE: N_("Flytting"),
    ProjectKind.RENOVATION: N_("Ombygging"),
    ProjectKind.DEMOLITION: N_("Riving"),
    ProjectKind.NEW_BUILDING: N_("Nybygg"),
    ProjectKind.OPERATION: N_("Drift"),
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
