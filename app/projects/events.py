"""What happens to projects, programme lines, the pieces that meet them and those that come free."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.impact.rules import FulfilmentSource
from app.items.rules import Fate
from app.kit.events import Event
from app.projects.rules import ProjectRole


@dataclass(frozen=True, kw_only=True)
class ProjectStarted(Event):
    """The subject is the project."""

    unit_id: UUID


@dataclass(frozen=True, kw_only=True)
class ProjectEdited(Event):
    """What changed stands in the revision."""


@dataclass(frozen=True, kw_only=True)
class ProjectEnded(Event):
    """Nothing more is to come or go. Whoever knows of something open refuses it."""


@dataclass(frozen=True, kw_only=True)
class ProjectReopened(Event):
    """It was ended, and goes on."""


@dataclass(frozen=True, kw_only=True)
class ProjectReportFrozen(Event):
    """What the project came to as it was closed. The subject is the frozen report."""

    project_id: UUID
    version: int
    document_sha256: str


@dataclass(frozen=True, kw_only=True)
class ProjectMemberSet(Event):
    """Somebody takes part, in this role from now on. The subject is the project."""

    member_id: UUID
    role: ProjectRole


@dataclass(frozen=True, kw_only=True)
class ProjectMemberRemoved(Event):
    member_id: UUID


@dataclass(frozen=True, kw_only=True)
class ProjectMilestoneSet(Event):
    """A day of the timeline, new or changed. The subject is the project."""

    milestone_id: UUID
    day: date
    is_reached: bool


@dataclass(frozen=True, kw_only=True)
class ProjectMilestoneRemoved(Event):
    milestone_id: UUID


@dataclass(frozen=True, kw_only=True)
class ProgrammeLineAdded(Event):
    """The subject is the line."""

    project_id: UUID
    category_id: str
    quantity: int


@dataclass(frozen=True, kw_only=True)
class ProgrammeLineEdited(Event):
    """``asks_for_other``: other pieces, so many or by another day than before."""

    project_id: UUID
    asks_for_other: bool = False


@dataclass(frozen=True, kw_only=True)
class ProgrammeLineCancelled(Event):
    project_id: UUID


@dataclass(frozen=True, kw_only=True)
class ProgrammeLineReopened(Event):
    project_id: UUID


@dataclass(frozen=True, kw_only=True)
class LineFulfilled(Event):
    """One piece meets a programme line. The subject is the line, not the fulfilment."""

    project_id: UUID
    item_id: UUID
    source: FulfilmentSource


@dataclass(frozen=True, kw_only=True)
class LineUnfulfilled(Event):
    """The piece no longer meets the line, because its handover was undone."""

    project_id: UUID
    item_id: UUID


@dataclass(frozen=True, kw_only=True)
class ItemReleasePlanned(Event):
    """The project will release the piece. The subject is the piece, as of all release events."""

    release_id: UUID
    project_id: UUID
    fate: Fate
    free_from: date


@dataclass(frozen=True, kw_only=True)
class ItemReleaseEdited(Event):
    """``moved_to`` is the new day on which it comes free, where that is another than ``moved_from``."""

    release_id: UUID
    project_id: UUID
    moved_to: date | None
    moved_from: date | None = None


@dataclass(frozen=True, kw_only=True)
class ItemReleaseFreed(Event):
    """Its date is reached."""

    release_id: UUID
    project_id: UUID


@dataclass(frozen=True, kw_only=True)
class ItemReleaseGone(Event):
    """The piece has left, and with it the project."""

    release_id: UUID
    project_id: UUID


@dataclass(frozen=True, kw_only=True)
class ItemReleaseReturned(Event):
    """Its leaving was undone: the project releases it as before."""

    release_id: UUID
    project_id: UUID


@dataclass(frozen=True, kw_only=True)
class ItemReleaseCancelled(Event):
    """The piece is off the project."""

    release_id: UUID
    project_id: UUID


@dataclass(frozen=True, kw_only=True)
class ItemReleaseAllocated(Event):
    """The piece is set aside for a need."""

    release_id: UUID
    project_id: UUID


@dataclass(frozen=True, kw_only=True)
class ItemReleaseGivenBack(Event):
    """It is set aside for nobody any more."""

    release_id: UUID
    project_id: UUID
