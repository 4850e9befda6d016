"""What handovers show on a piece's page."""

from typing import Any

from sqlalchemy import exists
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.handovers import queries, views
from app.handovers.models import Handover, HandoverLine
from app.items.models import Item
from app.items.queries_piece import Signs
from app.items.rules import MACHINE, ItemVerb
from app.kit.states import allows

Panel = tuple[str, dict[str, Any]] | None


SIGNS = Signs(
    columns=(
        (
            "was_handed_over",
            exists().where(HandoverLine.org_id == Item.org_id, HandoverLine.item_id == Item.id),
        ),
    )
)
"""What the piece's page asks beforehand, in its own statement."""


def piece(session: Session, actor: Actor, item: Any) -> Panel:
    """The piece's handovers, the newest first, and the way to a new one."""
    found = _of_piece(session, actor, item) if item.was_handed_over else []
    may_hand_over = allows(MACHINE, item.state, ItemVerb.PICK_UP) and actor.may(
        Permission.HANDOVER_MAKE, item.owner_unit_id
    )
    if not found and not may_hand_over:
        return None
    cards = views.cards(session, actor, [handover for handover, _ in found]) if found else []
    rows = [
        {"card": card, "step": views.step_tag(views.step_of(line))}
        for card, (_, line) in zip(cards, found, strict=True)
    ]
    return "handovers/panel_piece.html", {
        "rows": rows,
        "item_id": item.id,
        "may_hand_over": may_hand_over,
    }


def _of_piece(session: Session, actor: Actor, item: Any) -> list[tuple[Handover, HandoverLine]]:
    query = (
        queries.handovers_visible_to(actor)
        .add_columns(HandoverLine)
        .join(
            HandoverLine,
            (HandoverLine.org_id == Handover.org_id) & (HandoverLine.handover_id == Handover.id),
        )
        .where(HandoverLine.item_id == item.id)
        .order_by(Handover.number.desc())
        .limit(20)
    )
    return [(row[0], row[1]) for row in session.execute(query)]
