"""Numbers and days as declarations write them. What is not declared is unknown, never 0 (rule 4)."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation

from app.declarations.rules_reading import DeclarationRefused
from app.kit.i18n import N_
from app.kit.text import sayable

_UNDECLARED = frozenset({"", "nd", "mnd", "mnr", "inr", "na", "n/a", "-", "null", "none"})
_MOST_DIGITS = 60
_LARGEST = Decimal(10) ** 12
_DAYS = (
    (re.compile(r"(\d{4})-(\d{2})-(\d{2})"), (1, 2, 3)),
    (re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})"), (3, 2, 1)),
)


def amount_of(found: object) -> Decimal | None:
    """An exact decimal; nothing for what is not declared. Raises ``DeclarationRefused``."""
    if found is None or isinstance(found, bool):
        return None
    text = str(found).strip()
    if text.lower() in _UNDECLARED:
        return None
    wrong = DeclarationRefused(0, N_("«%(found)s» er ikke et tall."), found=line_of(text, 40))
    if len(text) > _MOST_DIGITS:
        raise wrong
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise wrong from None
    if not number.is_finite() or abs(number) > _LARGEST or number.adjusted() < -_MOST_DIGITS:
        raise wrong
    return number


def line_of(found: object, most: int) -> str:
    """A file's text as one line that can be kept and shown, of at most so many characters."""
    return sayable(" ".join(str(found or "").split()))[:most].strip()


def day_of(text: str | None) -> date | None:
    """The last day that is written in the text; nothing where there is none."""
    if not text:
        return None
    found: list[tuple[int, date]] = []
    for pattern, places in _DAYS:
        for match in pattern.finditer(text[:2000]):
            year, month, day = (int(match.group(place)) for place in places)
            try:
                found.append((match.start(), date(year, month, day)))
            except ValueError:
                continue
    return max(found)[1] if found else None


def end_of_year(text: str | None) -> date | None:
    """A validity that is a year lasts to its end."""
    text = (text or "").strip()
    return date(int(text), 12, 31) if re.fullmatch(r"(19|20|21)\d\d", text) else None
