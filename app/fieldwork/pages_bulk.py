"""Many pieces at once: a list of codes from the table or a scanner, and what is done with it."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.fieldwork import service_bulk, views_bulk
from app.fieldwork.api_bulk import action_of, verb_in
from app.fieldwork.modes import BULK
from app.fieldwork.pages_move import lines_in
from app.fieldwork.pages_scan import with_reader
from app.fieldwork.service_bulk import BulkVerb, OfCodes, UndoBulk, pieces_of
from app.fieldwork.service_bulk_verbs import (
    PUT_ON_PROJECT,
    SET_CONDITION,
    PutOnProject,
    SetCondition,
)
from app.fieldwork.shown import modes_shown
from app.items import names, queries
from app.items.commands import MOST_PIECES
from app.items.queries_selection import selected_ids
from app.items.service_selection import Choose, choose
from app.kit.db import Database
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext, ngettext
from app.kit.once import once
from app.kit.page import page, redirect
from app.kit.web import Db
from app.places.queries import place_choices
from app.projects.queries import open_projects

router = APIRouter(prefix="/samlet")

ConditionForm = Annotated[Submission[SetCondition], Depends(submitted(SetCondition))]
ProjectForm = Annotated[Submission[PutOnProject], Depends(submitted(PutOnProject))]
CodesForm = Annotated[Submission[OfCodes], Depends(submitted(OfCodes))]
UndoForm = Annotated[Submission[UndoBulk], Depends(submitted(UndoBulk))]
ACTIONS = ("move", "condition", "project", "offer", "labels", "keep")


def show_list(
    request: Request,
    session: Session,
    actor: Actor,
    *,
    form: Mapping[str, str],
    errors: Mapping[str, str],
    status: int = 200,
    is_scanning: bool = False,
) -> Response:
    """The list and its actions; also the refused form of any of them.

    Whoever comes with pieces ticked in the table is not asked for the camera.
    """
    key = uuid4()
    selected = len(selected_ids(session, actor))
    has_camera = is_scanning or not selected
    response = page(
        request,
        "fieldwork/bulk.html",
        status=status,
        form=form,
        errors={name.partition("/")[0]: gettext(text) for name, text in errors.items()},
        selected=selected,
        has_camera=has_camera,
        modes=modes_shown(request, actor, BULK),
        places=place_choices(session, actor),
        conditions=[(each.value, gettext(text)) for each, text in names.CONDITIONS.items()],
        projects=open_projects(session, actor),
        fates=[(each.value, gettext(text)) for each, text in names.FATES.items()],
        may_edit=actor.may(Permission.ITEM_EDIT),
        may_plan=actor.may(Permission.PROJECT_EDIT),
        may_offer=actor.may(Permission.LISTING_PUBLISH),
        may_print=actor.may(Permission.LABEL_PRINT),
        keys={action: f"{key}-{action}" for action in ACTIONS},
        most=MOST_PIECES,
    )
    return with_reader(response) if has_camera else response


@router.get("", name="bulk:new")
def new(
    request: Request,
    actor: SignedIn,
    db: Db,
    *,
    is_scanning: Annotated[bool, Query(alias="kamera")] = False,
) -> Response:
    """A list to fill; it begins with what the person has ticked in the table."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        ids = selected_ids(session, actor)
        known = queries.codes_of(session, actor, ids)
        form = {"codes": "\n".join(known[each] for each in ids if each in known)}
        return show_list(request, session, actor, form=form, errors={}, is_scanning=is_scanning)


@router.post("/tilstand", name="bulk:set_condition")
def set_condition(request: Request, form: ConditionForm, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.ITEM_EDIT)
    return _answered(request, form, actor, db, SET_CONDITION)


@router.post("/prosjekt", name="bulk:put_on_project")
def put_on_project(request: Request, form: ProjectForm, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.PROJECT_EDIT)
    return _answered(request, form, actor, db, PUT_ON_PROJECT)


@router.post("/gjor/{verb}", name="bulk:do")
def do(request: Request, verb: str, form: CodesForm, actor: SignedIn, db: Db) -> Response:
    """A verb of ``panels.BULK`` that needs nothing but the pieces."""
    known = {each.name: each for each in request.app.state.bulk}
    if verb not in known:
        raise NotFound
    return _answered(request, form, actor, db, known[verb])


