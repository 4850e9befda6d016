"""What is asked of needs: the commands of form and JSON alike."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.items.rules import Suitable
from app.marketplace.commands import Command, Text
from app.needs.rules import Reason, Step
from app.projects.service_programme import CategoryCode, Measured, Requirement

MOST_LINES = 100
MOST_PIECES = 10_000

Pieces = Annotated[int, Field(ge=1, le=MOST_PIECES)]


class NewNeedLine(Measured):
    """``quantity`` pieces of a category; sizes in mm."""

    category_id: CategoryCode
    quantity: Pieces
    requirement: Requirement | None = None
    programme_line_id: UUID | None = None
    suitability: Suitable | None = None


class SubmitNeed(Command):
    unit_id: UUID
    place_id: UUID | None = None
    project_id: UUID | None = None
    wanted_date: date | None = None
    budget_ore: int | None = Field(default=None, ge=0, le=100_000_000_000)
    text: Text | None = None
    lines: list[NewNeedLine] = Field(min_length=1, max_length=MOST_LINES)


class AddNeedLine(NewNeedLine):
    need_id: UUID


class OfNeed(Command):
    need_id: UUID


class Take(Command):
    """``listing_id`` names what is taken at the two steps that the program finds offers for.

    There ``item_id``, one of like pieces that a project will release, sets pieces aside instead. At
    the others ``reason_text`` says what was found, and where. ``seen`` is the mark of the matches
    that were looked at.
    """

    need_line_id: UUID
    step: Step
    quantity: Pieces
    listing_id: UUID | None = None
    item_id: UUID | None = None
    reason_text: Text | None = None
    seen: str | None = Field(default=None, max_length=64)


class Leave(Command):
    """Goes on to the next step. ``reason`` is why what is there was not taken."""

    need_line_id: UUID
    step: Step
    reason: Reason | None = None
    reason_text: Text | None = None
    seen: str | None = Field(default=None, max_length=64)


class PurchaseFields(Command):
    """What purchases worth more than ``above_ore`` as new must have examined."""

    above_ore: int = Field(ge=0, le=100_000_000_000)
    repair_or_redesign: bool = False
    buy_used: bool = False


class SetPurchaseRule(PurchaseFields):
    """``version`` is that of the rule that is changed, 0 when there is none yet."""

    version: int = Field(ge=0)
