"""Sums of øre, months, and what a rule may say."""

from datetime import date
from fractions import Fraction
from uuid import uuid4

import pytest

from app.costs.models import CostRule
from app.costs.queries import Rule, rule_on
from app.costs.rules import Kind, Payer, is_own, month_of, part_of_price, share_problem, split


@pytest.mark.parametrize(
    ("whole", "weights", "parts"),
    [
        (100, (1, 1, 1), [33, 33, 34]),
        (1, (50, 50), [0, 1]),
        (1, (50, 50, 0), [0, 1, 0]),
        (99_999, (60, 0, 40), [59_999, 0, 40_000]),
        (0, (30, 70), [0, 0]),
        (10_000_000_001, (Fraction(1, 3), Fraction(2, 3)), [3_333_333_333, 6_666_666_668]),
    ],
)
def test_parts_add_up_to_the_whole_and_what_is_without_weight_gets_nothing(
    whole: int, weights: tuple[int | Fraction, ...], parts: list[int]
) -> None:
    assert split(whole, weights) == parts
    assert sum(parts) == whole


def test_every_small_amount_is_shared_exactly() -> None:
    for whole in range(300):
        for giver in range(0, 101, 7):
            for receiver in range(0, 101 - giver, 9):
                weights = (giver, receiver, 100 - giver - receiver)
                parts = split(whole, weights)
                assert sum(parts) == whole
                assert all(
                    0 <= x <= whole * w / 100 + 1 for x, w in zip(parts, weights, strict=True)
                )


def test_a_part_of_the_new_price_is_half_even() -> None:
    assert part_of_price(Fraction(250), 50) == 125
    assert [part_of_price(Fraction(each), 50) for each in (1, 3, 5)] == [0, 2, 2]


def test_what_is_no_month_is_none() -> None:
    assert month_of("2026-12") == (date(2026, 12, 1), date(2027, 1, 1))
    assert month_of("2026-02") == (date(2026, 2, 1), date(2026, 3, 1))
    for typed in ("", "2026-13", "2026-00", "2026-3", "0000-01", "9999-12", "٢٠٢٦-٠٣"):
        assert month_of(typed) is None


def test_shares_are_a_hundred_and_a_giver_pays_neither_a_purchase_nor_itself() -> None:
    assert share_problem(Kind.FREIGHT, (20, 30, 50)) is None
    found = share_problem(Kind.FREIGHT, (20, 30, 49))
    assert found is not None
    assert found[0] is Payer.RECEIVER
    for kind in (Kind.PURCHASE, Kind.INTERNAL_PRICE):
        found = share_problem(kind, (10, 90, 0))
        assert found is not None
        assert found[0] is Payer.GIVER


def test_the_rule_of_a_day_began_last_and_of_one_day_the_newest_holds() -> None:
    rules = [
        Rule(CostRule(number=number, valid_from=day), {}, {})
        for number, day in (
            (1, date(2026, 1, 1)),
            (2, date(2026, 5, 1)),
            (3, date(2026, 3, 1)),
            (4, date(2026, 3, 1)),
        )
    ]
    found = {
        day: None if (rule := rule_on(rules, day)) is None else rule.row.number
        for day in (date(2025, 12, 31), date(2026, 2, 28), date(2026, 3, 1), date(2026, 5, 1))
    }
    assert list(found.values()) == [None, 1, 4, 2]


def test_one_cost_centre_owes_itself_nothing_whichever_units_share_it() -> None:
    one, other = uuid4(), uuid4()
    assert is_own(one, "4100", other, "4100")
    assert not is_own(one, "4100", one, "P-9")
    assert not is_own(one, None, other, None)
    assert is_own(one, None, one, None)
    assert not is_own(one, None, other, "4100")
