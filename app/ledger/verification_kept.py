"""Whether what events hashed is what they hashed: closed periods, frozen reports, decisions, disposals."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.disposals.events import DisposalDecided
from app.disposals.models import Disposal, DisposalFraction, DisposalPiece
from app.kit.events import Event, EventRow
from app.ledger.difference import Difference
from app.ledger.events import PeriodClosed
from app.ledger.models import Period
from app.ledger.queries_period import entries_booked, told_of
from app.ledger.verification_read import Read
from app.needs.events import LadderStepDecided
from app.needs.models import LadderStep
from app.projects.events import ProjectReportFrozen
from app.projects.models_report import FrozenReport

STEPS_A_BATCH = 1_000
SAME_TIME = timedelta(minutes=1)
"""The clock is read for the row and again for its event."""


def _events(session: Session, org_id: UUID, read: Read, kind: type[Event]) -> Sequence[EventRow]:
    if not read.tells_of(kind):
        return ()
    query = select(EventRow).where(EventRow.org_id == org_id, EventRow.kind == kind.kind)
    return session.scalars(query).all()


def _told(
    session: Session, org_id: UUID, read: Read, kind: type[Event]
) -> dict[UUID, dict[str, Any]]:
    """What events of a kind said, by what they spoke of."""
    return {row.subject_id: row.payload for row in _events(session, org_id, read, kind)}


def periods(session: Session, org_id: UUID, read: Read) -> Difference | None:
    """Every closed year is the one that was told of, and nothing was booked in it afterwards."""
    told = _told(session, org_id, read, PeriodClosed)
    for period in session.scalars(
        select(Period)
        .where(Period.org_id == org_id, Period.closed_at.is_not(None))
        .order_by(Period.year)
    ):
        place = ("period", str(period.id), None)
        payload = told.pop(period.id, None)
        if payload is None:
            return Difference(*place, "no event stands behind it")
        if payload != told_of(period):
            return Difference(*place, "not as it was closed")
        if entries_booked(session, org_id, period.id) != period.entries:
            return Difference(*place, "booked in after it was closed")
    for period_id in told:
        return Difference("period", str(period_id), None, "opened again")
    return None


def project_reports(session: Session, org_id: UUID, read: Read) -> Difference | None:
    """Every frozen report of a project is the one that was told of."""
    told = _told(session, org_id, read, ProjectReportFrozen)
    for row in session.scalars(
        select(FrozenReport).where(FrozenReport.org_id == org_id).order_by(FrozenReport.frozen_at)
    ):
        payload = told.pop(row.id, None)
        place = ("project_report", str(row.id), None)
        if payload is None:
            return Difference(*place, "no event stands behind it")
        digest = hashlib.sha256(row.document.encode()).hexdigest()
        kept = (str(row.project_id), row.version, row.sha256, digest)
        hashed = payload["document_sha256"]
        if kept != (payload["project_id"], payload["version"], hashed, hashed):
            return Difference(*place, "not as it was closed")
    for report_id in told:
        return Difference("project_report", str(report_id), None, "missing row")
    return None


def ladder_steps(session: Session, org_id: UUID, read: Read) -> Difference | None:
    """Every decision on the reuse ladder is the one that was told when it was made."""
    told = {
        row.payload["ladder_step_id"]: (row.id, row.payload)
        for row in _events(session, org_id, read, LadderStepDecided)
    }
    query = select(LadderStep).where(LadderStep.org_id == org_id).order_by(LadderStep.id)
    with session.scalars(query.execution_options(yield_per=STEPS_A_BATCH)) as steps:
        for step in steps:
            _, payload = told.pop(str(step.id), (None, None))
            if payload is None:
                return Difference("ladder_step", str(step.id), None, "no event stands behind it")
            # The very first decisions were told without it.
            if payload.get("decision_sha256") not in (None, step.sha256()):
                return Difference("ladder_step", str(step.id), None, "not as it was decided")
    for event_id, _ in told.values():
        return Difference("event", str(event_id), None, "the decision it tells of is gone")
    return None


def disposals(session: Session, org_id: UUID, read: Read) -> Difference | None:
    """Every signed disposal, with its pieces, offers and fractions, is what was signed."""
    told = {each.subject_id: each for each in _events(session, org_id, read, DisposalDecided)}
    pieces: dict[UUID, list[DisposalPiece]] = defaultdict(list)
    for piece in session.scalars(select(DisposalPiece).where(DisposalPiece.org_id == org_id)):
        pieces[piece.disposal_id].append(piece)
    fractions: dict[UUID, list[DisposalFraction]] = defaultdict(list)
    of_org = DisposalFraction.org_id == org_id
    for fraction in session.scalars(select(DisposalFraction).where(of_org)):
        fractions[fraction.disposal_id].append(fraction)
    signed = select(Disposal).where(Disposal.org_id == org_id, Disposal.decided_at.is_not(None))
    for disposal in session.scalars(signed.order_by(Disposal.number)):
        event = told.pop(disposal.id, None)
        if event is None:
            return Difference("disposal", str(disposal.id), None, "no event stands behind it")
        assert disposal.decided_at is not None  # the query asks for signed ones
        digest = disposal.sha256(pieces[disposal.id], fractions[disposal.id])
        if (event.person_id, event.payload["document_sha256"]) != (
            disposal.decided_by_id,
            digest,
        ) or abs(event.at - disposal.decided_at) > SAME_TIME:
            return Difference("disposal", str(disposal.id), None, "not as it was decided")
    for event in told.values():
        return Difference("event", str(event.id), None, "the decision it tells of is gone")
    return None
