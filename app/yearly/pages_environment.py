"""The report for an environmental certification as a page, as files, and its comment."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.disposals.names import FRACTIONS
from app.disposals.rules import Fraction
from app.goals import words as goal_words
from app.goals.words_behind import behind
from app.kit.errors import Invalid, Stale
from app.kit.exports import MEDIA_TYPES, Format
from app.kit.forms import STALE, Submission, submitted
from app.kit.i18n import N_, gettext, number
from app.kit.page import page, redirect, url
from app.kit.pdf import as_pdf
from app.kit.validation import by_field
from app.kit.web import Db
from app.reports.figures import Ranged
from app.reports.words import (
    WASTE_RANGE,
    about_grams,
    co2e_of,
    kg_number,
    percent_text,
    plain_mass,
    source_name,
)
from app.yearly import documents_environment as documents
from app.yearly.commands import WriteYearNote
from app.yearly.environment import environmental_report
from app.yearly.queries import factors_of
from app.yearly.service_note import write_note
from app.yearly.views import entries_path

router = APIRouter(prefix="/arsrapport/{year}/miljo")
Year = Annotated[int, Path(ge=2000, le=2999)]


class NoteForm(BaseModel):
    """Read by hand: the text, and the version that was seen."""

    model_config = ConfigDict(extra="ignore")


Form = Annotated[Submission[NoteForm], Depends(submitted(NoteForm))]


@router.get("", name="yearly:environment")
def show(request: Request, year: Year, actor: SignedIn, db: Db) -> Response:
    with db.read() as session:
        return _show(request, session, actor, year)


def _show(
    request: Request,
    session: Session,
    actor: Actor,
    year: int,
    text: str | None = None,
    problem: Invalid | Stale | None = None,
) -> Response:
    report = environmental_report(session, actor, year)
    path = partial(url, request)
    errors: dict[str, str] = {}
    if isinstance(problem, Invalid):
        errors = {name: gettext(said) for name, said in problem.by_field.items()}
    elif problem is not None:
        errors = {"": gettext(STALE)}
    return page(
        request,
        "yearly/environment.html",
        status=problem.status if problem else 200,
        report=report,
        text=report.note.text if text is None else text,
        errors=errors,
        has_pieces=any(each.pieces for each in report.sources),
        sources=[
            (
                entries_path(path, year, sources=[each.source]) if each.pieces else None,
                source_name(each.source),
                number(each.pieces),
                plain_mass(each.mass_g) if each.pieces else "–",
                "–" if each.share is None else percent_text(each.share),
                about_grams(each.gross.waste_g) if each.pieces else "–",
                co2e_of(each.gross),
            )
            for each in report.sources
        ],
        waste=[
            {
                "row": each,
                "name": gettext(FRACTIONS[Fraction(each.fraction)]),
                "avoided": about_grams(
                    Ranged(each.avoided_g, each.avoided_g_low, each.avoided_g_high)
                ),
            }
            for each in report.waste
        ],
        waste_sums=[
            about_grams(report.waste_avoided),
            kg_number(sum(each.delivered_g for each in report.waste)),
        ],
        shares=None
        if report.reuse is None
        else [
            percent_text(report.reuse.without_bought_used),
            percent_text(report.reuse.with_bought_used),
        ],
        behind=entries_path(path, year),
        waste_range=gettext(WASTE_RANGE),
        goals=[
            goal_words.line_of(each, actor.currency)
            | {"behind": behind(path, actor, year, each.kind)}
            for each in report.goals
        ],
        kg=kg_number,
    )


@router.post("/kommentar", name="yearly:write_note")
def write(request: Request, year: Year, form: Form, actor: SignedIn, db: Db) -> Response:
    actor.must_everywhere(Permission.EXPORT)
    version, text = form.raw.get("version", ""), form.raw.get("text", "")
    known = int(version) if version.isdecimal() and len(version) < 10 else 0
    try:
        try:
            command = WriteYearNote(year=year, version=known, text=text)
        except ValidationError as error:
            raise Invalid(by_field=by_field(error)) from error
        with db.write() as session:
            write_note(session, actor, command)
    except (Invalid, Stale) as problem:
        with db.read() as session:
            return _show(request, session, actor, year, text, problem)
    said = gettext(N_("Kommentaren er lagret."))
    return redirect(request, "yearly:environment", message=said, year=year)


@router.get("/pdf", name="yearly:environment_pdf")
def show_as_pdf(request: Request, year: Year, actor: SignedIn, db: Db) -> Response:
    return as_pdf(request, show(request, year, actor, db))


@router.get("/fil/{form}", name="yearly:environment_file")
def download(year: Year, form: Format, actor: SignedIn, db: Db) -> Response:
    with db.read() as session:
        report = environmental_report(session, actor, year)
        factors = factors_of(session, actor, year) if form is Format.XLSX else []
    if form is Format.JSON:
        return Response(documents.as_json(report), media_type=MEDIA_TYPES[form])
    made = (
        documents.as_workbook(report, factors)
        if form is Format.XLSX
        else documents.as_table(report)
    )
    name = f'attachment; filename="miljosertifisering-{year}.{form.value}"'
    return StreamingResponse(
        made, media_type=MEDIA_TYPES[form], headers={"Content-Disposition": name}
    )
