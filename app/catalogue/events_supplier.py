"""What happens to suppliers and their agreements. The subject is the supplier."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.catalogue.rules import Work
from app.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class SupplierRegistered(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class SupplierEdited(Event):
    """What changed stands in the revision."""


@dataclass(frozen=True, kw_only=True)
class AgreementMade(Event):
    """A framework agreement stands as it says from now on: ``prices`` lines in its list."""

    framework_agreement_id: UUID
    work: Work
    rank: int
    valid_until: date
    prices: int
