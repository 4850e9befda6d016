"""Spreadsheets the tests make: small ones by hand, dirty ones and hostile ones."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from app.transfer.mapping import Mapping
from app.transfer.reading import read
from app.transfer.rules import Preview, preview

TODAY = date(2026, 11, 21)


def seen(content: bytes | str, mapping: Mapping | None = None) -> Preview:
    data = content.encode() if isinstance(content, str) else content
    return preview(read(data, "ark"), mapping, today=TODAY)


def workbook(rows: Iterable[Sequence[object]] = ()) -> tuple[openpyxl.Workbook, Worksheet]:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    return book, sheet


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rezipped(
    content: bytes, changes: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """The workbook with some entries replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", method) as new:
        for name in old.namelist():
            new.writestr(name, changes.get(name, old.read(name)))
        for name in changes.keys() - set(old.namelist()):
            new.writestr(name, changes[name])
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def with_cells(xml_rows: str) -> bytes:
    """A workbook whose only sheet has exactly these rows of XML."""
    book, _ = workbook([["Navn"]])
    xml = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{xml_rows}</sheetData></worksheet>"
    )
    return rezipped(saved(book), {SHEET: xml.encode()})
