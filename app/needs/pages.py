"""The pages of needs: submit, walk up the ladder, and the record of it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.queries import unit_choices
from app.accounts.rules import Permission
from app.items.choices import suitability_options
from app.kit.errors import Conflict, Forbidden, Invalid
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once, only_id
from app.kit.page import page, redirect
from app.kit.paging import Cursor, keyset
from app.kit.pdf import as_pdf
from app.kit.states import allows
from app.kit.web import Db
from app.needs import names, queries, queries_wish, service, service_ladder, views
from app.needs.api import NEWEST_FIRST, line_of, need_of
from app.needs.models import Need
from app.needs.outputs import LadderStepOut, NeedLineOut, NeedOut
from app.needs.rules import NEED_MACHINE, OPEN, NeedState, NeedVerb, Step
from app.places.queries import place_choices
from app.projects.queries import category_choices, open_projects

router = APIRouter(prefix="/behov")

ROWS = 30
SubmitForm = Annotated[Submission[service.SubmitNeed], Depends(submitted(service.SubmitNeed))]
LineForm = Annotated[Submission[service.AddNeedLine], Depends(submitted(service.AddNeedLine))]
EndForm = Annotated[Submission[service.OfNeed], Depends(submitted(service.OfNeed))]
TakeForm = Annotated[Submission[service.Take], Depends(submitted(service.Take))]
LeaveForm = Annotated[Submission[service.Leave], Depends(submitted(service.Leave))]
State = Annotated[NeedState | None, Query(alias="status")]


@router.get("", name="needs:browse")
def browse(
    request: Request, actor: SignedIn, db: Db, state: State = None, cursor: Cursor = None
) -> Response:
    actor.must(Permission.REQUEST_MAKE)
    query = queries.needs_visible_to(actor)
    if state is not None:
        query = query.where(Need.state == state)
    with db.read() as session:
        found = keyset(
            session,
            query,
            NEWEST_FIRST,
            cursor=cursor,
            limit=ROWS,
            rows=lambda result: list(result.scalars()),
            position=lambda each: (each.number, each.id),
        )
        return page(
            request,
            "needs/browse.html",
            rows=views.rows(session, actor, found.rows),
            states=[(each, gettext(text)) for each, (text, _) in names.STATES.items()],
            state=state,
            next_cursor=found.next,
            is_first=cursor is None,
        )


@router.get("/nytt", name="needs:new")
def new(
    request: Request,
    actor: SignedIn,
    db: Db,
    category_id: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    actor.must(Permission.REQUEST_MAKE)
    form = {"unit_id": str(actor.home_unit_id or ""), "category_id": category_id, "quantity": "1"}
    with db.read() as session:
        return _form(request, session, actor, form=form, errors={})


@router.post("/nytt", name="needs:submit")
def submit(request: Request, form: SubmitForm, actor: SignedIn, db: Db) -> Response:
    try:
        commands = [_whole(form)]
        with db.write() as session:
            need_id = once(
                session,
                actor,
                form.key,
                commands,
                lambda: NeedOut.all(session, actor, service.submit(session, actor, commands)),
                only_id,
            )
    except Invalid as problem:
        with db.read() as session:
            return _form(
                request, session, actor, form=form.raw, errors=problem.by_field, status=422
            )
    message = gettext(N_("Behovet er meldt inn. Se først hva som alt finnes."))
    return redirect(request, "needs:show", message=message, need_id=need_id)


_ANY_LINE = service.NewNeedLine(category_id="-", quantity=1)
"""Stands for a line that is wrong, so that the rest of its form is looked at too."""


def _whole(form: Submission[service.SubmitNeed]) -> service.SubmitNeed:
    """The form asks for a need and its first line at once; both say what is wrong with them."""
    errors: dict[str, str] = {}
    line = _ANY_LINE
    try:
        line = Submission(service.NewNeedLine, form.raw, form.many).valid()
    except Invalid as problem:
        errors = problem.by_field
    try:
        command = form.valid(lines=[line])
    except Invalid as problem:
        raise Invalid(by_field={**errors, **problem.by_field}) from problem
    if errors:
        raise Invalid(by_field=errors)
    return command


@router.get("/{need_id}", name="needs:show")
def show(
    request: Request,
    need_id: UUID,
    actor: SignedIn,
    db: Db,
    opened: Annotated[UUID | None, Query(alias="linje")] = None,
) -> Response:
    actor.must(Permission.REQUEST_MAKE)
    with db.read() as session:
        need = need_of(session, actor, need_id)
        return _show(request, session, actor, need, opened=opened)


@router.get("/{need_id}/protokoll", name="needs:record")
def record(request: Request, need_id: UUID, actor: SignedIn, db: Db) -> Response:
    """What was examined before anything was bought: made to be printed."""
    actor.must(Permission.REQUEST_MAKE)
    with db.read() as session:
        need = need_of(session, actor, need_id)
        return page(
            request,
            "needs/record.html",
            need=need,
            about=views.about(session, actor, need),
            ladders=views.ladders(
                request, session, actor, need, today=db.clock.now().date(), is_open=False
            ),
            printed_at=db.clock.now(),
        )


@router.get("/{need_id}/protokoll.pdf", name="needs:record_pdf")
def record_pdf(request: Request, need_id: UUID, actor: SignedIn, db: Db) -> Response:
    """For the procurement file."""
    return as_pdf(request, record(request, need_id, actor, db))


@router.post("/{need_id}/linjer", name="needs:add_line")
def add_line(request: Request, need_id: UUID, form: LineForm, actor: SignedIn, db: Db) -> Response:
    try:
        commands = [form.valid(need_id=need_id)]
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                commands,
                lambda: NeedLineOut.all(
                    session, actor, service.add_lines(session, actor, commands)
                ),
            )
    except Invalid as problem:
        with db.read() as session:
            need = need_of(session, actor, need_id)
            return _show(
                request, session, actor, need, form=form.raw, errors=problem.by_field, status=422
            )
    return redirect(
        request, "needs:show", message=gettext(N_("Linjen er lagt til.")), need_id=need_id
    )


@router.post("/linjer/{need_line_id}/ta", name="needs:take")
def take(request: Request, need_line_id: UUID, form: TakeForm, actor: SignedIn, db: Db) -> Response:
    said = (
        gettext(N_("Notert. Møblene er satt av til behovet."))
        if form.raw.get("item_id")
        else gettext(N_("Notert. Det som er tatt fra markedet, er bestilt."))
    )
    return _decide(request, db, actor, need_line_id, form, TAKE, said)


@router.post("/linjer/{need_line_id}/videre", name="needs:leave")
def leave(
    request: Request, need_line_id: UUID, form: LeaveForm, actor: SignedIn, db: Db
) -> Response:
    said = gettext(N_("Notert. Neste trinn står klart."))
    return _decide(request, db, actor, need_line_id, form, LEAVE, said)


TAKE, LEAVE = "take", "leave"
ACTS: Mapping[str, Callable[[Session, Actor, Any], list[Any]]] = {
    TAKE: service_ladder.take,
    LEAVE: service_ladder.leave,
}


def _decide(
    request: Request,
    db: Db,
    actor: Actor,
    need_line_id: UUID,
    form: Submission[Any],
    act: str,
    said: str,
) -> Response:
    """A decision at a line's step; what is wrong with it stands at the line."""
    try:
        commands = [form.valid(need_line_id=need_line_id)]
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                commands,
                lambda: LadderStepOut.all(session, ACTS[act](session, actor, commands)),
            )
    except (Invalid, Conflict, Forbidden) as problem:
        with db.read() as session:
            line = line_of(session, actor, need_line_id)
            need = need_of(session, actor, line.need_id)
            return _show(
                request,
                session,
                actor,
                need,
                form=form.raw,
                errors=_said(problem),
                at=line.id,
                act=act,
                status=problem.status,
            )
    with db.read() as session:
        need_id = line_of(session, actor, need_line_id).need_id
    opened = {"linje": need_line_id}
    return redirect(request, "needs:show", message=said, query=opened, need_id=need_id)


