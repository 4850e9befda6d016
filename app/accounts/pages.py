"""Signing in and out, changing organisation, and the one-time set-up page."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import Response

from app.accounts import queries, service, sign_in
from app.accounts.actor import ABSOLUTE, SESSION_COOKIE, MaybeSignedIn, SignedIn
from app.accounts.service_language import language_of
from app.kit.errors import Invalid, NotFound, TooMany
from app.kit.forms import Submission, submitted
from app.kit.i18n import LANGUAGE_COOKIE, gettext
from app.kit.page import keep_language, local_path, page, redirect, redirect_to_path
from app.kit.web import Db

router = APIRouter()

SignInForm = Annotated[Submission[sign_in.SignIn], Depends(submitted(sign_in.SignIn))]
FoundForm = Annotated[Submission[service.Found], Depends(submitted(service.Found))]


def _keep(response: Response, token: str) -> Response:
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=int(ABSOLUTE.total_seconds()),
        path="/",
        secure=True,
        httponly=True,
        samesite="lax",
    )
    return response


@router.get("/logg-inn", name="accounts:sign_in")
def show_sign_in(
    request: Request,
    actor: MaybeSignedIn,
    back: Annotated[str, Query(alias="til", max_length=2000)] = "/",
) -> Response:
    if actor is not None:
        return redirect_to_path(request, local_path(back))
    return page(request, "accounts/sign_in.html", form={}, errors={}, back=local_path(back))


@router.post("/logg-inn", name="accounts:do_sign_in")
def do_sign_in(request: Request, form: SignInForm, db: Db) -> Response:
    back = local_path(form.raw.get("til"))
    address = request.client.host if request.client else ""
    try:
        command = form.valid()
        with db.write() as session:
            sign_in.count_sign_in(session, command, address)
        with db.read() as session:
            person_id = sign_in.check_password(session, command)
        with db.write() as session:
            token = sign_in.open_session(session, person_id)
            language = language_of(session, person_id)
    except (Invalid, TooMany) as problem:
        errors = problem.by_field if isinstance(problem, Invalid) else {}
        message = "" if errors else gettext(problem.detail or problem.title)
        refused = page(
            request,
            "accounts/sign_in.html",
            status=problem.status,
            form={"email": form.raw.get("email", "")},
            errors=errors,
            message=message,
            back=back,
        )
        refused.headers.update(problem.headers)
        return refused
    response = _keep(redirect_to_path(request, back), token)
    offered = request.app.state.settings.finished_languages
    # The first is what nobody has chosen yet: there the browser's own wish goes on counting.
    if LANGUAGE_COOKIE not in request.cookies and language in offered[1:]:
        keep_language(response, language)
    return response


@router.post("/logg-ut", name="accounts:sign_out")
def do_sign_out(request: Request, db: Db) -> Response:
    token = request.cookies.get(SESSION_COOKIE)
    if token:
        with db.write() as session:
            sign_in.close_session(session, token)
    response = redirect(request, "accounts:sign_in", message=gettext("Du er logget ut."))
    response.delete_cookie(SESSION_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@router.post("/bytt-virksomhet", name="accounts:switch")
def switch(request: Request, actor: SignedIn, db: Db, org_id: Annotated[UUID, Form()]) -> Response:
    """A new login session in another of the person's organisations; the old one ends."""
    token = request.cookies.get(SESSION_COOKIE)
    if actor.person_id is None or not token:
        raise NotFound
    with db.write() as session:
        new = sign_in.open_session(session, actor.person_id, org_id)
        sign_in.close_session(session, token)
    return _keep(redirect_to_path(request, "/"), new)


@router.get("/bytt-virksomhet", name="accounts:organisations")
def organisations(request: Request, actor: SignedIn, db: Db) -> Response:
    with db.read() as session:
        found = (
            list(session.execute(queries.organisations_of(actor.person_id)))
            if actor.person_id
            else []
        )
        return page(request, "accounts/organisations.html", organisations=found)


@router.get("/kom-i-gang", name="accounts:set_up")
def show_set_up(
    request: Request, db: Db, token: Annotated[str, Query(alias="nokkel")] = ""
) -> Response:
    with db.read() as session:
        if not sign_in.set_up_is_open(session, token):
            raise sign_in.set_up_spent(session)
        return page(request, "accounts/set_up.html", form={}, errors={}, token=token)


@router.post("/kom-i-gang", name="accounts:do_set_up")
def do_set_up(request: Request, form: FoundForm, db: Db) -> Response:
    token = form.raw.get("nokkel", "")
    try:
        command = form.valid()
    except Invalid as problem:
        shown = {name: text for name, text in form.raw.items() if name != "password"}
        return page(
            request,
            "accounts/set_up.html",
            status=problem.status,
            form=shown,
            errors=problem.by_field,
            token=token,
        )
    with db.write() as session:
        sign_in.spend_set_up(session, token)
        organisation = service.found(session, command)
        person_id = session.scalars(queries.first_member(organisation.id)).one()
        key = sign_in.open_session(session, person_id, organisation.id)
    return _keep(
        redirect_to_path(request, "/", message=gettext("Velkommen! Virksomheten er opprettet.")),
        key,
    )
