"""The project report as a page, as files, and the entries behind each of its figures."""

from collections.abc import Iterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.impact.rules import FulfilmentSource, View
from app.kit.db import Database
from app.kit.exports import MEDIA_TYPES, Format
from app.kit.i18n import gettext, locale, speaking
from app.kit.page import page, url
from app.kit.paging import Cursor, keyset
from app.kit.pdf import as_pdf
from app.kit.web import Db
from app.ledger.models import LedgerEntry
from app.projects.models_report import FrozenReport
from app.reports import drawn, queries
from app.reports.documents import as_json, as_table, as_workbook
from app.reports.documents_plan import plan_table
from app.reports.errors import ProjectNotFound
from app.reports.figures import ProjectReport
from app.reports.queries_pictures import files_of, photos_of
from app.reports.rules import savings
from app.reports.service import factors_behind
from app.reports.service_frozen import compared, frozen_of, shown_report
from app.reports.words import (
    VIEW_MEANINGS,
    VIEWS,
    difference_text,
    grams,
    inputs_summary,
    kroner,
    source_name,
)
from app.reports.words_pictures import drawn_in_pdf

router = APIRouter(prefix="/prosjekter/{project_id}")

ENTRIES_A_PAGE = 100
Version = Annotated[int | None, Query(alias="versjon", ge=1, le=100_000)]


@router.get("/rapport", name="reports:project")
async def show_report(
    request: Request, project_id: UUID, cursor: Cursor = None, version: Version = None
) -> Response:
    """A page that was drawn before takes one statement and no thread."""
    actor, head = drawn.asked_for(request)
    report = drawn.drawn_before(request, actor, head, project_id, cursor, version)
    if report is None:
        report = await run_in_threadpool(
            drawn.draw_report_once, request, actor, head, project_id, cursor, version
        )
    return page(
        request, "reports/project.html", project_id=project_id, report=report, version=version
    )


@router.get("/rapport.pdf", name="reports:pdf")
def report_pdf(request: Request, project_id: UUID, version: Version = None) -> Response:
    actor, _ = drawn.asked_for(request)
    report = drawn.draw_report(request, actor, project_id, None, version)
    shown = page(
        request, "reports/project.html", project_id=project_id, report=report, version=version
    )
    db: Database = request.app.state.db
    with db.read() as session:
        pictures = shown_report(session, actor, project_id, version)[0].pictures or ()
        rows = files_of(session, actor, photos_of(pictures))
    return as_pdf(request, shown, drawn_in_pdf(request, rows))


@router.get("/rapport.json", name="reports:json")
def report_json(project_id: UUID, actor: SignedIn, db: Db, version: Version = None) -> Response:
    """The same document as the API's, for a reader in a browser."""
    with db.read() as session:
        report, _ = shown_report(session, actor, project_id, version)
    return Response(as_json(report), media_type=MEDIA_TYPES[Format.JSON])


@router.get("/rapport.csv", name="reports:csv")
def report_csv(project_id: UUID, actor: SignedIn, db: Db, version: Version = None) -> Response:
    with db.read() as session:
        report, row = shown_report(session, actor, project_id, version)
    return _sent(report, row, Format.CSV, as_table(report))


@router.get("/rapport-plan.csv", name="reports:plan_csv")
def plan_csv(project_id: UUID, actor: SignedIn, db: Db, version: Version = None) -> Response:
    """Plan against result, a row a programme line; no rows where no plan was fixed."""
    with db.read() as session:
        report, row = shown_report(session, actor, project_id, version)
    return _sent(report, row, Format.CSV, plan_table(report), "-plan")


@router.get("/rapport.xlsx", name="reports:xlsx")
def report_xlsx(project_id: UUID, actor: SignedIn, db: Db, version: Version = None) -> Response:
    """The pieces, the sources, the programme, the method and the factors, a sheet each."""
    with db.read() as session:
        report, row = shown_report(session, actor, project_id, version)
        factors = factors_behind(session, actor, report)
    return _sent(report, row, Format.XLSX, as_workbook(report, factors))


