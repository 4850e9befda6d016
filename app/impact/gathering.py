"""Turns facts and factors into the snapshot of values that the formulas use (sections 4–9)."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from app.impact.displacement import displacement
from app.impact.facts import (
    FactorKind,
    Factors,
    Facts,
    FulfilmentSource,
    NewPart,
    RedesignLevel,
    UserCase,
)
from app.impact.formulas import FORMULA_VERSION
from app.impact.lookup import (
    FINISHED,
    UPLIFT,
    category_row,
    chosen_epd,
    converted,
    find_gwp,
    find_mass,
    find_override,
    find_price,
    material_row,
    per_kg_row,
)
from app.impact.snapshot import Snapshot, Term, Value, calculated, known
from app.impact.tables import Share
from app.impact.tiers import Tier
from app.impact.transport import transport_emission

LEAST_COST_SHARE = Fraction("0.40")
# 2.5 NOK/kg × g ÷ 10: gate price about 2.0 plus 0.5 for transport and labour (estimate).
DISPOSAL_ORE_PER_G = Fraction("0.25")
# Where neither category, override nor model states a service life (section 16).
DEFAULT_LIFE_MONTHS = 180

REDESIGN_SHARE: dict[RedesignLevel, tuple[Fraction, str]] = {
    RedesignLevel.CLEANING: (Fraction("0.02"), "estimate"),
    RedesignLevel.MINOR_PARTS: (Fraction("0.05"), "estimate"),
    RedesignLevel.LIGHT_REFURBISHMENT: (Fraction("0.13"), "derived: WRAP 3.0/2.6 t/t (S06)"),
    RedesignLevel.REUPHOLSTERY: (Fraction("0.28"), "derived: WRAP 1.45/1.05 t/t (S07)"),
    RedesignLevel.REMANUFACTURED: (Fraction("0.33"), "derived: 22 of 65-67 kg (S31)"),
    RedesignLevel.FULL_RENOVATION: (Fraction("0.50"), "derived: three lives (S24)"),
    RedesignLevel.NEW_TOP: (Fraction("0.12"), "derived: 18 kg top × 0.55 × 1.15"),
}
# The level assumed, and shown as a default, when nobody stated one.
_DEFAULT_LEVEL = {
    FulfilmentSource.REDESIGNED: RedesignLevel.LIGHT_REFURBISHMENT,
    FulfilmentSource.REDESIGNED_FROM_SURPLUS: RedesignLevel.REMANUFACTURED,
}
_DEFAULT_EXTRA_MONTHS = 96
_REDESIGNED_EXTRA_MONTHS = 120

_RECYCLED_MATERIALS = frozenset({"steel", "stainless_steel", "aluminium", "glass"})
_WITHOUT_OWN_WASTE = frozenset(
    {
        FulfilmentSource.BOUGHT_USED,
        FulfilmentSource.NEW,
        FulfilmentSource.RECYCLED,
        FulfilmentSource.DISPOSED,
    }
)
_WITHOUT_CHAIN_WASTE = _WITHOUT_OWN_WASTE - {FulfilmentSource.BOUGHT_USED}


class NoEventError(ValueError):
    """The piece only moved along with its user: nothing is counted, gross or net."""


def gather(facts: Facts, factors: Factors, *, with_money: bool = True) -> Snapshot:
    """Every value the formulas use, with tier, key and source; all amounts, or none of them.

    Raises `NoEventError`, and `ValueError` where a factor or, with amounts, a rate is missing.
    """
    row = displacement(facts)
    if row.value is None:
        raise NoEventError(row.basis)
    mass = find_mass(facts, factors)
    # By spend alone there is no GWP without a price either.
    has_gwp = with_money or not facts.spend_only
    gwp = find_gwp(facts, factors, mass) if has_gwp else None
    amounts = _amounts(facts, factors, mass) if with_money else {}
    values: dict[str, Value | None] = {
        "mass": mass,
        "gwp": gwp,
        "price": amounts.pop("price", None),
        "removed_mass": _removed(facts),
        "built_in_mass": _built_in(facts),
        "own_waste": _own_waste(facts),
        "chain_waste": _chain_waste(facts),
        "transport": _emission_of_trip(facts, factors, mass),
        "redesign": _redesign(facts, factors, gwp),
        "service_life": service_life(facts, factors),
        "displacement": known(row.value, "1", key=row.key, source=row.basis),
        "least_cost_share": known(LEAST_COST_SHARE, "1", source="derived: IVL, nearly 60 % (S05)"),
        **amounts,
    }
    if gwp is not None and gwp.tier != Tier.T6:
        values["delivery"] = _delivery(facts, factors, mass)
        values["end_of_life"] = _end_of_life(facts, factors, mass)
    extra_life = _extra_life(facts, values["service_life"])
    values["extra_life"] = values["planned_extra_life"] = extra_life
    return Snapshot(
        formula_version=FORMULA_VERSION,
        factor_set_id=factors.factor_set.id,
        category_code=facts.category_code,
        handed_over_on=facts.handed_over_on,
        source=FulfilmentSource(facts.source),
        currency=facts.currency,
        costs_complete=facts.costs_complete,
        values={name: value for name, value in values.items() if value is not None},
    )


def _own_waste(facts: Facts) -> Value:
    """o: 1 if the organisation owned the piece and would discard it."""
    if facts.user_case == UserCase.MOVES_ALONG:
        return known(0, "1", key="moves_along", source="the piece only moves with its user")
    if facts.source in _WITHOUT_OWN_WASTE:
        return known(0, "1", key=facts.source, source="the piece was not the organisation's waste")
    return known(int(facts.would_discard), "1", key="would_discard", source="entered")


def _chain_waste(facts: Facts) -> Value:
    counts = facts.user_case != UserCase.MOVES_ALONG and facts.source not in _WITHOUT_CHAIN_WASTE
    return known(int(counts), "1", key=facts.source, source="value-chain reading of o")


def _removed(facts: Facts) -> Value:
    source = "none recorded" if facts.removed_g is None else "entered"
    return known(facts.removed_g or 0, "g", source=source)


def _built_in(facts: Facts) -> Value | None:
    """Surplus mass built in: what no donor documents is not counted."""
    if facts.source != FulfilmentSource.REDESIGNED_FROM_SURPLUS:
        return None
    if facts.built_in_g is None:
        return known(0, "g", source="no donor recorded")
    return known(Fraction(facts.built_in_g), "g", source="donors")


def _materials(facts: Facts, factors: Factors) -> tuple[Share, ...]:
    entered = facts.item_materials or facts.model_materials
    row = category_row(facts, factors)
    return entered or (row.materials if row is not None else per_kg_row(factors).materials)


def _delivery(facts: Facts, factors: Factors, mass: Value | None) -> Value | None:
    """A4 of the new product in g CO2e."""
    epd = chosen_epd(facts)
    if epd is not None and epd.delivery_g is not None:
        term = Term("delivery", (Fraction(epd.delivery_g), Fraction(facts.amount)), epd.source)
        return calculated("g CO2e", term, key="epd.A4", source=epd.source)
    if mass is None:
        return None
    key = "A4_NEW_ASIA_DEFAULT" if facts.made_in_asia else "A4_NEW_EU_DEFAULT"
    row = factors.factor_set.transport[key]
    term = Term("delivery", (mass.value, Fraction(row.total)), row.source)
    return calculated("g CO2e", term, key=key, source=row.note)


def _end_of_life(facts: Facts, factors: Factors, mass: Value | None) -> Value | None:
    """C of the new product in g CO2e: metals and glass are recycled, all else is burnt."""
    epd = chosen_epd(facts)
    if epd is not None and epd.end_of_life_g is not None:
        term = Term("end of life", (Fraction(epd.end_of_life_g), Fraction(facts.amount)))
        return calculated("g CO2e", term, key="epd.C", source=epd.source)
    if mass is None:
        return None
    terms = []
    for each in _materials(facts, factors):
        row = material_row(each.material, factors)
        is_recycled = each.material in _RECYCLED_MATERIALS
        treatment = "recycling" if is_recycled else "incineration"
        factor = Fraction(row.recycling if is_recycled else row.incineration)
        numbers = (mass.value, Fraction(each.share), factor)
        terms.append(Term(f"{each.material}/{treatment}", numbers, row.source))
    return calculated("g CO2e", *terms, key="materials", source="fossil CO2 only")


def _emission_of_trip(facts: Facts, factors: Factors, mass: Value | None) -> Value | None:
    mass_g = None if mass is None else mass.value
    return transport_emission(facts.transport, mass_g, factors.factor_set)


def _redesign(facts: Facts, factors: Factors, gwp: Value | None) -> Value | None:
    """R from what the workshop used, else the level's share of the central G."""
    used = facts.redesign_inputs
    if used is not None:
        power = factors.factor_set.transport["ELECTRICITY_NO_KWH"]
        terms = [
            Term("energy", (Fraction(used.energy_wh), Fraction(power.total)), power.source),
            Term("workshop transport", (Fraction(used.transport_g),), "entered"),
            Term("end of removed parts", (Fraction(used.removed_end_of_life_g),), "entered"),
        ]
        for part in used.new_parts:
            row = material_row(part.material, factors)
            uplift = Fraction(1) if part.material in FINISHED else UPLIFT
            numbers = (uplift, Fraction(part.mass_g), Fraction(row.production))
            terms.append(Term(f"{part.material}/production", numbers, row.source))
        return calculated("g CO2e", *terms, key="workshop", source="entered")
    level = facts.redesign_level or _DEFAULT_LEVEL.get(facts.source)
    if level is None or gwp is None:
        return None
    share, basis = REDESIGN_SHARE[level]
    origin = "entered level" if facts.redesign_level else "default level of the source"
    term = Term(level, (share, gwp.value), basis)
    return calculated("g CO2e", term, key=f"redesign.{level.value}", source=origin)


