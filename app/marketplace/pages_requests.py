"""Requests as both sides follow them, and the giver's list of what waits for a yes or a no."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ValidationError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.queries import units_led_by
from app.accounts.rules import Permission
from app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import page, panels, redirect, url
from app.kit.paging import Cursor, keyset
from app.kit.states import allows
from app.kit.web import Db
from app.marketplace import models, queries, service, shown
from app.marketplace.outputs import LineOut, RequestOut
from app.marketplace.queries_hold import HELD
from app.marketplace.rules import REQUEST_MACHINE, RequestVerb, ReservationState
from app.marketplace.service_waiting import may_answer
from app.marketplace.shown_exchange import exchanges_shown
from app.marketplace.shown_thread import thread

router = APIRouter()

ROWS = 30
CancelForm = Annotated[Submission[service.OfRequest], Depends(submitted(service.OfRequest))]


class Note(BaseModel):
    """The approval form's only field that is not a line's."""

    note: str | None = None


DecideForm = Annotated[Submission[Note], Depends(submitted(Note))]


def _sees_all(actor: Actor) -> bool:
    return actor.may(Permission.RESERVATION_APPROVE) or actor.may(Permission.HANDOVER_MAKE)


@router.get("/bestillinger", name="requests:browse")
def browse(
    request: Request,
    actor: SignedIn,
    db: Db,
    cursor: Cursor = None,
    vis: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """One's own requests; who decides or delivers may see all."""
    actor.must(Permission.REQUEST_MAKE)
    is_all = vis == "alle" and _sees_all(actor)
    query = queries.requests_visible_to(actor) if is_all else queries.own_requests(actor)
    with db.read() as session:
        found = _paged(session, query, cursor)
        chosen = {"vis": "alle" if is_all else None}
        further = url(request, "requests:browse", query={**chosen, "cursor": found.next})
        return page(
            request,
            "marketplace/requests.html",
            requests=shown.requests_shown(request, session, actor, found.rows),
            is_all=is_all,
            sees_all=_sees_all(actor),
            next_href=further if found.next else None,
            first_href=url(request, "requests:browse", query=chosen) if cursor else None,
        )


def _paged(session: Session, query: Any, cursor: str | None) -> Any:
    return keyset(
        session,
        query,
        [(models.Request.created_at.expression, True), (models.Request.id.expression, True)],
        cursor=cursor,
        limit=ROWS,
        rows=lambda result: result.scalars().all(),
        position=lambda row: (row.created_at, row.id),
    )


def request_page(
    request: Request,
    session: Session,
    actor: Actor,
    request_id: UUID,
    *,
    form: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    refused: UUID | None = None,
    status: int = 200,
) -> Response:
    """The request, also when what was written or answered there is refused.

    ``refused`` is the line whose offer could not be answered as it was typed.
    """
    row = session.scalar(queries.requests_visible_to(actor).where(models.Request.id == request_id))
    if row is None:
        raise NotFound(N_("Fant ikke bestillingen."))
    [seen] = shown.requests_shown(request, session, actor, [row])
    decides = actor.may(Permission.RESERVATION_APPROVE)
    held = [each.id for each in seen["lines"] if each.counts.keys() & set(HELD)]
    may_cancel = allows(REQUEST_MACHINE, row.state, RequestVerb.CANCEL) and (
        seen["is_mine"] or decides
    )
    return page(
        request,
        "marketplace/request.html",
        status=status,
        order=seen,
        panels=panels(request, "request", session, actor, row),
        events=shown.timeline(session, actor, row.id, [each.id for each in seen["lines"]]),
        messages=thread(request, session, actor, row.id),
        may_decide=decides and any(each.open or each.approved for each in seen["lines"]),
        may_answer=decides
        and not seen["awaits_leader"]
        and any(each.open for each in seen["lines"]),
        decides=decides,
        may_hand_over=bool(held) and actor.may(Permission.HANDOVER_MAKE),
        may_give_back=(seen["is_mine"] or decides)
        and any(
            each.counts.get(ReservationState.RECEIVED, 0) > each.returned for each in seen["lines"]
        ),
        exchanges=exchanges_shown(session, actor, held) if decides and held else {},
        may_cancel=may_cancel,
        offers=_offers(session, actor, row, seen["lines"]),
        refused=refused,
        key=str(uuid4()),
        form=form or {},
        errors=errors or {},
        twin=url(request, "api:requests:get", request_id=row.id),
    )


def _offers(
    session: Session, actor: Actor, row: models.Request, lines: list[shown.LineShown]
) -> list[shown.LineShown]:
    """The lines with an offer that the actor may answer, the first to lapse first."""
    offered = [(each.offer.last_day, each) for each in lines if each.offer is not None]
    if not offered or not may_answer(actor, row, set(session.scalars(units_led_by(actor)))):
        return []
    return [each for _, each in sorted(offered, key=lambda pair: pair[0])]


@router.get("/bestillinger/{request_id}", name="requests:show")
def show(request: Request, request_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.REQUEST_MAKE)
    with db.read() as session:
        return request_page(request, session, actor, request_id)


@router.post("/bestillinger/{request_id}/avbestill", name="requests:do_cancel")
def cancel(
    request: Request, request_id: UUID, form: CancelForm, actor: SignedIn, db: Db
) -> Response:
    commands = [form.valid(request_id=request_id)]
    try:
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                commands,
                lambda: RequestOut.all(service.cancel(session, actor, commands)),
            )
    except Conflict as problem:
        with db.read() as session:
            errors = {"": gettext(problem.detail or problem.title)}
            return request_page(
                request, session, actor, request_id, errors=errors, status=problem.status
            )
    message = gettext(N_("Bestillingen er avbestilt."))
    return redirect(request, "requests:show", message=message, request_id=request_id)


