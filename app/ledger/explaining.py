"""How one figure came about: the formula of the savings method with this entry's numbers put in.

The steps multiply out the stored inputs anew, in exact fractions, and so does the reader by hand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from app.impact.rules import FulfilmentSource, View, number_text
from app.kit.i18n import N_, gettext, number
from app.ledger.models import LedgerEntry

COSTS = ("cost_price", "cost_redesign", "cost_cleaning", "cost_handling", "cost_transport")
LEAVES_FOR_USE = frozenset({FulfilmentSource.SOLD, FulfilmentSource.DONATED})
EARNS_NOTHING = frozenset(
    {FulfilmentSource.NEW, FulfilmentSource.RECYCLED, FulfilmentSource.DISPOSED}
)
FORMULAS: Mapping[str, str] = {
    "waste": N_("F1: Unngått avfall = o × d·λ × (masse − fjernede deler)"),
    "co2e": N_("F2: Unngått utslipp = d·λ × (G + A4 + C) − transport − redesign"),
    "saved": N_("F3: Spart = d·λ × nypris − kostnader + spart avfallsgebyr"),
}
SHORT_DENOMINATOR = 1000
_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Step:
    """One line: what it is, the numbers put in, and what they give (both as text)."""

    label: str
    numbers: str
    result: str


@dataclass(frozen=True, slots=True)
class Calculation:
    """One figure of an entry; the three integers are computed here, not copied from the entry."""

    key: str
    formula: str
    steps: tuple[Step, ...]
    value: int
    low: int
    high: int


def shown(exact: Fraction) -> str:
    """Every digit where the decimals end; else a short fraction, or six digits after ≈."""
    text = number_text(exact)
    if "/" not in text:
        return number(Decimal(text), len(text.partition(".")[2]))
    return text if exact.denominator <= SHORT_DENOMINATOR else approximate(exact)


def put_in(exact: Fraction) -> str:
    """As a number inside a line of others."""
    text = shown(exact)
    return f"({text})" if text.startswith("≈") or exact < 0 else text


def approximate(exact: Fraction) -> str:
    rounded = Decimal(exact.numerator) / Decimal(exact.denominator)
    return f"≈ {number(round(rounded, 6), 6)}"


def shown_text(stored: object) -> str:
    """A stored number as a factor; a fraction stays one, so that no digit is lost."""
    text = str(stored)
    return text if "/" in text else shown(Fraction(text))


class _Values:
    """The stored values as fractions; a bound that is not stored is the value itself."""

    def __init__(self, inputs: Mapping[str, Any]) -> None:
        self._values: Mapping[str, Mapping[str, Any]] = inputs["values"]

    def has(self, name: str) -> bool:
        return name in self._values

    def part(self, name: str, bound: str = "value") -> Fraction:
        found = self._values.get(name)
        return _ZERO if found is None else Fraction(str(found.get(bound, found["value"])))


def explain(entry: LedgerEntry) -> list[Calculation]:
    """Waste, CO2e and money of one entry, those that are calculated, each step by step."""
    values = _Values(entry.inputs)
    scale, scale_step = _scale(values, entry.view)
    waste = _waste(values, scale)
    found = [_with_sign(entry, "waste", [scale_step, *waste[1]], waste[0])]
    if entry.co2e_g is not None:
        exact, steps = _co2e(values, scale, entry.source)
        found.append(_with_sign(entry, "co2e", [scale_step, *steps], exact))
    if entry.saved_ore is not None:
        exact, steps = _saved(values, scale, waste[0][0], entry)
        found.append(_with_sign(entry, "saved", [scale_step, *steps], exact))
    return found


Bounds = tuple[Fraction, Fraction, Fraction]
"""Value, low and high."""


def _with_sign(entry: LedgerEntry, key: str, steps: Sequence[Step], exact: Bounds) -> Calculation:
    """Rounds once, half-even; a reversal books the same with the opposite sign."""
    value, low, high = (round(each) for each in exact)
    lines = [*steps, Step(gettext("Avrundet til hele tall"), shown(exact[0]), number(value))]
    if (low, high) != (value, value):
        lines.append(
            Step(
                gettext("Lav og høy, regnet på samme måte"),
                f"{_both(exact[1])} – {_both(exact[2])}",
                f"{number(low)} – {number(high)}",
            )
        )
    if entry.reverses_id is not None:
        value, low, high = -value, -low, -high
        lines.append(Step(gettext("Tilbakeført: bokført med motsatt fortegn"), "", number(value)))
    return Calculation(key, gettext(FORMULAS[key]), tuple(lines), value, low, high)


def _scale(values: _Values, view: View) -> tuple[Fraction, Step]:
    label = gettext("Andelen som teller, d·λ")
    if view == View.GROSS:
        return Fraction(1), Step(label, gettext("brutto: alt teller"), "1")
    d, y, life = (values.part(name) for name in ("displacement", "extra_life", "service_life"))
    exact = d * min(Fraction(1), y / life)
    numbers = f"{shown(d)} × min(1; {shown(y)} / {shown(life)})"
    return exact, Step(label, numbers, _both(exact))


def _both(exact: Fraction) -> str:
    """A fraction with its size beside it."""
    text = shown(exact)
    return f"{text} {approximate(exact)}" if "/" in text else text


def _waste(values: _Values, scale: Fraction) -> tuple[Bounds, list[Step]]:
    owned = values.part("own_waste")

    def at(bound: str) -> Fraction:
        if values.has("built_in_mass"):
            return owned * scale * values.part("built_in_mass", bound)
        return owned * scale * max(_ZERO, values.part("mass", bound) - values.part("removed_mass"))

    inside = (
        shown(values.part("built_in_mass"))
        if values.has("built_in_mass")
        else f"({shown(values.part('mass'))} − {shown(values.part('removed_mass'))})"
    )
    numbers = f"{put_in(owned)} × {put_in(scale)} × {inside}"
    exact = at("value"), at("low"), at("high")
    return exact, [Step(gettext("Unngått avfall i gram"), numbers, shown(exact[0]))]


def _co2e(values: _Values, scale: Fraction, source: FulfilmentSource) -> tuple[Bounds, list[Step]]:
    if source in EARNS_NOTHING | LEAVES_FOR_USE:
        reason = gettext("Denne kilden gir ingen klimabesparelse her")
        return (_ZERO, _ZERO, _ZERO), [Step(reason, "", "0")]
    new = [values.part(name) for name in ("gwp", "delivery", "end_of_life")]
    spent = [values.part(name) for name in ("transport", "redesign")]

    def at(bound: str) -> Fraction:
        return scale * (values.part("gwp", bound) + new[1] + new[2]) - sum(spent)

    exact = at("value"), at("low"), at("high")
    whole = sum(new, _ZERO)
    return exact, [
        Step(
            gettext("Tilsvarende nytt, G + A4 + C, i gram CO2e"),
            " + ".join(put_in(each) for each in new),
            shown(whole),
        ),
        Step(
            gettext("Unngått utslipp i gram CO2e"),
            f"{put_in(scale)} × {put_in(whole)} − {put_in(spent[0])} − {put_in(spent[1])}",
            shown(exact[0]),
        ),
    ]


def _saved(
    values: _Values, scale: Fraction, waste: Fraction, entry: LedgerEntry
) -> tuple[Bounds, list[Step]]:
    if entry.source in EARNS_NOTHING:
        reason = gettext("Denne kilden gir ingen innsparing")
        return (_ZERO, _ZERO, _ZERO), [Step(reason, "", "0")]
    known = [values.part(name) for name in COSTS if values.has(name)]
    spent, rate = sum(known, _ZERO), values.part("disposal_price")
    disposal = waste * rate
    gate = Step(
        gettext("Spart avfallsgebyr i øre"), f"{put_in(waste)} × {put_in(rate)}", shown(disposal)
    )
    if entry.source in LEAVES_FOR_USE:
        income = values.part("sale_income")
        kept = disposal + income - spent
        numbers = f"{put_in(disposal)} + {put_in(income)} − {put_in(spent)}"
        label = gettext("Gebyr + salgsinntekt − kostnader, i øre")
        return (kept, kept, kept), [gate, Step(label, numbers, shown(kept))]
    if not values.has("price"):
        return (_ZERO, _ZERO, _ZERO), [Step(gettext("Nyprisen er ukjent"), "", "0")]
    is_complete = entry.inputs["costs_complete"] is True
    if not known and not is_complete:
        disposal = _ZERO
        gate = Step(
            gettext("Spart avfallsgebyr"), gettext("ingen kostnad er kjent: teller ikke"), "0"
        )
    least = _ZERO if is_complete else values.part("least_cost_share")

    def at(bound: str) -> Fraction:
        price = values.part("price", bound)
        return scale * price - max(spent, least * price) + disposal

    price = values.part("price")
    cost = max(spent, least * price)
    numbers = " + ".join(put_in(each) for each in known) or "0"
    if not is_complete:
        numbers = f"max({numbers}; {put_in(least)} × {put_in(price)})"
    bounds = [at(bound) for bound in ("value", "low", "high")]
    steps = [
        Step(gettext("Kostnader i øre"), numbers, shown(cost)),
        gate,
        Step(
            gettext("Spart i øre"),
            f"{put_in(scale)} × {put_in(price)} − {put_in(cost)} + {put_in(disposal)}",
            shown(bounds[0]),
        ),
    ]
    return (bounds[0], min(bounds), max(bounds)), steps
