"""The organisation's rule for costs: each change is a new version, from a day on."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.accounts.queries import units_visible_to
from app.accounts.rules import Permission
from app.catalogue.models import Category
from app.costs.commands import SetCostRule
from app.costs.events import CostRuleSet
from app.costs.models import CostPrice, CostRule, CostShare
from app.costs.rules import InternalPrice, Kind
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Invalid, Stale
from app.kit.events import publish
from app.kit.i18n import N_

LONGEST_AHEAD = timedelta(days=730)
"""A rule of the year 2062 is a slip of the finger, and would stand as planned for ever."""


def set_cost_rule(session: Session, actor: Actor, command: SetCostRule) -> CostRule:
    """The rule from a day on. What is booked stands as it was booked.

    Raises ``Invalid`` at the field, and ``Stale`` when somebody has set another in the meantime.
    """
    actor.must_everywhere(Permission.ORGANISATION_EDIT)
    _require_sense(session, actor, command)
    newest = session.scalar(
        select(func.max(CostRule.number)).where(CostRule.org_id == actor.org_id)
    )
    if (newest or 0) != command.version:
        raise Stale
    rule = CostRule(
        id=new_id(),
        org_id=actor.org_id,
        number=command.version + 1,
        valid_from=command.valid_from,
        common_unit_id=command.common_unit_id,
        price_kind=command.price_kind,
        price_percent=command.price_percent,
        person_id=actor.person_id,
        created_at=clock_of(session).now(),
    )
    try:
        with session.begin_nested():
            session.add(rule)
            session.flush()  # meets the unique number: of two at once one sees the other's first
    except IntegrityError as error:
        raise Stale from error
    session.add_all(
        CostShare(org_id=actor.org_id, cost_rule_id=rule.id, **each.model_dump())
        for each in command.shares
    )
    session.add_all(
        CostPrice(org_id=actor.org_id, cost_rule_id=rule.id, **each.model_dump())
        for each in command.prices
    )
    publish(
        session,
        [
            CostRuleSet.of(
                rule,
                actor.person_id,
                number=rule.number,
                valid_from=rule.valid_from,
                common_unit_id=rule.common_unit_id,
                shared=[each.kind for each in command.shares],
                parts=[
                    f"{each.giver_percent}/{each.receiver_percent}/{each.common_percent}"
                    for each in command.shares
                ],
                price_kind=rule.price_kind,
                price_percent=rule.price_percent,
            )
        ],
    )
    return rule


def _require_sense(session: Session, actor: Actor, command: SetCostRule) -> None:
    wrong: dict[str, str] = {}
    if command.valid_from < clock_of(session).today():
        # What was booked since would have been booked by another rule than the one that is read.
        wrong["valid_from"] = N_("Velg i dag eller en senere dag. Det som er bokført, endres ikke.")
    elif command.valid_from > clock_of(session).today() + LONGEST_AHEAD:
        wrong["valid_from"] = N_("Velg en dag i løpet av de neste to årene.")
    own = units_visible_to(actor).where(Unit.id == command.common_unit_id)
    if session.scalar(own) is None:
        wrong["common_unit_id"] = N_("Velg en enhet fra listen.")
    wanted = {each.category_id for each in command.prices}
    known = set(session.scalars(select(Category.id).where(Category.id.in_(wanted))))
    if wanted - known:
        wrong["prices"] = N_("Velg en kategori fra listen.")
    if (command.price_kind is InternalPrice.PERCENT) != (command.price_percent is not None):
        wrong["price_percent"] = N_("Oppgi en prosent når internprisen er en del av nyprisen.")
    if (command.price_kind is InternalPrice.FIXED) != bool(command.prices):
        wrong["prices"] = N_("Oppgi beløp når internprisen er et fast beløp, ellers ingen.")
    has_payer = any(each.kind is Kind.INTERNAL_PRICE for each in command.shares)
    if has_payer != (command.price_kind is not InternalPrice.NONE):
        wrong["price_kind"] = N_("En internpris må ha noen som betaler, og ellers ingen.")
    if wrong:
        raise Invalid(by_field=wrong)
