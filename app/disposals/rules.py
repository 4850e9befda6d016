"""Disposal decisions: their states, why, and how a mass falls into fractions of waste.

Section 9 of the savings method names the fractions. Disposal earns nothing in the ledger (section
7: no waste avoided, no CO2e, no money), so nothing here is a saving: the grams are those of the pieces.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from pathlib import Path


class Fate(StrEnum):
    """Taken apart for its materials, or thrown away as one thing."""

    RECYCLE = "recycle"
    DISPOSE = "dispose"


class Reason(StrEnum):
    DAMAGED = "damaged"
    WORN_OUT = "worn_out"
    UNSAFE = "unsafe"
    HYGIENE = "hygiene"
    TOO_COSTLY = "too_costly"
    NO_TAKER = "no_taker"
    OTHER = "other"


class DisposalState(StrEnum):
    PROPOSED = "proposed"
    DECIDED = "decided"
    DELIVERED = "delivered"
    WITHDRAWN = "withdrawn"


class DisposalVerb(StrEnum):
    DECIDE = "decide"
    DELIVER = "deliver"
    WITHDRAW = "withdraw"


S, V = DisposalState, DisposalVerb

DISPOSAL_MACHINE: Mapping[StrEnum, Mapping[StrEnum, StrEnum | str]] = {
    S.PROPOSED: {V.DECIDE: S.DECIDED, V.WITHDRAW: S.WITHDRAWN},
    S.DECIDED: {V.DELIVER: S.DELIVERED, V.WITHDRAW: S.WITHDRAWN},
}

MOST_PIECES = 500


class Fraction(StrEnum):
    WOOD = "wood"
    METAL = "metal"
    PLASTIC = "plastic"
    TEXTILE = "textile"
    ELECTRIC = "electric"
    GLASS = "glass"
    MIXED = "mixed"


F = Fraction

OF_MATERIAL: Mapping[str, Fraction] = {
    "solid_wood": F.WOOD,
    "wood_panel": F.WOOD,
    "steel": F.METAL,
    "stainless_steel": F.METAL,
    "aluminium": F.METAL,
    "plastic_mixed": F.PLASTIC,
    "plastic_pp": F.PLASTIC,
    "textile": F.TEXTILE,
    "leather": F.TEXTILE,
    "electronics": F.ELECTRIC,
    "glass": F.GLASS,
}
"""What is not named, such as foam and laminate, is sorted as mixed waste (S60)."""


def fractions_of(
    mass_g: int, shares: Sequence[tuple[str, Decimal]], fate: Fate
) -> dict[Fraction, int]:
    """The mass by fraction in g; the sum is the mass to the gram.

    What is thrown away as one thing is mixed waste, as is what has no known materials. The grams
    that rounding leaves go to the largest remainders.
    """
    if fate is Fate.DISPOSE or not shares:
        return {F.MIXED: mass_g} if mass_g else {}
    exact: dict[Fraction, Decimal] = {}
    for material, share in shares:
        fraction = OF_MATERIAL.get(material, F.MIXED)
        exact[fraction] = exact.get(fraction, Decimal(0)) + share * mass_g
    whole = {each: int(grams) for each, grams in exact.items()}
    rest = mass_g - sum(whole.values())
    by_remainder = sorted(exact, key=lambda each: (whole[each] - exact[each], each.value))
    for each in by_remainder[:rest]:
        whole[each] += 1
    return {each: grams for each, grams in whole.items() if grams}


@dataclass(frozen=True, slots=True)
class Code:
    """Codes of a fraction as they are published; confirmed means compared with the list itself."""

    name: str
    ns_code: str
    eal_code: str
    is_confirmed: bool


@lru_cache(maxsize=1)
def published_codes() -> Mapping[Fraction, Code]:
    """NS 9431 and EAL codes as section 9 of the savings method has them, from the file beside this."""
    text = (Path(__file__).parent / "fractions.csv").read_text(encoding="utf-8")
    return {
        Fraction(row["fraction"]): Code(
            row["name_nb"], row["ns_code"], row["eal_code"], row["is_confirmed"] == "1"
        )
        for row in csv.DictReader(text.splitlines())
    }
