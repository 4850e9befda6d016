"""What can wait, how it stands, and the columns that every kind of it has in the one list."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, String, Uuid, cast, null, type_coerce

from app.kit.columns import UtcDateTime


class Waits(StrEnum):
    """What kind of thing waits."""

    CASE = "case"
    REQUEST = "request"
    FOUND_REPORT = "found_report"
    NEED = "need"
    VISIT = "visit"
    SUPPLIER_ORDER = "supplier_order"


class Stage(StrEnum):
    """``OVERDUE`` is any state whose deadline has passed."""

    NEW = "new"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    OVERDUE = "overdue"


def columns(**values: Any) -> list[ColumnElement[Any]]:
    """The list's columns in order, each with its type; what a kind has not is null."""
    return [
        type_coerce(values.get(name, null()), kind).label(name)
        if name in values
        else cast(null(), kind).label(name)
        for name, kind in TYPES.items()
    ]


TYPES: Mapping[str, Any] = {
    "kind": String(),
    "id": Uuid(),
    "subject_id": Uuid(),
    "year": Integer(),
    "number": Integer(),
    "title": String(),
    "who": String(),
    "unit_id": Uuid(),
    "state": String(),
    "case_kind": String(),
    "since": UtcDateTime(),
    "deadline": Date(),
    "assignee_id": Uuid(),
    "pieces": Integer(),
}
