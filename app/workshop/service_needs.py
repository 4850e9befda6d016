"""An order for a need is a taking at its reuse ladder, and no taking any more when nothing comes."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.catalogue.models_supplier import Supplier
from app.kit.i18n import N_, gettext
from app.needs.commands import Take
from app.needs.models import NeedLine
from app.needs.service_given_up import give_up
from app.needs.service_ladder import take
from app.projects.models import ProgrammeLine, Project
from app.projects.queries import lines_visible_to
from app.projects.rules import LineState, ProjectState
from app.workshop.models import SupplierOrder
from app.workshop.rules import STEP

FOUND = N_("Oppdrag %(number)s hos %(supplier)s: %(title)s")


def line_of_need(session: Session, actor: Actor, need_line_id: UUID | None) -> UUID | None:
    """The programme's line that the need came from, while it can be met."""
    if need_line_id is None:
        return None
    wanted = select(NeedLine.programme_line_id).where(
        NeedLine.org_id == actor.org_id, NeedLine.id == need_line_id
    )
    line = session.scalar(
        lines_visible_to(actor).where(ProgrammeLine.id == wanted.scalar_subquery())
    )
    return line.id if line is not None and can_be_met(session, line) else None


def drop_ended_line(session: Session, order: SupplierOrder) -> None:
    """What has arrived is received, and meets no line that was cancelled or whose project is closed."""
    if order.programme_line_id is None:
        return
    line = session.get_one(ProgrammeLine, order.programme_line_id)
    if not can_be_met(session, line):
        order.programme_line_id = None


def can_be_met(session: Session, line: ProgrammeLine) -> bool:
    """Neither cancelled, nor of a project that is closed."""
    project = session.get_one(Project, line.project_id)
    return line.state is not LineState.CANCELLED and project.state is not ProjectState.CLOSED


def take_step(session: Session, actor: Actor, order: SupplierOrder) -> None:
    """Raises what ``take`` does: the ladder says whether this step's turn has come."""
    if order.need_line_id is None:
        return
    name = session.scalar(
        select(Supplier.name).where(
            Supplier.org_id == order.org_id, Supplier.id == order.supplier_id
        )
    )
    said = gettext(FOUND, number=order.number, supplier=name or "", title=order.title)
    command = Take(
        need_line_id=order.need_line_id,
        step=STEP[order.work],
        quantity=order.quantity,
        reason_text=said[:2000],
    )
    (step,) = take(session, actor, [command])
    session.flush()  # its row, which the order points to
    order.ladder_step_id = step.id


def give_up_step(session: Session, order: SupplierOrder, pieces: int) -> None:
    """So many of the pieces it was taken for do not come."""
    if order.ladder_step_id is not None and pieces:
        give_up(session, order.org_id, order.ladder_step_id, pieces)
