"""What a piece's page shows of the cases that are about it, and the way to a new one."""

from typing import Any

from sqlalchemy import and_, exists
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.inbox.models import Case, CaseItem
from app.inbox.queries import cases_visible_to
from app.inbox.views import state_tag
from app.items.models import Item
from app.items.queries_piece import Signs

Panel = tuple[str, dict[str, Any]] | None
MOST = 5

SIGNS = Signs(
    columns=(
        (
            "was_asked_about",
            exists().where(CaseItem.org_id == Item.org_id, CaseItem.item_id == Item.id),
        ),
    )
)
"""What the piece's page asks beforehand, in its own statement."""


def piece(session: Session, actor: Actor, item: Any) -> Panel:
    """The newest cases that the reader may see, and how to ask about the piece."""
    if not actor.may(Permission.REQUEST_MAKE):
        return None
    cases = _about(session, actor, item) if item.was_asked_about else []
    return "inbox/panel_piece.html", {
        "rows": [{"case": each, "state": state_tag(each.state)} for each in cases[:MOST]],
        "is_more": len(cases) > MOST,
        "code": item.code,
    }


def _about(session: Session, actor: Actor, item: Any) -> list[Case]:
    query = (
        cases_visible_to(actor)
        .join(CaseItem, and_(CaseItem.org_id == Case.org_id, CaseItem.case_id == Case.id))
        .where(CaseItem.item_id == item.id)
        .order_by(Case.year.desc(), Case.number.desc())
        .limit(MOST + 1)
    )
    return list(session.scalars(query))
