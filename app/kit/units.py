"""What people type, in the units the database keeps: cm → mm, kg → g, kr → øre.

Typed numbers may have a decimal comma or point and spaces between thousands. A number that can be
read in two ways ("1.234") is read as Norwegians write it: a point followed by exactly three digits
separates thousands only when a comma follows or another such point stands before it.
"""

import re
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

from app.kit import i18n
from app.kit.i18n import N_, gettext

_SPACES = re.compile(r"[\s   ']")

_GROUPED = re.compile(r"[+-]?\d{1,3}(\.\d{3})+")
"""Points between thousands, and nowhere else."""

NOT_A_NUMBER = N_("Skriv et tall, for eksempel 63,5.")


def typed_decimal(text: str) -> Decimal:
    """``"1 234,5"`` → ``Decimal("1234.5")``. Raises ``ValueError`` with a message for the field."""
    plain = _SPACES.sub("", text).replace("−", "-")
    whole, comma, rest = plain.partition(",")
    if "." in whole and (comma or whole.count(".") > 1):
        if not _GROUPED.fullmatch(whole):
            raise ValueError(NOT_A_NUMBER)
        whole = whole.replace(".", "")
    plain = f"{whole}.{rest}" if comma else whole
    try:
        number = Decimal(plain)
    except InvalidOperation:
        raise ValueError(NOT_A_NUMBER) from None
    if not number.is_finite() or abs(number) >= Decimal(10) ** 15:
        raise ValueError(NOT_A_NUMBER)
    return number


def _scaled(factor: int) -> Callable[[str], int]:
    def convert(text: str) -> int:
        return int((typed_decimal(text) * factor).quantize(Decimal(1), ROUND_HALF_EVEN))

    return convert


mm_from_cm = _scaled(10)
g_from_kg = _scaled(1000)
ore_from_kr = _scaled(100)
m_from_km = _scaled(1000)
dm3_from_m3 = _scaled(1000)


def typed_scaled(value: int | None, factor: int) -> str:
    """The way back into a form's field: ``typed_scaled(635, 10)`` → ``"63,5"``."""
    if value is None:
        return ""
    text = format((Decimal(value) / factor).normalize(), "f")
    return text.replace(".", ",")


def size_limits(asked: Any) -> str | None:
    """«bredde 120–160 cm, høyde minst 70 cm», or nothing where any size will do.

    ``asked`` has ``width_min_mm``, ``width_max_mm`` and so on for depth and height.
    """
    words = {"width": gettext("bredde"), "depth": gettext("dybde"), "height": gettext("høyde")}
    parts = []
    for side, word in words.items():
        least = getattr(asked, f"{side}_min_mm")
        most = getattr(asked, f"{side}_max_mm")
        if least and most:
            values = {"least": _in_cm(least), "most": _in_cm(most)}
            text = gettext("%(least)s–%(most)s cm", **values)
        elif least:
            text = gettext("minst %(least)s cm", least=_in_cm(least))
        elif most:
            text = gettext("høyst %(most)s cm", most=_in_cm(most))
        else:
            continue
        parts.append(f"{word} {text}")
    return ", ".join(parts) or None


def _in_cm(mm: int) -> str:
    return i18n.number(Decimal(mm) / 10)


def vat_within(amount_ore: int, vat_percent: int) -> int:
    """The VAT in an amount that includes it, in øre, rounded half-even.

    ``amount × p / (100 + p)``, as an invoice takes the tax out of a price that holds it.
    """
    whole, left = divmod(amount_ore * vat_percent, 100 + vat_percent)
    twice = 2 * left - (100 + vat_percent)
    return whole + (1 if twice > 0 or (twice == 0 and whole % 2) else 0)
