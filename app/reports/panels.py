"""What a project's page and the start page show of the savings."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.impact.rules import Rounded, View
from app.kit.i18n import gettext
from app.ledger import queries as ledger
from app.projects.models import Project
from app.reports import queries
from app.reports.figures import Ranged
from app.reports.rules import savings
from app.reports.words import VIEWS, grams, kroner

Figure = Ranged | Rounded


@dataclass(frozen=True, slots=True)
class OrganisationSavings:
    """What an organisation has saved so far, in g, g CO2e and øre with range."""

    gross: ledger.Total
    net: ledger.Total
    currency: str


def organisation_savings(session: Session, actor: Actor) -> OrganisationSavings:
    """The sum of the whole ledger of the actor's organisation."""
    actor.must(Permission.REPORT_READ)
    totals = ledger.totals(session, ledger.entries_visible_to(actor))
    return OrganisationSavings(totals[View.GROSS], totals[View.NET], actor.currency)


def project(session: Session, actor: Actor, subject: Project) -> tuple[str, dict[str, Any]] | None:
    """Savings so far, with the way to the report."""
    if not actor.may(Permission.REPORT_READ):
        return None
    groups = session.execute(queries.project_sums(actor, subject.id)).all()
    views = []
    for view in View:
        found = savings(each for each in groups if each.view == view)
        if found.entries:
            views.append(_shown(view, found.co2e_g, found.waste_g, found.saved_ore, actor.currency))
    return "reports/project_panel.html", {"project_id": subject.id, "views": views}


def home(session: Session, actor: Actor, _subject: object) -> tuple[str, dict[str, Any]] | None:
    """What the organisation has saved; nothing until there is something to show."""
    if not actor.may(Permission.REPORT_READ):
        return None
    found = organisation_savings(session, actor)
    if not found.gross.uses:
        return None
    views = [
        _shown(view, of.co2e_g, of.waste_g, of.saved_ore, found.currency)
        for view, of in ((View.GROSS, found.gross), (View.NET, found.net))
    ]
    return "reports/home_panel.html", {
        "views": views,
        "pieces": found.gross.pieces,
        "uses": found.gross.uses,
    }


def _shown(
    view: View, co2e_g: Figure, waste_g: Figure, saved_ore: Figure, currency: str
) -> dict[str, Any]:
    return {
        "view": view.value,
        "title": gettext(VIEWS[view]),
        "co2e": grams(co2e_g),
        "waste": grams(waste_g),
        "saved": kroner(saved_ore, currency),
    }