def end_of_parts_g(parts: Iterable[NewPart], factors: Factors) -> Decimal:
    """The end of life of parts thrown away: metals and glass are recycled, all else is burnt."""
    whole = Decimal(0)
    for each in parts:
        row = material_row(each.material, factors)
        is_recycled = each.material in _RECYCLED_MATERIALS
        whole += each.mass_g * (row.recycling if is_recycled else row.incineration)
    return whole


def service_life(facts: Facts, factors: Factors) -> Value:
    """L in months: the model's, an own factor, the category's row, else the default."""
    if facts.service_life_months is not None:
        return known(facts.service_life_months, "months", tier=Tier.T2, source="product model")
    override = find_override(facts, factors, FactorKind.SERVICE_LIFE)
    if override is not None:
        months = override.spread.value
        return known(months, "months", tier=override.tier, key="override", source=override.source)
    row = category_row(facts, factors) or per_kg_row(factors)
    if row.service_life_months is None:
        return known(DEFAULT_LIFE_MONTHS, "months", source="default of 15 years")
    return known(row.service_life_months, "months", tier=Tier.T3, key=f"{row.code}.service_life")


def _extra_life(facts: Facts, service_life: Value | None) -> Value:
    assert service_life is not None
    surplus = facts.source == FulfilmentSource.REDESIGNED_FROM_SURPLUS
    if surplus and facts.warranted_as_new:
        return known(service_life.value, "months", key="warranted_as_new", source="entered")
    if facts.extra_life_months is not None:
        return known(facts.extra_life_months, "months", source="entered")
    if surplus:
        return known(service_life.value, "months", source="default: as long as a new one")
    redesigned = facts.source == FulfilmentSource.REDESIGNED
    months = _REDESIGNED_EXTRA_MONTHS if redesigned else _DEFAULT_EXTRA_MONTHS
    return known(months, "months", source="default of the source (estimate)")


