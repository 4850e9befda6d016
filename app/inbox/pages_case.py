"""The pages of cases: ask, write down what came, read, answer and end."""

import re
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.queries import unit_choices
from app.accounts.rules import Permission
from app.inbox import commands as do
from app.inbox import names, queries, service, shown_case, views
from app.inbox.api import BY_NUMBER, case_of
from app.inbox.asked import asked_in
from app.inbox.mail_text import read_mail
from app.inbox.outputs import CaseOut
from app.inbox.pages_act import acted, at_fields, said
from app.inbox.queries import CaseFilter
from app.inbox.rules import CaseState, Channel, Outcome
from app.inbox.service_photos import MOST_PHOTOS, CasePhotosEnough, attach
from app.items.uploads import PHOTO_BYTES, stored_photos, uploaded
from app.kit.errors import Invalid, Stale
from app.kit.exports import MEDIA_TYPES, Format, as_csv
from app.kit.forms import STALE, Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.images import PhotoRefused, reads_heic
from app.kit.once import once, only_id
from app.kit.page import page, redirect, url
from app.kit.paging import Cursor, keyset
from app.kit.web import Db
from app.places.queries import place_choices

router = APIRouter(prefix="/henvendelser")

ROWS = 50
MOST_PASTED = 200_000
_BETWEEN_CODES = re.compile(r"[\r\n,;]+")


class Pasted(BaseModel):
    """An e-mail as it was copied, headers and all."""

    pasted: Annotated[str, do.STRIPPED]


AskForm = Annotated[Submission[do.Ask], Depends(uploaded(do.Ask))]
ReceiveForm = Annotated[Submission[do.Receive], Depends(submitted(do.Receive))]
PastedForm = Annotated[Submission[Pasted], Depends(submitted(Pasted))]
EditForm = Annotated[Submission[do.EditCase], Depends(submitted(do.EditCase))]


@router.get("", name="cases:browse")
def browse(request: Request, actor: SignedIn, db: Db, cursor: Cursor = None) -> Response:
    """One's own, and all of those one handles."""
    actor.must(Permission.REQUEST_MAKE)
    wanted, query, wrong = asked_in(CaseFilter, request.query_params)
    with db.read() as session:
        found = keyset(
            session,
            queries.narrowed(queries.cases_visible_to(actor), wanted),
            BY_NUMBER,
            cursor=cursor,
            limit=ROWS,
            rows=lambda result: list(result.scalars()),
            position=lambda each: (each.year, each.number, each.id),
        )
        handles = actor.may(Permission.CASE_HANDLE)
        further = url(request, "cases:browse", query={**query, "cursor": found.next})
        return page(
            request,
            "inbox/cases.html",
            status=422 if wrong else 200,
            rows=views.case_rows(session, actor, found.rows),
            asked={**dict.fromkeys(CaseFilter.model_fields, ""), **query},
            wrong=wrong,
            filter_count=sum(1 for name in query if name != "q"),
            is_filtered=bool(query),
            handles=handles,
            kinds=views.kind_options(),
            channels=[(each.value, gettext(names.CHANNELS[each])) for each in Channel],
            states=[(each.value, gettext(names.STATES[each][0])) for each in CaseState],
            outcomes=[(each.value, gettext(names.OUTCOMES[each])) for each in Outcome],
            units=unit_choices(session, actor) if handles else [],
            handlers=_handlers(session, actor) if handles else [],
            next_href=further if found.next else None,
            first_href=url(request, "cases:browse", query=query) if cursor else None,
            export_href=url(request, "cases:export", query=query) if handles else None,
        )


def _handlers(session: Session, actor: Actor) -> list[tuple[str, str]]:
    return [(str(key), name) for key, name in queries.handlers(session, actor.org_id).items()]


