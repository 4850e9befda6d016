"""What a project releases, as a list to work in: put on in bulk, planned otherwise, offered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.items import names as item_names
from app.items.filters import InventoryFilter
from app.items.rules import Condition, Fate
from app.kit.db import Database
from app.kit.errors import Conflict, Invalid, NotFound, Problem
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext, ngettext
from app.kit.once import once
from app.kit.page import page, redirect
from app.kit.paging import Cursor, keyset
from app.kit.web import Db
from app.places.queries import place_choices
from app.planning import queries_release as queries
from app.planning import service_release as service
from app.projects import names
from app.projects.models import Project, Release
from app.projects.queries import category_choices, projects_visible_to
from app.projects.queries_release import released_by_category
from app.projects.rules import ProjectState, ReleaseState

router = APIRouter(prefix="/prosjekter/{project_id}/frigivelser")

A_PAGE = 100


class Choose(BaseModel):
    """The form that puts pieces on the project: where, what, and what is planned for them."""

    model_config = ConfigDict(extra="forbid")

    place_id: UUID | None = None
    category_id: str | None = None
    condition: Condition | None = None
    survey_id: UUID | None = None
    is_selected: bool = False
    fate: Fate = Fate.OFFER
    free_from: date | None = None
    gone_by: date | None = None


@dataclass(frozen=True, slots=True)
class Only:
    """What the list is narrowed to."""

    fate: Fate | None = None
    state: ReleaseState | None = None
    category_id: str | None = None

    def query(self, **changes: str | None) -> dict[str, str]:
        """The address that shows it, with changes."""
        asked = {"plan": self.fate, "status": self.state, "kategori": self.category_id, **changes}
        return {name: str(value) for name, value in asked.items() if value}


ChooseForm = Annotated[Submission[Choose], Depends(submitted(Choose))]
ReplanForm = Annotated[Submission[service.Replan], Depends(submitted(service.Replan))]
TakeOffForm = Annotated[Submission[service.TakeOff], Depends(submitted(service.TakeOff))]
OfferForm = Annotated[Submission[service.OfferReleased], Depends(submitted(service.OfferReleased))]


@router.get("", name="releases:browse")
def browse(
    request: Request,
    project_id: UUID,
    actor: SignedIn,
    db: Db,
    fate: Annotated[Fate | None, Query(alias="plan")] = None,
    state: Annotated[ReleaseState | None, Query(alias="status")] = None,
    category_id: Annotated[str | None, Query(alias="kategori", max_length=40)] = None,
    cursor: Cursor = None,
) -> Response:
    actor.must(Permission.PROJECT_READ)
    only = Only(fate, state, category_id or None)
    with db.read() as session:
        project = _project(session, actor, project_id)
        return _show(request, session, actor, project, only=only, cursor=cursor)


@router.post("", name="releases:plan_from")
def release_from(
    request: Request, project_id: UUID, form: ChooseForm, actor: SignedIn, db: Db
) -> Response:
    try:
        given = form.valid()
        wanted = InventoryFilter(
            place_id=given.place_id,
            condition=[given.condition] if given.condition else [],
            is_selected=True if given.is_selected else None,
            **({"category_id": given.category_id} if given.category_id else {}),
        )
        command = service.ReleaseFrom(
            project_id=project_id,
            pieces=wanted,
            survey_id=given.survey_id,
            fate=given.fate,
            free_from=given.free_from,
            gone_by=given.gone_by,
        )
        made, left = _done(
            db, actor, form.key, command, lambda s: _counts(service.release_from(s, actor, command))
        )
    except (Invalid, Conflict) as problem:
        return _refused(request, db, actor, project_id, form, problem, "add")
    message = ngettext(
        "%(num)s møbel er satt på prosjektet.", "%(num)s møbler er satt på prosjektet.", made
    )
    if left:
        message += " " + gettext(
            N_("%(n)s sto alt på et prosjekt, er lovet bort eller kan ikke frigis."), n=left
        )
    return _back(request, project_id, message)


def _counts(found: service.PutOn) -> list[int]:
    return [found.made, found.left]


@router.post("/endre", name="releases:replan")
def replan(
    request: Request, project_id: UUID, form: ReplanForm, actor: SignedIn, db: Db
) -> Response:
    try:
        command = form.valid(project_id=project_id, release_ids=_ticked(form))
        made = _done(db, actor, form.key, command, lambda s: len(service.replan(s, actor, command)))
    except (Invalid, Conflict) as problem:
        return _refused(request, db, actor, project_id, form, problem, "bulk")
    return _back(
        request,
        project_id,
        ngettext(
            "Planen for %(num)s møbel er endret.", "Planen for %(num)s møbler er endret.", made
        ),
    )


@router.post("/ta-av", name="releases:take_off")
def take_off(
    request: Request, project_id: UUID, form: TakeOffForm, actor: SignedIn, db: Db
) -> Response:
    try:
        command = form.valid(project_id=project_id, release_ids=_ticked(form))
        made = _done(
            db, actor, form.key, command, lambda s: len(service.take_off(s, actor, command))
        )
    except (Invalid, Conflict) as problem:
        return _refused(request, db, actor, project_id, form, problem, "bulk")
    return _back(
        request,
        project_id,
        ngettext(
            "%(num)s møbel er tatt av prosjektet.", "%(num)s møbler er tatt av prosjektet.", made
        ),
    )


@router.post("/legg-ut", name="releases:offer")
def offer_released(
    request: Request, project_id: UUID, form: OfferForm, actor: SignedIn, db: Db
) -> Response:
    try:
        command = form.valid(project_id=project_id, release_ids=_ticked(form))
        made = _done(
            db, actor, form.key, command, lambda s: len(service.offer_released(s, actor, command))
        )
    except (Invalid, Conflict) as problem:
        return _refused(request, db, actor, project_id, form, problem, "bulk")
    return _back(
        request, project_id, ngettext("%(num)s annonse er ute.", "%(num)s annonser er ute.", made)
    )


def _ticked(form: Submission[Any]) -> list[str]:
    ids = form.many.get("release_ids", [])
    if not ids:
        raise Invalid(by_field={"release_ids": N_("Kryss av for minst ett møbel.")})
    return ids


def _done(
    db: Database,
    actor: Actor,
    key: str | None,
    command: BaseModel,
    call: Callable[[Session], Any],
) -> Any:
    with db.write(is_long=True) as session:
        return once(session, actor, key, [command], lambda: call(session))


def _back(request: Request, project_id: UUID, message: str) -> Response:
    return redirect(request, "releases:browse", message=message, project_id=project_id)


def _refused(
    request: Request,
    db: Database,
    actor: Actor,
    project_id: UUID,
    form: Submission[Any],
    problem: Problem,
    at: str,
) -> Response:
    with db.read() as session:
        project = _project(session, actor, project_id)
        return _show(request, session, actor, project, form=form, problem=problem, at=at)


def _project(session: Session, actor: Actor, project_id: UUID) -> Project:
    found = session.scalar(projects_visible_to(actor).where(Project.id == project_id))
    if found is None:
        raise NotFound(N_("Fant ikke prosjektet."))
    return found


def _show(
    request: Request,
    session: Session,
    actor: Actor,
    project: Project,
    *,
    only: Only | None = None,
    cursor: str | None = None,
    form: Submission[Any] | None = None,
    problem: Problem | None = None,
    at: str = "",
) -> Response:
    only = only or Only()
    found = keyset(
        session,
        queries.released_pieces(
            actor, project.id, fate=only.fate, state=only.state, category_id=only.category_id
        ),
        [(Release.free_from.expression, False), (Release.id.expression, False)],
        cursor=cursor,
        limit=A_PAGE,
        rows=lambda result: list(result.all()),
        position=lambda each: (each.free_from, each.id),
    )
    may_edit = project.state is not ProjectState.CLOSED and actor.may(
        Permission.PROJECT_EDIT, project.unit_id
    )
    counts = queries.counted_by_fate(session, actor, project.id)
    ticked = form.many.get("release_ids", []) if form else []
    return page(
        request,
        "planning/releases.html",
        status=problem.status if problem else 200,
        project=project,
        rows=[
            {
                "row": each,
                "state": names.RELEASE_STATES[each.state],
                "fate": gettext(item_names.FATES[each.fate]),
                "is_ticked": str(each.id) in ticked,
            }
            for each in found.rows
        ],
        next_cursor=found.next,
        is_first=cursor is None,
        only=only,
        kinds=released_by_category(session, actor, project.id),
        counts=[
            (each.value, gettext(text), counts.get(each, 0))
            for each, text in item_names.FATES.items()
        ],
        fates=[(each.value, gettext(text)) for each, text in item_names.FATES.items()],
        may_edit=may_edit,
        may_offer=may_edit and actor.may(Permission.LISTING_PUBLISH),
        places=place_choices(session, actor) if may_edit else [],
        categories=category_choices(session) if may_edit else [],
        surveys=queries.survey_choices(session, actor) if may_edit else [],
        conditions=[(each.value, gettext(text)) for each, text in item_names.CONDITIONS.items()],
        key=str(uuid4()),
        at=at,
        form=form.raw if form else {},
        errors=_said(problem),
    )


def _said(problem: Problem | None) -> Mapping[str, str]:
    if problem is None:
        return {}
    if isinstance(problem, Invalid) and problem.by_field:
        # What is wrong with the choice as a whole stands at its first field.
        return {{"pieces": "place_id"}.get(k, k): v for k, v in problem.by_field.items()}
    return {"": gettext(problem.detail or problem.title, **problem.values)}
