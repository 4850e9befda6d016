"""Projects: the list, one project with its programme, and its forms."""

from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.models import Unit
from app.accounts.queries import unit_choices
from app.accounts.rules import Permission
from app.kit.errors import Forbidden, Invalid, Stale
from app.kit.forms import STALE, Submission, submitted
from app.kit.i18n import date as date_text
from app.kit.i18n import gettext, ngettext
from app.kit.once import once, only_id
from app.kit.page import page, panels, redirect
from app.kit.paging import Cursor, keyset
from app.kit.units import typed_scaled
from app.kit.web import Db
from app.places.queries import place_choices
from app.projects import names, queries, service, views
from app.projects.api import NEWEST_FIRST, project_of
from app.projects.models import Project
from app.projects.outputs import ProgrammeLineOut, ProjectOut
from app.projects.queries_release import gone_from, planned_days, released_by_category
from app.projects.rules import SOURCES, ProjectState

router = APIRouter(prefix="/prosjekter")

StartForm = Annotated[Submission[service.StartProject], Depends(submitted(service.StartProject))]
EditForm = Annotated[Submission[service.EditProject], Depends(submitted(service.EditProject))]
LineForm = Annotated[Submission[service.AddLine], Depends(submitted(service.AddLine))]
BeginForm = Annotated[Submission[service.BeginProject], Depends(submitted(service.BeginProject))]

A_PAGE = 24
LINES_A_PAGE = 100
BOXES = ("all_new_brief", "budget_is_limit")


@router.get("", name="projects:browse")
def browse(
    request: Request,
    actor: SignedIn,
    db: Db,
    state: Annotated[ProjectState | None, Query(alias="status")] = None,
    cursor: Cursor = None,
) -> Response:
    actor.must(Permission.PROJECT_READ)
    query = queries.projects_visible_to(actor)
    if state is not None:
        query = query.where(Project.state == state)
    with db.read() as session:
        found = keyset(
            session,
            query,
            NEWEST_FIRST,
            cursor=cursor,
            limit=A_PAGE,
            rows=lambda result: list(result.scalars()),
            position=lambda each: (each.number, each.id),
        )
        return page(
            request,
            "projects/browse.html",
            cards=views.project_cards(session, actor, found.rows),
            states=[(each, gettext(text)) for each, (text, _) in names.PROJECT_STATES.items()],
            state=state,
            next_cursor=found.next,
            is_first=cursor is None,
            may_edit=actor.may(Permission.PROJECT_EDIT),
        )


@router.get("/nytt", name="projects:new")
def new(request: Request, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.PROJECT_EDIT)
    with db.read() as session:
        form = {
            "unit_id": str(actor.home_unit_id or ""),
            "kind": "move",
            "budget_warn_percent": "80",
        }
        return _form(request, session, actor, form=form, errors={})


@router.post("/nytt", name="projects:start")
def start_project(request: Request, form: StartForm, actor: SignedIn, db: Db) -> Response:
    try:
        commands = [form.valid()]
        with db.write() as session:
            project_id = once(
                session,
                actor,
                form.key,
                commands,
                lambda: ProjectOut.all(session, service.start_project(session, actor, commands)),
                only_id,
            )
    except Invalid as problem:
        with db.read() as session:
            return _form(
                request, session, actor, form=form.raw, errors=problem.by_field, status=422
            )
    return redirect(
        request,
        "projects:show",
        message=gettext("Prosjektet er opprettet. Legg inn det dere trenger."),
        project_id=project_id,
    )


@router.get("/{project_id}", name="projects:show")
def show(
    request: Request,
    project_id: UUID,
    actor: SignedIn,
    db: Db,
    start: Annotated[int, Query(alias="fra", ge=0, le=1_000_000)] = 0,
) -> Response:
    """Its programme from the ``start``th line on."""
    actor.must(Permission.PROJECT_READ)
    with db.read() as session:
        project = project_of(session, actor, project_id)
        return _show(request, session, actor, project, form={}, errors={}, start=start)


@router.post("/{project_id}/linjer", name="projects:add_line")
def add_lines(
    request: Request, project_id: UUID, form: LineForm, actor: SignedIn, db: Db
) -> Response:
    try:
        commands = [form.valid(project_id=project_id)]
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                commands,
                lambda: ProgrammeLineOut.all(
                    session, actor, service.add_lines(session, actor, commands)
                ),
            )
    except Invalid as problem:
        with db.read() as session:
            project = project_of(session, actor, project_id)
            return _show(
                request, session, actor, project, form=form.raw, errors=problem.by_field, status=422
            )
    return redirect(
        request, "projects:show", message=gettext("Linjen er lagt til."), project_id=project_id
    )


@router.get("/{project_id}/rediger", name="projects:edit")
def edit(request: Request, project_id: UUID, actor: SignedIn, db: Db) -> Response:
    with db.read() as session:
        project = project_of(session, actor, project_id)
        actor.must(Permission.PROJECT_EDIT, project.unit_id)
        form = _typed(project)
        return _form(request, session, actor, form=form, errors={}, project=project)


