"""A receipt from another organisation was a mistake: the piece is its giver's again, as before it left.

The receiver's row is taken out, the label leads to the giver's once more, and both ledgers reverse.
What has been done to the piece since would be lost, so that it must be untouched.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, system_actor
from app.accounts.models import Organisation
from app.accounts.rules import Permission
from app.handovers.events import PieceReceived, PieceReturned
from app.handovers.models import HandoverLine
from app.handovers.service_trips import require_unclaimed
from app.impact.rules import FulfilmentSource
from app.items import events as changed
from app.items import search
from app.items import service as items_service
from app.items.models import Code, Item
from app.items.rules import ItemState
from app.kit.db import clock_of
from app.kit.errors import Conflict
from app.kit.events import EventRow, publish
from app.kit.i18n import N_, gettext
from app.marketplace.service_outside_given import mark_taken_back, promises_of

CHANGED = (
    changed.CodeBound,
    changed.ItemAssessed,
    changed.ItemEdited,
    changed.ItemFreed,
    changed.ItemIdentified,
    changed.ItemMoved,
    changed.ItemSentToWorkshop,
    changed.ItemTakenIntoUse,
    changed.LabelReplaced,
    changed.PhotoAdded,
)
UNTOUCHED = (ItemState.IN_USE, ItemState.AVAILABLE)


class UsedSinceReceived(Conflict):
    title = N_("Møbelet er endret siden det kom. Legg det ut på markedet for å gi det tilbake.")


def came_from_others(line: HandoverLine, item: Item) -> bool:
    """Received from another organisation, with a row before it in that one's register."""
    return line.source is FulfilmentSource.BOUGHT_USED and item.previous_item_id is not None


def require_untouched(
    session: Session, actor: Actor, lines: Sequence[HandoverLine], items: Mapping[UUID, Item]
) -> None:
    """Raises ``UsedSinceReceived``, ``ItemClaimed`` and ``ItemOnOffer``."""
    if not lines:
        return
    ids = [each.item_id for each in lines]
    require_unclaimed(session, actor, ids)
    since = {each.item_id: each.received_at for each in lines}
    told = session.execute(
        select(EventRow.subject_id, EventRow.at).where(
            EventRow.org_id == actor.org_id,
            EventRow.subject_id.in_(ids),
            EventRow.kind.in_([each.kind for each in CHANGED]),
        )
    )
    touched = {row.subject_id for row in told if (at := since[row.subject_id]) and row.at > at}
    touched |= {each for each in ids if items[each].state not in UNTOUCHED}
    if touched:
        raise UsedSinceReceived(id=str(min(touched)))


def send_back(
    session: Session, actor: Actor, lines: Sequence[HandoverLine], items: Mapping[UUID, Item]
) -> None:
    """After the receiver's lines are undone. All of them are untouched."""
    by_giver: dict[UUID, list[Item]] = defaultdict(list)
    for line in lines:
        item = items[line.item_id]
        assert item.previous_org_id is not None  # it came from there
        by_giver[item.previous_org_id].append(item)
    for giver_id, own in sorted(by_giver.items()):
        _send_back(session, actor, system_actor(session.get_one(Organisation, giver_id)), own)


def _send_back(session: Session, actor: Actor, giver: Actor, own: Sequence[Item]) -> None:
    before = {each.previous_item_id: each for each in own if each.previous_item_id is not None}
    promises = promises_of(session, giver.org_id, list(before))
    lines = session.scalars(
        select(HandoverLine)
        .where(HandoverLine.org_id == giver.org_id, HandoverLine.item_id.in_(before))
        .where(HandoverLine.new_item_id.in_([each.id for each in own]))
        .where(HandoverLine.undone_at.is_(None))
        .order_by(HandoverLine.id)
        .with_for_update(of=HandoverLine)
        .execution_options(populate_existing=True)
    ).all()
    old = session.scalars(
        select(Item)
        .where(Item.org_id == giver.org_id, Item.id.in_(before))
        .order_by(Item.id)
        .with_for_update(of=Item)
        .execution_options(populate_existing=True)
    ).all()
    for piece in old:
        session.execute(
            update(Code)
            .where(Code.org_id == actor.org_id, Code.item_id == before[piece.id].id)
            .values(org_id=giver.org_id, item_id=piece.id)
            .execution_options(synchronize_session=False)
        )
    granted = replace(actor, permissions={**actor.permissions, Permission.ITEM_MERGE: None})
    reason = gettext(N_("Mottaket fra en annen virksomhet ble angret"))
    deletes = [items_service.Delete(item_id=each.id, reason=reason) for each in own]
    items_service.delete(session, granted, deletes)
    for item in own:
        # The giver's piece may come another day, and goes on to one row at a time.
        item.previous_org_id = item.previous_item_id = None
    by_item = {each.id: each for each in old}
    items_service.undo_handover(
        session,
        giver,
        [
            items_service.Return(
                item=(gone := by_item[each.item_id]),
                owner_unit_id=each.owner_unit_before_id or gone.owner_unit_id,
                holder_unit_id=each.holder_unit_before_id or gone.holder_unit_id,
                place_id=each.place_before_id or gone.place_id,
            )
            for each in lines
        ],
    )
    received = session.execute(
        select(EventRow.subject_id, EventRow.id).where(
            EventRow.org_id == giver.org_id,
            EventRow.kind == PieceReceived.kind,
            EventRow.subject_id.in_([each.id for each in lines]),
        )
    )
    booked = {row.subject_id: row.id for row in received}
    for line in lines:
        line.undone_at = clock_of(session).now()
    publish(
        session,
        [
            PieceReturned.of(
                each,
                None,
                item_id=each.item_id,
                handover_id=each.handover_id,
                undoes_event_id=booked.get(each.id),
            )
            for each in lines
        ],
    )
    search.index(session, old)
    rows = {row.id: row for row in promises.values()}
    for row_id in sorted(rows):
        count = sum(promises[each.item_id].id == row_id for each in lines)
        mark_taken_back(session, giver, rows[row_id], count)
