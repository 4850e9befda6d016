"""The worked examples of the savings method, to the gram and øre."""

from decimal import Decimal
from fractions import Fraction

import pytest

from app.impact.rules import (
    FulfilmentSource,
    Money,
    RangedPart,
    RedesignLevel,
    Share,
    Tier,
    Transport,
    TripPiece,
    UserCase,
    WouldHave,
    combine,
    estimate,
    trip_shares,
)
from tests.impact.pieces import (
    NO_RECORDED_NEED,
    RECORDED_NEED,
    VAN_OF_FORTY,
    a_chair,
    average_item,
    co2e,
    factors,
    ore,
    triple,
)

ALL_COSTS = {"cleaning_ore": 25_000, "transport": VAN_OF_FORTY, "costs_complete": True}


def test_example_a_gross_one_of_forty_task_chairs() -> None:
    found = estimate(a_chair(**ALL_COSTS), factors()).gross
    assert triple(found.waste_g) == (15_000, 12_000, 20_000)
    assert triple(found.co2e_g) == (73_029, 44_029, 155_029)
    assert triple(found.saved_ore) == (421_250, 220_250, 871_250)


@pytest.mark.parametrize(
    ("answer", "waste", "emission", "money"),
    [
        (RECORDED_NEED, (8_000, 6_400, 10_667), (38_801, 23_334, 82_534), 209_500),
        (NO_RECORDED_NEED, (6_400, 5_120, 8_533), (30_977, 18_604, 65_964), 161_100),
    ],
)
def test_example_a_net_depends_on_whether_the_need_was_recorded(
    answer: dict[str, object],
    waste: tuple[int, int, int],
    emission: tuple[int, int, int],
    money: int,
) -> None:
    found = estimate(a_chair(**ALL_COSTS, **answer), factors()).net
    assert triple(found.waste_g) == waste
    assert triple(found.co2e_g) == emission
    assert ore(found.saved_ore) == money


@pytest.mark.parametrize(
    ("costs", "gross", "net_recorded", "net_not_recorded"),
    [
        ({"transport": VAN_OF_FORTY}, 273_750, 62_000, 13_600),
        ({}, 270_000, 60_000, 12_000),
    ],
    ids=["only transport known", "no cost known"],
)
def test_example_a_unknown_costs_are_filled_to_forty_percent_of_the_price(
    costs: dict[str, object], gross: int, net_recorded: int, net_not_recorded: int
) -> None:
    recorded = estimate(a_chair(**costs, **RECORDED_NEED), factors())
    unrecorded = estimate(a_chair(**costs, **NO_RECORDED_NEED), factors())
    assert ore(recorded.gross.saved_ore) == ore(unrecorded.gross.saved_ore) == gross
    assert ore(recorded.net.saved_ore) == net_recorded
    assert ore(unrecorded.net.saved_ore) == net_not_recorded


def test_example_a_forty_entries_add_up_to_the_printed_totals() -> None:
    found = estimate(a_chair(**ALL_COSTS, **RECORDED_NEED), factors())
    parts = [
        RangedPart("CHAIR_TASK", found.co2e_tier, *triple(found.net.co2e_g)) for _ in range(40)
    ]
    assert triple(combine(parts)) == (1_552_040, 933_360, 3_301_360)
    assert 40 * ore(found.gross.saved_ore) == 16_850_000


def test_example_b_a_sofa_reupholstered_for_the_same_user() -> None:
    sofa = a_chair(
        category_code="SOFA_2",
        source=FulfilmentSource.REDESIGNED,
        user_case=UserCase.SAME_USER,
        redesign_level=RedesignLevel.REUPHOLSTERY,
    )
    found = estimate(sofa, factors())
    assert triple(found.gross.co2e_g) == (70_036, 60_036, 110_036)
    assert triple(found.net.co2e_g) == (42_183, 35_350, 69_516)


@pytest.mark.parametrize(
    ("source", "waste", "emission", "money"),
    [
        ("internal_reuse", (25_408, 10_841), (61_511, 26_017), (257_359, 11_438)),
        ("redesigned", (25_408, 13_551), (54_926, 26_035), (257_359, 57_191)),
        ("redesigned_from_surplus", (17_786, 14_228), (44_794, 32_412), (257_359, 171_573)),
        ("bought_used", (0, 0), (61_511, 21_064), (257_359, -22_876)),
        ("new", (0, 0), (0, 0), (0, 0)),
    ],
)
def test_example_c_one_entry_of_each_source(
    source: str, waste: tuple[int, int], emission: tuple[int, int], money: tuple[int, int]
) -> None:
    found = estimate(average_item(FulfilmentSource(source)), factors())
    assert (found.gross.waste_g.value, found.net.waste_g.value) == waste
    assert (co2e(found), co2e(found, "net")) == emission
    assert (ore(found.gross.saved_ore), ore(found.net.saved_ore)) == money
    assert found.reference_co2e_g == 61_909


def test_example_c_what_is_bought_used_avoids_waste_in_the_value_chain_only() -> None:
    found = estimate(average_item(FulfilmentSource.BOUGHT_USED), factors())
    assert found.gross.value_chain_waste_g.value == 25_408
    assert found.gross.waste_g.value == 0


