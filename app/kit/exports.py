"""The one writer behind every export: CSV, XLSX and JSON, with the guard against formulas.

A spreadsheet runs what looks like a formula, also when it came from a user's text. In CSV an
apostrophe is put before such text, and :func:`without_guard` takes exactly that away again; in XLSX
a text is a string cell and never a formula. Numbers stay numbers in all three.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from app.kit.workbooks import packed

Value = str | int | float | Decimal | bool | date | UUID | None

# A formula begins with one of these; the last four are their full-width forms.
_SIGNS = "=+\\-@＝＋－＠"
# Also after ``;`` and a line break, for readers that split a cell there. A text that already has
# apostrophes before the sign gets one more, so that taking one away gives back the exact text.
_PLACES = rf"(?:^|(?<=[;\r\n]))(?='*[{_SIGNS}])|^(?='*[\t\r\n])"
_GUARDS = rf"(?:^|(?<=[;\r\n]))'(?='*[{_SIGNS}])|^'(?='*[\t\r\n])"
_PLACE = re.compile(_PLACES)
_GUARD = re.compile(_GUARDS)
_CHUNK = 1 << 16


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


MEDIA_TYPES = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.JSON: "application/json",
}


@dataclass(frozen=True, slots=True)
class Column:
    """``key`` names it in JSON, ``heading`` for people; ``width`` in characters, for XLSX."""

    key: str
    heading: str
    width: int = 16


def with_guard(text: str) -> str:
    """The text as a CSV cell may hold it: an apostrophe where a spreadsheet could start to run."""
    return _PLACE.sub("'", text)


def without_guard(text: str) -> str:
    """The exact text that :func:`with_guard` was given."""
    return _GUARD.sub("", text)


def export(
    form: Format, columns: Sequence[Column], rows: Iterable[Sequence[Value]], *, title: str = "Ark1"
) -> Iterator[bytes]:
    """The file in pieces; each row has one value per column. ``title`` names the XLSX sheet."""
    match form:
        case Format.CSV:
            return as_csv(columns, rows)
        case Format.XLSX:
            return as_xlsx(columns, rows, title=title)
        case Format.JSON:
            return as_json(columns, rows)


def as_csv(columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """UTF-8 with its mark, ``;``, decimal comma: what a Nordic Excel opens without questions."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    text.write("\ufeff")
    writer.writerow([with_guard(column.heading) for column in columns])
    for row in rows:
        writer.writerow([_csv_cell(value) for value in row])
        if text.tell() > _CHUNK:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def _csv_cell(value: Value) -> str:
    if isinstance(value, str):
        return with_guard(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ja" if value else "nei"
    if isinstance(value, (float, Decimal)):
        return f"{value:f}".replace(".", ",") if isinstance(value, Decimal) else _float(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _float(value: float) -> str:
    return repr(value).replace(".", ",")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook; each row has one value per column."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]


def as_xlsx(
    columns: Sequence[Column], rows: Iterable[Sequence[Value]], *, title: str = "Ark1"
) -> Iterator[bytes]:
    """One sheet with a frozen, bold header. The same rows give the same bytes."""
    return as_book([Sheet(title, columns, rows)])


def as_book(sheets: Sequence[Sheet]) -> Iterator[bytes]:
    """A workbook of sheets, written one after the other, each as ``as_xlsx`` has it."""
    return packed(sheets, [sheet_title(each.title) for each in sheets])


def sheet_title(text: str) -> str:
    r"""A name Excel accepts: at most 31 characters, none of ``[]:*?/\``, no apostrophe at an end."""
    return re.sub(r"[\[\]:*?/\\]", " ", text)[:31].strip(" '") or "Ark1"


def as_json(columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """A list of objects, one line each."""
    keys = [column.key for column in columns]
    yield b"["
    separator = "\n"
    pieces: list[str] = []
    size = 0
    for row in rows:
        record = {key: _json_value(value) for key, value in zip(keys, row, strict=True)}
        pieces.append(separator + json.dumps(record, ensure_ascii=False))
        size += len(pieces[-1])
        separator = ",\n"
        if size > _CHUNK:
            yield "".join(pieces).encode()
            pieces, size = [], 0
    pieces.append("\n]\n")
    yield "".join(pieces).encode()


def _json_value(value: Value) -> str | float | bool | None:
    if isinstance(value, Decimal):
        # Exact where a whole number, else as the shortest text that reads back the same.
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
