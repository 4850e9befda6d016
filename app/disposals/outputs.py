"""Disposal decisions as JSON."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.disposals import queries
from app.disposals.models import Disposal
from app.disposals.rules import DisposalState, Fate, Fraction, Reason
from app.items.rules import Condition


class OfferOut(BaseModel):
    """An offer of the piece before: to whom at most, for how many days, asked for how often."""

    listing_id: UUID
    from_date: date
    until: date | None
    stage: str
    days: int
    asked: int


class DisposalPieceOut(BaseModel):
    """A piece as it was. ``is_mass_default`` says that nobody weighed it."""

    item_id: UUID
    name: str
    code: str | None
    condition: Condition
    mass_g: int | None
    is_mass_default: bool
    offers: list[OfferOut]


class DisposalFractionOut(BaseModel):
    """Grams of one fraction, with the codes as they were when they were written."""

    fraction: Fraction
    mass_g: int
    is_entered: bool
    ns_code: str
    eal_code: str


class DisposalOut(BaseModel):
    """A decision; it is signed when ``decided_at`` is set."""

    id: UUID
    number: int
    state: DisposalState
    fate: Fate
    reason: Reason
    reason_text: str | None
    not_offered_why: str | None
    receiver: str | None
    person_id: UUID | None
    created_at: datetime
    decided_by_id: UUID | None
    decided_at: datetime | None
    delivered_on: date | None
    withdrawn_at: datetime | None
    withdrawn_why: str | None
    pieces: list[DisposalPieceOut]
    fractions: list[DisposalFractionOut]

    @classmethod
    def all(
        cls, session: Session, actor: Actor, disposals: Sequence[Disposal]
    ) -> "list[DisposalOut]":
        """In two queries more, however many there are."""
        ids = [each.id for each in disposals]
        pieces: dict[UUID, list[DisposalPieceOut]] = defaultdict(list)
        for piece in session.scalars(queries.pieces_of(actor, ids)):
            out = DisposalPieceOut.model_validate(piece, from_attributes=True)
            pieces[piece.disposal_id].append(out)
        fractions: dict[UUID, list[DisposalFractionOut]] = defaultdict(list)
        for row in session.scalars(queries.fractions_of(actor, ids)):
            part = DisposalFractionOut.model_validate(row, from_attributes=True)
            fractions[row.disposal_id].append(part)
        beside = {"pieces", "fractions"}
        return [
            cls(
                **{name: getattr(each, name) for name in cls.model_fields if name not in beside},
                pieces=pieces[each.id],
                fractions=fractions[each.id],
            )
            for each in disposals
        ]
