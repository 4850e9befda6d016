"""Sums of the ledger and rows of the programme, scoped by the actor.

Columns, never whole rows: an entry's inputs are many times larger than everything else in it.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, case, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.catalogue.models import Category
from app.impact.rules import View
from app.items.models import Code, Item
from app.kit.chain import ChainHead, ChainLink
from app.kit.i18n import locale
from app.kit.prepared import Prepared
from app.ledger import queries as ledger
from app.ledger.models import LedgerEntry
from app.places.models import Place
from app.projects.models import Fulfilment, ProgrammeLine, Project
from app.projects.queries import projects_visible_to

QUANTITIES = ("waste_g", "value_chain_waste_g", "co2e_g", "saved_ore")
RANGED = tuple(f"{name}{end}" for name in QUANTITIES for end in ("", "_low", "_high"))
"""The figures of an entry that have a low and a high."""

_GROUPED = (
    LedgerEntry.view,
    LedgerEntry.source,
    LedgerEntry.programme_line_id,
    LedgerEntry.category_id,
    LedgerEntry.mass_tier,
    LedgerEntry.co2e_tier,
    LedgerEntry.price_tier,
)

_NAMES = {"sv": Category.name_sv, "en": Category.name_en}


def category_name() -> ColumnElement[str]:
    """The category's name in the reader's language."""
    found: ColumnElement[str] = _NAMES.get(locale(), Category.name_nb).expression
    return found.label("category")


def _sums() -> list[ColumnElement[Any]]:
    sums: list[ColumnElement[Any]] = [
        func.sum(getattr(LedgerEntry, name)).label(name) for name in RANGED
    ]
    calculated = LedgerEntry.co2e_g.is_not(None)
    return [
        *sums,
        func.sum(ledger.STANDING).label("entries"),
        func.sum(case((calculated, 0), else_=ledger.STANDING)).label("not_calculated"),
        func.sum(case((calculated, LedgerEntry.reference_co2e_g), else_=0)).label("reference_g"),
    ]


def project_sums(actor: Actor, project_id: UUID) -> Select[*tuple[Any, ...]]:
    """All entries of a project, reversals included, by view, source, line, category and tiers."""
    return (
        select(*_GROUPED, *_sums())
        .where(LedgerEntry.org_id == actor.org_id, LedgerEntry.project_id == project_id)
        .group_by(*_GROUPED)
    )


def project_head(actor: Actor, project_id: UUID) -> Select[*tuple[Any, ...]]:
    """The project with the names of its unit and place."""
    columns = projects_visible_to(actor).where(Project.id == project_id).subquery()
    return (
        select(columns, Unit.name.label("unit"), Place.label.label("place"))
        .join(Unit, (Unit.org_id == columns.c.org_id) & (Unit.id == columns.c.unit_id))
        .outerjoin(Place, (Place.org_id == columns.c.org_id) & (Place.id == columns.c.place_id))
    )


def programme(actor: Actor, project_id: UUID) -> Select[*tuple[Any, ...]]:
    """The project's lines in the order they were added."""
    return (
        select(
            ProgrammeLine.id,
            ProgrammeLine.category_id,
            ProgrammeLine.requirement,
            ProgrammeLine.state,
            ProgrammeLine.quantity,
            category_name(),
        )
        .join(Category, Category.id == ProgrammeLine.category_id)
        .where(ProgrammeLine.org_id == actor.org_id, ProgrammeLine.project_id == project_id)
        .order_by(ProgrammeLine.created_at, ProgrammeLine.id)
    )


def _of_project(
    query: Select[*tuple[Any, ...]], actor: Actor, project_id: UUID
) -> Select[*tuple[Any, ...]]:
    """Standing fulfilments of the project's lines; ``query`` selects from ``Fulfilment``."""
    return query.join(
        ProgrammeLine,
        (ProgrammeLine.org_id == Fulfilment.org_id)
        & (ProgrammeLine.id == Fulfilment.programme_line_id),
    ).where(
        Fulfilment.org_id == actor.org_id,
        Fulfilment.undone_at.is_(None),
        ProgrammeLine.project_id == project_id,
    )


