"""Which pieces a project releases, and the inventory narrowed to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, Select, exists, func, literal_column, select
from sqlalchemy.orm import Session, aliased

from app.accounts.actor import Actor
from app.catalogue.models import Category
from app.items.models import Item
from app.items.queries_further import Further
from app.items.queries_piece import category_column
from app.items.rules import PRESENT, Fate
from app.kit.i18n import N_
from app.projects.models import Project, Release
from app.projects.models_allocation import PlanAllocation
from app.projects.queries import all_projects
from app.projects.rules import LIVE, ReleaseState

AT_ONCE = 2_000
"""So many pieces are freed by one sweep; the next one finds the rest."""


def is_live() -> ColumnElement[bool]:
    """The project releases it now. Literals, so that the partial unique index is used."""
    return Release.state.in_([literal_column(f"'{each.value}'") for each in LIVE])


def releases_visible_to(actor: Actor) -> Select[Release]:
    return select(Release).where(Release.org_id == actor.org_id)


def releases_of(actor: Actor, project_id: UUID) -> Select[Release]:
    """What a project releases now."""
    return releases_visible_to(actor).where(Release.project_id == project_id, is_live())


def planned_of(actor: Actor, project_id: UUID, today: date) -> Select[Release]:
    """What comes free from a project after today, also where somebody counts on it."""
    return releases_of(actor, project_id).where(
        Release.state.in_((ReleaseState.PLANNED, ReleaseState.ALLOCATED)),
        Release.free_from > today,
    )


def planned_days(
    session: Session, actor: Actor, project_id: UUID, today: date
) -> tuple[int, date | None]:
    """How many pieces come free after today, and the first of their days."""
    query = planned_of(actor, project_id, today)
    row = session.execute(query.with_only_columns(func.count(), func.min(Release.free_from))).one()
    return row[0], row[1]


def live_of_piece(actor: Actor, item_id: UUID) -> Select[Release]:
    return releases_visible_to(actor).where(Release.item_id == item_id, is_live())


def live_of_pieces(org_id: UUID, item_ids: Sequence[UUID]) -> Select[Release]:
    """The live releases of pieces, locked in the order of their ids."""
    return (
        select(Release)
        .where(Release.org_id == org_id, Release.item_id.in_(item_ids), is_live())
        .order_by(Release.id)
        .with_for_update(of=Release)
    )


def set_aside(org_id: UUID, item_ids: Sequence[UUID]) -> CompoundSelect[UUID]:
    """Which of the pieces are set aside for a need, or for a line of a programme."""
    released = select(Release.item_id).where(
        Release.org_id == org_id,
        Release.item_id.in_(item_ids),
        Release.state == ReleaseState.ALLOCATED,
    )
    planned = select(PlanAllocation.item_id).where(
        PlanAllocation.org_id == org_id,
        PlanAllocation.item_id.in_(item_ids),
        PlanAllocation.ended_at.is_(None),
    )
    return released.union(planned)


def planned_lines(org_id: UUID, item_ids: Sequence[UUID]) -> Select[UUID, UUID]:
    """Those of the pieces that plans have set aside, each with its line."""
    return select(PlanAllocation.item_id, PlanAllocation.programme_line_id).where(
        PlanAllocation.org_id == org_id,
        PlanAllocation.item_id.in_(item_ids),
        PlanAllocation.ended_at.is_(None),
    )


def moving_along(org_id: UUID, item_ids: Sequence[UUID]) -> Select[UUID]:
    """Those of the pieces that move along with who uses them now."""
    return select(Release.item_id).where(
        Release.org_id == org_id,
        Release.item_id.in_(item_ids),
        Release.fate == Fate.MOVE_ALONG,
        is_live(),
    )


def gone_of_pieces(org_id: UUID, item_ids: Sequence[UUID]) -> Select[Release]:
    """The last release of each piece that is gone, locked in the order of their ids."""
    later = aliased(Release)
    is_last = ~exists().where(
        later.org_id == Release.org_id,
        later.item_id == Release.item_id,
        later.state == ReleaseState.GONE,
        (later.created_at > Release.created_at)
        | ((later.created_at == Release.created_at) & (later.id > Release.id)),
    )
    return (
        select(Release)
        .where(Release.org_id == org_id, Release.item_id.in_(item_ids))
        .where(Release.state == ReleaseState.GONE, is_last)
        .order_by(Release.id)
        .with_for_update(of=Release)
    )


def project_names(session: Session, rows: Sequence[Release]) -> Mapping[UUID, str]:
    """Of the projects of these releases, by id."""
    ids = {each.project_id for each in rows}
    found = session.execute(select(Project.id, Project.name).where(Project.id.in_(ids)))
    return {row.id: row.name for row in found}


def gone_from(session: Session, actor: Actor, project_id: UUID) -> int:
    """How many pieces have left the project that released them; one query."""
    gone = releases_visible_to(actor).where(
        Release.project_id == project_id, Release.state == ReleaseState.GONE
    )
    return session.scalar(gone.with_only_columns(func.count())) or 0


def due(today: date) -> Select[Release]:
    """Planned releases whose day has come, locked."""
    return (
        select(Release)
        .where(Release.state == ReleaseState.PLANNED, Release.free_from <= today)
        .order_by(Release.id)
        .limit(AT_ONCE)
        .with_for_update(of=Release)
    )


@dataclass(frozen=True, slots=True)
class Released:
    """How many pieces of one category a project releases, and how many of them are free now."""

    category_id: str
    category: str
    pieces: int
    free: int


def released_by_category(session: Session, actor: Actor, project_id: UUID) -> list[Released]:
    """The most numerous category first; one query.

    Pieces that have left are not counted: the number leads to the table, which shows what is there.
    """
    pieces = func.count()
    is_free = func.count().filter(Release.state == ReleaseState.FREE)
    name = category_column()
    rows = session.execute(
        select(Item.category_id, name.label("name"), pieces.label("pieces"), is_free.label("free"))
        .select_from(Release)
        .join(Item, (Item.org_id == Release.org_id) & (Item.id == Release.item_id))
        .join(Category, Category.id == Item.category_id)
        .where(
            Release.org_id == actor.org_id,
            Release.project_id == project_id,
            is_live(),
            Item.state.in_(sorted(PRESENT)),
        )
        .group_by(Item.category_id, name)
        .order_by(pieces.desc(), name)
    )
    return [Released(row.category_id, row.name, row.pieces, row.free) for row in rows]


def _is_on(actor: Actor, project_id: Any) -> ColumnElement[bool]:
    """By the project's own few pieces, not by asking of each piece whether it is on the project."""
    return Item.id.in_(
        select(Release.item_id).where(
            Release.org_id == actor.org_id, Release.project_id == project_id, is_live()
        )
    )


BY_PROJECT = Further(N_("Prosjekt"), all_projects, _is_on)
"""The inventory's filter ``project_id``."""
