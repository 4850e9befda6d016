"""What was sold to those outside: over a period, and of what a project released."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, select
from sqlalchemy.orm import Session, aliased

from app.accounts.actor import Actor
from app.ledger.models_income import ExternalIncome
from app.marketplace.models_outside import OutsidePiece
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
    """What buyers paid for pieces that the project released; of a mixed sale the pieces' share."""
    rows = session.execute(
        select(
            ExternalIncome.amount_ore,
            ExternalIncome.vat_ore,
            func.count(OutsidePiece.item_id.distinct()).label("pieces"),
            func.count(Release.item_id.distinct()).label("own"),
        )
        .join(
            OutsidePiece,
            and_(
                OutsidePiece.org_id == ExternalIncome.org_id,
                OutsidePiece.buyer_ask_id == ExternalIncome.buyer_ask_id,
                OutsidePiece.given_up_at.is_(None),
            ),
        )
        .outerjoin(
            Release,
            and_(
                Release.org_id == OutsidePiece.org_id,
                Release.item_id == OutsidePiece.item_id,
                Release.project_id == project_id,
                Release.state != ReleaseState.CANCELLED,
            ),
        )
        .where(ExternalIncome.org_id == actor.org_id, _stands())
        .group_by(ExternalIncome.id, ExternalIncome.amount_ore, ExternalIncome.vat_ore)
        .having(func.count(Release.item_id) > 0)
    ).all()
    amount, vat = (
        sum((Fraction(each[at] * each.own, each.pieces) for each in rows), Fraction(0))
        for at in (0, 1)
    )
    return Sums(len(rows), round(amount), round(vat))


def _stands() -> Any:
    """Neither a reversal nor reversed."""
    reversal = aliased(ExternalIncome)
    is_reversed = exists().where(
        reversal.org_id == ExternalIncome.org_id, reversal.reverses_id == ExternalIncome.id
    )
    return and_(ExternalIncome.reverses_id.is_(None), ~is_reversed)
