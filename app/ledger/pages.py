"""How one figure was calculated, with every value it rests on: readable alone, and on paper."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import SignedIn
from app.accounts.models import Unit
from app.accounts.rules import Permission
from app.catalogue.models import Category
from app.catalogue.queries import category_name
from app.impact.rules import Rounded, View
from app.items.models import Item
from app.kit.i18n import N_, gettext
from app.kit.page import page
from app.kit.web import Db
from app.ledger import queries
from app.ledger.api import statement_of
from app.ledger.explaining import explain
from app.ledger.models import LedgerEntry
from app.ledger.wording import (
    SOURCES,
    TIERS,
    VIEW_MEANING,
    VIEWS,
    about_mass,
    about_money,
    input_rows,
)
from app.projects.models import Project

router = APIRouter(prefix="/besparelser")

HEADINGS = {
    "co2e": N_("Beregnet unngått utslipp"),
    "waste": N_("Unngått avfall"),
    "saved": N_("Spart"),
}


@router.get("/{entry_id}", name="ledger:show")
def show(request: Request, entry_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.REPORT_READ)
    with db.read() as session:
        entry = queries.entry(session, actor, entry_id)
        rows, sources = input_rows(entry.inputs)
        return page(
            request,
            "ledger/show.html",
            entry=entry,
            view_name=gettext(VIEWS[entry.view]),
            view_meaning=gettext(VIEW_MEANING[entry.view]),
            facts=_facts(session, entry),
            figures=_figures(entry),
            calculations=[(gettext(HEADINGS[each.key]), each) for each in explain(entry)],
            rows=rows,
            sources=sources,
            statement=statement_of(entry),
            link=queries.link_of(session, entry),
            twin=_twin(session, entry),
            reversed_by=queries.reversed_by(session, actor, entry.id),
            tiers=[(key, gettext(text)) for key, text in TIERS.items()],
        )


def _figures(entry: LedgerEntry) -> list[dict[str, str | None]]:
    """The three figures with two digits, range and tier; every digit stands in the steps."""
    waste = about_mass(Rounded(entry.waste_g, entry.waste_g_low, entry.waste_g_high))
    saved: tuple[str, str | None] = (gettext("ikke beregnet"), None)
    co2e = saved
    if entry.saved_ore is not None:
        low, high = entry.saved_ore_low or 0, entry.saved_ore_high or 0
        saved = about_money(Rounded(entry.saved_ore, low, high), entry.currency)
    is_calculated = entry.co2e_g is not None
    if entry.co2e_g is not None and entry.co2e_g_low is not None and entry.co2e_g_high is not None:
        co2e = about_mass(Rounded(entry.co2e_g, entry.co2e_g_low, entry.co2e_g_high))
    shown = (
        ("co2e", *co2e, "CO2e" if is_calculated else None, entry.co2e_tier),
        ("waste", *waste, None, entry.mass_tier),
        ("saved", *saved, None, entry.price_tier),
    )
    return [
        {
            "label": gettext(HEADINGS[key]),
            "value": value,
            "unit": unit,
            "range": bounds,
            "tier": tier,
        }
        for key, value, bounds, unit, tier in shown
    ]


def _facts(session: Session, entry: LedgerEntry) -> dict[str, Any]:
    """Names of what the entry points at, in one statement each."""
    item = session.execute(
        select(Item.id, Item.name).where(Item.org_id == entry.org_id, Item.id == entry.item_id)
    ).one()
    units = {
        row.id: row.name
        for row in session.execute(
            select(Unit.id, Unit.name).where(
                Unit.org_id == entry.org_id,
                Unit.id.in_([entry.giver_unit_id, entry.receiver_unit_id]),
            )
        )
    }
    project = session.scalar(
        select(Project.name).where(Project.org_id == entry.org_id, Project.id == entry.project_id)
    )
    return {
        "item_name": item.name,
        "item_id": item.id,
        "category": category_name(session.get_one(Category, entry.category_id)),
        "source": gettext(SOURCES[entry.source]),
        "giver": units.get(entry.giver_unit_id) if entry.giver_unit_id else None,
        "receiver": units.get(entry.receiver_unit_id) if entry.receiver_unit_id else None,
        "project": project,
        "project_id": entry.project_id,
    }


def _twin(session: Session, entry: LedgerEntry) -> UUID | None:
    """The same piece and event in the other view."""
    other = View.NET if entry.view == View.GROSS else View.GROSS
    return session.scalars(
        select(LedgerEntry.id)
        .where(
            LedgerEntry.org_id == entry.org_id,
            LedgerEntry.event_id == entry.event_id,
            LedgerEntry.item_id == entry.item_id,
            LedgerEntry.view == other,
            LedgerEntry.reverses_id.is_(None),
        )
        .order_by(LedgerEntry.booked_at.desc(), LedgerEntry.id)
    ).first()
