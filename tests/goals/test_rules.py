"""How far, how it will end, and what next: the examples that stand on the page."""

from datetime import date
from fractions import Fraction

import pytest

from app.goals.rules import (
    Amount,
    Kind,
    Promise,
    Standing,
    forecast,
    measured,
    percent_of,
    promised,
    proposed,
    standing,
    two_digits,
)

TONNE = 1_000_000


def test_a_share_of_nothing_is_none_and_a_sum_of_nothing_is_nothing() -> None:
    assert measured(Kind.REUSE_SHARE, Amount(0, 0)) is None
    assert measured(Kind.REUSE_SHARE, Amount(1, 3)) == Fraction(100, 3)
    assert measured(Kind.WASTE, Amount(0)) == 0


def test_what_is_not_calculated_is_not_nothing() -> None:
    equipment = Amount(0, uses=2, unknown=2)
    assert measured(Kind.CO2E, equipment) is None
    assert measured(Kind.CO2E, equipment + Amount(61_511, uses=1)) == 61_511
    assert measured(Kind.CO2E, equipment + Amount(0, uses=1)) == 0
    # A correction that takes away more than the year has itself.
    assert measured(Kind.CO2E, Amount(-61_511, uses=-1)) == -61_511
    assert measured(Kind.REUSE_SHARE, Amount(-3, -1)) is None


def test_a_year_goes_on_as_it_has() -> None:
    """The example of the page: 300 t on day 273 of 365."""
    found = forecast(Kind.CO2E, Fraction(300 * TONNE), 2026, date(2026, 9, 30))
    assert found == Fraction(300 * TONNE * 365, 273)
    assert round(found / TONNE) == 401
    assert forecast(Kind.REUSE_SHARE, Fraction(80), 2026, date(2026, 9, 30)) == 80


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 1, 29), None),
        (date(2026, 1, 30), Fraction(30 * 365, 30)),
        (date(2026, 12, 31), Fraction(30)),
        (date(2027, 1, 1), Fraction(30)),
        (date(2025, 12, 31), None),
    ],
)
def test_nothing_is_said_of_a_year_that_has_hardly_begun(
    day: date, expected: Fraction | None
) -> None:
    assert forecast(Kind.WASTE, Fraction(30), 2026, day) == expected


def test_a_leap_year_has_a_day_more() -> None:
    assert forecast(Kind.WASTE, Fraction(60), 2028, date(2028, 2, 29)) == Fraction(366)


@pytest.mark.parametrize(
    ("kind", "expected", "target", "next_goal"),
    [
        (Kind.CO2E, Fraction(400 * TONNE), None, 440 * TONNE),
        (Kind.CO2E, Fraction(401_098_901), 390 * TONNE, 440 * TONNE),
        (Kind.CO2E, Fraction(401_098_901), 500 * TONNE, 500 * TONNE),
        (Kind.REUSE_SHARE, Fraction(80), 75, 82),
        (Kind.REUSE_SHARE, Fraction(80), 90, 90),
        (Kind.REUSE_SHARE, Fraction(100), 100, 100),
        (Kind.SAVED, Fraction(0), 100, None),
        (Kind.SAVED, Fraction(-5), None, None),
        (Kind.ANSWERED, None, 80, None),
        (Kind.SAVED, Fraction(1, 2), None, 1),
    ],
)
def test_the_next_goal_is_a_tenth_more_or_the_same_again(
    kind: Kind, expected: Fraction | None, target: int | None, next_goal: int | None
) -> None:
    assert proposed(kind, expected, target) == next_goal


def test_two_digits_are_rounded_half_to_even() -> None:
    assert [two_digits(Fraction(n)) for n in (0, 7, 99, 104, 105, 115, 994, 995, 123_456)] == [
        *(1, 7, 99, 100, 100, 120, 990, 1000, 120_000),
    ]


def test_sums_add_up_and_shares_are_weighted_by_what_they_were_counted_of() -> None:
    """The example of the page: 80 % of 300 pieces and 60 % of 100."""
    shares = [Promise(Fraction(80), 300), Promise(Fraction(60), 100)]
    assert promised(Kind.REUSE_SHARE, shares) == Promise(Fraction(75), 400)
    assert promised(Kind.WASTE, [Promise(Fraction(5), 0), Promise(Fraction(7), 0)]) == Promise(
        Fraction(12), 0
    )


def test_shares_without_a_year_before_count_alike_and_no_goals_promise_nothing() -> None:
    shares = [Promise(Fraction(80), 0), Promise(Fraction(60), 0)]
    assert promised(Kind.ANSWERED, shares) == Promise(Fraction(70), 0)
    assert promised(Kind.ANSWERED, []) is None
    assert promised(Kind.CO2E, []) is None


@pytest.mark.parametrize(
    ("kind", "so_far", "expected", "is_over", "found"),
    [
        (Kind.WASTE, 100, 200, False, Standing.REACHED),
        (Kind.WASTE, 99, 100, False, Standing.ON_COURSE),
        (Kind.WASTE, 50, 99, False, Standing.BEHIND),
        (Kind.WASTE, 50, None, False, Standing.UNKNOWN),
        (Kind.WASTE, 99, 99, True, Standing.MISSED),
        (Kind.WASTE, 100, 100, True, Standing.REACHED),
        (Kind.ANSWERED, 100, 100, False, Standing.ON_COURSE),
        (Kind.ANSWERED, 100, 100, True, Standing.REACHED),
        (Kind.ANSWERED, None, None, True, Standing.UNKNOWN),
    ],
)
def test_a_share_is_reached_only_when_the_year_is_over(
    kind: Kind, so_far: int | None, expected: int | None, *, is_over: bool, found: Standing
) -> None:
    exact = None if so_far is None else Fraction(so_far)
    ahead = None if expected is None else Fraction(expected)
    assert standing(kind, 100, exact, ahead, is_over=is_over) is found


def test_a_goal_is_not_shown_as_reached_a_gram_too_early() -> None:
    assert percent_of(Fraction(999_999), 1_000_000) == 99
    assert percent_of(Fraction(1_000_000), 1_000_000) == 100
    assert percent_of(Fraction(-5), 100) == 0
    assert percent_of(None, 100) == 0
