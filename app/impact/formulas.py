"""F1, F2 and F3 on a snapshot: waste, CO2e and money, each rounded half-even once per entry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from app.impact.facts import FulfilmentSource, View
from app.impact.snapshot import (
    Inputs,
    Snapshot,
    SnapshotError,
    Value,
    from_inputs,
    known,
    to_inputs,
)
from app.impact.tiers import Tier

FORMULA_VERSION = 1
COST_NAMES = (
    "cost_price",
    "cost_redesign",
    "cost_cleaning",
    "cost_handling",
    "cost_transport",
)
AMOUNTS = ("price", "disposal_price", "sale_income", *COST_NAMES)
"""Every value that is an amount of money."""
_LEAVES_FOR_USE = frozenset({FulfilmentSource.SOLD, FulfilmentSource.DONATED})
_EARNS_NOTHING = frozenset(
    {FulfilmentSource.NEW, FulfilmentSource.RECYCLED, FulfilmentSource.DISPOSED}
)
_Exact = tuple[Fraction, Fraction, Fraction]
_NOTHING: _Exact = (Fraction(0), Fraction(0), Fraction(0))


@dataclass(frozen=True, slots=True)
class Rounded:
    """A whole number with its low and high, in g, g CO2e or øre."""

    value: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Figures:
    """One view of one piece. `co2e_g` is empty where it is not calculated, and never 0 then."""

    waste_g: Rounded
    value_chain_waste_g: Rounded
    co2e_g: Rounded | None
    saved_ore: Rounded | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """Both views of one piece, with the tiers and every value they rest on.

    `mass_g` and `new_price_ore` are those of the finished piece, for the shares by kg and money; 0
    with the tier `T?` where neither the piece nor its category states one, and of the price with
    `TR` where an exchange rate is missing: no saving in money is calculated then. `reference_co2e_g`
    is G + A4 + C, rounded once, for the reference of F4.
    """

    gross: Figures
    net: Figures
    mass_g: int
    new_price_ore: int
    mass_tier: Tier
    co2e_tier: Tier | None
    price_tier: Tier
    reference_co2e_g: int | None
    currency: str
    factor_set_id: str
    formula_version: int
    inputs: Inputs

    def figures(self, view: View) -> Figures:
        return self.gross if view == View.GROSS else self.net


def _rounded(exact: _Exact) -> Rounded:
    # round() of a Fraction is exact and half-even.
    return Rounded(*(round(number) for number in exact))


def _bounds(value: Value) -> _Exact:
    return value.value, value.low, value.high


def has_money(snapshot: Snapshot) -> bool:
    """Whether the snapshot has its amounts; without a rate it has none, not even of disposal."""
    return snapshot.get("disposal_price") is not None


def _scale(snapshot: Snapshot, view: View) -> Fraction:
    """d·λ of the net view; 1 in gross."""
    if view == View.GROSS:
        return Fraction(1)
    life = snapshot.number("service_life")
    remaining = min(Fraction(1), snapshot.number("extra_life") / life)
    return snapshot.number("displacement") * remaining


def _waste(snapshot: Snapshot, scale: Fraction, reading: str) -> _Exact:
    """F1 for one reading of o. Parts can never be removed that the piece did not hold."""
    built_in, mass = snapshot.get("built_in_mass"), snapshot.get("mass")
    if built_in is not None:
        base: _Exact = _bounds(built_in)
    elif mass is not None:
        removed = snapshot.number("removed_mass")
        value, low, high = (max(Fraction(0), each - removed) for each in _bounds(mass))
        base = (value, low, high)
    else:
        return _NOTHING
    owned = snapshot.number(reading)
    return owned * scale * base[0], owned * scale * base[1], owned * scale * base[2]


def _co2e(snapshot: Snapshot, scale: Fraction) -> _Exact | None:
    """F2; it may be negative and is never clipped. Only G has a range."""
    gwp = snapshot.get("gwp")
    if gwp is None:
        return None
    if snapshot.source in _EARNS_NOTHING | _LEAVES_FOR_USE:
        return _NOTHING
    rest = snapshot.part("delivery") + snapshot.part("end_of_life")
    spent = snapshot.part("transport") + snapshot.part("redesign")
    value, low, high = (scale * (each + rest) - spent for each in _bounds(gwp))
    return value, low, high


def _saved(snapshot: Snapshot, scale: Fraction, waste: Fraction) -> _Exact | None:
    """F3. Unknown costs are filled up to 0.40·P until the costs are marked as complete.

    Empty where money was left out for want of a rate: what is unknown is never 0.
    """
    if not has_money(snapshot):
        return None
    if snapshot.source in _EARNS_NOTHING:
        return _NOTHING
    costs = [found.value for name in COST_NAMES if (found := snapshot.get(name)) is not None]
    spent = sum(costs, Fraction(0))
    disposal = waste * snapshot.number("disposal_price")
    if snapshot.source in _LEAVES_FOR_USE:
        kept = disposal + snapshot.part("sale_income") - spent
        return kept, kept, kept
    price = snapshot.get("price")
    if price is None:
        return _NOTHING
    if not costs and not snapshot.costs_complete:
        disposal = Fraction(0)
    least = Fraction(0) if snapshot.costs_complete else snapshot.number("least_cost_share")
    at_prices = [scale * each - max(spent, least * each) + disposal for each in _bounds(price)]
    # Where d·λ is below 0.40 and costs are unknown, a dearer product saves less: the bounds swap.
    return at_prices[0], min(at_prices), max(at_prices)


def _figures(snapshot: Snapshot, view: View) -> Figures:
    scale = _scale(snapshot, view)
    waste = _waste(snapshot, scale, "own_waste")
    co2e = _co2e(snapshot, scale)
    saved = _saved(snapshot, scale, waste[0])
    return Figures(
        waste_g=_rounded(waste),
        value_chain_waste_g=_rounded(_waste(snapshot, scale, "chain_waste")),
        co2e_g=None if co2e is None else _rounded(co2e),
        saved_ore=None if saved is None else _rounded(saved),
    )


def _tier(value: Value | None) -> Tier:
    return Tier.UNKNOWN if value is None or value.tier is None else value.tier


def compute(snapshot: Snapshot) -> Estimate:
    """Both views of a snapshot; raises `SnapshotError` for another version of the formulas."""
    if snapshot.formula_version != FORMULA_VERSION:
        raise SnapshotError(
            "formula version %(version)s is not known", version=snapshot.formula_version
        )
    mass, gwp, price = (snapshot.get(name) for name in ("mass", "gwp", "price"))
    reference = None
    if gwp is not None:
        reference = round(gwp.value + snapshot.part("delivery") + snapshot.part("end_of_life"))
    return Estimate(
        gross=_figures(snapshot, View.GROSS),
        net=_figures(snapshot, View.NET),
        mass_g=0 if mass is None else round(mass.value),
        new_price_ore=0 if price is None else round(price.value),
        mass_tier=_tier(mass),
        co2e_tier=None if gwp is None else _tier(gwp),
        price_tier=_tier(price) if has_money(snapshot) else Tier.NO_RATE,
        reference_co2e_g=reference,
        currency=snapshot.currency,
        factor_set_id=snapshot.factor_set_id,
        formula_version=snapshot.formula_version,
        inputs={**to_inputs(snapshot), "reference_co2e_g": reference},
    )


def recompute(inputs: Mapping[str, object]) -> Estimate:
    """The same integers from stored inputs alone, every product multiplied out again.

    Raises `SnapshotError` where a value is missing or its terms do not give it.
    """
    return compute(from_inputs(inputs))


def with_months_served(inputs: Mapping[str, object], months: int) -> Estimate:
    """The stored piece with y replaced by the months it really served (D2)."""
    served = known(months, "months", key="served", source="from handover to handover")
    return compute(from_inputs(inputs).with_value("extra_life", served))


def with_trip(inputs: Mapping[str, object], trip: Mapping[str, object]) -> Estimate:
    """The stored piece with the emission and cost of its trip as the other inputs have them (F2)."""
    return _with_values(inputs, trip, ("transport", "cost_transport"))


def with_paid(inputs: Mapping[str, object], paid: Mapping[str, object]) -> Estimate:
    """The stored piece with what it, or the work on it, cost as the other inputs have it (F5)."""
    return _with_values(inputs, paid, ("cost_price", "cost_redesign"))


def with_amounts(inputs: Mapping[str, object], others: Mapping[str, object]) -> Estimate:
    """The stored piece, which had no amounts for want of a rate, with those of the other inputs."""
    return _with_values(inputs, others, AMOUNTS)


def _with_values(
    inputs: Mapping[str, object], others: Mapping[str, object], names: Sequence[str]
) -> Estimate:
    snapshot, values = from_inputs(inputs), from_inputs(others).values
    for name in names:
        if name in values:
            snapshot = snapshot.with_value(name, values[name])
    return compute(snapshot)


def without_sale(inputs: Mapping[str, object]) -> Estimate:
    """The stored piece as if nothing was paid for it: a sale inside a view over both sides (D3)."""
    snapshot = from_inputs(inputs)
    for name in ("sale_income", "cost_price"):
        if name in snapshot.values:
            nothing = known(0, "ore", key="internal_sale", source="internal sale")
            snapshot = snapshot.with_value(name, nothing)
    return compute(snapshot)


def with_planned_months(inputs: Mapping[str, object]) -> Estimate:
    """The stored piece with the y it had before a later handover, which was undone."""
    snapshot = from_inputs(inputs)
    snapshot.number("planned_extra_life")
    planned = snapshot.values["planned_extra_life"]
    return compute(snapshot.with_value("extra_life", planned))
