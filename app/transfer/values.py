"""One cell → one value of an item, or the reason why not. Nothing is guessed into being valid."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

from app.kit.i18n import N_
from app.kit.text import sayable
from app.transfer import numbers
from app.transfer.numbers import LENGTH_MM, MASS_G, UNKNOWN, Amount, Order, Style
from app.transfer.reading import Cell, Fault
from app.transfer.xlsx_cells import NO_VALUE

# Furniture is neither thinner than a millimetre nor longer than 20 m, and weighs 1 g to 5 t.
LENGTH_RANGE_MM = (1, 20_000)
MASS_RANGE_G = (1, 5_000_000)
PRICE_MOST_ORE = 10_000_000_00
QUANTITY_MOST = 10_000
VAT = Decimal("1.25")

_ERROR_TEXTS = frozenset(
    [
        "#n/a",
        "#div/0!",
        "#ref!",
        "#value!",
        "#name?",
        "#num!",
        "#null!",
        "#spill!",
        "#calc!",
        "#i/t",
        "#verdi!",
        "#navn?",
        "#tall!",
        "#null!",
        "#värdefel!",
        "#namn?",
        "#ogiltigt!",
        "#saknas!",
    ]
)


class Text(NamedTuple):
    """A message for people: a bokmål msgid and what is put into it by ``%(name)s``."""

    msgid: str
    values: Mapping[str, object] = {}

    def shown(self, translate: Callable[[str], str] = str) -> str:
        text = translate(self.msgid)
        return text % self.values if self.values else text


class Wrong(NamedTuple):
    """A cell that cannot be used: its text, cut to a readable length, and why."""

    value: str
    reason: Text


class Money(NamedTuple):
    """A price in the smallest unit of ``currency``; ``""`` is the organisation's own."""

    minor: int
    currency: str


SHOWN_CHARACTERS = 80


def text_of(cell: Cell) -> str:
    """The cell as one would read it in the spreadsheet: ``90420332``, not ``90420332.0``."""
    if isinstance(cell, str):
        return " ".join(cell.split())
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, Fault):
        return "" if cell.text == NO_VALUE else cell.text
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def shown_of(cell: Cell) -> str:
    """As ``text_of``, with a mark for each character that no page can show, or that turns the text."""
    return sayable(text_of(cell))


def wrong(cell: Cell, msgid: str, **values: object) -> Wrong:
    shown = shown_of(cell)
    if len(shown) > SHOWN_CHARACTERS:
        shown = shown[: SHOWN_CHARACTERS - 1] + "…"
    return Wrong(shown, Text(msgid, values))


def fault(cell: Cell) -> Wrong | None:
    """The reason when the spreadsheet itself says that the cell is in error."""
    if isinstance(cell, Fault):
        if cell.text == NO_VALUE:
            return wrong(
                cell, N_("Formelen har ingen lagret verdi. Åpne arket, la det regne ut og lagre.")
            )
        return wrong(cell, N_("Cellen inneholder en feilverdi fra regnearket."))
    if isinstance(cell, str) and cell[:1] == "#" and cell.strip().casefold() in _ERROR_TEXTS:
        return wrong(cell, N_("Cellen inneholder en feilverdi fra regnearket."))
    return None


def words(cell: Cell, most: int) -> str | Wrong | None:
    """A text of at most ``most`` characters."""
    text = text_of(cell)
    if len(text) > most:
        return wrong(
            cell,
            N_("Teksten har %(found)s tegn; det høyeste er %(limit)s."),
            found=len(text),
            limit=most,
        )
    return None if text.casefold() in UNKNOWN else text


def number(cell: Cell, style: Style) -> Amount | Wrong | None:
    if isinstance(cell, date):
        return wrong(cell, N_("Dette er ikke et tall."))
    if isinstance(cell, (int, float)):
        return Amount(Decimal(repr(cell)), "")
    text = text_of(cell)
    if text.casefold() in UNKNOWN:
        return None
    return numbers.amount(text, style) or wrong(cell, N_("Dette er ikke et tall."))


def _whole(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_HALF_EVEN))


def length(cell: Cell, style: Style, unit: str) -> int | Wrong | None:
    """Millimetres."""
    found = number(cell, style)
    if found is None or isinstance(found, Wrong):
        return found
    factor = LENGTH_MM.get(found.unit or unit)
    if factor is None:
        return wrong(cell, N_("«%(unit)s» er ikke en lengdeenhet."), unit=found.unit)
    return checked_length(cell, found.value * factor)


def checked_length(cell: Cell, value: Decimal) -> int | Wrong:
    mm = _whole(value)
    if not LENGTH_RANGE_MM[0] <= mm <= LENGTH_RANGE_MM[1]:
        return wrong(
            cell,
            N_("Målet blir %(found)s mm; det må være fra 1 mm til 20 m. La feltet stå tomt når målet er ukjent."),
            found=_whole(value) if value == value.to_integral_value() else float(value),
        )  # fmt: skip
    return mm


_BETWEEN = re.compile(r"\s*[x×*]\s*")
_TAIL_UNIT = re.compile(r"\s*([a-z\"]+)\.?$")
_LETTER = re.compile(r"^[a-zøö]+[:.]?\s*(?=\d)")


