"""Which entries an event writes: one per item, view and event, and nothing is ever changed.

A correction is a reversing entry and a new one. When the same item is handed over again, its
earlier net entry is replaced by the months it really served (D1 and D2 of the savings method).
Storing them is the service's work; nothing here reads or writes a database.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Protocol
from uuid import UUID

from app.impact.rules import (
    Estimate,
    Factors,
    Facts,
    FulfilmentSource,
    Inputs,
    Tier,
    View,
    estimate_without_rate,
    is_event,
    recompute,
    with_amounts,
    with_months_served,
    with_paid,
    with_planned_months,
    with_trip,
)

FIGURES = (
    "waste_g",
    "waste_g_low",
    "waste_g_high",
    "value_chain_waste_g",
    "value_chain_waste_g_low",
    "value_chain_waste_g_high",
    "co2e_g",
    "co2e_g_low",
    "co2e_g_high",
    "saved_ore",
    "saved_ore_low",
    "saved_ore_high",
    "mass_g",
    "new_price_ore",
    "reference_co2e_g",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of the savings ledger; the names are the columns of its table.

    A reversing entry holds the negative of every figure, low and high included, so that each
    column adds up to what stands.
    """

    event_id: UUID
    item_id: UUID
    view: View
    source: FulfilmentSource
    handed_over_on: date
    waste_g: int
    waste_g_low: int
    waste_g_high: int
    value_chain_waste_g: int
    value_chain_waste_g_low: int
    value_chain_waste_g_high: int
    co2e_g: int | None
    co2e_g_low: int | None
    co2e_g_high: int | None
    saved_ore: int | None
    saved_ore_low: int | None
    saved_ore_high: int | None
    mass_g: int
    new_price_ore: int
    reference_co2e_g: int | None
    currency: str
    mass_tier: Tier
    co2e_tier: Tier | None
    price_tier: Tier
    factor_set_id: str
    formula_version: int
    inputs: Inputs
    reverses_id: UUID | None = None


class Identified(Protocol):
    """A row with an id; the ledger's rows also have every column of an entry."""

    @property
    def id(self) -> UUID: ...


@dataclass(frozen=True, slots=True)
class Booked:
    """An entry that stands in the ledger under this id."""

    id: UUID
    entry: Entry


def booked(row: Identified) -> Booked:
    """A row of the ledger as a booked entry."""
    values = {each.name: getattr(row, each.name) for each in fields(Entry)}
    return Booked(row.id, Entry(**values))


def entries_for(*, event_id: UUID, item_id: UUID, facts: Facts, factors: Factors) -> list[Entry]:
    """The gross and the net entry of one item in one event; none where nothing counts."""
    if not is_event(facts):
        return []
    found = estimate_without_rate(facts, factors)
    return [
        _entry(found, view, event_id, item_id, facts.handed_over_on, facts.source)
        for view in (View.GROSS, View.NET)
    ]


def figures_of(found: Estimate, view: View) -> tuple[int | None, ...]:
    """An entry's ``FIGURES``, in their order; empty CO2e or money is not calculated."""
    figures = found.figures(view)
    waste, chain, saved = figures.waste_g, figures.value_chain_waste_g, figures.saved_ore
    co2e = figures.co2e_g
    return (
        waste.value,
        waste.low,
        waste.high,
        chain.value,
        chain.low,
        chain.high,
        None if co2e is None else co2e.value,
        None if co2e is None else co2e.low,
        None if co2e is None else co2e.high,
        None if saved is None else saved.value,
        None if saved is None else saved.low,
        None if saved is None else saved.high,
        found.mass_g,
        found.new_price_ore,
        found.reference_co2e_g,
    )


def _entry(
    found: Estimate,
    view: View,
    event_id: UUID,
    item_id: UUID,
    handed_over_on: date,
    source: FulfilmentSource,
) -> Entry:
    figures: dict[str, Any] = dict(zip(FIGURES, figures_of(found, view), strict=True))
    return Entry(
        event_id=event_id,
        item_id=item_id,
        view=view,
        source=FulfilmentSource(source),
        handed_over_on=handed_over_on,
        **figures,
        currency=found.currency,
        mass_tier=found.mass_tier,
        co2e_tier=found.co2e_tier,
        price_tier=found.price_tier,
        factor_set_id=found.factor_set_id,
        formula_version=found.formula_version,
        inputs=found.inputs,
    )


