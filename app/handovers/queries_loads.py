"""What a run's vehicle carried: its emission and cost are shared over all of that (F2).

What is still waiting on the sheet counts too: the first stop's receipt is booked before the last
stop's pieces are fetched, and each share is of the whole load.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.handovers.models import HandoverLine
from app.handovers.models_run import RunPiece, RunSheet
from app.handovers.rules_run import RunState
from app.impact.rules import FulfilmentSource

Run: TypeAlias = RunSheet
"""Whose distance, vehicle and cost stand for those of its handovers."""


@dataclass(frozen=True, slots=True)
class RunLoads:
    """Runs by id, the run of each line, and every line of each run's load."""

    runs: Mapping[UUID, RunSheet]
    by_line: Mapping[UUID, UUID]
    lines: Mapping[UUID, Sequence[HandoverLine]]

    def run_of(self, line_id: UUID) -> UUID | None:
        return self.by_line.get(line_id)

    @property
    def item_ids(self) -> set[UUID]:
        return {each.item_id for load in self.lines.values() for each in load}


def has_travelled() -> ColumnElement[bool]:
    """A line that was not taken back as wrong. What was returned later did go along."""
    return or_(HandoverLine.undone_at.is_(None), HandoverLine.return_reason.is_not(None))


def run_loads_of(session: Session, org_id: UUID, line_ids: Sequence[UUID]) -> RunLoads:
    """The loads of all runs that these lines went with; one query where there is none."""
    wanted: set[UUID] = set()
    for start in range(0, len(line_ids), 5_000):
        part = line_ids[start : start + 5_000]
        wanted |= set(
            session.scalars(
                select(RunPiece.run_sheet_id).where(
                    RunPiece.org_id == org_id, RunPiece.handover_line_id.in_(part)
                )
            )
        )
    if not wanted:
        return RunLoads({}, {}, {})
    runs = session.scalars(
        select(RunSheet).where(RunSheet.org_id == org_id, RunSheet.id.in_(wanted))
    )
    rows = session.execute(
        select(RunPiece, HandoverLine)
        .outerjoin(
            HandoverLine,
            (HandoverLine.org_id == RunPiece.org_id)
            & (HandoverLine.id == RunPiece.handover_line_id),
        )
        .where(
            RunPiece.org_id == org_id,
            RunPiece.run_sheet_id.in_(wanted),
            RunPiece.left_at.is_(None),
            or_(HandoverLine.id.is_(None), has_travelled()),
        )
        .order_by(RunPiece.id)
    )
    by_line: dict[UUID, UUID] = {}
    lines: dict[UUID, list[HandoverLine]] = defaultdict(list)
    for row in rows:
        piece, line = row[0], row[1]
        lines[piece.run_sheet_id].append(line or _planned(piece))
        if line is not None:
            by_line[line.id] = piece.run_sheet_id
    return RunLoads({each.id: each for each in runs}, by_line, lines)


def received_with(session: Session, org_id: UUID, run_ids: Sequence[UUID]) -> list[UUID]:
    """The lines that went with these runs and have been received."""
    return list(
        session.scalars(
            select(HandoverLine.id)
            .join(
                RunPiece,
                (RunPiece.org_id == HandoverLine.org_id)
                & (RunPiece.handover_line_id == HandoverLine.id),
            )
            .where(RunPiece.org_id == org_id, RunPiece.run_sheet_id.in_(run_ids))
            .where(RunPiece.left_at.is_(None), HandoverLine.undone_at.is_(None))
            .where(HandoverLine.received_at.is_not(None))
            .order_by(HandoverLine.id)
        )
    )


def finished_runs_of(
    session: Session, org_id: UUID, line_ids: Sequence[UUID]
) -> list[tuple[UUID, UUID]]:
    """Finished runs of lines that were taken back as wrong, each with one of the lines."""
    rows = session.execute(
        select(RunPiece.run_sheet_id, HandoverLine.id)
        .join(
            RunSheet, (RunSheet.org_id == RunPiece.org_id) & (RunSheet.id == RunPiece.run_sheet_id)
        )
        .join(
            HandoverLine,
            (HandoverLine.org_id == RunPiece.org_id)
            & (HandoverLine.id == RunPiece.handover_line_id),
        )
        .where(RunPiece.org_id == org_id, HandoverLine.id.in_(line_ids), ~has_travelled())
        .where(RunSheet.state == RunState.FINISHED)
        .order_by(RunPiece.run_sheet_id, HandoverLine.id)
    )
    return list({row[0]: row[1] for row in rows}.items())


def _planned(piece: RunPiece) -> HandoverLine:
    """A line that is in no session: it stands for the room the piece takes up."""
    return HandoverLine(
        id=piece.id,
        org_id=piece.org_id,
        item_id=piece.item_id,
        receiver_org_id=piece.org_id,
        source=FulfilmentSource.INTERNAL_REUSE,
    )
