"""Whether every entry follows from its own stored inputs, and what all of them add up to."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from pydantic_core import from_json
from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session

from app.impact.rules import Estimate, SnapshotError, View, recompute
from app.kit.spelling import array_of, as_bytes, dialect_of, digits
from app.kit.tenancy import Model
from app.ledger.difference import Difference
from app.ledger.rules import FIGURES, Entry, differences, figures_of
from app.ledger.rules_sums import COLUMN, Key, added
from app.ledger.summing import years_of

ENTRIES_A_BATCH = 2_000
ESTIMATES_KEPT = 2_000
GROUPS_KEPT = 5_000
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
IDS = ("period_id", *COLUMN.values())
BELONGING = ("source", "category_id", "handed_over_on", *IDS)
"""By what else entries are added up."""


def entries_hold(
    session: Session, org_id: UUID, sums: dict[Key, list[int]] | None = None
) -> Difference | int:
    """Every entry again from its own inputs; gives how many there are, and adds them to ``sums``.

    The database gives what like entries have in common as one array. Those whose array and inputs
    were looked at are not again, and are counted: added up they are one entry so many times. An
    entry that is not what its inputs give is looked at by itself, which says where it differs.
    """
    recomputed = lru_cache(maxsize=ESTIMATES_KEPT)(_recomputed)
    dialect = dialect_of(session)
    query = (
        select(
            digits(session, ENTRY.c.id),
            as_bytes(cast(ENTRY.c.inputs, Text), dialect),
            array_of(
                (
                    ENTRY.c.reverses_id.is_not(None),
                    ENTRY.c.view,
                    *(ENTRY.c[name] for name in (*FOLLOWING, *BELONGING)),
                ),
                dialect,
            ),
        )
        .where(ENTRY.c.org_id == org_id)
        .execution_options(yield_per=ENTRIES_A_BATCH)
    )
    years = years_of(session, org_id)
    found: dict[Key, list[int]] = {} if sums is None else sums
    alike: Counter[str] = Counter()
    count, last = 0, None
    right: set[str] = set()
    with session.connection().execute(query) as rows:
        for entry_id, text, array in rows:
            count += 1
            if text != last:  # five thousand letters are sooner compared than looked up
                last, right = text, set()
            if array not in right:
                if not _follows(from_json(array), recomputed, text):
                    difference = _looked_at(session, org_id, UUID(entry_id))
                    if difference is not None:
                        return difference
                right.add(array)
            alike[array] += 1
            if len(alike) == GROUPS_KEPT:
                added(_groups(org_id, alike), years, found)
                alike.clear()
    added(_groups(org_id, alike), years, found)
    return count


def _follows(values: Sequence[Any], recomputed: Callable[[Any], Estimate], text: Any) -> bool:
    """Whether an array's values are what the inputs give."""
    is_reversal, view, *following = values[: 2 + len(FOLLOWING)]
    try:
        found = recomputed(text)
        figures = figures_of(found, View(view))
    except (SnapshotError, ValueError):
        return False
    sign = -1 if is_reversal else 1
    return following == [
        *(None if each is None else sign * each for each in figures),
        found.currency,
        found.mass_tier,
        found.co2e_tier,
        found.price_tier,
        found.factor_set_id,
        found.formula_version,
    ]


def _groups(org_id: UUID, alike: Mapping[str, int]) -> Iterator[Mapping[str, Any]]:
    """Like entries as groups that are added up."""
    for array, number in alike.items():
        is_reversal, view, *rest = from_json(array)
        values = dict(zip((*FOLLOWING, *BELONGING), rest, strict=True))
        uses = -number if is_reversal else number
        yield {
            **values,
            **{name: number * (values[name] or 0) for name in FIGURES},
            **{name: None if values[name] is None else UUID(values[name]) for name in IDS},
            "handed_over_on": date.fromisoformat(values["handed_over_on"]),
            "org_id": org_id,
            "view": view,
            "uses": uses,
            "not_calculated": uses if values["co2e_g"] is None else 0,
        }


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
