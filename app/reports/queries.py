"""Sums of the ledger and rows of the programme, scoped by the actor.

Columns, never whole rows: an entry's inputs are many times larger than everything else in it.
"""

from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    func,
    select,
)
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.catalogue.models import Category
from app.impact.rules import View
from app.items.models import Item
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
    LedgerEntry.factor_set_id,
    LedgerEntry.formula_version,
)
_ORG: BindParameter[Any] = bindparam("org_id")
_PROJECT: BindParameter[Any] = bindparam("project_id")

_NAMES = {"sv": Category.name_sv, "en": Category.name_en}


def category_name(language: str) -> ColumnElement[str]:
    """The category's name in the reader's language."""
    found: ColumnElement[str] = _NAMES.get(language, Category.name_nb).expression
    return found.label("category")


def category_names(session: Session, ids: Collection[str]) -> dict[str, str]:
    """The categories' names in the reader's language."""
    if not ids:
        return {}
    rows = session.execute(select(Category.id, category_name(locale())).where(Category.id.in_(ids)))
    return {row.id: row.category for row in rows}


def of_project(actor: Actor, project_id: UUID) -> dict[str, UUID]:
    """The parameters of statements about one project."""
    return {"org_id": actor.org_id, "project_id": project_id}


_calculated = LedgerEntry.co2e_g.is_not(None)
_SUMS_OF_PROJECT = (
    select(
        *_GROUPED,
        *(func.sum(getattr(LedgerEntry, name)).label(name) for name in RANGED),
        func.sum(ledger.STANDING).label("entries"),
        func.sum(case((_calculated, 0), else_=ledger.STANDING)).label("not_calculated"),
        func.sum(case((_calculated, LedgerEntry.reference_co2e_g), else_=0)).label("reference_g"),
    )
    .where(LedgerEntry.org_id == _ORG, LedgerEntry.project_id == _PROJECT)
    .group_by(*_GROUPED)
)
_SUMS = Prepared(_SUMS_OF_PROJECT)
_UNTIL: BindParameter[Any] = bindparam("until", type_=LedgerEntry.booked_at.type)
_SUMS_UNTIL = Prepared(_SUMS_OF_PROJECT.where(LedgerEntry.booked_at <= _UNTIL))


def project_sums(
    session: Session, actor: Actor, project_id: UUID, until: datetime | None = None
) -> list[Any]:
    """All entries of a project, reversals included, by view, source, line, category and basis.

    With ``until`` those that were booked by then.
    """
    if until is not None:
        return _SUMS_UNTIL.rows(session, {**of_project(actor, project_id), "until": until})
    return _SUMS.rows(session, of_project(actor, project_id))


_HEAD = Prepared(
    select(
        Project.id,
        Project.number,
        Project.name,
        Project.state,
        Project.kind,
        Project.from_date,
        Project.until_date,
        Project.goal_percent,
        Unit.name.label("unit"),
        Place.label.label("place"),
    )
    .join(Unit, (Unit.org_id == Project.org_id) & (Unit.id == Project.unit_id))
    .outerjoin(Place, (Place.org_id == Project.org_id) & (Place.id == Project.place_id))
    .where(Project.org_id == _ORG, Project.id == _PROJECT)
)


def project_head(session: Session, actor: Actor, project_id: UUID) -> Any | None:
    """The project with the names of its unit and place; nothing for another organisation's."""
    return _HEAD.first(session, of_project(actor, project_id))


@lru_cache
def _programme(language: str) -> Prepared:
    return Prepared(
        select(
            ProgrammeLine.id,
            ProgrammeLine.category_id,
            ProgrammeLine.requirement,
            ProgrammeLine.state,
            ProgrammeLine.quantity,
            category_name(language),
        )
        .join(Category, Category.id == ProgrammeLine.category_id)
        .where(ProgrammeLine.org_id == _ORG, ProgrammeLine.project_id == _PROJECT)
        .order_by(ProgrammeLine.created_at, ProgrammeLine.id)
    )


def programme(session: Session, actor: Actor, project_id: UUID) -> list[Any]:
    """The project's lines in the order they were added."""
    return _programme(locale()).rows(session, of_project(actor, project_id))


MEETS = and_(
    Fulfilment.org_id == _ORG,
    Fulfilment.undone_at.is_(None),
    Fulfilment.programme_line_id.in_(
        select(ProgrammeLine.id)
        .where(ProgrammeLine.org_id == _ORG, ProgrammeLine.project_id == _PROJECT)
        .correlate(None)
    ),
)
"""Of ``Fulfilment``, those that stand for a line of the project."""

STANDING = ledger.standing_of(_ORG).where(LedgerEntry.project_id == _PROJECT)
"""The project's entries that are neither reversals nor reversed."""


