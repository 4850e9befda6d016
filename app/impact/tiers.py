"""How good a figure is: the tiers T1–T6 of section 10 of the savings method.

The percentages of T1, T2 and T4 are the project's estimates; T3 takes the low and high columns of
the factor row itself.
"""

from enum import StrEnum
from fractions import Fraction


class Tier(StrEnum):
    """Where a value comes from. `T?` marks one that is not known, `TR` one that lacks a rate."""

    T1 = "T1"
    T2 = "T2"
    T3 = "T3"
    T4 = "T4"
    T5 = "T5"
    T6 = "T6"
    UNKNOWN = "T?"
    NO_RATE = "TR"


# 90 % band of a normal distribution, for an EPD that states its relative standard deviation.
_BAND_90 = Fraction("1.645")
_EPD_BAND = Fraction("0.10")

# Low and high as factors on the central value.
MAKER_BAND = (Fraction("0.80"), Fraction("1.20"))
MATERIALS_BAND = (Fraction("0.60"), Fraction("1.60"))
SPEND_BAND = (Fraction(1, 2), Fraction(2))


def epd_band(relative_deviation: Fraction | None) -> tuple[Fraction, Fraction]:
    """Factors for low and high of a valid EPD; the low one never falls below 0."""
    half = _EPD_BAND if relative_deviation is None else _BAND_90 * relative_deviation
    return max(Fraction(0), 1 - half), 1 + half
