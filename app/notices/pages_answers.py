"""The page behind a letter's link: what is asked, yes or no, without signing in.

To open it changes nothing. Whose answer it becomes stands on it.
"""

from typing import Annotated, get_args

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.kit.clock import last_day_of
from app.kit.errors import Conflict, Invalid
from app.kit.forms import Submission, submitted
from app.kit.i18n import gettext, money_ore, speaking
from app.kit.page import page, redirect
from app.kit.web import Db
from app.marketplace.names import REFUSALS
from app.marketplace.rules import GiversReason
from app.needs import names
from app.notices import service_answers
from app.notices.jobs import ANSWER_PATH
from app.notices.queries_notices import name_of
from app.notices.service_answers import Answer, Opened

router = APIRouter()

AnswerForm = Annotated[Submission[Answer], Depends(submitted(Answer))]
Token = Annotated[str, Query(alias="lenke", max_length=100)]


@router.get(ANSWER_PATH, name="answers:show")
def show(request: Request, db: Db, token: Token = "") -> Response:
    with db.read() as session:
        used = service_answers.is_answered(session, token)
        if used is not None:
            return page(request, "notices/answered.html", link=used, act=used.act.value)
        return _show(request, session, service_answers.opened(session, token), token)


@router.post(ANSWER_PATH, name="answers:answer")
def answer(request: Request, form: AnswerForm, db: Db) -> Response:
    token = form.raw.get("lenke", "")[:100]
    try:
        command = form.valid()
        with db.write() as session:
            service_answers.answer(session, token, command)
    except (Invalid, Conflict) as problem:
        with db.read() as session:
            opened = service_answers.opened(session, token)
            return _show(request, session, opened, token, form=form.raw, problem=problem)
    return redirect(request, "answers:show", query={"lenke": token})


def _show(
    request: Request,
    session: Session,
    opened: Opened,
    token: str,
    *,
    form: dict[str, str] | None = None,
    problem: Invalid | Conflict | None = None,
) -> Response:
    """In the language of the person whose letter it was."""
    errors: dict[str, str] = {}
    if isinstance(problem, Invalid) and problem.by_field:
        errors = problem.by_field
    elif problem is not None:
        errors = {"": gettext(problem.detail or problem.title)}
    question = opened.question
    with speaking(opened.actor.language):
        return page(
            request,
            "notices/answer.html",
            status=problem.status if problem else 200,
            act=opened.link.act.value,
            who=opened.actor.person_name,
            organisation=opened.actor.organisation_name,
            question=question,
            asker=name_of(session, question.asker_id),
            pieces=sum(each.count for each in question.lines),
            last_day=last_day_of(opened.link.expires_at),
            worth=_worth(question.value_ore, opened.actor.currency),
            reasons=[(each.value, gettext(text)) for each, text in names.REASONS.items()],
            refusals=[(each.value, gettext(REFUSALS[each])) for each in get_args(GiversReason)],
            token=token,
            form=form or {},
            errors=errors,
        )


def _worth(ore: int | None, currency: str) -> str | None:
    """In words, and nothing where nothing is known of what it costs."""
    return money_ore(ore, currency) if ore else None
