"""What an import would do, row by row, before anything is written.

Pure: the sheet, the mapping and the fingerprints of what an earlier import made go in; created,
updated, unchanged, repeated and bad rows come out, numbered as in the spreadsheet (a header in the
first row is row 1). Every row ends in exactly one of the five.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass
from dataclasses import field as member
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from app.kit.bulk import without_collecting
from app.kit.i18n import N_
from app.transfer.headers import Field, letter
from app.transfer.mapping import Mapping
from app.transfer.pieces import Piece, RowReader, fingerprint, is_unmeasured
from app.transfer.plan import Column, Plan, plan
from app.transfer.reading import JOINED, Row, Sheet
from app.transfer.sheet_limits import SheetUnreadable
from app.transfer.values import Money, Text, Wrong, wrong


class Outcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REPEATED = "repeated"
    BAD = "bad"


class Good(NamedTuple):
    """A row to create, update or leave; ``fingerprint`` is kept to recognise it next time."""

    number: int
    outcome: Outcome
    key: str
    fingerprint: str
    piece: Piece


class Repeat(NamedTuple):
    """A row whose key stood in ``first_number`` already. ``differs``: with other contents."""

    number: int
    first_number: int
    key: str
    differs: bool


class Bad(NamedTuple):
    """One cell that cannot be used; a row with two of them is listed twice."""

    number: int
    column: str
    header: str
    value: str
    reason: Text


class Warning(NamedTuple):  # noqa: A001  (the word of the trade; nothing here raises warnings)
    number: int
    kind: str
    value: str
    text: Text


@dataclass(slots=True)
class Preview:
    """``good`` holds created, updated and unchanged rows in the order of the sheet."""

    columns: tuple[Column, ...] = ()
    header_row: int = 0
    rows: int = 0
    skipped: int = 0
    good: list[Good] = member(default_factory=list)
    repeated: list[Repeat] = member(default_factory=list)
    bad: list[Bad] = member(default_factory=list)
    warnings: list[Warning] = member(default_factory=list)
    notices: list[Text] = member(default_factory=list)
    with_category: int = 0

    def count(self, outcome: Outcome) -> int:
        """Rows with that outcome."""
        if outcome is Outcome.REPEATED:
            return len(self.repeated)
        if outcome is Outcome.BAD:
            return len({each.number for each in self.bad})
        return sum(each.outcome is outcome for each in self.good)

    def as_json(self, translate: Callable[[str], str] = str) -> dict[str, object]:
        """The preview as command line and API show it; texts through ``translate``."""
        return {
            "rows": self.rows,
            "created": self.count(Outcome.CREATED),
            "updated": self.count(Outcome.UPDATED),
            "unchanged": self.count(Outcome.UNCHANGED),
            "repeated": self.count(Outcome.REPEATED),
            "bad": [
                {
                    "row": each.number,
                    "column": each.column,
                    "header": each.header,
                    "value": each.value,
                    "reason": each.reason.shown(translate),
                }
                for each in self.bad
            ],
            "repeats": [
                {
                    "row": each.number,
                    "first_row": each.first_number,
                    "key": each.key,
                    "differs": each.differs,
                }
                for each in self.repeated
            ],
            "warnings": [
                {
                    "row": each.number,
                    "kind": each.kind,
                    "value": each.value,
                    "text": each.text.shown(translate),
                }
                for each in self.warnings
            ],
            "warning_counts": dict(Counter(each.kind for each in self.warnings)),
            "notices": [each.shown(translate) for each in self.notices],
            "skipped": self.skipped,
            "with_category": self.with_category,
            "header_row": self.header_row + 1,
            "columns": [
                {
                    "column": each.letter,
                    "header": each.header,
                    "field": each.field.value if each.field else None,
                    "unit": each.unit or None,
                }
                for each in self.columns
            ],
        }


@without_collecting()
def preview(
    sheet: Sheet,
    mapping: Mapping | None = None,
    existing: Map[str, str] | None = None,
    *,
    home_currency: str = "NOK",
    category_names: Map[str, str] | None = None,
    today: date,
) -> Preview:
    """What importing the sheet would do.

    ``existing`` holds key → fingerprint of what earlier imports made; ``category_names`` the
    organisation's own names of categories → code; ``today`` says which years can not be yet. Raises the refusals of ``plan``.
    """
    layout = plan(sheet, mapping)
    for index in sheet.doubts:
        if index < layout.first_row:  # above the rows nothing can be a bad one
            raise SheetUnreadable(JOINED, values={"row": index + 1})
    result = Preview(columns=layout.columns, header_row=layout.header_row)
    result.notices.extend(layout.notices)
    rows = RowReader(
        layout,
        mapping or Mapping(name="-"),
        home_currency=home_currency,
        category_names=category_names or {},
        last_year=today.year,
    )
    known = _Known(existing or {})
    for number, row in enumerate(sheet.rows[layout.first_row :], layout.first_row + 1):
        if not any(row):
            continue
        if number - 1 in sheet.doubts:
            result.rows += 1
            result.bad.append(_doubted(number, row, sheet.doubts[number - 1], layout))
            continue
        if rows.skips and rows.is_skipped(row):
            result.skipped += 1
            continue
        result.rows += 1
        found = _read(number, row, rows, result)
        if found is not None:
            _place(number, *found, known, result)
    result.notices.extend(_told(rows))
    return result


class _Known:
    """What earlier imports and the rows above have made."""

    def __init__(self, existing: Map[str, str]) -> None:
        self.existing = existing
        self.first: dict[str, Good] = {}
        self.equal: Counter[str] = Counter()


def _read(number: int, row: Row, rows: RowReader, result: Preview) -> tuple[str, Piece] | None:
    """The row's key and piece; ``None`` when it is bad. Notes what there is to say about it."""
    bad: list[tuple[Column, Wrong]] = []
    key = rows.key(row, bad)
    values = rows.values(row, bad)
    piece = None if bad else rows.piece(values)
    if piece is None:
        result.bad.extend(Bad(number, each.letter, each.header, *why) for each, why in bad)
        if not bad:
            result.bad.append(Bad(number, "", "", "", _NAMELESS))
        return None
    if piece.category_code is not None:
        result.with_category += 1
    else:
        value = piece.category_text or piece.name
        column = rows.category_column
        if rows.mapping.unknown_category == "bad" and column is not None:
            result.bad.append(Bad(number, column.letter, column.header, value, _UNKNOWN))
            return None
        result.warnings.append(Warning(number, "unknown_category", value, _UNKNOWN))
    if not key and rows.layout.keys:
        result.warnings.append(Warning(number, "no_key", "", _NO_KEY))
    if rows.is_measured and is_unmeasured(piece):
        result.warnings.append(Warning(number, "no_measurements", "", _NO_MEASUREMENTS))
    price: Money | None = values[Field.PRICE]
    if price is not None and not price.minor:
        result.warnings.append(Warning(number, "price_zero", "0", _PRICE_ZERO))
    return key, piece


