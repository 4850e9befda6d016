"""A project's report as JSON, as things are now and as it was frozen."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

from app.accounts.actor import SignedIn
from app.kit.web import Answer, Db
from app.reports.documents import as_json
from app.reports.figures import ProjectReport
from app.reports.service_frozen import compared, shown_report

router = APIRouter(prefix="/projects", tags=["reports"])


class DifferenceOut(BaseModel):
    """A figure that is another than in the version before; g, g CO2e, øre, pieces or a fraction."""

    key: str
    before: int | float | str | None
    after: int | float | str | None


class VersionOut(BaseModel):
    """A report as it was frozen; ``differences`` from the version before, empty of the first."""

    version: int
    frozen_at: datetime
    person_id: UUID | None
    sha256: str
    differences: list[DifferenceOut] | None


@router.get("/{project_id}/report", response_model=ProjectReport)
def show_report(
    project_id: UUID,
    actor: SignedIn,
    db: Db,
    version: Annotated[int | None, Query(ge=1, le=100_000)] = None,
) -> Response:
    """Shares by the five sources, savings gross and net, coverage, and every piece behind them.

    Of a closed project what was frozen as it was closed; ``version`` asks for one of several.
    """
    with db.read() as session:
        report, _ = shown_report(session, actor, project_id, version)
    return Response(as_json(report), media_type="application/json")


@router.get(
    "/{project_id}/report-versions", name="api:reports:versions", response_model=list[VersionOut]
)
def browse_versions(project_id: UUID, actor: SignedIn, db: Db) -> Answer:
    """The newest first."""
    with db.read() as session:
        found = compared(session, actor, project_id)
        body: list[Any] = [
            VersionOut(
                version=each.row.version,
                frozen_at=each.row.frozen_at,
                person_id=each.row.person_id,
                sha256=each.row.sha256,
                differences=None
                if each.differences is None
                else [
                    DifferenceOut(key=one.key, before=one.before, after=one.after)
                    for one in each.differences
                ],
            ).model_dump(mode="json")
            for each in found
        ]
    return JSONResponse(body)
