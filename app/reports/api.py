"""A project's report as JSON."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from app.accounts.actor import SignedIn
from app.kit.web import Db
from app.reports.documents import as_json
from app.reports.figures import ProjectReport
from app.reports.service import project_report

router = APIRouter(prefix="/projects", tags=["reports"])


@router.get("/{project_id}/report", response_model=ProjectReport)
def show_report(project_id: UUID, actor: SignedIn, db: Db) -> Response:
    """Shares by the five sources, savings gross and net, coverage, and every piece behind them."""
    with db.read() as session:
        report = project_report(session, actor, project_id)
    return Response(as_json(report), media_type="application/json")
