"""Which value counts for mass, GWP and price: the look-up order of section 14.

Item EPD, model EPD, maker's value, the organisation's override, category row, materials, per kg.
A figure by spend is only used when it is asked for.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction

from app.impact.currency import MissingRateError, exchange_rate
from app.impact.facts import Epd, FactorKind, Factors, Facts, Money, Override
from app.impact.snapshot import Term, Value, calculated, known, scaled
from app.impact.tables import PER_KG_CATEGORY, CategoryRow, MaterialRow, Share, Spread
from app.impact.tiers import MAKER_BAND, MATERIALS_BAND, SPEND_BAND, Tier, epd_band

# Energy, assembly, coating, packaging and losses beyond the materials themselves (estimate).
UPLIFT = Fraction("1.15")
# These factors already describe a finished product.
FINISHED = frozenset({"carpet_tile", "mixed_furniture"})
# kg CO2e/NOK × 1000 g/kg ÷ 100 øre/NOK: 0.64 kg/EUR at 11.5 NOK/EUR, section 10.
SPEND_G_PER_ORE = Fraction("0.55")

_GRAMS_PER_KG = 1000


class UnknownFactorError(ValueError):
    """A category or material that the factor set does not hold."""


def category_row(facts: Facts, factors: Factors) -> CategoryRow | None:
    """The row of the item's category; empty where it has none."""
    if facts.category_code is None:
        return None
    return _row(facts.category_code, factors)


def _row(code: str, factors: Factors) -> CategoryRow:
    found = factors.factor_set.categories.get(code)
    if found is None:
        raise UnknownFactorError(f"no category {code} in set {factors.factor_set.id}")
    return found


def per_kg_row(factors: Factors) -> CategoryRow:
    """The row for a piece of which only the mass is known."""
    return _row(PER_KG_CATEGORY, factors)


def material_row(material: str, factors: Factors) -> MaterialRow:
    found = factors.factor_set.materials.get(material)
    if found is None:
        raise UnknownFactorError(f"no material {material} in set {factors.factor_set.id}")
    return found


def usual_price_ore(category_code: str, factors: Factors, currency: str, on: date) -> int | None:
    """What a new piece of the category costs where nothing is known of the piece itself, in øre.

    The organisation's own price where it has one, else the row's in NOK as it is published: who
    reads it sees an estimate, which no missing rate should take away.
    """
    row = factors.factor_set.categories.get(category_code)
    own = [
        each
        for each in factors.overrides
        if each.category_code == category_code and each.kind == FactorKind.PRICE
    ]
    if own:
        try:
            rate, _ = exchange_rate(factors.rates, own[-1].currency, currency, on)
        except MissingRateError:
            rate = None
        if rate is not None:
            return round(own[-1].spread.value * rate)
    return None if row is None or row.price_ore is None else row.price_ore.value


def find_override(facts: Facts, factors: Factors, kind: FactorKind) -> Override | None:
    """The organisation's own value for this category; the last one given counts."""
    found = [
        each
        for each in factors.overrides
        if each.category_code == facts.category_code and each.kind == kind
    ]
    return found[-1] if found else None


def _spread(found: Spread, unit: str, tier: Tier, key: str, source: str) -> Value:
    return Value(
        Fraction(found.value),
        unit,
        Fraction(found.low),
        Fraction(found.high),
        tier,
        key,
        source,
    )


def _epds(facts: Facts) -> Iterator[tuple[str, Epd, Tier]]:
    """Valid declarations before expired and similar ones, the item's before the model's."""
    both = [("item_epd", facts.item_epd), ("model_epd", facts.model_epd)]
    rated = [(key, epd, _epd_tier(epd, facts)) for key, epd in both if epd is not None]
    yield from sorted(rated, key=lambda each: each[2])


def _epd_tier(epd: Epd, facts: Facts) -> Tier:
    is_valid = epd.valid_until is not None and facts.handed_over_on <= epd.valid_until
    return Tier.T1 if is_valid and not epd.similar else Tier.T2


