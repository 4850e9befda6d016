"""Entries, reversals, corrections and next uses: what stands in the ledger adds up."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from itertools import count
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.impact.rules import (
    FulfilmentSource,
    Money,
    SnapshotError,
    Transport,
    UserCase,
    View,
    estimate,
)
from app.ledger.rules import (
    FIGURES,
    Booked,
    Entry,
    booked,
    correction,
    differences,
    entries_for,
    months_between,
    next_use,
    next_use_undone,
    reversal,
    standing,
)
from tests.impact.pieces import NOT_MOVED, RECORDED_NEED, a_chair, factors, ore

CHAIR = UUID(int=1)
IN_2026, IN_2028, IN_2030 = date(2026, 5, 4), date(2028, 5, 4), date(2030, 5, 4)


class Ledger:
    """A list that gives every entry an id, as the table does."""

    def __init__(self) -> None:
        self.entries: list[Booked] = []
        self.ids = count(1)

    def book(self, entries: Iterable[Entry]) -> None:
        self.entries += [Booked(UUID(int=next(self.ids)), entry) for entry in entries]

    def standing_net(self) -> list[Booked]:
        return [each for each in standing(self.entries) if each.entry.view == View.NET]

    def column(self, view: View, name: str) -> list[int]:
        return [getattr(each.entry, name) for each in self.entries if each.entry.view == view]


def hand_over(ledger: Ledger, event: int, on: date, **changes: Any) -> None:
    facts = a_chair(handed_over_on=on, **(RECORDED_NEED | changes))
    ledger.book(
        entries_for(event_id=UUID(int=event), item_id=CHAIR, facts=facts, factors=factors())
    )


def hand_over_again(ledger: Ledger, event: int, on: date, **changes: Any) -> None:
    previous = max(ledger.standing_net(), key=lambda each: each.entry.handed_over_on)
    ledger.book(next_use(previous, handed_over_on=on))
    hand_over(ledger, event, on, **changes)


def three_uses() -> Ledger:
    ledger = Ledger()
    hand_over(ledger, 1, IN_2026)
    hand_over_again(ledger, 2, IN_2028)
    hand_over_again(ledger, 3, IN_2030)
    return ledger


def test_one_item_in_one_event_has_one_gross_and_one_net_entry() -> None:
    ledger = Ledger()
    hand_over(ledger, 1, IN_2026)
    assert [each.entry.view for each in ledger.entries] == [View.GROSS, View.NET]
    assert {each.entry.item_id for each in ledger.entries} == {CHAIR}


def test_a_piece_that_only_moves_along_with_its_user_writes_no_entry() -> None:
    facts = a_chair(user_case=UserCase.MOVES_ALONG)
    assert entries_for(event_id=CHAIR, item_id=CHAIR, facts=facts, factors=factors()) == []


def test_example_d_the_ledger_of_a_chair_reused_three_times() -> None:
    ledger = three_uses()
    assert ledger.column(View.NET, "co2e_g") == [
        39_118,
        *(-39_118, 9_779, 39_118),
        *(-39_118, 9_779, 39_118),
    ]
    assert sum(ledger.column(View.NET, "co2e_g")) == 58_676
    assert sum(ledger.column(View.NET, "waste_g")) == 12_000


def test_example_d_gross_counts_every_event() -> None:
    ledger = three_uses()
    assert ledger.column(View.GROSS, "co2e_g") == [73_346] * 3
    assert sum(ledger.column(View.GROSS, "co2e_g")) == 220_038


def test_one_entry_stands_per_item_view_and_event() -> None:
    left = [(each.entry.view, each.entry.event_id.int) for each in standing(three_uses().entries)]
    assert sorted(left) == sorted((view, event) for view in View for event in (1, 2, 3))


def test_when_the_later_handover_is_undone_the_planned_months_count_again() -> None:
    ledger = Ledger()
    hand_over(ledger, 1, IN_2026)
    hand_over_again(ledger, 2, IN_2028)
    undone = [each for each in standing(ledger.entries) if each.entry.event_id == UUID(int=2)]
    ledger.book(reversal(each) for each in undone)
    (served,) = ledger.standing_net()
    ledger.book(next_use_undone(served))
    (left,) = ledger.standing_net()
    assert left.entry.co2e_g == 39_118
    assert sum(ledger.column(View.NET, "co2e_g")) == 39_118
    assert sum(ledger.column(View.GROSS, "co2e_g")) == 73_346


def test_what_was_warranted_as_new_counts_the_months_it_really_served() -> None:
    ledger = Ledger()
    surplus = {
        "source": FulfilmentSource.REDESIGNED_FROM_SURPLUS,
        "warranted_as_new": True,
        "built_in_g": 9_000,
    }
    hand_over(ledger, 1, IN_2026, **surplus)
    assert ledger.column(View.NET, "waste_g") == [9_000]
    hand_over_again(ledger, 2, IN_2028)
    assert ledger.column(View.NET, "waste_g") == [9_000, -9_000, 1_200, 8_000]


def test_a_reversal_takes_every_figure_out_and_names_what_it_reverses() -> None:
    ledger = Ledger()
    hand_over(ledger, 1, IN_2026)
    ledger.book([reversal(each) for each in ledger.entries])
    for name in FIGURES:
        assert sum(ledger.column(View.GROSS, name)) == sum(ledger.column(View.NET, name)) == 0
    assert [each.entry.reverses_id for each in ledger.entries] == [
        *(None, None),
        *(ledger.entries[0].id, ledger.entries[1].id),
    ]
    assert standing(ledger.entries) == []


def test_a_reversal_is_never_reversed() -> None:
    ledger = Ledger()
    hand_over(ledger, 1, IN_2026)
    ledger.book([reversal(ledger.entries[0])])
    with pytest.raises(ValueError, match="is itself a reversal"):
        reversal(ledger.entries[-1])


def test_what_is_not_calculated_stays_empty_in_its_reversal() -> None:
    ledger = Ledger()
    hand_over(ledger, 1, IN_2026, category_code="EQUIP_AID", item_mass_g=20_000)
    entry = reversal(ledger.entries[0])
    assert entry.co2e_g is entry.co2e_g_low is entry.co2e_g_high is None
    assert entry.reference_co2e_g is None
    assert entry.waste_g == -20_000


def test_a_correction_is_reversals_and_new_entries_of_the_same_event() -> None:
    ledger = Ledger()
    hand_over(ledger, 1, IN_2026)
    weighed = a_chair(handed_over_on=IN_2026, item_mass_g=17_500, **RECORDED_NEED)
    ledger.book(correction(standing(ledger.entries), facts=weighed, factors=factors()))
    assert ledger.column(View.GROSS, "waste_g") == [15_000, -15_000, 17_500]
    assert next(each.entry.co2e_g for each in standing(ledger.entries)) == 85_570
    assert {each.entry.event_id for each in ledger.entries} == {UUID(int=1)}


def test_a_correction_of_two_events_at_once_is_refused() -> None:
    ledger = Ledger()
    hand_over(ledger, 1, IN_2026)
    hand_over(ledger, 2, IN_2028)
    with pytest.raises(ValueError, match="one item in one event"):
        correction(ledger.entries, facts=a_chair(), factors=factors())


def test_a_gross_entry_does_not_count_months() -> None:
    ledger = Ledger()
    hand_over(ledger, 1, IN_2026)
    with pytest.raises(ValueError, match="only a net entry"):
        next_use(ledger.entries[0], handed_over_on=IN_2028)


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2026, 5, 4), date(2028, 5, 4), 24),
        (date(2026, 5, 4), date(2028, 5, 3), 23),
        (date(2026, 1, 31), date(2026, 2, 28), 0),
        (date(2026, 5, 4), date(2026, 5, 4), 0),
        (date(2026, 5, 4), date(2026, 4, 4), 0),
    ],
)
def test_only_whole_months_are_served(start: date, end: date, months: int) -> None:
    assert months_between(start, end) == months


def _stored(entry: Entry) -> Entry:
    """The entry after a way through JSON, as the database gives it back."""
    return replace(entry, inputs=json.loads(json.dumps(entry.inputs)))


def test_every_entry_is_computed_again_from_what_is_stored_with_it() -> None:
    assert [differences(_stored(each.entry)) for each in three_uses().entries] == [[]] * 10


@pytest.mark.parametrize("name", FIGURES)
def test_one_changed_figure_is_named(name: str) -> None:
    entry = _stored(three_uses().entries[0].entry)
    changed = replace(entry, **{name: getattr(entry, name) + 1})
    assert differences(changed) == [name]


def test_one_changed_figure_of_a_reversal_is_named() -> None:
    entry = _stored(three_uses().entries[2].entry)
    assert entry.reverses_id is not None
    assert differences(replace(entry, waste_g=entry.waste_g + 1)) == ["waste_g"]


def test_inputs_that_do_not_multiply_out_are_named() -> None:
    entry = _stored(three_uses().entries[0].entry)
    entry.inputs["values"]["delivery"]["value"] = "2137.96"  # type: ignore[index, call-overload]
    with pytest.raises(SnapshotError, match="delivery: the terms do not multiply out"):
        differences(entry)


def test_a_row_of_the_ledger_is_read_as_an_entry() -> None:
    entry = three_uses().entries[0].entry
    columns = {name: getattr(entry, name) for name in Entry.__dataclass_fields__}
    row = SimpleNamespace(id=CHAIR, place_id=None, **columns)
    assert booked(row) == Booked(CHAIR, entry)


def test_an_internal_sale_sets_nothing_but_money_at_the_giver() -> None:
    facts = a_chair(source=FulfilmentSource.SOLD, price_ore=50_000)
    found = estimate(facts, factors())
    assert found.gross.co2e_g is not None
    assert found.gross.co2e_g.value == 0
    assert found.gross.waste_g.value == 15_000
    assert ore(found.gross.saved_ore) == 50_000 + 3_750


costs = st.none() | st.integers(0, 2_000_000)


@given(
    source=st.sampled_from(list(FulfilmentSource)),
    mass=st.none() | st.integers(1, 500_000),
    price=st.none() | st.integers(0, 10_000_000),
    paid=costs,
    cleaning=costs,
    distance=st.none() | st.integers(0, 500_000),
    months=st.none() | st.integers(0, 400),
    removed=st.integers(0, 20_000),
)
def test_entry_and_reversal_sum_to_zero_and_can_be_computed_again(
    source: FulfilmentSource,
    mass: int | None,
    price: int | None,
    paid: int | None,
    cleaning: int | None,
    distance: int | None,
    months: int | None,
    removed: int,
) -> None:
    ledger = Ledger()
    hand_over(
        ledger,
        1,
        IN_2026,
        source=source,
        item_mass_g=mass,
        item_price=None if price is None else Money(price),
        price_ore=paid,
        cleaning_ore=cleaning,
        transport=None if distance is None else Transport(distance),
        extra_life_months=months,
        removed_g=removed,
    )
    ledger.book([reversal(each) for each in ledger.entries])
    assert [differences(_stored(each.entry)) for each in ledger.entries] == [[]] * 4
    assert all(sum(getattr(each.entry, name) for each in ledger.entries) == 0 for name in FIGURES)


@given(gaps=st.lists(st.integers(0, 300), max_size=6), planned=st.integers(0, 200))
def test_the_net_credits_of_an_item_never_exceed_its_actual_months_of_life(
    gaps: list[int], planned: int
) -> None:
    ledger = Ledger()
    month = 2026 * 12
    hand_over(ledger, 1, date(2026, 1, 1), extra_life_months=planned, transport=NOT_MOVED)
    for event, gap in enumerate(gaps, start=2):
        month += gap
        on = date(month // 12, month % 12 + 1, 1)
        hand_over_again_at(ledger, event, on, planned)
    credited = sum(ledger.column(View.NET, "waste_g"))
    most = 15_000 * (sum(gaps) + planned) / 180
    # Each standing entry is rounded once, by half a gram at the most.
    assert credited <= most + (len(gaps) + 1) / 2


def hand_over_again_at(ledger: Ledger, event: int, on: date, planned: int) -> None:
    last = max(ledger.standing_net(), key=lambda each: each.entry.event_id)
    ledger.book(next_use(last, handed_over_on=on))
    hand_over(ledger, event, on, extra_life_months=planned, transport=NOT_MOVED)
