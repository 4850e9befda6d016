"""What becomes of pieces that were set aside for a plan when something else happens to them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session

from app.handovers.events import PieceReceived
from app.items.events import (
    ItemDeleted,
    ItemDismantled,
    ItemLeft,
    ItemMerged,
    ItemMissed,
    ItemTakenIntoUse,
)
from app.items.models import Item
from app.items.rules import Fate, ItemState
from app.kit.db import clock_of
from app.kit.events import Event, publish
from app.planning.events import PlanAllocationMoved
from app.planning.queries_lines import asked_of
from app.planning.queries_supply import likeness
from app.planning.rules_match import fits
from app.planning.service_allocate import end, standing
from app.projects.events import (
    ItemReleaseCancelled,
    ItemReleaseEdited,
    ItemReleaseReturned,
    LineFulfilled,
    ProgrammeLineCancelled,
    ProgrammeLineEdited,
    ProjectEnded,
)
from app.projects.models import Fulfilment, ProgrammeLine, Release
from app.projects.models_allocation import PlanAllocation
from app.projects.rules import PlanEnd
from app.projects.service_allocation import allocate
from app.workshop.models import OrderPiece, SupplierOrder
from app.workshop.rules import AT_SUPPLIER

E = TypeVar("E", bound=Event)


def on_fulfilled(session: Session, events: Sequence[LineFulfilled]) -> None:
    """A piece arrived: at the line that waited for it, or at another."""
    for org_id, person_id, some in _together(events):
        lines = {each.item_id: each.subject_id for each in some}
        rows = standing(session, org_id, PlanAllocation.item_id.in_(lines))
        here = [each for each in rows if lines[each.item_id] == each.programme_line_id]
        end(session, person_id, here, PlanEnd.DELIVERED)
        end(session, person_id, [each for each in rows if each not in here], PlanEnd.TAKEN)


def on_gone(
    session: Session,
    events: Sequence[
        ItemLeft | ItemDismantled | ItemDeleted | ItemMerged | ItemMissed | ItemTakenIntoUse
    ],
) -> None:
    """A piece is not there any more, or its unit uses it again."""
    for org_id, person_id, some in _together(events):
        ids = [each.subject_id for each in some]
        rows = standing(session, org_id, PlanAllocation.item_id.in_(ids))
        end(session, person_id, rows, PlanEnd.TAKEN)


def on_release_edited(session: Session, events: Sequence[ItemReleaseEdited]) -> None:
    """Another day, behind the line's, or another fate: who planned with it looks for another."""
    today = clock_of(session).today()
    for org_id, person_id, some in _together(events):
        rows = standing(
            session, org_id, PlanAllocation.release_id.in_([each.release_id for each in some])
        )
        if not rows:
            continue
        releases = {
            each.id: each
            for each in session.scalars(
                select(Release).where(
                    Release.org_id == org_id, Release.id.in_([each.release_id for each in rows])
                )
            )
        }
        lines = _lines(session, rows)
        late, other, moved = [], [], []
        for each in rows:
            assert each.release_id is not None
            release, line = releases[each.release_id], lines[each.programme_line_id]
            if line.wanted_date is not None and release.free_from > max(line.wanted_date, today):
                late.append(each)
            elif not _is_for(release, line):
                other.append(each)
            elif release.free_from != each.free_from:
                moved.append(each)
        _move(session, person_id, moved, releases, lines)
        end(session, person_id, late, PlanEnd.TOO_LATE)
        end(session, person_id, other, PlanEnd.TAKEN_OFF)


def on_release_cancelled(session: Session, events: Sequence[ItemReleaseCancelled]) -> None:
    for org_id, person_id, some in _together(events):
        ids = [each.release_id for each in some]
        rows = standing(session, org_id, PlanAllocation.release_id.in_(ids))
        end(session, person_id, rows, PlanEnd.TAKEN_OFF)


def on_release_returned(session: Session, events: Sequence[ItemReleaseReturned]) -> None:
    """It was fetched and that was undone before it arrived: it waits for its line as before."""
    for org_id, person_id, some in _together(events):
        ids = [each.release_id for each in some]
        rows = standing(session, org_id, PlanAllocation.release_id.in_(ids))
        waited = [each.release_id for each in rows]
        releases = session.scalars(
            select(Release)
            .where(Release.org_id == org_id, Release.id.in_(waited))
            .order_by(Release.id)
            .with_for_update(of=Release)
        ).all()
        if releases:
            allocate(session, person_id, releases)


def on_received(session: Session, events: Sequence[PieceReceived]) -> None:
    """What arrived at its line stands aside no more by now; the rest went somewhere else."""
    for org_id, person_id, some in _together(events):
        ids = [each.item_id for each in some]
        rows = standing(session, org_id, PlanAllocation.item_id.in_(ids))
        end(session, person_id, rows, PlanEnd.TAKEN)


def on_line_cancelled(session: Session, events: Sequence[ProgrammeLineCancelled]) -> None:
    for org_id, person_id, some in _together(events):
        ids = [each.subject_id for each in some]
        rows = standing(session, org_id, PlanAllocation.programme_line_id.in_(ids))
        end(session, person_id, rows, PlanEnd.LINE_ENDED)


