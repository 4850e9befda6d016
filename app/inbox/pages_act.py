"""Acts on one case from its page: note, answer, close, withdraw, open again."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.inbox import commands as do
from app.inbox import service, shown_case
from app.inbox.models import CaseNote
from app.inbox.outputs import CaseNoteOut, CaseOut
from app.kit.errors import Conflict, Invalid, Problem
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import redirect
from app.kit.web import Db

router = APIRouter(prefix="/henvendelser")

NoteForm = Annotated[Submission[do.AddNote], Depends(submitted(do.AddNote))]
ReplyForm = Annotated[Submission[do.Reply], Depends(submitted(do.Reply))]
WriteForm = Annotated[Submission[do.Write], Depends(submitted(do.Write))]
CloseForm = Annotated[Submission[do.CloseCase], Depends(submitted(do.CloseCase))]
EndForm = Annotated[Submission[do.OfCase], Depends(submitted(do.OfCase))]


def at_fields(problem: Invalid) -> dict[str, str]:
    """What is wrong, by the form's fields: a code's place in the list is none of them."""
    return {name.partition(".")[0]: text for name, text in problem.by_field.items()}


def said(problem: Problem) -> str:
    """A refusal in the reader's language."""
    text = gettext(problem.detail or problem.title)
    return text % problem.values if problem.values else text


def acted(
    db: Db,
    actor: Actor,
    key: str | None,
    commands: Sequence[Any],
    verb: Callable[[Session, Actor, Any], Any],
) -> None:
    """One act on a case, once."""
    with db.write() as session:

        def call() -> Any:
            rows = verb(session, actor, commands)
            if isinstance(rows[0], CaseNote):
                return CaseNoteOut.all(session, rows)
            return CaseOut.all(session, actor, rows)

        once(session, actor, key, commands, call)


def _act(
    request: Request,
    db: Db,
    actor: Actor,
    case_id: UUID,
    form: Submission[Any],
    verb: Callable[[Session, Actor, Any], Any],
    at: str,
    message: str,
) -> Response:
    """What is wrong with it stands at the form that was sent; nothing typed is lost."""
    try:
        acted(db, actor, form.key, [form.valid(case_id=case_id)], verb)
    except (Invalid, Conflict) as problem:
        errors = at_fields(problem) if isinstance(problem, Invalid) else {"": said(problem)}
        return shown_case.show(
            request, db, actor, case_id, at=at, form=form.raw, errors=errors, status=problem.status
        )
    return redirect(request, "cases:show", message=gettext(message), case_id=case_id)


@router.post("/{case_id}/notat", name="cases:note")
def note(request: Request, case_id: UUID, form: NoteForm, actor: SignedIn, db: Db) -> Response:
    verb, text = service.add_notes, N_("Notatet er lagret.")
    return _act(request, db, actor, case_id, form, verb, "note", text)


@router.post("/{case_id}/svar", name="cases:reply")
def reply(request: Request, case_id: UUID, form: ReplyForm, actor: SignedIn, db: Db) -> Response:
    return _act(request, db, actor, case_id, form, service.reply, "reply", N_("Svaret er lagret."))


@router.post("/{case_id}/skriv", name="cases:write")
def write(request: Request, case_id: UUID, form: WriteForm, actor: SignedIn, db: Db) -> Response:
    text = N_("Meldingen er sendt til møbelforvalteren.")
    return _act(request, db, actor, case_id, form, service.write, "write", text)


@router.post("/{case_id}/avslutt", name="cases:close")
def close(request: Request, case_id: UUID, form: CloseForm, actor: SignedIn, db: Db) -> Response:
    text = N_("Henvendelsen er avsluttet.")
    return _act(request, db, actor, case_id, form, service.close, "close", text)


@router.post("/{case_id}/trekk", name="cases:withdraw")
def withdraw(request: Request, case_id: UUID, form: EndForm, actor: SignedIn, db: Db) -> Response:
    text = N_("Henvendelsen er trukket.")
    return _act(request, db, actor, case_id, form, service.withdraw, "", text)


@router.post("/{case_id}/gjenapne", name="cases:reopen")
def reopen(request: Request, case_id: UUID, form: EndForm, actor: SignedIn, db: Db) -> Response:
    text = N_("Henvendelsen er åpen igjen.")
    return _act(request, db, actor, case_id, form, service.reopen, "", text)