def chosen_epd(facts: Facts) -> Epd | None:
    """The declaration that gives G, and so A4 and C too: one indicator for all modules."""
    if facts.spend_only:
        return None
    return next((epd for _, epd, _ in _epds(facts)), None)


def find_mass(facts: Facts, factors: Factors) -> Value | None:
    """Mass of the piece in g. An entered weight is T1 and has no range."""
    amount = Fraction(facts.amount)
    if facts.item_mass_g is not None:
        return known(facts.item_mass_g, "g", tier=Tier.T1, key="item", source="entered weight")
    for key, epd, tier in _epds(facts):
        if epd.mass_g is not None:
            declared = known(Fraction(epd.mass_g), "g", tier=tier, key=key, source=epd.source)
            return scaled(declared, amount)
    if facts.model_mass_g is not None:
        model = known(facts.model_mass_g, "g", tier=Tier.T2, key="model", source="maker's value")
        return scaled(model, amount)
    override = find_override(facts, factors, FactorKind.MASS)
    if override is not None:
        return scaled(_of_override(override, "g"), amount)
    row = category_row(facts, factors)
    if row is None or row.mass_g is None:
        return None
    tier = Tier.T1 if row.amount_unit == "kg" else Tier.T3
    return scaled(_spread(row.mass_g, "g", tier, f"{row.code}.mass", row.source_mass), amount)


def _of_override(override: Override, unit: str) -> Value:
    key = f"override.{override.category_code}.{override.kind.value}"
    return _spread(override.spread, unit, override.tier, key, override.source)


def _reference_mass(facts: Facts, factors: Factors, row: CategoryRow, *, own: bool) -> Fraction:
    """The mass that a category's G belongs to, for the whole amount."""
    override = find_override(facts, factors, FactorKind.MASS) if own else None
    if override is not None:
        return Fraction(override.spread.value) * Fraction(facts.amount)
    assert row.mass_g is not None
    return Fraction(row.mass_g.value) * Fraction(facts.amount)


def find_gwp(facts: Facts, factors: Factors, mass: Value | None) -> Value | None:
    """G of A1–A3 in g CO2e. Empty for equipment: no step of the look-up fills it."""
    row = category_row(facts, factors)
    if row is not None and row.is_equipment:
        return None
    if facts.spend_only:
        return _by_spend(facts, factors, mass)
    amount = Fraction(facts.amount)
    for key, epd, tier in _epds(facts):
        deviation = None if epd.relative_deviation is None else Fraction(epd.relative_deviation)
        low, high = epd_band(deviation) if tier == Tier.T1 else MAKER_BAND
        gwp = Fraction(epd.gwp_g)
        return scaled(
            Value(gwp, "g CO2e", gwp * low, gwp * high, tier, f"{key}.gwp", epd.source), amount
        )
    if facts.model_gwp_g is not None:
        low, high = MAKER_BAND
        gwp = Fraction(facts.model_gwp_g)
        source = "maker's value"
        return scaled(
            Value(gwp, "g CO2e", gwp * low, gwp * high, Tier.T2, "model.gwp", source), amount
        )
    return _by_category(facts, factors, row, mass) or _by_materials(facts, factors, mass)


def _by_category(
    facts: Facts, factors: Factors, row: CategoryRow | None, mass: Value | None
) -> Value | None:
    """Override or category row, scaled by a mass that is not the row's own."""
    if row is None or row.gwp_g is None or mass is None:
        return None
    override = find_override(facts, factors, FactorKind.GWP)
    if override is not None:
        found, own = _of_override(override, "g CO2e"), True
    elif row.code != PER_KG_CATEGORY:
        found = _spread(row.gwp_g, "g CO2e", Tier.T3, f"{row.code}.gwp", row.source_gwp)
        own = False
    else:
        return None
    reference = _reference_mass(facts, factors, row, own=own)
    return scaled(found, Fraction(facts.amount), mass.value / reference)


