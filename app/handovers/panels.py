"""What handovers show on a piece's page."""

from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.handovers import queries, views
from app.handovers.models import Handover, HandoverLine
from app.items.models import Item
from app.items.rules import MACHINE, ItemVerb
from app.kit.prepared import Prepared
from app.kit.states import allows

Panel = tuple[str, dict[str, Any]] | None


_ANY = Prepared(
    select(HandoverLine.id)
    .where(HandoverLine.org_id == bindparam("org"), HandoverLine.item_id == bindparam("item"))
    .limit(1)
)
"""Asked first: most pieces were never handed over, and this costs least."""


def piece(session: Session, actor: Actor, item: Item) -> Panel:
    """The piece's handovers, the newest first, and the way to a new one."""
    is_any = _ANY.first(session, {"org": actor.org_id, "item": item.id}) is not None
    found = _of_piece(session, actor, item) if is_any else []
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


def _of_piece(session: Session, actor: Actor, item: Item) -> list[tuple[Handover, HandoverLine]]:
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
