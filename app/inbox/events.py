"""What happens to cases and visits. The subject is the case; what was typed stands on the rows."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.inbox.rules import CaseState, Channel, Kind, NoteKind, Outcome
from app.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class CaseReceived(Event):
    channel: Channel
    case_kind: Kind
    unit_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class CaseEdited(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class CaseAssigned(Event):
    """To nobody when ``assignee_id`` is empty."""

    assignee_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class CaseNoted(Event):
    """A line of the thread, and the state that the case has with it."""

    case_note_id: UUID
    note_kind: NoteKind
    state: CaseState


@dataclass(frozen=True, kw_only=True)
class CaseClosed(Event):
    outcome: Outcome
    pieces: int


@dataclass(frozen=True, kw_only=True)
class CaseWithdrawn(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class CaseReopened(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class CasePhotographed(Event):
    case_photo_id: UUID


@dataclass(frozen=True, kw_only=True)
class CasePhotoRemoved(Event):
    case_photo_id: UUID


@dataclass(frozen=True, kw_only=True)
class SiteVisitPlanned(Event):
    """``visitor_id`` is who goes."""

    site_visit_id: UUID
    starts_at: datetime
    visitor_id: UUID


@dataclass(frozen=True, kw_only=True)
class SiteVisitMoved(Event):
    """Another time, place or person."""

    site_visit_id: UUID
    starts_at: datetime
    visitor_id: UUID


@dataclass(frozen=True, kw_only=True)
class SiteVisitDone(Event):
    site_visit_id: UUID


@dataclass(frozen=True, kw_only=True)
class SiteVisitCancelled(Event):
    site_visit_id: UUID