def _doubted(number: int, row: Row, index: int, layout: Plan) -> Bad:
    """The row whose cell may hold the rows below: nobody but a person can tell."""
    header = next((each.header for each in layout.columns if each.index == index), "")
    return Bad(number, letter(index), header, *wrong(row[index], _DOUBTED))


def _place(number: int, key: str, piece: Piece, known: _Known, result: Preview) -> None:
    """Created, updated, unchanged or repeated."""
    mark = fingerprint(piece)
    if not key:
        # A row without a key is known by its contents: equal rows are as many pieces.
        known.equal[mark] += 1
        key = f"={mark}:{known.equal[mark]}"
    if earlier := known.first.get(key):
        differs = earlier.fingerprint != mark
        result.repeated.append(Repeat(number, earlier.number, key, differs))
        return
    before = known.existing.get(key)
    outcome = Outcome.CREATED if before is None else Outcome.UPDATED
    if before == mark:
        outcome = Outcome.UNCHANGED
    good = known.first[key] = Good(number, outcome, key, mark, piece)
    result.good.append(good)


_DOUBTED = N_(
    "Cellen går over flere linjer som ligner på rader. Se etter om et anførselstegn er for mye."
)
_NAMELESS = Text(N_("Raden har verken navn, kategori eller modell."))
_NO_KEY = Text(N_("Raden mangler nøkkel og kjennes bare igjen på innholdet."))
_NO_MEASUREMENTS = Text(N_("Raden har ingen mål."))
_UNKNOWN = Text(N_("Fant ingen kategori."))
_PRICE_ZERO = Text(N_("Prisen er 0 og regnes som ukjent."))


def _told(rows: RowReader) -> Iterator[Text]:
    for currency, count in sorted(rows.left_out.items()):
        yield Text(
            N_("%(count)s priser i %(currency)s er utelatt: ingen kurs er oppgitt."),
            {"count": count, "currency": currency},
        )
    if not rows.is_measured:
        yield Text(N_("Arket har ingen kolonner med mål."))
    if not rows.layout.keys:
        yield Text(
            N_("Arket har ingen nøkkelkolonne: en rad kjennes bare igjen så lenge den er uendret.")
        )
