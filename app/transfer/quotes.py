"""A quote too many in a CSV file, closed by a later one: whole rows then pass for one cell.

What is quoted may hold line breaks and separators, so nothing of it is against the rules of the
format. Read as rows again, though, such a cell fits the sheet's width exactly, or makes a row that
is too wide, or its closing quote stands in the middle of a text: then it is certain. Where it fits
and every quote is in its place, the columns of numbers decide: a text among them says that it is a
cell, numbers that they are rows. What nothing decides is doubtful, for a person to look at.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Suspect(NamedTuple):
    """A cell that may hold other rows: its row's number, from 1, and its column's index."""

    row: int
    column: int
    is_certain: bool


_DECIMAL = re.compile(r"(?<![\d,])\d+,\d+(?!\d|,\S)")
_BREAK = re.compile(r"[\r\n]")
_NUMBER = re.compile(r"\s*[-+]?\d[\d\s.,]*")
_NUMBERS = re.compile(r"[\d\s.,;|]*")


def suspects(
    lines: Sequence[str], rows: Sequence[Sequence[str]], delimiter: str
) -> Iterator[Suspect]:
    """The cells that hold other rows, or may, one a row.

    ``lines`` are those of the file with their ends, ``rows`` what was read from them.
    """
    if len(lines) == len(rows):
        return  # no cell holds a line break
    ((width, _),) = Counter(map(len, filter(any, rows))).most_common(1) or ((0, 0),)
    marks = _Marks(lines, delimiter)
    columns = _Columns(rows, width)
    reader = csv.reader(lines, delimiter=delimiter)
    began = 0
    for number, row in enumerate(reader, 1):
        raw = lines[began : reader.line_num]
        began = reader.line_num
        if len(raw) > 1 and (found := _suspect(number, row, raw, columns, marks)):
            yield found


class _Marks:
    """Which separators are a row's, and not of a text in a cell."""

    def __init__(self, lines: Sequence[str], delimiter: str) -> None:
        self.delimiter = delimiter
        every = sum(line.count(delimiter) for line in lines)
        # Before a space it belongs to a sentence, unless the whole file is written so.
        self.is_spaced = 2 * sum(line.count(delimiter + " ") for line in lines) > every

    def all_in(self, text: str) -> int:
        return text.count(self.delimiter)

    def likely_in(self, text: str) -> int:
        found = self.all_in(text)
        if not self.is_spaced:
            found -= text.count(self.delimiter + " ")
        if self.delimiter == "," and not _NUMBERS.fullmatch(text):
            found -= len(_DECIMAL.findall(text))
        return found


class _Columns:
    """Which columns hold numbers, of rows with no cell of several lines in them."""

    def __init__(self, rows: Sequence[Sequence[str]], width: int) -> None:
        self.width = width
        self.rows = rows
        self._plain: list[Sequence[str]] | None = None
        self._numeric: list[int] = []

    def refute(self, row: Sequence[str], index: int, as_rows: Sequence[Sequence[str]]) -> bool:
        """More of its rows hold a text in a column of numbers than do not; read as one there is none.

        Only what stands in the cell itself is asked: what stands beside it is its row's either way.
        """
        columns = self._numbers(row)
        if index in columns:
            return False  # several lines are no number themselves
        held = [n for n in columns if not row[n].strip() or _NUMBER.fullmatch(row[n])]
        right = wrong = 0
        for at, each in enumerate(as_rows):
            own = [
                each[n]
                for n in held
                if each[n].strip() and (at or n > index) and (at < len(as_rows) - 1 or n < index)
            ]
            is_wrong = any(not _NUMBER.fullmatch(cell) for cell in own)
            wrong += is_wrong
            right += bool(own) and not is_wrong
        return wrong > right

    def confirm(self, row: Sequence[str], as_rows: Sequence[Sequence[str]]) -> bool:
        """Read as rows every column of numbers holds numbers."""
        columns = self._numbers(row)
        return bool(columns) and all(
            _NUMBER.fullmatch(each[column]) for column in columns for each in as_rows
        )

    def _numbers(self, row: Sequence[str]) -> list[int]:
        """The columns of numbers, by the other rows; by this one where there are no others."""
        if self._plain is None:
            self._plain = [
                each
                for each in self.rows
                if len(each) == self.width and not any(_BREAK.search(cell) for cell in each)
            ][1:]  # without the header
            self._numeric = [
                n for n in range(self.width) if _is_numeric([each[n] for each in self._plain])
            ]
        if self._plain:
            return self._numeric
        return [n for n, cell in enumerate(row) if _NUMBER.fullmatch(cell)]


def _is_numeric(cells: Sequence[str]) -> bool:
    found = [bool(_NUMBER.fullmatch(cell)) for cell in cells if cell.strip()]
    return bool(found) and sum(found) >= 0.9 * len(found)


def _as_rows(
    row: Sequence[str], index: int, parts: Sequence[str], delimiter: str
) -> list[list[str]]:
    """The rows that the cell's lines would be, with what stands beside it."""
    first, *inner, last = parts
    return [
        [*row[:index], *first.split(delimiter)],
        *(each.split(delimiter) for each in inner),
        [*last.split(delimiter), *row[index + 1 :]],
    ]


def _suspect(
    number: int, row: Sequence[str], raw: Sequence[str], columns: _Columns, marks: _Marks
) -> Suspect | None:
    width = columns.width
    is_tidy = _is_tidy(raw, marks.delimiter)
    found = None
    for index, cell in enumerate(row):
        parts = cell.splitlines()
        if len(parts) < 2:
            continue
        likely = [marks.likely_in(part) for part in parts]
        is_odd = not is_tidy and (len(row) != width or any(map(marks.all_in, parts)))
        if is_odd or len(row) > width or (len(row) < width and _fits(likely, index, width)):
            return Suspect(number, index, is_certain=True)
        if _fits(likely, index, width):
            # The very same bytes may be a cell or rows; what the columns hold may tell.
            as_rows = _as_rows(row, index, parts, marks.delimiter)
            if columns.refute(row, index, as_rows):
                continue
            if not is_tidy or columns.confirm(row, as_rows):
                return Suspect(number, index, is_certain=True)
            found = Suspect(number, index, is_certain=False)
            continue
        every = [marks.all_in(part) for part in parts]
        is_whole = width > 2 and any(count == width - 1 for count in likely[1:-1])
        if any(likely) and (len(row) != width or is_whole or _fits(every, index, width)):
            found = Suspect(number, index, is_certain=False)
    return found


def _fits(counts: Sequence[int], index: int, width: int) -> bool:
    """Whether the lines are the end of a row, whole rows, and the beginning of one."""
    first, *inner, last = counts
    is_whole = all(count == width - 1 for count in inner)
    return any(counts) and is_whole and (first, last) == (width - 1 - index, index)


def _is_tidy(raw: Sequence[str], delimiter: str) -> bool:
    """Whether every quote closes where a cell ends."""
    try:
        for _ in csv.reader(raw, delimiter=delimiter, strict=True):
            pass
    except csv.Error:
        return False
    return True
