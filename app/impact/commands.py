"""What the verbs of own factors and exchange rates take."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.impact.facts import FactorKind
from app.impact.tiers import Tier
from app.kit.documents import Kind
from app.kit.text import PRINTABLE, STRIPPED, Line

CategoryId = Annotated[str, STRIPPED, Field(max_length=40), PRINTABLE]
Reason = Annotated[str, STRIPPED, Field(max_length=400), PRINTABLE]
Amount = Annotated[int, Field(ge=0, le=100_000_000_000)]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
Year = Annotated[int, Field(ge=1990, le=2100)]
MOST_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class Stored:
    """A document that lies in the store, and has no row yet."""

    name: str
    key: str
    sha256: str
    byte_count: int
    kind: Kind


class _Command(BaseModel):
    model_config = ConfigDict(extra="forbid")


class OfFactor(_Command):
    """``version`` is the number of the newest version that was seen, 0 when there was none."""

    category_id: CategoryId
    kind: FactorKind
    version: int = Field(ge=0, le=1_000_000)
    reason: Reason


class SetOverride(OfFactor):
    """An own factor per amount unit: g, g CO2e, øre (excl. VAT) or months.

    Without ``low`` and ``high`` the range is that of the tier: T1 ±10 %, T2 ±20 %, T3 as wide in
    proportion as the category's row, T4 −40/+60 %. ``currency`` is for prices; the organisation's
    own when left out.
    """

    value: Amount
    low: Amount | None = None
    high: Amount | None = None
    tier: Tier = Tier.T3
    source: Line
    currency: Currency | None = None
    price_year: Year | None = None
    document_id: UUID | None = None


class WithdrawOverride(OfFactor):
    """The factor set's own row counts from now on. What was booked stays as it was booked."""


class RecordRate(_Command):
    """One unit of ``currency`` costs ``rate`` units of ``quote_currency`` on the day."""

    currency: Currency
    quote_currency: Currency
    rate: Annotated[Decimal, Field(gt=0, le=1_000_000, max_digits=20, decimal_places=10)]
    day: date
    source: Line
