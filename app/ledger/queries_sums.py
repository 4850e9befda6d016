"""The ledger added up for reports, read from the sums beside it and never from its entries.

A question has at most one of unit, place and project: the sums are kept by each of them and not by
two at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Select, bindparam, func, literal_column, select
from sqlalchemy.orm import Session, aliased

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.accounts.rules import Permission
from app.impact.rules import FulfilmentSource, View
from app.kit.errors import Invalid
from app.kit.i18n import N_
from app.kit.prepared import Prepared
from app.kit.work import write_last
from app.ledger.models_sums import LedgerPieces, LedgerSum
from app.ledger.rules_sums import ALL_YEARS, EMPTY, SUMMED, Cut, Sum, total, totals
from app.places.models import Place


class By(StrEnum):
    """What a report shows a row of."""

    ALL = "all"
    YEAR = "year"
    MONTH = "month"
    SOURCE = "source"
    CATEGORY = "category"
    GIVER = "giver"
    RECEIVER = "receiver"
    PLACE = "place"
    PROJECT = "project"


class Role(StrEnum):
    """Which side of a handover a unit is: waste belongs to the giver, CO2e and money to the receiver."""

    GIVER = "giver"
    RECEIVER = "receiver"


class TwoAtOnce(Invalid):
    title = N_("Velg enten enhet, sted eller prosjekt. Tallene er ikke summert etter to av dem.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which entries are asked for; what is empty leaves nothing out.

    Years are those of account, both included. A unit stands for itself and all below it, in one
    ``role``; so does a place.
    """

    view: View
    first_year: int | None = None
    last_year: int | None = None
    source: FulfilmentSource | None = None
    category_id: str | None = None
    unit_id: UUID | None = None
    role: Role = Role.RECEIVER
    place_id: UUID | None = None
    project_id: UUID | None = None


def sums(
    session: Session,
    actor: Actor,
    scope: Scope,
    by: By,
    *,
    under: Mapping[UUID, UUID] | None = None,
) -> dict[Any, Sum]:
    """One sum a key, with its range combined by section 10 of the savings method.

    The key is the year, the month (202603), the source, the category's id, or the id of unit, place
    or project, which is empty for entries that have none. ``under`` says under which unit or place
    another is shown. Raises ``Forbidden`` and ``TwoAtOnce``.
    """
    return totals(groups(session, actor, scope, by), under)


def sum_of(session: Session, actor: Actor, scope: Scope) -> Sum:
    """All that is asked for, in one sum; nothing gives zeros. Raises as ``sums`` does."""
    found = groups(session, actor, scope, By.ALL)
    return total(found) if found else EMPTY


def groups(session: Session, actor: Actor, scope: Scope, by: By) -> list[Any]:
    """What ``sums`` adds up: also by category, tiers and currency, as rows of the database."""
    actor.must(Permission.REPORT_READ)
    write_last(session)
    asked = _Asked(
        by,
        _cut(scope, by),
        has_source=scope.source is not None,
        has_category=scope.category_id is not None,
        has_unit=scope.unit_id is not None,
        has_place=scope.place_id is not None,
        has_project=scope.project_id is not None,
    )
    values: dict[str, Any] = {
        "org_id": actor.org_id,
        "view": scope.view,
        "first_year": 0 if scope.first_year is None else scope.first_year,
        "last_year": 9999 if scope.last_year is None else scope.last_year,
    }
    for name in ("source", "category_id", "unit_id", "place_id", "project_id"):
        if getattr(scope, name) is not None:
            values[name] = getattr(scope, name)
    return _statement(asked).rows(session, values)


def pieces(session: Session, actor: Actor, year: int | None = None) -> int:
    """Pieces with a use that stands, each counted once: in one year of account, or ever."""
    actor.must(Permission.REPORT_READ)
    write_last(session)
    values = {"org_id": actor.org_id, "year": ALL_YEARS if year is None else year}
    row = _PIECES.first(session, values)
    return 0 if row is None else int(row.pieces)