@router.get("/fil", name="cases:export")
def download(request: Request, actor: SignedIn, db: Db) -> Response:
    """What the list shows, all of it."""
    actor.must(Permission.CASE_HANDLE)
    wanted, query, wrong = asked_in(CaseFilter, request.query_params)
    if wrong:
        return redirect(request, "cases:browse", query=query)
    with db.read() as session:
        order = [each.desc() if down else each.asc() for each, down in BY_NUMBER]
        narrowed = queries.narrowed(queries.cases_visible_to(actor), wanted)
        cases = session.scalars(narrowed.order_by(*order)).all()
        rows = views.case_rows(session, actor, cases)
    return StreamingResponse(
        as_csv(shown_case.columns(), [shown_case.cells(each) for each in rows]),
        media_type=MEDIA_TYPES[Format.CSV],
        headers={"Content-Disposition": 'attachment; filename="henvendelser.csv"'},
    )


@router.get("/ny", name="cases:new")
def new(request: Request, actor: SignedIn, db: Db, kode: str = "") -> Response:
    """An employee's form; from a piece's page its code is there already."""
    actor.must(Permission.REQUEST_MAKE)
    form = {"unit_id": str(actor.home_unit_id or ""), "codes": kode[:40]}
    return _ask_page(request, db, actor, form, {})


def _ask_page(
    request: Request,
    db: Db,
    actor: Actor,
    form: dict[str, str],
    errors: dict[str, str],
    status: int = 200,
) -> Response:
    with db.read() as session:
        return page(
            request,
            "inbox/new.html",
            status=status,
            kinds=views.kind_options(),
            units=unit_choices(session, actor),
            places=place_choices(session, actor),
            reads_heic=reads_heic(),
            most=MOST_PHOTOS,
            key=str(uuid4()),
            form=form,
            errors=errors,
        )


def codes_in(form: Submission[Any]) -> list[str]:
    """One field for all codes: a line each, or commas between them."""
    typed = form.raw.get("codes", "")
    return [each.strip() for each in _BETWEEN_CODES.split(typed) if each.strip()]


@router.post("/ny", name="cases:ask", max_body_size=PHOTO_BYTES)
def ask(request: Request, form: AskForm, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.REQUEST_MAKE)
    try:
        command = form.valid(codes=codes_in(form))
        photos = stored_photos(request, actor, form)
        with db.write() as session:

            def made() -> list[CaseOut]:
                cases = service.ask(session, actor, [command])
                if photos:
                    attach(session, actor, cases[0], photos)
                return CaseOut.all(session, actor, cases)

            case_id = once(session, actor, form.key, [command], made, only_id)
    except Invalid as problem:
        return _ask_page(request, db, actor, form.raw, at_fields(problem), 422)
    except (PhotoRefused, CasePhotosEnough) as problem:
        refused = {"photos": said(problem)}
        return _ask_page(request, db, actor, form.raw, refused, problem.status)
    message = gettext(N_("Takk! Møbelforvalteren har fått henvendelsen."))
    return redirect(request, "cases:show", message=message, case_id=case_id)


@router.get("/motta", name="cases:write_down")
def write_down(request: Request, actor: SignedIn, db: Db, kanal: str = "") -> Response:
    """By phone a form at once; by e-mail first what is pasted."""
    actor.must(Permission.CASE_HANDLE)
    form = {
        "channel": Channel.PHONE.value,
        "received_on": db.clock.today().isoformat(),
        "assignee_id": str(actor.person_id or ""),
    }
    if kanal == Channel.EMAIL.value:
        return page(request, "inbox/paste.html", form={}, errors={})
    return _receive_page(request, db, actor, form, {})


