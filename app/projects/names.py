"""What states, kinds and sources are called."""

from collections.abc import Mapping

from app.kit.i18n import N_
from app.projects.rules import LineState, ProjectKind, ProjectState

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
