"""What is asked of cases and visits: the commands of form and JSON alike."""

from datetime import date, time
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.inbox.rules import Channel, Kind, Outcome
from app.items.commands import Command, Version
from app.items.service_codes import TypedCode
from app.kit.text import PRINTABLE, STRIPPED, Line, Name, ShortText

MOST_PIECES = 100
MOST_TEXT = 10_000

CaseText = Annotated[str, STRIPPED, Field(max_length=MOST_TEXT), PRINTABLE]
Email = Annotated[
    str,
    STRIPPED,
    Field(max_length=254, pattern=r"^[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+$"),
    PRINTABLE,
]
Codes = Annotated[list[TypedCode], Field(max_length=MOST_PIECES)]


class Ask(Command):
    """What an employee asks for. ``codes`` are on the labels of the pieces it is about."""

    kind: Kind
    text: CaseText
    unit_id: UUID
    place_id: UUID | None = None
    wanted_date: date | None = None
    phone: ShortText | None = None
    codes: Codes = Field(default=[])


class Receive(Command):
    """What came by e-mail or by phone, written down by who handles cases.

    ``received_on`` is today when it is not said. Where ``asker_email`` is a member's, the case is
    that member's.
    """

    channel: Channel
    kind: Kind
    subject: Line
    text: CaseText
    asker_name: Name
    asker_unit: Line | None = None
    asker_phone: ShortText | None = None
    asker_email: Email | None = None
    unit_id: UUID | None = None
    place_id: UUID | None = None
    received_on: date | None = None
    wanted_date: date | None = None
    deadline: date | None = None
    assignee_id: UUID | None = None
    codes: Codes = Field(default=[])


class EditCase(Command):
    case_id: UUID
    version: Version
    kind: Kind
    subject: Line
    unit_id: UUID | None = None
    place_id: UUID | None = None
    wanted_date: date | None = None
    deadline: date | None = None
    assignee_id: UUID | None = None


class AssignCase(Command):
    """To nobody when ``assignee_id`` is empty."""

    case_id: UUID
    assignee_id: UUID | None = None


class AddNote(Command):
    """A note among those who handle cases, which who asked never sees."""

    case_id: UUID
    text: CaseText


class Reply(Command):
    """To who asked; with ``waits`` the case then waits for an answer."""

    case_id: UUID
    text: CaseText
    waits: bool = False


class Write(Command):
    """From who asked."""

    case_id: UUID
    text: CaseText


class CloseCase(Command):
    """``pieces`` is how many it was about; those that are named when it is not said."""

    case_id: UUID
    outcome: Outcome
    pieces: int | None = Field(default=None, ge=0, le=10_000)
    text: CaseText | None = None


class OfCase(Command):
    case_id: UUID


class PlanVisit(Command):
    """On a day and at a time as the clock on the wall shows it there."""

    case_id: UUID
    day: date
    at: time
    minutes: int = Field(default=30, ge=5, le=1440)
    place_id: UUID | None = None
    meet_at: Line | None = None
    person_id: UUID | None = None


class MoveVisit(Command):
    """As ``PlanVisit``; ``sequence`` is the one that was seen."""

    site_visit_id: UUID
    sequence: int = Field(ge=0, le=1_000_000)
    day: date
    at: time
    minutes: int = Field(default=30, ge=5, le=1440)
    place_id: UUID | None = None
    meet_at: Line | None = None
    person_id: UUID | None = None


class FinishVisit(Command):
    site_visit_id: UUID
    outcome: CaseText


class OfVisit(Command):
    site_visit_id: UUID
