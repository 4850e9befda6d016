"""Whether every entry follows from its own stored inputs."""

import json
from dataclasses import fields
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Text, cast, select, type_coerce
from sqlalchemy.orm import Session

from app.impact.rules import Estimate, SnapshotError, View, recompute
from app.kit.spelling import as_bytes, dialect_of, digits
from app.kit.tenancy import Model
from app.ledger.difference import Difference
from app.ledger.rules import FIGURES, Entry, differences, figures_of

ENTRIES_A_BATCH = 2_000
ESTIMATES_KEPT = 2_000
ENTRY = Model.metadata.tables["ledger_entry"]
COLUMNS = tuple(each.name for each in fields(Entry) if each.name != "inputs")
FOLLOWING = (
    *FIGURES,
    "currency",
    "mass_tier",
    "co2e_tier",
    "price_tier",
    "factor_set_id",
    "formula_version",
)
"""What follows from the inputs and the view alone; the other columns say where an entry belongs."""


def entries_hold(session: Session, org_id: UUID) -> Difference | int:
    """Every entry again from its own inputs; gives how many there are.

    Inputs that were multiplied out before, as those of like pieces and of both views are, are not
    again. An entry that is not what they gave is looked at by itself, which says where it differs.
    """
    recomputed = lru_cache(maxsize=ESTIMATES_KEPT)(_recomputed)

    def following(text: bytes | str, view: str, is_reversal: bool) -> tuple[Any, ...]:  # noqa: FBT001
        found = recomputed(text)
        figures = figures_of(found, View(view))
        sign = -1 if is_reversal else 1
        return (
            *(None if each is None else sign * each for each in figures),
            found.currency,
            found.mass_tier,
            found.co2e_tier,
            found.price_tier,
            found.factor_set_id,
            found.formula_version,
        )

    query = (
        select(
            digits(session, ENTRY.c.id),
            as_bytes(cast(ENTRY.c.inputs, Text), dialect_of(session)),
            type_coerce(ENTRY.c.view, Text),
            ENTRY.c.reverses_id.is_not(None),
            *(type_coerce(ENTRY.c[name], Text) for name in FOLLOWING),
        )
        .where(ENTRY.c.org_id == org_id)
        .execution_options(yield_per=ENTRIES_A_BATCH)
    )
    count, last = 0, None
    given: dict[tuple[str, bool], tuple[Any, ...]] = {}
    for row in session.execute(query):
        count += 1
        text, view, is_reversal = row[1:4]
        if text != last:  # five thousand letters are sooner compared than looked up
            last, given = text, {}
        try:
            expected = given.get((view, is_reversal))
            if expected is None:
                expected = following(text, view, bool(is_reversal))
                given[view, is_reversal] = expected
            is_right = row[4:] == expected
        except (SnapshotError, ValueError):
            is_right = False
        if not is_right:
            difference = _looked_at(session, org_id, UUID(row[0]))
            if difference is not None:
                return difference
    return count


def _looked_at(session: Session, org_id: UUID, entry_id: UUID) -> Difference | None:
    """One entry value by value."""
    columns = [column for column in ENTRY.columns if column.name != "inputs"]
    row = session.execute(
        select(*columns, cast(ENTRY.c.inputs, Text).label("text")).where(
            ENTRY.c.org_id == org_id, ENTRY.c.id == entry_id
        )
    ).one()
    place = ("ledger_entry", str(row.id), None)
    try:
        found = _recomputed(row.text)
        values = {name: getattr(row, name) for name in COLUMNS}
        wrong = differences(Entry(**values, inputs=found.inputs), found)
    except SnapshotError as error:
        return Difference(*place, "inputs", error.message, error.values)
    if wrong:
        return Difference(*place, "recomputed", "%(columns)s", {"columns": ", ".join(wrong)})
    return None


def _recomputed(text: bytes | str) -> Estimate:
    """What stored inputs give; like pieces of one trip, gross and net, share the very same ones."""
    inputs = json.loads(text)
    found = recompute(inputs)
    if found.inputs != inputs:
        raise SnapshotError("more or less than the formulas use")
    return found
