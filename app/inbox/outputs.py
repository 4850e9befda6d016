"""Cases, their threads, visits and what waits, as JSON."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.inbox.models import Case, CaseNote, CasePhoto, SiteVisit
from app.inbox.queries import pieces_of
from app.inbox.queries_waiting import Row, Waits
from app.inbox.rules import CaseState, Channel, Kind, NoteKind, Outcome, VisitState


class Output(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class CaseOut(Output):
    """A case. ``title`` is its number as people say it; ``item_ids`` are the pieces it names."""

    id: UUID
    title: str
    year: int
    number: int
    state: CaseState
    channel: Channel
    kind: Kind
    subject: str
    text: str
    person_id: UUID | None
    asker_name: str
    asker_unit: str | None
    asker_phone: str | None
    asker_email: str | None
    unit_id: UUID | None
    place_id: UUID | None
    item_ids: list[UUID]
    received_on: date
    wanted_date: date | None
    deadline: date | None
    assignee_id: UUID | None
    first_reply_on: date | None
    closed_on: date | None
    outcome: Outcome | None
    pieces: int | None
    created_at: datetime
    version: int

    @classmethod
    def all(cls, session: Session, actor: Actor, cases: Sequence[Case]) -> list["CaseOut"]:
        session.flush()  # versions are counted up as rows are written
        named: dict[UUID, list[UUID]] = defaultdict(list)
        for row in session.execute(pieces_of(actor, [each.id for each in cases])):
            named[row.case_id].append(row.id)
        own = [name for name in cls.model_fields if name != "item_ids"]
        return [
            cls(**{name: getattr(each, name) for name in own}, item_ids=named[each.id])
            for each in cases
        ]


class CaseNoteOut(Output):
    id: UUID
    case_id: UUID
    kind: NoteKind
    text: str
    person_id: UUID | None
    created_at: datetime

    @classmethod
    def all(cls, session: Session, rows: Iterable[CaseNote]) -> list["CaseNoteOut"]:
        session.flush()
        return [cls.model_validate(each) for each in rows]


class CasePhotoOut(Output):
    id: UUID
    case_id: UUID
    person_id: UUID | None
    created_at: datetime

    @classmethod
    def all(cls, session: Session, rows: Iterable[CasePhoto]) -> list["CasePhotoOut"]:
        session.flush()
        return [cls.model_validate(each) for each in rows]


class SiteVisitOut(Output):
    """``id`` is the calendar entry's ``UID`` too; ``sequence`` is what a change names."""

    id: UUID
    case_id: UUID
    state: VisitState
    starts_at: datetime
    minutes: int
    place_id: UUID | None
    meet_at: str | None
    person_id: UUID
    sequence: int
    outcome: str | None

    @classmethod
    def all(cls, session: Session, rows: Iterable[SiteVisit]) -> list["SiteVisitOut"]:
        session.flush()
        return [cls.model_validate(each) for each in rows]


class WaitsOut(BaseModel):
    """One thing that waits for the furniture manager. A visit's ``subject_id`` is its case."""

    kind: Waits
    id: UUID
    subject_id: UUID
    year: int | None
    number: int | None
    title: str
    who: str | None
    unit_id: UUID | None
    state: str
    since: datetime
    deadline: date | None
    is_overdue: bool
    assignee_id: UUID | None
    pieces: int | None

    @classmethod
    def of(cls, row: Row) -> "WaitsOut":
        own = {name: value for name, value in row._asdict().items() if name in cls.model_fields}
        return cls(**own, is_overdue=row.is_late == 0)
