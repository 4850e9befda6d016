"""Letters to buyers, who have no account: each a row written with the step it tells of."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.kit.columns import UtcDateTime
from app.kit.tenancy import TenantModel, same_org


class BuyerLetter(TenantModel):
    """Sent as a notice is. Whom it goes to and what it says is read from what was asked."""

    __tablename__ = "buyer_letter"

    buyer_ask_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(60))
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
            same_org("buyer_ask_id", "buyer_ask"),
            Index("ix_buyer_letter_waiting", "sent_at", "next_try_at"),
            Index("ix_buyer_letter_ask", "org_id", "buyer_ask_id"),
        )