def _by_materials(facts: Facts, factors: Factors, mass: Value | None) -> Value | None:
    """T4 from mass and materials, else T5 from mass alone."""
    if mass is None:
        return None
    materials = facts.item_materials or facts.model_materials
    if materials:
        return production(materials, mass.value, factors)
    row = per_kg_row(factors)
    assert row.gwp_g is not None
    found = _spread(row.gwp_g, "g CO2e per kg", Tier.T5, f"{row.code}.gwp", row.source_gwp)
    return replace(scaled(found, mass.value / _GRAMS_PER_KG), unit="g CO2e")


def production(materials: tuple[Share, ...], mass_g: Fraction, factors: Factors) -> Value:
    """The T4 model: 1.15 × mass × share × production factor, summed over the materials."""
    terms = []
    for each in materials:
        row = material_row(each.material, factors)
        uplift = Fraction(1) if each.material in FINISHED else UPLIFT
        numbers = (uplift, mass_g, Fraction(each.share), Fraction(row.production))
        terms.append(Term(f"{each.material}/production", numbers, row.source))
    return calculated(
        "g CO2e", *terms, band=MATERIALS_BAND, tier=Tier.T4, key="materials", source="T4 model"
    )


def _by_spend(facts: Facts, factors: Factors, mass: Value | None) -> Value | None:
    price = find_price(facts, factors, mass, "NOK")
    if price is None:
        return None
    return calculated(
        "g CO2e",
        Term("spend", (price.value, SPEND_G_PER_ORE), "0.64 kg/EUR at 11.5 NOK/EUR (S58)"),
        band=SPEND_BAND,
        tier=Tier.T6,
        key="spend",
        source=price.source,
    )


def find_price(facts: Facts, factors: Factors, mass: Value | None, currency: str) -> Value | None:
    """P of the equivalent new product, in øre of the wanted currency, excl. VAT."""
    amount = Fraction(facts.amount)
    if facts.item_price is not None:
        return _own_price(facts, factors, facts.item_price, Tier.T1, currency)
    if facts.model_price is not None:
        return scaled(_own_price(facts, factors, facts.model_price, Tier.T2, currency), amount)
    override = find_override(facts, factors, FactorKind.PRICE)
    if override is not None:
        value = _of_override(override, "ore")
        return converted(scaled(value, amount), override.currency, currency, facts, factors)
    listed = _listed_price(facts, factors, mass)
    return None if listed is None else converted(listed, "NOK", currency, facts, factors)


def _listed_price(facts: Facts, factors: Factors, mass: Value | None) -> Value | None:
    """The category row's price in NOK øre, else by mass; equipment has none."""
    row = category_row(facts, factors)
    if row is not None and row.code != PER_KG_CATEGORY:
        if row.price_ore is None:
            return None
        key = f"{row.code}.price"
        value = _spread(row.price_ore, "ore", Tier.T3, key, row.source_price)
        return scaled(value, Fraction(facts.amount))
    if mass is None:
        return None
    row = per_kg_row(factors)
    assert row.price_ore is not None
    value = _spread(row.price_ore, "ore", Tier.T5, f"{row.code}.price", row.source_price)
    return scaled(value, mass.value / _GRAMS_PER_KG)


def _own_price(facts: Facts, factors: Factors, price: Money, tier: Tier, currency: str) -> Value:
    key = "item" if tier == Tier.T1 else "model"
    value = known(price.ore, "ore", tier=tier, key=f"{key}.price", source=price.source)
    return converted(value, price.currency, currency, facts, factors)


def converted(value: Value, currency: str, wanted: str, facts: Facts, factors: Factors) -> Value:
    """The amount in the wanted currency, with the rate as a term."""
    rate, source = exchange_rate(factors.rates, currency, wanted, facts.handed_over_on)
    if rate == 1:
        return value
    terms = tuple(
        Term(f"{term.what} {currency}/{wanted}", (*term.factors, rate), f"{term.source} {source}")
        for term in value.terms or (Term(value.key, (value.value,), value.source),)
    )
    return replace(
        value,
        value=value.value * rate,
        low=value.low * rate,
        high=value.high * rate,
        terms=terms,
    )
