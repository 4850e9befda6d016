"""What people are told: a row in the verb's own transaction, sent by a job afterwards."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.kit.columns import UtcDateTime
from app.kit.tenancy import TenantModel


class Notice(TenantModel):
    """One e-mail to one person. ``kind`` names the texts under ``templates/email/``.

    The row is the truth: ``sent_at`` is empty until the mail server took it. Attempts, next try
    and last error stand here; after ``gave_up_at`` a person has to look.
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

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            Index("ix_notice_waiting", "sent_at", "next_try_at"),
            Index("ix_notice_person", "org_id", "person_id", "created_at"),
        )
