"""Pieces that are somebody's already, for who would put them on a project."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import CompoundSelect, select, union_all

from app.marketplace.models import Reservation
from app.marketplace.models_outside import OutsidePiece
from app.marketplace.queries import is_active
from app.marketplace.queries_outside import held_outside


def promised_pieces(org_id: UUID, item_ids: Sequence[UUID]) -> CompoundSelect[UUID]:
    """Given to somebody here or outside, and not yet gone."""
    return union_all(
        select(Reservation.item_id).where(
            Reservation.org_id == org_id, Reservation.item_id.in_(item_ids), is_active()
        ),
        held_outside(org_id).where(OutsidePiece.item_id.in_(item_ids)),
    )
