"""An applied import is taken back, as long as nobody has worked on its pieces."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.handovers.models import HandoverLine
from app.items import service as items
from app.items.commands import Delete, Edit
from app.items.events import ItemRegistered
from app.kit.db import clock_of
from app.kit.errors import Conflict, NotFound
from app.kit.events import EventRow, publish
from app.kit.i18n import N_
from app.kit.states import advance
from app.marketplace.models import ListingItem, Reservation
from app.projects.models import Fulfilment
from app.transfer import events, queries
from app.transfer.models import ImportRun
from app.transfer.queries import parted
from app.transfer.service_apply import ImportFinished, locked
from app.transfer.states import ImportState, ImportVerb


class PiecesTouched(Conflict):
    """An import can be undone only while nobody has worked on its pieces."""

    title = N_("Importen kan ikke angres: møbler fra den er endret siden.")


def undo(session: Session, actor: Actor, run_id: UUID) -> ImportRun:
    """Deletes the import's new pieces and takes its edits back; the history keeps both.

    Raises ``PiecesTouched`` when anybody has done anything with one of them since. Places that the
    import added stay.
    """
    actor.must(Permission.IMPORT)
    run = locked(session, actor, run_id)
    if run.state in (ImportState.STAGING, ImportState.PREVIEWED):
        raise Conflict(N_("Importen er bare forhåndsvist. Det er ingenting å angre."))
    if run.state is not ImportState.APPLIED:
        raise ImportFinished(state=run.state.value)
    new = queries.items_of(session, actor, run.id)
    edits = [
        Edit.model_validate(each)
        for fields in queries.updates_of(session, actor, run.id)
        for each in fields.get("undo", ())
    ]
    touched = _touched(session, actor, run, new, edits)
    if touched:
        raise PiecesTouched(count=touched)
    reason = f"Import angret: {run.file_name}"
    for ids in parted([item_id for item_id, _ in new]):
        items.delete(session, actor, [Delete(item_id=each, reason=reason) for each in ids])
    for some in parted(edits):
        try:
            items.edit(session, actor, some)
        except (items.ItemStale, items.ItemNotThere, NotFound) as problem:
            raise PiecesTouched from problem
    now = clock_of(session).now()
    advance(session, [run], ImportVerb.UNDO, refused=ImportFinished, values={"undone_at": now})
    publish(
        session,
        [
            events.ImportUndone.of(
                run, actor.person_id, deleted=len(new), restored=len({e.item_id for e in edits})
            )
        ],
    )
    return run


_USES = (ListingItem, Reservation, HandoverLine, Fulfilment)
"""Rows of others that speak of a piece without an event of the piece's own."""


def _touched(
    session: Session,
    actor: Actor,
    run: ImportRun,
    new: Sequence[tuple[UUID, int]],
    edits: Sequence[Edit],
) -> int:
    """How many of the import's pieces somebody has worked on since."""
    found = {item_id for item_id, version in new if version != 1}
    for ids in parted([item_id for item_id, _ in new]):
        found |= set(
            session.scalars(
                select(EventRow.subject_id).where(
                    EventRow.org_id == actor.org_id,
                    EventRow.subject_id.in_(ids),
                    EventRow.kind != ItemRegistered.kind,
                )
            )
        )
    for ids in parted([each.item_id for each in edits]):
        found |= set(
            session.scalars(
                select(EventRow.subject_id).where(
                    EventRow.org_id == actor.org_id,
                    EventRow.subject_id.in_(ids),
                    EventRow.at > run.applied_at,
                )
            )
        )
    for ids in parted([item_id for item_id, _ in new]):
        for model in _USES:
            found |= {
                each
                for each in session.scalars(
                    select(model.item_id).where(
                        model.org_id == actor.org_id, model.item_id.in_(ids)
                    )
                )
                if each is not None
            }
    return len(found)
