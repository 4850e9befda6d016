"""What a year's report holds: the JSON of the API and of the file.

Masses and CO2e in g, money in øre of ``currency``. Nothing is rounded for the eye: the page does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.reports.figures import Mended, Savings, Views


@dataclass(frozen=True, slots=True)
class Days:
    """Calendar days that ``count`` enquiries took; empty where there is none."""

    count: int
    median: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class Enquiries:
    """Those that came in during the year; ``visits`` are the ones done for them."""

    total: int
    open: int
    closed: int
    withdrawn: int
    pieces: int
    visits: int
    days_to_reply: Days
    days_to_end: Days
    by_kind: Mapping[str, int]
    by_outcome: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Saved:
    """One way of saving: pieces that stand in the accounts, and both views of what they saved."""

    way: str
    sources: tuple[str, ...]
    gross: Savings
    net: Savings


@dataclass(frozen=True, slots=True)
class YearProject:
    """A project that ran in the year, with what it did in it alone.

    ``pieces`` meet its programme, by the five sources; ``ended_on`` is empty while it goes on.
    """

    id: UUID
    number: int
    name: str
    kind: str
    state: str
    began_on: date
    ended_on: date | None
    pieces: int
    by_source: Mapping[str, int]
    gross: Savings
    net: Savings


@dataclass(frozen=True, slots=True)
class SoldOutside:
    """What sales to those outside brought: beside the savings, and in none of their sums."""

    net_ore: int
    vat_ore: int


@dataclass(frozen=True, slots=True)
class Ground:
    """What the figures rest on. The chain's head shows a tail that was cut off."""

    is_closed: bool
    ledger_entries: int
    unique_items: int
    factor_sets: tuple[str, ...]
    chain_seq: int
    chain_head: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class YearlyReport:
    """A year of an organisation's furniture, by the calendar in Norway.

    ``orders`` are requests sent to the market, ``needs`` what was asked for and did not exist; an
    enquiry can lead to either, so the three are never added. The pictures of after in ``mended`` are
    from the year.
    """

    year: int
    organisation: str
    currency: str
    enquiries: Enquiries
    orders: int
    needs: int
    projects: tuple[YearProject, ...]
    ways: tuple[Saved, ...]
    totals: Views
    external_income: SoldOutside
    mended: tuple[Mended, ...]
    basis: Ground
