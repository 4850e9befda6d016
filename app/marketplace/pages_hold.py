"""The giver holds approved pieces longer, on the request's own page; and for how long by itself."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.kit.errors import Conflict, Invalid, Stale
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import page, redirect
from app.kit.web import Db
from app.marketplace import service
from app.marketplace.commands_hold import ExtendHold, SetHoldRule
from app.marketplace.outputs import LineOut
from app.marketplace.pages_requests import request_page
from app.marketplace.queries_hold import held_days
from app.marketplace.rules_hold import HELD_FOR, MOST_DAYS

router = APIRouter()

ExtendForm = Annotated[Submission[ExtendHold], Depends(submitted(ExtendHold))]
RuleForm = Annotated[Submission[SetHoldRule], Depends(submitted(SetHoldRule))]


@router.post("/godkjenning/{request_id}/forleng", name="approvals:do_extend_hold")
def extend_hold(
    request: Request, request_id: UUID, form: ExtendForm, actor: SignedIn, db: Db
) -> Response:
    try:
        commands = [form.valid()]
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                commands,
                lambda: LineOut.all(service.extend_hold(session, actor, commands)),
            )
    except (Invalid, Conflict) as problem:
        errors = {"": gettext(problem.detail or problem.title)}
        line_id = form.raw.get("request_line_id", "")
        if isinstance(problem, Invalid) and "until" in problem.by_field:
            errors = {f"until-{line_id}": gettext(problem.by_field["until"])}
        typed = {**form.raw, f"until-{line_id}": form.raw.get("until", "")}
        with db.read() as session:
            return request_page(
                request,
                session,
                actor,
                request_id,
                form=typed,
                errors=errors,
                status=problem.status,
            )
    message = gettext(N_("Fristen er forlenget."))
    return redirect(request, "requests:show", message=message, request_id=request_id)


def _rule_page(
    request: Request,
    session: Session,
    actor: Actor,
    *,
    form: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    rule = held_days(session, actor.org_id)
    kept = {"working_days": str(rule.working_days if rule else HELD_FOR)}
    return page(
        request,
        "marketplace/hold_rule.html",
        status=status,
        version=rule.version if rule else 0,
        most=MOST_DAYS,
        form=form or kept,
        errors=errors or {},
    )


@router.get("/bestillingsregler/frist", name="order_rules:hold")
def edit_hold_rule(request: Request, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.ORGANISATION_EDIT)
    with db.read() as session:
        return _rule_page(request, session, actor)


@router.post("/bestillingsregler/frist", name="order_rules:do_set_hold")
def set_hold_rule(request: Request, form: RuleForm, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.ORGANISATION_EDIT)
    try:
        command = form.valid()
        with db.write() as session:
            service.set_hold_rule(session, actor, command)
    except (Invalid, Stale) as problem:
        errors = {"": gettext(problem.detail or problem.title)}
        if isinstance(problem, Invalid) and problem.by_field:
            errors = {name: gettext(text) for name, text in problem.by_field.items()}
        with db.read() as session:
            return _rule_page(
                request, session, actor, form=form.raw, errors=errors, status=problem.status
            )
    return redirect(request, "order_rules:show", message=gettext(N_("Reglene er lagret.")))
