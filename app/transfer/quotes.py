"""A quote too many in a CSV file, closed by a later one: whole rows then pass for one cell.

What is quoted may hold line breaks and separators, so nothing of it is against the rules of the
format. Read as rows again, though, such a cell fits the sheet's width exactly, or makes a row that
is too wide or too narrow, or its closing quote stands in the middle of a text.
"""

import csv
from collections import Counter
from collections.abc import Sequence


def joined_row(lines: Sequence[str], rows: Sequence[Sequence[str]], delimiter: str) -> int | None:
    """The number (from 1) of the first row that holds other rows in a cell, if there is one.

    ``lines`` are those of the file with their ends, ``rows`` what was read from them.
    """
    if len(lines) == len(rows):
        return None  # no cell holds a line break
    ((width, _),) = Counter(map(len, filter(any, rows))).most_common(1) or ((0, 0),)
    reader = csv.reader(lines, delimiter=delimiter)
    began = 0
    for number, row in enumerate(reader, 1):
        raw = lines[began : reader.line_num]
        began = reader.line_num
        if len(raw) > 1 and _is_joined(row, raw, width, delimiter):
            return number
    return None


def _is_joined(row: Sequence[str], raw: Sequence[str], width: int, delimiter: str) -> bool:
    tidy = _is_tidy(raw, delimiter)
    for index, cell in enumerate(row):
        parts = cell.splitlines()
        if len(parts) < 2:
            continue
        counts = [part.count(delimiter) for part in parts]
        if not tidy and (any(counts) or len(row) != width):
            return True
        if len(row) > width:
            return True
        # A comma before a space belongs to a sentence.
        if not any(counts) or cell.count(delimiter) == cell.count(", "):
            continue
        first, *inner, last = counts
        is_whole = all(count == width - 1 for count in inner)
        if len(row) != width or (inner and is_whole and width > 2):
            return True
        if is_whole and (first, last) == (width - 1 - index, index):
            return True
    return False


def _is_tidy(raw: Sequence[str], delimiter: str) -> bool:
    """Whether every quote closes where a cell ends."""
    try:
        for _ in csv.reader(raw, delimiter=delimiter, strict=True):
            pass
    except csv.Error:
        return False
    return True
