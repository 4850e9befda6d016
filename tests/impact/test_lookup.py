"""Which value counts, at which tier and with which range."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from app.impact.rules import (
    Epd,
    ExchangeRate,
    FactorKind,
    Factors,
    FulfilmentSource,
    MissingRateError,
    Money,
    NewPart,
    Override,
    RedesignInputs,
    RedesignLevel,
    Share,
    Spread,
    Tier,
    Transport,
    UnknownFactorError,
    estimate,
    exchange_rate,
)
from app.impact.snapshot import Snapshot, from_inputs
from tests.impact.pieces import DAY, a_chair, co2e, factors, ore, triple

VALID = date(2029, 1, 1)
ITEM_EPD = Epd(gwp_g=Decimal(50_000), valid_until=VALID, source="EPD 1", mass_g=Decimal(16_000))
MODEL_EPD = Epd(gwp_g=Decimal(40_000), valid_until=VALID, source="EPD 2")
EXPIRED = replace(ITEM_EPD, valid_until=date(2026, 5, 3))


def _values(**changes: Any) -> Snapshot:
    return from_inputs(estimate(a_chair(**changes), factors()).inputs)


def _gwp(**changes: Any) -> tuple[Tier | None, int, int, int]:
    value = _values(**changes).values["gwp"]
    return value.tier, int(value.value), int(value.low), int(value.high)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"item_epd": ITEM_EPD, "model_epd": MODEL_EPD}, (Tier.T1, 50_000, 45_000, 55_000)),
        ({"model_epd": MODEL_EPD, "model_gwp_g": 1}, (Tier.T1, 40_000, 36_000, 44_000)),
        ({"item_epd": EXPIRED, "model_epd": MODEL_EPD}, (Tier.T1, 40_000, 36_000, 44_000)),
        ({"item_epd": EXPIRED}, (Tier.T2, 50_000, 40_000, 60_000)),
        ({"item_epd": replace(ITEM_EPD, valid_until=None)}, (Tier.T2, 50_000, 40_000, 60_000)),
        ({"item_epd": replace(ITEM_EPD, similar=True)}, (Tier.T2, 50_000, 40_000, 60_000)),
        (
            {"item_epd": replace(ITEM_EPD, relative_deviation=Decimal("0.2"))},
            (Tier.T1, 50_000, 33_550, 66_450),
        ),
        (
            {"item_epd": replace(ITEM_EPD, relative_deviation=Decimal(1))},
            (Tier.T1, 50_000, 0, 132_250),
        ),
        ({"model_gwp_g": 30_000}, (Tier.T2, 30_000, 24_000, 36_000)),
        ({}, (Tier.T3, 60_000, 31_000, 142_000)),
    ],
    ids=[
        "item EPD first",
        "model EPD before the maker's value",
        "a valid model EPD before an expired item EPD",
        "expired",
        "unknown validity",
        "similar product",
        "stated deviation",
        "low never below nothing",
        "maker's value",
        "category",
    ],
)
def test_the_look_up_order_decides_value_tier_and_range(
    changes: dict[str, object], expected: tuple[Tier, int, int, int]
) -> None:
    assert _gwp(**changes) == expected


def test_a_declaration_is_valid_on_its_last_day() -> None:
    assert _gwp(item_epd=replace(ITEM_EPD, valid_until=DAY))[0] == Tier.T1


def test_an_override_goes_before_the_row_with_the_tier_its_author_states() -> None:
    own = Override("CHAIR_TASK", FactorKind.GWP, Spread(70_000, 60_000, 80_000), "weighed", Tier.T2)
    heavy = Override("CHAIR_TASK", FactorKind.MASS, Spread(18_000, 17_000, 19_000), "weighed")
    life = Override("CHAIR_TASK", FactorKind.SERVICE_LIFE, Spread(120, 120, 120), "own rule")
    price = Override("CHAIR_TASK", FactorKind.PRICE, Spread(500_000, 1, 600_000), "agreement")
    found = estimate(a_chair(), replace(factors(), overrides=(own, heavy, life, price)))
    values = from_inputs(found.inputs).values
    assert found.co2e_tier == Tier.T2
    assert values["gwp"].value == 70_000
    assert triple(found.gross.waste_g) == (18_000, 17_000, 19_000)
    assert values["service_life"].value == 120
    assert found.new_price_ore == 500_000


def test_an_override_of_the_mass_alone_scales_the_row() -> None:
    heavy = Override("CHAIR_TASK", FactorKind.MASS, Spread(18_000, 17_000, 19_000), "weighed")
    found = estimate(a_chair(), replace(factors(), overrides=(heavy,)))
    assert from_inputs(found.inputs).values["gwp"].value == 72_000


def test_an_override_of_another_category_changes_nothing() -> None:
    other = Override("STOOL_BAR", FactorKind.GWP, Spread(1, 1, 1), "own")
    with_other = estimate(a_chair(), replace(factors(), overrides=(other,)))
    assert with_other == estimate(a_chair(), factors())


def test_mass_comes_from_the_scale_then_the_declaration_then_the_model_then_the_row() -> None:
    masses = {"item_mass_g": 14_000, "item_epd": ITEM_EPD, "model_mass_g": 13_000}
    found = []
    for name in (None, "item_mass_g", "item_epd", "model_mass_g"):
        if name is not None:
            del masses[name]
        value = _values(**masses).values["mass"]
        found.append((int(value.value), value.tier))
    assert found == [
        (14_000, Tier.T1),
        (16_000, Tier.T1),
        (13_000, Tier.T2),
        (15_000, Tier.T3),
    ]


def test_delivery_and_end_of_life_follow_the_declaration_that_gives_the_gwp() -> None:
    whole = replace(ITEM_EPD, delivery_g=Decimal(1_000), end_of_life_g=Decimal(2_000))
    assert co2e(estimate(a_chair(item_epd=whole), factors())) == 53_000
    # Missing modules are unknown, so the defaults stand in for them.
    parts = _values(item_epd=ITEM_EPD).values
    assert parts["delivery"].value == 16_000 * Fraction("0.14253")
    assert parts["end_of_life"].value == 16_000 * Fraction("0.747203")


def test_a_product_from_asia_travels_farther() -> None:
    assert _values(made_in_asia=True).values["delivery"].value == 15_000 * Fraction("0.47142")


def test_the_pieces_own_materials_decide_its_end_of_life() -> None:
    steel = (Share("steel", Decimal(1)),)
    assert _values(item_materials=steel).values["end_of_life"].value == 15_000 * Fraction("0.0047")


def test_equipment_has_no_emission_from_any_step_of_the_look_up() -> None:
    lift = a_chair(
        category_code="EQUIP_AID",
        item_mass_g=30_000,
        item_epd=ITEM_EPD,
        item_price=Money(2_000_000),
        spend_only=True,
    )
    found = estimate(lift, factors())
    assert found.gross.co2e_g is None
    assert found.net.co2e_g is None
    assert found.co2e_tier is None
    assert found.reference_co2e_g is None
    assert found.gross.waste_g.value == 30_000
    assert found.net.waste_g.value == 12_800
    assert ore(found.gross.saved_ore) == 1_200_000


def test_equipment_without_mass_and_price_is_marked_as_not_known() -> None:
    found = estimate(a_chair(category_code="EQUIP_AID", price_ore=100), factors())
    assert found.mass_tier == found.price_tier == Tier.UNKNOWN
    assert found.gross.waste_g.value == ore(found.gross.saved_ore) == 0


def test_a_price_comes_from_the_item_the_model_or_the_row() -> None:
    prices = [
        estimate(a_chair(**changes), factors())
        for changes in (
            {"item_price": Money(700_000), "model_price": Money(600_000)},
            {"model_price": Money(600_000)},
            {},
            {"category_code": None, "item_mass_g": 10_000},
        )
    ]
    assert [(each.new_price_ore, each.price_tier) for each in prices] == [
        (700_000, Tier.T1),
        (600_000, Tier.T2),
        (450_000, Tier.T3),
        (190_000, Tier.T5),
    ]


def test_a_models_values_are_per_amount_unit() -> None:
    found = estimate(
        a_chair(
            category_code="CARPET_TILE_M2",
            amount=Decimal("2.5"),
            model_mass_g=4_000,
            model_gwp_g=10_000,
            model_price=Money(30_000),
        ),
        factors(),
    )
    values = from_inputs(found.inputs).values
    assert (found.mass_g, found.new_price_ore) == (10_000, 75_000)
    assert values["gwp"].value == 25_000


def test_an_unknown_category_material_or_transport_factor_is_refused_by_name() -> None:
    with pytest.raises(UnknownFactorError, match="THRONE"):
        estimate(a_chair(category_code="THRONE"), factors())
    gold = (Share("gold", Decimal(1)),)
    with pytest.raises(UnknownFactorError, match="gold"):
        estimate(a_chair(item_materials=gold), factors())
    for key in ("ROCKET", "ELECTRICITY_NO_KWH"):
        with pytest.raises(ValueError, match=f"{key} is not a factor of a trip"):
            estimate(a_chair(transport=Transport(1_000, key)), factors())


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": Decimal(0)},
        {"item_mass_g": -1},
        {"service_life_months": 0},
        {"extra_life_months": -1},
        {"price_ore": -1},
        {"transport": Transport(-1)},
        {"item_materials": (Share("steel", Decimal("0.9")),)},
    ],
)
def test_facts_that_no_formula_can_use_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"must (be|sum)"):
        a_chair(**changes)


def test_redesign_counts_what_the_workshop_used() -> None:
    used = RedesignInputs(
        new_parts=(NewPart("textile", 800), NewPart("carpet_tile", 100)),
        energy_wh=2_000,
        transport_g=Decimal("150.5"),
        removed_end_of_life_g=Decimal(40),
    )
    values = _values(source=FulfilmentSource.REDESIGNED, redesign_inputs=used).values
    expected = Fraction("1.15") * 800 * 10 + 100 * Fraction("2.952") + 30 + Fraction("190.5")
    assert values["redesign"].value == expected


@pytest.mark.parametrize(
    ("source", "level", "key"),
    [
        (FulfilmentSource.REDESIGNED, None, "redesign.light_refurbishment"),
        (FulfilmentSource.REDESIGNED_FROM_SURPLUS, None, "redesign.remanufactured"),
        (FulfilmentSource.REDESIGNED, RedesignLevel.NEW_TOP, "redesign.new_top"),
        (FulfilmentSource.INTERNAL_REUSE, RedesignLevel.CLEANING, "redesign.cleaning"),
    ],
)
def test_an_unknown_level_has_the_default_of_its_source(
    source: FulfilmentSource, level: RedesignLevel | None, key: str
) -> None:
    assert _values(source=source, redesign_level=level).values["redesign"].key == key


def test_heavy_redesign_with_a_short_life_is_negative_and_not_clipped() -> None:
    found = estimate(
        a_chair(
            source=FulfilmentSource.REDESIGNED,
            redesign_level=RedesignLevel.FULL_RENOVATION,
            extra_life_months=12,
        ),
        factors(),
    )
    # 0.8 · 12/180 · 73 345.995 − 30 000 = −26 088.21…
    assert co2e(found, "net") == -26_088


def test_more_removed_than_the_piece_weighs_is_never_negative_waste() -> None:
    found = estimate(a_chair(source=FulfilmentSource.REDESIGNED, removed_g=14_000), factors())
    assert triple(found.gross.waste_g) == (1_000, 0, 6_000)


def test_what_the_organisation_would_have_kept_is_not_its_waste() -> None:
    found = estimate(a_chair(would_discard=False), factors()).gross
    assert found.waste_g.value == 0
    assert found.value_chain_waste_g.value == 15_000


def test_surplus_without_a_recorded_donor_is_not_counted() -> None:
    found = estimate(a_chair(source=FulfilmentSource.REDESIGNED_FROM_SURPLUS), factors())
    assert found.gross.waste_g.value == 0
    assert found.mass_g == 15_000


def test_known_costs_above_forty_percent_count_in_full_and_are_not_scaled() -> None:
    found = estimate(a_chair(redesign_ore=300_000), factors())
    assert ore(found.gross.saved_ore) == 450_000 - 300_000 + 3_750
    # 0.8 · 96/180 · (450 000 + 3 750) − 300 000
    assert ore(found.net.saved_ore) == -106_400


def test_where_a_dearer_product_saves_less_the_bounds_of_money_swap() -> None:
    # Unknown costs take 0.40·P and net leaves 0.8 · 45/180 = 0.20·P of it: N = −0.20·P.
    found = estimate(a_chair(extra_life_months=45), factors())
    assert triple(found.net.saved_ore) == (-90_000, -180_000, -49_800)


def test_complete_costs_of_nothing_are_nothing() -> None:
    found = estimate(a_chair(costs_complete=True), factors())
    assert ore(found.gross.saved_ore) == 453_750


@pytest.mark.parametrize("source", [FulfilmentSource.RECYCLED, FulfilmentSource.DISPOSED])
def test_what_is_recycled_or_disposed_of_earns_nothing(source: FulfilmentSource) -> None:
    found = estimate(a_chair(source=source, price_ore=500), factors())
    for view in (found.gross, found.net):
        assert view.waste_g.value == view.value_chain_waste_g.value == ore(view.saved_ore) == 0
        assert view.co2e_g is not None
        assert view.co2e_g.value == 0


RATES = (
    ExchangeRate("SEK", "NOK", Decimal("0.98"), date(2026, 1, 2), "Norges Bank"),
    ExchangeRate("SEK", "NOK", Decimal("1.25"), date(2026, 5, 4), "Norges Bank"),
    ExchangeRate("SEK", "NOK", Decimal(9), date(2026, 5, 5), "Norges Bank"),
)


def test_the_newest_rate_not_later_than_the_handover_counts() -> None:
    assert exchange_rate(RATES, "SEK", "NOK", DAY) == (
        Fraction(5, 4),
        "exchange rate 2026-05-04: Norges Bank",
    )
    assert exchange_rate(RATES, "NOK", "SEK", DAY)[0] == Fraction(4, 5)
    assert exchange_rate((), "NOK", "NOK", DAY)[0] == 1


def test_an_entry_in_swedish_kronor_converts_price_cost_and_disposal_once() -> None:
    swedish = Factors(factors().factor_set, rates=RATES)
    facts = a_chair(currency="SEK", costs_complete=True, price_ore=12_500, transport=None)
    found = estimate(facts, swedish)
    assert (found.currency, found.new_price_ore) == ("SEK", 360_000)
    assert ore(found.gross.saved_ore) == 360_000 - 10_000 + 3_000


def test_a_missing_rate_is_named() -> None:
    with pytest.raises(MissingRateError, match="from NOK to SEK on or before 2026-05-04"):
        estimate(a_chair(currency="SEK"), factors())