def _amounts(facts: Facts, factors: Factors, mass: Value | None) -> dict[str, Value | None]:
    """Price, disposal and costs in øre of the entry's currency. Raises ``MissingRateError``."""
    disposal = known(DISPOSAL_ORE_PER_G, "ore/g", key="2.5 NOK/kg", source="estimate (S37, S38)")
    return {
        "price": find_price(facts, factors, mass, facts.currency),
        "disposal_price": converted(disposal, "NOK", facts.currency, facts, factors),
        **_costs(facts, factors),
    }


def _costs(facts: Facts, factors: Factors) -> dict[str, Value | None]:
    """The known kinds of cost, and of a sold piece its income, in øre of the entry's currency."""
    paid = "sale_income" if facts.source == FulfilmentSource.SOLD else "cost_price"
    amounts = {
        paid: facts.price_ore,
        "cost_redesign": facts.redesign_ore,
        "cost_cleaning": facts.cleaning_ore,
        "cost_handling": facts.handling_ore,
    }
    values: dict[str, Value | None] = {
        name: known(ore, "ore", key=name, source="entered")
        for name, ore in amounts.items()
        if ore is not None
    }
    trip = facts.transport
    if trip is not None and trip.cost_ore is not None:
        term = Term("trip", (Fraction(trip.cost_ore), trip.share), "entered")
        values["cost_transport"] = calculated("ore", term, key="cost_transport")
    return {
        name: converted(value, facts.costs_currency, facts.currency, facts, factors)
        for name, value in values.items()
        if value is not None
    }
