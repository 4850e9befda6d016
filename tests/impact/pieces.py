"""Pieces of the worked examples, as facts."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

from app.impact.rules import (
    Epd,
    Estimate,
    Factors,
    Facts,
    FulfilmentSource,
    Money,
    RedesignLevel,
    Rounded,
    Transport,
    UserCase,
    WouldHave,
    read_factor_set,
)

DAY = date(2026, 5, 4)
NOT_MOVED = Transport(distance_m=0)


@cache
def factors() -> Factors:
    return Factors(read_factor_set("2025.1"))


_PLAIN = Facts(
    handed_over_on=DAY,
    source=FulfilmentSource.INTERNAL_REUSE,
    category_code="CHAIR_TASK",
    user_case=UserCase.NEW_USER,
    would_have=WouldHave.NOT_ANSWERED,
    would_discard=True,
    transport=NOT_MOVED,
)


def a_chair(**changes: Any) -> Facts:
    """A task chair, reused internally, not moved, nothing answered, no cost known."""
    return replace(_PLAIN, **changes)


# d = 1.0 and d = 0.8 of example A.
RECORDED_NEED: dict[str, Any] = {"would_have": WouldHave.WOULD_BUY_NEW, "need_recorded": True}
NO_RECORDED_NEED: dict[str, Any] = {"would_have": WouldHave.WOULD_BUY_NEW, "need_recorded": False}

VAN_OF_FORTY = Transport(
    distance_m=40_000, factor_key="VAN_DIESEL_KM", share=Fraction(1, 40), cost_ore=300_000
)


def average_item(source: FulfilmentSource, **changes: Any) -> Facts:
    """The item of "Regneeksempel C", with the redesign level of its source."""
    level = {
        FulfilmentSource.REDESIGNED: RedesignLevel.LIGHT_REFURBISHMENT,
        FulfilmentSource.REDESIGNED_FROM_SURPLUS: RedesignLevel.REMANUFACTURED,
    }.get(source)
    from_surplus = source == FulfilmentSource.REDESIGNED_FROM_SURPLUS
    entered: dict[str, Any] = {
        "source": source,
        "category_code": None,
        "model_epd": Epd(
            gwp_g=Decimal(50_660),
            mass_g=Decimal(25_408),
            delivery_g=Decimal(3_621),
            end_of_life_g=Decimal(7_628),
            valid_until=date(2029, 1, 1),
            source="entered as is",
        ),
        "model_price": Money(428_932),
        "service_life_months": 180,
        "redesign_level": level,
        "built_in_g": Decimal(25_408) * Decimal("0.7") if from_surplus else None,
        "transport": None,
    }
    return a_chair(**(entered | changes))


def triple(figure: Rounded | None) -> tuple[int, int, int]:
    assert figure is not None
    return figure.value, figure.low, figure.high


def ore(figure: Rounded | None) -> int:
    """What is booked of an amount that was calculated."""
    assert figure is not None
    return figure.value


def co2e(found: Estimate, view: str = "gross") -> int:
    figure = found.gross.co2e_g if view == "gross" else found.net.co2e_g
    assert figure is not None
    return figure.value
