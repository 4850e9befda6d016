"""What an expert has said of a piece, on the piece's page."""

from typing import Any

from sqlalchemy import and_
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.items import names
from app.items.models import Assessment, Item
from app.items.queries_piece import Signs
from app.items.rules import PRESENT
from app.kit import i18n
from app.kit.i18n import gettext

Panel = tuple[str, dict[str, Any]] | None

SIGNS = Signs(
    columns=(
        ("assessed_verdict", Assessment.verdict),
        ("assessed_suitability", Assessment.suitability),
        ("assessed_cost_ore", Assessment.cost_ore),
        ("assessed_note", Assessment.note),
        ("assessed_on", Assessment.assessed_on),
    ),
    joined=(
        (
            Assessment,
            and_(
                Assessment.org_id == Item.org_id,
                Assessment.item_id == Item.id,
                Assessment.is_newest,
            ),
        ),
    ),
)
"""What the piece's page asks beforehand, in its own statement."""


def piece(_session: Session, actor: Actor, subject: Any) -> Panel:
    """The newest assessment, and the way to a new one."""
    may_assess = subject.state in PRESENT and actor.may(
        Permission.ITEM_ASSESS, subject.owner_unit_id
    )
    verdict = subject.assessed_verdict
    if verdict is None and not may_assess:
        return None
    suitability, cost = subject.assessed_suitability, subject.assessed_cost_ore
    return "items/panel_assessed.html", {
        "item_id": subject.id,
        "verdict": gettext(names.VERDICTS[verdict]) if verdict else None,
        "tone": names.VERDICT_TONES.get(verdict, "warning"),
        "suitability": gettext(names.SUITABILITIES[suitability]) if suitability else None,
        "cost": i18n.money_ore(cost, actor.currency) if cost is not None else None,
        "note": subject.assessed_note,
        "on": subject.assessed_on,
        "may_assess": may_assess,
    }
