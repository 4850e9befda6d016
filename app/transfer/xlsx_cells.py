"""Runs alone in a child process: a workbook on standard input, its cells as JSON lines on output.

Nothing in the file is trusted. The zip directory and then the real bytes are checked, and the
cells' positions are counted, before the parser sees anything; the process has limits on memory and
time of its own. It imports nothing of Omløp, so that it starts fast and holds no secret.

Output: one line of facts, then one line for each row; or ``{"refused": …}`` and nothing else.
"""

import io
import json
import re
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from typing import Any
from xml.etree import ElementTree as ET

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

try:
    import resource
except ImportError:  # pragma: no cover  (no such limits outside POSIX)
    resource = None  # type: ignore[assignment]

_LOCAL_HEADER = 30
_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="\$?([A-Z]{1,4})\$?(\d{1,9})"')
_ROW = re.compile(rb"<(?:\w+:)?row\b")
_ROW_NUMBER = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="(\d{1,9})"')
_ANY_CELL = re.compile(rb"<(?:\w+:)?c\b")
_ERROR = re.compile(
    rb'<(?:\w+:)?c\b(?=[^>]*?\bt="e")[^>]*?\br="([A-Z]+)(\d+)"[^>]*>'
    rb"(?:\s*<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>))?\s*<(?:\w+:)?v>([^<]*)<"
)
_NO_VALUE = re.compile(
    rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]+)(\d+)"[^>]*>\s*'
    rb"<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# What a program writes into a cell of a formula it has not calculated.
NO_VALUE = "formula"


class RefusedError(Exception):
    def __init__(self, fact: str, **values: str | int) -> None:
        super().__init__(fact)
        self.values = {"refused": fact, **values}


def unpack(content: bytes, limits: dict[str, int]) -> dict[str, bytes]:
    """Every entry's real bytes; refused when directory or bytes exceed the limits or disagree."""
    try:
        infos = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise RefusedError("unreadable") from error
    if len(infos) > limits["entries"]:
        raise RefusedError("entries", found=len(infos), limit=limits["entries"])
    total = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos)
    if total > limits["unpacked_bytes"]:
        raise RefusedError("unpacked", found=total, limit=limits["unpacked_bytes"])
    if packed > len(content) or len({info.filename for info in infos}) < len(infos):
        raise RefusedError("lies")
    entries = {}
    for info in infos:
        if info.file_size > limits["ratio"] * max(info.compress_size, 1):
            raise RefusedError("ratio", limit=limits["ratio"])
        entries[info.filename] = _real_bytes(content, info)
    return entries


def _real_bytes(content: bytes, info: zipfile.ZipInfo) -> bytes:
    if info.flag_bits & 1 or info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise RefusedError("unreadable")
    header = content[info.header_offset : info.header_offset + _LOCAL_HEADER]
    if len(header) < _LOCAL_HEADER:
        raise RefusedError("unreadable")
    start = info.header_offset + _LOCAL_HEADER
    start += int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    packed = content[start : start + info.compress_size]
    if info.compress_type == zipfile.ZIP_STORED:
        real = packed
    else:
        try:
            real = zlib.decompressobj(-15).decompress(packed, info.file_size + 1)
        except zlib.error as error:
            raise RefusedError("unreadable") from error
    if len(real) != info.file_size:
        raise RefusedError("lies")
    readable = real.replace(b"\0", b"")
    if b"<!DOCTYPE" in readable[:4096] or b"<!ENTITY" in readable:
        raise RefusedError("entities")
    return real


def column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def check_extent(xml: bytes, limits: dict[str, int]) -> None:
    """Refuses a sheet whose last row or column lies outside the limits, however few its cells."""
    last_row = max((int(found[1]) for found in _ROW_NUMBER.finditer(xml)), default=0)
    last_column = 0
    for letters, digits in _CELL.findall(xml):
        last_row = max(last_row, int(digits))
        last_column = max(last_column, column_number(letters))
    rows = len(_ROW.findall(xml))
    last_row = max(last_row, rows)
    if last_row > limits["last_row"]:
        raise RefusedError("rows", found=last_row, limit=limits["rows"])
    # Cells need not name their place: then only their number bounds the row's width.
    if _ANY_CELL.search(xml) and not last_column:
        widest = max(len(_ANY_CELL.findall(row)) for row in _ROW.split(xml))
        last_column = max(last_column, widest)
    if last_column > limits["columns"]:
        raise RefusedError("columns", found=last_column, limit=limits["columns"])


