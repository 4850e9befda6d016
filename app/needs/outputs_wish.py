"""Wishes, and what was found, as JSON."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.items.rules import Condition
from app.marketplace.commands import MarketSearch
from app.needs.models_wish import Wish

NEWEST_FIRST: Sequence[tuple[ColumnElement[Any], bool]] = [
    (Wish.created_at.expression, True),
    (Wish.id.expression, True),
]


class WishOut(BaseModel):
    """``wanted`` is the market's search. It stands until ``ended_at``."""

    id: UUID
    name: str
    wanted: MarketSearch
    quantity: int
    wanted_date: date | None
    created_at: datetime
    ended_at: datetime | None
    version: int

    @classmethod
    def all(cls, session: Session, wishes: Sequence[Wish]) -> list["WishOut"]:
        session.flush()  # versions are counted up as rows are written
        return [cls.model_validate(each, from_attributes=True) for each in wishes]


class FindOut(BaseModel):
    """Like ``pieces`` of which ``item_id`` is one. Without a listing they are not on offer yet.

    With a ``giver`` they are another organisation's, and ``listing_id`` is of its market.
    """

    item_id: UUID | None
    listing_id: UUID | None
    project: str | None
    name: str
    condition: Condition
    place: str
    giver: str | None
    pieces: int
    found_at: datetime