def pieces_by_year(session: Session, actor: Actor) -> dict[int, int]:
    """Pieces with a use that stands in each year of account, the first year first."""
    actor.must(Permission.REPORT_READ)
    write_last(session)
    rows = _PIECES_BY_YEAR.rows(session, {"org_id": actor.org_id})
    return {row.year: int(row.pieces) for row in rows}


_OF = {By.GIVER: Cut.GIVER, By.RECEIVER: Cut.RECEIVER, By.PLACE: Cut.PLACE, By.PROJECT: Cut.PROJECT}


def _cut(scope: Scope, by: By) -> Cut:
    cuts = {_OF[by]} if by in _OF else set()
    if by == By.MONTH:
        cuts.add(Cut.MONTH)
    if scope.unit_id is not None:
        cuts.add(Cut(scope.role))
    if scope.place_id is not None:
        cuts.add(Cut.PLACE)
    if scope.project_id is not None:
        cuts.add(Cut.PROJECT)
    if len(cuts) > 1:
        raise TwoAtOnce
    return cuts.pop() if cuts else Cut.WHOLE


@dataclass(frozen=True, slots=True)
class _Asked:
    """What decides the statement; the values come later."""

    by: By
    cut: Cut
    has_source: bool
    has_category: bool
    has_unit: bool
    has_place: bool
    has_project: bool


_KEYS = {
    By.ALL: literal_column("''"),
    By.YEAR: LedgerSum.year.expression,
    By.MONTH: LedgerSum.month.expression,
    By.SOURCE: LedgerSum.source.expression,
    By.CATEGORY: LedgerSum.category_id.expression,
}
_TIERS = (LedgerSum.category_id, LedgerSum.mass_tier, LedgerSum.co2e_tier, LedgerSum.price_tier)


@lru_cache
def _statement(asked: _Asked) -> Prepared:
    key: Any = _KEYS.get(asked.by, LedgerSum.of_id.expression)
    apart = (*_TIERS, LedgerSum.factor_set_id, LedgerSum.currency)
    query = (
        select(
            key.label("key"),
            *apart,
            *(func.sum(getattr(LedgerSum, name)).label(name) for name in SUMMED),
        )
        .where(LedgerSum.org_id == bindparam("org_id"))
        .where(LedgerSum.cut == asked.cut, LedgerSum.view == bindparam("view"))
        .where(LedgerSum.year.between(bindparam("first_year"), bindparam("last_year")))
        .group_by(*(() if asked.by == By.ALL else (key,)), *apart)
    )
    if asked.has_source:
        query = query.where(LedgerSum.source == bindparam("source"))
    if asked.has_category:
        query = query.where(LedgerSum.category_id == bindparam("category_id"))
    if asked.has_unit:
        query = query.where(LedgerSum.of_id.in_(_with_all_below(Unit, "unit_id")))
    if asked.has_place:
        query = query.where(LedgerSum.of_id.in_(_with_all_below(Place, "place_id")))
    if asked.has_project:
        query = query.where(LedgerSum.of_id == bindparam("project_id"))
    return Prepared(query)


def _with_all_below(node: type[Unit] | type[Place], name: str) -> Select[*tuple[Any, ...]]:
    """Ids of a node of the organisation's tree and of everything below it."""
    org_id: BindParameter[Any] = bindparam("org_id")
    tree = (
        select(node.id)
        .where(node.org_id == org_id, node.id == bindparam(name))
        .cte("tree", recursive=True)
    )
    below = aliased(node)
    tree = tree.union(select(below.id).where(below.org_id == org_id, below.parent_id == tree.c.id))
    return select(tree.c.id)


_PIECES = Prepared(
    select(LedgerPieces.pieces).where(
        LedgerPieces.org_id == bindparam("org_id"), LedgerPieces.year == bindparam("year")
    )
)
_PIECES_BY_YEAR = Prepared(
    select(LedgerPieces.year, LedgerPieces.pieces)
    .where(LedgerPieces.org_id == bindparam("org_id"), LedgerPieces.year > ALL_YEARS)
    .order_by(LedgerPieces.year)
)