def fulfilling_pieces(actor: Actor, project_id: UUID) -> Select[*tuple[Any, ...]]:
    """The pieces that meet the programme now, line by line."""
    columns = (
        Fulfilment.programme_line_id,
        Fulfilment.item_id,
        Fulfilment.source,
        Fulfilment.fulfilled_on,
        Item.name,
        Item.category_id,
        category_name(),
    )
    joined = (
        select(*columns)
        .select_from(Fulfilment)
        .join(Item, (Item.org_id == Fulfilment.org_id) & (Item.id == Fulfilment.item_id))
        .join(Category, Category.id == Item.category_id)
    )
    return _of_project(joined, actor, project_id).order_by(
        ProgrammeLine.created_at, ProgrammeLine.id, Fulfilment.created_at, Fulfilment.item_id
    )


def codes(actor: Actor, project_id: UUID) -> Select[*tuple[Any, ...]]:
    """(piece, code) of the project's pieces, the code on the newest label first."""
    pieces = _of_project(select(Fulfilment.item_id).select_from(Fulfilment), actor, project_id)
    return (
        select(Code.item_id, Code.code)
        .where(Code.org_id == actor.org_id, Code.item_id.in_(pieces))
        .where(Code.replaced_at.is_(None), Code.cancelled_at.is_(None))
        .order_by(Code.item_id, Code.bound_at.desc(), Code.code.desc())
    )


_STANDING = Prepared(
    ledger.standing_of(bindparam("org_id"))
    .with_only_columns(
        LedgerEntry.id,
        LedgerEntry.item_id,
        LedgerEntry.programme_line_id,
        LedgerEntry.view,
        LedgerEntry.waste_g,
        LedgerEntry.co2e_g,
        LedgerEntry.saved_ore,
        LedgerEntry.mass_g,
        LedgerEntry.new_price_ore,
        LedgerEntry.co2e_tier,
        LedgerEntry.factor_set_id,
        LedgerEntry.formula_version,
    )
    .where(LedgerEntry.project_id == bindparam("project_id"))
    .order_by(LedgerEntry.booked_at, LedgerEntry.id)
)


def standing_entries(session: Session, actor: Actor, project_id: UUID) -> list[Any]:
    """Entries that are neither reversals nor reversed, in the order they were booked."""
    return _STANDING.rows(session, {"org_id": actor.org_id, "project_id": project_id})


def entries_behind(
    actor: Actor, project_id: UUID, view: View, source: str | None, line_id: UUID | None
) -> Select[*tuple[Any, ...]]:
    """Every entry behind a figure, reversals included, with what it says of the calculation."""
    query = (
        select(LedgerEntry, Item.name, category_name())
        .join(Item, (Item.org_id == LedgerEntry.org_id) & (Item.id == LedgerEntry.item_id))
        .join(Category, Category.id == LedgerEntry.category_id)
        .where(LedgerEntry.org_id == actor.org_id, LedgerEntry.project_id == project_id)
        .where(LedgerEntry.view == view)
    )
    if source is not None:
        query = query.where(LedgerEntry.source == source)
    if line_id is not None:
        query = query.where(LedgerEntry.programme_line_id == line_id)
    return query


def chain_head(actor: Actor) -> Select[*tuple[Any, ...]]:
    return select(ChainHead.seq, ChainHead.digest).where(ChainHead.org_id == actor.org_id)


def booked_since(actor: Actor, seq: int) -> Select[bool]:
    """Whether an entry has a link in the organisation's chain after this one."""
    later = select(ChainLink.seq).where(
        ChainLink.org_id == actor.org_id,
        ChainLink.seq > seq,
        ChainLink.table == LedgerEntry.__tablename__,
    )
    return select(later.exists())


def projects_named(actor: Actor, name: str) -> Select[Project]:
    """Projects of this name, any case, or of this number; the newest first."""
    wanted = name.strip()
    by_number = Project.number == int(wanted) if wanted.isdecimal() and len(wanted) < 10 else None
    by_name = func.lower(Project.name) == wanted.lower()
    return (
        projects_visible_to(actor)
        .where(by_name if by_number is None else by_name | by_number)
        .order_by(Project.number.desc())
    )
