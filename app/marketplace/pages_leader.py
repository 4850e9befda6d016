"""The yes and no of the asker's own leaders: what waits for one, and the answer on the request."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.kit.errors import Conflict, Invalid
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import page, redirect
from app.kit.web import Db
from app.marketplace import models, queries, service, shown
from app.marketplace.commands_approval import ApproveAsLeader, RefuseAsLeader
from app.marketplace.models_approval import Approval
from app.marketplace.outputs import ApprovalOut
from app.marketplace.pages_requests import request_page
from app.marketplace.queries_approval import waiting_for_leader

router = APIRouter()

Command = TypeVar("Command", bound=BaseModel)
ApproveForm = Annotated[Submission[ApproveAsLeader], Depends(submitted(ApproveAsLeader))]
RefuseForm = Annotated[Submission[RefuseAsLeader], Depends(submitted(RefuseAsLeader))]
MOST = 100


@router.get("/godkjenning/leder", name="leaders:browse")
def browse(request: Request, actor: SignedIn, db: Db) -> Response:
    """Requests that wait for one's own yes as leader or deputy, the oldest first."""
    actor.must(Permission.REQUEST_MAKE)
    with db.read() as session:
        waiting = waiting_for_leader(actor).with_only_columns(Approval.request_id)
        rows = session.scalars(
            queries.requests_visible_to(actor)
            .where(models.Request.id.in_(waiting))
            .order_by(models.Request.created_at, models.Request.id)
            .limit(MOST)
        ).all()
        return page(
            request,
            "marketplace/leaders.html",
            requests=shown.requests_shown(request, session, actor, rows),
            key=str(uuid4()),
        )


@router.post("/bestillinger/{request_id}/leder-ja", name="requests:do_approve_as_leader")
def approve_as_leader(
    request: Request, request_id: UUID, form: ApproveForm, actor: SignedIn, db: Db
) -> Response:
    message = N_("Du har godkjent bestillingen.")
    return _answered(request, request_id, form, actor, db, service.approve_as_leader, message)


@router.post("/bestillinger/{request_id}/leder-nei", name="requests:do_refuse_as_leader")
def refuse_as_leader(
    request: Request, request_id: UUID, form: RefuseForm, actor: SignedIn, db: Db
) -> Response:
    message = N_("Du har avslått bestillingen. Den som bestilte, får vite hvorfor.")
    return _answered(request, request_id, form, actor, db, service.refuse_as_leader, message)


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
                lambda: ApprovalOut.all(verb(session, actor, commands)),
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
    return redirect(request, "requests:show", message=gettext(message), request_id=request_id)
