"""Which projects are a year's, and how a year's savings are parted."""

from collections import Counter
from datetime import UTC, date, datetime

import pytest

from app.impact.rules import FulfilmentSource
from app.yearly.rules import WAYS, is_of_year, moments_of


def test_every_source_is_in_exactly_one_part() -> None:
    counted = Counter(source for sources in WAYS.values() for source in sources)
    assert counted == Counter(FulfilmentSource)


@pytest.mark.parametrize(
    ("began", "ended", "is_of"),
    [
        (date(2026, 12, 31), None, True),
        (date(2027, 1, 1), None, False),
        (date(2019, 5, 1), None, True),
        (date(2019, 5, 1), date(2026, 1, 1), True),
        (date(2019, 5, 1), date(2025, 12, 31), False),
    ],
)
def test_a_project_is_a_years_when_it_ran_on_one_of_its_days(
    *, began: date, ended: date | None, is_of: bool
) -> None:
    assert is_of_year(began, ended, 2026) is is_of


def test_a_year_begins_by_the_clock_in_norway() -> None:
    assert moments_of(2026) == (
        datetime(2025, 12, 31, 23, tzinfo=UTC),
        datetime(2026, 12, 31, 23, tzinfo=UTC),
    )