def on_line_edited(session: Session, events: Sequence[ProgrammeLineEdited]) -> None:
    """What does not meet the line any more is let go, and the newest beyond what it asks for.

    What is on its way to it stays, or at a supplier for it: that was for what it asked for then.
    """
    today = clock_of(session).today()
    for org_id, person_id, some in _together([each for each in events if each.asks_for_other]):
        ids = {each.subject_id for each in some}
        rows = standing(session, org_id, PlanAllocation.programme_line_id.in_(ids))
        if not rows:
            continue
        lines = _lines(session, rows)
        moving = _on_their_way(session, org_id, [each.item_id for each in rows])
        like = likeness(session, org_id, [each.item_id for each in rows])
        met = _met(session, org_id, lines)
        gone = []
        left = {each.id: each.quantity - met.get(each.id, 0) for each in lines.values()}
        for each in sorted(rows, key=lambda row: (row.item_id not in moving, row.created_at)):
            line = lines[each.programme_line_id]
            piece = like[each.item_id]._replace(free_from=each.free_from)
            is_fit = piece.category_id == line.category_id and fits(asked_of(line), piece, today)
            if each.item_id in moving or (is_fit and left[line.id] > 0):
                left[line.id] -= 1
            else:
                gone.append(each)
        end(session, person_id, gone, PlanEnd.LINE_CHANGED)


def _on_their_way(session: Session, org_id: UUID, item_ids: Sequence[UUID]) -> set[UUID]:
    is_treated_for_it = exists(
        select(OrderPiece.id)
        .join(
            SupplierOrder,
            and_(
                SupplierOrder.org_id == OrderPiece.org_id,
                SupplierOrder.id == OrderPiece.supplier_order_id,
            ),
        )
        .join(
            PlanAllocation,
            and_(
                PlanAllocation.org_id == OrderPiece.org_id,
                PlanAllocation.item_id == OrderPiece.item_id,
                PlanAllocation.programme_line_id == SupplierOrder.programme_line_id,
            ),
        )
        .where(
            OrderPiece.org_id == Item.org_id,
            OrderPiece.item_id == Item.id,
            OrderPiece.ended_at.is_(None),
            SupplierOrder.state.in_(AT_SUPPLIER),
            PlanAllocation.ended_at.is_(None),
        )
    )
    is_coming = or_(
        Item.state == ItemState.IN_TRANSIT,
        and_(Item.state == ItemState.IN_WORKSHOP, is_treated_for_it),
    )
    return set(
        session.scalars(
            select(Item.id).where(Item.org_id == org_id, Item.id.in_(item_ids), is_coming)
        )
    )


def _met(session: Session, org_id: UUID, line_ids: Collection[UUID]) -> dict[UUID, int]:
    rows = session.execute(
        select(Fulfilment.programme_line_id, func.count())
        .where(
            Fulfilment.org_id == org_id,
            Fulfilment.programme_line_id.in_(line_ids),
            Fulfilment.undone_at.is_(None),
        )
        .group_by(Fulfilment.programme_line_id)
    )
    return {row[0]: row[1] for row in rows}


def on_project_ended(session: Session, events: Sequence[ProjectEnded]) -> None:
    """What was set aside and never delivered is anybody's again."""
    for org_id, person_id, some in _together(events):
        lines = select(ProgrammeLine.id).where(
            ProgrammeLine.org_id == org_id,
            ProgrammeLine.project_id.in_([each.subject_id for each in some]),
        )
        rows = standing(session, org_id, PlanAllocation.programme_line_id.in_(lines))
        end(session, person_id, rows, PlanEnd.LINE_ENDED)


def _is_for(release: Release, line: ProgrammeLine) -> bool:
    """What moves along does so with its own project, and is nobody else's."""
    is_own = release.project_id == line.project_id
    return release.fate is Fate.OFFER or (release.fate is Fate.MOVE_ALONG and is_own)


def _move(
    session: Session,
    person_id: UUID | None,
    rows: Sequence[PlanAllocation],
    releases: Mapping[UUID, Release],
    lines: Mapping[UUID, ProgrammeLine],
) -> None:
    """Another day that still fits: the plan shows it, and who planned with it hears of it."""
    for each in rows:
        assert each.release_id is not None
        each.free_from = releases[each.release_id].free_from
    publish(
        session,
        [
            PlanAllocationMoved(
                org_id=each.org_id,
                subject_id=each.item_id,
                person_id=person_id,
                programme_line_id=each.programme_line_id,
                project_id=lines[each.programme_line_id].project_id,
                planner_id=each.person_id,
                free_from=each.free_from,
            )
            for each in rows
            if each.free_from is not None
        ],
    )


def _lines(session: Session, rows: Sequence[PlanAllocation]) -> Mapping[UUID, ProgrammeLine]:
    ids = {each.programme_line_id for each in rows}
    found = session.scalars(select(ProgrammeLine).where(ProgrammeLine.id.in_(ids)))
    return {each.id: each for each in found}


def _together(events: Sequence[E]) -> list[tuple[UUID, UUID | None, list[E]]]:
    by_who: dict[tuple[UUID, UUID | None], list[E]] = defaultdict(list)
    for each in events:
        by_who[each.org_id, each.person_id].append(each)
    return [(*who, some) for who, some in by_who.items()]
