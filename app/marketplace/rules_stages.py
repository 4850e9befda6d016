"""How a listing is shown to more and more people: stage by stage, so many working days in each."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from app.kit.workdays import after_working_days
from app.marketplace.rules import Stage

ORDER = tuple(Stage)
WALKED = ORDER
"""The stages a listing can be at; each is seen by all who see the ones before it, and more.

The last is for organisations that have switched their public page on.
"""

SHARED = (Stage.NETWORK, Stage.PUBLIC)
"""Seen by the organisations that share a network with the giver."""

DEFAULT_DAYS = {Stage.UNIT: 0, Stage.ORGANISATION: 10, Stage.NETWORK: 10}
DEFAULT_LAST = Stage.ORGANISATION
REMIND_DAYS = 5
"""An organisation that has set nothing shows all to everybody in it, and reminds so long before."""

MOST_DAYS = 250
"""Working days of a year."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Working days in each stage, and the last stage, in which a listing stays.

    A stage with 0 days is skipped, unless it is the last.
    """

    unit_days: int
    organisation_days: int
    network_days: int
    last_stage: Stage

    def days(self, stage: Stage) -> int:
        return {
            Stage.UNIT: self.unit_days,
            Stage.ORGANISATION: self.organisation_days,
            Stage.NETWORK: self.network_days,
            Stage.PUBLIC: 0,
        }[stage]

    @property
    def first(self) -> Stage:
        return next(each for each in ORDER if self.days(each) or each is self.last_stage)

    def after(self, stage: Stage) -> Stage | None:
        """The stage that comes next; nothing after the last one, or where it is passed already."""
        further = ORDER[ORDER.index(stage) + 1 : ORDER.index(self.last_stage) + 1]
        return next((each for each in further if self.days(each) or each is self.last_stage), None)

    def next_on(self, stage: Stage, since: date) -> date | None:
        """The first day of the stage after this one, in which it is since that day."""
        if self.after(stage) is None:
            return None
        return after_working_days(since, self.days(stage))

    def coming(self, stage: Stage, since: date) -> Iterator[tuple[Stage, date]]:
        """All the stages that are to come, each with its first day."""
        further = self.after(stage)
        while further is not None:
            since = after_working_days(since, self.days(stage))
            yield further, since
            stage, further = further, self.after(further)


DEFAULT = Plan(
    unit_days=DEFAULT_DAYS[Stage.UNIT],
    organisation_days=DEFAULT_DAYS[Stage.ORGANISATION],
    network_days=DEFAULT_DAYS[Stage.NETWORK],
    last_stage=DEFAULT_LAST,
)


def is_near(deadline: date | None, today: date, remind_days: int) -> bool:
    """Whether the deadline comes within so many working days; never with none of them."""
    if deadline is None or not remind_days:
        return False
    return today <= deadline <= after_working_days(today, remind_days)
