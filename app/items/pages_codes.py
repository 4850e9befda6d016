"""Where a label leads: a stranger to a form, the organisation's own people to the piece."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from app.accounts.actor import Actor, MaybeSignedIn, SignedIn, asker
from app.accounts.rules import Permission
from app.items import queries_batches, queries_codes, service_found
from app.items.models import FoundReport
from app.items.queries_batches import Withdrawn
from app.items.queries_codes import Found
from app.items.rules import FoundReportState
from app.items.service_codes import CodeUnknown
from app.items.service_found import OfFoundReport, Report
from app.kit import codes
from app.kit.db import Database
from app.kit.errors import Invalid, TooMany
from app.kit.forms import Submission, submitted
from app.kit.i18n import gettext
from app.kit.once import once
from app.kit.page import page, redirect, url
from app.kit.paging import Cursor, keyset
from app.kit.web import Db

router = APIRouter()

ReportForm = Annotated[Submission[Report], Depends(submitted(Report))]
ROWS = 50


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _no_robots(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@router.get("/I", name="codes:ask")
@router.get("/i")
def ask(
    request: Request,
    actor: MaybeSignedIn,  # noqa: ARG001  (whose menu the page shows)
    typed: Annotated[str, Query(alias="kode", max_length=200)] = "",
) -> Response:
    """The field for who has a label and no camera."""
    if typed.strip():
        try:
            code = codes.read_code(typed)
        except codes.CodeMistyped as problem:
            return _retype(request, typed, "mistyped", gettext(problem.detail), status=422)
        return redirect(request, "codes:open", code=code)
    return _retype(request, "", "asked", "", status=200)


@router.get("/I/{code}", name="codes:open")
@router.get("/i/{code}")
async def open_code(request: Request, code: str) -> Response:
    """Every scan comes here: one statement, no thread, and a thread only to count misses."""
    address, db = _address(request), request.app.state.db
    try:
        read = codes.read_code(code[:200])
    except codes.CodeMistyped as problem:
        asker(request)  # whose menu the page shows
        await run_in_threadpool(_count_wrong, db, address)
        return _retype(request, code, "mistyped", gettext(problem.detail), status=404)
    actor, found = queries_codes.scanned(request, read)
    if actor is None or found is None or found.org_id != actor.org_id:
        with db.read() as session:
            service_found.may_look_up(session, address)
    if found is None:
        await run_in_threadpool(_count_wrong, db, address)
        return _retype(request, codes.grouped(read), "unknown", "", status=404)
    if actor is not None and actor.org_id == found.org_id:
        return _own(request, actor, db, found)
    return _landing(request, found, form={}, errors={}, is_sent="sendt" in request.query_params)


def _count_wrong(db: Database, address: str) -> None:
    with db.read() as session:
        service_found.may_look_up(session, address)
    with db.write() as session:
        service_found.count_wrong_code(session, address)


def _own(request: Request, actor: Actor, db: Database, found: Found) -> Response:
    """The organisation's own label: to the piece, or to the registration of one."""
    if found.item_id is not None:
        return redirect(request, "items:show", item_id=found.item_id)
    may_register = actor.may(Permission.ITEM_REGISTER) and actor.may(Permission.CODE_BIND)
    if may_register and not found.is_gone:
        return redirect(request, "items:register", query={"code": found.code})
    with db.read() as session:
        withdrawn = queries_batches.withdrawn(session, actor, found.code)
    return _landing(request, found, form={}, errors={}, withdrawn=withdrawn)


def _retype(request: Request, typed: str, why: str, error: str, *, status: int) -> Response:
    return _no_robots(
        page(request, "codes/ask.html", status=status, typed=typed[:60], why=why, error=error)
    )


def _landing(
    request: Request,
    found: Found,
    *,
    form: Mapping[str, str],
    errors: Mapping[str, str],
    status: int = 200,
    is_sent: bool = False,
    withdrawn: Withdrawn | None = None,
) -> Response:
    response = page(
        request,
        "codes/landing.html",
        status=status,
        code=found.code,
        grouped=codes.grouped(found.code),
        organisation=found.organisation_name,
        category=found.category_name,
        is_blank=found.item_id is None,
        is_gone=found.is_gone,
        withdrawn=withdrawn,
        form=form,
        errors=errors,
        is_sent=is_sent,
        key=form.get("key") or str(uuid4()),
    )
    return _no_robots(response)


@router.post("/I/{code}/melding", name="codes:report")
def report(request: Request, code: str, form: ReportForm, actor: MaybeSignedIn, db: Db) -> Response:
    """Tells the owner's furniture manager; the answer says nothing of the piece."""
    address = _address(request)
    read = codes.read_code(code[:200])
    with db.read() as session:
        service_found.may_look_up(session, address)
        found = queries_codes.find_by_code(session, read)
    if found is None or found.item_id is None or found.is_gone:
        _count_wrong(db, address)
        raise CodeUnknown
    person_id = actor.person_id if actor is not None else None
    try:
        command = form.valid(code=read)
        with db.write() as session:
            once(
                session,
                service_found.Anybody(found.org_id),
                form.key,
                [command],
                lambda: str(service_found.report(session, command, person_id, address).id),
            )
    except (Invalid, TooMany) as problem:
        errors = problem.by_field if isinstance(problem, Invalid) else {}
        response = _landing(
            request,
            found,
            form=form.raw,
            errors=errors or {"": gettext(problem.detail or problem.title)},
            status=problem.status,
        )
        response.headers.update(problem.headers)
        return response
    return redirect(request, "codes:open", query={"sendt": "1"}, code=read)


@router.get("/funnmeldinger", name="codes:found_reports")
def browse_found_reports(
    request: Request,
    actor: SignedIn,
    db: Db,
    status: FoundReportState = FoundReportState.OPEN,
    cursor: Cursor = None,
) -> Response:
    actor.must(Permission.FOUND_REPORT_HANDLE)
    with db.read() as session:
        found = keyset(
            session,
            queries_codes.found_reports_shown(actor).where(FoundReport.state == status),
            [(FoundReport.created_at.expression, True), (FoundReport.id.expression, True)],
            cursor=cursor,
            limit=ROWS,
            rows=lambda result: result.all(),
            position=lambda row: (row.created_at, row.id),
        )
        query = {"status": status.value, "cursor": found.next}
        return page(
            request,
            "codes/found_reports.html",
            reports=found.rows,
            shown=status.value,
            next_href=url(request, "codes:found_reports", query=query) if found.next else None,
        )


@router.post("/funnmeldinger/{found_report_id}/lukk", name="codes:close_found_report")
def close_found_report(
    request: Request, found_report_id: UUID, actor: SignedIn, db: Db
) -> Response:
    command = OfFoundReport(found_report_id=found_report_id)
    with db.write() as session:
        service_found.close_found_reports(session, actor, [command])
    return redirect(request, "codes:found_reports", message=gettext("Meldingen er lukket."))


@router.post("/funnmeldinger/{found_report_id}/gjenapne", name="codes:reopen_found_report")
def reopen_found_report(
    request: Request, found_report_id: UUID, actor: SignedIn, db: Db
) -> Response:
    command = OfFoundReport(found_report_id=found_report_id)
    with db.write() as session:
        service_found.reopen_found_reports(session, actor, [command])
    return redirect(request, "codes:found_reports", message=gettext("Meldingen er åpnet igjen."))
