"""What happens to an organisation's own factors and rates."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.impact.facts import FactorKind
from app.impact.tiers import Tier
from app.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class FactorOverrideSet(Event):
    """The subject is the new version. Its value is in the unit of the kind.

    ``row_sha256`` is of all that the row says, ``document_sha256`` of its document's content.
    """

    category_id: str
    factor_kind: FactorKind
    number: int
    value: int
    low: int
    high: int
    currency: str | None
    tier: Tier
    factor_document_id: UUID | None
    document_sha256: str | None
    row_sha256: str


@dataclass(frozen=True, kw_only=True)
class FactorOverrideWithdrawn(Event):
    """The subject is the version that withdraws; the factor set's own row counts again."""

    category_id: str
    factor_kind: FactorKind
    number: int
    row_sha256: str


@dataclass(frozen=True, kw_only=True)
class ExchangeRateRecorded(Event):
    """The rate is an exact decimal, as text."""

    currency: str
    quote_currency: str
    rate: str
    day: date
    row_sha256: str
