"""Saying when a van goes: how much it holds, how full it has to be, and how long one may wait."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.handovers.events import LoadRuleSet
from app.handovers.models_load import LoadRule
from app.handovers.rules_pool import MOST_DAYS, MOST_DM3
from app.kit.chance import new_id
from app.kit.errors import Stale
from app.kit.events import publish


class LoadFields(BaseModel):
    """The van's room in dm³ (litres), the share of it that is full, and days from the order."""

    model_config = ConfigDict(extra="forbid")

    capacity_dm3: Annotated[int, Field(ge=100, le=MOST_DM3)]
    least_percent: Annotated[int, Field(ge=0, le=100)]
    longest_days: Annotated[int, Field(ge=0, le=MOST_DAYS)]


class SetLoadRule(LoadFields):
    """``version`` is that of the rule that is changed, 0 when there is none yet."""

    version: Annotated[int, Field(ge=0)]


def set_load_rule(session: Session, actor: Actor, command: SetLoadRule) -> LoadRule:
    """Raises ``Stale`` where somebody else set it since. No run that is planned changes by it."""
    actor.must_everywhere(Permission.ORGANISATION_EDIT)
    rule = session.scalar(
        select(LoadRule).where(LoadRule.org_id == actor.org_id).with_for_update(of=LoadRule)
    )
    if (rule.version if rule else 0) != command.version:
        raise Stale
    values = command.model_dump(include=set(LoadFields.model_fields))
    if rule is None:
        rule = LoadRule(id=new_id(), org_id=actor.org_id, **values)
        try:
            with session.begin_nested():
                session.add(rule)
                session.flush()  # meets the unique key: one rule an organisation
        except IntegrityError as error:  # two who made it at once
            raise Stale from error
    for name, value in values.items():
        setattr(rule, name, value)
    publish(session, [LoadRuleSet.of(rule, actor.person_id, **values)])
    return rule
