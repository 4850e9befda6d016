"""A stored piece with other factors: what would have been booked, never written.

Only what came from a factor set or an own factor is looked up anew. What belongs to the piece (its
weight, its declaration, its maker's values, its costs and its trip) stays as it was stored. Which
of the two a value is, its key says.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from app.impact.facts import Factors, Facts, UserCase, WouldHave
from app.impact.formulas import Estimate, compute, has_money
from app.impact.gathering import service_life
from app.impact.lookup import find_gwp, find_mass, find_price, material_row, per_kg_row
from app.impact.snapshot import Snapshot, Term, Value, calculated, from_inputs, known
from app.impact.tables import Share
from app.impact.tiers import Tier

SPEND = "spend"
_OWN_VALUES = frozenset({"item", "item_epd", "model_epd", "model", SPEND})
"""What a value of the piece itself or of its model begins with."""
_AS_LONG_AS_NEW = "default: as long as a new one"


def with_factors(inputs: Mapping[str, object], factors: Factors) -> Estimate:
    """The stored piece by these factors; by those it was booked with it is what was booked.

    Raises ``SnapshotError`` for inputs that do not hold, and ``ValueError`` (``UnknownFactorError``,
    ``MissingRateError``) where the factors lack what the piece needs.
    """
    old = from_inputs(inputs)
    facts = _facts(old, factors)
    values = dict(old.values)
    mass = values.get("mass")
    if mass is None or _is_looked_up(mass):
        mass = find_mass(facts, factors)
        _put(values, "mass", mass)
    gwp, price = values.get("gwp"), values.get("price")
    by_spend = gwp is not None and gwp.key == SPEND and price is not None and _is_looked_up(price)
    if gwp is None or _is_looked_up(gwp) or by_spend:
        gwp = find_gwp(facts, factors, mass)
        _put(values, "gwp", gwp)
    if has_money(old) and (price is None or _is_looked_up(price)):
        _put(values, "price", find_price(facts, factors, mass, old.currency))
    _put_life(values, old, facts, factors)
    _put_rest(values, old, factors)
    return compute(replace(old, factor_set_id=factors.factor_set.id, values=values))


def _put(values: dict[str, Value], name: str, value: Value | None) -> None:
    if value is None:
        values.pop(name, None)
    else:
        values[name] = value


def _is_looked_up(value: Value) -> bool:
    """Whether a set or an own factor gave the value."""
    return value.key.partition(".")[0] not in _OWN_VALUES


def _facts(old: Snapshot, factors: Factors) -> Facts:
    """As much of the piece as the look-up asks for, from what was stored of it."""
    return Facts(
        handed_over_on=old.handed_over_on,
        source=old.source,
        category_code=old.category_code,
        user_case=UserCase.NEW_USER,
        would_have=WouldHave.NOT_ANSWERED,
        would_discard=True,
        amount=_amount(old),
        item_materials=_entered_materials(old, factors),
        spend_only=old.values["gwp"].key == SPEND if "gwp" in old.values else False,
        currency=old.currency,
        costs_currency=old.currency,
    )


def _amount(old: Snapshot) -> Decimal:
    """The item's amount: the number beside the row's in the first looked-up value that has one."""
    for name in ("mass", "gwp"):
        value = old.values.get(name)
        if value is None or not _is_looked_up(value) or value.key == "materials":
            continue
        if value.tier == Tier.T5:
            continue  # by mass alone: the number is kilograms
        return _decimal(value.terms[0].factors[1]) if value.terms else Decimal(1)
    price = old.values.get("price")
    if price is not None and _is_looked_up(price) and price.tier != Tier.T5 and price.terms:
        # A rate stands last where the price was converted.
        numbers = price.terms[0].factors
        is_converted = "/" in price.terms[0].what
        if len(numbers) > (2 if is_converted else 1):
            return _decimal(numbers[1])
    return Decimal(1)


def _decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator)


def _entered_materials(old: Snapshot, factors: Factors) -> tuple[Share, ...]:
    """Those that were entered: what the end of life was shared by, unless it is the row's own."""
    end = old.values.get("end_of_life")
    if end is None or end.key != "materials":
        return ()
    shares = tuple(
        Share(each.what.partition("/")[0], _decimal(each.factors[1])) for each in end.terms
    )
    row = factors.factor_set.categories.get(old.category_code or "") or per_kg_row(factors)
    return () if shares == row.materials else shares


def _put_life(values: dict[str, Value], old: Snapshot, facts: Facts, factors: Factors) -> None:
    life = old.values.get("service_life")
    if life is not None and life.source == "product model":
        return
    values["service_life"] = service_life(facts, factors)
    for name in ("extra_life", "planned_extra_life"):
        extra = old.values.get(name)
        if extra is not None and (
            extra.key == "warranted_as_new" or extra.source == _AS_LONG_AS_NEW
        ):
            values[name] = replace(known(values["service_life"].value, "months"),
                                   key=extra.key, source=extra.source)  # fmt: skip


def _put_rest(values: dict[str, Value], old: Snapshot, factors: Factors) -> None:
    """Delivery, end of life, trip and redesign, as far as they rest on mass, G or the set."""
    mass, gwp = values.get("mass"), values.get("gwp")
    before = old.values.get("mass")
    delivery = old.values.get("delivery")
    if delivery is not None and mass is not None and delivery.key in factors.factor_set.transport:
        row = factors.factor_set.transport[delivery.key]
        term = Term("delivery", (mass.value, Fraction(row.total)), row.source)
        values["delivery"] = calculated("g CO2e", term, key=delivery.key, source=row.note)
    end = old.values.get("end_of_life")
    if end is not None and mass is not None and end.key == "materials":
        values["end_of_life"] = _end_of_life(end, mass, factors)
    trip = old.values.get("transport")
    if trip is not None and mass is not None and before is not None:
        terms = tuple(
            replace(each, factors=(mass.value, *each.factors[1:]))
            if len(each.factors) == 4 and each.factors[0] == before.value
            else each
            for each in trip.terms
        )
        values["transport"] = calculated("g CO2e", *terms, key=trip.key, source=trip.source)
    redesign = old.values.get("redesign")
    if redesign is not None and gwp is not None and redesign.key.startswith("redesign."):
        [term] = redesign.terms
        again = replace(term, factors=(term.factors[0], gwp.value))
        values["redesign"] = calculated("g CO2e", again, key=redesign.key, source=redesign.source)


def _end_of_life(end: Value, mass: Value, factors: Factors) -> Value:
    terms = []
    for each in end.terms:
        material, _, treatment = each.what.partition("/")
        row = material_row(material, factors)
        factor = Fraction(row.recycling if treatment == "recycling" else row.incineration)
        numbers = (mass.value, each.factors[1], factor)
        terms.append(Term(each.what, numbers, row.source))
    return calculated("g CO2e", *terms, key=end.key, source=end.source)
