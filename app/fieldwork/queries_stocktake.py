"""Stocktakes with their counts, and what each found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.fieldwork.models import (
    Relocation,
    RelocationLine,
    Stocktake,
    StocktakeExpected,
    StocktakeScan,
    StocktakeStray,
)
from app.fieldwork.rules_stocktake import MOVABLE, Decision
from app.items.models import Item
from app.items.queries import items_visible_to
from app.places.models import Place
from app.places.queries import places_visible_to


@dataclass(frozen=True, slots=True)
class Counts:
    """How many pieces were expected, of these met and not; met besides; without a label."""

    expected: int = 0
    found: int = 0
    unexpected: int = 0
    unlabelled: int = 0
    lost: int = 0

    @property
    def missing(self) -> int:
        return self.expected - self.found


def stocktakes_visible_to(actor: Actor) -> Select[Stocktake]:
    return select(Stocktake).where(Stocktake.org_id == actor.org_id)


def piece_names(actor: Actor, ids: Sequence[UUID | None]) -> Select[*tuple[UUID, str]]:
    """Names of pieces, by id."""
    return items_visible_to(actor).with_only_columns(Item.id, Item.name).where(Item.id.in_(ids))


def place_labels(actor: Actor, ids: Sequence[UUID | None]) -> Select[*tuple[UUID, str]]:
    """What places are called with those around them, by id."""
    query = places_visible_to(actor).with_only_columns(Place.id, Place.label)
    return query.where(Place.id.in_(ids))


def counts_of(session: Session, actor: Actor, stocktake_ids: Sequence[UUID]) -> dict[UUID, Counts]:
    """Three queries, however many stocktakes."""
    expected = {row[0]: row[1:] for row in session.execute(_expected_counts(actor, stocktake_ids))}
    beside = dict(map(tuple, session.execute(_unexpected_counts(actor, stocktake_ids))))
    unlabelled = dict(map(tuple, session.execute(_unlabelled_counts(actor, stocktake_ids))))
    found = {}
    for each in stocktake_ids:
        count, met, lost = expected.get(each, (0, 0, 0))
        found[each] = Counts(
            expected=count,
            found=met,
            unexpected=beside.get(each, 0),
            unlabelled=unlabelled.get(each, 0),
            lost=lost,
        )
    return found


def _expected_counts(actor: Actor, ids: Sequence[UUID]) -> Select[*tuple[Any, ...]]:
    lost = case((StocktakeExpected.decision == Decision.LOST, 1), else_=0)
    return (
        select(
            StocktakeExpected.stocktake_id,
            func.count(),
            func.count(StocktakeScan.id),
            func.sum(lost),
        )
        .outerjoin(
            StocktakeScan,
            (StocktakeScan.org_id == StocktakeExpected.org_id)
            & (StocktakeScan.stocktake_id == StocktakeExpected.stocktake_id)
            & (StocktakeScan.item_id == StocktakeExpected.item_id),
        )
        .where(StocktakeExpected.org_id == actor.org_id, StocktakeExpected.stocktake_id.in_(ids))
        .group_by(StocktakeExpected.stocktake_id)
    )


def _unexpected_counts(actor: Actor, ids: Sequence[UUID]) -> Select[*tuple[Any, ...]]:
    is_expected = (
        select(StocktakeExpected.id)
        .where(
            StocktakeExpected.org_id == StocktakeScan.org_id,
            StocktakeExpected.stocktake_id == StocktakeScan.stocktake_id,
            StocktakeExpected.item_id == StocktakeScan.item_id,
        )
        .exists()
    )
    return (
        select(StocktakeScan.stocktake_id, func.count())
        .where(StocktakeScan.org_id == actor.org_id, StocktakeScan.stocktake_id.in_(ids))
        .where(StocktakeScan.kind.in_(sorted(MOVABLE)), ~is_expected)
        .group_by(StocktakeScan.stocktake_id)
    )


def _unlabelled_counts(actor: Actor, ids: Sequence[UUID]) -> Select[*tuple[Any, ...]]:
    return (
        select(StocktakeStray.stocktake_id, func.sum(StocktakeStray.count))
        .where(StocktakeStray.org_id == actor.org_id, StocktakeStray.stocktake_id.in_(ids))
        .where(StocktakeStray.text.is_(None))
        .group_by(StocktakeStray.stocktake_id)
    )


def expected_rows(actor: Actor, stocktake_id: UUID) -> Select[*tuple[Any, ...]]:
    """Each expected piece, as it is now, with its scan if it was met."""
    return (
        select(
            Item.id,
            Item.name,
            Item.state,
            Item.place_id,
            Item.owner_unit_id,
            StocktakeExpected.decision,
            StocktakeScan.kind,
            StocktakeScan.seen_at,
        )
        .select_from(StocktakeExpected)
        .join(
            Item,
            (Item.org_id == StocktakeExpected.org_id) & (Item.id == StocktakeExpected.item_id),
        )
        .outerjoin(
            StocktakeScan,
            (StocktakeScan.org_id == StocktakeExpected.org_id)
            & (StocktakeScan.stocktake_id == StocktakeExpected.stocktake_id)
            & (StocktakeScan.item_id == StocktakeExpected.item_id),
        )
        .where(
            StocktakeExpected.org_id == actor.org_id,
            StocktakeExpected.stocktake_id == stocktake_id,
        )
        .order_by(Item.name, Item.id)
    )


def scanned_rows(actor: Actor, stocktake_id: UUID) -> Select[*tuple[Any, ...]]:
    """Each piece that was met, as it is now; the newest scan first."""
    return (
        select(
            Item.id,
            Item.name,
            Item.state,
            Item.place_id,
            Item.owner_unit_id,
            StocktakeScan.decision,
            StocktakeScan.kind,
            StocktakeScan.seen_at,
        )
        .select_from(StocktakeScan)
        .join(Item, (Item.org_id == StocktakeScan.org_id) & (Item.id == StocktakeScan.item_id))
        .where(StocktakeScan.org_id == actor.org_id, StocktakeScan.stocktake_id == stocktake_id)
        .order_by(StocktakeScan.seen_at.desc(), Item.name, Item.id)
    )


@dataclass(frozen=True, slots=True)
class MovedHere:
    """A move that a count decided: its id, and how many pieces were moved by it."""

    relocation_id: UUID
    pieces: int


def last_moved(session: Session, actor: Actor, stocktake_id: UUID) -> MovedHere | None:
    """The last move here that the stocktake decided and nobody has taken back; one query."""
    row = session.execute(
        select(Relocation.id, func.count())
        .join(
            RelocationLine,
            and_(
                RelocationLine.org_id == Relocation.org_id,
                RelocationLine.relocation_id == Relocation.id,
            ),
        )
        .join(
            StocktakeScan,
            and_(
                StocktakeScan.org_id == RelocationLine.org_id,
                StocktakeScan.item_id == RelocationLine.item_id,
                StocktakeScan.decided_at == Relocation.created_at,
            ),
        )
        .where(
            Relocation.org_id == actor.org_id,
            Relocation.undone_at.is_(None),
            StocktakeScan.stocktake_id == stocktake_id,
            StocktakeScan.decision == Decision.MOVED_HERE,
        )
        .group_by(Relocation.id, Relocation.created_at)
        .order_by(Relocation.created_at.desc(), Relocation.id)
        .limit(1)
    ).first()
    return MovedHere(*row) if row else None


def strays_of(actor: Actor, stocktake_id: UUID) -> Select[StocktakeStray]:
    return (
        select(StocktakeStray)
        .where(StocktakeStray.org_id == actor.org_id, StocktakeStray.stocktake_id == stocktake_id)
        .order_by(StocktakeStray.created_at, StocktakeStray.id)
    )
