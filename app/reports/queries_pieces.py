"""The pieces of a project's report with their entries: all of them, or a page."""

from functools import lru_cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Subquery, bindparam, func, literal_column, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.catalogue.models import Category
from app.items.models import Code, Item
from app.kit.i18n import locale
from app.kit.paging import Key, Page, PreparedKeyset
from app.kit.prepared import Prepared
from app.ledger.models import LedgerEntry
from app.projects.models import Fulfilment, ProgrammeLine
from app.reports.queries import MEETS, STANDING, category_name, of_project

PIECES_A_PAGE = 25
_ORDER: Key = [
    (ProgrammeLine.created_at.expression, False),
    (Fulfilment.programme_line_id.expression, False),
    (Fulfilment.created_at.expression, False),
    (Fulfilment.item_id.expression, False),
]
"""Line by line, as they were added; no two pieces have the same place."""
_PIECES = (
    select(
        ProgrammeLine.created_at.label("line_created_at"),
        Fulfilment.programme_line_id,
        Fulfilment.created_at,
        Fulfilment.item_id,
        Fulfilment.org_id,
        Fulfilment.source,
        Fulfilment.fulfilled_on,
        func.count().over().label("left"),
    )
    .join(
        ProgrammeLine,
        (ProgrammeLine.org_id == Fulfilment.org_id)
        & (ProgrammeLine.id == Fulfilment.programme_line_id),
    )
    .where(MEETS)
)
"""``left`` is how many there are from the place on where the reading begins."""


def _shown(language: str, found: Subquery) -> Select[*tuple[Any, ...]]:
    """Pieces with their names, and the code on each one's newest label."""
    place = [found.c[n] for n in ("line_created_at", "programme_line_id", "created_at", "item_id")]
    code = (
        select(Code.code)
        .where(Code.org_id == found.c.org_id, Code.item_id == found.c.item_id)
        .where(Code.replaced_at.is_(None), Code.cancelled_at.is_(None))
        .order_by(Code.bound_at.desc(), Code.code.desc())
        .limit(literal_column("1"))
        .scalar_subquery()
    )
    return (
        select(
            *place,
            found.c.source,
            found.c.fulfilled_on,
            found.c.left,
            Item.name,
            Item.category_id,
            category_name(language),
            code.label("code"),
        )
        .join(Item, (Item.org_id == found.c.org_id) & (Item.id == found.c.item_id))
        .join(Category, Category.id == Item.category_id)
        .order_by(*place)
    )


@lru_cache
def _all_pieces(language: str) -> Prepared:
    return Prepared(_shown(language, _PIECES.subquery()))


@lru_cache
def _some_pieces(language: str) -> PreparedKeyset:
    shown = partial(_shown, language)
    return PreparedKeyset(_PIECES, _ORDER, limit=PIECES_A_PAGE, shown=shown)


def fulfilling_pieces(session: Session, actor: Actor, project_id: UUID) -> list[Any]:
    """The pieces that meet the programme now, line by line."""
    return _all_pieces(locale()).rows(session, of_project(actor, project_id))


def page_of_pieces(
    session: Session, actor: Actor, project_id: UUID, cursor: str | None
) -> Page[Any]:
    """A page of ``fulfilling_pieces``. Raises ``CursorUnknown``."""
    return _some_pieces(locale()).page(
        session,
        of_project(actor, project_id),
        cursor=cursor,
        position=lambda row: (
            row.line_created_at,
            row.programme_line_id,
            row.created_at,
            row.item_id,
        ),
    )


_ENTRIES = STANDING.with_only_columns(
    LedgerEntry.item_id,
    LedgerEntry.programme_line_id,
    LedgerEntry.view,
    LedgerEntry.id,
    LedgerEntry.waste_g,
    LedgerEntry.co2e_g,
    LedgerEntry.saved_ore,
    LedgerEntry.mass_g,
    LedgerEntry.new_price_ore,
    LedgerEntry.co2e_tier,
    LedgerEntry.factor_set_id,
).order_by(LedgerEntry.booked_at, LedgerEntry.id)
_ALL_ENTRIES = Prepared(_ENTRIES)
_ANY_OF = [f"item_{n}" for n in range(PIECES_A_PAGE)]
_ENTRIES_OF_PAGE = Prepared(
    _ENTRIES.where(
        LedgerEntry.item_id.in_(
            [bindparam(name, type_=LedgerEntry.item_id.type) for name in _ANY_OF]
        )
    )
)


def standing_entries(session: Session, actor: Actor, project_id: UUID) -> list[Any]:
    """Entries of the project that are neither reversals nor reversed, in the order of booking."""
    return _ALL_ENTRIES.rows(session, of_project(actor, project_id))


def standing_entries_of(
    session: Session, actor: Actor, project_id: UUID, item_ids: list[UUID]
) -> list[Any]:
    """As ``standing_entries``, of no more pieces than a page has."""
    if not item_ids:
        return []
    # A prepared statement has no lists of varying length: the last piece fills up the places.
    filled = [*item_ids, *item_ids[-1:] * (PIECES_A_PAGE - len(item_ids))]
    asked = dict(zip(_ANY_OF, filled, strict=True))
    return _ENTRIES_OF_PAGE.rows(session, {**of_project(actor, project_id), **asked})