def _approvals_page(
    request: Request,
    session: Session,
    actor: Actor,
    cursor: str | None = None,
    *,
    refused: UUID | None = None,
    form: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    waiting = queries.requests_visible_to(actor).where(
        models.Request.id.in_(queries.undecided(actor))
    )
    found = _paged(session, waiting, cursor)
    further = url(request, "approvals:browse", query={"cursor": found.next})
    return page(
        request,
        "marketplace/approvals.html",
        status=status,
        requests=shown.requests_shown(request, session, actor, found.rows),
        refused=refused,
        reasons=shown.refusal_options(),
        form=form or {},
        errors=errors or {},
        key=str(uuid4()),
        next_href=further if found.next else None,
        first_href=url(request, "approvals:browse") if cursor else None,
    )


@router.get("/godkjenning", name="approvals:browse")
def approvals(request: Request, actor: SignedIn, db: Db, cursor: Cursor = None) -> Response:
    actor.must(Permission.RESERVATION_APPROVE)
    with db.read() as session:
        return _approvals_page(request, session, actor, cursor)


def _quantities(raw: dict[str, str], note: str | None, reason: str | None) -> list[service.Approve]:
    """``quantity-<line>`` of each line that is to be decided now; note and reason are of all."""
    errors: dict[str, str] = {}
    commands = []
    for name, typed in raw.items():
        if not name.startswith("quantity-"):
            continue
        text = typed.strip()
        if not text.isdecimal() or len(text) > 3 or int(text) > service.MOST_PIECES:
            errors[name] = gettext(N_("Skriv et helt antall."))
            continue
        line_id = _line_id(name)
        commands.append(
            service.Approve.model_validate(
                {
                    "request_line_id": line_id,
                    "quantity": int(text),
                    "reason": reason,
                    "note": note,
                }
            )
        )
    if errors:
        raise Invalid(by_field=errors)
    if not commands:
        raise Invalid(by_field={"": gettext(N_("Det er ingenting å svare på."))})
    return commands


def _odd(error: ValidationError) -> dict[str, str]:
    """What no form of ours sends, or a note that is too long."""
    if any("reason" in each["loc"] for each in error.errors()):
        return {"reason": N_("Velg en grunn fra listen.")}
    return {"note": N_("Skriv kortere, uten spesialtegn.")}


def _line_id(name: str) -> UUID:
    try:
        return UUID(name.partition("-")[2])
    except ValueError as error:
        raise NotFound from error


@router.post("/godkjenning/{request_id}", name="approvals:decide")
def decide(
    request: Request, request_id: UUID, form: DecideForm, actor: SignedIn, db: Db
) -> Response:
    """Approves the counts of the form, or declines everything that is open."""
    actor.must(Permission.RESERVATION_APPROVE)
    is_no = form.raw.get("answer") == "no"
    try:
        note = form.raw.get("note", "").strip() or None
        reason = form.raw.get("reason", "").strip() or None
        approvals = _quantities(form.raw, note, reason)
        commands: list[Any] = list(approvals)
        if is_no:
            commands = [
                service.Decline(
                    request_line_id=each.request_line_id, reason=each.reason, note=each.note
                )
                for each in approvals
            ]
        verb: Callable[..., Any] = service.decline if is_no else service.approve
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                commands,
                lambda: LineOut.all(verb(session, actor, commands)),
            )
    except (Invalid, Conflict) as problem:
        return _refused(request, request_id, form.raw, actor, db, problem)
    except ValidationError as error:
        return _refused(request, request_id, form.raw, actor, db, Invalid(by_field=_odd(error)))
    message = gettext(N_("Avslått.") if is_no else N_("Svaret er sendt."))
    return redirect(request, "requests:show", message=message, request_id=request_id)


def _refused(
    request: Request,
    request_id: UUID,
    raw: dict[str, str],
    actor: Actor,
    db: Db,
    problem: Invalid | Conflict,
) -> Response:
    if isinstance(problem, Forbidden):
        raise problem
    errors = {"": gettext(problem.detail or problem.title)}
    if isinstance(problem, Invalid) and problem.by_field:
        errors = {name: gettext(text) for name, text in problem.by_field.items()}
        if "quantity" in errors:
            errors[""] = errors.pop("quantity")
    with db.read() as session:
        return _approvals_page(
            request,
            session,
            actor,
            refused=request_id,
            form=raw,
            errors=errors,
            status=problem.status,
        )


ReadyForm = Annotated[Submission[service.OfRequestLine], Depends(submitted(service.OfRequestLine))]


@router.post("/godkjenning/{request_id}/klar", name="approvals:do_make_ready")
def make_ready(
    request: Request, request_id: UUID, form: ReadyForm, actor: SignedIn, db: Db
) -> Response:
    commands = [form.valid()]
    try:
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                commands,
                lambda: LineOut.all(service.make_ready(session, actor, commands)),
            )
    except Conflict as problem:
        with db.read() as session:
            errors = {"": gettext(problem.detail or problem.title)}
            return request_page(
                request, session, actor, request_id, errors=errors, status=problem.status
            )
    message = gettext(N_("Meldt klart til henting."))
    return redirect(request, "requests:show", message=message, request_id=request_id)
