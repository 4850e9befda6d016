"""Handing over, receiving and undoing, through the verbs."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.handovers import service
from app.handovers.models import Handover, HandoverLine
from app.handovers.service import HandOver, Receive, Undo
from app.impact.rules import FulfilmentSource
from app.items.models import Item
from app.items.rules import ItemState
from app.kit.errors import Forbidden, Invalid, NotFound
from app.kit.events import EventRow
from app.marketplace.rules import ReservationState
from app.projects.models import Fulfilment
from app.projects.rules import LineState
from app.projects.service import CancelLine, cancel_line
from tests.factories import an_item, some_items
from tests.handovers.orders import ON, an_order, on_its_way
from tests.people import Organised
from tests.projects.rows import a_line, a_project

ActorOf = Callable[..., Actor]


def ids(lines: list[HandoverLine]) -> list[UUID]:
    return [each.id for each in lines]


def count(session: Session, kind: str) -> int:
    return session.scalars(
        select(func.count()).select_from(EventRow).where(EventRow.kind == kind)
    ).one()


def test_ordered_pieces_are_on_their_way_after_the_handover(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    ordered = an_order(session, org)
    (handover,) = service.hand_over(
        session,
        actor(Role.MOVER),
        [
            HandOver(
                reservation_ids=ordered.reservation_ids,
                handed_over_on=ON,
                vehicle="VAN_DIESEL_KM",
                distance_m=40_000,
                transport_ore=300_000,
                cleaning_ore=25_000,
                costs_complete=True,
            )
        ],
    )
    assert (handover.number, handover.giver_unit_id) == (1, org.unit_id)
    assert (handover.receiver_unit_id, handover.to_place_id) == (org.other_unit_id, org.storage_id)
    assert {each.state for each in ordered.items} == {ItemState.IN_TRANSIT}
    assert {each.state for each in ordered.reservations} == {ReservationState.PICKED_UP}
    assert ordered.order_line(session).picked_up == 2
    line = session.scalars(select(HandoverLine)).first()
    assert line is not None
    assert (line.place_before_id, line.cleaning_ore) == (org.room_id, 25_000)
    assert line.source is FulfilmentSource.INTERNAL_REUSE


@pytest.mark.parametrize("role", [Role.EMPLOYEE, Role.MOVER])
def test_either_side_confirms_and_place_holder_and_owner_follow(
    session: Session, org: Organised, actor: ActorOf, role: Role
) -> None:
    ordered = an_order(session, org)
    lines = on_its_way(session, actor(), ordered)
    service.receive(session, actor(role), [Receive(handover_line_ids=ids(lines))])
    for item in ordered.items:
        assert (item.owner_unit_id, item.holder_unit_id) == (org.other_unit_id, org.other_unit_id)
        assert (item.place_id, item.state) == (org.storage_id, ItemState.AVAILABLE)
    assert {each.state for each in ordered.reservations} == {ReservationState.RECEIVED}
    assert ordered.order_line(session).received == 2
    assert all(each.received_by == actor(role).person_id for each in lines)
    assert count(session, "piece-received") == 2


def test_a_piece_received_in_a_room_is_in_use(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    ordered = an_order(session, org, place_id=org.room_id)
    service.receive(
        session, actor(), [Receive(handover_line_ids=ids(on_its_way(session, actor(), ordered)))]
    )
    assert {each.state for each in ordered.items} == {ItemState.IN_USE}


def test_somebody_else_confirms_nothing(session: Session, org: Organised, actor: ActorOf) -> None:
    lines = on_its_way(session, actor(), an_order(session, org))
    with pytest.raises(Forbidden):
        service.receive(session, actor(Role.CONTROLLER), [Receive(handover_line_ids=ids(lines))])
    assert all(each.received_at is None for each in lines)


def test_some_pieces_are_received_and_the_rest_are_still_on_their_way(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    ordered = an_order(session, org, 3)
    lines = on_its_way(session, actor(), ordered)
    service.receive(session, actor(), [Receive(handover_line_ids=ids(lines[:1]))])
    states = sorted(each.state for each in ordered.items)
    assert states == [ItemState.AVAILABLE, ItemState.IN_TRANSIT, ItemState.IN_TRANSIT]
    assert ordered.order_line(session).received == 1


def test_a_receipt_meets_the_programme_and_an_undo_opens_it_again(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    programme_line = a_line(session, actor(), a_project(session, actor(), org), quantity=2)
    ordered = an_order(session, org, 2, programme_line=programme_line)
    lines = on_its_way(session, actor(), ordered)
    assert lines[0].need_recorded_before
    handover = session.get_one(Handover, lines[0].handover_id)
    assert handover.project_id == programme_line.project_id
    service.receive(session, actor(), [Receive(handover_line_ids=ids(lines))])
    made = session.scalars(select(Fulfilment)).all()
    assert {(each.source, each.fulfilled_on) for each in made} == {("internal_reuse", ON)}
    assert programme_line.state == "fulfilled"
    service.undo(session, actor(), [Undo(handover_line_ids=ids(lines))])
    assert programme_line.state == "open"
    assert all(each.undone_at for each in made)


def test_a_line_cancelled_on_the_way_stops_no_receipt_and_is_not_met(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    programme_line = a_line(session, actor(), a_project(session, actor(), org), quantity=2)
    lines = on_its_way(session, actor(), an_order(session, org, programme_line=programme_line))
    cancel_line(session, actor(), [CancelLine(programme_line_id=programme_line.id)])
    service.receive(session, actor(), [Receive(handover_line_ids=ids(lines))])
    assert all(each.received_at for each in lines)
    assert session.scalars(select(Fulfilment)).all() == []
    assert programme_line.state is LineState.CANCELLED


@pytest.mark.parametrize("is_received", [False, True])
def test_an_undo_restores_place_holder_owner_state_and_reservation(
    session: Session, org: Organised, actor: ActorOf, *, is_received: bool
) -> None:
    ordered = an_order(session, org)
    before = [
        (each.state, each.place_id, each.owner_unit_id, each.holder_unit_id)
        for each in ordered.items
    ]
    lines = on_its_way(session, actor(), ordered)
    if is_received:
        service.receive(session, actor(), [Receive(handover_line_ids=ids(lines))])
    service.undo(session, actor(), [Undo(handover_line_ids=ids(lines))])
    after = [
        (each.state, each.place_id, each.owner_unit_id, each.holder_unit_id)
        for each in ordered.items
    ]
    assert after == before
    assert {each.state for each in ordered.reservations} == {ReservationState.READY}
    order_line = ordered.order_line(session)
    assert (order_line.picked_up, order_line.received) == (0, 0)
    returned = session.scalars(select(EventRow).where(EventRow.kind == "piece-returned")).all()
    received = session.scalars(select(EventRow.id).where(EventRow.kind == "piece-received"))
    undone = {each.payload["undoes_event_id"] for each in returned}
    assert undone == ({str(each) for each in received} if is_received else {None})
    assert len(returned) == 2


def test_an_undone_handover_can_be_made_again_but_not_undone_again(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    ordered = an_order(session, org)
    lines = on_its_way(session, actor(), ordered)
    undo = Undo(handover_line_ids=ids(lines))
    service.undo(session, actor(), [undo])
    with pytest.raises(service.HandoverUndone):
        service.undo(session, actor(), [undo])
    with pytest.raises(service.HandoverUndone):
        service.receive(session, actor(), [Receive(handover_line_ids=ids(lines))])
    again = on_its_way(session, actor(), ordered)
    service.receive(session, actor(), [Receive(handover_line_ids=ids(again))])
    assert ordered.order_line(session).received == 2


def test_a_piece_handed_over_again_goes_back_one_step_at_a_time(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    first = on_its_way(session, actor(), an_order(session, org, 1))
    service.receive(session, actor(), [Receive(handover_line_ids=ids(first))])
    session.info["clock"].move(timedelta(hours=1))
    back = HandOver(
        item_ids=[first[0].item_id],
        handed_over_on=ON,
        to_unit_id=org.unit_id,
        to_place_id=org.room_id,
    )
    service.hand_over(session, actor(), [back])
    with pytest.raises(service.HandedOverAgain):
        service.undo(session, actor(), [Undo(handover_line_ids=ids(first))])


def test_a_piece_received_once_is_not_received_again(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    lines = on_its_way(session, actor(), an_order(session, org))
    receive = Receive(handover_line_ids=ids(lines))
    service.receive(session, actor(), [receive])
    with pytest.raises(service.PieceReceivedAlready):
        service.receive(session, actor(), [receive])
    assert count(session, "piece-received") == 2


def test_a_piece_nobody_ordered_is_handed_to_the_unit_and_line_that_are_named(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    programme_line = a_line(session, actor(), a_project(session, actor(), org), quantity=1)
    item = an_item(session, org)
    (handover,) = service.hand_over(
        session,
        actor(),
        [
            HandOver(
                item_ids=[item.id],
                handed_over_on=ON,
                to_unit_id=org.other_unit_id,
                to_place_id=org.storage_id,
                programme_line_id=programme_line.id,
            )
        ],
    )
    assert handover.project_id == programme_line.project_id
    assert item.state is ItemState.IN_TRANSIT


def test_a_reserved_or_offered_piece_is_not_handed_to_another(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    ordered = an_order(session, org)
    past = HandOver(
        item_ids=[ordered.items[0].id],
        handed_over_on=ON,
        to_unit_id=org.unit_id,
        to_place_id=org.room_id,
    )
    with pytest.raises(service.ItemClaimed):
        service.hand_over(session, actor(), [past])
    assert ordered.items[0].state is ItemState.IN_USE


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("handed_over_on", {"handed_over_on": date(2026, 3, 4)}),
        ("handed_over_on", {"handed_over_on": date(1926, 3, 2)}),
        ("vehicle", {"vehicle": "BICYCLE", "distance_m": 10}),
        ("vehicle", {"vehicle": "A4_NEW_EU_DEFAULT", "distance_m": 10}),
        ("vehicle", {"distance_m": 10}),
        ("distance_m", {"vehicle": "VAN_DIESEL_KM"}),
        ("to_unit_id", {"to_unit_id": None}),
        ("to_place_id", {"to_place_id": None}),
        ("reservation_ids", {"item_ids": []}),
    ],
)
def test_a_trip_that_can_not_be_is_refused_at_its_field(
    session: Session, org: Organised, actor: ActorOf, field: str, wrong: dict[str, object]
) -> None:
    item = an_item(session, org)
    command = HandOver.model_validate(
        {
            "item_ids": [item.id],
            "handed_over_on": ON,
            "to_unit_id": org.other_unit_id,
            "to_place_id": org.room_id,
            **wrong,
        }
    )
    with pytest.raises(Invalid) as refused:
        service.hand_over(session, actor(), [command])
    assert list(refused.value.by_field) == [field]
    assert item.state is ItemState.IN_USE


@pytest.mark.parametrize("field", ["distance_m", "transport_ore", "cleaning_ore", "handling_ore"])
@pytest.mark.parametrize("wrong", [-1, 10**18])
def test_negative_and_endless_numbers_are_refused(field: str, wrong: int) -> None:
    with pytest.raises(ValueError, match=field):
        HandOver.model_validate({"handed_over_on": ON, field: wrong})


def test_the_same_piece_twice_is_refused(session: Session, org: Organised, actor: ActorOf) -> None:
    item = an_item(session, org)
    command = HandOver(
        item_ids=[item.id, item.id],
        handed_over_on=ON,
        to_unit_id=org.other_unit_id,
        to_place_id=org.room_id,
    )
    with pytest.raises(Invalid) as refused:
        service.hand_over(session, actor(), [command])
    assert list(refused.value.by_field) == ["item_ids"]


def test_an_employee_hands_over_and_undoes_nothing(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    ordered = an_order(session, org)
    command = HandOver(reservation_ids=ordered.reservation_ids, handed_over_on=ON)
    with pytest.raises(Forbidden):
        service.hand_over(session, actor(Role.EMPLOYEE), [command])
    lines = on_its_way(session, actor(), ordered)
    with pytest.raises(Forbidden):
        service.undo(session, actor(Role.EMPLOYEE), [Undo(handover_line_ids=ids(lines))])


def test_another_organisation_reaches_nothing(
    session: Session, org: Organised, foreign_org: Organised, actor: ActorOf
) -> None:
    stranger = actor(where=foreign_org)
    ordered = an_order(session, org)
    with pytest.raises(NotFound):
        service.hand_over(
            session,
            stranger,
            [HandOver(reservation_ids=ordered.reservation_ids, handed_over_on=ON)],
        )
    loose = some_items(session, org, 1)[0]
    with pytest.raises(NotFound):
        service.hand_over(
            session,
            stranger,
            [
                HandOver(
                    item_ids=[loose.id],
                    handed_over_on=ON,
                    to_unit_id=foreign_org.unit_id,
                    to_place_id=foreign_org.room_id,
                )
            ],
        )
    lines = on_its_way(session, actor(), ordered)
    with pytest.raises(NotFound):
        service.receive(session, stranger, [Receive(handover_line_ids=ids(lines))])
    with pytest.raises(NotFound):
        service.undo(session, stranger, [Undo(handover_line_ids=ids(lines))])
    states = session.scalars(select(Item.state).where(Item.org_id == org.org_id)).all()
    assert sorted(states) == [ItemState.IN_TRANSIT, ItemState.IN_TRANSIT, ItemState.IN_USE]
