"""What is recorded of what reports rest on; subject is the row."""

from dataclasses import dataclass

from app.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class YearSizeRecorded(Event):
    """Takes the place of what was recorded of the year before."""

    year: int
    employees: int | None
    person_years_hundredths: int | None
    area_m2: int | None
    source: str


@dataclass(frozen=True, kw_only=True)
class HistoricFigureRecorded(Event):
    """Takes the place of what was recorded of the year and quantity before."""

    year: int
    quantity: str
    value: int
    currency: str | None
    method: str


@dataclass(frozen=True, kw_only=True)
class HistoricFigureRemoved(Event):
    year: int
    quantity: str
    value: int
