"""A quote too many in a CSV file, closed by a later one: whole rows then pass for one cell.

What is quoted may hold line breaks and separators, so nothing of it is against the rules of the
format. Read as rows again, though, such a cell fits the sheet's width exactly, or makes a row that
is too wide, or its closing quote stands in the middle of a text: then it is certain. A cell of
several lines with separators that fit nothing is doubtful, for a person to look at.
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
    reader = csv.reader(lines, delimiter=delimiter)
    began = 0
    for number, row in enumerate(reader, 1):
        raw = lines[began : reader.line_num]
        began = reader.line_num
        if len(raw) > 1 and (found := _suspect(number, row, raw, width, marks)):
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


def _suspect(
    number: int, row: Sequence[str], raw: Sequence[str], width: int, marks: _Marks
) -> Suspect | None:
    is_tidy = _is_tidy(raw, marks.delimiter)
    found = None
    for index, cell in enumerate(row):
        parts = cell.splitlines()
        if len(parts) < 2:
            continue
        likely = [marks.likely_in(part) for part in parts]
        is_odd = not is_tidy and (len(row) != width or any(map(marks.all_in, parts)))
        if is_odd or len(row) > width or _fits(likely, index, width):
            return Suspect(number, index, is_certain=True)
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
