"""What was sold to those outside, over a period."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.ledger.models_income import ExternalIncome


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