def _answered(
    request: Request, form: Submission[Any], actor: Actor, db: Database, verb: BulkVerb
) -> Response:
    try:
        command = form.valid(codes=lines_in(form))
        with db.write(is_long=True) as session:
            bulk_action_id = once(
                session,
                actor,
                form.key,
                [command],
                lambda: str(service_bulk.in_bulk(session, actor, verb, command).id),
                UUID,
            )
    except (Invalid, Conflict) as problem:
        return _refused(request, form, actor, db, problem)
    return redirect(request, "bulk:show", bulk_action_id=bulk_action_id)


def _refused(
    request: Request,
    form: Submission[Any],
    actor: Actor,
    db: Database,
    problem: Invalid | Conflict,
) -> Response:
    said = problem.by_field if isinstance(problem, Invalid) else {}
    errors = said or {"": problem.detail or problem.title}
    with db.read() as session:
        return show_list(
            request, session, actor, form=form.raw, errors=errors, status=problem.status
        )


@router.post("/etiketter", name="bulk:labels")
def choose_labels(request: Request, form: CodesForm, actor: SignedIn, db: Db) -> Response:
    """On to the print job; a code that leads to no piece is said first, since sheets cost.

    The list stays here: the address of five hundred pieces is longer than servers on the way take.
    """
    actor.must(Permission.LABEL_PRINT)
    try:
        command = form.valid(codes=lines_in(form))
        with db.write() as session:
            list_id = once(
                session,
                actor,
                form.key,
                [command],
                lambda: str(
                    service_bulk.for_labels(session, actor, _all_found(session, actor, command)).id
                ),
                UUID,
            )
    except Invalid as problem:
        return _refused(request, form, actor, db, problem)
    return redirect(request, "labelling:show", query={"liste": list_id})


@router.post("/utvalg", name="bulk:keep")
def keep(request: Request, form: CodesForm, actor: SignedIn, db: Db) -> Response:
    """The list into the selection: another page, day or device goes on with it."""
    actor.must(Permission.ITEM_READ)
    try:
        command = form.valid(codes=lines_in(form))
        with db.write(is_long=True) as session:
            found = _all_found(session, actor, command)
            count = choose(session, actor, Choose(item_ids=list(found.values())))
    except (Invalid, Conflict) as problem:
        return _refused(request, form, actor, db, problem)
    message = ngettext("%(num)s møbel er valgt.", "%(num)s møbler er valgt.", count)
    return redirect(request, "bulk:new", message=message)


def _all_found(session: Session, actor: Actor, command: OfCodes) -> dict[str, UUID]:
    """Raises ``Invalid`` at the list with the first code that leads to no piece."""
    found, astray = pieces_of(session, actor, command)
    for code, reason in astray.items():
        text = gettext(N_("%(code)s: %(reason)s"), code=code, reason=gettext(reason))
        raise Invalid(by_field={"codes": text})
    return found


@router.get("/{bulk_action_id}", name="bulk:show")
def show(request: Request, bulk_action_id: UUID, actor: SignedIn, db: Db) -> Response:
    """Each piece with what became of it, and the way back."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        row = action_of(session, actor, bulk_action_id)
        verb = verb_in(request, row.verb)
        found = views_bulk.shown(session, actor, row)
        count = sum(each.is_done for each in found.rows)
        return page(
            request,
            "fieldwork/bulk_done.html",
            title=ngettext("%(num)s møbel er gjort", "%(num)s møbler er gjort", count),
            verb=gettext(verb.label),
            found=found,
            action=row,
            undone=sum(each.is_undone for each in found.rows),
            selected=len(selected_ids(session, actor)),
            may_undo=bool(count) and row.undone_at is None and actor.may(verb.permission),
            key=str(uuid4()),
        )


@router.post("/{bulk_action_id}/angre", name="bulk:undo")
def undo(
    request: Request, bulk_action_id: UUID, form: UndoForm, actor: SignedIn, db: Db
) -> Response:
    command = form.valid(bulk_action_id=bulk_action_id)
    with db.write(is_long=True) as session:
        once(
            session,
            actor,
            form.key,
            [command],
            lambda: str(
                service_bulk.undo(session, actor, lambda name: verb_in(request, name), command).id
            ),
        )
    return redirect(request, "bulk:show", bulk_action_id=bulk_action_id)
