"""How rows of the inventory are written: on pages for people, in files for spreadsheets."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from app.items import names
from app.items.inventory import COLUMNS, InventoryColumn, Kind, is_from_model
from app.items.queries_list import Listed
from app.items.rules import Condition, ItemState
from app.kit import codes, exports, i18n
from app.kit.i18n import N_, gettext

C = InventoryColumn
FIGURES = frozenset({Kind.MM, Kind.GRAMS, Kind.ORE})
"""Kinds that a person compares: they stand to the right, digits under digits."""

SAYS_ITSELF = frozenset({Kind.CODE, Kind.STATE, Kind.CONDITION})
"""Kinds that need no heading beside them on a phone's card."""

_ZONE = ZoneInfo(i18n.DEFAULT_ZONE)


def row_shown(each: Listed) -> dict[str, Any]:
    """A piece of a short list."""
    row = each.row
    return {
        "id": row.id,
        "name": row.name,
        "category": row.category,
        "place": row.place,
        "holder": row.holder,
        "condition": row.condition.value,
        "state": gettext(names.STATES[row.state]),
        "tone": names.STATE_TONES.get(row.state, "neutral"),
        "size": size_text(row.width, row.depth, row.height),
        "photo_id": each.photo_id,
        "code": codes.grouped(each.code) if each.code else None,
    }


def size_text(width_mm: int | None, depth_mm: int | None, height_mm: int | None) -> str | None:
    """``80 × 60 × 74 cm``, with a dash where one is unknown; nothing when all are."""
    sizes = (width_mm, depth_mm, height_mm)
    if not any(sizes):
        return None
    return " × ".join(i18n.number(mm / 10, None) if mm else "–" for mm in sizes) + "\xa0cm"


def cells(each: Listed, columns: Sequence[InventoryColumn]) -> list[dict[str, Any]]:
    """The row's values but its name and photo, as the table's template wants them."""
    return [
        {
            "kind": COLUMNS[key].kind.value,
            "is_figure": COLUMNS[key].kind in FIGURES,
            "label": None if COLUMNS[key].kind in SAYS_ITSELF else gettext(COLUMNS[key].label),
            "text": _text(COLUMNS[key].kind, each.value(key), each.row.currency),
            "value": str(each.value(key)),
            "tone": names.STATE_TONES.get(each.row.state, "neutral"),
            "is_default": each.is_from_model(key),
        }
        for key in columns
        if key not in (C.NAME, C.PHOTO)
    ]


def _text(kind: Kind, value: Any, currency: str) -> str | None:
    if value is None:
        return None
    if kind is Kind.ORE:
        return i18n.money_ore(value, currency)
    return _TEXTS.get(kind, str)(value)


def _day(moment: datetime) -> date:
    return moment.astimezone(_ZONE).date()


def _state(value: Any) -> str:
    return gettext(names.STATES[ItemState(value)])


_TEXTS: Mapping[Kind, Callable[[Any], str]] = {
    Kind.CODE: codes.grouped,
    Kind.STATE: _state,
    Kind.CONDITION: lambda value: gettext(names.CONDITIONS[Condition(value)]),
    Kind.MM: i18n.cm,
    Kind.GRAMS: i18n.mass_g,
    Kind.DAY: lambda moment: i18n.date(_day(moment)),
}

_IN_FILES = {
    Kind.MM: N_("%(label)s (mm)"),
    Kind.GRAMS: N_("%(label)s (kg)"),
    Kind.ORE: N_("%(label)s (kr)"),
}


def file_columns(columns: Sequence[InventoryColumn]) -> list[exports.Column]:
    """The headings of a file, units in them; the last columns say what the figures do not."""
    found = []
    for key in columns:
        column = COLUMNS[key]
        label = gettext(column.label)
        if column.kind in _IN_FILES:
            label = gettext(_IN_FILES[column.kind]) % {"label": label}
        found.append(exports.Column(key.value, label, column.width))
    if C.NEW_PRICE in columns:
        found.append(exports.Column("currency", gettext(N_("Valuta")), 8))
    if _with_model(columns):
        found.append(exports.Column("of_model", gettext(N_("Verdier fra modellen")), 24))
    return found


def file_row(row: Any, columns: Sequence[InventoryColumn]) -> list[exports.Value]:
    """One row of ``queries_list.everything``: numbers as numbers, days as days."""
    values = [
        _plain(COLUMNS[key].kind, value)
        for key, value in zip(columns, row, strict=False)  # the flags behind have no column
    ]
    if C.NEW_PRICE in columns:
        values.append(row[len(columns)] if row[columns.index(C.NEW_PRICE)] is not None else None)
    marked = _with_model(columns)
    if marked:
        flags = row[len(columns) + 1 :]
        of_model = [
            gettext(COLUMNS[key].label).lower()
            for key, flag in zip(marked, flags, strict=True)
            if flag
        ]
        values.append(", ".join(of_model) or None)
    return values


def _with_model(columns: Sequence[InventoryColumn]) -> list[InventoryColumn]:
    return [key for key in columns if is_from_model(key) is not None]


_PLAIN: Mapping[Kind, Callable[[Any], exports.Value]] = {
    Kind.CODE: codes.grouped,
    Kind.STATE: _state,
    Kind.CONDITION: lambda value: Condition(value).value,
    Kind.GRAMS: lambda grams: Decimal(grams) / 1000,
    Kind.ORE: lambda ore: Decimal(ore) / 100,
    Kind.DAY: _day,
    Kind.YES: bool,
}


def _plain(kind: Kind, value: Any) -> exports.Value:
    if value is None:
        return None
    convert = _PLAIN.get(kind)
    return value if convert is None else convert(value)
