"""Trips, ranges and two significant digits; properties that hold for any numbers."""

import json
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.impact.rules import (
    FIVE_SOURCES,
    Estimate,
    FulfilmentSource,
    RangedPart,
    RedesignLevel,
    Rounded,
    SharedBy,
    SnapshotError,
    Transport,
    TripPiece,
    combine,
    estimate,
    recompute,
    reuse_share,
    trip_shares,
    two_digits,
    two_digits_money,
    two_digits_range,
)
from app.impact.snapshot import number_text
from tests.impact.pieces import a_chair, factors

lengths = st.none() | st.integers(0, 5_000)
pieces = st.builds(TripPiece, lengths, lengths, lengths, st.none() | st.integers(0, 500_000))


@given(load=st.lists(pieces, min_size=1, max_size=30), cost=st.integers(0, 10_000_000))
def test_the_shares_of_a_trip_are_exactly_the_trip(load: list[TripPiece], cost: int) -> None:
    found = trip_shares(load)
    assert sum(share * cost for share in found.shares) == cost
    assert all(share > 0 for share in found.shares)


def test_a_trip_without_measurements_and_masses_is_shared_equally() -> None:
    found = trip_shares([TripPiece(None, None, None, None), TripPiece(1, 1, 1, 1)])
    assert (found.by, found.shares) == (SharedBy.EQUAL_PARTS, (Fraction(1, 2),) * 2)


def test_an_empty_load_has_no_shares() -> None:
    assert trip_shares([]).shares == ()


def _transport(trip: Transport | None) -> Decimal:
    values = estimate(a_chair(transport=trip), factors()).inputs["values"]
    return Decimal(values["transport"]["value"])  # type: ignore[index, call-overload, arg-type]


@pytest.mark.parametrize(
    ("trip", "grams"),
    [
        (None, "234.675"),
        (Transport(None, "VAN_DIESEL_KM"), "234.675"),
        (Transport(10_000), "117.3375"),
        (Transport(10_000, "HGV_RIGID_7_17_TKM"), "68.412"),
        (Transport(10_000, "VAN_DIESEL_KM", load_share=Fraction(1, 2)), "1584.45"),
        (Transport(10_000, own_kg_per_km=Decimal("0.1"), share=Fraction(1, 4)), "250"),
        (Transport(10_000, trip_mass_g=Fraction(60_000), share=Fraction(1, 2)), "234.675"),
        (Transport(0), "0"),
    ],
    ids=[
        "unknown trip",
        "unknown distance",
        "unknown vehicle",
        "removal lorry",
        "half a load",
        "the vehicle's own figure",
        "a whole trip's mass, shared",
        "not moved",
    ],
)
def test_the_emission_of_a_trip(trip: Transport | None, grams: str) -> None:
    assert _transport(trip) == Decimal(grams)


@pytest.mark.parametrize(
    ("grams", "amount", "unit"),
    [
        (2_921_160, "2.9", "t"),
        (26_090_000, "26", "t"),
        (73_029, "73", "kg"),
        (994_000, "990", "kg"),
        (999_600, "1.0", "t"),
        (999, "1.0", "kg"),
        (994, "990", "g"),
        (9_960, "10", "kg"),
        (7, "7.0", "g"),
        (0, "0", "g"),
        (-2_500_000, "-2.5", "t"),
        (1_250_000, "1.2", "t"),
        (123_456_000_000, "120000", "t"),
    ],
)
def test_a_figure_is_shown_with_two_significant_digits(grams: int, amount: str, unit: str) -> None:
    found = two_digits(grams)
    assert (f"{found.amount:f}", found.unit) == (amount, unit)


def test_a_range_is_shown_in_the_unit_of_its_figure() -> None:
    shown = two_digits_range(Rounded(2_921_160, 761_160, 26_201_160))
    assert [f"{each.amount:f} {each.unit}" for each in shown] == ["2.9 t", "0.76 t", "26 t"]


def test_money_is_shown_in_kroner_with_two_significant_digits() -> None:
    assert f"{two_digits_money(16_850_000):f}" == "170000"
    assert f"{two_digits_money(-2_287_600):f}" == "-23000"


parts = st.lists(
    st.builds(
        lambda code, tier, value, below, above: RangedPart(
            code, tier, value, value - below, value + above
        ),
        st.sampled_from(["CHAIR_TASK", "SOFA_2", "DESK_FIXED", None]),
        st.sampled_from(["T1", "T3", None]),
        st.integers(-100_000, 1_000_000),
        st.integers(0, 100_000),
        st.integers(0, 100_000),
    ),
    max_size=30,
)


@given(entries=parts)
def test_a_combined_range_holds_its_figure_and_is_no_wider_than_adding_straight(
    entries: list[RangedPart],
) -> None:
    found = combine(entries)
    assert found.value == sum(each.value for each in entries)
    assert sum(each.low for each in entries) <= found.low <= found.value
    assert found.value <= found.high <= sum(each.high for each in entries)


