"""What those further right know of pieces: whose they are, and what is locked before them."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import CompoundSelect
from sqlalchemy.orm import Session

Claim = Callable[[UUID, Sequence[UUID]], CompoundSelect[UUID]]
"""Of an organisation's pieces by id, the ids of those that are promised."""

Lock = Callable[[Session, UUID, Sequence[UUID]], object]
"""Locks what belongs to an organisation's pieces by id."""


def promised(session: Session, org_id: UUID, item_ids: Sequence[UUID]) -> set[UUID]:
    """Asked of what the composition root gave to the sessions; one query for each."""
    claims: Sequence[Claim] = session.info.get("claims", ())
    found: set[Any] = set()
    for claim in claims:
        found.update(row[0] for row in session.execute(claim(org_id, item_ids)))
    return found


def lock_before(session: Session, org_id: UUID, item_ids: Sequence[UUID]) -> None:
    """What who fetches the pieces locks before their releases: else each could wait for the other."""
    locks: Sequence[Lock] = session.info.get("locked_first", ())
    for lock in locks:
        lock(session, org_id, item_ids)
