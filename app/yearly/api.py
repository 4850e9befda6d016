"""The reports of a year as JSON, and the comment of one of them."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response
from pydantic import BaseModel

from app.accounts.actor import SignedIn
from app.kit.web import Db, IfMatch, etag, version_of
from app.yearly import documents_environment
from app.yearly.commands import WriteYearNote, YearNoteFields
from app.yearly.documents import as_json
from app.yearly.environment import EnvironmentalReport, environmental_report
from app.yearly.figures import YearlyReport
from app.yearly.service import yearly_report
from app.yearly.service_note import write_note

router = APIRouter(tags=["reports"])
Year = Annotated[int, Path(ge=2000, le=2999)]


class YearNoteOut(BaseModel):
    year: int
    text: str
    version: int


@router.get("/yearly-reports/{year}", name="api:yearly:show", response_model=YearlyReport)
def show(year: Year, actor: SignedIn, db: Db) -> Response:
    """Enquiries, visits, projects and savings of a year, for who reports for the organisation."""
    with db.read() as session:
        report = yearly_report(session, actor, year)
    return Response(as_json(report), media_type="application/json")


@router.get(
    "/environmental-reports/{year}",
    name="api:yearly:environment",
    response_model=EnvironmentalReport,
)
def show_environment(year: Year, actor: SignedIn, db: Db) -> Response:
    """Reuse, used purchases, waste by fraction, goals against result, and the comment."""
    with db.read() as session:
        report = environmental_report(session, actor, year)
    body = documents_environment.as_json(report)
    return Response(body, media_type="application/json", headers=etag(report.note.version))


@router.put("/environmental-reports/{year}/comment", name="api:yearly:write_note")
def write(
    year: Year,
    fields: YearNoteFields,
    response: Response,
    actor: SignedIn,
    db: Db,
    if_match: IfMatch = None,
) -> YearNoteOut:
    """``If-Match: "v0"`` writes the first one."""
    command = WriteYearNote(year=year, version=version_of(if_match), text=fields.text)
    with db.write() as session:
        note = write_note(session, actor, command)
        answer = YearNoteOut(year=note.year, text=note.text, version=note.version)
    response.headers.update(etag(answer.version))
    return answer
