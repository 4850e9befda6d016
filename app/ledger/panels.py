"""What other capabilities' pages show of the ledger."""

from typing import Any

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.impact.rules import View
from app.kit.i18n import gettext
from app.ledger import queries
from app.ledger.models import LedgerEntry
from app.ledger.wording import SOURCES, VIEWS, about_mass, about_money

USES_SHOWN = 20


def piece(session: Session, actor: Actor, item: Any) -> tuple[str, dict[str, Any]] | None:
    """What this piece has saved, with a way to how each figure was calculated."""
    if not actor.may(Permission.REPORT_READ):
        return None
    if not item.was_handed_over:  # entries come from receipts alone
        return None
    of_item = LedgerEntry.item_id == item.id
    entries = list(
        session.scalars(
            queries.standing_entries(actor)
            .where(of_item)
            .order_by(LedgerEntry.handed_over_on.desc(), LedgerEntry.view, LedgerEntry.id)
            .limit(USES_SHOWN * 2)
        )
    )
    if not entries:
        return None
    totals = queries.totals(session, queries.entries_visible_to(actor).where(of_item))
    currency = entries[0].currency
    is_calculated = any(each.co2e_g is not None for each in entries)
    is_priced = any(each.saved_ore is not None for each in entries)
    return "ledger/piece_panel.html", {
        "totals": [_shown(view, totals[view], currency) for view in View],
        "is_calculated": is_calculated,
        "is_priced": is_priced,
        "uses": [
            {
                "entry": each,
                "source": gettext(SOURCES[each.source]),
                "view": gettext(VIEWS[each.view]),
            }
            for each in entries
        ],
    }


def _shown(view: View, total: queries.Total, currency: str) -> dict[str, str | None]:
    co2e, bounds = about_mass(total.co2e_g)
    return {
        "view": gettext(VIEWS[view]),
        "co2e": co2e,
        "range": bounds,
        "waste": about_mass(total.waste_g)[0],
        "saved": about_money(total.saved_ore, currency)[0],
    }
