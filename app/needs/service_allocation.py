"""Pieces that a project will release, set aside for a need, and let go when they come too late."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.handovers.queries import bound_for
from app.items.rules import Fate
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.events import publish
from app.needs.events import NeedAllocationEnded
from app.needs.models import LadderStep, Need, NeedLine
from app.needs.models_allocation import NeedAllocation
from app.needs.rules import AllocationEnd
from app.projects.events import (
    ItemReleaseCancelled,
    ItemReleaseEdited,
    ItemReleaseGone,
    ItemReleaseReturned,
    ProgrammeLineCancelled,
)
from app.projects.models import Release
from app.projects.rules import ReleaseState
from app.projects.service_allocation import allocate, give_back


def set_aside(
    session: Session, actor: Actor, step: LadderStep, releases: Sequence[Release]
) -> None:
    """The decision's pieces, from now on nobody else's. The releases are locked."""
    allocate(session, actor.person_id, releases)
    now = clock_of(session).now()
    session.add_all(
        NeedAllocation(
            id=new_id(),
            org_id=step.org_id,
            ladder_step_id=step.id,
            release_id=each.id,
            free_from=each.free_from,
            created_at=now,
        )
        for each in releases
    )


def comes_in_time(wanted: date | None, free_from: date, today: date) -> bool:
    """As when it was taken: by the day it is needed, or now where that has passed."""
    return wanted is None or free_from <= max(wanted, today)


def let_go(session: Session, person_id: UUID | None, needs: Sequence[Need]) -> None:
    """What cancelled needs had set aside and nobody has fetched."""
    by_org: dict[UUID, list[UUID]] = defaultdict(list)
    for each in needs:
        by_org[each.org_id].append(each.id)
    for org_id, ids in by_org.items():
        rows = [
            row
            for row in _standing(session, org_id, Need.id.in_(ids))
            if row.release.state is not ReleaseState.GONE
        ]
        _end(session, person_id, rows, AllocationEnd.NEED_ENDED)


def on_edited(session: Session, events: Sequence[ItemReleaseEdited]) -> None:
    """Another day that is too late for the need, or another fate than to be offered."""
    today = clock_of(session).today()
    for person_id, org_id, ids in _releases_of(events):
        rows = _standing(session, org_id, Release.id.in_(ids))
        late = [
            each
            for each in rows
            if not comes_in_time(each.need.wanted_date, each.release.free_from, today)
        ]
        _end(session, person_id, late, AllocationEnd.TOO_LATE)
        other = [each for each in rows if each not in late and each.release.fate is not Fate.OFFER]
        _end(session, person_id, other, AllocationEnd.TAKEN_OFF)


def on_cancelled(session: Session, events: Sequence[ItemReleaseCancelled]) -> None:
    """The piece is off its project, and not to be had."""
    for person_id, org_id, ids in _releases_of(events):
        rows = _standing(session, org_id, Release.id.in_(ids))
        _end(session, person_id, rows, AllocationEnd.TAKEN_OFF)


def on_gone(session: Session, events: Sequence[ItemReleaseGone]) -> None:
    """The piece has left for something else than the need: not on its way to the unit that has it."""
    for person_id, org_id, ids in _releases_of(events):
        rows = _standing(session, org_id, Release.id.in_(ids))
        pieces = [each.release.item_id for each in rows]
        units = {row[0]: row[1] for row in session.execute(bound_for(org_id, pieces))}
        elsewhere = [e for e in rows if units.get(e.release.item_id) != e.need.unit_id]
        _end(session, person_id, elsewhere, AllocationEnd.TAKEN_OFF)


def on_returned(session: Session, events: Sequence[ItemReleaseReturned]) -> None:
    """It had come to the need, and the handover was undone: the project releases it anew."""
    for person_id, org_id, ids in _releases_of(events):
        rows = _standing(session, org_id, Release.id.in_(ids))
        _end(session, person_id, rows, AllocationEnd.RETURNED)


def on_line_cancelled(session: Session, events: Sequence[ProgrammeLineCancelled]) -> None:
    """What was set aside for the needs of a programme's line that nobody asks for any more."""
    for event in events:
        rows = [
            row
            for row in _standing(
                session, event.org_id, NeedLine.programme_line_id == event.subject_id
            )
            if row.release.state is not ReleaseState.GONE
        ]
        _end(session, event.person_id, rows, AllocationEnd.NEED_ENDED)


class _Standing:
    """An allocation with the release and the need it ties together."""

    __slots__ = ("need", "release", "row")

    def __init__(self, row: NeedAllocation, release: Release, need: Need) -> None:
        self.row, self.release, self.need = row, release, need


def _standing(session: Session, org_id: UUID, condition: object) -> list[_Standing]:
    """Those that meet the condition, locked with their releases in the order of these."""
    found = session.execute(
        select(NeedAllocation, Release, Need)
        .join(
            Release,
            and_(Release.org_id == NeedAllocation.org_id, Release.id == NeedAllocation.release_id),
        )
        .join(
            LadderStep,
            and_(
                LadderStep.org_id == NeedAllocation.org_id,
                LadderStep.id == NeedAllocation.ladder_step_id,
            ),
        )
        .join(
            NeedLine,
            and_(NeedLine.org_id == LadderStep.org_id, NeedLine.id == LadderStep.need_line_id),
        )
        .join(Need, and_(Need.org_id == NeedLine.org_id, Need.id == NeedLine.need_id))
        .where(NeedAllocation.org_id == org_id, NeedAllocation.ended_at.is_(None))
        .where(condition)  # type: ignore[arg-type]
        .order_by(Release.id)
        .with_for_update(of=[Release, NeedAllocation])
    )
    return [_Standing(row[0], row[1], row[2]) for row in found]


def _end(
    session: Session, person_id: UUID | None, rows: Sequence[_Standing], why: AllocationEnd
) -> None:
    if not rows:
        return
    now = clock_of(session).now()
    by_need: dict[UUID, list[_Standing]] = defaultdict(list)
    for each in rows:
        each.row.ended_at, each.row.ended_for = now, why
        by_need[each.need.id].append(each)
    give_back(session, person_id, [each.release for each in rows])
    publish(
        session,
        [
            NeedAllocationEnded.of(same[0].need, person_id, pieces=len(same), why=why)
            for same in by_need.values()
        ],
    )


def _releases_of(
    events: Sequence[
        ItemReleaseEdited | ItemReleaseCancelled | ItemReleaseGone | ItemReleaseReturned
    ],
) -> list[tuple[UUID | None, UUID, list[UUID]]]:
    """Who did it, the organisation, and the releases."""
    found: dict[tuple[UUID | None, UUID], list[UUID]] = defaultdict(list)
    for each in events:
        found[each.person_id, each.org_id].append(each.release_id)
    return [(person_id, org_id, ids) for (person_id, org_id), ids in found.items()]
