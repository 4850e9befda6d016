"""Run sheets, the pieces on them, and what still waits for being planned."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.handovers.models import HandoverLine
from app.handovers.models_receipt import ReceiptLine
from app.handovers.models_run import RunPiece, RunSheet
from app.handovers.queries_scan import GIVEN
from app.handovers.rules_run import RunState
from app.items.models import Item
from app.items.rules import ItemState
from app.marketplace.models import Request, RequestLine, Reservation
from app.projects.models import ProgrammeLine, Project, Release
from app.projects.models_allocation import PlanAllocation
from app.projects.rules import ProjectState


def runs_visible_to(actor: Actor) -> Select[RunSheet]:
    return select(RunSheet).where(RunSheet.org_id == actor.org_id)


def run_pieces_visible_to(actor: Actor) -> Select[RunPiece]:
    """Those that wait, and those that went; not what was taken off."""
    return select(RunPiece).where(RunPiece.org_id == actor.org_id)


def waiting(actor: Actor) -> Select[RunPiece]:
    """Planned, and neither fetched nor left."""
    return run_pieces_visible_to(actor).where(
        RunPiece.left_at.is_(None), RunPiece.handover_line_id.is_(None)
    )


def waiting_pieces(
    session: Session, actor: Actor, item_ids: Collection[UUID]
) -> dict[UUID, RunPiece]:
    """The plan that each piece waits on, by the piece; one at most, by the index."""
    found = session.scalars(waiting(actor).where(RunPiece.item_id.in_(item_ids)))
    return {each.item_id: each for each in found}


def runs_of_pieces(
    session: Session, actor: Actor, item_ids: Collection[UUID]
) -> dict[UUID, RunSheet]:
    """The run sheet that each of the pieces waits on; those on none are left out."""
    query = (
        select(RunPiece.item_id, RunSheet)
        .join(
            RunSheet,
            (RunSheet.org_id == RunPiece.org_id) & (RunSheet.id == RunPiece.run_sheet_id),
        )
        .where(
            RunPiece.org_id == actor.org_id,
            RunPiece.item_id.in_(item_ids),
            RunPiece.left_at.is_(None),
            RunPiece.handover_line_id.is_(None),
        )
    )
    return {row[0]: row[1] for row in session.execute(query)}


def pieces_of(
    session: Session, actor: Actor, run_ids: Sequence[UUID]
) -> list[tuple[RunPiece, Item, HandoverLine | None]]:
    """What stands on the sheets, each with its handover's line where it was fetched."""
    rows = session.execute(
        select(RunPiece, Item, HandoverLine)
        .join(Item, (Item.org_id == RunPiece.org_id) & (Item.id == RunPiece.item_id))
        .outerjoin(
            HandoverLine,
            (HandoverLine.org_id == RunPiece.org_id)
            & (HandoverLine.id == RunPiece.handover_line_id),
        )
        .where(
            RunPiece.org_id == actor.org_id,
            RunPiece.run_sheet_id.in_(run_ids),
            RunPiece.left_at.is_(None),
        )
        .order_by(Item.name, Item.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def left_of(actor: Actor, run_id: UUID) -> Select[RunPiece, Item]:
    """What was planned and stayed where it was."""
    return (
        select(RunPiece, Item)
        .join(Item, (Item.org_id == RunPiece.org_id) & (Item.id == RunPiece.item_id))
        .where(
            RunPiece.org_id == actor.org_id,
            RunPiece.run_sheet_id == run_id,
            RunPiece.left_at.is_not(None),
        )
        .order_by(Item.name, Item.id)
    )


def _is_on_run(org_id: Any, item_id: Any) -> ColumnElement[bool]:
    """It waits on somebody's run sheet."""
    return exists().where(
        RunPiece.org_id == org_id,
        RunPiece.item_id == item_id,
        RunPiece.left_at.is_(None),
        RunPiece.handover_line_id.is_(None),
    )


def unplanned(actor: Actor) -> Select[Reservation, Item, Request]:
    """Approved pieces of orders that say where they go, on nobody's run sheet yet."""
    return (
        select(Reservation, Item, Request)
        .join(Item, (Item.org_id == Reservation.org_id) & (Item.id == Reservation.item_id))
        .join(
            RequestLine,
            (RequestLine.org_id == Reservation.receiver_org_id)
            & (RequestLine.id == Reservation.request_line_id),
        )
        .join(
            Request,
            (Request.org_id == RequestLine.org_id) & (Request.id == RequestLine.request_id),
        )
        .where(
            Reservation.org_id == actor.org_id,
            Reservation.receiver_org_id == actor.org_id,
            Reservation.state.in_(GIVEN),
            Request.place_id.is_not(None),
            Request.unit_id.is_not(None),
            ~_is_on_run(Reservation.org_id, Reservation.item_id),
        )
        .order_by(
            Request.wanted_date.is_(None), Request.wanted_date, Request.number, Item.name, Item.id
        )
    )


def sendable(actor: Actor) -> Select[Reservation, Item, Request]:
    """Those of them that the actor may hand over."""
    units = actor.permissions.get(Permission.HANDOVER_MAKE, frozenset())
    query = unplanned(actor)
    return query if units is None else query.where(Item.owner_unit_id.in_(units))


@dataclass(frozen=True, slots=True)
class SetAside:
    """A piece that a plan has set aside, and where it goes. Before ``free_from`` it is in use."""

    item: Item
    line: ProgrammeLine
    project: Project
    set_aside_at: datetime
    free_from: date | None

    @property
    def place_id(self) -> UUID | None:
        """The line's own place, else the project's."""
        return self.line.place_id or self.project.place_id


def set_aside(
    session: Session,
    actor: Actor,
    *,
    item_ids: Collection[UUID] | None = None,
    line_id: UUID | None = None,
    most: int,
) -> list[SetAside]:
    """What plans have set aside and the actor may hand over.

    It is on nobody's run sheet yet, and at no supplier's. What is wanted first comes first.
    """
    query = (
        select(Item, ProgrammeLine, Project, PlanAllocation.created_at, Release.free_from)
        .select_from(PlanAllocation)
        .join(Item, (Item.org_id == PlanAllocation.org_id) & (Item.id == PlanAllocation.item_id))
        .join(
            ProgrammeLine,
            (ProgrammeLine.org_id == PlanAllocation.org_id)
            & (ProgrammeLine.id == PlanAllocation.programme_line_id),
        )
        .join(
            Project,
            (Project.org_id == ProgrammeLine.org_id) & (Project.id == ProgrammeLine.project_id),
        )
        .outerjoin(
            Release,
            (Release.org_id == PlanAllocation.org_id) & (Release.id == PlanAllocation.release_id),
        )
        .where(
            PlanAllocation.org_id == actor.org_id,
            PlanAllocation.ended_at.is_(None),
            Project.state != ProjectState.CLOSED,
            Item.state.in_((ItemState.IN_USE, ItemState.AVAILABLE)),
            ~_is_on_run(PlanAllocation.org_id, PlanAllocation.item_id),
        )
        .order_by(
            ProgrammeLine.wanted_date.is_(None),
            ProgrammeLine.wanted_date,
            Project.number,
            Item.name,
            Item.id,
        )
        .limit(most)
    )
    units = actor.permissions.get(Permission.HANDOVER_MAKE, frozenset())
    if units is not None:
        query = query.where(Item.owner_unit_id.in_(units))
    if item_ids is not None:
        query = query.where(PlanAllocation.item_id.in_(item_ids))
    if line_id is not None:
        query = query.where(PlanAllocation.programme_line_id == line_id)
    return [SetAside(*row) for row in session.execute(query)]


def open_runs(actor: Actor) -> Select[RunSheet]:
    """Planned and not over, the nearest day first."""
    return (
        runs_visible_to(actor)
        .where(RunSheet.state == RunState.PLANNED)
        .order_by(RunSheet.driven_on, RunSheet.number)
    )


def runs_of_receipt(actor: Actor, receipt_id: UUID) -> Select[RunSheet]:
    """The run sheets that pieces of the receipt stand on."""
    lines = select(ReceiptLine.handover_line_id).where(
        ReceiptLine.org_id == actor.org_id, ReceiptLine.receipt_id == receipt_id
    )
    named = select(RunPiece.run_sheet_id).where(
        RunPiece.org_id == actor.org_id, RunPiece.handover_line_id.in_(lines)
    )
    return runs_visible_to(actor).where(RunSheet.id.in_(named)).order_by(RunSheet.number)
