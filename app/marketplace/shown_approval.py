"""The leaders' yes and no in words: who is asked, who has answered, and why not."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Person, Unit
from app.kit import i18n
from app.kit.i18n import N_, gettext
from app.marketplace.models_approval import Approval
from app.marketplace.queries_approval import approvals_of, waiting_for_leader
from app.marketplace.rules_approval import ApprovalState

A = ApprovalState

STATES: Mapping[ApprovalState, tuple[str, str]] = {
    A.WAITING: (N_("Venter på svar"), "warning"),
    A.APPROVED: (N_("Godkjent"), "success"),
    A.DECLINED: (N_("Avslått"), "danger"),
    A.DROPPED: (N_("Ikke lenger aktuelt"), "neutral"),
}
LATER = N_("Spørres etterpå")


@dataclass(frozen=True, slots=True)
class LevelShown:
    """One level. ``who`` is whose turn it is, ``by`` who has answered."""

    id: UUID
    request_id: UUID
    who: str
    people: str
    state: str
    tone: str
    by: str | None
    decided_at: datetime | None
    reason: str | None
    worth: str
    pieces: int
    is_waiting: bool
    is_mine: bool


def levels_shown(
    session: Session, actor: Actor, request_ids: Sequence[UUID]
) -> dict[UUID, list[LevelShown]]:
    """The levels of these requests, in their order; those without any are left out."""
    rows = session.scalars(approvals_of(actor, request_ids)).all()
    if not rows:
        return {}
    units = {
        each.id: each
        for each in session.execute(
            select(Unit.id, Unit.name, Unit.leader_id).where(
                Unit.org_id == actor.org_id, Unit.id.in_({each.unit_id for each in rows})
            )
        )
    }
    named = {each.person_id for each in rows} | {each.leader_id for each in units.values()}
    names: dict[UUID | None, str] = {
        each.id: each.name
        for each in session.execute(select(Person.id, Person.name).where(Person.id.in_(named)))
    }
    ids = [each.id for each in rows]
    answerable = set(
        session.scalars(
            waiting_for_leader(actor).where(Approval.id.in_(ids)).with_only_columns(Approval.id)
        )
    )
    found: dict[UUID, list[LevelShown]] = defaultdict(list)
    for row in rows:
        unit = units.get(row.unit_id) if row.unit_id else None
        text, tone = STATES[row.state]
        asked_before = any(each.is_waiting for each in found[row.request_id])
        if row.state is A.WAITING and asked_before:
            text, tone = LATER, "neutral"
        found[row.request_id].append(
            LevelShown(
                id=row.id,
                request_id=row.request_id,
                who=(
                    gettext(N_("Leder for %(unit)s"), unit=unit.name)
                    if unit
                    else gettext(N_("Administrator"))
                ),
                people=names.get(unit.leader_id, "") if unit else "",
                state=gettext(text),
                tone=tone,
                by=names.get(row.person_id) if row.person_id else None,
                decided_at=row.decided_at,
                reason=row.reason,
                worth=i18n.money_ore(row.value_ore, actor.currency),
                pieces=row.pieces,
                is_waiting=row.state is A.WAITING,
                is_mine=row.id in answerable,
            )
        )
    return dict(found)
