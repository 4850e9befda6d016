"""Where scans go, and how far a phone's clock is believed."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.fieldwork.rules import Lead, Scan, destinations, scanned_at

A, B, CHOSEN = UUID(int=1), UUID(int=2), UUID(int=3)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def scans(written: str) -> list[Scan]:
    """``"A x x B x"``: rooms A and B, pieces x, something unreadable ?."""
    places = {"A": A, "B": B}
    return [
        Scan(each, Lead.PLACE, place_id=places[each])
        if each in places
        else Scan(each, Lead.UNKNOWN if each == "?" else Lead.PIECE)
        for each in written.split()
    ]


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("A x x", [A, A, A]),
        ("x x A", [A, A, A]),
        ("A x B x x", [A, A, B, B, B]),
        ("x A x x B", [A, A, B, B, B]),
        ("x A x", [A, A, None]),
        ("? A x", [None, A, A]),
        ("? x A", [A, A, A]),
        ("x x", [None, None]),
        ("A", [A]),
    ],
)
def test_pieces_go_to_the_place_before_them_or_after_them_as_it_was_begun(
    written: str, wanted: list[UUID | None]
) -> None:
    assert destinations(scans(written)) == wanted


def test_a_place_that_was_chosen_first_holds_until_another_is_scanned() -> None:
    assert destinations(scans("x A x"), CHOSEN) == [CHOSEN, A, A]


@pytest.mark.parametrize(
    ("said", "believed"),
    [
        (None, NOW),
        (NOW - timedelta(hours=20), NOW - timedelta(hours=20)),
        (NOW + timedelta(days=1), NOW),
        (NOW - timedelta(days=31), NOW),
    ],
)
def test_a_clock_that_is_ahead_or_far_behind_counts_as_now(
    said: datetime | None, believed: datetime
) -> None:
    assert scanned_at(said, NOW) == believed
