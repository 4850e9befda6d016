"""What a project's page and the start page show of the savings."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.impact.rules import Rounded, View
from app.kit.i18n import gettext
from app.ledger.queries_income import income_so_far
from app.ledger.queries_sums import Scope, pieces, sum_of
from app.ledger.rules_sums import Sum
from app.projects.models import Project
from app.reports import queries
from app.reports.figures import Ranged
from app.reports.rules import savings
from app.reports.words import VIEWS, grams, kroner

Figure = Ranged | Rounded


@dataclass(frozen=True, slots=True)
class OrganisationSavings:
    """What an organisation has saved so far, in g, g CO2e and øre with range.

    ``pieces`` are unique ones: a piece used twice is one piece and two uses.
    """

    gross: Sum
    net: Sum
    pieces: int
    currency: str


def organisation_savings(session: Session, actor: Actor) -> OrganisationSavings:
    """The sum of the whole ledger of the actor's organisation."""
    actor.must(Permission.REPORT_READ)
    gross, net = (sum_of(session, actor, Scope(view=view)) for view in (View.GROSS, View.NET))
    return OrganisationSavings(gross, net, pieces(session, actor), actor.currency)


_KEPT: dict[UUID, tuple[int, OrganisationSavings]] = {}
"""Organisation → the last link of its chain that was looked at, and the sum then."""
_MOST_KEPT = 1_000


def savings_so_far(session: Session, actor: Actor) -> OrganisationSavings:
    """As ``organisation_savings``, added up anew only when something was booked since.

    The ledger is never changed but by new entries, and each has its link in the organisation's
    chain, written in the same transaction: where no later link is an entry's, the sum still holds.
    """
    actor.must(Permission.REPORT_READ)
    head = queries.chain_head(session, actor)
    kept = _KEPT.get(actor.org_id)
    if head is None:
        return organisation_savings(session, actor)
    if kept is not None and kept[1].currency == actor.currency:
        seen, found = kept
        is_same = seen == head.seq
        if is_same or (seen < head.seq and not session.scalar(queries.booked_since(actor, seen))):
            _KEPT[actor.org_id] = head.seq, found
            return found
    found = organisation_savings(session, actor)
    if len(_KEPT) >= _MOST_KEPT:
        _KEPT.clear()
    _KEPT[actor.org_id] = head.seq, found
    return found


def project(session: Session, actor: Actor, subject: Project) -> tuple[str, dict[str, Any]] | None:
    """Savings so far, with the way to the report."""
    if not actor.may(Permission.REPORT_READ):
        return None
    groups = queries.project_sums(session, actor, subject.id)
    views = []
    for view in View:
        found = savings(each for each in groups if each.view == view)
        if found.entries:
            views.append(_shown(view, found.co2e_g, found.waste_g, found.saved_ore, actor.currency))
    return "reports/project_panel.html", {"project_id": subject.id, "views": views}


def home(session: Session, actor: Actor, _subject: object) -> tuple[str, dict[str, Any]] | None:
    """What the organisation has saved and sold; nothing until there is something to show."""
    if not actor.may(Permission.REPORT_READ):
        return None
    found = savings_so_far(session, actor)
    income = income_so_far(session, actor)
    if not found.gross.uses and not income.rows:
        return None
    views = [
        _shown(view, of.co2e_g, of.waste_g, of.saved_ore if of.is_priced else None, found.currency)
        for view, of in ((View.GROSS, found.gross), (View.NET, found.net))
        if of.uses
    ]
    return "reports/home_panel.html", {
        "views": views,
        "pieces": found.pieces,
        "uses": found.gross.uses,
        "income": income,
        "currency": found.currency,
    }


def _shown(
    view: View, co2e_g: Figure, waste_g: Figure, saved_ore: Figure | None, currency: str
) -> dict[str, Any]:
    return {
        "view": view.value,
        "title": gettext(VIEWS[view]),
        "co2e": grams(co2e_g),
        "waste": grams(waste_g),
        "saved": None if saved_ore is None else kroner(saved_ore, currency),
    }
