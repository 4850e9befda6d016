"""Letters to people without an account, who left an address with what they asked."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.kit.columns import UtcDateTime
from app.kit.tenancy import TenantModel


class OutsideLetter(TenantModel):
    """One letter to one address. Sent as a notice is; ``kind`` names its texts.

    ``language`` is that of the page it was asked on.

    There is no list to read it in and nothing to choose: who has no account is written to twice,
    when the case is received and when it is ended.
    """

    __tablename__ = "outside_letter"

    kind: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[UUID]
    email: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(8))
    values: Mapped[dict[str, Any]] = mapped_column("letter_values", JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(String(400))
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    gave_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (Index("ix_outside_letter_waiting", "sent_at", "next_try_at"),)
