"""Freezes a project's report when the project is closed, and shows it from what was frozen."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, system_actor
from app.accounts.models import Organisation
from app.accounts.rules import Permission
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import NotFound
from app.kit.events import publish
from app.kit.i18n import N_, locale
from app.kit.paging import CursorUnknown
from app.projects.events import ProjectEnded, ProjectReportFrozen
from app.projects.models import Project
from app.projects.models_report import FrozenReport
from app.projects.queries import projects_visible_to
from app.projects.rules import ProjectState
from app.reports.documents import SHAPE, as_json
from app.reports.errors import ProjectNotFound
from app.reports.figures import ProjectReport
from app.reports.queries_pieces import PIECES_A_PAGE
from app.reports.rules_versions import Differing, differences
from app.reports.service import SomePieces, project_report


class ReportVersionNotFound(NotFound):
    title = N_("Fant ikke denne versjonen av rapporten.")


@dataclass(frozen=True, slots=True)
class Compared:
    """A frozen version with what differs from the one before it; nothing before the first."""

    row: FrozenReport
    differences: Sequence[Differing] | None


def on_ended(session: Session, events: Sequence[ProjectEnded]) -> None:
    """Freezes the report of each project in the transaction that closes it."""
    for event in events:
        actor = system_actor(session.get_one(Organisation, event.org_id))
        document = as_json(project_report(session, actor, event.subject_id))
        # The project's row is locked by who closes it: no two versions at once.
        versions = session.scalar(
            select(func.count()).where(
                FrozenReport.org_id == event.org_id, FrozenReport.project_id == event.subject_id
            )
        )
        row = FrozenReport(
            id=new_id(),
            org_id=event.org_id,
            project_id=event.subject_id,
            version=(versions or 0) + 1,
            frozen_at=clock_of(session).now(),
            person_id=event.person_id,
            language=locale(),
            document=document,
            sha256=hashlib.sha256(document.encode()).hexdigest(),
        )
        session.add(row)
        told = {
            "project_id": row.project_id,
            "version": row.version,
            "document_sha256": row.sha256,
        }
        publish(session, [ProjectReportFrozen.of(row, event.person_id, **told)])


def versions_of(session: Session, actor: Actor, project_id: UUID) -> list[FrozenReport]:
    """The frozen reports, the newest first. Raises ``ProjectNotFound``."""
    actor.must(Permission.REPORT_READ)
    _project(session, actor, project_id)
    query = select(FrozenReport).where(
        FrozenReport.org_id == actor.org_id, FrozenReport.project_id == project_id
    )
    return list(session.scalars(query.order_by(FrozenReport.version.desc())))


def compared(session: Session, actor: Actor, project_id: UUID) -> list[Compared]:
    """The frozen reports, the newest first, each with what differs from the one before."""
    rows = versions_of(session, actor, project_id)
    reports = [read(each) for each in rows]
    return [
        Compared(row, differences(reports[at + 1], reports[at]) if at + 1 < len(rows) else None)
        for at, row in enumerate(rows)
    ]


def frozen_of(
    session: Session, actor: Actor, project_id: UUID, version: int | None
) -> FrozenReport | None:
    """The version asked for; of a closed project else the newest, and nothing of another.

    A project that was closed before reports were frozen has none, and is shown as it is now. Raises
    ``ProjectNotFound`` and ``ReportVersionNotFound``.
    """
    actor.must(Permission.REPORT_READ)
    project = _project(session, actor, project_id)
    if version is None and project.state is not ProjectState.CLOSED:
        return None
    query = select(FrozenReport).where(
        FrozenReport.org_id == actor.org_id, FrozenReport.project_id == project_id
    )
    if version is not None:
        query = query.where(FrozenReport.version == version)
    found = session.scalar(query.order_by(FrozenReport.version.desc()).limit(1))
    if found is None and version is not None:
        raise ReportVersionNotFound
    return found


def read(row: FrozenReport) -> ProjectReport:
    """The report that was frozen; written as JSON it has the same bytes again."""
    return SHAPE.validate_json(row.document)


def some_frozen_pieces(report: ProjectReport, cursor: str | None) -> SomePieces:
    """A page of a frozen report's pieces; its cursor is a place among them. Raises ``CursorUnknown``."""
    start = 0
    if cursor is not None:
        if not cursor.isdecimal() or not 0 < int(cursor[:9]) < len(report.pieces):
            raise CursorUnknown
        start = int(cursor[:9])
    end = start + PIECES_A_PAGE
    further = str(end) if end < len(report.pieces) else None
    return SomePieces(report.pieces[start:end], len(report.pieces) - start, further)


def shown_report(
    session: Session, actor: Actor, project_id: UUID, version: int | None = None
) -> tuple[ProjectReport, FrozenReport | None]:
    """What the report's page and files show: frozen, or as things are now."""
    row = frozen_of(session, actor, project_id, version)
    return (project_report(session, actor, project_id) if row is None else read(row)), row


def _project(session: Session, actor: Actor, project_id: UUID) -> Project:
    found = session.scalar(projects_visible_to(actor).where(Project.id == project_id))
    if found is None:
        raise ProjectNotFound
    return found
