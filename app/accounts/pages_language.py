"""In which language somebody reads: kept in this browser, and for who is signed in with their letters."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from app.accounts.actor import MaybeSignedIn
from app.accounts.service_language import ChooseLanguage, choose_language, must_be_offered
from app.kit.page import keep_language, redirect_to_path
from app.kit.web import Db

router = APIRouter()


@router.post("/sprak", name="accounts:language")
def choose(
    request: Request,
    actor: MaybeSignedIn,
    db: Db,
    language: Annotated[str, Form(max_length=8)] = "",
    back: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    command = ChooseLanguage(language=language)
    finished = request.app.state.settings.finished_languages
    must_be_offered(command, finished)
    if actor is not None and actor.person_id is not None:
        with db.write() as session:
            choose_language(session, actor, command, finished)
    return keep_language(redirect_to_path(request, back), language)
