"""What is asked about the time for which approved pieces are held."""

from datetime import date
from uuid import UUID

from pydantic import Field

from app.marketplace.commands import Command
from app.marketplace.rules_hold import MOST_DAYS


class ExtendHold(Command):
    """What is approved on the line is held to the end of ``until``."""

    request_line_id: UUID
    until: date


class HoldFields(Command):
    working_days: int = Field(ge=1, le=MOST_DAYS)


class SetHoldRule(HoldFields):
    """``version`` is that of the rule that is changed, 0 when there is none yet."""

    version: int = Field(ge=0)
