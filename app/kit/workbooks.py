"""XLSX workbooks of very many rows: the book is xlsxwriter's, its rows are written here.

A cell of xlsxwriter takes some twenty calls, and a ledger of a hundred thousand entries has three
million cells. So the library writes the book with its formats, columns and headings, and one cell
of each format below them; those cells' style numbers are then used for the rows, which go into the
sheets as they are packed. Nothing but the library's public face is leant on, and what it wrote is
read back before it is trusted: a style that is not found is an error and no silent loss.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isfinite
from typing import IO, Any, Protocol

import xlsxwriter

# The file says when its content was made, not when it was downloaded: same rows, same bytes.
_CREATED = datetime(2025, 1, 1, tzinfo=UTC)
_PACKED = (1980, 1, 1, 0, 0, 0)
CELL_CHARACTERS = 32_767
_ROWS_A_PIECE = 500
_EPOCH = date(1899, 12, 30)
_EPOCH_MOMENT = datetime(1899, 12, 30)  # noqa: DTZ001  (a spreadsheet's moments have no zone)
_SPECIAL = re.compile(r"[&<>\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_x[0-9A-Fa-f]{4}_|^\s|\s$")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]")
_LOOKS_ESCAPED = re.compile(r"(_x[0-9A-Fa-f]{4}_)")
_SAMPLE = 1
"""The row below the headings, which has a cell of each format until the rows take its place."""

_TEXTS_KEPT = 5_000
"""Names and words come again and again; ids do not, and are not kept beyond this."""
FORMATS = ("yyyy-mm-dd", "yyyy-mm-dd hh:mm")


class Sheet(Protocol):
    @property
    def title(self) -> str: ...
    @property
    def columns(self) -> Sequence[Any]: ...
    @property
    def rows(self) -> Iterable[Sequence[Any]]: ...


def packed(sheets: Sequence[Sheet], titles: Sequence[str]) -> Iterator[bytes]:
    """The workbook in pieces; a sheet's rows are asked for when those before it are written."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(_book(sheets, titles)) as book,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as whole,
    ):
        parts = {f"xl/worksheets/sheet{n}.xml": each for n, each in enumerate(sheets, 1)}
        for entry in book.infolist():
            to = zipfile.ZipInfo(entry.filename, _PACKED)
            to.compress_type = zipfile.ZIP_DEFLATED
            content = book.read(entry)
            sheet = parts.get(entry.filename)
            with whole.open(to, "w", force_zip64=sheet is not None) as part:
                if sheet is None:
                    part.write(content)
                else:
                    _fill(part, content.decode(), sheet)
    out.seek(0)
    while chunk := out.read(1 << 16):
        yield chunk


def _book(sheets: Sequence[Sheet], titles: Sequence[str]) -> IO[bytes]:
    """The book with headings, and a cell of each format below them."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": _CREATED.replace(tzinfo=None)})
    bold = book.add_format({"bold": True})
    formats = [book.add_format({"num_format": each}) for each in FORMATS]
    for each, title in zip(sheets, titles, strict=True):
        sheet = book.add_worksheet(title)
        for number, column in enumerate(each.columns):
            sheet.set_column(number, number, column.width)
            sheet.write_string(0, number, column.heading[:CELL_CHARACTERS], bold)
        sheet.freeze_panes(1, 0)
        for number, made in enumerate(formats):
            sheet.write_number(_SAMPLE, number, 0, made)
    book.close()
    out.seek(0)
    return out


def _fill(part: IO[bytes], xml: str, sheet: Sheet) -> None:
    """The sheet as the library wrote it, its sample row replaced by the rows."""
    sample = re.search(r'<row r="2".*?</row>', xml)
    styles = re.findall(r'<c r="[AB]2" s="(\d+)"', sample.group()) if sample else []
    if sample is None or len(styles) != len(FORMATS):
        message = "the sample row is not as it was written"
        raise ValueError(message)
    # The range in use is known when the last row is written; without it readers look themselves.
    before = re.sub(r"<dimension [^>]*/>", "", xml[: sample.start()])
    part.write(before.encode())
    for piece in _rows(sheet, *styles):
        part.write(piece.encode())
    part.write(xml[sample.end() :].encode())


def _rows(sheet: Sheet, day: str, moment: str) -> Iterator[str]:
    letters = [_letters(number) for number in range(len(sheet.columns))]
    cells = _Cells(day, moment)
    lines: list[str] = []
    for number, row in enumerate(sheet.rows, _SAMPLE + 1):
        line = [
            f'<c r="{letter}{number}"{cells.of(value)}</c>'
            for letter, value in zip(letters, row, strict=True)
            if value is not None
        ]
        lines.append(f'<row r="{number}">{"".join(line)}</row>')
        if len(lines) == _ROWS_A_PIECE:
            yield "".join(lines)
            lines.clear()
    yield "".join(lines)


class _Cells:
    """What stands in a cell behind its place, by the value's type; names and words are kept."""

    def __init__(self, day: str, moment: str) -> None:
        self._texts: dict[str, str] = {}
        self._kinds: dict[type[Any], Callable[[Any], str]] = {
            str: self._text,
            bool: lambda value: f' t="b"><v>{value:d}</v>',
            int: lambda value: f"><v>{value}</v>",
            float: _number,
            Decimal: _number,
            datetime: lambda value: f' s="{moment}"><v>{_moment(value):.16G}</v>',
            date: lambda value: f' s="{day}"><v>{(value - _EPOCH).days}</v>',
        }

    def of(self, value: Any) -> str:
        known = self._kinds.get(type(value))
        if known is not None:
            return known(value)
        for kind in (bool, int, float, Decimal, datetime, date):
            if isinstance(value, kind) and not isinstance(value, str):
                return self._kinds[kind](value)
        return self._text(str(value))

    def _text(self, text: str) -> str:
        told = self._texts.get(text)
        if told is None:
            told = f' t="inlineStr"><is>{_text(str(text[:CELL_CHARACTERS]))}</is>'
            if len(self._texts) < _TEXTS_KEPT:
                self._texts[text] = told
        return told


def _number(value: float | Decimal) -> str:
    return f"><v>{float(value):.16G}</v>" if isfinite(value) else ' t="e"><v>#NUM!</v>'


def _moment(value: datetime) -> float:
    """Days since a spreadsheet's epoch; it knows no zones, so what a clock there shows is kept."""
    return (value.replace(tzinfo=None) - _EPOCH_MOMENT).total_seconds() / 86_400


def _letters(number: int) -> str:
    """A column's name: 0 is A, 26 is AA."""
    name = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


def _text(text: str) -> str:
    """A text element. Characters that XML can not hold are spelled as the format has them."""
    if not _SPECIAL.search(text):
        return f"<t>{text}</t>"
    spelled = _LOOKS_ESCAPED.sub(r"_x005F\1", text)
    spelled = spelled.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    spelled = _CONTROL.sub(lambda found: f"_x{ord(found.group()):04X}_", spelled)
    return f'<t xml:space="preserve">{spelled}</t>'
