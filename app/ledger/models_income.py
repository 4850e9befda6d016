"""What sales to those outside brought in: a series of its own, never a row of the savings."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.kit.columns import UtcDateTime
from app.kit.tenancy import TenantModel, same_org


class ExternalIncome(TenantModel):
    """One sale, with a number without gaps. Never changed: a mistake is reversed by a row of its own.

    ``amount_ore`` includes ``vat_ore``; a reversal's are negative. ``buyer`` and ``contact`` are
    kept as long as accounts are, then blanked.
    """

    __tablename__ = "external_income"

    number: Mapped[int]
    sold_on: Mapped[date]
    what: Mapped[str] = mapped_column(String(200))
    buyer: Mapped[str] = mapped_column(String(120))
    contact: Mapped[str | None] = mapped_column(Text)
    amount_ore: Mapped[int] = mapped_column(BigInteger)
    vat_percent: Mapped[int]
    vat_ore: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    reason: Mapped[str | None] = mapped_column(Text)
    buyer_ask_id: Mapped[UUID | None]
    reverses_id: Mapped[UUID | None]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    blanked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def net_ore(self) -> int:
        """Without the VAT."""
        return self.amount_ore - self.vat_ore

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("buyer_ask_id", "buyer_ask"),
            same_org("reverses_id", "external_income"),
            UniqueConstraint("org_id", "number"),
            UniqueConstraint("org_id", "reverses_id"),
            CheckConstraint("vat_percent BETWEEN 0 AND 100", name="vat_percent"),
            Index("ix_external_income_sold_on", "org_id", "sold_on"),
            # Not unique: what was not fetched after all may be fetched another day.
            Index("ix_external_income_buyer_ask", "org_id", "buyer_ask_id"),
        )
