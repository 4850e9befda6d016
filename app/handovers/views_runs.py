"""Run sheets as a list: each with its state, how many pieces stand on it, and who drives."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.handovers import views_run
from app.handovers.models_run import RunPiece, RunSheet


def rows(session: Session, actor: Actor, runs: list[RunSheet]) -> list[dict[str, Any]]:
    counts = {
        row[0]: row[1]
        for row in session.execute(
            select(RunPiece.run_sheet_id, func.count())
            .where(
                RunPiece.org_id == actor.org_id,
                RunPiece.run_sheet_id.in_({each.id for each in runs}),
                RunPiece.left_at.is_(None),
            )
            .group_by(RunPiece.run_sheet_id)
        )
    }
    drivers = dict(views_run.driver_choices(session, actor)) if runs else {}
    return [
        {
            "run": each,
            "state": views_run.run_state(each),
            "pieces": counts.get(each.id, 0),
            "driver": drivers.get(str(each.driver_id)),
        }
        for each in runs
    ]
