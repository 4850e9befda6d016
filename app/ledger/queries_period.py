"""What a period's report holds: its head, the sums, the factors behind them, and every entry.

The head is everything that is not in the ledger: names, headings and words as they stood when it
was made. With it the entries alone decide every byte of the report.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, cast, func, select
from sqlalchemy.orm import Session

from app.impact.rules import RangedPart, Rounded, Tier, View, combine
from app.kit.tenancy import Model
from app.ledger.models import LedgerEntry, Period
from app.ledger.queries import STANDING
from app.ledger.rules_report import Factor, in_order

ROWS_A_BATCH = 2_000
INPUTS_KEPT = 4_000
RANGED = ("waste_g", "value_chain_waste_g", "co2e_g", "saved_ore")
_ENDS = ("", "_low", "_high")
_TIERS = {
    "waste_g": "mass_tier",
    "value_chain_waste_g": "mass_tier",
    "co2e_g": "co2e_tier",
    "saved_ore": "price_tier",
}
ENTRY = Model.metadata.tables["ledger_entry"]
PRINTED = (
    "id",
    "event_id",
    "booked_by_event_id",
    "reverses_id",
    "item_id",
    "handed_over_on",
    "booked_at",
    "view",
    "source",
    "category_id",
    "giver_unit_id",
    "receiver_unit_id",
    "place_id",
    "project_id",
    *(f"{name}{end}" for name in RANGED for end in _ENDS),
    "currency",
    "mass_g",
    "new_price_ore",
    "reference_co2e_g",
    "mass_tier",
    "co2e_tier",
    "price_tier",
    "factor_set_id",
    "formula_version",
)
"""The columns of an entry that the report prints; its inputs stand behind its own page."""

_FACTOR_KEY = re.compile(r"(override\.)?[A-Z][A-Z0-9_]{2,}(\.\w+)?")
_FACTOR_AT = {"delivery": 1, "transport": 1, "end_of_life": -1, "redesign": 0}
"""Which number of a product is the factor, by the value it is part of; the others are the piece's."""


@dataclass(frozen=True, slots=True)
class Sum:
    """Some entries of one view. ``entries`` are those that stand, a reversal taking one away.

    ``not_calculated`` of them have no CO2e, and ``unpriced`` wait for an exchange rate and have no
    amount. Where that is all there is, there is no sum: it would say 0 of what nobody knows.
    """

    group: str
    key: str | None
    view: View
    entries: int
    not_calculated: int
    unpriced: int
    waste_g: Rounded
    value_chain_waste_g: Rounded
    co2e_g: Rounded | None
    saved_ore: Rounded | None


@dataclass(frozen=True, slots=True)
class PeriodReport:
    """``head`` is JSON; its texts are the report's, whatever the program says today."""

    head: Mapping[str, Any]
    sums: Sequence[Sum]
    factors: Sequence[Factor]


GROUPS = ("all", "source", "category_id", "giver_unit_id", "receiver_unit_id", "project_id")
"""What the sums are by; ``all`` is everything."""


def sums(session: Session, org_id: UUID, period_id: UUID) -> list[Sum]:
    """All that was booked in the period, reversals included, with ranges by section 10."""
    by = ("view", *GROUPS[1:], "mass_tier", "co2e_tier", "price_tier")
    figures = [f"{name}{end}" for name in RANGED for end in _ENDS]
    rows = session.execute(
        select(
            *(ENTRY.c[name] for name in by),
            *(func.sum(ENTRY.c[name]).label(name) for name in figures),
            func.sum(STANDING).label("entries"),
            func.count(ENTRY.c.co2e_g).label("calculated"),
        )
        .where(ENTRY.c.org_id == org_id, ENTRY.c.period_id == period_id)
        .group_by(*(ENTRY.c[name] for name in by))
    ).all()
    found: list[Sum] = []
    for group in GROUPS:
        parts: dict[tuple[View, str | None], list[Any]] = defaultdict(list)
        for row in rows:
            key = None if group == "all" else getattr(row, group)
            parts[row.view, None if key is None else str(key)].append(row)
        found += [
            _sum(group, key, view, own)
            for (view, key), own in sorted(parts.items(), key=lambda each: _order(each[0]))
        ]
    return found


def _order(place: tuple[View, str | None]) -> tuple[str, str]:
    view, key = place
    return key or "", view.value


