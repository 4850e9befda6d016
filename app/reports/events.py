"""What is recorded of what reports rest on and show; subject is the row."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

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


@dataclass(frozen=True, kw_only=True)
class ReportPicturesChosen(Event):
    """The pieces whose pictures the project's report shows; nothing: the newest by themselves."""

    project_id: UUID
    item_ids: Sequence[str] | None
