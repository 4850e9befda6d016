"""What is held until when."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal_column, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.marketplace.models import Reservation
from app.marketplace.models_hold import HoldRule
from app.marketplace.rules import ReservationState

HELD = (ReservationState.APPROVED, ReservationState.READY)
"""Promised and not fetched. What is on its way is never let go of by the clock."""


def is_held() -> ColumnElement[bool]:
    """Literals, so that the partial index is used."""
    return Reservation.state.in_([literal_column(f"'{each.value}'") for each in HELD])


def held_days(session: Session, org_id: UUID) -> HoldRule | None:
    """The organisation's own number of days, if it has said one."""
    return session.scalar(select(HoldRule).where(HoldRule.org_id == org_id))


def holds_of_lines(actor: Actor, line_ids: Iterable[UUID]) -> Select[UUID, datetime | None]:
    """Until when the first of each line's pieces is held; lines without a limit are left out."""
    return (
        select(Reservation.request_line_id, func.min(Reservation.limit_at))
        .where(Reservation.receiver_org_id == actor.org_id)
        .where(Reservation.request_line_id.in_(list(line_ids)), is_held())
        .where(Reservation.limit_at.is_not(None))
        .group_by(Reservation.request_line_id)
    )


def ending(*conditions: Any) -> Select[*tuple[Any, ...]]:
    """Organisation, listing and reservation of the holds that end, by organisation."""
    return (
        select(Reservation.org_id, Reservation.listing_id, Reservation.id)
        .where(is_held(), *conditions)
        .order_by(Reservation.org_id, Reservation.limit_at, Reservation.id)
    )