def _sum(group: str, key: str | None, view: View, rows: Sequence[Any]) -> Sum:
    waste, chain, co2e, saved = (list(_parts(rows, name)) for name in RANGED)
    return Sum(
        group=group,
        key=key,
        view=view,
        entries=sum(int(row.entries) for row in rows),
        not_calculated=sum(int(row.entries) for row in rows if not row.calculated),
        unpriced=sum(int(row.entries) for row in rows if row.price_tier == Tier.NO_RATE),
        waste_g=combine(waste),
        value_chain_waste_g=combine(chain),
        co2e_g=combine(co2e) if co2e else None,
        saved_ore=combine(saved) if saved else None,
    )


def _parts(rows: Iterable[Any], name: str) -> Iterator[RangedPart]:
    for row in rows:
        value, low, high = (getattr(row, f"{name}{end}") for end in _ENDS)
        if value is not None:
            tier = getattr(row, _TIERS[name])
            yield RangedPart(row.category_id, tier, int(value), int(low), int(high))


def entries(session: Session, org_id: UUID, period_id: UUID) -> Iterator[Any]:
    """The period's entries as they were booked, the columns of ``PRINTED``."""
    query = (
        select(*(ENTRY.c[name] for name in PRINTED))
        .where(ENTRY.c.org_id == org_id, ENTRY.c.period_id == period_id)
        .order_by(ENTRY.c.booked_at, ENTRY.c.id)
        .execution_options(yield_per=ROWS_A_BATCH)
    )
    with session.execute(query) as found:
        yield from found


def factors(session: Session, org_id: UUID, period_id: UUID) -> list[Factor]:
    """Every factor the period's entries rest on, from what was stored with each of them."""
    # Gross and net rest on the same inputs.
    query = _inputs(org_id).where(ENTRY.c.period_id == period_id, ENTRY.c.view == View.GROSS)
    return _distinct(session, [query])


def factors_behind(session: Session, org_id: UUID, entry_ids: Sequence[UUID]) -> list[Factor]:
    """Every factor these entries rest on."""
    parts = range(0, len(entry_ids), ROWS_A_BATCH)
    return _distinct(
        session,
        [
            _inputs(org_id).where(ENTRY.c.id.in_(entry_ids[start : start + ROWS_A_BATCH]))
            for start in parts
        ],
    )


def _inputs(org_id: UUID) -> Select[str]:
    return select(cast(ENTRY.c.inputs, Text)).where(ENTRY.c.org_id == org_id)


def _distinct(session: Session, queries: Iterable[Select[str]]) -> list[Factor]:
    """Like pieces of one trip rest on the same inputs, which are read once."""
    read = lru_cache(maxsize=INPUTS_KEPT)(_factors_of)
    found: set[Factor] = set()
    for query in queries:
        with session.scalars(query.execution_options(yield_per=ROWS_A_BATCH)) as texts:
            for text in texts:
                found.update(read(text))
    return sorted(found, key=in_order)


def _factors_of(text: str) -> tuple[Factor, ...]:
    inputs = json.loads(text)
    version = str(inputs["factor_set_id"])
    found = []
    for name, value in inputs["values"].items():
        key, unit = str(value.get("key", "")), str(value.get("unit", ""))
        source = str(value.get("source", ""))
        if "terms" not in value and _FACTOR_KEY.fullmatch(key):
            number, tier = str(value["value"]), str(value.get("tier", ""))
            low, high = str(value.get("low", "")), str(value.get("high", ""))
            found.append(Factor(version, key, number, low, high, unit, tier, source))
        at = _FACTOR_AT.get(name)
        if at is None:
            continue
        for term in value.get("terms", ()):
            what = key if name in ("delivery", "transport") else f"{name}.{term['what']}"
            number, source = str(term["factors"][at]), str(term.get("source", ""))
            per = "kg CO2e/tkm" if key.endswith("_TKM") else "kg CO2e/km"
            unit = {"transport": per, "redesign": "1"}.get(name, "kg CO2e/kg")
            found.append(Factor(version, what, number, "", "", unit, "", source))
    return tuple(found)


def entries_booked(session: Session, org_id: UUID, period_id: UUID) -> int:
    """How many entries the period has. They are never fewer: equally many are the same ones."""
    query = select(func.count()).where(
        LedgerEntry.org_id == org_id, LedgerEntry.period_id == period_id
    )
    return session.scalar(query) or 0


def told_of(period: Period) -> dict[str, Any]:
    """What closing says of the year in the chain, as the event's payload has it."""
    return {
        "year": period.year,
        "entries": period.entries,
        "chain_seq": period.chain_seq,
        "chain_digest": period.chain_digest,
        "frozen_sha256": hashlib.sha256((period.frozen or "").encode()).hexdigest(),
        "json_sha256": period.json_sha256,
        "csv_sha256": period.csv_sha256,
        "xlsx_sha256": period.xlsx_sha256,
    }