def _fulfilled() -> Prepared:
    """The newest entry counts where a piece was handed over twice for the same line."""
    of_piece = (LedgerEntry.programme_line_id, LedgerEntry.item_id)
    newest_first = (LedgerEntry.booked_at.desc(), LedgerEntry.id.desc())
    place = func.row_number().over(
        partition_by=(*of_piece, LedgerEntry.view), order_by=newest_first
    )
    entry = STANDING.with_only_columns(
        *of_piece,
        LedgerEntry.view,
        LedgerEntry.mass_g,
        LedgerEntry.new_price_ore,
        place.label("place"),
    ).subquery("entry")
    is_gross = entry.c.view == View.GROSS
    piece = (
        select(
            entry.c.programme_line_id,
            entry.c.item_id,
            func.sum(case((is_gross, 1), else_=0)).label("gross"),
            func.sum(case((is_gross, 0), else_=1)).label("net"),
            func.sum(case((is_gross, entry.c.mass_g))).label("mass_g"),
            func.sum(case((is_gross, entry.c.new_price_ore))).label("new_price_ore"),
        )
        .where(entry.c.place == 1)
        .group_by(entry.c.programme_line_id, entry.c.item_id)
        .subquery("piece")
    )
    amounts = ("gross", "net", "mass_g", "new_price_ore")
    return Prepared(
        select(
            Fulfilment.programme_line_id,
            Fulfilment.source,
            func.count().label("pieces"),
            *(func.sum(piece.c[name]).label(name) for name in amounts),
        )
        .outerjoin(
            piece,
            (piece.c.programme_line_id == Fulfilment.programme_line_id)
            & (piece.c.item_id == Fulfilment.item_id),
        )
        .where(MEETS)
        .group_by(Fulfilment.programme_line_id, Fulfilment.source)
    )


_FULFILLED = _fulfilled()


def fulfilled(session: Session, actor: Actor, project_id: UUID) -> list[Any]:
    """The pieces that meet the programme now, by line and source.

    How many; how many of them have a gross and a net entry that stands; and the sums of the gross
    entries' mass and value as new, which are empty where there is none.
    """
    return _FULFILLED.rows(session, of_project(actor, project_id))


# SQLite would count a bare column by its index, which holds the pieces of all projects.
_piece = func.coalesce(LedgerEntry.item_id, LedgerEntry.item_id)
_BOOKED = Prepared(STANDING.with_only_columns(func.count(_piece.distinct()).label("pieces")))


def booked_pieces(session: Session, actor: Actor, project_id: UUID) -> int:
    """How many pieces have an entry that stands, whatever line it belongs to."""
    (row,) = _BOOKED.rows(session, of_project(actor, project_id))
    return int(row.pieces)


def entries_behind(
    actor: Actor,
    project_id: UUID,
    view: View,
    source: str | None,
    line_id: UUID | None,
    until: datetime | None = None,
) -> Select[*tuple[Any, ...]]:
    """Every entry behind a figure, reversals included, with what it says of the calculation."""
    query = (
        select(LedgerEntry, Item.name, category_name(locale()))
        .join(Item, (Item.org_id == LedgerEntry.org_id) & (Item.id == LedgerEntry.item_id))
        .join(Category, Category.id == LedgerEntry.category_id)
        .where(LedgerEntry.org_id == actor.org_id, LedgerEntry.project_id == project_id)
        .where(LedgerEntry.view == view)
    )
    if source is not None:
        query = query.where(LedgerEntry.source == source)
    if line_id is not None:
        query = query.where(LedgerEntry.programme_line_id == line_id)
    return query if until is None else query.where(LedgerEntry.booked_at <= until)


_CHAIN_HEAD = Prepared(select(ChainHead.seq, ChainHead.digest).where(ChainHead.org_id == _ORG))


def chain_head(session: Session, actor: Actor) -> Any | None:
    """The last link of the organisation's chain; nothing before the first."""
    return _CHAIN_HEAD.first(session, {"org_id": actor.org_id})


def booked_since(actor: Actor, seq: int) -> Select[bool]:
    """Whether an entry has a link in the organisation's chain after this one."""
    later = select(ChainLink.seq).where(
        ChainLink.org_id == actor.org_id,
        ChainLink.seq > seq,
        ChainLink.table == LedgerEntry.__tablename__,
    )
    return select(later.exists())


def projects_named(session: Session, actor: Actor, name: str) -> list[Project]:
    """Projects of this name, any case, or of this number; the newest first.

    Compared here: SQLite knows the case of a to z alone, and would not find «Ørsta» at all.
    """
    wanted = name.strip().casefold()
    number = int(wanted) if wanted.isdecimal() and len(wanted) < 10 else None
    known = session.scalars(projects_visible_to(actor).order_by(Project.number.desc()))
    return [each for each in known if each.name.casefold() == wanted or each.number == number]
