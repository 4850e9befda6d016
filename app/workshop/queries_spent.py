"""What projects have spent, and what they are bound to pay: one sum for every budget's question."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from app.handovers.models import Handover, HandoverLine
from app.projects.models import ProgrammeLine
from app.workshop.models import SupplierOrder
from app.workshop.rules import AT_SUPPLIER


def at_suppliers(
    org_id: UUID, project_ids: Collection[UUID], what: ColumnElement[Any]
) -> Select[Any]:
    """``what`` of the orders that suppliers have, for lines of the projects."""
    of_line = and_(
        ProgrammeLine.org_id == SupplierOrder.org_id,
        ProgrammeLine.id == SupplierOrder.programme_line_id,
    )
    return (
        select(what)
        .select_from(SupplierOrder)
        .join(ProgrammeLine, of_line)
        .where(
            SupplierOrder.org_id == org_id,
            SupplierOrder.state.in_(AT_SUPPLIER),
            ProgrammeLine.project_id.in_(project_ids),
        )
    )


def bound_by_project(session: Session, org_id: UUID, project_id: UUID) -> int:
    """What the handovers to the project have cost, and what its suppliers are to have, in øre."""
    ordered = session.scalar(at_suppliers(org_id, [project_id], func.sum(SupplierOrder.price_ore)))
    return spent_by_project(session, org_id, [project_id])[project_id] + int(ordered or 0)


def spent_by_project(
    session: Session, org_id: UUID, project_ids: Collection[UUID]
) -> dict[UUID, int]:
    """What the handovers to projects have cost, in øre: pieces, work on them, and the trips."""
    costs = [
        func.coalesce(each, 0)
        for each in (
            HandoverLine.price_ore,
            HandoverLine.redesign_ore,
            HandoverLine.cleaning_ore,
            HandoverLine.handling_ore,
        )
    ]
    to_projects = (Handover.receiver_org_id == org_id, Handover.project_id.in_(project_ids))
    standing = HandoverLine.undone_at.is_(None)
    lines = (
        select(Handover.project_id, func.sum(sum(costs[1:], costs[0])))
        .join(HandoverLine, _of_its_handover())
        .where(*to_projects, standing)
        .group_by(Handover.project_id)
    )
    trips = (
        select(Handover.project_id, func.sum(Handover.transport_ore))
        .where(*to_projects)
        .where(select(HandoverLine.id).where(_of_its_handover(), standing).exists())
        .group_by(Handover.project_id)
    )
    spent = dict.fromkeys(project_ids, 0)
    for query in (lines, trips):
        for project_id, ore in session.execute(query):
            if project_id is not None:
                spent[project_id] += int(ore or 0)
    return spent


def _of_its_handover() -> ColumnElement[bool]:
    return and_(HandoverLine.org_id == Handover.org_id, HandoverLine.handover_id == Handover.id)
