"""The entries behind a figure of the organisation's report, and the sum of exactly those."""

from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.catalogue.models import Category
from app.impact.rules import FulfilmentSource
from app.items.models import Item
from app.kit.i18n import locale
from app.ledger import queries_sums as ledger
from app.ledger.models import LedgerEntry
from app.ledger.queries_entries import EntriesAsked, entries_asked, sum_of_entries
from app.ledger.queries_entries import Without as Missing
from app.ledger.queries_sums import By, Role, Scope
from app.ledger.rules_sums import Sum, total
from app.reports.organisation_figures import Wanted
from app.reports.queries import category_name

Without = Literal["unit", "place", "project"]
"""What the entries of a row without a key do not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """Which of the entries of a report are behind one figure; what is empty leaves nothing out.

    ``is_alone`` leaves out what is below the unit or place; ``month`` (202603) is the handover's own.
    ``sources`` are for figures of more than one.
    """

    role: Role = Role.RECEIVER
    project_id: UUID | None = None
    is_alone: bool = False
    month: int | None = None
    without: Without | None = None
    sources: tuple[FulfilmentSource, ...] = ()


def named(entries: Select[LedgerEntry]) -> Select[*tuple[Any, ...]]:
    """With each the piece's name and the category's."""
    return (
        entries.join(Item, (Item.org_id == LedgerEntry.org_id) & (Item.id == LedgerEntry.item_id))
        .join(Category, Category.id == LedgerEntry.category_id)
        .add_columns(Item.name, category_name(locale()))
    )


def asked_of(wanted: Wanted, behind: Behind) -> EntriesAsked:
    """The question as the ledger takes it; of a unit those entries in which it has the role."""
    is_giver = behind.role == Role.GIVER
    unit = Missing.GIVER if is_giver else Missing.RECEIVER
    missing = {"unit": unit, "place": Missing.PLACE, "project": Missing.PROJECT}
    return EntriesAsked(
        view=wanted.view,
        first_year=wanted.first_year,
        last_year=wanted.last_year,
        month=behind.month,
        sources=_sources(wanted, behind),
        category_id=wanted.category_id,
        project_id=behind.project_id,
        place_id=wanted.place_id,
        giver_unit_id=wanted.unit_id if is_giver else None,
        receiver_unit_id=None if is_giver else wanted.unit_id,
        without=missing[behind.without] if behind.without else None,
        with_below=not behind.is_alone,
    )


def _sources(wanted: Wanted, behind: Behind) -> tuple[FulfilmentSource, ...] | None:
    """Those that both ask for; nothing where neither asks for any."""
    if wanted.source is None:
        return behind.sources or None
    is_among = not behind.sources or wanted.source in behind.sources
    return (wanted.source,) if is_among else ()


def entries_of(actor: Actor, wanted: Wanted, behind: Behind) -> Select[LedgerEntry]:
    """Entries, reversals included."""
    return entries_asked(actor, asked_of(wanted, behind))


def sum_behind(session: Session, actor: Actor, wanted: Wanted, behind: Behind) -> Sum:
    """What ``entries_of`` adds up to.

    From the sums beside the ledger, however many they are; where more than one of unit, place,
    project and month is asked for, which those are not kept by, from the entries themselves.
    """
    asked = asked_of(wanted, behind)
    parted = (wanted.unit_id, wanted.place_id, behind.project_id, behind.month, behind.without)
    if sum(each is not None for each in parted) > 1:
        return sum_of_entries(session, entries_asked(actor, asked))
    by, key = _key(wanted, behind)
    scope = Scope(
        view=wanted.view,
        first_year=wanted.first_year,
        last_year=wanted.last_year,
        category_id=wanted.category_id,
        unit_id=wanted.unit_id,
        role=behind.role,
        place_id=wanted.place_id,
        project_id=behind.project_id,
    )
    sources = (None,) if asked.sources is None else dict.fromkeys(asked.sources)
    return total(
        each
        for source in sources
        for each in ledger.groups(session, actor, replace(scope, source=source), by)
        if by == By.ALL or each.key == key
    )


def _key(wanted: Wanted, behind: Behind) -> tuple[By, Any]:
    """By what the sums are parted, and the part that is meant."""
    unit = By.GIVER if behind.role == Role.GIVER else By.RECEIVER
    if behind.month is not None:
        return By.MONTH, behind.month
    if behind.without is not None:
        return {"unit": unit, "place": By.PLACE, "project": By.PROJECT}[behind.without], None
    if behind.is_alone and wanted.unit_id is not None:
        return unit, wanted.unit_id
    if behind.is_alone and wanted.place_id is not None:
        return By.PLACE, wanted.place_id
    return By.ALL, None