@router.post("/{project_id}/rediger", name="projects:save")
def edit_project(
    request: Request, project_id: UUID, form: EditForm, actor: SignedIn, db: Db
) -> Response:
    try:
        # An unticked box is not sent, and here means no.
        boxes = {name: name in form.raw for name in (*BOXES, "move_releases")}
        command = form.valid(project_id=project_id, **boxes)
        with db.write(is_long=command.move_releases) as session:
            (project,) = service.edit_project(session, actor, [command])
            left, first = planned_days(session, actor, project_id, db.clock.today())
            starts = project.from_date
    except (Invalid, Stale) as problem:
        errors = problem.by_field if isinstance(problem, Invalid) else {"": gettext(STALE)}
        with db.read() as session:
            project = project_of(session, actor, project_id)
            return _form(
                request,
                session,
                actor,
                form=form.raw,
                errors=errors,
                project=project,
                status=problem.status,
            )
    message = gettext("Lagret.")
    if left and first and starts and first != starts:
        message += " " + ngettext(
            "%(num)s møbel blir ledig fra prosjektet %(day)s.",
            "%(num)s møbler blir ledige fra prosjektet, de første %(day)s.",
            left,
            day=date_text(first),
        )
    return redirect(request, "projects:show", message=message, project_id=project_id)


@router.post("/{project_id}/start", name="projects:begin")
def begin_project(
    request: Request, project_id: UUID, form: BeginForm, actor: SignedIn, db: Db
) -> Response:
    commands = [form.valid(project_id=project_id)]
    with db.write() as session:
        once(
            session,
            actor,
            form.key,
            commands,
            lambda: ProjectOut.all(session, service.begin_project(session, actor, commands)),
        )
    return redirect(
        request, "projects:show", message=gettext("Prosjektet er i gang."), project_id=project_id
    )


def _form(
    request: Request,
    session: Session,
    actor: Actor,
    *,
    form: dict[str, str],
    errors: dict[str, str],
    project: Project | None = None,
    status: int = 200,
) -> Response:
    if not actor.may(Permission.PROJECT_EDIT):
        raise Forbidden
    today = request.app.state.db.clock.today()
    waiting, first = planned_days(session, actor, project.id, today) if project else (0, None)
    return page(
        request,
        "projects/form.html",
        status=status,
        project=project,
        waiting=waiting,
        first_day=first,
        kinds=[(kind.value, gettext(text)) for kind, text in names.KINDS.items()],
        units=unit_choices(session, actor),
        places=place_choices(session, actor),
        key=str(uuid4()),
        form=form,
        errors=errors,
    )


def _show(
    request: Request,
    session: Session,
    actor: Actor,
    project: Project,
    *,
    form: dict[str, str],
    errors: dict[str, str],
    status: int = 200,
    start: int = 0,
) -> Response:
    some = queries.lines_of(actor, project.id).offset(start).limit(LINES_A_PAGE)
    rows = views.line_rows(session, actor, list(session.scalars(some)))
    programme = session.execute(queries.programme_sums(actor, project.id)).one()
    further = start + LINES_A_PAGE
    (card,) = views.project_cards(session, actor, [project])
    places = queries.place_labels(session, actor, {project.place_id})
    is_editable = project.state is not ProjectState.CLOSED
    return page(
        request,
        "projects/show.html",
        status=status,
        project=project,
        card=card,
        sums=card["sums"],
        place=places.get(project.place_id),
        unit=queries.named(session, Unit, actor, {project.unit_id}).get(project.unit_id),
        rows=rows,
        start=start,
        further=further if further < programme.lines + programme.cancelled else None,
        open_pieces=int(programme.open),
        cancelled=programme.cancelled,
        sources=[gettext(text) for text in SOURCES.values()],
        released=released_by_category(session, actor, project.id),
        gone=gone_from(session, actor, project.id),
        panels=panels(request, "project", session, actor, project),
        may_edit=is_editable and actor.may(Permission.PROJECT_EDIT, project.unit_id),
        may_see_report=actor.may(Permission.REPORT_READ),
        categories=queries.category_choices(session),
        places=place_choices(session, actor),
        **views.line_choices(),
        key=str(uuid4()),
        form=form,
        errors=errors,
    )


def _typed(project: Project) -> dict[str, Any]:
    """A project as a form shows it."""
    raw = {
        name: "" if getattr(project, name) is None else str(getattr(project, name))
        for name in (
            "name",
            "unit_id",
            "place_id",
            "from_date",
            "until_date",
            "goal_percent",
            "budget_warn_percent",
        )
    }
    raw["kind"] = project.kind.value
    raw["description"] = project.description or ""
    raw["budget_kr"] = typed_scaled(project.budget_ore, 100)
    raw |= {name: "1" for name in BOXES if getattr(project, name)}
    return raw
