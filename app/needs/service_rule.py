"""The organisation's rule for purchases, and what it asks of one."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.kit.chance import new_id
from app.kit.errors import Conflict, Stale
from app.kit.events import publish
from app.kit.i18n import N_, gettext, money_ore
from app.needs.commands import SetPurchaseRule
from app.needs.events import PurchaseRuleSet
from app.needs.models import NeedLine
from app.needs.models_rule import PurchaseRule
from app.needs.names import STEPS
from app.needs.queries import Decision, decisions_by_line
from app.needs.queries_prices import price_as_new
from app.needs.rules import FOUND, Step, examined, required_steps, taken

CHOSEN = ("repair_or_redesign", "buy_used")
"""The steps that an organisation chooses from, as fields of the rule."""


class StepsLacking(Conflict):
    title = N_("Kjøpet må vise flere trinn før det kan avgjøres.")


def rule_of(session: Session, org_id: object) -> PurchaseRule | None:
    return session.scalar(select(PurchaseRule).where(PurchaseRule.org_id == org_id))


def set_purchase_rule(session: Session, actor: Actor, command: SetPurchaseRule) -> PurchaseRule:
    """For purchases that are decided from now on. Raises ``Stale``."""
    actor.must(Permission.ORGANISATION_EDIT)
    rule = session.scalar(
        select(PurchaseRule)
        .where(PurchaseRule.org_id == actor.org_id)
        .with_for_update(of=PurchaseRule)
    )
    if (rule.version if rule else 0) != command.version:
        raise Stale
    values = command.model_dump(exclude={"version"})
    if rule is None:
        rule = PurchaseRule(id=new_id(), org_id=actor.org_id, **values)
        try:
            with session.begin_nested():
                session.add(rule)
                session.flush()  # meets the unique key: one rule an organisation
        except IntegrityError as error:  # two who made it at once
            raise Stale from error
    for name, value in values.items():
        setattr(rule, name, value)
    publish(session, [PurchaseRuleSet.of(rule, actor.person_id, **values)])
    return rule


def lacking(
    session: Session,
    rule: PurchaseRule,
    line: NeedLine,
    quantity: int,
    decisions: Sequence[Decision],
    walked: Sequence[Step],
    *,
    beside: int,
) -> list[Step]:
    """The steps that a purchase of so many must still show, lowest first.

    It is as dear as all that the need buys new of the category: bought a few at a time, or on
    several lines, it is still one purchase. ``beside`` pieces were bought on other lines. What
    nobody knows the price of counts as dear.
    """
    before = beside + bought_new(decisions)
    price = price_as_new(session, line.org_id, [(line.category_id, before + quantity)])
    required = required_steps(
        walked,
        is_above=price is None or price > rule.above_ore,
        repair_or_redesign=rule.repair_or_redesign,
        buy_used=rule.buy_used,
    )
    done = examined(decisions)
    return [each for each in required if each not in done]


def require_steps(
    session: Session,
    actor: Actor,
    rule: PurchaseRule,
    line: NeedLine,
    quantity: int,
    decisions: Sequence[Decision],
    walked: Sequence[Step],
) -> None:
    """Raises ``StepsLacking``, which names them."""
    others = session.scalars(
        select(NeedLine.id).where(
            NeedLine.org_id == line.org_id,
            NeedLine.need_id == line.need_id,
            NeedLine.category_id == line.category_id,
            NeedLine.id != line.id,
        )
    ).all()
    known = decisions_by_line(session, actor, others) if others else {}
    beside = sum(bought_new(each) for each in known.values())
    steps = lacking(session, rule, line, quantity, decisions, walked, beside=beside)
    if steps:
        raise StepsLacking(
            said_of(rule, actor, steps, beside=beside),
            lacking=", ".join(each.value for each in steps),
        )


def bought_new(decisions: Sequence[Decision]) -> int:
    return taken(each for each in decisions if each.step is Step.NEW)


def said_of(rule: PurchaseRule, actor: Actor, steps: Sequence[Step], *, beside: int) -> str:
    """In words: a purchase over so much must first show these steps, and what counts with it."""
    said = _said(rule, actor, steps)
    if not beside:
        return said
    text = N_("%(count)s kjøpt nytt på andre linjer av samme slag i behovet, regnes med.")
    return f"{said} {gettext(text, count=beside)}"


def _said(rule: PurchaseRule, actor: Actor, steps: Sequence[Step]) -> str:
    called = ", ".join(gettext(STEPS[each]) for each in steps)
    if all(each in FOUND for each in steps):
        return gettext(N_("Et kjøp må først vise: %(steps)s."), steps=called)
    limit = money_ore(rule.above_ore, actor.currency)
    text = N_("Et kjøp over %(limit)s må først vise: %(steps)s.")
    return gettext(text, limit=limit, steps=called)