def reversal(of: Booked) -> Entry:
    """The entry that takes a booked one out of every sum; a reversal itself is never reversed."""
    if of.entry.reverses_id is not None:
        raise ValueError(f"entry {of.id} is itself a reversal")
    negated: dict[str, Any] = {
        name: None if (figure := getattr(of.entry, name)) is None else -figure for name in FIGURES
    }
    return replace(of.entry, reverses_id=of.id, **negated)


def correction(of: Sequence[Booked], *, facts: Facts, factors: Factors) -> list[Entry]:
    """Reversals of one item's standing entries of one event, and the entries that replace them."""
    first = of[0].entry
    if any(
        (each.entry.event_id, each.entry.item_id) != (first.event_id, first.item_id) for each in of
    ):
        raise ValueError("a correction concerns one item in one event")
    return [
        *(reversal(each) for each in of),
        *entries_for(event_id=first.event_id, item_id=first.item_id, facts=facts, factors=factors),
    ]


def next_use(of: Booked, *, handed_over_on: date) -> list[Entry]:
    """When the item is handed over again: its net entry, counted by the months really served.

    Rests on what was stored with the entry, never on today's factors. The new handover's own
    entries come from `entries_for`.
    """
    months = months_between(of.entry.handed_over_on, handed_over_on)
    return _replaced(of, with_months_served(of.entry.inputs, months))


def next_use_undone(of: Booked) -> list[Entry]:
    """When that later handover is undone: the net entry counts its planned months again."""
    return _replaced(of, with_planned_months(of.entry.inputs))


def _replaced(of: Booked, found: Estimate) -> list[Entry]:
    entry = of.entry
    if entry.view != View.NET:
        raise ValueError("only a net entry counts the months served")
    again = _entry(
        found, View.NET, entry.event_id, entry.item_id, entry.handed_over_on, entry.source
    )
    return [reversal(of), again]


def trip_shared_again(of: Booked, found: Estimate) -> list[Entry]:
    """When the load of its trip turned out another: the entry with the share that it really had.

    Only the trip's emission and cost are taken from what is ``found`` now; all else rests on what
    was stored with the entry. Nothing where the share is the same.
    """
    return _with_other(of, with_trip(of.entry.inputs, found.inputs))


def paid_otherwise(of: Booked, found: Estimate) -> list[Entry]:
    """When the supplier's invoice was another: the entry with that price, all else as it was stored."""
    return _with_other(of, with_paid(of.entry.inputs, found.inputs))


def priced(of: Booked, found: Estimate) -> list[Entry]:
    """When a rate came that was missing: the entry with its amounts, all else as it was stored.

    Nothing where the rate is still missing, and nothing of an entry that has its amounts.
    """
    if of.entry.price_tier != Tier.NO_RATE or found.price_tier == Tier.NO_RATE:
        return []
    return _with_other(of, with_amounts(of.entry.inputs, found.inputs))


def _with_other(of: Booked, found: Estimate) -> list[Entry]:
    entry = of.entry
    if found.inputs == entry.inputs:
        return []
    again = _entry(
        found, entry.view, entry.event_id, entry.item_id, entry.handed_over_on, entry.source
    )
    return [reversal(of), again]


def months_between(start: date, end: date) -> int:
    """Whole months from one handover to the next; 0 if the dates stand the other way round."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return max(0, months - (end.day < start.day))


def standing(entries: Iterable[Booked]) -> list[Booked]:
    """The entries that are neither reversals nor reversed: one per item, view and event."""
    listed = list(entries)
    reversed_ids = {each.entry.reverses_id for each in listed}
    return [
        each for each in listed if each.entry.reverses_id is None and each.id not in reversed_ids
    ]


def differences(entry: Entry, found: Estimate | None = None) -> list[str]:
    """Names of the columns that the stored inputs do not give; empty when the entry is right.

    ``found`` is what the inputs give, where it was computed before: like pieces of one trip have
    the same inputs. Raises `SnapshotError` where the inputs themselves do not multiply out.
    """
    again = _entry(
        found or recompute(entry.inputs),
        entry.view,
        entry.event_id,
        entry.item_id,
        entry.handed_over_on,
        entry.source,
    )
    if entry.reverses_id is not None:
        again = reversal(Booked(entry.reverses_id, again))
    return [
        each.name
        for each in fields(Entry)
        if getattr(again, each.name) != getattr(entry, each.name)
    ]
