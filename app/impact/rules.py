"""Savings of one piece in one handover, as pure calculation: the savings method, formula version 1.

`estimate` gives waste, CO2e and money with range and tiers, gross and net; `recompute` gives the
same integers from what was stored with them. This is the door for the other capabilities.
"""

from app.impact.currency import MissingRateError, dated_rate, exchange_rate
from app.impact.displacement import LOW_BOUND, Displacement, displacement
from app.impact.facts import (
    Epd,
    ExchangeRate,
    FactorKind,
    Factors,
    Facts,
    FulfilmentSource,
    Money,
    NewPart,
    Override,
    RedesignInputs,
    RedesignLevel,
    Transport,
    UserCase,
    View,
    WouldHave,
    price_source,
)
from app.impact.formulas import (
    FORMULA_VERSION,
    Estimate,
    Figures,
    Rounded,
    compute,
    recompute,
    with_amounts,
    with_months_served,
    with_paid,
    with_planned_months,
    with_trip,
    without_sale,
)
from app.impact.gathering import REDESIGN_SHARE, NoEventError, end_of_parts_g, gather
from app.impact.lookup import (
    UnknownFactorError,
    find_mass,
    find_price,
    usual_price_ore,
)
from app.impact.project_sums import (
    FIVE_SOURCES,
    ReferenceScenario,
    ReuseShare,
    ScenarioPiece,
    reference_scenario,
    reuse_share,
)
from app.impact.ranges import (
    RangedPart,
    Shown,
    combine,
    spread,
    two_digits,
    two_digits_money,
    two_digits_range,
    two_significant,
)
from app.impact.reassessing import with_factors
from app.impact.snapshot import Inputs, Json, SnapshotError, number_text
from app.impact.tables import (
    EQUIPMENT_GROUP,
    FACTOR_SETS,
    CategoryRow,
    FactorSet,
    FactorSetError,
    MaterialRow,
    Share,
    Spread,
    TransportRow,
    checksum,
    factor_files,
    parse_factor_set,
    read_factor_set,
    rows_of,
    split_of,
)
from app.impact.tiers import Tier
from app.impact.transport import (
    SharedBy,
    TripPiece,
    TripShares,
    is_by_weight,
    is_trip_factor,
    trip_shares,
)

__all__ = [
    "EQUIPMENT_GROUP",
    "FACTOR_SETS",
    "FIVE_SOURCES",
    "FORMULA_VERSION",
    "LOW_BOUND",
    "REDESIGN_SHARE",
    "CategoryRow",
    "Displacement",
    "Epd",
    "Estimate",
    "ExchangeRate",
    "FactorKind",
    "FactorSet",
    "FactorSetError",
    "Factors",
    "Facts",
    "Figures",
    "FulfilmentSource",
    "Inputs",
    "Json",
    "MaterialRow",
    "MissingRateError",
    "Money",
    "NewPart",
    "NoEventError",
    "Override",
    "RangedPart",
    "RedesignInputs",
    "RedesignLevel",
    "ReferenceScenario",
    "ReuseShare",
    "Rounded",
    "ScenarioPiece",
    "Share",
    "SharedBy",
    "Shown",
    "SnapshotError",
    "Spread",
    "Tier",
    "Transport",
    "TransportRow",
    "TripPiece",
    "TripShares",
    "UnknownFactorError",
    "UserCase",
    "View",
    "WouldHave",
    "checksum",
    "combine",
    "dated_rate",
    "displacement",
    "end_of_parts_g",
    "estimate",
    "estimate_without_rate",
    "exchange_rate",
    "factor_files",
    "find_mass",
    "find_price",
    "is_by_weight",
    "is_event",
    "is_trip_factor",
    "number_text",
    "parse_factor_set",
    "price_source",
    "read_factor_set",
    "recompute",
    "reference_scenario",
    "reuse_share",
    "rows_of",
    "split_of",
    "spread",
    "trip_shares",
    "two_digits",
    "two_digits_money",
    "two_digits_range",
    "two_significant",
    "usual_price_ore",
    "with_amounts",
    "with_factors",
    "with_months_served",
    "with_paid",
    "with_planned_months",
    "with_trip",
    "without_sale",
]


def is_event(facts: Facts) -> bool:
    """Whether the handover counts at all: a piece that only moves along with its user does not."""
    return displacement(facts).value is not None


def estimate(facts: Facts, factors: Factors) -> Estimate:
    """Waste, CO2e and money of one piece, gross and net.

    Raises `NoEventError` where `is_event` is false, and `ValueError` (`UnknownFactorError`,
    `MissingRateError`) where the factors lack what the facts point at.
    """
    return compute(gather(facts, factors))


def estimate_without_rate(facts: Facts, factors: Factors) -> Estimate:
    """As ``estimate``; where an exchange rate is missing, without any amount of money."""
    try:
        return estimate(facts, factors)
    except MissingRateError:
        return compute(gather(facts, factors, with_money=False))