def _sent(
    report: ProjectReport,
    row: FrozenReport | None,
    form: Format,
    pieces: Iterator[bytes],
    part: str = "",
) -> Response:
    """A frozen report's headings are in the language that its names were written in."""
    with speaking(row.language if row else locale()):
        content = b"".join(pieces)
    version = f"-v{row.version}" if row else ""
    name = f"prosjekt-{report.project.number}{version}{part}.{form.value}"
    return Response(
        content,
        media_type=MEDIA_TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.get("/rapport/versjoner", name="reports:versions")
def show_versions(request: Request, project_id: UUID, actor: SignedIn, db: Db) -> Response:
    """What was frozen each time the project was closed, and what differs from the time before."""
    with db.read() as session:
        found = compared(session, actor, project_id)
        project = queries.project_head(session, actor, project_id)
        return page(
            request,
            "reports/versions.html",
            project=project,
            versions=[
                {
                    "row": each.row,
                    "differences": None
                    if each.differences is None
                    else [difference_text(one, actor.currency) for one in each.differences],
                }
                for each in found
            ],
            twin=url(request, "api:reports:versions", project_id=project_id),
        )


@router.get("/rapport/tall", name="reports:entries")
def show_entries(
    request: Request,
    project_id: UUID,
    actor: SignedIn,
    db: Db,
    view: Annotated[View, Query(alias="visning")] = View.GROSS,
    source: Annotated[FulfilmentSource | None, Query(alias="kilde")] = None,
    line_id: Annotated[UUID | None, Query(alias="linje")] = None,
    cursor: Cursor = None,
    version: Version = None,
) -> Response:
    """The entries a figure is the sum of, each with a way to how it was calculated."""
    actor.must(Permission.REPORT_READ)
    with db.read() as session:
        project = queries.project_head(session, actor, project_id)
        if project is None:
            raise ProjectNotFound
        frozen = frozen_of(session, actor, project_id, version) if version else None
        until = frozen.frozen_at if frozen else None
        found = keyset(
            session,
            queries.entries_behind(actor, project_id, view, source, line_id, until),
            [(LedgerEntry.booked_at.expression, False), (LedgerEntry.id.expression, False)],
            cursor=cursor,
            limit=ENTRIES_A_PAGE,
            rows=lambda result: list(result.all()),
            position=lambda row: (row[0].booked_at, row[0].id),
        )
        groups = queries.project_sums(session, actor, project_id, until)
        total = savings(
            each
            for each in groups
            if each.view == view
            and source in (None, each.source)
            and line_id in (None, each.programme_line_id)
        )
        chosen = {
            "kilde": source.value if source else None,
            "linje": str(line_id) if line_id else None,
            "versjon": str(version) if version else None,
        }

        def here(**changes: str | None) -> str:
            query = {"visning": view.value, **chosen, **changes}
            return url(request, "reports:entries", query=query, project_id=project_id)

        return page(
            request,
            "reports/entries.html",
            project=project,
            rows=[
                {
                    "entry": entry,
                    "name": name,
                    "category": category,
                    "source": source_name(entry.source),
                    "inputs": inputs_summary(entry.inputs, view),
                }
                for entry, name, category in found.rows
            ],
            total=total,
            figures={
                "co2e": grams(total.co2e_g),
                "waste": grams(total.waste_g),
                "saved": total.saved_ore and kroner(total.saved_ore, actor.currency),
            },
            currency=actor.currency,
            view=view.value,
            view_title=gettext(VIEWS[view]),
            view_meaning=gettext(VIEW_MEANINGS[view]),
            views=[(each.value, gettext(VIEWS[each]), here(visning=each.value)) for each in View],
            source=source_name(source) if source else None,
            line_id=line_id,
            all_href=here(kilde=None, linje=None) if source or line_id else None,
            twin=url(
                request,
                "list_entries",
                query={
                    "project_id": str(project_id),
                    "view": view.value,
                    "source": source.value if source else None,
                    "programme_line_id": str(line_id) if line_id else None,
                },
            ),
            next_href=here(cursor=found.next) if found.next else None,
            first_href=here() if cursor else None,
        )
