"""The organisation's rule for purchases, on its own page."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.kit.errors import Invalid, Stale
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.page import page, redirect
from app.kit.units import ore_from_kr, typed_scaled
from app.kit.web import Db
from app.needs import service_rule
from app.needs.commands import SetPurchaseRule

router = APIRouter(prefix="/behov/kjopsregel")

RuleForm = Annotated[Submission[SetPurchaseRule], Depends(submitted(SetPurchaseRule))]


def _page(
    request: Request,
    session: Session,
    actor: Actor,
    *,
    form: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    rule = service_rule.rule_of(session, actor.org_id)
    kept = {"repair_or_redesign": "true", "buy_used": "true"}
    if rule is not None:
        kept = {"above_kr": typed_scaled(rule.above_ore, ore_from_kr("1"))}
        kept |= {name: "true" for name in service_rule.CHOSEN if getattr(rule, name)}
    return page(
        request,
        "needs/purchase_rule.html",
        status=status,
        version=rule.version if rule else 0,
        is_set=rule is not None,
        form=form or kept,
        errors=errors or {},
    )


@router.get("", name="purchase_rule:show")
def show(request: Request, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.ORGANISATION_EDIT)
    with db.read() as session:
        return _page(request, session, actor)


@router.post("", name="purchase_rule:do_set")
def set_rule(request: Request, form: RuleForm, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.ORGANISATION_EDIT)
    try:
        command = form.valid()
        with db.write() as session:
            service_rule.set_purchase_rule(session, actor, command)
    except (Invalid, Stale) as problem:
        errors = {"": gettext(problem.detail or problem.title)}
        if isinstance(problem, Invalid) and problem.by_field:
            errors = {name: gettext(text) for name, text in problem.by_field.items()}
        with db.read() as session:
            return _page(
                request, session, actor, form=form.raw, errors=errors, status=problem.status
            )
    return redirect(request, "purchase_rule:show", message=gettext(N_("Regelen er lagret.")))
