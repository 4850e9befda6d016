"""A year whose only entries take back what an earlier one counted."""

from typing import Any

import pytest

from app.reports.figures import Ranged, Savings
from app.reports.words import co2e_of
from app.yearly import documents

ZERO = Ranged(0, 0, 0)


def saved(entries: int, not_calculated: int, co2e: int) -> Savings:
    figure = Ranged(co2e, co2e, co2e)
    return Savings(ZERO, ZERO, figure, ZERO, entries, not_calculated)


@pytest.mark.parametrize(
    ("found", "is_calculated"),
    [
        (saved(-3, 0, -184_533), True),
        (saved(0, 1, -61_511), True),
        (saved(4, 1, 184_533), True),
        (saved(2, 2, 0), False),
        (saved(-1, -1, 0), False),
    ],
)
def test_what_is_taken_back_of_an_earlier_year_is_shown(
    found: Savings, *, is_calculated: bool
) -> None:
    assert found.is_calculated is is_calculated
    exact = documents.kilos_of(found.co2e_g.value) if is_calculated else None
    assert documents._saving_cells(found)[5] == exact
    measures: Any = documents._measures(found, "NOK")
    assert measures[-1][1] == exact
    assert (co2e_of(found) == "ikke beregnet") is not is_calculated
