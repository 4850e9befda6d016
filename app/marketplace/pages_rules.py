"""The organisation's rules for requests: one page for all units, one for each unit's own rule."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.models import Unit
from app.accounts.queries import unit_choices, units_visible_to
from app.accounts.rules import Permission
from app.catalogue.models import Category
from app.catalogue.queries import category_name
from app.items.choices import category_options
from app.kit.errors import Invalid, NotFound, Stale
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext, money_ore, ngettext, number
from app.kit.page import page, redirect, url
from app.kit.units import ore_from_kr, typed_scaled
from app.kit.validation import by_field
from app.kit.web import Db
from app.marketplace import service
from app.marketplace.commands_approval import RemoveApprovalRule, SetApprovalRule
from app.marketplace.queries_approval import Rule, rules_of
from app.marketplace.queries_hold import held_days
from app.marketplace.rules_approval import MOST_LEVELS, Limit
from app.marketplace.rules_hold import HELD_FOR

router = APIRouter(prefix="/bestillingsregler")


class RuleForm(BaseModel):
    """Read by hand: ``above_kr-1``, ``above_pieces-1`` and so on, a pair for each level."""

    model_config = ConfigDict(extra="ignore")

    category_ids: list[str] = []


Form = Annotated[Submission[RuleForm], Depends(submitted(RuleForm))]
LEVELS = (
    N_("Lederen for enheten"),
    N_("Lederen ett nivå over"),
    N_("Lederen to nivåer over"),
    N_("Lederen tre nivåer over"),
)


def _said(limit: Limit, actor: Actor) -> str:
    parts = []
    if limit.above_ore is not None:
        parts.append(
            gettext(N_("over %(worth)s"), worth=money_ore(limit.above_ore, actor.currency))
        )
    if limit.above_pieces is not None:
        parts.append(ngettext("over %(num)s møbel", "over %(num)s møbler", limit.above_pieces))
    either = gettext(N_("eller"))
    return f" {either} ".join(parts)


def _summary(rule: Rule | None, actor: Actor, categories: Mapping[str, str]) -> list[str]:
    """The rule in sentences, one for each level and one for the chosen categories."""
    if rule is None or not (rule.limits or rule.category_ids):
        return [gettext(N_("Ingen leder spørres. Bestillinger går rett til giveren."))]
    lines = [f"{gettext(LEVELS[each.level - 1])}: {_said(each, actor)}" for each in rule.limits]
    if rule.category_ids:
        named = ", ".join(sorted(categories.get(each, each) for each in rule.category_ids))
        lines.append(f"{gettext(LEVELS[0])}: {gettext(N_('alltid for %(named)s'), named=named)}")
    return lines


@router.get("", name="order_rules:show")
def show(request: Request, actor: SignedIn, db: Db) -> Response:
    """The rules as everybody may read them; who may change the organisation changes them here."""
    with db.read() as session:
        rules, held = rules_of(session, actor.org_id), held_days(session, actor.org_id)
        chosen = {each for rule in rules.values() for each in rule.category_ids}
        categories = {
            each.id: category_name(each)
            for each in session.scalars(select(Category).where(Category.id.in_(chosen)))
        }
        units = [
            (value, name.strip("\N{EM SPACE}")) for value, name in unit_choices(session, actor)
        ]
        return page(
            request,
            "marketplace/order_rules.html",
            twin=url(request, "api:approval_rules:list"),
            working_days=held.working_days if held else HELD_FOR,
            summary=_summary(rules.get(None), actor, categories),
            own_is_allowed=None not in rules or rules[None].row.giver_may_approve_own,
            overrides=[
                {"id": unit_id, "name": name, "summary": _summary(rule, actor, categories)}
                for unit_id, name in units
                if (rule := rules.get(UUID(unit_id))) is not None
            ],
            units=[each for each in units if UUID(each[0]) not in rules],
            may_edit=actor.may(Permission.ORGANISATION_EDIT),
        )


@router.get("/enhet", name="order_rules:choose_unit")
def choose_unit(request: Request, actor: SignedIn, unit_id: UUID) -> Response:
    """From the list of units to the unit's own page."""
    actor.must(Permission.ORGANISATION_EDIT)
    return redirect(request, "order_rules:unit", unit_id=unit_id)


