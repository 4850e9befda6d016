"""A request once more, from its page into the basket; and one promised piece for a like one."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.accounts.actor import SignedIn
from app.kit.errors import Conflict, Invalid
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import redirect
from app.kit.web import Db
from app.marketplace import service
from app.marketplace.commands_exchange import Exchange
from app.marketplace.outputs import LineOut
from app.marketplace.outputs_repeat import RepeatedOut
from app.marketplace.pages_requests import request_page
from app.marketplace.search import cards_of

router = APIRouter()

RepeatForm = Annotated[Submission[service.OfRequest], Depends(submitted(service.OfRequest))]
ExchangeForm = Annotated[Submission[Exchange], Depends(submitted(Exchange))]


@router.post("/bestillinger/{request_id}/gjenta", name="requests:do_repeat")
def repeat(
    request: Request, request_id: UUID, form: RepeatForm, actor: SignedIn, db: Db
) -> Response:
    commands = [form.valid(request_id=request_id)]
    try:
        with db.write() as session:
            found = once(
                session,
                actor,
                form.key,
                commands,
                lambda: RepeatedOut.all(service.repeat(session, actor, commands)),
                lambda answer: [RepeatedOut.model_validate(each) for each in answer],
            )
    except (Invalid, Conflict) as problem:
        errors = {"": gettext(problem.detail or problem.title)}
        with db.read() as session:
            return request_page(
                request, session, actor, request_id, errors=errors, status=problem.status
            )
    short = [each for each in found if each.put < each.wanted]
    if not short:
        message = gettext(N_("Alt fra bestillingen ligger i kurven."))
        return redirect(request, "basket:show", message=message)
    with db.read() as session:
        cards = cards_of(session, actor, [each.listing_id for each in short])
    missing = ", ".join(
        f"{each.wanted - each.put} × {cards[each.listing_id].name}"
        for each in short
        if each.listing_id in cards
    )
    text = gettext(N_("Lagt i kurven. Ikke å få lenger: %(missing)s."), missing=missing)
    return redirect(request, "basket:show", message=text)


@router.post("/godkjenning/{request_id}/bytt", name="approvals:do_exchange")
def exchange(
    request: Request, request_id: UUID, form: ExchangeForm, actor: SignedIn, db: Db
) -> Response:
    try:
        commands = [form.valid()]
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                commands,
                lambda: LineOut.all(service.exchange(session, actor, commands)),
            )
    except (Invalid, Conflict) as problem:
        errors = {"": gettext(problem.detail or problem.title)}
        if isinstance(problem, Invalid) and problem.by_field:
            errors = {name: gettext(text) for name, text in problem.by_field.items()}
        with db.read() as session:
            return request_page(
                request,
                session,
                actor,
                request_id,
                form=form.raw,
                errors=errors,
                status=problem.status,
            )
    message = gettext(N_("Byttet. Mottakeren får beskjed."))
    return redirect(request, "requests:show", message=message, request_id=request_id)
