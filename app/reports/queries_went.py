"""Where a project's pieces came from and went, and its waste."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.disposals.models import Disposal, DisposalFraction, DisposalPiece
from app.disposals.rules import DisposalState
from app.handovers.models import HandoverLine
from app.impact.rules import View
from app.kit.events import EventRow
from app.kit.prepared import Prepared
from app.ledger.models import LedgerEntry
from app.places.models import Place
from app.projects.models import Release
from app.projects.rules import ReleaseState
from app.reports.queries import STANDING, of_project


def _routes() -> Prepared:
    """The entry's event is of the line of its handover, and the line knows where the piece stood."""
    giver, receiver = aliased(Unit), aliased(Unit)
    before, after = aliased(Place), aliased(Place)
    named = (
        giver.name.label("from_unit"),
        before.label.label("from_place"),
        receiver.name.label("to_unit"),
        after.label.label("to_place"),
        LedgerEntry.source,
    )
    pieces = func.count().label("pieces")
    return Prepared(
        STANDING.with_only_columns(*named, pieces)
        .where(LedgerEntry.view == View.GROSS)
        .outerjoin(
            EventRow,
            (EventRow.org_id == LedgerEntry.org_id) & (EventRow.id == LedgerEntry.event_id),
        )
        .outerjoin(
            HandoverLine,
            (HandoverLine.org_id == EventRow.org_id) & (HandoverLine.id == EventRow.subject_id),
        )
        .outerjoin(
            before,
            (before.org_id == HandoverLine.org_id) & (before.id == HandoverLine.place_before_id),
        )
        .outerjoin(
            giver, (giver.org_id == LedgerEntry.org_id) & (giver.id == LedgerEntry.giver_unit_id)
        )
        .outerjoin(
            receiver,
            (receiver.org_id == LedgerEntry.org_id) & (receiver.id == LedgerEntry.receiver_unit_id),
        )
        .outerjoin(after, (after.org_id == LedgerEntry.org_id) & (after.id == LedgerEntry.place_id))
        .group_by(*named)
    )


_ROUTES = _routes()


def routes(session: Session, actor: Actor, project_id: UUID) -> list[Any]:
    """Uses that stand in the ledger, by unit and place on both sides and by source."""
    return _ROUTES.rows(session, of_project(actor, project_id))


def delivered_waste(session: Session, actor: Actor, project_id: UUID) -> list[Any]:
    """Fractions of the delivered decisions on pieces that the project released.

    With each the mass in g and the number of the decision's pieces, and of those of the project:
    a decision may be on others' pieces too.
    """
    released = (
        select(Release.item_id.label("item_id"))
        .where(Release.org_id == actor.org_id, Release.project_id == project_id)
        .where(Release.state != ReleaseState.CANCELLED)
        .distinct()
        .subquery("released")
    )
    pieces = (
        select(
            DisposalPiece.disposal_id,
            func.count().label("pieces"),
            func.count(released.c.item_id).label("own_pieces"),
        )
        .outerjoin(released, released.c.item_id == DisposalPiece.item_id)
        .where(DisposalPiece.org_id == actor.org_id, DisposalPiece.withdrawn_at.is_(None))
        .group_by(DisposalPiece.disposal_id)
        .subquery("pieces")
    )
    return list(
        session.execute(
            select(
                DisposalFraction.disposal_id,
                DisposalFraction.fraction,
                DisposalFraction.mass_g,
                pieces.c.pieces,
                pieces.c.own_pieces,
            )
            .join(
                Disposal,
                (Disposal.org_id == DisposalFraction.org_id)
                & (Disposal.id == DisposalFraction.disposal_id),
            )
            .join(pieces, pieces.c.disposal_id == Disposal.id)
            .where(DisposalFraction.org_id == actor.org_id, pieces.c.own_pieces > 0)
            .where(Disposal.state == DisposalState.DELIVERED)
        )
    )