@router.post("/lim-inn", name="cases:paste", max_body_size=MOST_PASTED * 4)
def paste(request: Request, form: PastedForm, actor: SignedIn, db: Db) -> Response:
    """Reads the headers and shows the form with them; nothing is kept yet."""
    actor.must(Permission.CASE_HANDLE)
    try:
        pasted = form.valid().pasted
    except Invalid as problem:
        return page(request, "inbox/paste.html", status=422, form=form.raw, errors=problem.by_field)
    mail = read_mail(pasted)
    today = db.clock.today()
    on = mail.sent_on if mail.sent_on and mail.sent_on <= today else None
    values = {
        "channel": Channel.EMAIL.value,
        "asker_name": mail.sender_name or "",
        "asker_email": mail.sender_email or "",
        "subject": mail.subject or "",
        "text": mail.text[: do.MOST_TEXT],
        "received_on": on.isoformat() if on else "",
        "assignee_id": str(actor.person_id or ""),
    }
    is_found = mail.sender_name is not None or mail.sender_email is not None
    return _receive_page(request, db, actor, values, {}, is_pasted=True, is_found=is_found)


def _receive_page(
    request: Request,
    db: Db,
    actor: Actor,
    form: dict[str, str],
    errors: dict[str, str],
    status: int = 200,
    *,
    is_pasted: bool = False,
    is_found: bool = False,
) -> Response:
    with db.read() as session:
        return page(
            request,
            "inbox/receive.html",
            status=status,
            kinds=views.kind_options(),
            channels=[(each.value, gettext(names.CHANNELS[each])) for each in Channel],
            units=unit_choices(session, actor),
            places=place_choices(session, actor),
            handlers=_handlers(session, actor),
            today=db.clock.today().isoformat(),
            is_pasted=is_pasted,
            is_found=is_found,
            key=str(uuid4()),
            form=form,
            errors=errors,
        )


@router.post("/motta", name="cases:receive")
def receive(request: Request, form: ReceiveForm, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.CASE_HANDLE)
    try:
        command = form.valid(codes=codes_in(form))
        with db.write() as session:
            case_id = once(
                session,
                actor,
                form.key,
                [command],
                lambda: CaseOut.all(session, actor, service.receive(session, actor, [command])),
                only_id,
            )
    except Invalid as problem:
        return _receive_page(request, db, actor, form.raw, at_fields(problem), 422)
    message = gettext(N_("Henvendelsen er registrert."))
    return redirect(request, "cases:show", message=message, case_id=case_id)


@router.get("/{case_id}", name="cases:show")
def show(request: Request, case_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.REQUEST_MAKE)
    return shown_case.show(request, db, actor, case_id)


@router.get("/{case_id}/rediger", name="cases:edit")
def edit(request: Request, case_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.CASE_HANDLE)
    return _edit_page(request, db, actor, case_id, None, {})


def _edit_page(
    request: Request,
    db: Db,
    actor: Actor,
    case_id: UUID,
    form: dict[str, str] | None,
    errors: dict[str, str],
    status: int = 200,
) -> Response:
    with db.read() as session:
        case = case_of(session, actor, case_id)
        service.must_handle(actor, case)
        own = {
            name: str(value) if (value := getattr(case, name)) is not None else ""
            for name in do.EditCase.model_fields
            if name != "case_id"
        }
        return page(
            request,
            "inbox/edit.html",
            status=status,
            case=case,
            kinds=views.kind_options(),
            units=unit_choices(session, actor),
            places=place_choices(session, actor),
            handlers=_handlers(session, actor),
            key=str(uuid4()),
            version=case.version,
            form={**own, **(form or {})},
            errors=errors,
        )


@router.post("/{case_id}/rediger", name="cases:do_edit")
def do_edit(request: Request, case_id: UUID, form: EditForm, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.CASE_HANDLE)
    try:
        command = form.valid(case_id=case_id)
        acted(db, actor, form.key, [command], service.edit)
    except Invalid as problem:
        return _edit_page(request, db, actor, case_id, form.raw, at_fields(problem), 422)
    except Stale:
        stale = {"": gettext(STALE)}
        return _edit_page(request, db, actor, case_id, form.raw, stale, 412)
    return redirect(request, "cases:show", message=gettext(N_("Lagret.")), case_id=case_id)
