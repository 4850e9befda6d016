"""Moving by scanning: in any order, with its undo, and what cannot be moved said scan by scan."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Membership, RoleGrant
from app.accounts.rules import Role
from app.fieldwork import views
from app.fieldwork.models import Relocation, RelocationLine
from app.fieldwork.rules import MoveOutcome
from app.fieldwork.service_move import Relocate, RelocationUndone, UndoRelocation, relocate, undo
from app.items import service, service_codes
from app.items.commands import Delete, Move, NewIdentifier, OfItem
from app.items.models import IdentifierKind, Item
from app.items.rules import ItemState
from app.items.service_codes import CancelPrintBatch, PrintBlank
from app.items.service_seen import See, at_first, see
from app.kit.clock import MovedClock
from app.kit.codes import grouped, mint
from app.kit.db import Database
from app.kit.errors import Forbidden, Invalid, NotFound
from app.kit.events import EventRow
from tests.factories import an_item, some_items
from tests.fieldwork.rooms import acting, door, labels_of, mistyped
from tests.people import Organised, organised


def lines(session: Session, row: Relocation) -> list[RelocationLine]:
    return list(
        session.scalars(
            select(RelocationLine)
            .where(RelocationLine.relocation_id == row.id)
            .order_by(RelocationLine.position)
        )
    )


def outcomes(session: Session, row: Relocation) -> list[str]:
    return [line.outcome.value for line in lines(session, row)]


def test_a_place_and_then_pieces_or_pieces_and_then_the_place(
    session: Session, org: Organised
) -> None:
    actor = acting(session, org)
    first, second = some_items(session, org, 2)
    codes = labels_of(session, org, [first, second])
    storage = f"HTTPS://TESTSERVER/P/{door(session, org.storage_id)}"

    relocate(session, actor, Relocate(codes=[storage, f"https://testserver/i/{codes[0]}"]))
    relocate(session, actor, Relocate(codes=[grouped(codes[1]).lower(), storage]))

    assert {first.place_id, second.place_id} == {org.storage_id}
    moved = select(EventRow).where(EventRow.kind == "item-moved")
    assert {row.subject_id for row in session.scalars(moved)} == {first.id, second.id}


def test_two_places_in_one_go(session: Session, org: Organised) -> None:
    first, second = some_items(session, org, 2)
    codes = labels_of(session, org, [first, second])
    places = [door(session, org.storage_id), door(session, org.building_id)]

    row = relocate(
        session, acting(session, org), Relocate(codes=[places[0], codes[0], places[1], codes[1]])
    )

    assert (first.place_id, second.place_id) == (org.storage_id, org.building_id)
    assert outcomes(session, row) == ["moved", "moved"]


def test_a_piece_scanned_twice_goes_where_it_was_scanned_last(
    session: Session, org: Organised
) -> None:
    item = an_item(session, org)
    (code,) = labels_of(session, org, [item])
    storage, building = door(session, org.storage_id), door(session, org.building_id)

    row = relocate(session, acting(session, org), Relocate(codes=[storage, code, building, code]))

    assert item.place_id == org.building_id
    assert outcomes(session, row) == ["again", "moved"]


def test_what_cannot_be_moved_says_why_and_stops_nothing_else(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    actor = acting(session, org)
    item, sold, deleted = some_items(session, org, 3)
    code, sold_code, deleted_code = labels_of(session, org, [item, sold, deleted])
    sold.state = ItemState.SOLD
    service.delete(session, actor, [Delete(item_id=deleted.id, reason="Fantes ikke")])
    batch, (blank, cancelled) = service_codes.print_blank(session, actor, PrintBlank(count=2))
    service_codes.bind(
        session, actor, [service_codes.Bind(code=blank, item_id=an_item(session, org).id)]
    )
    service_codes.cancel_print_batch(session, actor, CancelPrintBatch(print_batch_id=batch.id))
    _, (empty,) = service_codes.print_blank(session, actor, PrintBlank(count=1))
    foreign = labels_of(session, foreign_org, [an_item(session, foreign_org)])[0]
    foreign_room = door(session, foreign_org.room_id)

    row = relocate(
        session,
        actor,
        Relocate(
            codes=[
                door(session, org.storage_id),
                sold_code,
                deleted_code,
                cancelled,
                empty,
                mistyped(code),
                f"HTTPS://TESTSERVER/I/{mistyped(code)}",
                foreign,
                foreign_room,
                mint(),
                "7391234567890",
                code,
            ]
        ),
    )

    assert outcomes(session, row) == [
        "has_left",
        "cancelled",
        "cancelled",
        "blank",
        "mistyped",
        "mistyped",
        "unknown",
        "unknown",
        "unknown",
        "unknown",
        "moved",
    ]
    assert item.place_id == org.storage_id


def test_a_foreign_code_moves_the_piece_that_has_it_and_none_when_several_have(
    session: Session, org: Organised
) -> None:
    tag = NewIdentifier(kind=IdentifierKind.ASSET_TAG, value="INV-0042")
    ean = NewIdentifier(kind=IdentifierKind.EAN, value="7391234567890")
    tagged = an_item(session, org, identifiers=[tag, ean])
    other = an_item(session, org, identifiers=[ean])

    row = relocate(
        session,
        acting(session, org),
        Relocate(codes=["INV-0042", "7391234567890"], place_id=org.storage_id),
    )

    assert outcomes(session, row) == ["moved", "several"]
    assert (tagged.place_id, other.place_id) == (org.storage_id, org.room_id)


def test_an_asset_tag_that_is_used_again_means_the_piece_that_is_there(
    session: Session, org: Organised
) -> None:
    tag, shared, old = (
        NewIdentifier(kind=IdentifierKind.ASSET_TAG, value=each)
        for each in ("INV-0042", "INV-0043", "INV-0044")
    )
    gone = [an_item(session, org, identifiers=[tag, shared, old]) for _ in range(2)]
    gone[0].state, gone[1].state = ItemState.DISPOSED, ItemState.SOLD
    there, other = (
        an_item(session, org, identifiers=[tag, shared]),
        an_item(session, org, identifiers=[shared]),
    )
    session.flush()

    row = relocate(
        session,
        acting(session, org),
        Relocate(codes=["INV-0042", "INV-0043", "INV-0044"], place_id=org.storage_id),
    )

    assert outcomes(session, row) == ["moved", "several", "several"]
    assert (there.place_id, other.place_id) == (org.storage_id, org.room_id)
    assert {each.place_id for each in gone} == {org.room_id}


def test_a_lost_piece_that_is_scanned_is_found_where_it_was_scanned(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    actor = acting(session, org)
    item = an_item(session, org)
    (code,) = labels_of(session, org, [item])
    service.miss(session, actor, [OfItem(item_id=item.id)])

    row = relocate(session, actor, Relocate(codes=[code], place_id=org.storage_id))

    assert outcomes(session, row) == ["found"]
    session.refresh(item)
    assert (item.state, item.place_id) == (ItemState.IN_USE, org.storage_id)
    assert (item.last_seen_at, item.last_seen_place_id) == (clock.now(), org.storage_id)
    assert item.last_seen_by_id == actor.person_id


def test_a_sighting_changes_no_version_and_a_late_one_never_replaces_a_newer(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    actor = acting(session, org)
    item = an_item(session, org)
    clock.move(timedelta(days=1))
    version, now = item.version, clock.now()

    see(session, actor, [See(item_id=item.id, place_id=org.storage_id, seen_at=now)])
    late = now - timedelta(hours=1)
    see(session, actor, [See(item_id=item.id, place_id=org.room_id, seen_at=late)])

    session.refresh(item)
    assert (item.version, item.last_seen_at) == (version, now)
    assert item.last_seen_place_id == org.storage_id


def test_the_phones_clock_is_believed_unless_it_is_ahead(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    actor, items = acting(session, org), some_items(session, org, 2)
    codes = labels_of(session, org, items)
    yesterday = clock.now() - timedelta(days=1)
    tomorrow = clock.now() + timedelta(days=1)

    for code, at in zip(codes, (yesterday, tomorrow), strict=True):
        relocate(session, actor, Relocate(codes=[code], place_id=org.storage_id, at=at))

    for item in items:
        session.refresh(item)
    assert [item.last_seen_at for item in items] == [yesterday, clock.now()]


def test_a_move_that_waited_never_overrides_a_newer_one(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    actor, other = acting(session, org), acting(session, org, Role.SURVEYOR)
    items = some_items(session, org, 5)
    moved, scanned, seen, undone, untouched = items
    codes = labels_of(session, org, items)
    at = clock.now()
    clock.move(timedelta(minutes=30))
    service.move(session, other, [Move(item_id=moved.id, place_id=org.storage_id)])
    relocate(session, other, Relocate(codes=[codes[1]], place_id=org.storage_id))
    see(session, other, [See(item_id=seen.id, place_id=org.room_id, seen_at=clock.now())])
    there = relocate(session, other, Relocate(codes=[codes[3]], place_id=org.storage_id, at=at))
    undo(session, other, UndoRelocation(relocation_id=there.id))
    clock.move(timedelta(minutes=30))

    row = relocate(session, actor, Relocate(codes=codes, place_id=org.building_id, at=at))

    assert outcomes(session, row) == [*["moved_since"] * 4, "moved"]
    assert [each.place_id for each in items] == [
        *[org.storage_id] * 2,
        *[org.room_id] * 2,
        org.building_id,
    ]
    for late in lines(session, row)[:4]:
        assert (late.from_place_id, late.to_place_id) == (None, None)
    session.refresh(scanned)
    assert scanned.last_seen_place_id == org.storage_id
    shown = views.moved(session, actor, row)
    assert shown.retried == codes[:4]
    assert {each.said for each in shown.others} == {"Ikke flyttet: flyttet av noen etterpå"}
    again = relocate(session, actor, Relocate(codes=codes[:4], place_id=org.building_id))
    assert outcomes(session, again) == ["moved"] * 4
    assert undone.place_id == untouched.place_id == org.building_id


def test_moves_and_a_registration_that_waited_on_one_phone_arrive_in_their_order(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    actor = acting(session, org)
    first = clock.now()
    clock.move(timedelta(hours=1))  # the phone has coverage again and sends all of it
    item = an_item(session, org)
    (code,) = labels_of(session, org, [item])
    for name, value in at_first(True, item.place_id, item.created_at, actor.person_id).items():
        setattr(item, name, value)
    session.flush()
    sent = [(org.storage_id, first), (org.building_id, first + timedelta(minutes=20))]

    rows = [
        relocate(session, actor, Relocate(codes=[code], place_id=place, at=at))
        for place, at in sent
    ]

    assert [outcomes(session, row) for row in rows] == [["moved"], ["moved"]]
    assert item.place_id == org.building_id


def test_undoing_moves_back_what_nobody_has_moved_since(session: Session, org: Organised) -> None:
    actor = acting(session, org)
    items = some_items(session, org, 3)
    here = an_item(session, org, place_id=org.storage_id)
    codes = labels_of(session, org, [*items, here])
    row = relocate(session, actor, Relocate(codes=codes, place_id=org.storage_id))
    service.move(session, actor, [Move(item_id=items[1].id, place_id=org.building_id)])
    items[2].state = ItemState.SOLD
    session.flush()

    undo(session, actor, UndoRelocation(relocation_id=row.id))

    assert [item.place_id for item in items] == [org.room_id, org.building_id, org.storage_id]
    assert [line.is_undone for line in lines(session, row)] == [True, False, False, False]
    assert here.place_id == org.storage_id
    with pytest.raises(RelocationUndone):
        undo(session, actor, UndoRelocation(relocation_id=row.id))


@pytest.mark.parametrize("codes", [["7391234567890"], []])
def test_without_a_place_or_without_a_piece_nothing_is_done(
    session: Session, org: Organised, codes: list[str]
) -> None:
    actor = acting(session, org)
    (code,) = labels_of(session, org, [an_item(session, org)])

    for asked in ([code, *codes], [door(session, org.room_id)]):
        with pytest.raises(Invalid):
            relocate(session, actor, Relocate(codes=asked))
    assert session.scalars(select(Relocation)).all() == []


def test_another_organisations_place_and_move_are_not_found(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    actor = acting(session, org)
    item = an_item(session, org)
    (code,) = labels_of(session, org, [item])
    row = relocate(session, actor, Relocate(codes=[code], place_id=org.storage_id))

    with pytest.raises(Invalid):
        relocate(session, actor, Relocate(codes=[code], place_id=foreign_org.room_id))
    with pytest.raises(NotFound):
        undo(session, acting(session, foreign_org), UndoRelocation(relocation_id=row.id))
    with pytest.raises(NotFound):
        undo(session, actor, UndoRelocation(relocation_id=uuid4()))
    assert item.place_id == org.storage_id


def test_whoever_may_edit_one_units_pieces_moves_only_those(
    session: Session, org: Organised
) -> None:
    mine, theirs = an_item(session, org), an_item(session, org, owner_unit_id=org.other_unit_id)
    codes = labels_of(session, org, [mine, theirs])
    person_id = org.person_ids[Role.SURVEYOR]
    membership = session.scalars(select(Membership).where(Membership.person_id == person_id)).one()
    grants = select(RoleGrant).where(RoleGrant.membership_id == membership.id)
    session.scalars(grants).one().unit_id = org.unit_id
    session.flush()

    row = relocate(
        session,
        acting(session, org, Role.SURVEYOR),
        Relocate(codes=codes, place_id=org.storage_id),
    )

    assert outcomes(session, row) == ["moved", "not_yours"]
    with pytest.raises(Forbidden):
        relocate(session, acting(session, org, Role.EMPLOYEE), Relocate(codes=codes))


def test_two_people_who_move_the_same_pieces_at_once_both_get_an_answer(
    new_database: Callable[[], Database],
) -> None:
    database = new_database()
    with database.write() as session:
        org = organised(session, database.clock)
        items = some_items(session, org, 20)
        codes = labels_of(session, org, items)
        actor = acting(session, org)

    def send(asked: tuple[list[str], object]) -> set[MoveOutcome]:
        with database.write() as session:
            command = Relocate.model_validate({"codes": asked[0], "place_id": asked[1]})
            return {line.outcome for line in lines(session, relocate(session, actor, command))}

    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(send, [(codes, org.storage_id), (codes[::-1], org.building_id)]))

    assert both == [{MoveOutcome.MOVED}, {MoveOutcome.MOVED}]
    with database.read() as session:
        places = {item.place_id for item in session.scalars(select(Item))}
    assert len(places) == 1