def _said(problem: Invalid | Conflict | Forbidden) -> dict[str, str]:
    if isinstance(problem, Invalid) and problem.by_field:
        return {name: gettext(text) for name, text in problem.by_field.items()}
    return {"": gettext(problem.detail or problem.title)}


FORM_GONE = N_("Det du valgte, står ikke her lenger. Se over, og velg på nytt.")


def _fields(row: Mapping[str, Any], act: str, form: dict[str, str], *, may_buy: bool) -> set[str]:
    """The fields that the line's form for the act has now; none when there is no such form."""
    is_new = row["step"] is Step.NEW
    if act == LEAVE:
        has_form = bool(row["matches"]) or (row["is_by_hand"] and not is_new)
        return {"reason", "reason_text"} if has_form else set()
    if form.get("step") == Step.NEW.value and not is_new:
        has_form = may_buy and row["early"] is not None and row["early"]["lacking"] is None
        return {"quantity", "reason_text"} if has_form else set()
    chosen = form.get("listing_id") or form.get("item_id")
    late = [each for step in row["steps"] for each in step["late"]]
    known = {str(each["listing_id"] or each["item_id"]) for each in (*row["matches"], *late)}
    if row["is_by_hand"] and not chosen:
        return {"quantity", "reason_text"} if may_buy or not is_new else set()
    return {"quantity"} if chosen in known else set()


