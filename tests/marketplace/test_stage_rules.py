"""The way through the stages, without a database."""

from datetime import date

import pytest

from app.marketplace.rules import Stage
from app.marketplace.rules_stages import Plan, is_near

MONDAY = date(2026, 3, 2)
ALL = Plan(unit_days=5, organisation_days=10, network_days=3, last_stage=Stage.PUBLIC)


def test_each_stage_lasts_its_working_days() -> None:
    assert ALL.first is Stage.UNIT
    assert list(ALL.coming(Stage.UNIT, MONDAY)) == [
        (Stage.ORGANISATION, date(2026, 3, 9)),
        (Stage.NETWORK, date(2026, 3, 23)),
        (Stage.PUBLIC, date(2026, 3, 26)),
    ]


def test_easter_is_not_counted() -> None:
    """Two working days from the Wednesday before Easter end on the Wednesday after it."""
    plan = Plan(unit_days=2, organisation_days=0, network_days=0, last_stage=Stage.ORGANISATION)
    assert plan.next_on(Stage.UNIT, date(2026, 4, 1)) == date(2026, 4, 8)


@pytest.mark.parametrize(
    ("days", "last", "walked"),
    [
        ((0, 10, 3), Stage.PUBLIC, [Stage.ORGANISATION, Stage.NETWORK, Stage.PUBLIC]),
        ((5, 0, 3), Stage.PUBLIC, [Stage.UNIT, Stage.NETWORK, Stage.PUBLIC]),
        ((0, 0, 0), Stage.PUBLIC, [Stage.PUBLIC]),
        ((0, 0, 0), Stage.UNIT, [Stage.UNIT]),
        ((5, 0, 3), Stage.ORGANISATION, [Stage.UNIT, Stage.ORGANISATION]),
        ((5, 10, 3), Stage.UNIT, [Stage.UNIT]),
    ],
)
def test_a_stage_without_days_is_skipped_unless_it_is_the_last(
    days: tuple[int, int, int], last: Stage, walked: list[Stage]
) -> None:
    plan = Plan(*days, last_stage=last)
    coming = [stage for stage, _ in plan.coming(plan.first, MONDAY)]
    assert [plan.first, *coming] == walked


def test_nothing_comes_after_the_last_stage_or_behind_it() -> None:
    plan = Plan(unit_days=5, organisation_days=10, network_days=3, last_stage=Stage.ORGANISATION)
    assert plan.after(Stage.ORGANISATION) is plan.after(Stage.PUBLIC) is None
    assert plan.next_on(Stage.NETWORK, MONDAY) is None


@pytest.mark.parametrize(
    ("deadline", "days", "near"),
    [
        (date(2026, 3, 9), 5, True),
        (date(2026, 3, 10), 5, False),
        (MONDAY, 5, True),
        (date(2026, 3, 1), 5, False),
        (date(2026, 3, 3), 0, False),
        (None, 5, False),
    ],
)
def test_a_deadline_is_near_by_working_days(deadline: date | None, days: int, near: bool) -> None:  # noqa: FBT001
    assert is_near(deadline, MONDAY, days) is near
