"""Where the pictures of a project's report are chosen."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.kit.errors import Invalid, Stale
from app.kit.forms import STALE, Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.page import page, redirect, url
from app.kit.validation import by_field
from app.kit.web import Db
from app.reports import queries
from app.reports.service_pictures import (
    MOST_SHOWN,
    ChooseReportPictures,
    choose_pictures,
    offered_pictures,
)
from app.reports.words_pictures import pairs_shown

router = APIRouter(prefix="/prosjekter/{project_id}/rapport/bilder")


class PicturesForm(BaseModel):
    """Read by hand: a box that is not ticked is not sent."""

    model_config = ConfigDict(extra="ignore")


Form = Annotated[Submission[PicturesForm], Depends(submitted(PicturesForm))]


@router.get("", name="reports:pictures")
def show(request: Request, project_id: UUID, actor: SignedIn, db: Db) -> Response:
    with db.read() as session:
        return _show(request, session, actor, project_id)


def _show(
    request: Request,
    session: Session,
    actor: Actor,
    project_id: UUID,
    ticked: set[str] | None = None,
    problem: Invalid | Stale | None = None,
) -> Response:
    found = offered_pictures(session, actor, project_id)
    errors: dict[str, str] = {}
    if isinstance(problem, Invalid):
        errors = {name: gettext(text) for name, text in problem.by_field.items()}
    elif problem is not None:
        errors = {"": gettext(STALE)}
    return page(
        request,
        "reports/pictures.html",
        status=problem.status if problem else 200,
        project=queries.project_head(session, actor, project_id),
        pairs=pairs_shown(partial(url, request), found.pairs),
        ticked={str(each.item_id) for each in found.shown} if ticked is None else ticked,
        found=found,
        most=MOST_SHOWN,
        errors=errors,
        twin=url(request, "api:reports:pictures", project_id=project_id),
    )


@router.post("", name="reports:choose_pictures")
def choose(request: Request, project_id: UUID, form: Form, actor: SignedIn, db: Db) -> Response:
    """The ticked ones, or the newest again where that button was pressed."""
    ticked = form.many.get("item_ids", [])
    version = form.raw.get("version", "")
    try:
        try:
            command = ChooseReportPictures.model_validate(
                {
                    "project_id": project_id,
                    "version": int(version) if version.isdecimal() and len(version) < 10 else 0,
                    "item_ids": None if form.raw.get("which") == "newest" else ticked,
                }
            )
        except ValidationError as error:
            raise Invalid(by_field=_said(error)) from error
        with db.write() as session:
            choose_pictures(session, actor, command)
    except (Invalid, Stale) as problem:
        with db.read() as session:
            return _show(request, session, actor, project_id, set(ticked), problem)
    said = gettext(N_("Bildene i rapporten er valgt."))
    return redirect(request, "reports:project", message=said, project_id=project_id)


TOO_MANY = N_("Velg høyst %(most)s.")


def _said(error: ValidationError) -> dict[str, str]:
    if any(each["type"] == "too_long" for each in error.errors()):
        return {"item_ids": gettext(TOO_MANY, most=MOST_SHOWN)}
    return by_field(error)
