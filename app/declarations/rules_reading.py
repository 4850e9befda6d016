"""What an environmental declaration says, before anybody has decided anything (method, section 15).

Amounts are exact decimals in kg CO2e and kg, for the whole declared unit. What the file does not
declare is absent, never 0. A file that can not be used is refused by the number of the rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from app.kit.i18n import N_

MODULES = ("A1", "A2", "A3", "A1-A3", "A4", "C1", "C2", "C3", "C4")
"""Those the method uses; A1-A3 is the sum of the first three."""


class Method(StrEnum):
    """How an indicator treats carbon stored in wood, the best one first."""

    GHG = "ghg"
    FOSSIL_LULUC = "fossil_luluc"
    A1 = "a1"
    TOTAL = "total"


class DeclaredUnit(StrEnum):
    ITEM = "item"
    M2 = "m2"
    M = "m"
    KG = "kg"
    OTHER = "other"


class DeclarationRefused(ValueError):  # noqa: N818  (named by the fact, as problems are)
    """A file that can not be used: ``rule`` is its number in section 15, 0 for a broken file.

    ``text`` is a bokmål message with the places of ``values`` as ``%(name)s``.
    """

    def __init__(self, rule: int, text: str, **values: object) -> None:
        super().__init__(f"rule {rule}: {text}")
        self.rule = rule
        self.text = text
        self.values = values


@dataclass(frozen=True, slots=True)
class Amount:
    """One declared amount of a module, in kg CO2e; ``deviation`` is standard deviation ÷ mean."""

    value: Decimal
    scenario: str | None = None
    deviation: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator with what is declared of each module; more than one amount by scenarios."""

    method: Method
    label: str
    modules: Mapping[str, tuple[Amount, ...]]

    @property
    def has_production(self) -> bool:
        """Whether A1–A3 is declared, as one or as all three."""
        return "A1-A3" in self.modules or all(each in self.modules for each in ("A1", "A2", "A3"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A declaration as its file states it. ``indicators`` are in the order of choice.

    ``mass_kg`` is the product's own in the whole declared unit, packaging left out. ``pieces`` are
    in the declared unit, where the file says so. ``defaults`` are the scenarios it marks.
    ``program_operator`` has registered the declaration, and ``owner``, the maker, has made it.
    """

    form: str
    name: str
    number: str
    uuid: str
    issued_on: date | None
    valid_until: date | None
    quantity: Decimal
    unit: DeclaredUnit
    pieces: Decimal | None
    mass_kg: Decimal | None
    indicators: tuple[Indicator, ...]
    service_life_months: int | None = None
    has_biogenic_carbon: bool = False
    program_operator: str = ""
    owner: str = ""
    defaults: frozenset[str] = field(default=frozenset())

    def __post_init__(self) -> None:
        if self.quantity <= 0 or (self.pieces is not None and self.pieces <= 0):
            raise DeclarationRefused(3, N_("Den deklarerte mengden er ikke over 0."))
        if self.mass_kg is not None and self.mass_kg < 0:
            raise DeclarationRefused(5, N_("Massen er ikke et tall over 0."))


FUNCTIONAL = N_(
    "Tallene gjelder en funksjonell enhet over flere år, der utskifting kan være med. De er ikke"
    " produksjonen av ett møbel."
)
