"""A file's bytes → the rows of one sheet, numbered as the spreadsheet numbers them.

What the file is, is decided by its content, never by its name: XLSX by its zip header, else text,
whose encoding, separator and (in ``headers``) header row are found. Cells stay as they were
written; what they mean is for ``rules``.
"""

import codecs
import csv
import io
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple, NoReturn

from app.kit.bulk import without_collecting
from app.kit.errors import Problem
from app.kit.exports import without_guard
from app.kit.i18n import N_, number
from app.transfer import xlsx_cells
from app.transfer.headers import recognised
from app.transfer.quotes import suspects
from app.transfer.sheet_limits import (
    LIMITS,
    PREAMBLE_ROWS,
    NotASheet,
    SheetBomb,
    SheetEmpty,
    SheetHasEntities,
    SheetLimits,
    SheetNotFound,
    SheetTooLarge,
    SheetTooSlow,
    SheetUnreadable,
    TooManyColumns,
    TooManyRows,
)


class Fault(NamedTuple):
    """A cell that holds an error, or a formula nobody has calculated (``formula``)."""

    text: str


Cell = str | float | date | Fault
Row = list[Cell]


@dataclass(frozen=True, slots=True)
class Sheet:
    """``rows[0]`` is row 1 of the spreadsheet. An absent cell is ``""``.

    ``doubts`` are rows that may hold others, by index, with the index of the cell.
    """

    kind: str
    rows: list[Row]
    name: str = ""
    encoding: str = ""
    delimiter: str = ""
    other_sheets: tuple[str, ...] = ()
    merged: int = 0
    column_count: int = field(default=0)
    doubts: Mapping[int, int] = field(default_factory=dict)


_DELIMITERS = ";\t,|"
_CONTROLS = bytes([*range(0x09), *range(0x0E, 0x20)])
_BEFORE_A_CELL = frozenset('\n\r\t;,|"')
_FEW = 20
"""One control character among so many: more of them are in no text."""
_END = "\x1a"
"""A line of our own below the text, which can not hold it."""
_SAMPLE_ROWS = 60
_SAMPLE_CHARACTERS = 262_144
_OTHER_FILES = (
    (b"\x89PNG", N_("Dette er et bilde, ikke et regneark.")),
    (b"\xff\xd8\xff", N_("Dette er et bilde, ikke et regneark.")),
    (b"%PDF", N_("Dette er en PDF. Lagre regnearket som XLSX eller CSV.")),
    (b"\xd0\xcf\x11\xe0", N_("Gammelt Excel-format eller passord. Lagre som XLSX uten passord.")),
)

# The module's own limit is global and lower than a file that is merely untidy: ours is the file's.
csv.field_size_limit(LIMITS.file_bytes + 2 * len(_END))


@without_collecting()
def read(
    content: bytes,
    filename: str = "",
    *,
    limits: SheetLimits = LIMITS,
    sheet: str = "",
    with_controls: bool = False,
) -> Sheet:
    """Reads CSV, TSV or XLSX. ``sheet`` names one of a workbook's sheets; else the first in use.

    ``with_controls`` leaves a text's few control characters in their cells, for a reader that says
    at each what is wrong.

    Raises the refusals of ``sheet_limits``, each named by its fact.
    """
    if len(content) > limits.file_bytes:
        raise SheetTooLarge(
            N_("Grensen er %(limit)s MB."),
            values={"limit": number(limits.file_bytes / 1_000_000)},
        )
    if not content.strip():
        raise SheetEmpty
    for start, message in _OTHER_FILES:
        if content.startswith(start):
            raise NotASheet(message, filename=filename)
    found = (
        _xlsx(content, limits, sheet)
        if content.startswith(b"PK")
        else _text(content, filename, limits, with_controls=with_controls)
    )
    while found.rows and not any(cell != "" for cell in found.rows[-1]):
        found.rows.pop()
    if not found.rows:
        raise SheetEmpty
    return found


# ---- text -----------------------------------------------------------------------------------


