"""A code gets a piece: scan the piece's own label, type its code, or search for it."""

from collections.abc import Mapping
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.fieldwork.pages_scan import Typed, with_reader
from app.fieldwork.queries_found import pieces_for_words
from app.fieldwork.reading import ReadKind, identifier_of, read
from app.fieldwork.service_bind import BindCode, bind_code
from app.fieldwork.shown import may_register, piece_shown
from app.items import names
from app.kit.db import Database
from app.kit.errors import Conflict, Gone, Invalid, NotFound, Problem
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import page, redirect
from app.kit.web import Db

router = APIRouter(prefix="/skann/knytt")


BindForm = Annotated[Submission[BindCode], Depends(submitted(BindCode))]


@router.get("", name="scan:bind")
def show_bind(
    request: Request,
    actor: SignedIn,
    db: Db,
    kode: Typed = "",
    q: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Which piece carries the code: scan its label, or search. Without a code both are asked for."""
    actor.must(Permission.ITEM_EDIT)
    found = read(kode)
    kind, value = identifier_of(found.text)
    is_ours = not value or found.kind is ReadKind.PIECE
    form = {"value": value, "kind": "" if is_ours else kind.value}
    return _bind_page(request, actor, db, form, {}, words=q)


def _bind_page(
    request: Request,
    actor: Actor,
    db: Database,
    form: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    words: str = "",
    status: int = 200,
) -> Response:
    with db.read() as session:
        found = pieces_for_words(session, actor, words.replace("\x00", ""))
        response = page(
            request,
            "fieldwork/bind.html",
            status=status,
            form=form,
            errors=errors,
            words=words,
            pieces=[piece_shown(request, actor, each) for each in found],
            kind_options=[(kind.value, gettext(text)) for kind, text in names.IDENTIFIERS.items()],
            may_register=may_register(actor),
            key=form.get("key") or str(uuid4()),
        )
    return with_reader(response)


@router.post("", name="scan:do_bind")
def bind(request: Request, form: BindForm, actor: SignedIn, db: Db) -> Response:
    """The piece is found by this code from now on."""
    actor.must(Permission.ITEM_EDIT)
    try:
        command = form.valid()
        with db.write() as session:
            code = once(
                session,
                actor,
                form.key,
                [command],
                lambda: {"code": bind_code(session, actor, command).value},
                lambda answer: str(answer["code"]),
            )
    except (Invalid, NotFound, Conflict, Gone) as problem:
        typed = {"value": "", "kind": ""} | form.raw
        errors = _errors(problem, typed)
        return _bind_page(request, actor, db, typed, errors, status=problem.status)
    message = gettext(N_("Koden er knyttet til møbelet."))
    return redirect(request, "scan:show", query={"kode": code}, message=message)


def _errors(problem: Problem, typed: Mapping[str, str]) -> dict[str, str]:
    """At the form's own fields; what is about a code that came with the page stands at the top."""
    shown = ("kind", "piece") if typed["value"] else ("kind", "piece", "value")
    if isinstance(problem, Invalid) and problem.by_field:
        return {name if name in shown else "": text for name, text in problem.by_field.items()}
    text = gettext(problem.detail or problem.title)
    return {"piece": text % problem.values if problem.values else text}
