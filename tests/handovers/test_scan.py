"""Fetching and delivering by scanning, through the verbs."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.handovers.models import Handover, HandoverLine
from app.handovers.models_receipt import Receipt, ReceiptLine
from app.handovers.rules import ScanOutcome, Way
from app.handovers.service_receipt import Undo, undo
from app.handovers.service_scan import ScanIn, ScanOut, scan_in, scan_out
from app.handovers.signatures import store_signature
from app.items.commands import Move
from app.items.models import Item
from app.items.queries import codes_of
from app.items.rules import ItemState
from app.items.service import move
from app.kit.db import clock_of
from app.kit.errors import Invalid
from app.kit.files import Files
from app.marketplace.rules import ReservationState
from app.places.models import Place
from tests.factories import an_item
from tests.handovers.orders import an_order
from tests.people import Organised

ActorOf = Callable[..., Actor]
O = ScanOutcome  # noqa: E741


def labels(session: Session, actor: Actor, items: list[Item]) -> list[str]:
    found = codes_of(session, actor, [each.id for each in items])
    return [found[each.id] for each in items]


def outcomes(session: Session, receipt: Receipt) -> list[ScanOutcome]:
    query = select(ReceiptLine).where(ReceiptLine.receipt_id == receipt.id)
    return [each.outcome for each in session.scalars(query.order_by(ReceiptLine.position))]


def lines(session: Session) -> list[HandoverLine]:
    return list(session.scalars(select(HandoverLine)))


def test_three_of_five_go_today_and_the_rest_tomorrow(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    ordered = an_order(session, org, 5)
    mover = actor(Role.MOVER)
    codes = labels(session, mover, ordered.items)
    today = scan_out(session, mover, ScanOut(codes=codes[:3], signed_name="Kari Nordmann"))
    assert (today.way, today.number, today.signed_name) == (Way.OUT, 1, "Kari Nordmann")
    assert outcomes(session, today) == [O.LOADED] * 3
    assert ordered.order_line(session).picked_up == 3
    states = [each.state for each in ordered.items]
    assert states == [ItemState.IN_TRANSIT] * 3 + [ItemState.IN_USE] * 2
    scan_out(session, mover, ScanOut(codes=codes))
    assert ordered.order_line(session).picked_up == 5
    handovers = session.scalars(select(Handover).order_by(Handover.number)).all()
    assert [each.to_place_id for each in handovers] == [org.storage_id] * 2
    assert len(lines(session)) == 5


@pytest.mark.parametrize("role", [Role.EMPLOYEE, Role.MOVER])
def test_either_side_scans_in_and_the_piece_is_seen_where_it_arrived(
    session: Session, org: Organised, actor: ActorOf, role: Role
) -> None:
    ordered = an_order(session, org, 2)
    codes = labels(session, actor(), ordered.items)
    scan_out(session, actor(Role.MOVER), ScanOut(codes=codes))
    assert {each.last_seen_place_id for each in ordered.items} == {org.room_id}
    receipt = scan_in(session, actor(role), ScanIn(codes=codes))
    assert outcomes(session, receipt) == [O.RECEIVED] * 2
    assert {each.state for each in ordered.items} == {ItemState.AVAILABLE}
    assert {each.last_seen_place_id for each in ordered.items} == {org.storage_id}
    assert {each.last_seen_by_id for each in ordered.items} == {actor(role).person_id}
    assert {each.state for each in ordered.reservations} == {ReservationState.RECEIVED}


def test_who_ordered_may_fetch_and_nobody_else_without_the_role(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    ordered = an_order(session, org, 2)
    codes = labels(session, actor(), ordered.items)
    refused = scan_out(session, actor(Role.CONTROLLER), ScanOut(codes=codes))
    assert outcomes(session, refused) == [O.NOT_YOURS] * 2
    assert lines(session) == []
    fetched = scan_out(session, actor(Role.EMPLOYEE), ScanOut(codes=codes))
    assert outcomes(session, fetched) == [O.LOADED] * 2


def test_what_does_not_come_along_says_why(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    mover = actor(Role.MOVER)
    ordered = an_order(session, org, 1)
    plain = an_item(session, org)
    gone = an_item(session, org, state=ItemState.SOLD)
    (code, *others) = labels(session, mover, [*ordered.items, plain, gone])
    scanned = [code, code, *others, "INV-77", "0000-0000-001"]
    receipt = scan_out(session, mover, ScanOut(codes=scanned))
    assert outcomes(session, receipt) == [
        O.LOADED,
        O.AGAIN,
        O.NOT_ORDERED,
        O.HAS_LEFT,
        O.UNKNOWN,
        O.MISTYPED,
    ]
    again = scan_out(session, mover, ScanOut(codes=[code]))
    assert outcomes(session, again) == [O.ON_ITS_WAY]
    in_first = scan_in(session, mover, ScanIn(codes=[others[0], code, code]))
    assert outcomes(session, in_first) == [O.NOT_ON_ITS_WAY, O.RECEIVED, O.AGAIN]
    assert outcomes(session, scan_in(session, mover, ScanIn(codes=[code]))) == [O.RECEIVED_ALREADY]


def test_a_piece_scanned_in_the_wrong_room_is_not_received(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    ordered = an_order(session, org, 1)
    mover = actor(Role.MOVER)
    (code,) = labels(session, mover, ordered.items)
    scan_out(session, mover, ScanOut(codes=[code]))
    room, storage, building = (
        f"https://omlop.example/P/{session.get_one(Place, each).code}"
        for each in (org.room_id, org.storage_id, org.building_id)
    )
    wrong = scan_in(session, mover, ScanIn(codes=[room, code]))
    assert outcomes(session, wrong) == [O.ELSEWHERE]
    assert lines(session)[0].received_at is None
    house = scan_in(session, actor(Role.CONTROLLER), ScanIn(codes=[building, code]))
    assert outcomes(session, house) == [O.NOT_YOURS]
    right = scan_in(session, mover, ScanIn(codes=[storage, code]))
    assert outcomes(session, right) == [O.RECEIVED]


def test_scanning_places_alone_is_refused_at_the_field(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    code = f"https://omlop.example/P/{session.get_one(Place, org.room_id).code}"
    with pytest.raises(Invalid) as refused:
        scan_in(session, actor(), ScanIn(codes=[code]))
    assert refused.value.by_field.keys() == {"codes"}
    assert session.scalars(select(Receipt)).all() == []


def test_scans_that_waited_are_dated_by_the_phone(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    ordered = an_order(session, org, 1)
    codes = labels(session, actor(), ordered.items)
    earlier = clock_of(session).now() - timedelta(days=3)
    scan_out(session, actor(Role.MOVER), ScanOut(codes=codes, at=earlier))
    (handover,) = session.scalars(select(Handover)).all()
    assert handover.handed_over_on == earlier.date()
    session.refresh(ordered.items[0])
    assert ordered.items[0].last_seen_at == earlier


def test_what_is_no_drawing_is_refused_at_the_signature(files: Files, org: Organised) -> None:
    for wrong in ("x", "data:image/png;base64,AAAA", "data:image/png;base64,%%%"):
        with pytest.raises(Invalid) as refused:
            store_signature(files, org.org_id, wrong)
        assert refused.value.by_field.keys() == {"signature"}
    assert store_signature(files, org.org_id, None) is None
    assert store_signature(files, org.org_id, "") is None


def test_a_wrong_delivery_that_was_moved_on_stays_where_it_stands_when_it_is_undone(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    moved, stays = an_order(session, org, 2).items
    mover = actor(Role.MOVER)
    codes = labels(session, mover, [moved, stays])
    scan_out(session, mover, ScanOut(codes=codes))
    scan_in(session, mover, ScanIn(codes=codes))
    move(session, actor(), [Move(item_id=moved.id, place_id=org.building_id)])
    undo(session, mover, [Undo(handover_line_ids=[each.id for each in lines(session)])])
    assert (moved.place_id, stays.place_id) == (org.building_id, org.room_id)
    assert {each.owner_unit_id for each in (moved, stays)} == {org.unit_id}
    assert {each.state for each in (moved, stays)} == {ItemState.IN_USE}
