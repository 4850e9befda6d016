"""One's own keys to the API."""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.accounts import queries, service_tokens
from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.kit.db import Database
from app.kit.errors import Invalid
from app.kit.forms import Submission, submitted
from app.kit.i18n import gettext
from app.kit.once import once
from app.kit.page import page, redirect
from app.kit.web import Db

router = APIRouter()

TokenForm = Annotated[
    Submission[service_tokens.MakeToken], Depends(submitted(service_tokens.MakeToken))
]


@router.get("/tilgang", name="accounts:tokens")
def show_tokens(request: Request, actor: SignedIn, db: Db) -> Response:
    return _show(request, db, actor)


def _show(
    request: Request,
    db: Database,
    actor: Actor,
    *,
    secret: str | None = None,
    is_repeat: bool = False,
    form: dict[str, str] | None = None,
    problem: Invalid | None = None,
) -> Response:
    actor.must(Permission.TOKEN_MAKE)
    with db.read() as session:
        return page(
            request,
            "accounts/tokens.html",
            status=problem.status if problem else 200,
            tokens=list(session.scalars(queries.tokens_of(actor))),
            secret=secret,
            is_repeat=is_repeat,
            key=str(uuid4()),
            form=form or {},
            errors=problem.by_field if problem else {},
        )


@router.post("/tilgang", name="accounts:make_token")
def make_token(request: Request, form: TokenForm, actor: SignedIn, db: Db) -> Response:
    """Answers with the page itself and not with a redirect: the secret is shown this once."""
    secret = None

    def call() -> str:
        nonlocal secret
        token, secret = service_tokens.make_token(session, actor, command)
        return str(token.id)

    try:
        command = form.valid()
        with db.write() as session:
            once(session, actor, form.key, [command], call)
    except Invalid as problem:
        return _show(request, db, actor, form=form.raw, problem=problem)
    return _show(request, db, actor, secret=secret, is_repeat=secret is None)


@router.post("/tilgang/{token_id}/slett", name="accounts:revoke_token")
def revoke_token(request: Request, token_id: UUID, actor: SignedIn, db: Db) -> Response:
    with db.write() as session:
        service_tokens.revoke_token(session, actor, service_tokens.RevokeToken(token_id=token_id))
    return redirect(request, "accounts:tokens", message=gettext("Nøkkelen virker ikke lenger."))
