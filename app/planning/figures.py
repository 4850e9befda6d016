"""What a plan would save, estimated by the savings method before anything is delivered.

Pure: parts of like pieces and the factors go in. Each part is estimated once, for one piece.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from app.impact.rules import (
    Estimate,
    FactorKind,
    Factors,
    Facts,
    Figures,
    FulfilmentSource,
    MissingRateError,
    Money,
    RangedPart,
    RedesignLevel,
    Rounded,
    Transport,
    UserCase,
    View,
    WouldHave,
    combine,
    estimate,
    is_event,
)

S = FulfilmentSource
BASE = "NOK"
"""The currency that the factors' prices are in."""
USED_SHARE = (2, 5)
"""What a piece bought used is taken to cost: two fifths of the new price, as the method's costs."""


class Part(NamedTuple):
    """Like pieces from one source. Empty values are the category's; the distance is one way.

    ``is_free``: another organisation gives them.
    """

    source: FulfilmentSource
    category_id: str
    pieces: int
    mass_g: int | None = None
    price_ore: int | None = None
    currency: str = "NOK"
    distance_m: int | None = None
    is_moving_along: bool = False
    amount: Decimal = Decimal(1)
    model_mass_g: int | None = None
    model_price_ore: int | None = None
    is_free: bool = False


@dataclass(frozen=True, slots=True)
class PlanSums:
    """One view of a plan: g of waste and CO2e, øre, each with low and high."""

    waste_g: Rounded
    co2e_g: Rounded
    saved_ore: Rounded


@dataclass(frozen=True, slots=True)
class PlanFigures:
    """``counts`` are pieces by source. ``transport_g`` is what the trips emit, taken off ``co2e_g``.

    ``cost_ore`` is what is to be bought, at estimated prices. ``not_calculated`` pieces have no
    CO2e factor and are in no sum of CO2e. Without ``has_money`` no sum is of money: the factors lack
    the exchange rate.
    """

    counts: Mapping[FulfilmentSource, int]
    gross: PlanSums
    net: PlanSums
    transport_g: int
    cost_ore: int
    not_calculated: int
    has_money: bool = True


def facts_of(part: Part, on: date, currency: str, *, all_new_brief: bool) -> Facts:
    """The programme's line is the recorded need; what would have been bought is not asked yet."""
    moved = None
    if part.distance_m is not None:
        # There, and empty back; per tonne-km, since how full the vehicle is, is not known yet.
        moved = Transport(distance_m=2 * part.distance_m)
    return Facts(
        handed_over_on=on,
        source=part.source,
        category_code=part.category_id,
        user_case=UserCase.MOVES_ALONG if part.is_moving_along else UserCase.NEW_USER,
        would_have=WouldHave.NOT_ANSWERED,
        would_discard=True,
        need_recorded=True,
        all_new_brief=all_new_brief,
        amount=part.amount,
        item_mass_g=part.mass_g,
        item_price=None if part.price_ore is None else Money(part.price_ore, part.currency),
        model_mass_g=part.model_mass_g,
        model_price=None if part.model_price_ore is None else Money(part.model_price_ore, currency),
        price_ore=0 if part.is_free else None,
        currency=currency,
        costs_currency=currency,
        redesign_level=RedesignLevel.LIGHT_REFURBISHMENT if part.source is S.REDESIGNED else None,
        transport=moved,
    )


def figures_of(
    parts: Iterable[Part],
    factors: Factors,
    on: date,
    currency: str,
    *,
    all_new_brief: bool = False,
) -> PlanFigures:
    """The sums of all parts. A piece that only moves along counts in the share and saves nothing."""
    like = _together(parts)
    try:
        return _figures_of(like, factors, on, currency, all_new_brief=all_new_brief)
    except MissingRateError:
        unpriced: Counter[Part] = Counter()
        for part, count in like.items():
            bare = part._replace(price_ore=None, currency=BASE, model_price_ore=None)
            unpriced[bare] += count
        # An own price in another currency than the factors' would ask for the rate again.
        masses = tuple(each for each in factors.overrides if each.kind != FactorKind.PRICE)
        bare_factors = replace(factors, overrides=masses)
        found = _figures_of(unpriced, bare_factors, on, BASE, all_new_brief=all_new_brief)
    nothing = combine([])
    return replace(
        found,
        gross=replace(found.gross, saved_ore=nothing),
        net=replace(found.net, saved_ore=nothing),
        cost_ore=0,
        has_money=False,
    )


def _figures_of(
    like: Mapping[Part, int],
    factors: Factors,
    on: date,
    currency: str,
    *,
    all_new_brief: bool,
) -> PlanFigures:
    counts: Counter[FulfilmentSource] = Counter()
    entries: dict[View, dict[str, list[RangedPart]]] = {
        view: {name: [] for name in ("waste", "co2e", "saved")} for view in View
    }
    transport_g = cost_ore = not_calculated = 0
    for part, count in like.items():
        counts[part.source] += count
        facts = facts_of(part, on, currency, all_new_brief=all_new_brief)
        if not is_event(facts):
            continue
        found = estimate(facts, factors)
        for view in View:
            _enter(entries[view], part.category_id, found, found.figures(view), count)
        cost_ore += 0 if part.is_free else count * _cost(part.source, found.new_price_ore)
        if found.gross.co2e_g is None:
            not_calculated += count
        elif part.source is not S.NEW:
            transport_g += count * _trip_g(facts, found.gross.co2e_g, factors)
    sums = {
        view: PlanSums(*(combine(entries[view][name]) for name in ("waste", "co2e", "saved")))
        for view in View
    }
    return PlanFigures(
        dict(counts), sums[View.GROSS], sums[View.NET], transport_g, cost_ore, not_calculated
    )


def _together(parts: Iterable[Part]) -> Mapping[Part, int]:
    like: Counter[Part] = Counter()
    for each in parts:
        if each.pieces:
            like[each._replace(pieces=1)] += each.pieces
    return like


def _enter(
    into: dict[str, list[RangedPart]], category_id: str, found: Estimate, of: Figures, count: int
) -> None:
    for name, figure, tier in (
        ("waste", of.waste_g, found.mass_tier),
        ("co2e", of.co2e_g, found.co2e_tier),
        ("saved", of.saved_ore, found.price_tier),
    ):
        if figure is not None:
            values = (count * each for each in (figure.value, figure.low, figure.high))
            into[name].append(RangedPart(category_id, tier.value if tier else None, *values))


def _trip_g(facts: Facts, co2e: Rounded, factors: Factors) -> int:
    """The trip's part of one piece's figure: what is missing to the same piece that stays put."""
    stays = replace(facts, transport=Transport(distance_m=0))
    without = estimate(stays, factors).gross.co2e_g
    return 0 if without is None else without.value - co2e.value


def _cost(source: FulfilmentSource, new_price_ore: int) -> int:
    if source is S.NEW:
        return new_price_ore
    if source is S.BOUGHT_USED:
        return new_price_ore * USED_SHARE[0] // USED_SHARE[1]
    return 0
