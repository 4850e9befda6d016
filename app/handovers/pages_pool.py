"""Driving together: what waits, area by area, and when a van is full enough to go."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.handovers.queries_pool import Pooled, limits_of, load_rule_of, pooled
from app.handovers.rules_pool import MOST_DAYS, MOST_DM3, Pool, PoolState
from app.handovers.service_load import SetLoadRule, set_load_rule
from app.kit.errors import Invalid, Stale
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.page import page, redirect
from app.kit.units import typed_scaled
from app.kit.web import Db

router = APIRouter(prefix="/kjorelister")

RuleForm = Annotated[Submission[SetLoadRule], Depends(submitted(SetLoadRule))]

STATES = {
    PoolState.FULL: (N_("Full nok til å kjøre"), "success"),
    PoolState.DUE: (N_("Må kjøres nå"), "warning"),
    PoolState.WAIT: (N_("Kan vente på mer"), "neutral"),
}


@router.get("/samkjoring", name="runs:pools")
def browse(request: Request, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.HANDOVER_MAKE)
    today = db.clock.today()
    with db.read() as session:
        found = pooled(session, actor, today)
    return page(
        request,
        "handovers/pools.html",
        limits=found.limits,
        rows=[_row(found, each) for each in found.pools],
        today=today,
        may_rule=actor.may_everywhere(Permission.ORGANISATION_EDIT),
    )


def _row(found: Pooled, pool: Pool) -> dict[str, Any]:
    text, tone = STATES[pool.state]
    return {
        "pool": pool,
        "area": found.areas[pool.area_id],
        "state": {"text": gettext(text), "tone": tone},
        "share": min(pool.percent, 100),
    }


@router.get("/regel", name="runs:rule")
def edit_rule(request: Request, actor: SignedIn, db: Db) -> Response:
    actor.must_everywhere(Permission.ORGANISATION_EDIT)
    with db.read() as session:
        return _rule_page(request, session, actor)


@router.post("/regel", name="runs:do_set_rule")
def set_rule(request: Request, form: RuleForm, actor: SignedIn, db: Db) -> Response:
    actor.must_everywhere(Permission.ORGANISATION_EDIT)
    try:
        command = form.valid()
        with db.write() as session:
            set_load_rule(session, actor, command)
    except (Invalid, Stale) as problem:
        errors = {"": gettext(problem.detail or problem.title)}
        if isinstance(problem, Invalid) and problem.by_field:
            errors = {name: gettext(text) for name, text in problem.by_field.items()}
        with db.read() as session:
            return _rule_page(
                request, session, actor, form=form.raw, errors=errors, status=problem.status
            )
    return redirect(request, "runs:pools", message=gettext(N_("Regelen er lagret.")))


def _rule_page(
    request: Request,
    session: Session,
    actor: Actor,
    *,
    form: Mapping[str, str] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    rule = load_rule_of(session, actor.org_id)
    limits = limits_of(rule)
    kept = {
        "capacity_m3": typed_scaled(limits.capacity_dm3, 1000),
        "least_percent": str(limits.least_percent),
        "longest_days": str(limits.longest_days),
    }
    return page(
        request,
        "handovers/load_rule.html",
        status=status,
        version=rule.version if rule else 0,
        most_m3=MOST_DM3 // 1000,
        most_days=MOST_DAYS,
        form=form or kept,
        errors=errors or {},
    )
