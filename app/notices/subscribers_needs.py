"""Who is told of needs: those who decide for the unit, when one is registered and when to buy."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import system_actor
from app.accounts.models import Organisation
from app.accounts.queries import approvers_of
from app.accounts.rules import Permission
from app.needs.events import (
    LadderStepDecided,
    NeedAllocationEnded,
    NeedMatched,
    NeedSubmitted,
    WishMatched,
)
from app.needs.models import Need, NeedLine
from app.needs.models_wish import Wish
from app.needs.names import ENDS
from app.needs.queries import decisions_by_line
from app.needs.rules import AllocationEnd, Step, missing, next_step
from app.notices.service import tell
from app.notices.subscribers import name_of, people_with


def who_decides(session: Session, org_id: UUID, unit_id: UUID) -> set[UUID]:
    """The unit's leader and deputies, else those of the nearest above; else who approves there."""
    found = set(approvers_of(session, org_id, unit_id))
    may = people_with(session, org_id, Permission.REQUEST_MAKE, unit_id)
    return found & set(may) or set(
        people_with(session, org_id, Permission.RESERVATION_APPROVE, unit_id)
    )


def on_need(session: Session, events: Sequence[NeedSubmitted]) -> None:
    for event in events:
        need = _need(session, event)
        people = who_decides(session, need.org_id, need.unit_id) - {event.person_id}
        tell(session, need.org_id, people, "need_submitted", need.id, _facts(session, need))


def on_ladder(session: Session, events: Sequence[LadderStepDecided]) -> None:
    """When only a purchase is left, who decides it is asked."""
    for event in events:
        if event.step is Step.NEW:
            continue
        need = _need(session, event)
        line = session.scalars(
            select(NeedLine).where(
                NeedLine.org_id == event.org_id, NeedLine.id == event.need_line_id
            )
        ).one()
        actor = system_actor(session.get_one(Organisation, event.org_id))
        decisions = decisions_by_line(session, actor, [line.id]).get(line.id, [])
        if next_step(line.quantity, decisions) is not Step.NEW:
            continue
        people = who_decides(session, need.org_id, need.unit_id) - {event.person_id}
        facts = {**_facts(session, need), "pieces": missing(line.quantity, decisions)}
        tell(session, need.org_id, people, "purchase_to_decide", need.id, facts)


def on_need_matched(session: Session, events: Sequence[NeedMatched]) -> None:
    """To who asked: what came that could meet it."""
    for event in events:
        need = _need(session, event)
        facts = {"number": need.number, "matches": event.pieces}
        tell(session, need.org_id, {need.person_id}, "need_matched", need.id, facts)


def on_allocation_ended(session: Session, events: Sequence[NeedAllocationEnded]) -> None:
    """Who asked looks for something else; not who did it, nor when the need itself ended."""
    for event in events:
        if event.why is AllocationEnd.NEED_ENDED:
            continue
        need = _need(session, event)
        people = {need.person_id} - {event.person_id}
        facts = {"number": need.number, "pieces": event.pieces, "reason": ENDS[event.why]}
        tell(session, need.org_id, people, "allocation_ended", need.id, facts)


def on_wish_matched(session: Session, events: Sequence[WishMatched]) -> None:
    for event in events:
        wish = session.scalars(
            select(Wish).where(Wish.org_id == event.org_id, Wish.id == event.subject_id)
        ).one()
        facts = {"wish": wish.name, "matches": event.pieces}
        tell(session, wish.org_id, {wish.person_id}, "wish_matched", wish.id, facts)


def _need(
    session: Session,
    event: NeedSubmitted | LadderStepDecided | NeedMatched | NeedAllocationEnded,
) -> Need:
    return session.scalars(
        select(Need).where(Need.org_id == event.org_id, Need.id == event.subject_id)
    ).one()


def _facts(session: Session, need: Need) -> dict[str, object]:
    return {"number": need.number, "asker": name_of(session, need.person_id)}
