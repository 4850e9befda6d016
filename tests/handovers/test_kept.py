"""A piece that counts keeps its registration, and one on its way is not lost."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.handovers.models import HandoverLine
from app.handovers.service import Receive, Undo, receive, undo
from app.handovers.service_kept import PieceCounted, PieceOnItsWay
from app.items.commands import Delete, Merge, OfItem
from app.items.rules import ItemState
from app.items.service import delete, merge, miss
from app.marketplace.commands import OfListing, OfRequest
from app.marketplace.models import ListingItem, RequestLine
from app.marketplace.service import cancel, withdraw
from tests.databases import RolledBackDatabase
from tests.factories import an_item
from tests.handovers.orders import Ordered, an_order, on_its_way
from tests.people import ActorOf, Organised


def off_the_market(session: Session, actor: ActorOf, ordered: Ordered) -> None:
    """Its order cancelled and its listing withdrawn."""
    request_id = session.get_one(RequestLine, ordered.line_id).request_id
    cancel(session, actor(), [OfRequest(request_id=request_id)])
    offered = session.scalars(
        select(ListingItem.listing_id).where(ListingItem.item_id == ordered.items[0].id)
    )
    withdraw(session, actor(), [OfListing(listing_id=each) for each in set(offered)])


def test_a_piece_that_was_received_is_not_deleted_or_merged_away_until_that_is_undone(
    database: RolledBackDatabase, actor: ActorOf, org: Organised
) -> None:
    manager = actor()
    with database.write() as session:
        ordered = an_order(session, org, 1)
        [line] = on_its_way(session, manager, ordered)
        receive(session, manager, [Receive(handover_line_ids=[line.id])])
        [item], other = ordered.items, an_item(session, org)

    with pytest.raises(PieceCounted), database.write() as session:
        delete(session, manager, [Delete(item_id=item.id, reason="feil")])
    with pytest.raises(PieceCounted), database.write() as session:
        merge(session, manager, [Merge(item_id=item.id, into_id=other.id)])
    with database.write() as session:
        merge(session, manager, [Merge(item_id=other.id, into_id=item.id)])
    with database.write() as session:
        undo(session, manager, [Undo(handover_line_ids=[line.id])])
        off_the_market(session, actor, ordered)
        [gone] = delete(session, manager, [Delete(item_id=item.id, reason="feil")])
        assert gone.state is ItemState.DELETED


def test_a_piece_on_its_way_is_lost_only_when_its_handover_is_undone(
    database: RolledBackDatabase, actor: ActorOf, org: Organised
) -> None:
    manager = actor()
    with database.write() as session:
        ordered = an_order(session, org, 1)
        [line] = on_its_way(session, manager, ordered)
    piece = OfItem(item_id=ordered.items[0].id)

    with pytest.raises(PieceOnItsWay), database.write() as session:
        miss(session, manager, [piece])
    with database.read() as session:
        assert session.get_one(HandoverLine, line.id).undone_at is None
    with database.write() as session:
        undo(session, manager, [Undo(handover_line_ids=[line.id])])
        off_the_market(session, actor, ordered)
        [lost] = miss(session, manager, [piece])
        assert lost.state is ItemState.LOST
