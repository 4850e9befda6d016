"""What reports say beside their figures: headings, words, the method and the factors, as sheets.

In the reader's language; a closed period's are frozen with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from decimal import Decimal
from typing import Any

from app.impact.rules import View
from app.kit.exports import Column, Sheet, Value
from app.kit.i18n import N_, gettext
from app.ledger.wording import SOURCES, VIEW_MEANING, VIEWS


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor that entries rest on, as it stood when they were booked; exact numbers as text."""

    factor_set: str
    key: str
    value: str
    low: str
    high: str
    unit: str
    tier: str
    source: str


def in_order(factor: Factor) -> tuple[str, ...]:
    """Where a factor stands in a list: by all it says in the end, or a tie is another in each process."""
    return (factor.factor_set, factor.key, factor.value, factor.source, *astuple(factor))


COLUMNS = {
    "handed_over_on": N_("Overlevert"),
    "booked_on": N_("Ført"),
    "view": N_("Visning"),
    "source": N_("Kilde"),
    "category": N_("Kategori"),
    "giver_unit": N_("Fra enhet"),
    "receiver_unit": N_("Til enhet"),
    "project": N_("Prosjekt"),
    "mass_kg": N_("Masse (kg)"),
    "waste_kg": N_("Unngått avfall (kg)"),
    "waste_kg_low": N_("Unngått avfall, lav (kg)"),
    "waste_kg_high": N_("Unngått avfall, høy (kg)"),
    "value_chain_waste_kg": N_("Avfall i verdikjeden (kg)"),
    "value_chain_waste_kg_low": N_("Avfall i verdikjeden, lav (kg)"),
    "value_chain_waste_kg_high": N_("Avfall i verdikjeden, høy (kg)"),
    "co2e_kg": N_("Unngått CO2e (kg)"),
    "co2e_kg_low": N_("Unngått CO2e, lav (kg)"),
    "co2e_kg_high": N_("Unngått CO2e, høy (kg)"),
    "saved": N_("Spart (%(currency)s)"),
    "saved_low": N_("Spart, lav (%(currency)s)"),
    "saved_high": N_("Spart, høy (%(currency)s)"),
    "new_price": N_("Verdi som ny (%(currency)s)"),
    "currency": N_("Valuta"),
    "mass_tier": N_("Kvalitet masse"),
    "co2e_tier": N_("Kvalitet CO2e"),
    "price_tier": N_("Kvalitet pris"),
    "factor_set": N_("Faktorsett"),
    "formula_version": N_("Formelversjon"),
    "item_id": N_("Møbel-id"),
    "entry_id": N_("Post-id"),
    "reverses_id": N_("Reverserer post"),
    "group": N_("Fordelt på"),
    "key": N_("Hva"),
    "entries": N_("Poster som står"),
    "not_calculated": N_("Poster uten CO2e"),
    "value": N_("Verdi"),
    "low": N_("Lav"),
    "high": N_("Høy"),
    "unit": N_("Enhet"),
    "tier": N_("Kvalitet"),
    "what": N_("Tema"),
    "text": N_("Forklaring"),
}
GROUPS = {
    "all": N_("Alt"),
    "source": N_("Kilde"),
    "category_id": N_("Kategori"),
    "giver_unit_id": N_("Fra enhet"),
    "receiver_unit_id": N_("Til enhet"),
    "project_id": N_("Prosjekt"),
}
SHEETS = {
    "entries": N_("Poster"),
    "sums": N_("Summer"),
    "method": N_("Metode"),
    "factors": N_("Faktorer"),
}
METHOD = (
    (
        N_("Hva som telles"),
        N_(
            "Bare fullførte overleveringer. Hvert møbel har én post for brutto og én for netto."
            " Summen av postene er det offisielle tallet."
        ),
    ),
    (N_("Unngått avfall"), N_("o · d·λ · (masse − fjernede deler)")),
    (
        N_("Unngått CO2e"),
        N_("d·λ · (produksjon A1–A3 + levering A4 + avhending C av nytt) − transport − redesign"),
    ),
    (N_("Spart"), N_("d·λ · pris som ny − kostnader + unngått avfallsgebyr")),
    (
        N_("Avrunding"),
        N_("En gang per post, halve til nærmeste like tall. Ingenting avrundes før det."),
    ),
    (
        N_("Lav og høy"),
        N_("Innen en kategori og kvalitet legges avvikene sammen, ellers som rot av kvadrater."),
    ),
    (
        N_("Periode"),
        N_(
            "Overleveringens dato bestemmer. Det som kommer etter at perioden er lukket, føres i den"
            " åpne perioden og viser sin egen dato. Feil rettes med en reverserende og en ny post."
        ),
    ),
    (N_("Klimaregnskapet"), N_("Ikke trukket fra i klimaregnskapet.")),
)


def texts(currency: str) -> dict[str, Any]:
    """Headings, words and method as they are printed."""
    return {
        "columns": {
            name: gettext(text, currency=currency) if "%(" in text else gettext(text)
            for name, text in COLUMNS.items()
        },
        "groups": {name: gettext(text) for name, text in GROUPS.items()},
        "sheets": {name: gettext(text) for name, text in SHEETS.items()},
        "words": {each.value: gettext(text) for each, text in (*VIEWS.items(), *SOURCES.items())},
        "method": [
            *([gettext(VIEWS[each]), gettext(VIEW_MEANING[each])] for each in View),
            *([gettext(what), gettext(text)] for what, text in METHOD),
        ],
    }


FACTOR_COLUMNS = ("factor_set", "key", "value", "low", "high", "unit", "tier", "source")


def factor_sheet(words: Mapping[str, Any], factors: Sequence[Factor]) -> Sheet:
    """A row a factor; ``words`` are those of ``texts``."""
    return Sheet(
        words["sheets"]["factors"],
        [
            Column(name, words["columns"][name], 60 if name == "source" else 18)
            for name in FACTOR_COLUMNS
        ],
        [
            [
                each.factor_set,
                each.key,
                _number(each.value),
                _number(each.low),
                _number(each.high),
                each.unit,
                each.tier,
                each.source,
            ]
            for each in factors
        ],
    )


def _number(text: str) -> Value:
    """A number as one; a fraction that no decimal is stays a text."""
    try:
        return Decimal(text)
    except ArithmeticError:
        return text or None