def _at_fields(errors: dict[str, str], fields: set[str]) -> dict[str, str]:
    """What can be mended where it stands, else that there is nothing to mend."""
    shown = {name: text for name, text in errors.items() if not name or name in fields}
    return shown or {"": gettext(FORM_GONE)}


@router.post("/{need_id}/lukk", name="needs:close")
def close(request: Request, need_id: UUID, form: EndForm, actor: SignedIn, db: Db) -> Response:
    return _end(request, db, actor, need_id, form, service.close, N_("Behovet er lukket."))


@router.post("/{need_id}/trekk", name="needs:cancel")
def cancel(request: Request, need_id: UUID, form: EndForm, actor: SignedIn, db: Db) -> Response:
    return _end(request, db, actor, need_id, form, service.cancel, N_("Behovet er trukket."))


@router.post("/{need_id}/gjenapne", name="needs:reopen")
def reopen(request: Request, need_id: UUID, form: EndForm, actor: SignedIn, db: Db) -> Response:
    return _end(request, db, actor, need_id, form, service.reopen, N_("Behovet er åpent igjen."))


def _end(
    request: Request,
    db: Db,
    actor: Actor,
    need_id: UUID,
    form: Submission[service.OfNeed],
    verb: Callable[[Session, Actor, Sequence[service.OfNeed]], list[Need]],
    said: str,
) -> Response:
    commands = [form.valid(need_id=need_id)]
    with db.write() as session:
        once(
            session,
            actor,
            form.key,
            commands,
            lambda: NeedOut.all(session, actor, verb(session, actor, commands)),
        )
    return redirect(request, "needs:show", message=gettext(said), need_id=need_id)


def _form(
    request: Request,
    session: Session,
    actor: Actor,
    *,
    form: dict[str, str],
    errors: dict[str, str],
    status: int = 200,
) -> Response:
    return page(
        request,
        "needs/new.html",
        status=status,
        categories=category_choices(session),
        suitabilities=suitability_options(),
        units=unit_choices(session, actor),
        places=place_choices(session, actor),
        projects=open_projects(session, actor),
        key=str(uuid4()),
        form=form,
        errors=errors,
    )


def _show(
    request: Request,
    session: Session,
    actor: Actor,
    need: Need,
    *,
    form: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    at: UUID | None = None,
    opened: UUID | None = None,
    act: str = "",
    status: int = 200,
) -> Response:
    today = request.app.state.db.clock.now().date()
    may_walk = service.may_walk(session, actor, need)
    is_open = need.state in OPEN and may_walk
    may_buy = is_open and service_ladder.may_buy(session, actor, need)
    ladders = views.ladders(
        request, session, actor, need, today=today, is_open=is_open, opened=at or opened
    )
    if at is not None:
        row = next(each for each in ladders if each["line"].id == at)
        errors = _at_fields(errors or {}, _fields(row, act, form or {}, may_buy=may_buy))
    return page(
        request,
        "needs/show.html",
        status=status,
        need=need,
        about=views.about(session, actor, need),
        ladders=ladders,
        may_buy=may_buy,
        finds=queries_wish.finds(session, actor, need_id=need.id) if is_open else [],
        reasons=[(each.value, gettext(text)) for each, text in names.REASONS.items()],
        is_open=is_open,
        may_reopen=may_walk and allows(NEED_MACHINE, need.state, NeedVerb.REOPEN),
        categories=category_choices(session) if is_open else [],
        suitabilities=suitability_options(),
        key=str(uuid4()),
        at=at,
        act=act,
        form=form or {},
        errors=errors or {},
    )
