"""The furniture manager's report of a year as a page and as files."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response, StreamingResponse

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.kit.clock import OSLO
from app.kit.exports import MEDIA_TYPES, Format
from app.kit.page import page, redirect, url
from app.kit.pdf import as_pdf
from app.kit.web import Db
from app.reports.queries_pictures import files_of, photos_of
from app.reports.words_pictures import drawn_in_pdf
from app.yearly import documents, views
from app.yearly.queries import factors_of, known_years
from app.yearly.service import yearly_report

router = APIRouter(prefix="/arsrapport")

Year = Annotated[int, Path(ge=2000, le=2999)]


@router.get("", name="yearly:newest")
def newest(request: Request, actor: SignedIn, db: Db) -> Response:
    """Of the year that it is."""
    actor.must_everywhere(Permission.EXPORT)
    return redirect(request, "yearly:show", year=db.clock.now().astimezone(OSLO).year)


@router.get("/{year}", name="yearly:show")
def show(request: Request, year: Year, actor: SignedIn, db: Db) -> Response:
    with db.read() as session:
        report = yearly_report(session, actor, year)
        years = sorted({*known_years(session, actor), year}, reverse=True)
        return page(
            request,
            "yearly/report.html",
            report=report,
            shown=views.shown(request, report),
            years=[(each, url(request, "yearly:show", year=each)) for each in years],
            may_handle=actor.may(Permission.CASE_HANDLE),
        )


@router.get("/{year}/pdf", name="yearly:pdf")
def show_as_pdf(request: Request, year: Year, actor: SignedIn, db: Db) -> Response:
    """With its pictures."""
    found = show(request, year, actor, db)
    with db.read() as session:
        report = yearly_report(session, actor, year)
        rows = files_of(session, actor, photos_of(report.mended))
    return as_pdf(request, found, drawn_in_pdf(request, rows))


@router.get("/{year}/fil/{form}", name="yearly:file")
def download(year: Year, form: Format, actor: SignedIn, db: Db) -> Response:
    """Excel with its method, CSV with one row a figure, or the document of the API."""
    with db.read() as session:
        report = yearly_report(session, actor, year)
        factors = factors_of(session, actor, year) if form is Format.XLSX else []
    if form is Format.JSON:
        return Response(documents.as_json(report), media_type=MEDIA_TYPES[form])
    return StreamingResponse(
        documents.as_workbook(report, factors)
        if form is Format.XLSX
        else documents.as_table(report),
        media_type=MEDIA_TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="arsrapport-{year}.{form.value}"'},
    )
