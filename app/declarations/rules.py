"""From a declaration to the values of one piece: the rules (1)–(11) of section 15, as pure code.

``read`` says what the file states, ``questions`` what a person must answer before it is used, and
``decided`` gives the values per amount unit or says by which rule it is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from fractions import Fraction

from app.declarations.rules_ilcd import read_ilcd
from app.declarations.rules_openepd import is_openepd, read_openepd
from app.declarations.rules_reading import (
    Amount,
    DeclarationRefused,
    DeclaredUnit,
    Indicator,
    Method,
    Reading,
)
from app.kit.i18n import N_

__all__ = [
    "Amount",
    "Answers",
    "Asked",
    "DeclarationRefused",
    "Declared",
    "DeclaredUnit",
    "Indicator",
    "Method",
    "Question",
    "Reading",
    "chosen",
    "decided",
    "questions",
    "read",
]

LOW_KG_PER_KG, HIGH_KG_PER_KG = Decimal("0.2"), Decimal(15)
MOST_G, MOST_MASS_G = 100_000_000, 5_000_000
"""Of one amount unit: what a product model may have at most, in g CO2e and in g."""

_GRAMS = 1000
_STEP = Decimal("0.000001")
_UNIT_OF = {"piece": DeclaredUnit.ITEM, "m2": DeclaredUnit.M2, "kg": DeclaredUnit.KG}


class Asked(StrEnum):
    """What only a person can say."""

    NO_WOOD = "no_wood"
    OUTSIDE = "outside"
    SCENARIO = "scenario"


@dataclass(frozen=True, slots=True)
class Question:
    """``module`` and ``choices`` are of a scenario; ``rule`` is the number that asks."""

    asked: Asked
    rule: int
    module: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person has confirmed. ``pieces`` are in the declared unit, packaging is in kg."""

    no_wood: bool = False
    outside: bool = False
    scenarios: dict[str, str] = field(default_factory=dict)
    pieces: Decimal | None = None
    packaging_kg: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """Values per amount unit: g CO2e and g, exact. What is not declared is empty."""

    indicator: str
    gwp_g: Decimal
    mass_g: Decimal | None
    delivery_g: Decimal | None
    end_of_life_g: Decimal | None
    relative_deviation: Decimal | None
    valid_until: date | None
    service_life_months: int | None


def read(content: bytes) -> Reading:
    """A file of openEPD JSON, ILCD+EPD XML or a ZIP of such. Raises ``DeclarationRefused``."""
    if not content.strip():
        raise DeclarationRefused(0, N_("Filen er tom."))
    if is_openepd(content):
        return read_openepd(content)
    if content.startswith(b"PK") or content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return read_ilcd(content)
    text = N_("Filen er verken openEPD (JSON) eller ILCD+EPD (XML eller ZIP).")
    raise DeclarationRefused(0, text)


def chosen(reading: Reading) -> Indicator:
    """Rule 1: the first indicator, in order of choice, that declares A1–A3 (rule 4).

    Raises ``DeclarationRefused``.
    """
    if not reading.indicators:
        raise DeclarationRefused(1, N_("Filen har ingen klimaindikator vi kan bruke."))
    found = next((each for each in reading.indicators if each.has_production), None)
    if found is None:
        raise DeclarationRefused(4, N_("A1–A3 er ikke deklarert, og ukjent er ikke 0."))
    if found.method is Method.TOTAL and reading.has_biogenic_carbon:
        text = N_("Filen har bare GWP-total, og sier selv at produktet inneholder biogent karbon.")
        raise DeclarationRefused(1, text)
    return found


def questions(
    reading: Reading, answers: Answers, amount_unit: str, known_mass_g: int | None = None
) -> list[Question]:
    """What is left to answer. ``known_mass_g`` is the product's own, where the file has none."""
    indicator = chosen(reading)
    found = []
    if indicator.method is Method.TOTAL and not answers.no_wood:
        found.append(Question(Asked.NO_WOOD, 1))
    made = ("A1-A3",) if "A1-A3" in indicator.modules else ("A1", "A2", "A3")
    for module in (*made, "A4", "C1", "C2", "C3", "C4"):
        amounts = indicator.modules.get(module, ())
        names = tuple(each.scenario or "" for each in amounts)
        if len(amounts) > 1 and _picked(amounts, module, reading, answers) is None:
            found.append(Question(Asked.SCENARIO, 0, module, names))
    if (
        not found
        and not answers.outside
        and _is_outside(reading, answers, amount_unit, known_mass_g)
    ):
        found.append(Question(Asked.OUTSIDE, 7))
    return found


def _picked(
    amounts: Sequence[Amount], module: str, reading: Reading, answers: Answers
) -> Amount | None:
    """The amount of the scenario that a person chose, else of the one the file marks."""
    if len(amounts) == 1:
        return amounts[0]
    wanted = answers.scenarios.get(module)
    for each in amounts:
        if wanted is not None and (each.scenario or "") == wanted:
            return each
    if wanted is not None:
        return None
    marked = [each for each in amounts if each.scenario in reading.defaults]
    if len(marked) == 1:
        return marked[0]
    plain = [each for each in amounts if each.scenario is None]
    return plain[0] if len(plain) == 1 and not marked else None


def _of(module: str, indicator: Indicator, reading: Reading, answers: Answers) -> Amount | None:
    amounts = indicator.modules.get(module, ())
    return _picked(amounts, module, reading, answers) if amounts else None


