"""Sharing donors, and days that can be, without a database."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.handovers.rules import is_possible_day, share_donors

A, B = UUID(int=1), UUID(int=2)


def test_as_many_like_donors_as_pieces_give_one_each() -> None:
    donors = [(uuid4(), 18_000) for _ in range(40)]
    assert share_donors(donors, 40) == [{donor_id: 18_000} for donor_id, _ in donors]


def test_two_donors_for_four_pieces_give_half_each() -> None:
    assert share_donors([(A, 1000), (B, 1000)], 4) == [{A: 500}, {A: 500}, {B: 500}, {B: 500}]


def test_all_donors_go_into_one_piece() -> None:
    assert share_donors([(A, 700), (B, 1)], 1) == [{A: 700, B: 1}]


@given(
    st.lists(st.integers(1, 100_000), min_size=1, max_size=30),
    st.integers(1, 60),
)
def test_every_gram_is_used_once_and_like_pieces_get_alike(grams: list[int], pieces: int) -> None:
    donors = [(UUID(int=n), g) for n, g in enumerate(grams, 1)]
    shares = share_donors(donors, pieces)
    assert len(shares) == pieces
    for donor_id, whole in donors:
        assert sum(each.get(donor_id, 0) for each in shares) == whole
    built_in = [sum(each.values()) for each in shares]
    assert max(built_in) - min(built_in) <= 1
    assert all(g > 0 for each in shares for g in each.values())


@pytest.mark.parametrize(
    ("day", "possible"),
    [
        (date(2026, 3, 2), True),
        (date(2026, 3, 3), True),
        (date(2026, 3, 4), False),
        (date(2000, 1, 1), True),
        (date(1999, 12, 31), False),
    ],
)
def test_a_handover_is_dated_tomorrow_at_most(day: date, *, possible: bool) -> None:
    assert is_possible_day(day, date(2026, 3, 2)) is possible
