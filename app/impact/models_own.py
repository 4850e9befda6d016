"""What an organisation adds to the factor sets: own factors, their documents, exchange rates.

All of it is only ever added to: what was booked keeps its copy, and what held before can be read.
"""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.impact.facts import FactorKind
from app.impact.tiers import Tier
from app.kit.chain import sha256_of
from app.kit.columns import DecimalText, EnumText, UtcDateTime
from app.kit.tenancy import TenantModel, same_org


class FactorDocument(TenantModel):
    """What own factors were read from. The bytes lie in the store under ``key``."""

    __tablename__ = "factor_document"

    name: Mapped[str] = mapped_column(String(120))
    key: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(String(64))
    byte_count: Mapped[int]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (CheckConstraint("byte_count > 0", name="byte_count"),)


class FactorOverride(TenantModel):
    """One version of an organisation's own factor; the highest ``number`` holds.

    Per amount unit: g, g CO2e, hundredths of ``currency`` excl. VAT, or months. A version without a
    value withdraws the factor: the category's row counts again. ``source`` is what it was read
    from, ``price_year`` the year whose prices they are.
    """

    __tablename__ = "factor_override"

    category_id: Mapped[str] = mapped_column(ForeignKey("category.id"))
    kind: Mapped[FactorKind] = mapped_column(EnumText(FactorKind))
    number: Mapped[int]
    value: Mapped[int | None] = mapped_column(BigInteger)
    low: Mapped[int | None] = mapped_column(BigInteger)
    high: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(String(3))
    price_year: Mapped[int | None]
    tier: Mapped[Tier | None] = mapped_column(EnumText(Tier))
    source: Mapped[str | None] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(String(400))
    factor_document_id: Mapped[UUID | None]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("factor_document_id", "factor_document"),
            UniqueConstraint("org_id", "category_id", "kind", "number"),
            CheckConstraint("low >= 0 AND low <= value AND value <= high", name="range"),
            CheckConstraint(
                "(value IS NULL) = (low IS NULL) AND (value IS NULL) = (high IS NULL)"
                " AND (value IS NULL) = (tier IS NULL) AND (value IS NULL) = (source IS NULL)",
                name="whole",
            ),
            CheckConstraint(
                "(currency IS NOT NULL) = (kind = 'price' AND value IS NOT NULL)", name="currency"
            ),
        )

    def sha256(self) -> str:
        """Of all that the version says. Its event holds it, and the chain holds the event."""
        return sha256_of(self, OVERRIDE_SAID)


class ExchangeRate(TenantModel):
    """One unit of ``currency`` cost ``rate`` units of ``quote_currency`` on a day."""

    __tablename__ = "exchange_rate"

    currency: Mapped[str] = mapped_column(String(3))
    quote_currency: Mapped[str] = mapped_column(String(3))
    rate: Mapped[Decimal] = mapped_column(DecimalText)
    day: Mapped[date]
    source: Mapped[str] = mapped_column(String(200))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            UniqueConstraint("org_id", "currency", "quote_currency", "day"),
            Index("ix_exchange_rate_day", "org_id", "day"),
            CheckConstraint("currency <> quote_currency", name="two_currencies"),
        )

    def sha256(self) -> str:
        """Of all that the rate says, for its event."""
        return sha256_of(self, RATE_SAID)


OVERRIDE_SAID = (
    "id",
    "category_id",
    "kind",
    "number",
    "value",
    "low",
    "high",
    "currency",
    "price_year",
    "tier",
    "source",
    "reason",
    "factor_document_id",
    "person_id",
    "created_at",
)
RATE_SAID = (
    "id",
    "currency",
    "quote_currency",
    "rate",
    "day",
    "source",
    "person_id",
    "created_at",
)
"""Named one by one: a column that comes later changes nothing that was said before."""
