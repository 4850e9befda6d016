"""What happens to stocktakes and surveys. Payloads hold ids and counts only."""

from dataclasses import dataclass
from uuid import UUID

from app.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class StocktakeBegun(Event):
    """``expected`` pieces stood in the place by the register."""

    place_id: UUID
    expected: int


@dataclass(frozen=True, kw_only=True)
class StocktakeFinished(Event):
    """``missing`` of the expected pieces were not scanned."""

    place_id: UUID
    expected: int
    missing: int


@dataclass(frozen=True, kw_only=True)
class StocktakeReopened(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class StocktakeCancelled(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class SurveyBegun(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class SurveyCorrected(Event):
    """Its beginning came again with something else in it: it was mended on the phone."""


@dataclass(frozen=True, kw_only=True)
class SurveyFinished(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class SurveyReopened(Event):
    pass
