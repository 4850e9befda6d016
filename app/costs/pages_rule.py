"""The rule for costs as pages: what holds, what has held, and another one from a day on."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.models import Person, Unit
from app.accounts.queries import unit_choices, units_visible_to
from app.accounts.rules import Permission
from app.costs import service, views
from app.costs.commands import SetCostRule
from app.costs.names import KINDS, PAYERS, PRICES
from app.costs.queries import Rule, must_see_costs, rule_on, rules_of
from app.costs.rules import (
    MOST_ORE,
    WITHOUT_GIVER,
    InternalPrice,
    Kind,
    Payer,
    share_problem,
)
from app.items.choices import category_options
from app.kit.db import clock_of
from app.kit.errors import Forbidden, Invalid, Stale
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.page import page, redirect, url
from app.kit.units import ore_from_kr, typed_scaled
from app.kit.validation import by_field
from app.kit.web import Db

router = APIRouter(prefix="/kostnadsregler")


NO_PRICE = N_("Skriv et beløp over 0, eller la feltet stå tomt.")
TOO_DEAR = N_("Beløpet er for høyt. Skriv høyst 100 millioner kroner.")


class RuleForm(BaseModel):
    """Read by hand: ``giver-work``, ``receiver-work`` and so on, and ``price_kr-CHAIR_TASK``."""

    model_config = ConfigDict(extra="ignore")


Form = Annotated[Submission[RuleForm], Depends(submitted(RuleForm))]


@router.get("", name="cost_rules:show")
def show(request: Request, actor: SignedIn, db: Db) -> Response:
    """All versions as everybody may read them, with the one that holds today."""
    actor.must(Permission.REQUEST_MAKE)
    with db.read() as session:
        rules = rules_of(session, actor.org_id)
        today = rule_on(rules, db.clock.today())
        units = session.execute(units_visible_to(actor).with_only_columns(Unit.id, Unit.name))
        names = {row[0]: row[1] for row in units}
        authors = {each.row.person_id for each in rules if each.row.person_id}
        people = session.execute(select(Person.id, Person.name).where(Person.id.in_(authors)))
        by_id = {row[0]: row[1] for row in people}
        return page(
            request,
            "costs/rules.html",
            rules=[
                {
                    "row": each.row,
                    "common": names.get(each.row.common_unit_id, ""),
                    "summary": views.summary(each),
                    "who": by_id.get(each.row.person_id, "") if each.row.person_id else "",
                    "holds": each is today,
                    "is_planned": each.row.valid_from > db.clock.today(),
                }
                for each in rules
            ],
            may_edit=actor.may_everywhere(Permission.ORGANISATION_EDIT),
            sees_costs=_sees_costs(session, actor),
            twin=url(request, "api:cost_rules:list"),
        )


def _sees_costs(session: Session, actor: Actor) -> bool:
    try:
        must_see_costs(session, actor)
    except Forbidden:
        return False
    return True


@router.get("/ny", name="cost_rules:new")
def new(request: Request, actor: SignedIn, db: Db) -> Response:
    """The newest rule as a form, from today on, or from its own day where that is still to come."""
    actor.must_everywhere(Permission.ORGANISATION_EDIT)
    with db.read() as session:
        rules = rules_of(session, actor.org_id)
        form = _typed(rules[0]) if rules else {"price_kind": InternalPrice.NONE.value}
        today = db.clock.today()
        form |= {
            # Else what was meant for January would hold from today on.
            "valid_from": max([today, *(each.row.valid_from for each in rules[:1])]).isoformat(),
            "version": str(rules[0].row.number if rules else 0),
        }
        return _new_page(request, session, actor, form)


def _typed(rule: Rule) -> dict[str, str]:
    form = {
        "common_unit_id": str(rule.row.common_unit_id),
        "price_kind": rule.row.price_kind.value,
        "price_percent": str(rule.row.price_percent or ""),
    }
    for kind, parts in rule.shares.items():
        for payer, part in zip(Payer, parts, strict=True):
            form[f"{payer}-{kind}"] = str(part) if part else ""
    for category_id, price_ore in rule.prices.items():
        form[f"price_kr-{category_id}"] = typed_scaled(price_ore, 100)
    return form


def _new_page(
    request: Request,
    session: Session,
    actor: Actor,
    form: Mapping[str, str],
    problem: Invalid | Stale | None = None,
) -> Response:
    errors: dict[str, str] = {}
    if isinstance(problem, Invalid) and problem.by_field:
        errors = {name: gettext(text) for name, text in problem.by_field.items()}
    elif problem is not None:
        errors = {"": gettext(problem.detail or problem.title)}
    today = clock_of(session).today()
    return page(
        request,
        "costs/rule.html",
        status=problem.status if problem else 200,
        planned=[
            each.row for each in rules_of(session, actor.org_id) if each.row.valid_from > today
        ],
        kinds=[
            (
                kind.value,
                gettext(KINDS[kind]),
                [
                    (payer.value, gettext(PAYERS[payer]))
                    for payer in Payer
                    if payer is not Payer.GIVER or kind not in WITHOUT_GIVER
                ],
            )
            for kind in Kind
        ],
        prices=[(each.value, gettext(text)) for each, text in PRICES.items()],
        units=unit_choices(session, actor),
        category_groups=category_options(session),
        priced={
            name.partition("-")[2]
            for name, typed in form.items()
            if name.startswith("price_kr-") and typed.strip()
        },
        form=form,
        errors=errors,
    )


@router.post("/ny", name="cost_rules:set")
def set_rule(request: Request, form: Form, actor: SignedIn, db: Db) -> Response:
    actor.must_everywhere(Permission.ORGANISATION_EDIT)
    try:
        command = _command(form.raw)
        with db.write() as session:
            service.set_cost_rule(session, actor, command)
    except (Invalid, Stale) as problem:
        with db.read() as session:
            # Who was told that somebody else was first may save over it.
            newest = next((each.row.number for each in rules_of(session, actor.org_id)), 0)
            raw = {**form.raw, "version": str(newest)} if isinstance(problem, Stale) else form.raw
            return _new_page(request, session, actor, raw, problem)
    return redirect(request, "cost_rules:show", message=gettext(N_("Kostnadsregelen er lagret.")))


def _command(raw: Mapping[str, str]) -> SetCostRule:
    """The form as the command; empty fields of a kind are 0, and all empty is a kind not shared."""
    errors: dict[str, str] = {}
    shares = []
    for kind in Kind:
        parts = [_percent(raw, f"{payer}-{kind}", errors) for payer in Payer]
        if not any(parts):
            continue
        problem = share_problem(kind, parts)
        if problem is not None:
            said = f"{gettext(KINDS[kind])}: {gettext(problem[1])}"
            # A kind that no giver pays has no field for one.
            payer = Payer.RECEIVER if kind in WITHOUT_GIVER else problem[0]
            errors.setdefault(f"{payer}-{kind}", said)
        names = ("giver_percent", "receiver_percent", "common_percent")
        shares.append({"kind": kind, **dict(zip(names, parts, strict=True))})
    kind_of_price = raw.get("price_kind", "")
    values: dict[str, object] = {
        "valid_from": raw.get("valid_from", ""),
        "common_unit_id": raw.get("common_unit_id", ""),
        "shares": shares,
        "price_kind": kind_of_price or InternalPrice.NONE,
        "version": _version(raw.get("version", "")),
    }
    # What another choice is filled in for is kept in the form, and not sent.
    if kind_of_price == InternalPrice.PERCENT:
        values["price_percent"] = _percent(raw, "price_percent", errors) or None
    if kind_of_price == InternalPrice.FIXED:
        values["prices"] = _prices(raw, errors)
    if errors:
        raise Invalid(by_field=errors)
    try:
        return SetCostRule.model_validate(values)
    except ValidationError as error:
        raise Invalid(by_field=by_field(error)) from error


def _percent(raw: Mapping[str, str], name: str, errors: dict[str, str]) -> int:
    typed = raw.get(name, "").strip()
    if not typed:
        return 0
    if typed.isdecimal() and len(typed) <= 3 and int(typed) <= 100:
        return int(typed)
    errors[name] = gettext(N_("Skriv et helt tall fra 0 til 100."))
    return 0


def _version(typed: str) -> int:
    return int(typed) if typed.isdecimal() and len(typed) < 10 else 0


def _prices(raw: Mapping[str, str], errors: dict[str, str]) -> list[dict[str, object]]:
    prices: list[dict[str, object]] = []
    for name, typed in raw.items():
        if not name.startswith("price_kr-") or not typed.strip():
            continue
        try:
            ore = ore_from_kr(typed)
        except ValueError as error:
            errors[name] = gettext(str(error))
            continue
        if not 1 <= ore <= MOST_ORE:
            errors[name] = gettext(NO_PRICE if ore < 1 else TOO_DEAR)
            continue
        prices.append({"category_id": name.partition("-")[2], "price_ore": ore})
    return prices