def decode(content: bytes) -> tuple[str, str]:
    """The text and its encoding: by mark, by zero bytes, else UTF-8, else Windows-1252."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if content.startswith(mark):
            return _decoded(content[len(mark) :], encoding), encoding
    sample = content[:4096]
    half = len(sample) // 4
    if half and sample[1::2].count(0) > half:
        return _decoded(content, "utf-16-le"), "utf-16-le"
    if half and sample[::2].count(0) > half:
        return _decoded(content, "utf-16-be"), "utf-16-be"
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _decoded(content, "cp1252"), "windows-1252"


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise NotASheet(N_("Filen er ikke tekst i noen tegnkoding Omløp kjenner.")) from error


def _text(
    content: bytes, filename: str, limits: SheetLimits, *, with_controls: bool = False
) -> Sheet:
    text, encoding = decode(content)
    controls = _controls(text)
    if controls > (len(text) // _FEW if with_controls else 0):
        raise NotASheet(N_("Filen inneholder tegn som ikke hører hjemme i en tekstfil."))
    if controls:
        text = text.replace(_END, "\x1b")  # another of them: the cell is as wrong
    told = ""
    if text[:4].casefold() == "sep=" and text[4:5]:
        # Excel's own first line; Excel does not count it as a row.
        told, text = text[4], text[5:].lstrip("\r").removeprefix("\n")
    delimiter = told or sniff_delimiter(text)
    rows, doubts = _records(text, delimiter, limits)
    width = max(map(len, rows), default=0)
    if width > limits.columns:
        raise TooManyColumns(_COLUMNS, values={"found": width, "limit": limits.columns})
    if _may_be_guarded(text):
        rows = [[without_guard(cell) if "'" in cell else cell for cell in row] for row in rows]
    return Sheet(
        kind="csv",
        rows=rows,  # type: ignore[arg-type]
        name=filename,
        encoding=encoding,
        delimiter=delimiter,
        column_count=width,
        doubts=doubts,
    )


def _controls(text: str) -> int:
    """How many; by bytes, of which every control is one: a pattern takes ten times as long."""
    encoded = text.encode()
    return len(encoded) - len(encoded.translate(None, _CONTROLS))


def _may_be_guarded(text: str) -> bool:
    """Whether an apostrophe stands where a cell or a line begins: our own guard, perhaps."""
    *before, _ = text.split("'")
    return any(each[-1:] in _BEFORE_A_CELL for each in before) or text.startswith("'")


def _records(
    text: str, delimiter: str, limits: SheetLimits
) -> tuple[list[list[str]], dict[int, int]]:
    """The rows, and those in doubt."""
    rows: list[list[str]] = []
    last = limits.rows + PREAMBLE_ROWS
    # Twice: behind a quote that is open, both are one cell, and never a row like ``[_END]``.
    lines = list(io.StringIO(text, ""))
    reader = csv.reader(chain(lines, (_END, _END)), delimiter=delimiter)
    rows.extend(islice(reader, last))  # what is within the limit is read in one go
    if rows[-1] == [_END]:
        del rows[rows.index([_END], -2) :]
        return rows, _doubts(lines, rows, delimiter)
    for at, row in enumerate(reader, last + 1):
        if row == [_END]:
            return rows, _doubts(lines, rows, delimiter)
        rows.append(row)
        if at > last and any(row):
            _too_many_rows(at, limits)
    # The module's strict mode would say so too, but it also refuses what is merely untidy.
    raise SheetUnreadable(
        N_("Rad %(row)s har et anførselstegn som aldri lukkes."), values={"row": len(rows)}
    )


def _doubts(lines: list[str], rows: list[list[str]], delimiter: str) -> dict[int, int]:
    """Raises ``SheetUnreadable`` where rows have certainly become one cell."""
    doubts = {}
    for each in suspects(lines, rows, delimiter):
        if each.is_certain:
            raise SheetUnreadable(JOINED, values={"row": each.row})
        doubts[each.row - 1] = each.column
    return doubts


def _too_many_rows(found: int, limits: SheetLimits) -> NoReturn:
    raise TooManyRows(_ROWS, values={"found": found, "limit": limits.rows})


def sniff_delimiter(text: str) -> str:
    """The separator that gives most known headers, then the most even rows."""
    sample = text[:_SAMPLE_CHARACTERS]
    best, best_score = ";", (0, 0.0, 0)
    for delimiter in _DELIMITERS:
        if delimiter not in sample:
            continue
        rows = []
        for row in csv.reader(io.StringIO(sample, ""), delimiter=delimiter):
            if any(row):
                rows.append(row)
            if len(rows) == _SAMPLE_ROWS:
                break
        if not rows:
            continue
        known = max(recognised(row) for row in rows[:PREAMBLE_ROWS])
        usual, times = Counter(map(len, rows)).most_common(1)[0]
        score = (known, times / len(rows) if usual > 1 else 0.0, usual)
        if score > best_score:
            best, best_score = delimiter, score
    return best


# ---- XLSX -----------------------------------------------------------------------------------


def _xlsx(content: bytes, limits: SheetLimits, wanted: str) -> Sheet:
    told = asdict(limits) | {"last_row": limits.rows + PREAMBLE_ROWS}
    command = [sys.executable, "-I", xlsx_cells.__file__, json.dumps(told), wanted]
    try:
        done = subprocess.run(  # noqa: S603  (our own file, no shell)
            command, input=content, capture_output=True, timeout=limits.seconds, check=False, env={},
            cwd=Path(xlsx_cells.__file__).parent,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise SheetTooSlow(
            N_("Arket tok mer enn %(limit)s sekunder å lese."), values={"limit": limits.seconds}
        ) from error
    first, _, rest = done.stdout.decode("utf-8", "replace").partition("\n")
    if done.returncode != 0 or not first:
        raise SheetUnreadable
    facts = json.loads(first)
    if "refused" in facts:
        raise refusal(facts)
    rows: list[Row] = [
        [_cell(cell) for cell in json.loads(line)] for line in rest.split("\n") if line
    ]
    for row, column, text in facts["faults"]:
        _put(rows, row, column, Fault(text))
    merged = 0
    for (top, left), (bottom, right) in facts["merged"]:
        # A value merged down a column belongs to each of its rows; a merged title to none.
        if left == right and top < len(rows) and left < len(rows[top]):
            merged += 1
            for row in range(top + 1, min(bottom + 1, limits.rows + PREAMBLE_ROWS)):
                _put(rows, row, left, rows[top][left])
    return Sheet(
        kind="xlsx",
        rows=rows,
        name=facts["sheet"],
        other_sheets=tuple(name for name in facts["sheets"] if name != facts["sheet"]),
        merged=merged,
        column_count=max(map(len, rows), default=0),
    )


def _cell(cell: str | float | dict[str, str]) -> Cell:
    if isinstance(cell, dict):
        text = cell["d"]
        return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    return cell


def _put(rows: list[Row], row: int, column: int, cell: Cell) -> None:
    while len(rows) <= row:
        rows.append([])
    rows[row].extend([""] * (column + 1 - len(rows[row])))
    rows[row][column] = cell


JOINED = N_("Rad %(row)s har et anførselstegn for mye: radene under er havnet i samme celle.")
_ROWS = N_("Arket har mer enn %(limit)s rader (rad %(found)s er i bruk). Del det i flere filer.")
_COLUMNS = N_("Arket har %(found)s kolonner; grensen er %(limit)s.")
_REFUSALS: dict[str, tuple[type[Problem], str]] = {
    "entries": (SheetBomb, N_("Arbeidsboken har %(found)s deler; grensen er %(limit)s.")),
    "unpacked": (
        SheetBomb,
        N_("Arbeidsboken pakker ut til %(found)s byte; grensen er %(limit)s."),
    ),
    "ratio": (SheetBomb, N_("Arbeidsboken er pakket mer enn %(limit)s ganger.")),
    "lies": (SheetBomb, N_("Arbeidsbokens innholdsliste stemmer ikke med innholdet.")),
    "memory": (SheetBomb, N_("Arbeidsboken krever mer minne enn grensen.")),
    "entities": (SheetHasEntities, ""),
    "rows": (TooManyRows, _ROWS),
    "columns": (TooManyColumns, _COLUMNS),
    "no_sheet": (
        SheetNotFound,
        N_("Arket «%(wanted)s» finnes ikke. Arbeidsboken har: %(sheets)s."),
    ),
    "not_xlsx": (NotASheet, N_("Filen er pakket, men er ingen XLSX-arbeidsbok.")),
    "empty": (SheetEmpty, ""),
    "unreadable": (SheetUnreadable, ""),
}


def refusal(facts: dict[str, str | int]) -> Problem:
    """What the child refused, as the problem the user meets."""
    kind, detail = _REFUSALS[str(facts["refused"])]
    return kind(detail, values=facts)
