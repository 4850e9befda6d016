"""Example C as a project: 200 average items with the shares of Lensmannslia."""

from fractions import Fraction

from app.impact.rules import (
    Estimate,
    FulfilmentSource,
    ScenarioPiece,
    View,
    estimate,
    reference_scenario,
    reuse_share,
)
from tests.impact.pieces import average_item, factors

COUNTS = {
    FulfilmentSource.INTERNAL_REUSE: 124,
    FulfilmentSource.REDESIGNED: 14,
    FulfilmentSource.REDESIGNED_FROM_SURPLUS: 40,
    FulfilmentSource.BOUGHT_USED: 18,
    FulfilmentSource.NEW: 4,
}


def _pieces() -> list[Estimate]:
    return [
        found
        for source, count in COUNTS.items()
        for found in [estimate(average_item(source), factors())] * count
    ]


def _total(view: View, name: str) -> int:
    return sum(getattr(each.figures(view), name).value for each in _pieces())


def test_the_entries_add_up_to_the_printed_totals() -> None:
    assert _total(View.GROSS, "waste_g") == 4_217_744
    assert _total(View.NET, "waste_g") == 2_103_118
    assert _total(View.GROSS, "co2e_g") == 11_295_286
    assert _total(View.NET, "co2e_g") == 5_266_230
    assert _total(View.GROSS, "saved_ore") == 50_442_364
    assert _total(View.NET, "saved_ore") == 8_670_138


def test_reference_actual_and_avoided_always_agree() -> None:
    pieces = [
        ScenarioPiece(each.reference_co2e_g, each.gross.co2e_g.value if each.gross.co2e_g else None)
        for each in _pieces()
    ]
    found = reference_scenario(pieces)
    assert (found.reference_g, found.actual_g, found.avoided_g) == (
        12_381_800,
        1_086_514,
        11_295_286,
    )
    assert found.not_calculated == 0


def test_a_piece_without_a_factor_is_left_out_of_all_three_and_counted() -> None:
    found = reference_scenario([ScenarioPiece(61_909, 61_511), ScenarioPiece(None, None)])
    assert (found.reference_g, found.actual_g, found.avoided_g) == (61_909, 398, 61_511)
    assert found.not_calculated == 1


def test_the_shares_by_count_with_and_without_bought_used() -> None:
    found = reuse_share(COUNTS)
    assert found is not None
    assert [float(share) for share in found.shares.values()] == [0.62, 0.07, 0.2, 0.09, 0.02]
    assert found.without_bought_used == Fraction(89, 100)
    assert found.with_bought_used == Fraction(98, 100)


def test_there_is_no_share_before_the_first_piece() -> None:
    assert reuse_share({}) is None
    assert reuse_share({FulfilmentSource.NEW: 0}) is None
