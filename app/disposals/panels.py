"""What a piece's page shows of disposal: the decision it stands on, or the way to one."""

from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.disposals import names
from app.disposals.models import Disposal, DisposalPiece
from app.items.models import Item
from app.items.queries_piece import Signs
from app.items.rules import MACHINE, ItemVerb
from app.kit.i18n import gettext
from app.kit.states import allows

Panel = tuple[str, dict[str, Any]] | None


SIGNS = Signs(
    columns=(
        (
            "was_on_disposal",
            exists().where(DisposalPiece.org_id == Item.org_id, DisposalPiece.item_id == Item.id),
        ),
    )
)
"""What the piece's page asks beforehand, in its own statement."""


def piece(session: Session, actor: Actor, item: Any) -> Panel:
    """The decisions the piece stands on, the newest first, and the way to one."""
    may_propose = allows(MACHINE, item.state, ItemVerb.DISPOSE) and actor.may(
        Permission.ITEM_EDIT, item.owner_unit_id
    )
    found = _of_piece(session, actor, item) if item.was_on_disposal else []
    if not found and not may_propose:
        return None
    rows = []
    for each in found:
        text, tone = names.STATES[each.state]
        rows.append({"disposal": each, "state": gettext(text), "tone": tone})
    is_standing = any(each.withdrawn_at is None for each in found)
    return "disposals/panel_piece.html", {
        "rows": rows,
        "item_id": item.id,
        "may_propose": may_propose and not is_standing,
    }


def _of_piece(session: Session, actor: Actor, item: Any) -> list[Disposal]:
    query = (
        select(Disposal)
        .join(
            DisposalPiece,
            (DisposalPiece.org_id == Disposal.org_id) & (DisposalPiece.disposal_id == Disposal.id),
        )
        .where(Disposal.org_id == actor.org_id, DisposalPiece.item_id == item.id)
        .order_by(Disposal.number.desc())
        .limit(5)
    )
    return list(session.scalars(query))
