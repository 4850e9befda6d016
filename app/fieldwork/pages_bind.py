"""A foreign code gets a piece: scan the piece's own label, type its code, or search for it."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.fieldwork.pages_scan import Typed, with_reader
from app.fieldwork.queries_found import Outcome, looked_up, pieces_for_words
from app.fieldwork.reading import identifier_of, read
from app.fieldwork.shown import may_register, piece_shown
from app.items import names, service
from app.items.commands import Command, Identify, Name
from app.items.models import IdentifierKind
from app.items.service_codes import TypedCode
from app.kit.db import Database
from app.kit.errors import Conflict, Invalid, NotFound, Problem
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import page, redirect
from app.kit.web import Db

router = APIRouter(prefix="/skann/knytt")


class BindForeign(Command):
    """A foreign code that was scanned, and the piece by its label or by its id."""

    value: Name
    kind: IdentifierKind
    piece: TypedCode | None = None
    item_id: UUID | None = None


BindForm = Annotated[Submission[BindForeign], Depends(submitted(BindForeign))]


class NotAPiece(NotFound):
    title = N_("Etiketten sitter ikke på noe møbel hos dere.")


@router.get("", name="scan:bind")
def show_bind(
    request: Request,
    actor: SignedIn,
    db: Db,
    kode: Typed = "",
    q: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Which piece carries the foreign code: scan its label, or search."""
    actor.must(Permission.ITEM_EDIT)
    kind, value = identifier_of(read(kode).text)
    if not value:
        return redirect(request, "scan:show")
    return _bind_page(request, actor, db, {"value": value, "kind": kind.value}, {}, words=q)


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
            answer = once(
                session, actor, form.key, [command], lambda: _bound(session, actor, command)
            )
    except (Invalid, NotAPiece, Conflict) as problem:
        typed = {"value": "", "kind": IdentifierKind.OTHER.value} | form.raw
        return _bind_page(request, actor, db, typed, _errors(problem), status=problem.status)
    message = gettext(N_("Koden er knyttet til møbelet."))
    return redirect(request, "scan:show", query={"kode": answer["code"]}, message=message)


def _errors(problem: Problem) -> dict[str, str]:
    """At the form's own fields; what is about the code itself stands at the top."""
    if isinstance(problem, Invalid) and problem.by_field:
        return {
            name if name in ("kind", "piece") else "": text
            for name, text in problem.by_field.items()
        }
    return {"piece": gettext(problem.detail or problem.title)}


def _bound(session: Session, actor: Actor, command: BindForeign) -> dict[str, str]:
    item_id = command.item_id
    if command.piece is not None:
        hit = looked_up(session, actor, read(command.piece))
        if hit.outcome is not Outcome.PIECE:
            raise NotAPiece
        item_id = hit.seen[0].item.id
    if item_id is None:
        raise Invalid(by_field={"piece": gettext(N_("Skann eller skriv koden på møbelet."))})
    identify = Identify(item_id=item_id, kind=command.kind, value=command.value)
    service.identify(session, actor, [identify])
    return {"code": command.value}