def sheet_paths(entries: dict[str, bytes]) -> dict[str, str]:
    """Sheet name → name of its entry."""
    try:
        book = ET.fromstring(entries["xl/workbook.xml"])  # noqa: S314  (no entities: checked)
        links = ET.fromstring(entries["xl/_rels/workbook.xml.rels"])  # noqa: S314
    except (KeyError, ET.ParseError):
        return {}
    targets = {each.get("Id"): each.get("Target", "") for each in links}
    paths = {}
    for sheet in book.iter(f"{_MAIN}sheet"):
        target = targets.get(sheet.get(_LINK), "")
        path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        paths[sheet.get("name", "")] = path
    return paths


def faults(xml: bytes) -> Iterator[tuple[int, int, str]]:
    """(row from 0, column from 0, text) of error cells and of formulas without a stored value."""
    for letters, digits, text in _ERROR.findall(xml):
        yield int(digits) - 1, column_number(letters) - 1, text.decode("utf-8", "replace")
    for letters, digits in _NO_VALUE.findall(xml):
        yield int(digits) - 1, column_number(letters) - 1, NO_VALUE


def plain(cell: object) -> Any:
    """A cell as JSON holds it; a date as ``{"d": …}``."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, date):
        return {"d": cell.isoformat()}
    return cell if isinstance(cell, (str, int, float)) else str(cell)


def choose(book: CalamineWorkbook, wanted: str) -> CalamineSheet:
    if wanted:
        if wanted not in book.sheet_names:
            raise RefusedError("no_sheet", wanted=wanted, sheets=", ".join(book.sheet_names))
        return book.get_sheet_by_name(wanted)
    visible = [
        each.name for each in book.sheets_metadata if each.visible is SheetVisibleEnum.Visible
    ]
    for name in visible or book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        if sheet.total_height:
            return sheet
    raise RefusedError("empty")


def lines(content: bytes, limits: dict[str, int], wanted: str) -> Iterator[str]:
    entries = unpack(content, limits)
    if "xl/workbook.xml" not in entries:
        raise RefusedError("not_xlsx")
    paths = sheet_paths(entries)
    for name, xml in entries.items():
        if name in paths.values() or name.startswith("xl/worksheets/sheet"):
            check_extent(xml, limits)
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    sheet = choose(book, wanted)
    yield json.dumps(
        {
            "sheet": sheet.name,
            "sheets": book.sheet_names,
            "merged": sheet.merged_cell_ranges or [],
            "faults": list(faults(entries.get(paths.get(sheet.name, ""), b""))),
        }
    )
    written = 0
    # One shared string may stand in a million cells: what comes out is counted too.
    for row in sheet.to_python(skip_empty_area=False):
        line = json.dumps([plain(cell) for cell in row], ensure_ascii=False)
        written += len(line)
        if written > limits["unpacked_bytes"]:
            raise RefusedError("unpacked", found=written, limit=limits["unpacked_bytes"])
        yield line


def main() -> None:
    limits: dict[str, int] = json.loads(sys.argv[1])
    if resource is not None:
        # Some systems refuse these; the parent's clock and the checks above still hold there.
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (limits["memory_bytes"],) * 2)
            resource.setrlimit(resource.RLIMIT_CPU, (limits["seconds"],) * 2)
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    content = sys.stdin.buffer.read(limits["file_bytes"] + 1)
    try:
        out = list(lines(content, limits, sys.argv[2]))
    except RefusedError as refused:
        out = [json.dumps(refused.values)]
    except (CalamineError, zipfile.BadZipFile, ValueError, UnicodeError):
        out = [json.dumps({"refused": "unreadable"})]
    except MemoryError:
        out = [json.dumps({"refused": "memory"})]
    sys.stdout.buffer.write("\n".join(out).encode("utf-8", "surrogatepass"))


if __name__ == "__main__":
    main()
