"""The words savings are told in: names of inputs, and the statement that goes with every figure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from app.impact.queries import MATERIAL_NAMES
from app.impact.rules import (
    FulfilmentSource,
    Rounded,
    View,
    two_digits_money,
    two_digits_range,
)
from app.kit.i18n import N_, gettext, mass_g, money_ore, number
from app.ledger.explaining import approximate, shown_text

VIEWS: Mapping[View, str] = {View.GROSS: N_("Brutto"), View.NET: N_("Netto")}
VIEW_MEANING: Mapping[View, str] = {
    View.GROSS: N_("Aktivitet: alt ombruk teller fullt ut."),
    View.NET: N_("Forsiktig: etter fortrengning og gjenværende levetid."),
}
SOURCES: Mapping[FulfilmentSource, str] = {
    FulfilmentSource.INTERNAL_REUSE: N_("Internt ombruk"),
    FulfilmentSource.REDESIGNED: N_("Redesignet"),
    FulfilmentSource.REDESIGNED_FROM_SURPLUS: N_("Redesign av overskudd"),
    FulfilmentSource.BOUGHT_USED: N_("Kjøpt brukt"),
    FulfilmentSource.NEW: N_("Nytt"),
    FulfilmentSource.SOLD: N_("Solgt"),
    FulfilmentSource.DONATED: N_("Gitt bort"),
    FulfilmentSource.RECYCLED: N_("Materialgjenvunnet"),
    FulfilmentSource.DISPOSED: N_("Kastet"),
}
TIERS: Mapping[str, str] = {
    "T1": N_("Målt eller gyldig miljødeklarasjon"),
    "T2": N_("Produsentens egen verdi"),
    "T3": N_("Standardverdi for kategorien"),
    "T4": N_("Regnet av masse og materialer"),
    "T5": N_("Regnet av masse alene"),
    "T6": N_("Regnet av pris"),
    "T?": N_("Ukjent"),
    "TR": N_("Uten valutakurs"),
}
NAMES: Mapping[str, str] = {
    "mass": N_("Masse, m"),
    "gwp": N_("Utslipp fra tilsvarende nytt, G (A1–A3)"),
    "delivery": N_("Levering av nytt, A4"),
    "end_of_life": N_("Avhending av nytt, C"),
    "transport": N_("Transport, T"),
    "redesign": N_("Redesign, R"),
    "price": N_("Nypris, P"),
    "removed_mass": N_("Fjernede deler"),
    "built_in_mass": N_("Overskudd bygget inn"),
    "own_waste": N_("Eget avfall, o"),
    "chain_waste": N_("Avfall i verdikjeden, o"),
    "service_life": N_("Levetid for nytt, L"),
    "extra_life": N_("Måneder i ny bruk, y"),
    "planned_extra_life": N_("Planlagte måneder i ny bruk"),
    "displacement": N_("Fortrengning, d"),
    "least_cost_share": N_("Minste kostnad når ikke alt er kjent"),
    "disposal_price": N_("Avfallsgebyr"),
    "cost_price": N_("Betalt for møbelet"),
    "cost_redesign": N_("Kostnad: redesign"),
    "cost_cleaning": N_("Kostnad: rengjøring"),
    "cost_handling": N_("Kostnad: håndtering"),
    "cost_transport": N_("Kostnad: andel av transporten"),
    "sale_income": N_("Salgsinntekt"),
}
UNITS: Mapping[str, str] = {
    "g": "g",
    "g CO2e": "g CO2e",
    "ore": N_("øre"),
    "ore/g": N_("øre per g"),
    "months": N_("måneder"),
    "1": "",
}
ORIGINS: Mapping[str, str] = {
    "entered": N_("registrert"),
    "entered weight": N_("registrert masse"),
    "entered price": N_("registrert pris"),
    "entered distance": N_("registrert avstand"),
    "measured distance": N_("målt mellom stedene: luftlinje × 1,3 (anslag)"),
    "entered level": N_("registrert nivå"),
    "maker's value": N_("produsentens verdi"),
    "product model": N_("produktmodellen"),
    "none recorded": N_("ingen registrert"),
    "no donor recorded": N_("ingen giver av deler er registrert"),
    "donors": N_("registrerte deler"),
    "default distance": N_("standard: 20 km med varebil (anslag)"),
    "default level of the source": N_("standardnivå for kilden (anslag)"),
    "default of the source (estimate)": N_("standard for kilden (anslag)"),
    "default: as long as a new one": N_("standard: like lenge som nytt"),
    "default of 15 years": N_("standard: 15 år"),
    "from handover to handover": N_("fra overlevering til overlevering"),
    "fossil CO2 only": N_("bare fossil CO2"),
    "value-chain reading of o": N_("verdikjedens lesning av o"),
    "the piece was not the organisation's waste": N_("møbelet var ikke virksomhetens avfall"),
    "the piece only moves with its user": N_("møbelet flytter bare med brukeren"),
    "estimate: between 1.0 and 0.65": N_("anslag: mellom 1,0 og 0,65"),
    "estimate (S37, S38)": N_("anslag (S37, S38)"),
    "definition of the counterfactual (S71)": N_("behovet var meldt før møbelet ble funnet (S71)"),
    "estimate: the answer came after the find": N_("anslag: svaret kom etter funnet"),
    "derived: IVL, nearly 60 % (S05)": N_("utledet: IVL, nær 60 % (S05)"),
    "rebound; gross still counts": N_("ville klart seg uten; brutto teller likevel"),
}
"""What the calculation says of where a value came from; source texts stand as published."""

TERMS: Mapping[str, str] = {
    "trip": N_("tur"),
    "delivery": N_("levering"),
    "end of life": N_("avhending"),
    "spend": N_("innkjøp"),
    "energy": N_("strøm"),
    "workshop transport": N_("transport til verksted"),
    "end of removed parts": N_("avhending av fjernede deler"),
    "recycling": N_("gjenvinning"),
    "incineration": N_("forbrenning"),
    "production": N_("produksjon"),
    "cleaning": N_("rengjøring"),
    "minor_parts": N_("mindre deler"),
    "light_refurbishment": N_("lett oppussing"),
    "reupholstery": N_("omtrekking"),
    "remanufactured": N_("bygget opp på nytt"),
    "full_renovation": N_("full renovering"),
    "new_top": N_("ny bordplate"),
}
"""What a product in the calculation stands for."""

_FACTOR_KEY = re.compile(r"[A-Z][A-Z0-9_]{2,}(\.\w+)?|materials|spend|workshop")
_METHOD = frozenset(
    {"displacement", "least_cost_share", "disposal_price", "own_waste", "chain_waste"}
)


@dataclass(frozen=True, slots=True)
class InputRow:
    """One stored value as it is shown; ``parts`` are the products it is the sum of.

    ``notes`` are numbers of published sources, which stand below the table, each once.
    """

    name: str
    label: str
    value: str
    exact: str
    bounds: str
    unit: str
    tier: str
    tier_meaning: str
    key: str
    source: str
    notes: tuple[int, ...]
    version: str
    parts: tuple[str, ...]


def input_rows(inputs: Mapping[str, Any]) -> tuple[list[InputRow], list[str]]:
    """Every stored value in the order of the formulas, and the sources their numbers stand for."""
    values: Mapping[str, Mapping[str, Any]] = inputs["values"]
    order = [name for name in NAMES if name in values]
    order += [name for name in values if name not in NAMES]
    published: dict[str, int] = {}
    rows = [_row(name, values[name], inputs, published) for name in order]
    return rows, list(published)


def _row(
    name: str, value: Mapping[str, Any], inputs: Mapping[str, Any], published: dict[str, int]
) -> InputRow:
    unit = str(value.get("unit", ""))
    tier = str(value.get("tier", ""))
    key, source = str(value.get("key", "")), str(value.get("source", ""))
    bounds = ""
    if "low" in value:
        bounds = f"{_size(value['low'])} – {_size(value['high'])}"
    terms: Sequence[Mapping[str, Any]] = value.get("terms", ())
    notes = [
        _note(text, published)
        for text in (source, *(str(each.get("source", "")) for each in terms))
        if text and text not in ORIGINS
    ]
    return InputRow(
        name=name,
        label=gettext(NAMES.get(name, name)),
        value=_size(value["value"]),
        exact=str(value["value"]) if "/" in str(value["value"]) else "",
        bounds=bounds,
        unit=gettext(UNITS.get(unit, unit)),
        tier=tier,
        tier_meaning=gettext(TIERS[tier]) if tier in TIERS else "",
        key=key if _FACTOR_KEY.fullmatch(key) and key[0].isupper() else "",
        source=gettext(ORIGINS[source]) if source in ORIGINS else "",
        notes=tuple(dict.fromkeys(notes)),
        version=_version(name, key, inputs),
        parts=tuple(_part(each) for each in terms),
    )


def _size(stored: object) -> str:
    text = str(stored)
    return approximate(Fraction(text)) if "/" in text else shown_text(text)


def _note(text: str, published: dict[str, int]) -> int:
    return published.setdefault(text, len(published) + 1)


def _version(name: str, key: str, inputs: Mapping[str, Any]) -> str:
    if _FACTOR_KEY.fullmatch(key):
        return gettext("Faktorsett %(id)s", id=inputs["factor_set_id"])
    if name in _METHOD or key.startswith("redesign."):
        return gettext("Metode %(version)s", version=inputs["formula_version"])
    return gettext("Registrert") if key and key != "default" else gettext("Metode 1")


def _part(term: Mapping[str, Any]) -> str:
    words = [
        TERMS.get(word, MATERIAL_NAMES.get(word, word)) for word in str(term["what"]).split("/")
    ]
    return (
        ", ".join(gettext(word) for word in words)
        + ": "
        + " × ".join(shown_text(each) for each in term["factors"])
    )


def about_mass(figure: Rounded) -> tuple[str, str | None]:
    """A mass or emission with two significant digits, and its range in the same unit, if any."""
    if figure.value == figure.low == figure.high == 0:
        return mass_g(0), None  # nothing is no estimate
    value, low, high = two_digits_range(figure)
    unit = value.unit
    about = gettext("ca. %(amount)s %(unit)s", amount=number(value.amount), unit=unit)
    return about, f"{number(low.amount)} – {number(high.amount)} {unit}" if low != high else None


def about_money(figure: Rounded, currency: str) -> tuple[str, str | None]:
    """An amount with two significant digits, and its range, if any."""
    shown = [
        money_ore(int(two_digits_money(each) * 100), currency)
        for each in (figure.value, figure.low, figure.high)
    ]
    bounds = f"{shown[1]} – {shown[2]}" if shown[1] != shown[2] else None
    if shown[0] == money_ore(0, currency) and bounds is None:
        return shown[0], None
    return gettext("ca. %(amount)s", amount=shown[0]), bounds


def statement(co2e_g: Rounded, factor_set_ids: Sequence[str], view: View) -> str:
    """The sentence every climate figure is shown with (savings method, section 14)."""
    value, low, high = two_digits_range(co2e_g)
    text = gettext(
        "Beregnet unngått utslipp: ca. %(value)s %(unit)s CO2e (%(low)s–%(high)s), sammenlignet "
        "med å kjøpe tilsvarende nytt. Faktorsett %(sets)s. Ikke trukket fra i klimaregnskapet.",
        value=number(value.amount),
        unit=value.unit,
        low=number(low.amount),
        high=number(high.amount),
        sets=", ".join(factor_set_ids),
    )
    if view == View.NET:
        text += " " + gettext("Etter fortrengning og gjenværende levetid.")
    return text
