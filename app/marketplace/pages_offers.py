"""Yes and no to what fell free for who waited, on the request's own page."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel

from app.accounts.actor import Actor, SignedIn
from app.kit.errors import Conflict, Invalid
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import redirect
from app.kit.web import Db
from app.marketplace import service
from app.marketplace.outputs import LineOut
from app.marketplace.pages_requests import request_page

router = APIRouter()

Command = TypeVar("Command", bound=BaseModel)
AcceptForm = Annotated[Submission[service.AcceptOffer], Depends(submitted(service.AcceptOffer))]
DeclineForm = Annotated[Submission[service.DeclineOffer], Depends(submitted(service.DeclineOffer))]


@router.post("/bestillinger/{request_id}/ta-imot", name="requests:do_accept_offer")
def accept_offer(
    request: Request, request_id: UUID, form: AcceptForm, actor: SignedIn, db: Db
) -> Response:
    message = N_("Møblene er dine. Giveren gjør dem klare til henting.")
    return _answered(request, request_id, form, actor, db, service.accept_offer, message)


@router.post("/bestillinger/{request_id}/nei-takk", name="requests:do_decline_offer")
def decline_offer(
    request: Request, request_id: UUID, form: DeclineForm, actor: SignedIn, db: Db
) -> Response:
    message = N_("Du har takket nei. Tilbudet går til neste i køen.")
    return _answered(request, request_id, form, actor, db, service.decline_offer, message)


def _answered(
    request: Request,
    request_id: UUID,
    form: Submission[Command],
    actor: Actor,
    db: Db,
    verb: Callable[[Any, Actor, Sequence[Command]], Sequence[object]],
    message: str,
) -> Response:
    try:
        commands = [form.valid()]
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                commands,
                lambda: LineOut.all(verb(session, actor, commands)),
            )
    except (Invalid, Conflict) as problem:
        line_id = _line_id(form.raw)
        errors = {"": gettext(problem.detail or problem.title)}
        if isinstance(problem, Invalid) and "quantity" in problem.by_field and line_id is not None:
            errors = {f"quantity-{line_id}": gettext(problem.by_field["quantity"])}
        with db.read() as session:
            return request_page(
                request,
                session,
                actor,
                request_id,
                form=form.raw,
                errors=errors,
                refused=line_id,
                status=problem.status,
            )
    return redirect(request, "requests:show", message=gettext(message), request_id=request_id)


def _line_id(raw: dict[str, str]) -> UUID | None:
    try:
        return UUID(raw.get("request_line_id", ""))
    except ValueError:
        return None  # nothing to point at
