"""A stored piece with other factors: by its own it is what was booked, by others what they say."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.impact.rules import (
    Epd,
    ExchangeRate,
    FactorKind,
    Facts,
    FulfilmentSource,
    Money,
    Override,
    RedesignLevel,
    Share,
    Spread,
    Transport,
    estimate,
    with_factors,
)
from tests.impact.pieces import VAN_OF_FORTY, a_chair, factors

STEEL = (Share("steel", Decimal("0.4")), Share("wood_panel", Decimal("0.6")))
EPD = Epd(gwp_g=Decimal(40_000), source="EPD", valid_until=date(2030, 1, 1))
RATES = (ExchangeRate("SEK", "NOK", Decimal("0.98"), date(2026, 1, 2), "Norges Bank"),)
OWN = (
    Override("CHAIR_TASK", FactorKind.GWP, Spread(70_000, 60_000, 80_000), "a"),
    Override("CHAIR_TASK", FactorKind.MASS, Spread(18_000, 17_000, 19_000), "b"),
    Override(
        "CHAIR_TASK", FactorKind.PRICE, Spread(500_000, 400_000, 600_000), "c", currency="SEK"
    ),
    Override("CHAIR_TASK", FactorKind.SERVICE_LIFE, Spread(120, 120, 120), "d"),
    Override("CARPET_TILE_M2", FactorKind.GWP, Spread(9_000, 8_000, 9_999), "e"),
    Override("OTHER_KG", FactorKind.GWP, Spread(1_500, 1_000, 2_000), "f"),
)
PLAIN = replace(factors(), rates=RATES)
CHANGED = replace(factors(), overrides=OWN, rates=RATES)
S = FulfilmentSource
PIECES: list[dict[str, Any]] = [
    {},
    {"item_mass_g": 17_500},
    {"model_mass_g": 16_000, "model_gwp_g": 50_000, "model_price": Money(300_000)},
    {"model_epd": EPD},
    {"item_epd": replace(EPD, mass_g=Decimal(14_000), delivery_g=Decimal(100))},
    {"item_price": Money(123_456)},
    {"item_price": Money(123_456, "SEK")},
    {"service_life_months": 200},
    {"source": S.REDESIGNED, "redesign_level": RedesignLevel.REUPHOLSTERY},
    {"source": S.REDESIGNED_FROM_SURPLUS, "built_in_g": 9_000},
    {"source": S.REDESIGNED_FROM_SURPLUS, "built_in_g": 9_000, "warranted_as_new": True},
    {"source": S.SOLD, "price_ore": 40_000},
    {"transport": VAN_OF_FORTY},
    {"transport": Transport(distance_m=30_000, factor_key="HGV_RIGID_7_17_TKM")},
    {"transport": None},
    {"category_code": "CARPET_TILE_M2", "amount": Decimal("12.5")},
    {"category_code": "CARPET_TILE_M2", "amount": Decimal("12.5"), "item_mass_g": 40_000},
    {"category_code": "OTHER_KG", "amount": Decimal("12.5")},
    {"category_code": "OTHER_KG", "amount": Decimal(12), "item_materials": STEEL},
    {"category_code": "EQUIP_MEDICAL"},
    {"category_code": "EQUIP_MEDICAL", "item_mass_g": 5_000},
    {"currency": "SEK"},
    {"currency": "SEK", "category_code": "CARPET_TILE_M2", "amount": Decimal("2.5")},
    {
        "currency": "SEK",
        "category_code": "CARPET_TILE_M2",
        "amount": Decimal(2),
        "item_mass_g": 9_000,
    },
    {"spend_only": True},
    {"made_in_asia": True},
]


def piece(changes: dict[str, Any]) -> Facts:
    return a_chair(**changes)


@pytest.mark.parametrize("changes", PIECES, ids=range(len(PIECES)))
def test_by_the_same_factors_it_is_what_was_booked(changes: dict[str, Any]) -> None:
    for own in (PLAIN, CHANGED):
        booked = estimate(piece(changes), own)
        assert with_factors(booked.inputs, own) == booked


@pytest.mark.parametrize("changes", PIECES, ids=range(len(PIECES)))
def test_by_others_it_is_what_they_would_have_booked(changes: dict[str, Any]) -> None:
    booked = estimate(piece(changes), PLAIN)
    assert with_factors(booked.inputs, CHANGED) == estimate(piece(changes), CHANGED)
    back = estimate(piece(changes), CHANGED)
    assert with_factors(back.inputs, PLAIN) == estimate(piece(changes), PLAIN)


def test_the_months_really_served_stay() -> None:
    served = a_chair(extra_life_months=24)
    booked = estimate(served, PLAIN)
    assert with_factors(booked.inputs, CHANGED).net == estimate(served, CHANGED).net
