"""What holds a project to its frame: it ends when all has arrived, and keeps to its budget."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Organisation
from app.handovers.events import PieceReceived
from app.handovers.models import Handover, HandoverLine
from app.kit.errors import Conflict
from app.kit.i18n import N_, money_exact
from app.planning.queries_open import under_way
from app.projects.events import LineFulfilled, ProjectEnded
from app.projects.models import Project
from app.workshop.models import SupplierOrder
from app.workshop.queries_spent import bound_by_project


class ProjectHasOpenHandovers(Conflict):
    title = N_("Prosjektet har møbler som ikke er levert ennå.")


class OverBudget(Conflict):
    title = N_("Dette går over prosjektets budsjett, som er en grense.")


def refuse_unfinished(session: Session, events: Sequence[ProjectEnded]) -> None:
    """Subscribes to the end of projects. Raises ``ProjectHasOpenHandovers``."""
    for event in events:
        found = under_way(session, event.org_id, event.subject_id)
        if found.on_their_way:
            raise ProjectHasOpenHandovers(
                N_("Hentet, men ikke mottatt: %(count)s. Bekreft mottaket eller angre."),
                values={"count": found.on_their_way},
            )
        if found.promised:
            raise ProjectHasOpenHandovers(
                N_("Bestilt, men ikke levert: %(count)s. Lever dem eller avlys."),
                values={"count": found.promised},
            )
        if found.at_suppliers:
            raise ProjectHasOpenHandovers(
                N_("Bestilt hos leverandører: %(count)s. Før leveringen eller avlys."),
                values={"count": found.at_suppliers},
            )


def hold_limited(session: Session, events: Sequence[LineFulfilled]) -> None:
    """Subscribes to met lines, before what they set aside is let go: locks projects with a limit.

    Who changes a release holds the project first, and a purchase is held to its project's budget at
    the end of a receipt: locked only then, the two would wait for each other.
    """
    wanted = {each.project_id for each in events}
    session.execute(
        select(Project.id)
        .where(Project.id.in_(wanted), Project.org_id.in_({each.org_id for each in events}))
        .where(Project.budget_is_limit, Project.budget_ore.is_not(None))
        .order_by(Project.id)
        .with_for_update(of=Project)
    )


def keep_to_budget(session: Session, events: Sequence[PieceReceived]) -> None:
    """Subscribes to what projects get: nothing is bought above a budget that is a limit.

    What costs nothing is never refused, and what is given back makes room again. What a supplier
    delivers was held to the budget as it was ordered: it has arrived, and is to be paid.
    """
    for org_id, handover_ids in _handovers(events).items():
        query = (
            select(Project.id)
            .join(
                Handover,
                (Handover.receiver_org_id == Project.org_id) & (Handover.project_id == Project.id),
            )
            .join(
                HandoverLine,
                (HandoverLine.org_id == Handover.org_id)
                & (HandoverLine.handover_id == Handover.id),
            )
            .where(
                Handover.org_id == org_id,
                Handover.id.in_(handover_ids),
                Project.budget_is_limit,
                Project.budget_ore.is_not(None),
                (HandoverLine.price_ore > 0) | (HandoverLine.redesign_ore > 0),
                ~select(SupplierOrder.id)
                .where(
                    SupplierOrder.org_id == Handover.org_id,
                    SupplierOrder.handover_id == Handover.id,
                )
                .exists(),
            )
            .distinct()
        )
        for project_id in sorted(session.scalars(query)):
            _require_room(session, project_id)


def _handovers(events: Sequence[PieceReceived]) -> dict[UUID, set[UUID]]:
    by_org: dict[UUID, set[UUID]] = defaultdict(set)
    for event in events:
        by_org[event.org_id].add(event.handover_id)
    return by_org


def _require_room(session: Session, project_id: UUID) -> None:
    # Locked: of two purchases at once the second sees what the first has spent.
    locked = select(Project).where(Project.id == project_id).with_for_update(of=Project)
    project = session.scalars(locked.execution_options(populate_existing=True)).one()
    if project.budget_ore is None:
        return
    spent = bound_by_project(session, project.org_id, project.id)
    if spent > project.budget_ore:
        query = select(Organisation.currency).where(Organisation.id == project.org_id)
        currency = session.scalars(query).one()
        raise OverBudget(
            N_("Budsjettet er %(budget)s, og med dette er %(spent)s brukt."),
            values={
                "budget": money_exact(project.budget_ore, currency),
                "spent": money_exact(spent, currency),
            },
        )
