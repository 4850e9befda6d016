"""Entries computed again from their inputs, and added up, as the walk of the chain tells of them."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import from_json
from sqlalchemy.orm import Session

from app.impact.rules import Estimate, SnapshotError, View, recompute
from app.kit.chain_rows import DIGITS, Alike
from app.kit.spelling import shape_of
from app.kit.tenancy import Model
from app.ledger.rules import FIGURES, figures_of
from app.ledger.rules_sums import COLUMN, Key, added
from app.ledger.summing import years_of
from app.ledger.verification_read import UNREADABLE

ENTRY = Model.metadata.tables["ledger_entry"]
TALLIED = {ENTRY.name: ("id", "event_id", "item_id")}
"""What the walk is to tell of each entry beside what it shares with others."""
ESTIMATES_KEPT = 2_000
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


class _Segment(NamedTuple):
    """Entries of a part of the chain: their ids one behind the other, and which are alike.

    By the number of those that are alike stand their period and view.
    """

    which: Sequence[int]
    ids: Sequence[str]
    shared: Mapping[int, tuple[str, str]]


class Booked(NamedTuple):
    """Some entries, by column: digits of their own ids and of their events' and pieces'.

    ``places`` are the digits of the period's id, and the view.
    """

    entry_ids: Sequence[str]
    event_ids: Sequence[str]
    item_ids: Sequence[str]
    places: Sequence[tuple[str, str]]


class Tally:
    """Every entry, as the walk of the chain met it: nobody need read it again.

    A walk by several processes has read all of them. What it tells is taken where it is right
    only; anything else is for ``entries_hold`` to read and to name.
    """

    def __init__(self, session: Session, org_id: UUID) -> None:
        shape = shape_of(ENTRY)
        self._names = () if shape is None else tuple(name for name, _ in shape.shared)
        self._recomputing = estimates()
        self._org_id, self._years = org_id, years_of(session, org_id)
        self._segments: list[_Segment] = []
        self._ids: set[str] = set()
        self._is_right = True
        self.sums: dict[Key, list[int]] = {}
        self.reverses: dict[str, str] = {}
        self.is_whole = False

    @property
    def entries(self) -> int:
        """How many different ones were told of."""
        return len(self._ids)

    def take(self, told: Mapping[str, Alike]) -> None:
        """What a segment's rows share. Called by several threads, one at a time; raises nothing."""
        alike = told.get(ENTRY.name)
        if alike is None or not self._is_right:
            return
        try:
            self._is_right = self._took(alike)
        except UNREADABLE:
            self._is_right = False

    def close(self, entries: int) -> None:
        """After a chain that held, with so many entries: whether each of them was told of, once."""
        self.is_whole = self._is_right and len(self._ids) == entries

    def booked(self) -> Iterator[Booked]:
        """All entries, as the receipts are to be compared with them."""
        for which, ids, shared in self._segments:
            entry_ids, event_ids, item_ids = map(_cut, ids)
            yield Booked(entry_ids, event_ids, item_ids, [shared[each] for each in which])

    def _took(self, alike: Alike) -> bool:
        ids = [alike.own[name].replace("-", "") for name in TALLIED[ENTRY.name]]
        numbers = Counter(alike.which)
        shared: dict[int, tuple[str, str]] = {}
        reversals: dict[int, str] = {}
        for text, arrays in alike.shared:
            groups = []
            for number, array in arrays:
                values = dict(zip(self._names, from_json(array), strict=True))
                values["is_reversal"] = values["reverses_id"] is not None
                if not follows(values, self._recomputing, text):
                    return False
                groups.append(group(self._org_id, values, numbers[number]))
                shared[number] = values["period_id"].replace("-", ""), values["view"]
                if values["is_reversal"]:
                    reversals[number] = values["reverses_id"].replace("-", "")
            added(groups, self._years, self.sums)
        entry_ids = _cut(ids[0])
        if reversals:
            pairs = zip(entry_ids, alike.which, strict=True)
            self.reverses.update(
                (entry_id, reversals[number]) for entry_id, number in pairs if number in reversals
            )
        self._ids.update(entry_ids)
        self._segments.append(_Segment(alike.which, ids, shared))
        return True


def _cut(ids: str) -> list[str]:
    return [ids[at : at + DIGITS] for at in range(0, len(ids), DIGITS)]


def estimates() -> Callable[[bytes | str], Estimate]:
    """``recomputed``, once for entries that have the very same inputs."""
    return lru_cache(maxsize=ESTIMATES_KEPT)(recomputed)


def follows(
    values: Mapping[str, Any], recomputing: Callable[[Any], Estimate], text: bytes | str
) -> bool:
    """Whether an entry's values are what the inputs give."""
    try:
        found = recomputing(text)
        figures = figures_of(found, View(values["view"]))
    except (SnapshotError, ValueError):
        return False
    sign = -1 if values["is_reversal"] else 1
    return [values[name] for name in FOLLOWING] == [
        *(None if each is None else sign * each for each in figures),
        found.currency,
        found.mass_tier,
        found.co2e_tier,
        found.price_tier,
        found.factor_set_id,
        found.formula_version,
    ]


def group(org_id: UUID, values: Mapping[str, Any], number: int) -> Mapping[str, Any]:
    """So many entries with these values, as one that is added up."""
    uses = -number if values["is_reversal"] else number
    return {
        **values,
        **{name: number * (values[name] or 0) for name in FIGURES},
        **{name: None if values[name] is None else UUID(values[name]) for name in IDS},
        "handed_over_on": date.fromisoformat(values["handed_over_on"]),
        "org_id": org_id,
        "uses": uses,
        "not_calculated": uses if values["co2e_g"] is None else 0,
    }


def recomputed(text: bytes | str) -> Estimate:
    """What stored inputs give; like pieces of one trip, gross and net, share the very same ones."""
    inputs = json.loads(text)
    found = recompute(inputs)
    if found.inputs != inputs:
        raise SnapshotError("more or less than the formulas use")
    return found
