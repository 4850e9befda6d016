"""Years close in their order, when they are over, once."""

from datetime import date

from app.ledger.rules_period import Hindrance, hindrance
from app.ledger.rules_report import Factor, in_order

TODAY = date(2026, 3, 2)


def test_a_year_that_is_over_can_be_closed_when_those_before_are() -> None:
    assert hindrance(2025, {2024: True, 2025: False, 2026: False}, TODAY) is None
    assert hindrance(2025, {2024: False, 2025: False}, TODAY) == (Hindrance.EARLIER_OPEN, 2024)
    assert hindrance(2026, {2026: False}, TODAY) == (Hindrance.NOT_OVER, 2026)
    assert hindrance(2026, {2026: False}, date(2026, 12, 31)) == (Hindrance.NOT_OVER, 2026)
    assert hindrance(2026, {2026: False}, date(2027, 1, 1)) is None
    assert hindrance(2025, {2025: True}, TODAY) == (Hindrance.CLOSED, 2025)


def test_factors_that_differ_in_their_tier_alone_have_one_order() -> None:
    own, other = (Factor("1", "a", "2", "1", "3", "g", tier, "s") for tier in ("T3", "T4"))
    assert sorted({own, other}, key=in_order) == sorted({other, own}, key=in_order) == [own, other]