def three_lengths(cell: Cell, style: Style, unit: str) -> tuple[int, ...] | Wrong | None:
    """Width, depth and height, or width and depth, from ``160x80x72 cm``."""
    text = text_of(cell).casefold()
    if text in UNKNOWN:
        return None
    tail = _TAIL_UNIT.search(text)
    if tail and tail[1] in LENGTH_MM:
        unit, text = tail[1], text[: tail.start()]
    parts = [_LETTER.sub("", part) for part in _BETWEEN.split(text.strip())]
    found = [numbers.amount(part, style) for part in parts]
    if not 1 < len(found) <= 3 or any(
        each is None or (each.unit and each.unit not in LENGTH_MM) for each in found
    ):
        return wrong(
            cell, N_("Skriv målene som bredde x dybde x høyde, for eksempel 160x80x72 cm.")
        )
    lengths = [
        checked_length(cell, each.value * LENGTH_MM[each.unit or unit]) for each in found if each
    ]
    for each in lengths:
        if isinstance(each, Wrong):
            return each
    return tuple(each for each in lengths if isinstance(each, int))


def mass(cell: Cell, style: Style, unit: str) -> int | Wrong | None:
    """Grams."""
    found = number(cell, style)
    if found is None or isinstance(found, Wrong):
        return found
    factor = MASS_G.get(found.unit or unit)
    if factor is None:
        return wrong(cell, N_("«%(unit)s» er ikke en vektenhet."), unit=found.unit)
    grams = _whole(found.value * factor)
    if not MASS_RANGE_G[0] <= grams <= MASS_RANGE_G[1]:
        return wrong(
            cell,
            N_("Vekten blir %(found)s g; den må være fra 1 g til 5 tonn. La feltet stå tomt når den er ukjent."),
            found=grams,
        )  # fmt: skip
    return grams


def price(cell: Cell, style: Style, *, with_vat: bool) -> Money | Wrong | None:
    """A price excluding VAT; 0 is kept and left to the caller, who takes it for unknown."""
    found = number(cell, style)
    if found is None or isinstance(found, Wrong):
        return found
    if found.unit in LENGTH_MM or found.unit in MASS_G:
        return wrong(cell, N_("«%(unit)s» er ikke en valuta."), unit=found.unit)
    minor = _whole(found.value * 100 / (VAT if with_vat else 1))
    if not 0 <= minor <= PRICE_MOST_ORE:
        return wrong(cell, N_("Prisen må være fra 0 til 10 000 000."))
    return Money(minor, numbers.CURRENCIES.get(found.unit, ""))


def quantity(cell: Cell, style: Style) -> int | Wrong | None:
    found = number(cell, style)
    if found is None or isinstance(found, Wrong):
        return found
    if found.unit in LENGTH_MM or found.unit in MASS_G or found.unit in numbers.CURRENCIES:
        return wrong(cell, N_("Antallet må være et helt tall fra 1 til 10 000."))
    if found.value != found.value.to_integral_value() or not 1 <= found.value <= QUANTITY_MOST:
        return wrong(cell, N_("Antallet må være et helt tall fra 1 til 10 000."))
    return int(found.value)


def acquired(cell: Cell, order: Order, last_year: int) -> numbers.When | Wrong | None:
    """The year, and the day if it was written; never later than ``last_year``."""
    if isinstance(cell, str) and cell.strip().casefold() in UNKNOWN:
        return None
    if isinstance(cell, Fault):
        return fault(cell)
    found = numbers.when(cell, order)
    if found is None:
        return wrong(cell, N_("Dette er ikke en dato eller et årstall."))
    if found.year > last_year:
        return wrong(cell, N_("Datoen ligger i framtiden."))
    return found


_CONDITIONS = {
    "A": "a|som ny|ny|nytt|nye|ubrukt|helt ny|utmerket|perfekt|tg0|tg 0|nyskick|som nytt|oanvänd|mycket bra"
    "|mycket gott|as new|like new|new|excellent|unused|meget god|svært god|veldig god|perfect",
    "B": "b|god|bra|god stand|pent brukt|brukt|fin|ok|tg1|tg 1|gott|gott skick|bra skick|good|fine|used"
    "|very good|begagnad|normal|normalt brukt",
    "C": "c|slitt|litt slitt|slitasje|brukbar|middels|tg2|tg 2|sliten|slitet|använd|acceptabel|worn|fair"
    "|mye brukt|noe slitt|akseptabel",
    "D": "d|skadet|skadd|ødelagt|defekt|dårlig|må repareres|tg3|tg 3|skadad|trasig|dåligt|dålig|damaged"
    "|broken|poor|defect|bad",
}  # fmt: skip
_CONDITION_OF = {word: grade for grade, listed in _CONDITIONS.items() for word in listed.split("|")}


def condition(cell: Cell, table: Mapping[str, str]) -> str | Wrong | None:
    """A as new, B good, C worn, D damaged."""
    text = text_of(cell).casefold()
    if text in UNKNOWN:
        return None
    found = table.get(text) or _CONDITION_OF.get(text.rstrip("."))
    if found in _CONDITIONS:
        return found
    return wrong(cell, N_("Tilstanden må være A (som ny), B (god), C (slitt) eller D (skadet)."))
