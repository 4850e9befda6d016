"""Whether every entry follows from its own stored inputs, and what all of them add up to."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any
from uuid import UUID

from pydantic_core import from_json
from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session

from app.impact.rules import SnapshotError
from app.kit.spelling import array_of, as_bytes, dialect_of, digits
from app.ledger.difference import Difference
from app.ledger.rules import Entry, differences
from app.ledger.rules_sums import Key, added
from app.ledger.summing import years_of
from app.ledger.tally import (
    BELONGING,
    ENTRY,
    FOLLOWING,
    Tally,
    estimates,
    follows,
    group,
    recomputed,
)
from app.ledger.verification_read import Read

ENTRIES_A_BATCH = 2_000
GROUPS_KEPT = 5_000
COLUMNS = tuple(each.name for each in fields(Entry) if each.name != "inputs")
SHARED = ("is_reversal", "view", *FOLLOWING, *BELONGING)
"""What like entries have in common, as an array of the database."""


def entries_hold(
    session: Session, org_id: UUID, read: Read | None = None, tally: Tally | None = None
) -> Difference | int:
    """Every entry again from its own inputs; gives how many there are, and leaves their sums.

    The database gives what like entries have in common as one array. Those whose array and inputs
    were looked at are not again, and are counted: added up they are one entry so many times. An
    entry that is not what its inputs give is looked at by itself, which says where it differs.

    Nothing is read where ``tally`` holds every entry already, as the chain's walk met it.
    """
    if tally is not None and tally.is_whole:
        if read is not None:
            read.sums = tally.sums
        return tally.entries
    return _scanned(session, org_id, {} if read is None else read.sums)


def _scanned(session: Session, org_id: UUID, sums: dict[Key, list[int]]) -> Difference | int:
    recomputing = estimates()
    dialect = dialect_of(session)
    query = (
        select(
            digits(session, ENTRY.c.id),
            as_bytes(cast(ENTRY.c.inputs, Text), dialect),
            array_of(
                (ENTRY.c.reverses_id.is_not(None), *(ENTRY.c[name] for name in SHARED[1:])),
                dialect,
            ),
        )
        .where(ENTRY.c.org_id == org_id)
        .execution_options(yield_per=ENTRIES_A_BATCH)
    )
    years = years_of(session, org_id)
    alike: Counter[str] = Counter()
    count, last = 0, None
    right: set[str] = set()
    with session.connection().execute(query) as rows:
        for entry_id, text, array in rows:
            count += 1
            if text != last:  # five thousand letters are sooner compared than looked up
                last, right = text, set()
            if array not in right:
                if not follows(_values(array), recomputing, text):
                    difference = _looked_at(session, org_id, UUID(entry_id))
                    if difference is not None:
                        return difference
                right.add(array)
            alike[array] += 1
            if len(alike) == GROUPS_KEPT:
                added(_groups(org_id, alike), years, sums)
                alike.clear()
    added(_groups(org_id, alike), years, sums)
    return count


def _values(array: str) -> dict[str, Any]:
    return dict(zip(SHARED, from_json(array), strict=True))


def _groups(org_id: UUID, alike: Mapping[str, int]) -> Iterator[Mapping[str, Any]]:
    """Like entries as groups that are added up."""
    return (group(org_id, _values(array), number) for array, number in alike.items())


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
        found = recomputed(row.text)
        values = {name: getattr(row, name) for name in COLUMNS}
        wrong = differences(Entry(**values, inputs=found.inputs), found)
    except SnapshotError as error:
        return Difference(*place, "inputs", error.message, error.values)
    if wrong:
        return Difference(*place, "recomputed", "%(columns)s", {"columns": ", ".join(wrong)})
    return None
