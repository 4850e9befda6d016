"""Words and numbers of the report as people read them, in the reader's language."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from app.impact.rules import (
    FulfilmentSource,
    Rounded,
    Tier,
    View,
    two_digits_money,
    two_digits_range,
)
from app.kit.i18n import N_, gettext, money_exact, money_ore, number
from app.projects.rules import SOURCES, LineState
from app.reports.figures import Ranged, Savings
from app.reports.models import Quantity
from app.reports.rules_versions import Differing

LEFT: Mapping[FulfilmentSource, str] = {
    FulfilmentSource.SOLD: N_("Solgt"),
    FulfilmentSource.DONATED: N_("Gitt bort"),
    FulfilmentSource.RECYCLED: N_("Materialgjenvunnet"),
    FulfilmentSource.DISPOSED: N_("Kastet"),
}
LINE_STATES: Mapping[str, str] = {
    LineState.OPEN: N_("Åpen"),
    LineState.FULFILLED: N_("Dekket"),
    LineState.CANCELLED: N_("Avlyst"),
}
VIEWS: Mapping[View, str] = {
    View.GROSS: N_("Brutto: aktivitet"),
    View.NET: N_("Netto: etter fortrengning og gjenværende levetid"),
}
VIEW_MEANINGS: Mapping[View, str] = {
    View.GROSS: N_(
        "Hvert ombruk teller fullt ut, som om et nytt møbel ellers var kjøpt. Egnet til å følge "
        "prosjektet og til å sammenligne med andre."
    ),
    View.NET: N_(
        "Forsiktig: teller bare den delen som trolig erstattet et kjøp, og de årene møbelet har "
        "igjen. Egnet til klimaredegjørelser, sammenligning år for år og påstander utad."
    ),
}
TIERS: Mapping[str, str] = {
    Tier.T1: N_("Gyldig miljødeklarasjon (EPD) for produktet, eller egen verdi for møbelet"),
    Tier.T2: N_("Produsentens egen verdi, lignende eller utløpt EPD"),
    Tier.T3: N_("Standardverdi for kategorien"),
    Tier.T4: N_("Beregnet av masse og materialer"),
    Tier.T5: N_("Beregnet av masse alene"),
    Tier.T6: N_("Beregnet av pris"),
    Tier.UNKNOWN: N_("Ukjent"),
    Tier.NO_RATE: N_("Uten valutakurs"),
}


def source_name(source: str) -> str:
    known = FulfilmentSource(source)
    return gettext(SOURCES[known] if known in SOURCES else LEFT[known])


QUANTITIES: Mapping[str, str] = {
    Quantity.SALES: N_("Salg til andre"),
    Quantity.SAVED: N_("Spart"),
    Quantity.CO2E: N_("Unngått utslipp"),
    Quantity.WASTE: N_("Unngått avfall"),
    Quantity.PIECES: N_("Møbler"),
}


def quantity_amount(quantity: str, value: int, currency: str | None) -> str:
    """An older figure with its unit, exactly as it was recorded."""
    if currency is not None:
        return money_ore(value, currency, 2 if value % 100 else 0)
    if quantity == Quantity.PIECES:
        return number(value)
    unit = "kg CO2e" if quantity == Quantity.CO2E else "kg"
    return f"{kg_number(value)}\xa0{unit}"


MONTHS = (
    N_("januar"),
    N_("februar"),
    N_("mars"),
    N_("april"),
    N_("mai"),
    N_("juni"),
    N_("juli"),
    N_("august"),
    N_("september"),
    N_("oktober"),
    N_("november"),
    N_("desember"),
)


def month_name(month: int) -> str:
    """202603 → «mars 2026»."""
    return f"{gettext(MONTHS[month % 100 - 1])} {month // 100}"


def _amount(shown: Decimal) -> str:
    exponent = shown.as_tuple().exponent
    return number(shown, max(0, -exponent) if isinstance(exponent, int) else 0)


def range_text(low: str, high: str) -> str:
    """«1,8–6,2»; with words between where a minus sign would be read as the dash.

    Empty where the two are shown alike: a range without width says nothing.
    """
    if low == high:
        return ""
    if "−" in low + high or "-" in low + high:
        return gettext("%(low)s til %(high)s", low=low, high=high)
    return f"{low}–{high}"


def grams(figure: Ranged | Rounded) -> tuple[str, str, str]:
    """A mass or emission as shown: two significant digits, its unit, its range in that unit."""
    value, low, high = two_digits_range(Rounded(figure.value, figure.low, figure.high))
    spread = range_text(_amount(low.amount), _amount(high.amount))
    unit = value.unit if figure.value or spread else "kg"
    return _amount(value.amount), unit, spread


def kroner(figure: Ranged | Rounded, currency: str) -> tuple[str, str, str]:
    """An amount as shown: two significant digits of whole kroner, the currency, the range."""
    value, low, high = (
        _amount(two_digits_money(ore)) for ore in (figure.value, figure.low, figure.high)
    )
    return value, money_ore(0, currency).rpartition("\xa0")[2], range_text(low, high)


def about_grams(figure: Ranged | Rounded) -> str:
    """«ca. 2,9 t (1,8–6,2)»: two significant digits, with the range in the same unit."""
    value, unit, spread = grams(figure)
    return _about(value, unit, spread)


def about_kroner(figure: Ranged | Rounded, currency: str) -> str:
    return _about(*kroner(figure, currency))


def _about(value: str, unit: str, spread: str) -> str:
    if value == "0" and not spread:
        return f"0\xa0{unit}"  # nothing is no estimate
    around = f" ({spread})" if spread else ""
    return gettext("ca. %(value)s %(unit)s", value=value, unit=unit).replace(" ", "\xa0") + around


def plain_mass(g: int) -> str:
    """A mass without a range: two significant digits, since it rests on estimates."""
    value, unit, _ = grams(Ranged(g, g, g))
    return f"{value}\xa0{unit}"


NOT_CALCULATED = N_("ikke beregnet")
WASTE_RANGE = N_(
    "Spennet er massenes. Typenes spenn kan ikke legges sammen, og fordelingen på materialer er et "
    "anslag uten spenn."
)


def co2e_of(found: Savings) -> str:
    """The CO2e of some entries: nothing of none, and said where none of it is calculated."""
    if found.is_calculated:
        return about_grams(found.co2e_g)
    return gettext(NOT_CALCULATED) if found.entries else "–"


def saved_of(found: Savings, currency: str) -> str:
    """The money of some entries: nothing of none, and said where all of them wait for a rate."""
    if found.saved_ore is None:
        return gettext(NOT_CALCULATED)
    is_any = found.entries or found.saved_ore.value
    return about_kroner(found.saved_ore, currency) if is_any else "–"


def percent_text(share: Fraction | float) -> str:
    """«62 %», with one decimal where the share is no whole percentage."""
    exact = Decimal(str(round(float(share) * 100, 2)))
    digits = 0 if exact == exact.to_integral_value() else 1
    return f"{number(exact, digits)}\xa0%"


def pieces_number(n: int) -> str:
    return number(n)


def kg_number(g: int) -> str:
    """Exact kilograms: grams are three decimals."""
    return number(Decimal(g) / 1000)


def kr_number(ore: int) -> str:
    """Exact kroner: øre are two decimals."""
    return number(Decimal(ore) / 100)


def statement(figure: Ranged, factor_sets: Sequence[str], view: View) -> str:
    """The sentence every climate figure is shown with (savings method, section 14)."""
    value, unit, spread = grams(figure)
    text = gettext(
        "Beregnet unngått utslipp: ca. %(value)s %(unit)s CO2e (%(range)s), sammenlignet med å "
        "kjøpe tilsvarende nytt. Faktorsett %(sets)s. Ikke trukket fra i klimaregnskapet.",
        value=value,
        unit=unit,
        range=spread or value,
        sets=", ".join(factor_sets),
    )
    if view == View.NET:
        text += " " + gettext("Tallet er etter fortrengning og gjenværende levetid.")
    return text


def inputs_summary(inputs: Mapping[str, Any], view: View) -> str:
    """The values that decide an entry, in one line; its own page has all of them.

    Displacement and remaining life decide net figures alone.
    """
    values = inputs["values"]

    def exact(name: str, per: int = 1) -> str | None:
        return number(_decimal(values[name]["value"]) / per) if name in values else None

    mass, gwp = exact("mass", 1000), exact("gwp", 1000)
    parts = [
        gettext("masse %(n)s kg", n=mass) if mass else None,
        gettext("nytt %(n)s kg CO2e", n=gwp) if gwp else None,
    ]
    if view == View.NET:
        displaced, served, life = exact("displacement"), exact("extra_life"), exact("service_life")
        parts += [
            gettext("fortrengning %(n)s", n=displaced) if displaced else None,
            gettext("%(served)s av %(life)s måneder", served=served, life=life)
            if served and life
            else None,
        ]
    return " · ".join(part for part in parts if part)


def _decimal(text: str) -> float:
    """A stored number, which may be a fraction such as ``1859/5699``; for the eye alone."""
    return float(Fraction(text))


DIFFERING: Mapping[str, str] = {
    "needed_pieces": N_("Møbler i behovsprogrammet"),
    "fulfilled_pieces": N_("Dekket"),
    "without_bought_used": N_("Ombruksandel uten kjøpt brukt"),
    "with_bought_used": N_("Ombruksandel med kjøpt brukt"),
    "gross_co2e_g": N_("Unngått CO2e, brutto"),
    "gross_waste_g": N_("Unngått avfall, brutto"),
    "gross_saved_ore": N_("Spart, brutto"),
    "net_co2e_g": N_("Unngått CO2e, netto"),
    "net_waste_g": N_("Unngått avfall, netto"),
    "net_saved_ore": N_("Spart, netto"),
    "external_income_ore": N_("Ekstern inntekt uten merverdiavgift"),
    "factor_sets": N_("Faktorsett"),
    "pieces_come": N_("Møbler som er kommet til"),
    "pieces_gone": N_("Møbler som er falt fra"),
}


def difference_text(found: Differing, currency: str) -> tuple[str, str, str]:
    """What differs, before and after, each with its unit and so exact that the two differ."""

    def shown(figure: float | str | None) -> str:
        if figure is None:
            return "–"
        if isinstance(figure, str):
            return figure
        if found.key.endswith("_bought_used"):
            return f"{number(Decimal(str(round(float(figure) * 100, 2))), 2)}\xa0%"
        if found.key.endswith("_ore"):
            return money_exact(int(figure), currency)
        if found.key.endswith("_g"):
            return f"{number(figure / 1000, 3)}\xa0kg"
        return number(figure)

    return gettext(DIFFERING[found.key]), shown(found.before), shown(found.after)
