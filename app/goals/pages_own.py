"""What one's own requests saved, and the switches of the organisation."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.goals import queries, service
from app.goals.commands import SetGoalRule
from app.goals.figures import own_savings
from app.goals.queries import rule_of
from app.impact.rules import Rounded, View
from app.kit.errors import Stale
from app.kit.forms import STALE, Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.page import page, redirect, url
from app.kit.paging import Cursor, keyset
from app.kit.web import Db
from app.ledger.models import LedgerEntry
from app.reports.queries_entries import named
from app.reports.words import (
    NOT_CALCULATED,
    VIEW_MEANINGS,
    VIEWS,
    about_grams,
    about_kroner,
    grams,
    kroner,
    source_name,
)

router = APIRouter()

ENTRIES_A_PAGE = 50


class RuleForm(BaseModel):
    """Two boxes, which are absent when they are not ticked."""

    model_config = ConfigDict(extra="ignore")


Form = Annotated[Submission[RuleForm], Depends(submitted(RuleForm))]


@router.get("/mine-besparelser", name="goals:mine")
def mine(request: Request, actor: SignedIn, db: Db, cursor: Cursor = None) -> Response:
    with db.read() as session:
        found = own_savings(session, actor)
        gross = queries.own_entries(actor).where(LedgerEntry.view == View.GROSS)
        shown = keyset(
            session,
            named(gross),
            [(LedgerEntry.booked_at.expression, True), (LedgerEntry.id.expression, True)],
            cursor=cursor,
            limit=ENTRIES_A_PAGE,
            rows=lambda result: list(result.all()),
            position=lambda row: (row[0].booked_at, row[0].id),
        )
    return page(
        request,
        "goals/mine.html",
        gross=found[View.GROSS],
        rows=[
            {
                "entry": entry,
                "name": name,
                "from": source_name(entry.source),
                "co2e": gettext(NOT_CALCULATED)
                if entry.co2e_g is None
                else about_grams(Rounded(entry.co2e_g, entry.co2e_g_low, entry.co2e_g_high)),
                "saved": gettext(NOT_CALCULATED)
                if entry.saved_ore is None
                else about_kroner(
                    Rounded(entry.saved_ore, entry.saved_ore_low, entry.saved_ore_high),
                    actor.currency,
                ),
            }
            for entry, name, _ in shown.rows
        ],
        next_href=url(request, "goals:mine", query={"cursor": shown.next}) if shown.next else None,
        first_href=url(request, "goals:mine") if cursor else None,
        views=[
            {
                "title": gettext(VIEWS[view]),
                "meaning": gettext(VIEW_MEANINGS[view]),
                "co2e": grams(found[view].co2e_g),
                "waste": grams(found[view].waste_g),
                "saved": kroner(found[view].saved_ore, actor.currency),
                "is_calculated": found[view].uses > found[view].not_calculated,
                "is_priced": found[view].uses > found[view].unpriced,
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
