"""A sheet whose columns are known by their headers alone: which column is what, and bad cells."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from app.transfer import values
from app.transfer.headers import plain, recognise, without_vat
from app.transfer.numbers import Order, Style, amount, order_of, style_of
from app.transfer.reading import Cell, Row
from app.transfer.sheet_limits import SheetUnreadable
from app.transfer.values import Text

LARGEST_CM = 400
"""In a column without a unit: no piece is wider in cm, few are narrower in mm."""
_BRACKETS = re.compile(r"[(\[{][^)\]}]*[)\]}]")
_FIRST_ROWS = 30


class BadCell(NamedTuple):
    """Why a row cannot be used; one with two such cells is listed twice."""

    number: int
    column: str
    header: str
    value: str
    reason: Text


def bad_as_json(bad: Iterable[BadCell]) -> list[dict[str, Any]]:
    """Bad cells as a preview keeps them: the reason untranslated, beside its values."""
    return [
        {
            "row": each.number,
            "column": each.column,
            "header": each.header,
            "value": each.value,
            "reason": each.reason.msgid,
            "values": dict(each.reason.values),
        }
        for each in bad
    ]


class Column(NamedTuple):
    """What a column holds. ``is_guessed``: the unit is by how large its numbers are."""

    position: int
    header: str
    field: str
    unit: str
    style: Style
    order: Order
    is_guessed: bool


def names_of(aliases: Mapping[str, str]) -> Mapping[str, str]:
    """Header → field, from the fields' headers with ``|`` between them."""
    return {alias: name for name, text in aliases.items() for alias in text.split("|")}


def header(
    rows: Sequence[Row], known: Mapping[str, str], needed: Collection[str], refusal: str
) -> tuple[int, list[Column], list[str]]:
    """The header's index, its columns, and the headers nobody knew.

    Raises ``SheetUnreadable`` with the refusal where none of the first rows names what is needed.
    """
    for at, row in enumerate(rows[:_FIRST_ROWS]):
        named = [(index, cell, _field_of(cell, known)) for index, cell in enumerate(row)]
        if set(needed) <= {name for _, _, name in named if name}:
            below = rows[at + 1 :]
            used: set[str] = set()
            columns = []
            for index, text, name in named:
                if name and name not in used:
                    used.add(name)
                    columns.append(_column(index, str(text), name, below))
            taken = {each.position for each in columns}
            unused = [str(h) for i, h, _ in named if i not in taken and str(h).strip()]
            return at, columns, unused
    raise SheetUnreadable(refusal)


def _field_of(cell: Cell, known: Mapping[str, str]) -> str | None:
    if not isinstance(cell, str) or not 0 < len(cell) < 80:
        return None
    bare = plain(_BRACKETS.sub(" ", unicodedata.normalize("NFKC", cell)))
    if bare not in known and " " in bare:
        bare = re.sub(r" (?:i )?(?:mm|cm|m|stk)$", "", bare)
    return known.get(bare) or known.get(plain(_BRACKETS.sub(" ", without_vat(cell))))


def _column(index: int, text: str, name: str, below: Sequence[Row]) -> Column:
    cells = [row[index] for row in below if index < len(row) and row[index] != ""]
    texts = [values.text_of(each) for each in cells]
    style = style_of(texts) or Style.COMMA
    unit = recognise(text).unit
    is_guessed = not unit
    if is_guessed:
        # The cells of a CSV are texts; one that names its unit says nothing of the others.
        sizes = [amount(each, style) for each in texts]
        bare = [each.value for each in sizes if each is not None and not each.unit]
        unit = "mm" if bare and max(bare) > LARGEST_CM else "cm"
    return Column(index, text, name, unit, style, order_of(texts), is_guessed)
