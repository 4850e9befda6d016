"""The organisation's rules for requests: from where on its own leaders have to say yes."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.accounts.queries import units_visible_to
from app.accounts.rules import Permission
from app.catalogue.models import Category
from app.kit.chance import new_id
from app.kit.errors import Invalid, NotFound, Stale
from app.kit.events import publish
from app.kit.i18n import N_
from app.marketplace.commands_approval import RemoveApprovalRule, SetApprovalRule
from app.marketplace.events_approval import ApprovalRuleRemoved, ApprovalRuleSet
from app.marketplace.models_approval import ApprovalCategory, ApprovalLevel, ApprovalRule


def set_approval_rule(session: Session, actor: Actor, command: SetApprovalRule) -> ApprovalRule:
    """The rule of the organisation or of a unit, made or changed. Requests sent before keep theirs.

    Raises ``Stale`` when somebody has changed it in the meantime, also by making it.
    """
    actor.must(Permission.ORGANISATION_EDIT)
    if command.unit_id is not None:
        _own_unit(session, actor, command.unit_id)
    wanted = dict.fromkeys(command.category_ids)
    known = set(session.scalars(select(Category.id).where(Category.id.in_(wanted))))
    if wanted.keys() - known:
        raise Invalid(by_field={"category_ids": N_("Velg en kategori fra listen.")})
    rule = _locked(session, actor, command.unit_id)
    if (rule.version if rule else 0) != command.version:
        raise Stale
    if rule is None:
        rule = ApprovalRule(id=new_id(), org_id=actor.org_id, unit_id=command.unit_id)
        try:
            with session.begin_nested():
                session.add(rule)
                session.flush()  # meets the unique key: one rule a unit
        except IntegrityError as error:  # two who made it at once
            raise Stale from error
    else:
        _empty(session, rule)
        flag_modified(rule, "giver_may_approve_own")  # other levels are a new version too
    rule.giver_may_approve_own = command.giver_may_approve_own
    levels = sorted(command.levels, key=lambda each: each.level)
    session.add_all(
        ApprovalLevel(
            org_id=actor.org_id,
            rule_id=rule.id,
            level=each.level,
            above_ore=each.above_ore,
            above_pieces=each.above_pieces,
        )
        for each in levels
    )
    session.add_all(
        ApprovalCategory(org_id=actor.org_id, rule_id=rule.id, category_id=each) for each in wanted
    )
    publish(
        session,
        [
            ApprovalRuleSet.of(
                rule,
                actor.person_id,
                unit_id=rule.unit_id,
                limits_ore=[each.above_ore for each in levels],
                limits_pieces=[each.above_pieces for each in levels],
                category_ids=list(wanted),
                giver_may_approve_own=rule.giver_may_approve_own,
            )
        ],
    )
    return rule


def remove_approval_rule(session: Session, actor: Actor, command: RemoveApprovalRule) -> None:
    """The unit follows the rule above it again. Raises ``NotFound`` when it has none of its own."""
    actor.must(Permission.ORGANISATION_EDIT)
    _own_unit(session, actor, command.unit_id)
    rule = _locked(session, actor, command.unit_id)
    if rule is None:
        raise NotFound(N_("Enheten har ingen egen regel."))
    _empty(session, rule)
    publish(session, [ApprovalRuleRemoved.of(rule, actor.person_id, unit_id=command.unit_id)])
    session.delete(rule)


def _own_unit(session: Session, actor: Actor, unit_id: UUID) -> None:
    if session.scalar(units_visible_to(actor).where(Unit.id == unit_id)) is None:
        raise NotFound(N_("Fant ikke enheten."))


def _locked(session: Session, actor: Actor, unit_id: UUID | None) -> ApprovalRule | None:
    own = ApprovalRule.unit_id.is_(None) if unit_id is None else ApprovalRule.unit_id == unit_id
    return session.scalar(
        select(ApprovalRule)
        .where(ApprovalRule.org_id == actor.org_id, own)
        .with_for_update(of=ApprovalRule)
    )


def _empty(session: Session, rule: ApprovalRule) -> None:
    for table in (ApprovalLevel, ApprovalCategory):
        session.execute(delete(table).where(table.org_id == rule.org_id, table.rule_id == rule.id))
