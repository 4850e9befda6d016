"""A period's report as JSON, CSV and XLSX: the same head and entries give the same bytes, always.

JSON has whole grams and øre. The other two have kg and kroner, as a spreadsheet adds them up, with
the unit in each heading. Nothing here asks the clock, the reader's language or today's names.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any

from app.impact.rules import Rounded
from app.kit.canonical import canonical
from app.kit.exports import Column, Format, Sheet, Value, as_book, as_csv
from app.ledger.queries_period import PRINTED, RANGED, PeriodReport, Sum
from app.ledger.rules_report import factor_sheet

FORM = 2
"""Raised when the shape changes; a report that was frozen in an older form is printed in that.

In form 1 a sum of which nothing is calculated is 0; since form 2 it is empty, and how many entries
wait for an exchange rate stands beside it.
"""
_NOTHING = Rounded(0, 0, 0)
_ENDS = ("", "_low", "_high")
_CHUNK = 1 << 16

Rows = Callable[[], Iterable[Any]]


def printed(form: Format, report: PeriodReport, rows: Rows) -> Iterator[bytes]:
    """The file in pieces; ``rows`` gives the entries, anew each time it is called."""
    match form:
        case Format.JSON:
            return as_json(report, rows())
        case Format.CSV:
            return as_csv(_columns(report.head), _entry_rows(report.head, rows()))
        case Format.XLSX:
            return as_book(_sheets(report, rows))


def digest(pieces: Iterable[bytes]) -> str:
    """SHA-256 of the file in hexadecimal."""
    found = hashlib.sha256()
    for each in pieces:
        found.update(each)
    return found.hexdigest()


def as_json(report: PeriodReport, rows: Iterable[Any]) -> Iterator[bytes]:
    """Head, sums, factors and entries; one entry a line, keys in the alphabet's order."""
    head = {name: value for name, value in report.head.items() if name != "texts"}
    parts = [
        ("head", canonical(head)),
        ("sums", canonical({"": _sums_as_json(report)})[4:-1]),
        ("factors", canonical({"": [asdict(each) for each in report.factors]})[4:-1]),
    ]
    yield ("{\n" + "".join(f'"{name}":{text},\n' for name, text in parts)).encode()
    yield b'"entries":['
    pieces: list[str] = []
    size, separator = 0, "\n"
    for row in rows:
        text = separator + canonical(dict(zip(PRINTED, row, strict=True)))
        pieces.append(text)
        size, separator = size + len(text), ",\n"
        if size > _CHUNK:
            yield "".join(pieces).encode()
            pieces, size = [], 0
    yield ("".join(pieces) + "\n]\n}\n").encode()


def _is_first(report: PeriodReport) -> bool:
    return bool(report.head["form"] == 1)


def _sums(report: PeriodReport) -> Iterable[Sum]:
    """As the report's form has them."""
    if not _is_first(report):
        return report.sums
    return [
        replace(each, co2e_g=each.co2e_g or _NOTHING, saved_ore=each.saved_ore or _NOTHING)
        for each in report.sums
    ]


def _sums_as_json(report: PeriodReport) -> list[dict[str, Any]]:
    found = [asdict(each) for each in _sums(report)]
    if _is_first(report):
        for each in found:
            del each["unpriced"]
    return found


def _columns(head: Mapping[str, Any]) -> list[Column]:
    return [
        Column(name, head["texts"]["columns"][name], 36 if name.endswith("id") else 14)
        for name in _SHOWN
    ]


_SHOWN = (
    "handed_over_on",
    "booked_on",
    "view",
    "source",
    "category",
    "giver_unit",
    "receiver_unit",
    "project",
    "mass_kg",
    *(f"{name[:-1]}kg{end}" for name in RANGED[:3] for end in _ENDS),
    *(f"saved{end}" for end in _ENDS),
    "new_price",
    "currency",
    "mass_tier",
    "co2e_tier",
    "price_tier",
    "factor_set",
    "formula_version",
    "item_id",
    "entry_id",
    "reverses_id",
)
"""Headings of the entries' sheet, in its order."""


def _entry_rows(head: Mapping[str, Any], rows: Iterable[Any]) -> Iterator[list[Value]]:
    words, names = head["texts"]["words"], head["names"]
    scaled = [f"{name}{end}" for name in RANGED for end in _ENDS]
    kg, kroner = (scaled[:9], scaled[9:])
    for row in rows:
        each = dict(zip(PRINTED, row, strict=True))
        yield [
            each["handed_over_on"],
            each["booked_at"].date(),
            words[each["view"].value],
            words[each["source"].value],
            names["category_id"].get(each["category_id"], each["category_id"]),
            _named(names["unit_id"], each["giver_unit_id"]),
            _named(names["unit_id"], each["receiver_unit_id"]),
            _named(names["project_id"], each["project_id"]),
            _per(each["mass_g"], 1000),
            *(_per(each[name], 1000) for name in kg),
            *(_per(each[name], 100) for name in kroner),
            _per(each["new_price_ore"], 100),
            each["currency"],
            each["mass_tier"],
            each["co2e_tier"],
            each["price_tier"],
            each["factor_set_id"],
            each["formula_version"],
            each["item_id"],
            each["id"],
            each["reverses_id"],
        ]


def _named(names: Mapping[str, str], row_id: object) -> str | None:
    return None if row_id is None else names.get(str(row_id), str(row_id))


def _per(number: int | None, scale: int) -> Decimal | None:
    """Exact: grams are thousandths of a kg, øre hundredths of a krone. Unknown stays empty."""
    return None if number is None else Decimal(number) / scale


def _sheets(report: PeriodReport, rows: Rows) -> list[Sheet]:
    head = report.head
    texts = head["texts"]
    titles = texts["sheets"]
    of = texts["columns"]
    sums = [
        Column("group", of["group"], 18),
        Column("key", of["key"], 36),
        Column("view", of["view"]),
        Column("entries", of["entries"]),
        Column("not_calculated", of["not_calculated"]),
        *(Column(name, of[name]) for name in _SHOWN[9:21]),
    ]
    method = [Column("what", of["what"], 28), Column("text", of["text"], 120)]
    return [
        Sheet(titles["entries"], _columns(head), _entry_rows(head, rows())),
        Sheet(titles["sums"], sums, [_sum_row(head, each) for each in _sums(report)]),
        Sheet(titles["method"], method, texts["method"]),
        factor_sheet(texts, report.factors),
    ]


def _sum_row(head: Mapping[str, Any], found: Sum) -> list[Value]:
    texts, names = head["texts"], head["names"]
    key = found.key
    kind = "unit_id" if found.group.endswith("_unit_id") else found.group
    if key is not None:
        known = texts["words"] if found.group == "source" else names[kind]
        key = known.get(key, key)
    return [
        texts["groups"][found.group],
        key,
        texts["words"][found.view.value],
        found.entries,
        found.not_calculated,
        *(
            _per(getattr(getattr(found, name), end, None), 1000 if name != "saved_ore" else 100)
            for name in RANGED
            for end in ("value", "low", "high")
        ),
    ]
