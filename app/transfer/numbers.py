"""Numbers, units and dates as people write them in spreadsheets.

``1 250,50``, ``1.250``, ``1,250.5``, ``kr 500,-``, ``80 cm``: what a lone separator before three
digits means is decided for the whole column (:func:`style_of`), since the cell alone cannot say.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple


class Style(StrEnum):
    """Which sign stands before the decimals in a column."""

    COMMA = "comma"
    POINT = "point"


class Amount(NamedTuple):
    """A number and the unit written with it, ``""`` when none was."""

    value: Decimal
    unit: str


# Units of length in mm and of mass in g, by every way of writing them we accept.
LENGTH_MM: dict[str, Decimal] = {
    "mm": Decimal(1),
    "millimeter": Decimal(1),
    "cm": Decimal(10),
    "centimeter": Decimal(10),
    "dm": Decimal(100),
    "m": Decimal(1000),
    "meter": Decimal(1000),
    "metre": Decimal(1000),
    "in": Decimal("25.4"),
    "inch": Decimal("25.4"),
    "inches": Decimal("25.4"),
    "tommer": Decimal("25.4"),
    "tum": Decimal("25.4"),
    '"': Decimal("25.4"),
    "ft": Decimal("304.8"),
}
MASS_G: dict[str, Decimal] = {
    "g": Decimal(1),
    "gram": Decimal(1),
    "hg": Decimal(100),
    "kg": Decimal(1000),
    "kilo": Decimal(1000),
    "kilogram": Decimal(1000),
    "t": Decimal(1_000_000),
    "tonn": Decimal(1_000_000),
    "ton": Decimal(1_000_000),
    "lb": Decimal("453.59237"),
    "lbs": Decimal("453.59237"),
}
CURRENCIES: dict[str, str] = {
    "nok": "NOK",
    "sek": "SEK",
    "dkk": "DKK",
    "eur": "EUR",
    "€": "EUR",
    "usd": "USD",
    "$": "USD",
    "gbp": "GBP",
    "£": "GBP",
    "sar": "SAR",
    "isk": "ISK",
    "chf": "CHF",
    "pln": "PLN",
}
# Written with a price but saying nothing about which country's crown it is.
_PRICE_WORDS = {"kr", "kr.", "kroner", "kronor", ",-", ":-"}
_PIECES = {"stk", "stk.", "st", "st.", "pcs", "pc", "styck", "stykk"}
_UNITS = {*LENGTH_MM, *MASS_G, *CURRENCIES, *_PRICE_WORDS, *_PIECES}

# What people write when they do not know: empty, never 0.
UNKNOWN = frozenset(
    {"", "-", "–", "—", "?", "n/a", "na", "null", "none", "nan", "ukjent", "okänd", "okänt"}
    | {"unknown", "ikke oppgitt", "ej angivet", "vet ikke", "mangler", "saknas"}
)

_SPACES = re.compile(r"[\s\u00a0\u202f\u2009']+")
_NUMBER = re.compile(
    r"^([a-zA-Z$€£.]*)([+-]?\d[\d.,]*\d|[+-]?\d)(,-|:-|[.,]?[^\d.,:-].*)?$", re.ASCII
)
_LONE = re.compile(r"^\d{1,3}[.,]\d{3}$")
MOST_DIGITS = 15


@lru_cache(maxsize=65_536)
def amount(text: str, style: Style = Style.COMMA) -> Amount | None:
    """The number in ``text`` with its unit, or ``None`` if it is not one number."""
    squeezed = _SPACES.sub("", text).replace("−", "-").replace("–", "-")
    found = _NUMBER.match(squeezed)
    if found is None:
        return None
    before, digits, after = found.groups()
    unit = (after or before or "").casefold()
    if unit not in {"", ",-", ":-"}:
        unit = unit.strip(",") if unit.strip(",") in _UNITS else unit.strip(".,")
    if (unit and unit not in _UNITS) or (before and before.casefold().strip(".") not in _UNITS):
        return None
    value = _decimal(digits, style)
    return None if value is None else Amount(value, unit)


def _decimal(digits: str, style: Style) -> Decimal | None:
    if sum(map(str.isdigit, digits)) > MOST_DIGITS:
        return None
    comma, point = digits.rfind(","), digits.rfind(".")
    if comma < 0 and point < 0:
        return Decimal(digits)
    mark = "," if comma > point else "."
    other = "." if mark == "," else ","
    whole, _, rest = digits.rpartition(mark)
    bare = whole.lstrip("+-")
    grouped = mark in whole or (
        other not in whole
        and len(rest) == 3
        and 0 < len(bare) <= 3
        and not bare.startswith("0")
        and mark != ("," if style is Style.COMMA else ".")
    )
    groups = re.split(r"[.,]", digits.lstrip("+-") if grouped else bare)
    if len(groups) > 1 and (not 1 <= len(groups[0]) <= 3 or any(len(g) != 3 for g in groups[1:])):
        return None
    if grouped:
        return Decimal(digits.replace(",", "").replace(".", ""))
    return Decimal(f"{whole.replace(other, '')}.{rest}")


def style_of(values: Iterable[str]) -> Style | None:
    """The decimal sign of a column; ``None`` when nothing in it tells.

    Both signs in one number, a sign twice, or a sign not followed by three digits tell; ``1.250``
    alone does not.
    """
    votes = {Style.COMMA: 0, Style.POINT: 0}
    for text in values:
        digits = re.sub(r"[^\d.,]", "", text).strip(".,")
        if "," not in digits and "." not in digits:
            continue
        last = max(digits.rfind(","), digits.rfind("."))
        mark = digits[last]
        twice = digits.count(mark) > 1
        both = "," in digits and "." in digits
        telling = both or twice or len(digits) - last != 4 or digits[:last] == "0"
        if telling:
            is_comma = (mark == ",") != (twice and not both)
            votes[Style.COMMA if is_comma else Style.POINT] += 1
    if votes[Style.COMMA] == votes[Style.POINT]:
        return None
    return max(votes, key=lambda style: votes[style])


def is_ambiguous(text: str) -> bool:
    """``1.250`` or ``1,250``: a thousand or one and a quarter, only the column can say."""
    digits = re.sub(r"[^\d.,]", "", text)
    return bool(_LONE.match(digits)) and not digits.startswith("0")


class Order(StrEnum):
    """Which comes first in ``05/03/2019``."""

    DAY = "day"
    MONTH = "month"


_ISO = re.compile(r"^(\d{4})[-./](\d{1,2})[-./](\d{1,2})(?:[T ].*)?$")
_PARTS = re.compile(r"^(\d{1,2})([-./])\s?(\d{1,2})[-./]\s?(\d{4}|\d{2})$")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_YEAR = re.compile(r"^\d{4}$")
_WORDS = re.compile(r"^(\d{1,2})\.?\s+([^\W\d_]{3,9})\.?,?\s+(\d{4})$")
_MONTHS = (
    ("jan",), ("feb",), ("mar", "mär"), ("apr",), ("mai", "maj", "may"), ("jun",), ("jul",),
    ("aug",), ("sep",), ("okt", "oct"), ("nov",), ("des", "dec"),
)  # fmt: skip
FIRST_YEAR = 1700


class When(NamedTuple):
    """A year, and the day when more than the year was written."""

    year: int
    day: date | None


def order_of(values: Iterable[str]) -> Order:
    """Day first, as in the Nordic countries, unless a date of the column can only be American."""
    for text in values:
        found = _PARTS.match(text)
        if found and int(found[3]) > 12 and int(found[1]) <= 12:
            return Order.MONTH
        if found and int(found[1]) > 12:
            return Order.DAY
    return Order.DAY


def when(cell: str | float | date, order: Order = Order.DAY) -> When | None:
    """The date in a cell, or ``None`` if it is not one: a date cell, a year, or any common style."""
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, date):
        return When(cell.year, cell)
    if not isinstance(cell, str):
        cell = str(int(cell)) if float(cell).is_integer() else str(cell)
    text = cell.strip()
    if _YEAR.match(text):
        return When(int(text), None) if FIRST_YEAR <= int(text) <= 2200 else None
    if found := _ISO.match(text) or _COMPACT.match(text):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _PARTS.match(text):
        first, second, year = int(found[1]), int(found[3]), int(found[4])
        if len(found[4]) == 2:
            year += 2000 if year < 70 else 1900
        is_month_first = order is Order.MONTH and found[2] == "/"
        return _day(year, *((first, second) if is_month_first else (second, first)))
    if found := _WORDS.match(text):
        word = found[2].casefold()[:3]
        month = next((n for n, names in enumerate(_MONTHS, 1) if word in names), 0)
        return _day(int(found[3]), month, int(found[1]))
    return None


def _day(year: int, month: int, day: int) -> When | None:
    try:
        made = date(year, month, day)
    except ValueError:
        return None
    return When(year, made) if year >= FIRST_YEAR else None
