"""Cases, the pieces and photos they are about, what was said of them, and visits to see it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.inbox.rules import (
    CASE_MACHINE,
    VISIT_MACHINE,
    CaseState,
    Channel,
    Kind,
    NoteKind,
    Outcome,
    VisitState,
    case_number,
)
from app.kit.columns import EnumText, UtcDateTime
from app.kit.i18n import locale
from app.kit.tenancy import TenantModel, same_org


class Case(TenantModel):
    """What somebody asks of the furniture manager, numbered by the year in which it came.

    ``received_on`` is the day there of ``received_at``. ``person_id`` is who asks, where that is a member; else only the name and what else is known
    stand here, with the language of the page on which it was written down: they are written to in
    it. ``pieces`` is how many it was about in the end.
    """

    __tablename__ = "inbox_case"
    machine = CASE_MACHINE

    year: Mapped[int]
    number: Mapped[int]
    state: Mapped[CaseState] = mapped_column(EnumText(CaseState))
    channel: Mapped[Channel] = mapped_column(EnumText(Channel))
    kind: Mapped[Kind] = mapped_column(EnumText(Kind))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    asker_name: Mapped[str] = mapped_column(String(120))
    asker_unit: Mapped[str | None] = mapped_column(String(200))
    asker_phone: Mapped[str | None] = mapped_column(String(40))
    asker_email: Mapped[str | None] = mapped_column(String(254))
    asker_language: Mapped[str] = mapped_column(String(8), default=locale)
    unit_id: Mapped[UUID | None]
    place_id: Mapped[UUID | None]
    received_on: Mapped[date]
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    wanted_date: Mapped[date | None]
    deadline: Mapped[date | None]
    assignee_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    registered_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    first_reply_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    outcome: Mapped[Outcome | None] = mapped_column(EnumText(Outcome))
    pieces: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def title(self) -> str:
        return case_number(self.year, self.number)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("unit_id", "unit"),
            same_org("place_id", "place"),
            UniqueConstraint("org_id", "year", "number"),
            CheckConstraint(
                "(state = 'closed' AND outcome IS NOT NULL) OR state <> 'closed'", name="outcome"
            ),
            CheckConstraint("pieces >= 0", name="pieces"),
            Index("ix_inbox_case_state", "org_id", "state"),
            Index("ix_inbox_case_person", "org_id", "person_id"),
        )


class CaseItem(TenantModel):
    """A piece that a case is about."""

    __tablename__ = "case_item"

    case_id: Mapped[UUID]
    item_id: Mapped[UUID]

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("case_id", "inbox_case"),
            same_org("item_id", "item"),
            UniqueConstraint("org_id", "case_id", "item_id"),
            Index("ix_case_item_item", "org_id", "item_id"),
        )


class CaseNote(TenantModel):
    """A line of the thread. Never changed."""

    __tablename__ = "case_note"

    case_id: Mapped[UUID]
    kind: Mapped[NoteKind] = mapped_column(EnumText(NoteKind))
    text: Mapped[str] = mapped_column(Text)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("case_id", "inbox_case"),
            Index("ix_case_note_case", "org_id", "case_id", "created_at"),
        )


class CasePhoto(TenantModel):
    """A picture with a case; ``resized_at`` is empty until its smaller sizes are made."""

    __tablename__ = "case_photo"

    case_id: Mapped[UUID]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    resized_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resize_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resize_attempts: Mapped[int] = mapped_column(default=0)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("case_id", "inbox_case"),
            Index("ix_case_photo_case", "org_id", "case_id", "created_at"),
            Index(
                "ix_case_photo_waiting",
                "resize_at",
                sqlite_where=text("resized_at IS NULL"),
                postgresql_where=text("resized_at IS NULL"),
            ),
        )


class CasePhotoFile(TenantModel):
    """One stored size of a case's photo, named as those of pieces are."""

    __tablename__ = "case_photo_file"

    case_photo_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[str] = mapped_column(String(64))
    byte_count: Mapped[int]
    width_px: Mapped[int]
    height_px: Mapped[int]

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("case_photo_id", "case_photo"),
            UniqueConstraint("org_id", "case_photo_id", "name"),
            Index("ix_case_photo_file_key", "org_id", "key"),
        )


class SiteVisit(TenantModel):
    """An appointment to see what a case is about. Its id is the calendar entry's.

    ``sequence`` counts what calendars must hear of: another time, another place, cancelled.
    """

    __tablename__ = "site_visit"
    machine = VISIT_MACHINE

    case_id: Mapped[UUID]
    state: Mapped[VisitState] = mapped_column(EnumText(VisitState))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    on_day: Mapped[date]
    minutes: Mapped[int]
    place_id: Mapped[UUID | None]
    meet_at: Mapped[str | None] = mapped_column(String(200))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    sequence: Mapped[int]
    outcome: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("case_id", "inbox_case"),
            same_org("place_id", "place"),
            CheckConstraint("minutes BETWEEN 5 AND 1440", name="minutes"),
            Index("ix_site_visit_case", "org_id", "case_id"),
            Index("ix_site_visit_state", "org_id", "state", "starts_at"),
        )
