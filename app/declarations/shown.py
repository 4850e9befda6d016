"""A declaration's figures and its declared unit as people read them."""

from collections.abc import Mapping
from decimal import Decimal

from app.declarations.models import Declaration
from app.declarations.rules import DeclaredUnit
from app.kit.i18n import N_, gettext, number

UNITS: Mapping[DeclaredUnit, str] = {
    DeclaredUnit.ITEM: N_("stykk"),
    DeclaredUnit.M2: N_("m²"),
    DeclaredUnit.M: N_("meter"),
    DeclaredUnit.KG: N_("kg"),
    DeclaredUnit.OTHER: N_("en annen enhet"),
}


def grams_text(grams: Decimal | None) -> str | None:
    """In kg, exact to the gram's thousandth."""
    return None if grams is None else f"{number(grams / 1000)} kg"


def declared_text(row: Declaration) -> str | None:
    """«1 stykk»; nothing of one from before it was kept."""
    if row.declared_quantity is None or row.declared_unit is None:
        return None
    return f"{number(row.declared_quantity)} {gettext(UNITS[row.declared_unit])}"
