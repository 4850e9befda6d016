"""What a delivery books, and what it must not: never more than the work saved."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.catalogue.rules import Work
from app.items.models import Item
from app.items.rules import ItemState
from app.workshop.service_deliver import deliver_order
from tests.factories import an_item
from tests.people import Organised
from tests.workshop.orders import confirmed, delivery, drafted, entries

ActorOf = Callable[..., Actor]


def test_parts_taken_off_do_not_take_the_place_of_what_the_work_took(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    items = [an_item(session, org) for _ in range(3)]
    removed = [{"material": "textile", "mass_g": 1000}]
    for item, power in zip(items, (None, 0, 3000), strict=True):
        order = drafted(session, manager, org, item_ids=[item.id])
        confirmed(session, manager, order, 100_000)
        command = delivery(session, order, level="reupholstery", removed=removed, energy_wh=power)
        deliver_order(session, manager, command)
    trip = 15 * 20 * 0.78225
    booked = entries(session)
    assert {each.co2e_g for each in booked} == {round(73_345.995 - trip - 0.28 * 60_000)}
    assert {each.waste_g for each in booked} == {14_000}


def test_cleaning_for_the_same_user_saves_no_purchase(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    item = an_item(session, org)

    def washed(place_id: UUID | None, **said: object) -> Item:
        order = drafted(
            session,
            manager,
            org,
            work=Work.CLEAN_OR_REPAIR,
            item_ids=[item.id],
            place_id=place_id,
            purchase_cancelled=bool(said.pop("purchase_cancelled", False)),
        )
        confirmed(session, manager, order, 10_000)
        deliver_order(session, manager, delivery(session, order, **said))
        return item

    for place_id in (None, org.room_id):
        assert washed(place_id).state is ItemState.IN_USE
    assert entries(session) == []
    washed(None, would_discard=True)
    assert [each.waste_g for each in entries(session)] == [15_000]
    washed(None, purchase_cancelled=True)
    assert sorted(each.waste_g for each in entries(session)) == [0, 15_000]


def test_what_comes_to_a_storage_has_no_user_and_is_not_booked_yet(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    used, idle = an_item(session, org), an_item(session, org, is_free=True)
    order = drafted(session, manager, org, item_ids=[used.id, idle.id], place_id=org.storage_id)
    confirmed(session, manager, order, 100_000)
    done = deliver_order(session, manager, delivery(session, order))
    assert done.handover_id is None
    assert entries(session) == []
    assert {(each.state, each.place_id) for each in (used, idle)} == {
        (ItemState.AVAILABLE, org.storage_id)
    }
