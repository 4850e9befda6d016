"""A piece is not taken away while it is on its way, nor its registration while it counts."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.handovers.models import HandoverLine
from app.items.events import ItemDeleted, ItemMerged, ItemMissed
from app.kit.errors import Conflict
from app.kit.events import subjects
from app.kit.i18n import N_
from app.projects.models import Fulfilment


class PieceCounted(Conflict):
    title = N_("Møbelet er regnet med i en overlevering. Angre overleveringen først.")


class PieceOnItsWay(Conflict):
    title = N_("Møbelet er på vei. Bekreft mottaket eller angre overleveringen først.")


def keep_counted(session: Session, events: Sequence[ItemDeleted | ItemMerged]) -> None:
    """Refuses to delete or merge away what a report or the savings' ledger counts.

    The piece that others are merged into may count; it stays. Raises, and so undoes the verb.
    """
    for org_id, item_ids in subjects(events).items():
        received = select(HandoverLine.item_id).where(
            HandoverLine.org_id == org_id,
            HandoverLine.item_id.in_(item_ids),
            HandoverLine.received_at.is_not(None),
            HandoverLine.undone_at.is_(None),
        )
        fulfilling = select(Fulfilment.item_id).where(
            Fulfilment.org_id == org_id,
            Fulfilment.item_id.in_(item_ids),
            Fulfilment.undone_at.is_(None),
        )
        for query in (received, fulfilling):
            if counted := session.scalar(query.limit(1)):
                raise PieceCounted(id=str(counted))


def keep_on_its_way(session: Session, events: Sequence[ItemMissed]) -> None:
    """A lost piece could neither be received nor taken back, so its handover ends first."""
    for org_id, item_ids in subjects(events).items():
        fetched = select(HandoverLine.item_id).where(
            HandoverLine.org_id == org_id,
            HandoverLine.item_id.in_(item_ids),
            HandoverLine.picked_up_at.is_not(None),
            HandoverLine.received_at.is_(None),
            HandoverLine.undone_at.is_(None),
        )
        if moving := session.scalar(fetched.limit(1)):
            raise PieceOnItsWay(id=str(moving))
