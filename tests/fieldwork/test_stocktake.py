"""Counting a room: found, missing, unexpected, unlabelled, and what is decided about them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.fieldwork import queries_stocktake, views_stocktake
from app.fieldwork.models import Stocktake, StocktakeScan
from app.fieldwork.rules_stocktake import Decision, Sighting, StocktakeState, sighting_of
from app.fieldwork.service_count import (
    Count,
    CountUnlabelled,
    Decide,
    OneScan,
    count,
    count_unlabelled,
    decide,
)
from app.fieldwork.service_stocktake import (
    Begin,
    OfStocktake,
    StocktakeClosed,
    StocktakeIdTaken,
    begin,
    cancel,
    finish,
    reopen,
)
from app.items import service, service_codes
from app.items.commands import Move, OfItem
from app.items.models import Item
from app.items.rules import ItemState
from app.items.service_codes import CancelPrintBatch, PrintBlank
from app.kit.clock import MovedClock
from app.kit.codes import mint
from app.kit.db import Database
from app.kit.errors import Forbidden, Invalid, NotFound
from tests.factories import an_item, some_items
from tests.fieldwork.rooms import acting, door, labels_of, mistyped
from tests.people import Organised, organised

S = Sighting


def scan(session: Session, org: Organised, row: Stocktake, *texts: str) -> list[Sighting]:
    command = Count(stocktake_id=row.id, scans=[OneScan(text=each) for each in texts])
    answers = count(session, acting(session, org), command)
    session.flush()
    return [each.sighting for each in answers]


def begun(session: Session, org: Organised) -> Stocktake:
    return begin(session, acting(session, org), Begin(place_id=org.room_id))


def numbers(session: Session, org: Organised, row: Stocktake) -> tuple[int, ...]:
    """Expected, found, missing, unexpected, unlabelled."""
    session.flush()
    found = queries_stocktake.counts_of(session, acting(session, org), [row.id])[row.id]
    return found.expected, found.found, found.missing, found.unexpected, found.unlabelled


@pytest.mark.parametrize(
    ("state", "is_expected", "is_here", "wanted"),
    [
        (ItemState.IN_USE, True, True, S.FOUND),
        (ItemState.IN_USE, True, False, S.FOUND),
        (ItemState.DRAFT, False, True, S.FOUND),
        (ItemState.AVAILABLE, False, False, S.UNEXPECTED),
        (ItemState.IN_WORKSHOP, False, False, S.UNEXPECTED),
        (ItemState.IN_TRANSIT, True, True, S.ON_ITS_WAY),
        (ItemState.LOST, False, True, S.WAS_LOST),
        (ItemState.SOLD, False, True, S.HAS_LEFT),
        (ItemState.DISPOSED, True, False, S.HAS_LEFT),
    ],
)
def test_what_a_scan_means(
    state: ItemState,
    is_expected: bool,  # noqa: FBT001
    is_here: bool,  # noqa: FBT001
    wanted: Sighting,
) -> None:
    assert sighting_of(state, is_expected=is_expected, is_here=is_here) is wanted


def test_found_missing_unexpected_and_unlabelled_are_told_apart(
    session: Session, org: Organised
) -> None:
    chairs = some_items(session, org, 4)
    stray = an_item(session, org, place_id=org.storage_id)
    an_item(session, org, state=ItemState.IN_WORKSHOP)
    codes = labels_of(session, org, [*chairs, stray])
    row = begun(session, org)

    assert scan(session, org, row, codes[0], codes[1], codes[4]) == [S.FOUND, S.FOUND, S.UNEXPECTED]
    command = CountUnlabelled(stocktake_id=row.id, count=3, note="Stoler i kroken")
    count_unlabelled(session, acting(session, org), command)

    assert numbers(session, org, row) == (4, 2, 2, 1, 3)
    report = views_stocktake.report(session, acting(session, org), row)
    assert {piece.id for piece in report.missing} == {chairs[2].id, chairs[3].id}
    assert [piece.can_miss for piece in report.missing] == [False, False]
    assert [piece.can_move for piece in report.unexpected] == [True]
    assert chairs[0].last_seen_place_id == org.room_id


def test_a_piece_counts_once_however_often_it_is_scanned(session: Session, org: Organised) -> None:
    (code,) = labels_of(session, org, [an_item(session, org)])
    row = begun(session, org)

    assert scan(session, org, row, code, code) == [S.FOUND, S.AGAIN]
    assert scan(session, org, row, code) == [S.AGAIN]
    assert numbers(session, org, row) == (1, 1, 0, 0, 0)


def test_codes_that_are_no_pieces_of_ours_are_kept_but_for_mistyped_ones_and_rooms(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    actor = acting(session, org)
    batch, (cancelled,) = service_codes.print_blank(session, actor, PrintBlank(count=1))
    service_codes.cancel_print_batch(session, actor, CancelPrintBatch(print_batch_id=batch.id))
    _, (blank,) = service_codes.print_blank(session, actor, PrintBlank(count=1))
    foreign = labels_of(session, foreign_org, [an_item(session, foreign_org)])[0]
    wrong = mistyped(mint())
    row = begun(session, org)

    found = scan(
        session,
        org,
        row,
        *(blank, cancelled, foreign, "7391234567890", wrong, wrong),
        *(door(session, org.room_id), blank),
    )

    assert found == [
        *(S.BLANK, S.CANCELLED, S.UNKNOWN, S.UNKNOWN, S.MISTYPED, S.MISTYPED),
        *(S.PLACE, S.AGAIN),
    ]
    strays = session.scalars(queries_stocktake.strays_of(actor, row.id)).all()
    assert {each.text for each in strays} == {blank, cancelled, foreign, "7391234567890"}


def test_a_lost_piece_is_found_by_its_scan_and_moved_here_by_one_tap(
    session: Session, org: Organised
) -> None:
    actor = acting(session, org)
    lost = an_item(session, org, place_id=org.storage_id)
    (code,) = labels_of(session, org, [lost])
    service.miss(session, actor, [OfItem(item_id=lost.id)])
    row = begun(session, org)

    assert scan(session, org, row, code) == [S.WAS_LOST]
    assert (lost.state, lost.place_id) == (ItemState.IN_USE, org.storage_id)
    asked = Decide(stocktake_id=row.id, item_ids=[lost.id], decision=Decision.MOVED_HERE)
    assert [decide(session, actor, asked).settled for _ in range(2)] == [1, 0]
    assert lost.place_id == org.room_id


def test_missing_pieces_become_lost_only_by_decision_and_only_after_the_end(
    session: Session, org: Organised
) -> None:
    actor = acting(session, org)
    gone, kept, draft = some_items(session, org, 3)
    draft.state = ItemState.DRAFT
    row = begun(session, org)
    everything = [gone.id, kept.id, draft.id]
    lose = Decide(stocktake_id=row.id, item_ids=[gone.id, draft.id], decision=Decision.LOST)
    keep = Decide(stocktake_id=row.id, item_ids=[kept.id], decision=Decision.KEPT)

    with pytest.raises(StocktakeClosed):
        decide(session, actor, lose)
    finish(session, actor, OfStocktake(stocktake_id=row.id))
    assert {
        item.state for item in session.scalars(select(Item).where(Item.id.in_(everything)))
    } == {
        ItemState.IN_USE,
        ItemState.DRAFT,
    }
    assert decide(session, actor, lose).settled == 1
    assert decide(session, actor, keep).settled == 1

    assert (gone.state, kept.state, draft.state) == (
        ItemState.LOST,
        ItemState.IN_USE,
        ItemState.DRAFT,
    )
    report = views_stocktake.report(session, actor, row)
    assert {piece.decision for piece in report.missing} == {
        "Meldt savnet",
        "Står som registrert",
        "",
    }


def test_what_moved_or_left_meanwhile_is_neither_missing_nor_lost(
    session: Session, org: Organised
) -> None:
    actor = acting(session, org)
    moved, sold = some_items(session, org, 2)
    row = begun(session, org)
    service.move(session, actor, [Move(item_id=moved.id, place_id=org.storage_id)])
    sold.state = ItemState.SOLD
    finish(session, actor, OfStocktake(stocktake_id=row.id))

    asked = Decide(stocktake_id=row.id, item_ids=[moved.id, sold.id], decision=Decision.LOST)
    assert decide(session, actor, asked).settled == 0
    report = views_stocktake.report(session, actor, row)
    assert (report.missing, len(report.elsewhere)) == ([], 2)


def test_a_finished_count_takes_only_scans_made_before_its_end_and_not_for_ever(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    actor = acting(session, org)
    items = some_items(session, org, 2)
    codes = labels_of(session, org, items)
    row = begun(session, org)
    clock.move(timedelta(minutes=10))
    finish(session, actor, OfStocktake(stocktake_id=row.id))
    lose = Decide(stocktake_id=row.id, item_ids=[items[0].id], decision=Decision.LOST)
    decide(session, actor, lose)
    before = OneScan(text=codes[0], at=clock.now() - timedelta(minutes=5))
    clock.move(timedelta(days=1))

    late = count(session, actor, Count(stocktake_id=row.id, scans=[before]))

    assert [each.sighting for each in late] == [S.WAS_LOST]
    assert items[0].state is ItemState.IN_USE
    assert numbers(session, org, row)[:3] == (2, 1, 1)
    with pytest.raises(StocktakeClosed):
        scan(session, org, row, codes[1])
    clock.move(timedelta(days=14))
    with pytest.raises(StocktakeClosed):
        count(session, actor, Count(stocktake_id=row.id, scans=[before]))


def test_ending_reopening_and_cancelling(session: Session, org: Organised) -> None:
    actor = acting(session, org)
    (code,) = labels_of(session, org, [an_item(session, org)])
    first = begun(session, org)
    this = OfStocktake(stocktake_id=first.id)
    finish(session, actor, this)
    with pytest.raises(StocktakeClosed):
        finish(session, actor, this)
    reopen(session, actor, this)
    assert (first.state, first.finished_at) == (StocktakeState.OPEN, None)
    assert scan(session, org, first, code) == [S.FOUND]
    finish(session, actor, this)
    second = begun(session, org)
    with pytest.raises(StocktakeClosed):
        reopen(session, actor, this)
    cancel(session, actor, OfStocktake(stocktake_id=second.id))
    with pytest.raises(StocktakeClosed):
        scan(session, org, second, code)


def test_a_phone_that_began_without_coverage_joins_the_count_that_was_open(
    session: Session, org: Organised
) -> None:
    actor = acting(session, org)
    (code,) = labels_of(session, org, [an_item(session, org)])
    row = begun(session, org)
    mine = Begin(place_id=org.room_id, id=uuid4())

    assert begin(session, actor, mine) is row
    assert begin(session, actor, mine) is row
    command = Count(stocktake_id=mine.id or uuid4(), scans=[OneScan(text=code)])
    count(session, actor, command)

    assert numbers(session, org, row)[:2] == (1, 1)
    with pytest.raises(StocktakeIdTaken):
        begin(session, actor, Begin(place_id=org.storage_id, id=mine.id))


def test_other_organisations_places_counts_and_ids_are_out_of_reach(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    actor = acting(session, org)
    theirs = begun(session, foreign_org)
    session.flush()
    session.expunge(theirs)  # another phone's request would not hold it either
    item = an_item(session, org)
    own = begun(session, org)
    foreign_item = an_item(session, foreign_org)

    with pytest.raises(Invalid):
        begin(session, actor, Begin(place_id=foreign_org.room_id))
    with pytest.raises(StocktakeIdTaken):
        begin(session, actor, Begin(place_id=org.storage_id, id=theirs.id))
    with pytest.raises(NotFound):
        finish(session, actor, OfStocktake(stocktake_id=theirs.id))
    for each in (foreign_item.id, item.id, uuid4()):
        asked = Decide(stocktake_id=own.id, item_ids=[each], decision=Decision.MOVED_HERE)
        with pytest.raises(NotFound):
            decide(session, actor, asked)
    with pytest.raises(Forbidden):
        begin(session, acting(session, org, Role.EMPLOYEE), Begin(place_id=org.room_id))


def test_two_who_count_one_room_at_once_share_one_count(
    new_database: Callable[[], Database],
) -> None:
    database = new_database()
    with database.write() as session:
        org = organised(session, database.clock)
        codes = labels_of(session, org, some_items(session, org, 30))
        actor = acting(session, org)

    def walk(texts: list[str]) -> tuple[UUID, list[Sighting]]:
        with database.write() as session:
            row = begin(session, actor, Begin(place_id=org.room_id))
        found = []
        for start in range(0, len(texts), 5):
            scans = [OneScan(text=each) for each in texts[start : start + 5]]
            with database.write() as session:
                command = Count(stocktake_id=row.id, scans=scans)
                found += [each.sighting for each in count(session, actor, command)]
        return row.id, found

    with ThreadPoolExecutor(2) as pool:
        (one, mine), (other, theirs) = pool.map(walk, [codes, codes[::-1]])

    assert one == other
    assert sorted([*mine, *theirs]) == [S.AGAIN] * 30 + [S.FOUND] * 30
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(StocktakeScan)) == 30
