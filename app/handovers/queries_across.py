"""What is on its way between organisations: each side sees what is its own, and no more."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Organisation
from app.handovers.models import Handover, HandoverLine
from app.items.models import Code, Item
from app.marketplace.models_outside import OutsidePiece, OutsideRequest


def coming_lines(actor: Actor) -> Select[HandoverLine]:
    """Other organisations' lines with pieces on their way to the actor's."""
    return select(HandoverLine).where(
        HandoverLine.receiver_org_id == actor.org_id,
        HandoverLine.receiver_org_id != HandoverLine.org_id,
        HandoverLine.received_at.is_(None),
        HandoverLine.undone_at.is_(None),
    )


def coming(actor: Actor, *columns: Any) -> Select[*tuple[Any, ...]]:
    """What is on its way, with the request that it was promised by."""
    return (
        coming_lines(actor)
        .join(
            OutsidePiece,
            and_(
                OutsidePiece.org_id == HandoverLine.org_id,
                OutsidePiece.item_id == HandoverLine.item_id,
                OutsidePiece.given_up_at.is_(None),
            ),
        )
        .join(
            OutsideRequest,
            and_(
                OutsideRequest.org_id == OutsidePiece.org_id,
                OutsideRequest.id == OutsidePiece.outside_request_id,
            ),
        )
        .join(Item, and_(Item.org_id == HandoverLine.org_id, Item.id == HandoverLine.item_id))
        .with_only_columns(*columns)
    )


def pieces_coming(
    session: Session, actor: Actor, line_ids: Collection[UUID]
) -> dict[UUID, list[UUID]]:
    """The pieces of the lines, by the organisation they come from."""
    found: dict[UUID, list[UUID]] = {}
    rows = session.execute(
        coming_lines(actor)
        .with_only_columns(HandoverLine.org_id, HandoverLine.item_id)
        .where(HandoverLine.id.in_(line_ids))
    )
    for row in rows:
        found.setdefault(row.org_id, []).append(row.item_id)
    return found


@dataclass(frozen=True, slots=True)
class Labelled:
    """A piece on its way here, known by its label: the giver's line, and what was asked by whom."""

    line_id: UUID
    request_id: UUID
    asker_id: UUID


def coming_by_code(session: Session, actor: Actor, codes: Collection[str]) -> dict[str, Labelled]:
    """What is on its way here, by the labels that sit on it."""
    if not codes:
        return {}
    rows = session.execute(
        coming(actor, Code.code, HandoverLine.id, OutsideRequest.id, OutsideRequest.person_id)
        .join(Code, and_(Code.org_id == HandoverLine.org_id, Code.item_id == HandoverLine.item_id))
        .where(Code.code.in_(codes))
    )
    return {row[0]: Labelled(row[1], row[2], row[3]) for row in rows}


def receivers_of(session: Session, handovers: Sequence[Handover]) -> dict[UUID, str]:
    """The names of the other organisations that handovers go to."""
    wanted = {e.receiver_org_id for e in handovers if e.receiver_org_id != e.org_id}
    if not wanted:
        return {}
    rows = session.execute(
        select(Organisation.id, Organisation.name).where(Organisation.id.in_(wanted))
    )
    return {row.id: row.name for row in rows}
