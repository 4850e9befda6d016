"""A search of one's own market: the filters and orders that only people who choose need.

What a need or a wish asks for is a ``MarketSearch``; nobody waits for a colour.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, ValidationInfo, field_validator, model_validator

from app.kit.i18n import N_
from app.marketplace.commands import MarketSearch
from app.marketplace.rules import Stage, Terms
from app.marketplace.traits import Colour, Material

WEEKS = 4
"""What comes within so many weeks is soon."""


class Sort(StrEnum):
    RELEVANCE = "relevance"
    NEWEST = "newest"
    NEAREST = "nearest"
    SAVING = "saving"


class Available(StrEnum):
    NOW = "now"
    SOON = "soon"


class Within(StrEnum):
    """How far from a place, in a straight line; a building is the one the place lies in."""

    BUILDING = "building"
    KM_1 = "1km"
    KM_5 = "5km"
    KM_20 = "20km"


Ore = Annotated[int, Field(ge=0, le=100_000_000_000)]
FROM_WHERE = N_("Velg stedet avstanden skal regnes fra.")
FROM_ABOVE_TO = N_("«Fra» kan ikke være større enn «til».")
METRES = {Within.KM_1: 1_000, Within.KM_5: 5_000, Within.KM_20: 20_000}


def from_to(value: int | None, info: ValidationInfo) -> int | None:
    """The upper end of a range, said of itself: a range from more to less would find nothing."""
    least = info.data.get(str(info.field_name).replace("_max_", "_min_"))
    if value is not None and least is not None and value < least:
        raise ValueError(FROM_ABOVE_TO)
    return value


class MarketLook(MarketSearch):
    """``within`` and the order by nearness are reckoned from ``from_place_id``.

    ``available`` is now or within four weeks; ``available_by`` is a day, and goes before it.
    What is given away costs 0; what offers are made for has no price, and is in no range of prices.
    """

    colour: list[Colour] = Field(default=[], max_length=len(Colour))
    material: list[Material] = Field(default=[], max_length=len(Material))
    stage: list[Stage] = Field(default=[], max_length=len(Stage))
    terms: list[Terms] = Field(default=[], max_length=len(Terms))
    price_min_ore: Ore | None = None
    price_max_ore: Ore | None = None
    available: Available | None = None
    available_by: date | None = None
    from_place_id: UUID | None = None
    within: Within | None = None
    sort: Sort = Sort.RELEVANCE

    _from_to = field_validator("width_max_mm", "depth_max_mm", "height_max_mm", "price_max_ore")(
        from_to
    )

    @model_validator(mode="after")
    def _is_from_somewhere(self) -> Self:
        if self.within is not None and self.from_place_id is None:
            raise ValueError(FROM_WHERE)
        return self
