"""What was sold to those outside: over a period, and of what a project released."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, select
from sqlalchemy.orm import Session, aliased

from app.accounts.actor import Actor
from app.items.events import ItemPickedUp
from app.kit.events import EventRow
from app.ledger.models_income import ExternalIncome
from app.ledger.received import IDS_A_QUERY
from app.marketplace.models_outside import OutsidePiece
from app.projects.events import ItemReleaseGone
from app.projects.models import Release
from app.projects.rules import ReleaseState


@dataclass(frozen=True, slots=True)
class Sums:
    """In øre; ``amount_ore`` includes ``vat_ore``."""

    rows: int
    amount_ore: int
    vat_ore: int

    @property
    def net_ore(self) -> int:
        return self.amount_ore - self.vat_ore


def incomes_visible_to(actor: Actor) -> Select[ExternalIncome]:
    return select(ExternalIncome).where(ExternalIncome.org_id == actor.org_id)


def incomes_between(actor: Actor, first: date | None, last: date | None) -> Select[ExternalIncome]:
    """Both days included; an open end is everything there."""
    query = incomes_visible_to(actor)
    if first is not None:
        query = query.where(ExternalIncome.sold_on >= first)
    if last is not None:
        query = query.where(ExternalIncome.sold_on <= last)
    return query


NEWEST_FIRST: Any = [(ExternalIncome.number.expression, True), (ExternalIncome.id.expression, True)]


def sums_of(session: Session, query: Select[ExternalIncome]) -> Sums:
    row = session.execute(
        query.with_only_columns(
            func.count(),
            func.coalesce(func.sum(ExternalIncome.amount_ore), 0),
            func.coalesce(func.sum(ExternalIncome.vat_ore), 0),
        )
    ).one()
    return Sums(int(row[0]), int(row[1]), int(row[2]))


def income_so_far(session: Session, actor: Actor) -> Sums:
    """All that sales brought in; what was reversed is none. ``rows`` counts the sales that stand."""
    return sums_of(session, incomes_visible_to(actor).where(_stands()))


def income_of_project(session: Session, actor: Actor, project_id: UUID) -> Sums:
    """What buyers paid for pieces that left the project with the sale; of a mixed sale their share.

    A piece that the project released and that went on inside before it was sold is not the project's.
    """
    of_sale = and_(
        OutsidePiece.org_id == ExternalIncome.org_id,
        OutsidePiece.buyer_ask_id == ExternalIncome.buyer_ask_id,
        OutsidePiece.given_up_at.is_(None),
    )
    released = and_(
        Release.org_id == OutsidePiece.org_id,
        Release.item_id == OutsidePiece.item_id,
        Release.project_id == project_id,
        Release.state == ReleaseState.GONE,
    )
    sales = (
        select(ExternalIncome.id)
        .join(OutsidePiece, of_sale)
        .join(Release, released)
        .where(ExternalIncome.org_id == actor.org_id, _stands())
    )
    rows = session.execute(
        select(
            ExternalIncome.id,
            ExternalIncome.amount_ore,
            ExternalIncome.vat_ore,
            OutsidePiece.item_id,
            Release.id.label("release_id"),
        )
        .join(OutsidePiece, of_sale)
        .outerjoin(Release, released)
        .where(ExternalIncome.org_id == actor.org_id, ExternalIncome.id.in_(sales))
    ).all()
    took = _left_last(session, actor, {each.item_id for each in rows if each.release_id})
    pieces: dict[UUID, set[UUID]] = defaultdict(set)
    own: dict[UUID, set[UUID]] = defaultdict(set)
    for each in rows:
        pieces[each.id].add(each.item_id)
        if str(each.release_id) in took:
            own[each.id].add(each.item_id)
    amounts = {each.id: (each.amount_ore, each.vat_ore) for each in rows}
    amount, vat = (
        sum((Fraction(amounts[i][at] * len(own[i]), len(pieces[i])) for i in own), Fraction(0))
        for at in (0, 1)
    )
    return Sums(len(own), round(amount), round(vat))


def _left_last(session: Session, actor: Actor, item_ids: Collection[UUID]) -> set[str]:
    """The releases that the pieces' last departures took away, as events name them."""
    gone: dict[UUID, list[tuple[datetime, str]]] = defaultdict(list)
    left: dict[UUID, datetime] = {}
    wanted = sorted(item_ids)
    for start in range(0, len(wanted), IDS_A_QUERY):
        told = session.execute(
            select(EventRow.subject_id, EventRow.kind, EventRow.at, EventRow.payload)
            .where(EventRow.org_id == actor.org_id)
            .where(EventRow.subject_id.in_(wanted[start : start + IDS_A_QUERY]))
            .where(EventRow.kind.in_((ItemPickedUp.kind, ItemReleaseGone.kind)))
            .order_by(EventRow.at)
        )
        for each in told:
            if each.kind == ItemPickedUp.kind:
                left[each.subject_id] = each.at
            else:
                gone[each.subject_id].append((each.at, each.payload["release_id"]))
    return {
        release_id
        for item_id, releases in gone.items()
        for at, release_id in releases
        if item_id not in left or at >= left[item_id]
    }


def _stands() -> Any:
    """Neither a reversal nor reversed."""
    reversal = aliased(ExternalIncome)
    is_reversed = exists().where(
        reversal.org_id == ExternalIncome.org_id, reversal.reverses_id == ExternalIncome.id
    )
    return and_(ExternalIncome.reverses_id.is_(None), ~is_reversed)
