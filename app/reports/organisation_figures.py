"""What the organisation's report holds; the same shape is the JSON of the API.

Masses and CO2e in g, money in øre of ``currency``. Nothing here is rounded for the eye.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.impact.rules import FulfilmentSource, View
from app.ledger.queries_sums import By as SumsBy
from app.reports.figures import Ranged


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for; what is empty leaves nothing out. Years are those of account.

    ``currency`` is the report's where it is not the organisation's own.
    """

    view: View = View.GROSS
    by: str = "source"
    first_year: int | None = None
    last_year: int | None = None
    unit_id: UUID | None = None
    place_id: UUID | None = None
    source: FulfilmentSource | None = None
    category_id: str | None = None
    currency: str | None = None


PARTED_BY = {
    "source": SumsBy.SOURCE,
    "unit": SumsBy.RECEIVER,
    "place": SumsBy.PLACE,
    "category": SumsBy.CATEGORY,
    "project": SumsBy.PROJECT,
    "year": SumsBy.YEAR,
    "month": SumsBy.MONTH,
}
"""What a report may be parted by, in the order that it is offered."""


@dataclass(frozen=True, slots=True)
class Saved:
    """Some entries of one view. ``co2e_g`` is empty where none of them is calculated, never 0.

    ``unpriced`` of the uses wait for an exchange rate; ``saved_ore`` is without them, and empty
    where no other has an amount.
    """

    waste_g: Ranged
    value_chain_waste_g: Ranged
    co2e_g: Ranged | None
    saved_ore: Ranged | None
    mass_g: int
    new_price_ore: int
    uses: int
    not_calculated: int
    unpriced: int


@dataclass(frozen=True, slots=True)
class Row:
    """One part. By units ``received`` is what it took over and ``given`` what it gave away.

    Waste belongs to the giver, CO2e and money to the receiver; elsewhere ``given`` is empty.
    ``is_alone`` is the unit or place that the others stand below, without them.
    """

    key: str | None
    name: str
    received: Saved
    given: Saved | None
    is_alone: bool = False


@dataclass(frozen=True, slots=True)
class YearIncome:
    """Sales to those outside in one year, reversals taken out; ``net_ore`` is without VAT."""

    year: int
    net_ore: int


@dataclass(frozen=True, slots=True)
class YearRates:
    """One year of the whole organisation by its size, in g, g CO2e and øre; person-years in hundredths.

    Exact fractions rounded to four decimals; what has nothing to be divided by is empty.
    ``against_base`` is CO2e per person-year over that of ``base_year``.
    """

    year: int
    employees: int | None
    person_years_hundredths: int | None
    area_m2: int | None
    source: str
    base_year: int | None
    co2e_g_per_employee: float | None
    saved_ore_per_employee: float | None
    waste_g_per_100_employees: float | None
    co2e_g_per_person_year: float | None
    against_base: float | None
    co2e_g_per_m2: float | None


@dataclass(frozen=True, slots=True)
class Historic:
    """A figure of a year before Omløp, in øre of ``currency``, g or pieces; in no sum of the report."""

    year: int
    quantity: str
    value: int
    currency: str | None
    method: str


@dataclass(frozen=True, slots=True)
class Converted:
    """The rate that every amount was multiplied by: one ``own_currency`` cost it of ``currency``.

    Exact, as a decimal, or as a fraction where the rate was recorded the other way round.
    """

    own_currency: str
    currency: str
    rate: str
    day: date
    source: str


@dataclass(frozen=True, slots=True)
class OrganisationReport:
    """``total`` counts each entry once; of a unit it is what it received, and ``given`` what it gave.

    ``pieces`` are unique ones: known for the whole organisation, in one year or all. ``years`` has
    every year whatever years are asked for; ``pieces_by_year`` are the whole organisation's. ``external_income`` is beside the savings and in no sum.
    """

    organisation: str
    currency: str
    wanted: Wanted
    total: Saved
    given: Saved | None
    pieces: int | None
    rows: tuple[Row, ...]
    years: tuple[Row, ...]
    known_years: tuple[int, ...]
    pieces_by_year: Mapping[int, int]
    external_income: tuple[YearIncome, ...]
    rates: tuple[YearRates, ...]
    historic: tuple[Historic, ...]
    factor_sets: tuple[str, ...]
    chain_seq: int
    chain_head: str
    made_at: datetime
    converted: Converted | None = None
