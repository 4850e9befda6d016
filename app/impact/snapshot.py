"""The values behind one figure, in a form that can be stored and multiplied out by hand.

Every value is exact. One that was calculated carries its terms: it is the sum of their products.
Numbers are written as decimals where these end, else as a fraction such as `1859/5699`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from math import prod
from typing import TypeAlias

from app.impact.facts import FulfilmentSource
from app.impact.tiers import Tier

Json: TypeAlias = "str | int | bool | Sequence[Json] | Mapping[str, Json] | None"
Inputs: TypeAlias = dict[str, Json]


class SnapshotError(ValueError):
    """Stored inputs that are incomplete or do not multiply out to the value beside them.

    ``message`` is English, with the places of ``values`` as ``%(name)s``.
    """

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message % values if values else message)
        self.message = message
        self.values = values


def number_text(number: Fraction) -> str:
    """The exact decimal where it ends, else numerator/denominator."""
    rest, twos, fives = number.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return f"{number.numerator}/{number.denominator}"
    places = max(twos, fives)
    digits = str(abs(number.numerator) * 10**places // number.denominator).rjust(places + 1, "0")
    sign = "-" if number < 0 else ""
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)


@dataclass(frozen=True, slots=True)
class Term:
    """One product: what it stands for, the row its factor came from, and the numbers."""

    what: str
    factors: tuple[Fraction, ...]
    source: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """A number with unit, range, tier, factor key and source, and the terms it was made of."""

    value: Fraction
    unit: str
    low: Fraction
    high: Fraction
    tier: Tier | None = None
    key: str = ""
    source: str = ""
    terms: tuple[Term, ...] = ()


def known(
    value: Fraction | int, unit: str, *, tier: Tier | None = None, key: str = "", source: str = ""
) -> Value:
    """A value without a range."""
    exact = Fraction(value)
    return Value(exact, unit, exact, exact, tier, key, source)


def product_sum(terms: Sequence[Term]) -> Fraction:
    return sum((prod(term.factors, start=Fraction(1)) for term in terms), Fraction(0))


def calculated(
    unit: str,
    *terms: Term,
    band: tuple[Fraction, Fraction] = (Fraction(1), Fraction(1)),
    tier: Tier | None = None,
    key: str = "",
    source: str = "",
) -> Value:
    """The sum of the terms, with low and high as factors on it."""
    value = product_sum(terms)
    return Value(value, unit, value * band[0], value * band[1], tier, key, source, terms)


def scaled(row: Value, *ratios: Fraction | int) -> Value:
    """A row's value with its range times the amount, a mass ratio or an exchange rate."""
    numbers = tuple(Fraction(ratio) for ratio in ratios)
    if all(number == 1 for number in numbers):
        return row
    ratio = prod(numbers, start=Fraction(1))
    return replace(
        row,
        value=row.value * ratio,
        low=row.low * ratio,
        high=row.high * ratio,
        terms=(Term(row.key, (row.value, *numbers), row.source),),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All values one entry rests on; an empty one was not known and is not counted as 0."""

    formula_version: int
    factor_set_id: str
    category_code: str | None
    handed_over_on: date
    source: FulfilmentSource
    currency: str
    costs_complete: bool
    values: Mapping[str, Value] = field(default_factory=dict)

    def get(self, name: str) -> Value | None:
        return self.values.get(name)

    def number(self, name: str) -> Fraction:
        """A value every snapshot has; raises `SnapshotError` with its name if it is missing."""
        found = self.values.get(name)
        if found is None:
            raise SnapshotError("the value %(name)s is missing", name=name)
        return found.value

    def part(self, name: str) -> Fraction:
        """A value that is left out of the sum where it is not known."""
        found = self.values.get(name)
        return Fraction(0) if found is None else found.value

    def with_value(self, name: str, value: Value) -> "Snapshot":
        return replace(self, values={**self.values, name: value})


def _value_json(value: Value) -> Inputs:
    written: Inputs = {"value": number_text(value.value), "unit": value.unit}
    if (value.low, value.high) != (value.value, value.value):
        written["low"] = number_text(value.low)
        written["high"] = number_text(value.high)
    if value.tier is not None:
        written["tier"] = value.tier.value
    if value.key:
        written["key"] = value.key
    if value.source:
        written["source"] = value.source
    if value.terms:
        written["terms"] = [_term_json(term) for term in value.terms]
    return written


def _term_json(term: Term) -> Inputs:
    written: Inputs = {"what": term.what, "factors": [number_text(each) for each in term.factors]}
    if term.source:
        written["source"] = term.source
    return written


def to_inputs(snapshot: Snapshot) -> Inputs:
    """The JSON-serialisable form that is stored with the entry."""
    return {
        "formula_version": snapshot.formula_version,
        "factor_set_id": snapshot.factor_set_id,
        "category_code": snapshot.category_code,
        "handed_over_on": snapshot.handed_over_on.isoformat(),
        "source": snapshot.source.value,
        "currency": snapshot.currency,
        "costs_complete": snapshot.costs_complete,
        "values": {name: _value_json(value) for name, value in snapshot.values.items()},
    }


def _mapping(found: object, name: str) -> Mapping[str, object]:
    if not isinstance(found, Mapping):
        raise SnapshotError("%(name)s is not an object", name=name)
    return found


def _list(found: object, name: str) -> Sequence[object]:
    if not isinstance(found, list | tuple):
        raise SnapshotError("%(name)s is not a list", name=name)
    return found


def _number(found: object, name: str) -> Fraction:
    try:
        return Fraction(str(found))
    except (ValueError, ZeroDivisionError):
        raise SnapshotError("%(name)s: %(found)r is not a number", name=name, found=found) from None


def _value(name: str, found: object) -> Value:
    written = _mapping(found, name)
    value = _number(written.get("value"), name)
    terms = tuple(
        Term(
            str(term.get("what", "")),
            tuple(_number(each, name) for each in _list(term.get("factors"), name)),
            str(term.get("source", "")),
        )
        for term in (_mapping(each, name) for each in _list(written.get("terms", ()), name))
    )
    if terms and product_sum(terms) != value:
        raise SnapshotError(
            "%(name)s: the terms do not multiply out to %(value)s",
            name=name,
            value=number_text(value),
        )
    return Value(
        value,
        str(written.get("unit", "")),
        _number(written.get("low", number_text(value)), name),
        _number(written.get("high", number_text(value)), name),
        Tier(str(written["tier"])) if "tier" in written else None,
        str(written.get("key", "")),
        str(written.get("source", "")),
        terms,
    )


def from_inputs(inputs: Mapping[str, object]) -> Snapshot:
    """Reads stored inputs back; raises `SnapshotError` with the name of what is wrong."""
    try:
        category = inputs["category_code"]
        return Snapshot(
            formula_version=int(str(inputs["formula_version"])),
            factor_set_id=str(inputs["factor_set_id"]),
            category_code=None if category is None else str(category),
            handed_over_on=date.fromisoformat(str(inputs["handed_over_on"])),
            source=FulfilmentSource(str(inputs["source"])),
            currency=str(inputs["currency"]),
            costs_complete=inputs["costs_complete"] is True,
            values={
                name: _value(name, found)
                for name, found in _mapping(inputs["values"], "values").items()
            },
        )
    except KeyError as missing:
        raise SnapshotError("%(name)s is missing", name=missing.args[0]) from None
    except SnapshotError:
        raise
    except ValueError as reason:
        raise SnapshotError("a value can not be used: %(fault)s", fault=reason) from None
