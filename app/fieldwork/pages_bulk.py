"""Many pieces at once: a list of codes from the table or a scanner, and what is done with it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.fieldwork import service_bulk
from app.fieldwork.pages_move import lines_in
from app.fieldwork.service_bulk import BulkLine, OfCodes, SetCondition, pieces_of
from app.items import names, queries, queries_list
from app.items.commands import MOST_PIECES
from app.items.queries_asked import asked_in
from app.kit.db import Database
from app.kit.errors import Invalid, NotFound
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext, ngettext
from app.kit.once import once
from app.kit.page import page, redirect
from app.kit.web import Db, IdempotencyKey
from app.places.queries import place_choices

router = APIRouter(prefix="/samlet")
api = APIRouter(prefix="/bulk", tags=["field work"])

ConditionForm = Annotated[Submission[SetCondition], Depends(submitted(SetCondition))]
CodesForm = Annotated[Submission[OfCodes], Depends(submitted(OfCodes))]
BulkVerb = Callable[[Session, Actor, OfCodes], list[BulkLine]]
ACTIONS = ("move", "condition", "offer", "labels")


def show_list(
    request: Request,
    session: Session,
    actor: Actor,
    *,
    form: Mapping[str, str],
    errors: Mapping[str, str],
    status: int = 200,
) -> Response:
    """The list and its actions; also the refused form of any of them."""
    key = uuid4()
    return page(
        request,
        "fieldwork/bulk.html",
        status=status,
        form=form,
        errors={name.partition("/")[0]: gettext(text) for name, text in errors.items()},
        places=place_choices(session, actor),
        conditions=[(each.value, gettext(text)) for each, text in names.CONDITIONS.items()],
        may_edit=actor.may(Permission.ITEM_EDIT),
        may_offer=actor.may(Permission.LISTING_PUBLISH),
        may_print=actor.may(Permission.LABEL_PRINT),
        keys={action: f"{key}-{action}" for action in ACTIONS},
        most=MOST_PIECES,
    )


def show_done(request: Request, lines: Sequence[Mapping[str, Any]], verb: str) -> Response:
    """Each piece with what became of it. ``lines`` are ``BulkLine`` as they are kept."""
    done = sum(line["is_done"] for line in lines)
    return page(
        request,
        "fieldwork/bulk_done.html",
        verb=gettext(verb),
        title=ngettext("%(num)s møbel er gjort", "%(num)s møbler er gjort", done),
        refused=[
            {**line, "reason": gettext(line["reason"])} for line in lines if not line["is_done"]
        ],
        done=[line for line in lines if line["is_done"]],
    )


@router.get("", name="bulk:new")
def new(
    request: Request,
    actor: SignedIn,
    db: Db,
    chosen: Annotated[list[UUID] | None, Query(alias="velg", max_length=MOST_PIECES)] = None,
    everything: Annotated[bool, Query(alias="alle")] = False,  # noqa: FBT002  (as the address says)
) -> Response:
    """A list to fill; ``velg`` are pieces ticked in the table, ``alle`` what its filter finds."""
    actor.must(Permission.ITEM_READ)
    errors: dict[str, str] = {}
    with db.read() as session:
        ids = chosen or []
        if everything:
            asked = asked_in(request.query_params)
            found = queries_list.ids_in(
                session, actor, asked.wanted, asked.sorting, cursor=None, limit=MOST_PIECES
            )
            ids = found.rows
            if found.next is not None:
                errors["codes"] = N_("Filteret finner flere enn 500. Her er de 500 første.")
        known = queries.codes_of(session, actor, ids)
        form = {"codes": "\n".join(known[each] for each in ids if each in known)}
        return show_list(request, session, actor, form=form, errors=errors)


@router.post("/tilstand", name="bulk:set_condition")
def set_condition(request: Request, form: ConditionForm, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.ITEM_EDIT)
    return _answered(request, form, actor, db, service_bulk.set_condition, N_("Ny tilstand"))


@router.post("/gjor/{verb}", name="bulk:do")
def do(request: Request, verb: str, form: CodesForm, actor: SignedIn, db: Db) -> Response:
    """A verb of ``wiring.BULK`` that needs nothing but the pieces."""
    return _answered(request, form, actor, db, _verb(request, verb), N_("Lagt ut på markedet"))


def _verb(request: Request, verb: str) -> BulkVerb:
    verbs: Mapping[str, BulkVerb] = request.app.state.bulk
    if verb not in verbs:
        raise NotFound
    return verbs[verb]


def _answered(
    request: Request,
    form: Submission[Any],
    actor: Actor,
    db: Database,
    verb: Callable[[Session, Actor, Any], list[BulkLine]],
    label: str,
) -> Response:
    try:
        command = form.valid(codes=lines_in(form))
        with db.write() as session:
            lines = once(session, actor, form.key, [command], lambda: verb(session, actor, command))
    except Invalid as problem:
        return _refused(request, form, actor, db, problem)
    return show_done(request, lines, label)


def _refused(
    request: Request, form: Submission[Any], actor: Actor, db: Database, problem: Invalid
) -> Response:
    said = problem.by_field or {"": problem.detail or problem.title}
    with db.read() as session:
        return show_list(request, session, actor, form=form.raw, errors=said, status=problem.status)


@router.post("/etiketter", name="bulk:labels")
def choose_labels(request: Request, form: CodesForm, actor: SignedIn, db: Db) -> Response:
    """On to the print job; a code that leads to no piece is said first, since sheets cost."""
    actor.must(Permission.LABEL_PRINT)
    try:
        command = form.valid(codes=lines_in(form))
        with db.read() as session:
            found, astray = pieces_of(session, actor, command)
    except Invalid as problem:
        return _refused(request, form, actor, db, problem)
    if astray:
        said = gettext(N_("%(code)s: %(reason)s"))
        text = said % {"code": astray[0].text, "reason": gettext(astray[0].reason or "")}
        return _refused(request, form, actor, db, Invalid(by_field={"codes": text}))
    return redirect(request, "labelling:show", query={"item": list(found.values())})


@api.post("/condition", name="bulk_api:set_condition", response_model=list[BulkLine])
def set_condition_json(
    command: SetCondition, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> JSONResponse:
    """What cannot be changed says why in its own line; the others are changed."""
    with db.write() as session:
        lines = once(
            session,
            actor,
            key,
            [command],
            lambda: service_bulk.set_condition(session, actor, command),
        )
    return JSONResponse(lines)


@api.post("/{verb}", name="bulk_api:do", response_model=list[BulkLine])
def do_json(
    request: Request,
    verb: str,
    command: OfCodes,
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> JSONResponse:
    """`offer`: free and from today. What cannot be offered says why in its own line."""
    act = _verb(request, verb)
    with db.write() as session:
        lines = once(session, actor, key, [command], lambda: act(session, actor, command))
    return JSONResponse(lines)
