"""Handovers as JSON."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.handovers.models import Handover, HandoverLine
from app.handovers.queries import handover_lines_visible_to, handovers_visible_to
from app.impact.rules import FulfilmentSource, RedesignLevel, UserCase, WouldHave
from app.items.models import Donor
from app.marketplace.rules import ReturnReason


class DonorOut(BaseModel):
    donor_id: UUID
    built_in_g: int


class HandoverLineOut(BaseModel):
    """One piece. It is on its way until it is received or undone. Costs in øre.

    With a ``return_reason`` it arrived, and went back at ``undone_at``.
    """

    id: UUID
    item_id: UUID
    reservation_id: UUID | None
    programme_line_id: UUID | None
    source: FulfilmentSource
    user_case: UserCase
    would_have: WouldHave
    price_ore: int | None
    redesign_ore: int | None
    cleaning_ore: int | None
    handling_ore: int | None
    costs_complete: bool
    redesign_level: RedesignLevel | None
    removed_g: int | None
    donors: list[DonorOut]
    picked_up_at: datetime | None
    received_at: datetime | None
    undone_at: datetime | None
    return_reason: ReturnReason | None


class HandoverOut(BaseModel):
    """Distance in m with the empty return; ``transport_ore`` is the whole trip's cost.

    ``receiver_org_id`` is another organisation's where the pieces went there.
    """

    id: UUID
    number: int
    handed_over_on: date
    giver_unit_id: UUID | None
    supplier: str | None
    receiver_org_id: UUID
    receiver_unit_id: UUID | None
    from_place_id: UUID | None
    to_place_id: UUID | None
    project_id: UUID | None
    vehicle: str | None
    distance_m: int | None
    transport_ore: int | None
    created_at: datetime
    lines: list[HandoverLineOut]

    @classmethod
    def all(
        cls, session: Session, actor: Actor, handovers: Sequence[Handover]
    ) -> list["HandoverOut"]:
        """In three queries, however many there are."""
        query = handover_lines_visible_to(actor).where(
            HandoverLine.handover_id.in_({each.id for each in handovers})
        )
        lines: dict[UUID, list[HandoverLine]] = defaultdict(list)
        for each in session.scalars(query.order_by(HandoverLine.id)):
            lines[each.handover_id].append(each)
        built = _donors(session, actor, [e.item_id for some in lines.values() for e in some])
        return [
            cls(
                **{name: getattr(each, name) for name in cls.model_fields if name != "lines"},
                lines=[
                    HandoverLineOut(
                        **{
                            name: getattr(line, name)
                            for name in HandoverLineOut.model_fields
                            if name != "donors"
                        },
                        donors=built[line.item_id]
                        if line.source is FulfilmentSource.REDESIGNED_FROM_SURPLUS
                        else [],
                    )
                    for line in lines[each.id]
                ],
            )
            for each in handovers
        ]

    @classmethod
    def of_lines(
        cls, session: Session, actor: Actor, lines: Sequence[HandoverLine]
    ) -> list["HandoverOut"]:
        """The handovers that the lines stand on, in the order of their numbers."""
        query = handovers_visible_to(actor).where(
            Handover.id.in_({each.handover_id for each in lines})
        )
        found = session.scalars(query.order_by(Handover.number)).all()
        return cls.all(session, actor, found)


def _donors(session: Session, actor: Actor, item_ids: Sequence[UUID]) -> dict[UUID, list[DonorOut]]:
    found: dict[UUID, list[DonorOut]] = defaultdict(list)
    query = select(Donor).where(Donor.org_id == actor.org_id, Donor.item_id.in_(item_ids))
    for each in session.scalars(query.order_by(Donor.donor_id)):
        found[each.item_id].append(DonorOut(donor_id=each.donor_id, built_in_g=each.built_in_g))
    return found
