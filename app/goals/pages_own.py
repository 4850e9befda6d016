"""What one's own requests saved, and the switches of the organisation."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.goals import service
from app.goals.commands import SetGoalRule
from app.goals.figures import own_savings
from app.goals.queries import rule_of
from app.impact.rules import View
from app.kit.errors import Stale
from app.kit.forms import STALE, Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.page import page, redirect
from app.kit.web import Db
from app.reports.words import VIEW_MEANINGS, VIEWS, grams, kroner

router = APIRouter()


class RuleForm(BaseModel):
    """Two boxes, which are absent when they are not ticked."""

    model_config = ConfigDict(extra="ignore")


Form = Annotated[Submission[RuleForm], Depends(submitted(RuleForm))]


@router.get("/mine-besparelser", name="goals:mine")
def mine(request: Request, actor: SignedIn, db: Db) -> Response:
    with db.read() as session:
        found = own_savings(session, actor)
    return page(
        request,
        "goals/mine.html",
        gross=found[View.GROSS],
        views=[
            {
                "title": gettext(VIEWS[view]),
                "meaning": gettext(VIEW_MEANINGS[view]),
                "co2e": grams(found[view].co2e_g),
                "waste": grams(found[view].waste_g),
                "saved": kroner(found[view].saved_ore, actor.currency),
                "is_calculated": found[view].uses > found[view].not_calculated,
            }
            for view in View
        ],
    )


@router.get("/mal-innstillinger", name="goals:rule")
def show_rule(request: Request, actor: SignedIn, db: Db) -> Response:
    actor.must_everywhere(Permission.ORGANISATION_EDIT)
    with db.read() as session:
        return page(request, "goals/rule.html", rule=rule_of(session, actor), errors={})


@router.post("/mal-innstillinger", name="goals:set_rule")
def set_rule(request: Request, form: Form, actor: SignedIn, db: Db) -> Response:
    actor.must_everywhere(Permission.ORGANISATION_EDIT)
    version = form.raw.get("version", "")
    command = SetGoalRule(
        has_leader_board="has_leader_board" in form.raw,
        has_own_savings="has_own_savings" in form.raw,
        version=int(version) if version.isdecimal() and len(version) < 10 else 0,
    )
    try:
        with db.write() as session:
            service.set_goal_rule(session, actor, command)
    except Stale as problem:
        with db.read() as session:
            errors = {"": gettext(STALE)}
            rule = rule_of(session, actor)
            return page(request, "goals/rule.html", status=problem.status, rule=rule, errors=errors)
    return redirect(request, "goals:newest", message=gettext(N_("Innstillingene er lagret.")))
