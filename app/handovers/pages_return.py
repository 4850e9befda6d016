"""Giving received pieces back, and exchanging one for a like one: of a handover or of an order."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy import Select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.handovers import service, views_return
from app.handovers.api import handover_of
from app.handovers.models import HandoverLine
from app.handovers.outputs import HandoverOut
from app.handovers.pages import errors_of
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext, ngettext
from app.kit.once import once
from app.kit.page import page, redirect
from app.kit.web import Db
from app.marketplace.models import Request as MarketRequest
from app.marketplace.queries import requests_visible_to

router = APIRouter(prefix="/overleveringer")

Command = TypeVar("Command", bound=BaseModel)
ReturnForm = Annotated[Submission[service.GiveBack], Depends(submitted(service.GiveBack))]
ExchangeForm = Annotated[
    Submission[service.ExchangeReceived], Depends(submitted(service.ExchangeReceived))
]


class Of(BaseModel):
    """What the pieces were received by: one of the two."""

    overlevering: UUID | None = None
    bestilling: UUID | None = None


OfWhat = Annotated[Of, Query()]


@router.get("/tilbake", name="handovers:give_back")
def ask(request: Request, actor: SignedIn, db: Db, of: OfWhat) -> Response:
    actor.must(Permission.REQUEST_MAKE)
    with db.read() as session:
        return _ask(request, session, actor, of, form={}, errors={})


@router.post("/tilbake", name="handovers:do_give_back")
def give_back(request: Request, form: ReturnForm, actor: SignedIn, db: Db, of: OfWhat) -> Response:
    def message(command: service.GiveBack) -> str:
        count = len(command.handover_line_ids)
        return ngettext(
            "Ett møbel er levert tilbake. Besparelsen er ført tilbake.",
            "%(num)s møbler er levert tilbake. Besparelsen er ført tilbake.",
            count,
        )

    return _done(request, form, actor, db, of, service.give_back, message)


@router.post("/tilbake/bytt", name="handovers:do_exchange")
def exchange(request: Request, form: ExchangeForm, actor: SignedIn, db: Db, of: OfWhat) -> Response:
    def message(_command: service.ExchangeReceived) -> str:
        return gettext("Byttet. Det nye møbelet er godkjent og kan overleveres.")

    return _done(request, form, actor, db, of, service.exchange_received, message)


def _done(
    request: Request,
    form: Submission[Command],
    actor: Actor,
    db: Db,
    of: Of,
    verb: Callable[[Session, Actor, Sequence[Command]], list[HandoverLine]],
    message: Callable[[Command], str],
) -> Response:
    try:
        command = form.valid()
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                [command],
                lambda: HandoverOut.of_lines(session, actor, verb(session, actor, [command])),
            )
    except (Invalid, Conflict) as problem:
        errors = errors_of(problem, "handover_line_ids")
        chosen: dict[str, Any] = {**form.raw, "chosen": form.many.get("handover_line_ids", [])}
        with db.read() as session:
            return _ask(
                request, session, actor, of, form=chosen, errors=errors, status=problem.status
            )
    if of.bestilling is not None:
        return redirect(
            request, "requests:show", message=message(command), request_id=of.bestilling
        )
    return redirect(
        request, "handovers:show", message=message(command), handover_id=of.overlevering
    )


def _ask(
    request: Request,
    session: Session,
    actor: Actor,
    of: Of,
    *,
    form: dict[str, Any],
    errors: dict[str, str],
    status: int = 200,
) -> Response:
    lines, title = _what(session, actor, of)
    found = views_return.returnable_of(session, actor, lines)
    return page(
        request,
        "handovers/give_back.html",
        status=status,
        of={"overlevering": of.overlevering, "bestilling": of.bestilling},
        came_by=title,
        found=found,
        swaps=[(str(each["line"].id), views_return.called(each)) for each in found.rows],
        key=str(uuid4()),
        form=form,
        errors=errors,
    )


def _what(session: Session, actor: Actor, of: Of) -> tuple[Select[HandoverLine], str]:
    """The lines, and what the page calls the handover or order. Raises ``NotFound``."""
    if of.bestilling is not None:
        query = requests_visible_to(actor).where(MarketRequest.id == of.bestilling)
        order = session.scalar(query)
        if order is None:
            raise NotFound(N_("Fant ikke bestillingen."))
        return (
            views_return.of_request(actor, order.id),
            gettext("Bestilling %(number)s", number=order.number),
        )
    if of.overlevering is None:
        raise NotFound
    handover = handover_of(session, actor, of.overlevering)
    return (
        views_return.of_handover(actor, handover.id),
        gettext("Overlevering %(number)s", number=handover.number),
    )