@given(entries=parts)
def test_entries_already_summed_by_category_and_tier_combine_the_same(
    entries: list[RangedPart],
) -> None:
    groups = {(each.category_code, each.tier) for each in entries}
    summed = [
        RangedPart(
            code,
            tier,
            *(
                sum(
                    getattr(each, name)
                    for each in entries
                    if (each.category_code, each.tier) == (code, tier)
                )
                for name in ("value", "low", "high")
            ),
        )
        for code, tier in groups
    ]
    assert combine(summed) == combine(entries)


@given(entries=parts)
def test_entries_with_their_reversals_leave_nothing(entries: list[RangedPart]) -> None:
    reversals = [
        RangedPart(each.category_code, each.tier, -each.value, -each.low, -each.high)
        for each in entries
    ]
    assert combine([*entries, *reversals]) == Rounded(0, 0, 0)


@given(root=st.integers(0, 10**12), step=st.integers(-5, 5))
def test_the_root_is_rounded_to_the_nearest_whole(root: int, step: int) -> None:
    below = RangedPart("CHAIR_TASK", "T3", 0, -root, 0)
    other = RangedPart("SOFA_2", "T3", 0, -abs(step), 0)
    found = -combine([below, other]).low
    square = root**2 + step**2
    assert (2 * found - 1) ** 2 <= 4 * square <= (2 * found + 1) ** 2 or found == square == 0


@given(counts=st.dictionaries(st.sampled_from(FIVE_SOURCES), st.integers(0, 10**9), min_size=1))
def test_the_shares_of_the_sources_sum_to_one(counts: dict[FulfilmentSource, int]) -> None:
    found = reuse_share(counts)
    if found is None:
        assert not sum(counts.values())
        return
    assert sum(found.shares.values()) == 1
    assert found.with_bought_used + found.shares[FulfilmentSource.NEW] == 1
    assert found.without_bought_used <= found.with_bought_used


def test_what_has_left_fulfils_no_line() -> None:
    with pytest.raises(ValueError, match="sold fulfils no programme line"):
        reuse_share({FulfilmentSource.SOLD: 1})


def _estimated(
    code: str, source: FulfilmentSource, level: RedesignLevel | None, months: int | None
) -> Estimate:
    return estimate(
        a_chair(
            category_code=code,
            source=source,
            redesign_level=level,
            extra_life_months=months,
            transport=None,
        ),
        factors(),
    )


@given(
    code=st.sampled_from(sorted(factors().factor_set.categories)),
    source=st.sampled_from(list(FulfilmentSource)),
    level=st.none() | st.sampled_from(list(RedesignLevel)),
    months=st.none() | st.integers(0, 500),
)
def test_low_is_never_above_and_high_never_below_the_figure(
    code: str, source: FulfilmentSource, level: RedesignLevel | None, months: int | None
) -> None:
    found = _estimated(code, source, level, months)
    for view in (found.gross, found.net):
        for figure in (view.waste_g, view.value_chain_waste_g, view.co2e_g, view.saved_ore):
            assert figure is None or figure.low <= figure.value <= figure.high
    assert found.net.waste_g.value <= found.gross.waste_g.value


@given(
    code=st.sampled_from(sorted(factors().factor_set.categories)),
    source=st.sampled_from(list(FulfilmentSource)),
    months=st.none() | st.integers(0, 500),
)
def test_the_stored_inputs_give_the_same_estimate_after_a_way_through_json(
    code: str, source: FulfilmentSource, months: int | None
) -> None:
    found = _estimated(code, source, None, months)
    assert recompute(json.loads(json.dumps(found.inputs))) == found


@given(numerator=st.integers(-(10**30), 10**30), denominator=st.integers(1, 10**12))
def test_a_number_is_written_exactly(numerator: int, denominator: int) -> None:
    number = Fraction(numerator, denominator)
    assert Fraction(number_text(number)) == number


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"formula_version": 2}, "formula version 2 is not known"),
        ({"formula_version": "one"}, "invalid literal"),
        ({"source": "stolen"}, "stolen"),
        ({"values": []}, "values is not an object"),
        ({"values": {}}, "the value .* is missing"),
        ({"values": {"mass": 1}}, "mass is not an object"),
        ({"values": {"mass": {"value": "1/0"}}}, "mass: '1/0' is not a number"),
        ({"values": {"mass": {"value": "1", "terms": 1}}}, "mass is not a list"),
        ({"values": {"mass": {"value": "1", "tier": "T9"}}}, "T9"),
    ],
)
def test_spoilt_inputs_are_refused_by_name(change: dict[str, object], complaint: str) -> None:
    inputs = estimate(a_chair(), factors()).inputs
    with pytest.raises(SnapshotError, match=complaint):
        recompute({**inputs, **change})


def test_missing_inputs_are_refused_by_name() -> None:
    inputs = dict(estimate(a_chair(), factors()).inputs)
    del inputs["currency"]
    with pytest.raises(SnapshotError, match="currency is missing"):
        recompute(inputs)
