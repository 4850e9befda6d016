"""What both sides count of a piece that went between organisations, and count no more when undone."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.handovers.models import Handover
from app.handovers.service import (
    HandOver,
    HandoverUndone,
    Receive,
    Undo,
    hand_over,
    receive,
    undo,
)
from app.handovers.service_send_back import UsedSinceReceived
from app.impact.rules import FulfilmentSource, View
from app.items.models import Code
from app.items.queries_codes import find_by_code
from app.items.rules import ItemState
from app.items.service import Move, move
from app.kit.clock import MovedClock
from app.kit.errors import Invalid
from app.ledger.models import LedgerEntry
from app.ledger.verification_entries import entries_hold
from app.marketplace.rules import OutsideState
from tests.handovers.crossings import given, lines_of, pieces_of, promised, received
from tests.marketplace.openings import a_public_page
from tests.marketplace.stalls import acting
from tests.people import Organised


def booked(session: Session, org: Organised) -> list[LedgerEntry]:
    query = select(LedgerEntry).where(
        LedgerEntry.org_id == org.org_id, LedgerEntry.view == View.GROSS
    )
    return list(session.scalars(query))


def test_each_side_books_its_own_and_together_they_count_once(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    row = promised(session, org, foreign_org, 2, category_id="CHAIR_TASK", mass_g=15_000)
    received(session, foreign_org, row, given(session, org, row))
    giver, taker = booked(session, org), booked(session, foreign_org)
    assert {each.source for each in giver} == {FulfilmentSource.DONATED}
    assert {each.source for each in taker} == {FulfilmentSource.BOUGHT_USED}
    assert [(each.waste_g, each.co2e_g) for each in giver] == [(15_000, 0)] * 2
    assert [each.waste_g for each in taker] == [0, 0]
    assert all(each.co2e_g and each.co2e_g > 70_000 for each in taker)
    assert {each.receiver_unit_id for each in giver} == {None}
    assert {each.giver_unit_id for each in taker} == {None}


def net_waste(session: Session, org: Organised) -> int:
    query = select(func.sum(LedgerEntry.waste_g)).where(
        LedgerEntry.org_id == org.org_id, LedgerEntry.view == View.NET
    )
    return session.scalar(query) or 0


def test_the_givers_waste_counts_until_the_receivers_next_use_and_again_when_that_is_undone(
    session: Session, org: Organised, foreign_org: Organised, clock: MovedClock
) -> None:
    row = promised(session, org, foreign_org, 1, category_id="CHAIR_TASK", mass_g=15_000)
    [new] = received(session, foreign_org, row, given(session, org, row))
    planned = net_waste(session, org)
    assert planned > 0
    clock.move(timedelta(days=365))
    manager = acting(session, foreign_org)
    [again] = hand_over(
        session,
        manager,
        [
            HandOver(
                handed_over_on=clock.today(),
                item_ids=[new.id],
                to_unit_id=foreign_org.other_unit_id,
                to_place_id=foreign_org.room_id,
            )
        ],
    )
    [line] = [each for each in lines_of(session, foreign_org) if each.handover_id == again.id]
    receive(session, manager, [Receive(handover_line_ids=[line.id])])
    stands = [
        each
        for each in session.scalars(select(LedgerEntry).where(LedgerEntry.org_id == org.org_id))
        if each.view == View.NET and each.reverses_id is None
    ]
    newest = max(stands, key=lambda each: each.booked_at)
    assert newest.inputs["values"]["extra_life"]["value"] == "12"
    assert 0 < net_waste(session, org) == newest.waste_g < planned
    undo(session, manager, [Undo(handover_line_ids=[line.id])])
    assert net_waste(session, org) == planned
    assert [entries_hold(session, each.org_id) for each in (org, foreign_org)] == [6, 10]


def test_what_is_sold_is_income_of_one_and_a_cost_of_the_other(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    priced: dict[str, Any] = {"terms": "price", "price_ore": 50_000}
    row = promised(session, org, foreign_org, 1, category_id="CHAIR_TASK", **priced)
    [old] = pieces_of(session, row)
    received(session, foreign_org, row, given(session, org, row))
    assert old.state is ItemState.SOLD
    [giver], [taker] = booked(session, org), booked(session, foreign_org)
    assert giver.inputs["values"]["sale_income"]["value"] == "50000"
    assert taker.inputs["values"]["cost_price"]["value"] == "50000"


def test_what_bids_were_made_for_is_given_with_its_price_and_both_books_hold_it_without_vat(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    a_public_page(session, org, vat_percent=25)
    row = promised(session, org, foreign_org, 1, category_id="CHAIR_TASK", terms="offers")
    with pytest.raises(Invalid) as refused:
        given(session, org, row)
    assert list(refused.value.by_field) == ["price_ore"]
    received(session, foreign_org, row, given(session, org, row, price_ore=50_000))
    [giver], [taker] = booked(session, org), booked(session, foreign_org)
    assert giver.source is FulfilmentSource.SOLD
    assert giver.inputs["values"]["sale_income"]["value"] == "40000"
    assert taker.inputs["values"]["cost_price"]["value"] == "40000"


def test_each_piece_keeps_the_day_on_which_it_left_after_it_was_asked_for(
    session: Session, org: Organised, foreign_org: Organised, clock: MovedClock
) -> None:
    row = promised(session, org, foreign_org, 2)
    first, _ = pieces_of(session, row)
    asked = clock.today()
    for day in (asked - timedelta(days=1), asked + timedelta(days=1)):
        with pytest.raises(Invalid) as refused:
            given(session, org, row, handed_over_on=day)
        assert list(refused.value.by_field) == ["handed_over_on"]
    given(session, org, row, [first.id])
    clock.move(timedelta(days=3))
    both = given(session, org, row)
    received(session, foreign_org, row, both, transport_ore=10_000)
    own = session.execute(
        select(Handover.handed_over_on, Handover.transport_ore)
        .where(Handover.org_id == foreign_org.org_id)
        .order_by(Handover.handed_over_on)
    )
    assert [tuple(each) for each in own] == [(asked, None), (clock.today(), 10_000)]


def test_a_wrong_receipt_gives_the_piece_and_its_label_back_and_both_ledgers_reverse(
    session: Session, org: Organised, foreign_org: Organised, clock: MovedClock
) -> None:
    row = promised(session, org, foreign_org, 2, category_id="CHAIR_TASK", mass_g=15_000)
    old = pieces_of(session, row)
    places = [each.place_id for each in old]
    label = session.scalars(select(Code.code).where(Code.item_id == old[0].id)).one()
    new = received(session, foreign_org, row, given(session, org, row))
    own = lines_of(session, foreign_org)
    wrong = [Undo(handover_line_ids=[each.id for each in own])]
    manager = acting(session, foreign_org)
    undo(session, manager, wrong)
    assert {each.state for each in new} == {ItemState.DELETED}
    assert [(each.state, each.place_id) for each in old] == [
        (ItemState.IN_USE, place) for place in places
    ]
    found = find_by_code(session, label)
    assert found is not None
    assert (found.org_id, found.item_id) == (org.org_id, old[0].id)
    assert row.state is OutsideState.APPROVED
    for each in (org, foreign_org):
        assert sum(entry.waste_g for entry in booked(session, each)) == 0
    with pytest.raises(HandoverUndone):
        undo(session, manager, wrong)
    # Given and received anew, the piece is used, and then it stays.
    lines = [each for each in given(session, org, row) if each.undone_at is None]
    clock.move(timedelta(minutes=1))
    received(session, foreign_org, row, lines)
    [first, _] = [each for each in lines_of(session, foreign_org) if each.undone_at is None]
    clock.move(timedelta(minutes=1))
    move(session, manager, [Move(item_id=first.item_id, place_id=foreign_org.storage_id)])
    with pytest.raises(UsedSinceReceived):
        undo(session, manager, [Undo(handover_line_ids=[first.id])])
