"""What people are told: a row in the verb's own transaction, sent by a job afterwards."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.kit.columns import EnumText, UtcDateTime
from app.kit.tenancy import TenantModel, same_org
from app.notices.kinds import Act, Delivery


class Notice(TenantModel):
    """One thing told to one person. ``kind`` names the texts under ``templates/email/``.

    The row is the truth: ``sent_at`` is empty until the mail server took it. Attempts, next try
    and last error stand here; after ``gave_up_at`` a person has to look. ``delivery`` is what the
    person had chosen when it happened: one that is told daily is sent with its ``digest_id``, one
    told in the program alone never is.
    """

    __tablename__ = "notice"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[UUID]
    values: Mapped[dict[str, Any]] = mapped_column("notice_values", JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(String(400))
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    gave_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delivery: Mapped[Delivery] = mapped_column(EnumText(Delivery), default=Delivery.AT_ONCE)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    digest_id: Mapped[UUID | None]

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("digest_id", "digest"),
            Index("ix_notice_waiting", "delivery", "sent_at", "next_try_at"),
            Index("ix_notice_person", "org_id", "person_id", "created_at"),
            Index("ix_notice_digest", "org_id", "digest_id"),
        )


class Digest(TenantModel):
    """One person's letter of a morning, with the notices that name it. Sent as a notice is."""

    __tablename__ = "digest"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    day: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(String(400))
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    gave_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            UniqueConstraint("org_id", "person_id", "day"),
            Index("ix_digest_waiting", "sent_at", "next_try_at"),
        )


class NoticeChoice(TenantModel):
    """How a person wants to be told of a kind; without a row as the kind itself says."""

    __tablename__ = "notice_choice"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(60))
    delivery: Mapped[Delivery] = mapped_column(EnumText(Delivery))

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (UniqueConstraint("org_id", "person_id", "kind"),)


class AnswerLink(TenantModel):
    """A link in a letter: who may answer what with it, once. Only the token's SHA-256 is kept.

    ``asked`` is a hash of the question as it stood, and of the address the letter went to.
    """

    __tablename__ = "answer_link"

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    act: Mapped[Act] = mapped_column(EnumText(Act))
    subject_id: Mapped[UUID]
    asked: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    spent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_yes: Mapped[bool | None]

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (Index("ix_answer_link_expires_at", "expires_at"),)
