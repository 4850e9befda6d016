"""What an order makes or buys: pieces of surplus with their donors, and pieces from outside."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.catalogue.rules import Work
from app.handovers.models import HandoverLine
from app.impact.rules import FulfilmentSource
from app.items.models import Donor, Item
from app.items.queries import codes_of
from app.items.rules import ItemState
from app.kit.errors import Invalid
from app.workshop import commands as do
from app.workshop.rules import OrderState
from app.workshop.service import send_order
from app.workshop.service_deliver import deliver_order
from app.workshop.service_quote import choose_quote
from tests.factories import CHAIR, some_items
from tests.people import Organised
from tests.workshop.orders import (
    a_supplier,
    confirmed,
    delivery,
    drafted,
    entries,
    ids_of,
    of,
    quoted,
)

ActorOf = Callable[..., Actor]


def test_what_is_built_from_surplus_points_to_its_donors_and_never_exceeds_them(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    donors = some_items(session, org, 3, category_id="DESK_FIXED", mass_g=20_000)
    order = drafted(
        session,
        manager,
        org,
        work=Work.BUILD_FROM_SURPLUS,
        item_ids=ids_of(donors),
        category_id="TABLE_MEETING_S",
        quantity=1,
        place_id=org.room_id,
    )
    confirmed(session, manager, order, 400_000)
    built = [
        {"item_id": donors[0].id, "built_in_g": 15_000},
        {"item_id": donors[1].id, "built_in_g": 5_000},
    ]
    too_much = [{"item_id": donors[0].id, "built_in_g": 20_001}]
    with pytest.raises(Invalid) as refused, session.begin_nested():
        deliver_order(session, manager, delivery(session, order, donors=too_much))
    assert "donors" in refused.value.by_field
    with pytest.raises(Invalid) as refused:
        deliver_order(session, manager, delivery(session, order))
    assert "donors" in refused.value.by_field
    cut = [{"fraction": "wood", "mass_g": 20_000}]
    deliver_order(session, manager, delivery(session, order, donors=built, offcuts=cut))
    tied = session.scalars(select(Donor)).all()
    made = session.get_one(Item, tied[0].item_id)
    assert sum(each.built_in_g for each in tied) == 20_000
    assert made.id not in ids_of(donors)
    assert codes_of(session, manager, [made.id])
    assert [each.state for each in donors] == [
        ItemState.DISMANTLED,
        ItemState.DISMANTLED,
        ItemState.IN_USE,  # nothing of it was built in
    ]
    (entry,) = entries(session)
    assert (entry.item_id, entry.waste_g) == (made.id, 20_000)
    assert entry.source is FulfilmentSource.REDESIGNED_FROM_SURPLUS


@pytest.mark.parametrize(
    ("work", "source"),
    [(Work.BUY_USED, FulfilmentSource.BOUGHT_USED), (Work.BUY_NEW, FulfilmentSource.NEW)],
)
def test_what_is_bought_is_registered_with_codes_and_the_sellers_claim_counts_for_nothing(
    session: Session, org: Organised, actor: ActorOf, work: Work, source: FulfilmentSource
) -> None:
    manager = actor()
    order = drafted(
        session, manager, org, work=work, category_id=CHAIR, quantity=4, place_id=org.room_id
    )
    supplier = a_supplier(session, manager, "Brukthandelen", 1, work)
    quote = quoted(session, manager, order, supplier, 400_000)
    quote.claim = "Sparer 100 tonn CO2e"
    choice = do.ChooseQuote(supplier_order_id=order.id, quote_id=quote.id)
    choose_quote(session, manager, choice)
    send_order(session, manager, of(order))
    order.state = OrderState.CONFIRMED
    done = deliver_order(session, manager, delivery(session, order, maker="HÅG", mass_g=17_500))
    lines = session.scalars(
        select(HandoverLine).where(HandoverLine.handover_id == done.handover_id)
    ).all()
    assert {(each.source, each.price_ore) for each in lines} == {(source, 100_000)}
    assert len(codes_of(session, manager, [each.item_id for each in lines])) == 4
    is_used = work is Work.BUY_USED
    trip = 17.5 * 20 * 0.78225
    gross = round(85_570.3275 - trip) if is_used else 0
    assert {each.co2e_g for each in entries(session)} == {gross}
    assert {each.waste_g for each in entries(session)} == {0}
