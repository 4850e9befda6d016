"""Which pieces are promised to somebody, as those know it who stand further right."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import CompoundSelect
from sqlalchemy.orm import Session

Claim = Callable[[UUID, Sequence[UUID]], CompoundSelect[UUID]]
"""Of an organisation's pieces by id, the ids of those that are promised."""


def promised(session: Session, org_id: UUID, item_ids: Sequence[UUID]) -> set[UUID]:
    """Asked of what the composition root gave to the sessions; one query for each."""
    claims: Sequence[Claim] = session.info.get("claims", ())
    found: set[Any] = set()
    for claim in claims:
        found.update(row[0] for row in session.execute(claim(org_id, item_ids)))
    return found