def test_example_e_ranges_of_a_hundred_workplaces_add_up() -> None:
    rows = factors().factor_set.categories
    counts = {
        "CHAIR_TASK": 100,
        "DESK_SITSTAND": 100,
        "PEDESTAL": 50,
        "CABINET_TALL": 50,
        "CHAIR_VISITOR": 150,
        "TABLE_MEETING_S": 30,
        "SOFA_2": 15,
        "SCREEN_DESK": 20,
    }
    parts = []
    for code, count in counts.items():
        gwp = rows[code].gwp_g
        assert gwp is not None
        parts += [RangedPart(code, Tier.T3, gwp.value, gwp.low, gwp.high)] * count
    assert len(parts) == 515
    found = combine(parts)
    assert found.value == 26_090_000
    assert found.value - found.low == 4_148_694
    assert found.high - found.value == 12_123_700


def test_example_f1_a_weighed_chair_scales_the_row_and_loses_the_range_of_waste() -> None:
    found = estimate(a_chair(item_mass_g=17_500), factors())
    assert triple(found.gross.co2e_g) == (85_570, 51_737, 181_237)
    assert found.co2e_tier == Tier.T3
    assert triple(found.gross.waste_g) == (17_500, 17_500, 17_500)


def test_example_f2_mass_and_materials_give_tier_four() -> None:
    shelf = a_chair(
        category_code=None,
        item_mass_g=21_000,
        item_materials=(
            Share("wood_panel", Decimal("0.95")),
            Share("steel", Decimal("0.05")),
        ),
    )
    found = estimate(shelf, factors())
    gwp = found.inputs["values"]["gwp"]  # type: ignore[call-overload, index]
    assert gwp["value"] == "15448.755"  # type: ignore[index, call-overload]
    assert found.co2e_tier == Tier.T4


@pytest.mark.parametrize(
    "changes",
    [
        {"category_code": None, "item_mass_g": 12_000},
        {"category_code": "OTHER_KG", "amount": Decimal(12)},
    ],
    ids=["no category", "twelve kg of other furniture"],
)
def test_example_f3_mass_alone_gives_tier_five(changes: dict[str, object]) -> None:
    found = estimate(a_chair(**changes), factors())
    assert triple(found.gross.co2e_g) == (29_706, 23_310, 48_510)
    assert found.co2e_tier == Tier.T5


def test_example_f4_spend_gives_tier_six_and_only_on_request() -> None:
    bought = a_chair(category_code=None, item_price=Money(1_000_000))
    assert estimate(bought, factors()).gross.co2e_g is None
    found = estimate(
        a_chair(category_code=None, item_price=Money(1_000_000), spend_only=True), factors()
    )
    assert triple(found.gross.co2e_g) == (550_000, 275_000, 1_100_000)
    assert found.co2e_tier == Tier.T6


def _load(*, desk_height: int | None) -> tuple[Fraction, ...]:
    return trip_shares(
        [TripPiece(650, 650, 1100, 15_000), TripPiece(1600, 800, desk_height, 45_000)]
    ).shares


@pytest.mark.parametrize(
    ("desk_height", "shares", "emissions", "money"),
    [
        (
            750,
            (Fraction(1859, 5699), Fraction(3840, 5699)),
            (70_245, 102_370),
            (404_820, 510_180),
        ),
        (None, (Fraction(1, 4), Fraction(3, 4)), (70_969, 101_646), (416_250, 498_750)),
    ],
    ids=["by volume", "by mass"],
)
def test_example_f6_one_trip_is_shared_over_its_pieces(
    desk_height: int | None,
    shares: tuple[Fraction, Fraction],
    emissions: tuple[int, int],
    money: tuple[int, int],
) -> None:
    assert _load(desk_height=desk_height) == shares
    found = [
        estimate(
            a_chair(
                category_code=code,
                costs_complete=True,
                transport=Transport(30_000, "VAN_DIESEL_KM", share=share, cost_ore=150_000),
            ),
            factors(),
        )
        for code, share in zip(("CHAIR_TASK", "DESK_SITSTAND"), shares, strict=True)
    ]
    assert tuple(co2e(each) for each in found) == emissions
    assert tuple(ore(each.gross.saved_ore) for each in found) == money


def test_example_f7_an_amount_in_square_metres() -> None:
    carpet = a_chair(category_code="CARPET_TILE_M2", amount=Decimal("12.5"))
    found = estimate(carpet, factors())
    assert triple(found.gross.co2e_g) == (234_180, 159_180, 284_180)
    assert found.gross.waste_g.value == found.mass_g == 51_250
    assert ore(found.gross.saved_ore) == 262_500


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (RECORDED_NEED, 39_118),
        ({"user_case": UserCase.SAME_USER}, 32_077),
        ({}, 31_294),
        ({"would_have": WouldHave.WOULD_BUY_USED}, 25_427),
        ({"would_have": WouldHave.WOULD_DO_WITHOUT}, 0),
    ],
    ids=["1.0", "0.82", "0.8", "0.65", "0"],
)
def test_example_f8_net_of_one_chair_by_displacement(
    changes: dict[str, object], expected: int
) -> None:
    assert co2e(estimate(a_chair(**changes), factors()), "net") == expected


@pytest.mark.parametrize(
    ("price_ore", "trip_ore", "expected"),
    [(3, 5, 2), (4, 5, 4), (0, 25, -2)],
    ids=["2.5", "3.5", "-2.5"],
)
def test_example_f5_a_half_is_rounded_to_the_even_number(
    price_ore: int, trip_ore: int, expected: int
) -> None:
    piece = a_chair(
        would_discard=False,
        item_price=Money(price_ore),
        costs_complete=True,
        transport=Transport(0, cost_ore=trip_ore, share=Fraction(1, 10)),
    )
    assert ore(estimate(piece, factors()).gross.saved_ore) == expected