def _edit_page(
    request: Request,
    session: Session,
    actor: Actor,
    unit_id: UUID | None,
    *,
    typed: Submission[RuleForm] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    unit = None
    if unit_id is not None:
        unit = session.scalar(units_visible_to(actor).where(Unit.id == unit_id))
        if unit is None:
            raise NotFound(N_("Fant ikke enheten."))
    rule = rules_of(session, actor.org_id).get(unit_id)
    kept = {"giver_may_approve_own": "1"}
    if rule is not None:
        kept = {"giver_may_approve_own": "1" if rule.row.giver_may_approve_own else ""}
        for limit in rule.limits:
            kept[f"above_kr-{limit.level}"] = typed_scaled(limit.above_ore, 100)
            pieces = limit.above_pieces
            kept[f"above_pieces-{limit.level}"] = "" if pieces is None else str(pieces)
    return page(
        request,
        "marketplace/order_rule.html",
        status=status,
        unit=unit,
        levels=[(level, gettext(name)) for level, name in enumerate(LEVELS, 1)],
        category_groups=category_options(session),
        chosen=typed.many.get("category_ids", [])
        if typed
        else sorted(rule.category_ids)
        if rule
        else [],
        version=rule.row.version if rule else 0,
        is_new=rule is None,
        form=typed.raw if typed else kept,
        errors=errors or {},
    )


@router.get("/virksomhet", name="order_rules:organisation")
def edit(request: Request, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.ORGANISATION_EDIT)
    with db.read() as session:
        return _edit_page(request, session, actor, None)


@router.get("/enhet/{unit_id}", name="order_rules:unit")
def edit_unit(request: Request, unit_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.ORGANISATION_EDIT)
    with db.read() as session:
        return _edit_page(request, session, actor, unit_id)


@router.post("/virksomhet", name="order_rules:do_set")
def set_rule(request: Request, form: Form, actor: SignedIn, db: Db) -> Response:
    return _set(request, None, form, actor, db)


@router.post("/enhet/{unit_id}", name="order_rules:do_set_of_unit")
def set_rule_of_unit(
    request: Request, unit_id: UUID, form: Form, actor: SignedIn, db: Db
) -> Response:
    return _set(request, unit_id, form, actor, db)


def _set(
    request: Request, unit_id: UUID | None, form: Submission[RuleForm], actor: Actor, db: Db
) -> Response:
    actor.must(Permission.ORGANISATION_EDIT)
    try:
        command = _command(form, unit_id)
        with db.write() as session:
            service.set_approval_rule(session, actor, command)
    except (Invalid, Stale) as problem:
        errors = {"": gettext(problem.detail or problem.title)}
        if isinstance(problem, Invalid) and problem.by_field:
            errors = {name: gettext(text) for name, text in problem.by_field.items()}
        with db.read() as session:
            return _edit_page(
                request,
                session,
                actor,
                unit_id,
                typed=form,
                errors=errors,
                status=problem.status,
            )
    return redirect(request, "order_rules:show", message=gettext(N_("Reglene er lagret.")))


def _command(form: Submission[RuleForm], unit_id: UUID | None) -> SetApprovalRule:
    """The form's levels, those left empty not counted, as the command. Raises ``Invalid``."""
    errors: dict[str, str] = {}
    levels = []
    for level in range(1, MOST_LEVELS + 1):
        ore = _amount(form.raw, f"above_kr-{level}", errors)
        pieces = _pieces(form.raw, f"above_pieces-{level}", errors)
        if ore is not None or pieces is not None:
            levels.append({"level": level, "above_ore": ore, "above_pieces": pieces})
    if errors:
        raise Invalid(by_field=errors)
    version = form.raw.get("version", "")
    try:
        return SetApprovalRule.model_validate(
            {
                "unit_id": unit_id,
                "version": int(version) if version.isdecimal() and len(version) < 10 else 0,
                "levels": levels,
                "category_ids": form.many.get("category_ids", []),
                "giver_may_approve_own": bool(form.raw.get("giver_may_approve_own"))
                or unit_id is not None,
            }
        )
    except ValidationError as error:
        raise Invalid(by_field=by_field(error)) from error


def _amount(raw: Mapping[str, str], name: str, errors: dict[str, str]) -> int | None:
    typed = raw.get(name, "").strip()
    if not typed:
        return None
    try:
        return ore_from_kr(typed)
    except ValueError as error:
        errors[name] = gettext(str(error))
        return None


def _pieces(raw: Mapping[str, str], name: str, errors: dict[str, str]) -> int | None:
    typed = raw.get(name, "").strip()
    if not typed:
        return None
    if typed.isdecimal() and len(typed) < 6:
        return int(typed)
    errors[name] = gettext(N_("Skriv et helt tall fra 0 til %(most)s."), most=number(99_999))
    return None


@router.post("/enhet/{unit_id}/fjern", name="order_rules:do_remove")
def remove_rule(request: Request, unit_id: UUID, actor: SignedIn, db: Db) -> Response:
    with db.write() as session:
        service.remove_approval_rule(session, actor, RemoveApprovalRule(unit_id=unit_id))
    message = gettext(N_("Enheten følger igjen regelen over."))
    return redirect(request, "order_rules:show", message=message)