def _production(indicator: Indicator, reading: Reading, answers: Answers) -> Amount | None:
    """A1–A3, else the sum of the three; the deviation is the sum's only where it is stated."""
    whole = _of("A1-A3", indicator, reading, answers)
    if whole is not None:
        return whole
    parts = [_of(each, indicator, reading, answers) for each in ("A1", "A2", "A3")]
    known = [each for each in parts if each is not None]
    if len(known) < len(parts):
        return None
    return Amount(sum((each.value for each in known), Decimal(0)))


def _is_outside(
    reading: Reading, answers: Answers, amount_unit: str, known_mass_g: int | None
) -> bool:
    production = _production(chosen(reading), reading, answers)
    if production is None:
        return False
    per = _per(reading, answers, amount_unit)
    mass_g = _mass_g(reading, answers, per)
    mass = mass_g if mass_g is not None else known_mass_g
    if not mass:
        return False
    ratio = Fraction(production.value) * _GRAMS / per / Fraction(mass)
    return not Fraction(LOW_KG_PER_KG) <= ratio <= Fraction(HIGH_KG_PER_KG)


def _per(reading: Reading, answers: Answers, amount_unit: str) -> Fraction:
    """Rule 3: how many amount units (pieces, m² or kg) the declared unit holds.

    Raises ``DeclarationRefused`` where the declaration is of another unit and nobody knows.
    """
    if _UNIT_OF.get(amount_unit) is reading.unit:
        if amount_unit != "piece":
            return Fraction(reading.quantity)
        return Fraction(reading.pieces or reading.quantity) * Fraction(answers.pieces or 1)
    if amount_unit == "piece" and (answers.pieces or reading.pieces):
        return Fraction(answers.pieces or reading.pieces or 1)
    text = N_("Deklarasjonen gjelder en annen enhet enn kategorien regnes i.")
    raise DeclarationRefused(3, text)


def _mass_g(reading: Reading, answers: Answers, per: Fraction) -> Decimal | None:
    """Rule 5: packaging is no part of the product."""
    if reading.mass_kg is None:
        return None
    kg = reading.mass_kg - (answers.packaging_kg or 0)
    if kg <= 0:
        raise DeclarationRefused(
            5, N_("Emballasjen veier like mye som hele den deklarerte enheten.")
        )
    return _exact(Fraction(kg) * _GRAMS / per, MOST_MASS_G)


def _exact(number: Fraction, most: int = MOST_G) -> Decimal:
    """To the millionth of a gram, half-even: what no decimal ends is not kept for ever.

    Raises ``DeclarationRefused`` for what no piece of furniture can weigh or have emitted.
    """
    if number > most:
        text = N_("Tallet for én enhet er urimelig stort. Se på den deklarerte mengden.")
        raise DeclarationRefused(3, text)
    quotient = Decimal(number.numerator) / Decimal(number.denominator)
    return quotient.quantize(_STEP, ROUND_HALF_EVEN).normalize() + 0


def decided(
    reading: Reading, answers: Answers, amount_unit: str, known_mass_g: int | None = None
) -> Declared:
    """The values of one piece (or m², or kg), once nothing is left to ask.

    Raises ``DeclarationRefused`` with the number of the rule.
    """
    left = questions(reading, answers, amount_unit, known_mass_g)
    if left:
        raise DeclarationRefused(left[0].rule, _HELD[left[0].asked], module=left[0].module)
    indicator = chosen(reading)
    production = _production(indicator, reading, answers)
    assert production is not None  # ``chosen`` and ``questions`` have seen to it
    per = _per(reading, answers, amount_unit)

    def grams(kg: Decimal | None) -> Decimal | None:
        return None if kg is None else _exact(Fraction(kg) * _GRAMS / per)

    delivery = _of("A4", indicator, reading, answers)
    end_of_life = _end_of_life(indicator, reading, answers)
    parts = (production.value, delivery.value if delivery else 0, end_of_life or 0)
    if any(each < 0 for each in parts):
        # Only stored carbon makes a production or an end of life negative, and none may count.
        raise DeclarationRefused(1, N_("Et av tallene er negativt: da er karbon lagret i tre med."))
    gwp_g = grams(production.value)
    assert gwp_g is not None
    return Declared(
        indicator=indicator.label,
        gwp_g=gwp_g,
        mass_g=_mass_g(reading, answers, per),
        delivery_g=grams(delivery.value if delivery else None),
        end_of_life_g=grams(end_of_life),
        relative_deviation=production.deviation,
        valid_until=reading.valid_until,
        service_life_months=reading.service_life_months,
    )


_HELD = {
    Asked.NO_WOOD: N_("Noen må bekrefte at produktet ikke inneholder tre."),
    Asked.OUTSIDE: N_("Utslippet per kilo er utenfor 0,2–15. Noen må bekrefte at det stemmer."),
    Asked.SCENARIO: N_("Velg scenario for %(module)s."),
}


def _end_of_life(indicator: Indicator, reading: Reading, answers: Answers) -> Decimal | None:
    """C1–C4 as far as declared; without C3 and C4 there is no end of life to speak of (rule 4)."""
    found = {each: _of(each, indicator, reading, answers) for each in ("C1", "C2", "C3", "C4")}
    if found["C3"] is None and found["C4"] is None:
        return None
    return sum((each.value for each in found.values() if each is not None), Decimal(0))
