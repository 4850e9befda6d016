"""Who comes first on the waiting list, and for how long an offer stands."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from app.kit.clock import end_of, last_day_of
from app.kit.workdays import after_working_days, is_working_day
from app.marketplace.rules import (
    PriorityClass,
    class_of,
    last_day_to_answer,
)


@pytest.mark.parametrize(
    ("receiver_org", "receiver_units", "expected"),
    [
        ("giver", ["own"], PriorityClass.OWN_UNIT),
        ("giver", ["above", "own"], PriorityClass.OWN_UNIT),
        ("giver", ["other"], PriorityClass.ORGANISATION),
        ("giver", [], PriorityClass.ORGANISATION),
        ("other", ["other"], PriorityClass.NETWORK),
        (None, [], PriorityClass.EXTERNAL),
    ],
)
def test_who_asks_has_a_class_at_the_giver(
    receiver_org: str | None, receiver_units: list[str], expected: PriorityClass
) -> None:
    ids = {name: uuid4() for name in ("giver", "own", "above", "other")}
    found = class_of(
        giver_org_id=ids["giver"],
        giver_unit_id=ids["own"],
        receiver_org_id=ids[receiver_org] if receiver_org else None,
        receiver_units={ids[each] for each in receiver_units},
    )
    assert found is expected


def test_the_classes_come_in_their_order_and_are_kept_as_numbers() -> None:
    assert [each.value for each in sorted(PriorityClass, key=lambda each: each.number)] == [
        "own_unit",
        "organisation",
        "network",
        "external",
    ]
    assert all(PriorityClass.numbered(each.number) is each for each in PriorityClass)


@pytest.mark.parametrize(
    ("made", "last"),
    [
        (date(2026, 3, 2), date(2026, 3, 5)),  # Monday to Thursday
        (date(2026, 3, 5), date(2026, 3, 10)),  # over a weekend
        (date(2026, 3, 7), date(2026, 3, 11)),  # made on a Saturday
        (date(2026, 4, 1), date(2026, 4, 9)),  # over Easter
        (date(2026, 5, 13), date(2026, 5, 19)),  # Ascension; 17 May is a Sunday
        (date(2026, 12, 23), date(2026, 12, 29)),  # over Christmas
    ],
)
def test_an_offer_stands_for_three_working_days(made: date, last: date) -> None:
    assert last_day_to_answer(made) == last


def test_working_days_know_the_movable_holidays() -> None:
    off = [date(2025, 4, 17), date(2025, 4, 18), date(2025, 4, 21), date(2025, 5, 29)]
    off += [date(2025, 6, 9), date(2038, 4, 26), date(2027, 3, 29), date(2026, 1, 1)]
    assert not any(is_working_day(each) for each in off)
    assert after_working_days(date(2025, 4, 16), 1) == date(2025, 4, 22)


def test_a_day_ends_at_midnight_in_norway_in_summer_and_in_winter() -> None:
    winter, summer = end_of(date(2026, 3, 5)), end_of(date(2026, 7, 1))
    assert winter == datetime(2026, 3, 5, 23, tzinfo=UTC)
    assert summer == datetime(2026, 7, 1, 22, tzinfo=UTC)
    assert end_of(date(2026, 3, 29)) == datetime(2026, 3, 29, 22, tzinfo=UTC)  # clocks change
    assert [last_day_of(each) for each in (winter, summer)] == [date(2026, 3, 5), date(2026, 7, 1)]
