"""One line of a programme: what it asks for, what meets it, and how to meet the rest."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.kit.errors import Invalid, Stale
from app.kit.forms import STALE, Submission, submitted
from app.kit.i18n import gettext
from app.kit.once import once
from app.kit.page import page, redirect
from app.kit.units import typed_scaled
from app.kit.web import Db
from app.places.queries import place_choices
from app.projects import queries, service, views
from app.projects.api import line_of, project_of
from app.projects.models import ProgrammeLine
from app.projects.outputs import ProgrammeLineOut
from app.projects.rules import SOURCE_HINTS, SOURCES, LineState, ProjectState

router = APIRouter(prefix="/prosjekter/linjer")

EditForm = Annotated[Submission[service.EditLine], Depends(submitted(service.EditLine))]
CancelForm = Annotated[Submission[service.CancelLine], Depends(submitted(service.CancelLine))]
ReopenForm = Annotated[Submission[service.ReopenLine], Depends(submitted(service.ReopenLine))]

SIDES = ("width", "depth", "height")


@router.get("/{programme_line_id}", name="projects:line")
def show(request: Request, programme_line_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.PROJECT_READ)
    with db.read() as session:
        line = line_of(session, actor, programme_line_id)
        return _show(request, session, actor, line, form=_typed(line), errors={})


@router.post("/{programme_line_id}", name="projects:save_line")
def edit_line(
    request: Request, programme_line_id: UUID, form: EditForm, actor: SignedIn, db: Db
) -> Response:
    try:
        command = form.valid(programme_line_id=programme_line_id)
        with db.write() as session:
            service.edit_line(session, actor, [command])
    except (Invalid, Stale) as problem:
        errors = problem.by_field if isinstance(problem, Invalid) else {"": gettext(STALE)}
        with db.read() as session:
            line = line_of(session, actor, programme_line_id)
            return _show(
                request,
                session,
                actor,
                line,
                form=form.raw,
                errors=errors,
                status=problem.status,
            )
    return redirect(
        request, "projects:line", message=gettext("Lagret."), programme_line_id=programme_line_id
    )


@router.post("/{programme_line_id}/avlys", name="projects:cancel_line")
def cancel_line(
    request: Request, programme_line_id: UUID, form: CancelForm, actor: SignedIn, db: Db
) -> Response:
    commands = [form.valid(programme_line_id=programme_line_id)]
    _do(db, actor, form.key, commands, service.cancel_line)
    return redirect(
        request,
        "projects:line",
        message=gettext("Linjen er avlyst."),
        programme_line_id=programme_line_id,
    )


@router.post("/{programme_line_id}/gjenapne", name="projects:reopen_line")
def reopen_line(
    request: Request, programme_line_id: UUID, form: ReopenForm, actor: SignedIn, db: Db
) -> Response:
    commands = [form.valid(programme_line_id=programme_line_id)]
    _do(db, actor, form.key, commands, service.reopen_line)
    return redirect(
        request,
        "projects:line",
        message=gettext("Linjen er åpen igjen."),
        programme_line_id=programme_line_id,
    )


def _do(
    db: Db,
    actor: Actor,
    key: str | None,
    commands: Sequence[Any],
    verb: Callable[[Session, Actor, Any], list[ProgrammeLine]],
) -> None:
    with db.write() as session:
        once(
            session,
            actor,
            key,
            commands,
            lambda: ProgrammeLineOut.all(session, actor, verb(session, actor, commands)),
        )


def _show(
    request: Request,
    session: Session,
    actor: Actor,
    line: ProgrammeLine,
    *,
    form: dict[str, str],
    errors: dict[str, str],
    status: int = 200,
) -> Response:
    project = project_of(session, actor, line.project_id)
    (row,) = views.line_rows(session, actor, [line])
    is_open = project.state is not ProjectState.CLOSED
    may_edit = is_open and actor.may(Permission.PROJECT_EDIT, project.unit_id)
    return page(
        request,
        "projects/line.html",
        status=status,
        project=project,
        line=line,
        row=row,
        pieces=views.pieces_of(session, actor, line),
        by_hand=[
            {"source": source.value, "name": gettext(SOURCES[source]), "hint": gettext(hint)}
            for source, hint in SOURCE_HINTS.items()
        ],
        may_edit=may_edit,
        may_record=is_open
        and line.state is not LineState.CANCELLED
        and actor.may(Permission.HANDOVER_MAKE)
        and actor.may(Permission.ITEM_REGISTER),
        may_cancel=may_edit and line.state is LineState.OPEN,
        is_cancelled=line.state is LineState.CANCELLED,
        categories=queries.category_choices(session),
        places=place_choices(session, actor),
        **views.line_choices(),
        key=str(uuid4()),
        form=form,
        errors=errors,
    )


def _typed(line: ProgrammeLine) -> dict[str, str]:
    """A line as a form shows it: measurements in cm."""
    raw = {
        name: "" if getattr(line, name) is None else str(getattr(line, name))
        for name in ("category_id", "quantity", "requirement", "place_id", "wanted_date")
    }
    for name in ("condition", "suitability"):
        value = getattr(line, name)
        raw[name] = "" if value is None else value.value
    for side in SIDES:
        for end in ("min", "max"):
            raw[f"{side}_{end}_cm"] = typed_scaled(getattr(line, f"{side}_{end}_mm"), 10)
    return raw
