"""What a fetched piece means for the run sheet it waited on."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.handovers import queries_run
from app.handovers.models import HandoverLine


def mark_fetched(session: Session, actor: Actor, lines: Sequence[HandoverLine]) -> None:
    """Pieces that waited on a run sheet went along. Called wherever pieces are picked up."""
    planned = queries_run.waiting_pieces(session, actor, [each.item_id for each in lines])
    if not planned:
        return
    session.flush()  # the lines are there before a plan names them
    for line in lines:
        if line.item_id in planned:
            planned[line.item_id].handover_line_id = line.id
