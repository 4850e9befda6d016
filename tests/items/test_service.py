"""Registering, editing, moving and mending pieces."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.items import queries, search, service
from app.items.commands import Delete, Edit, Identify, Merge, Move, NewIdentifier, OfItem, Register
from app.items.models import Code, IdentifierKind, Item, MeasurementKind
from app.items.queries_history import history_of
from app.items.rules import Condition, ItemState
from app.items.service_codes import CodeTaken, mint_codes
from app.items.service_lifecycle import Arrival, ItemNotThere, Return
from app.kit.errors import Forbidden, Invalid, NotFound
from app.kit.events import EventRow
from tests.databases import RolledBackDatabase
from tests.factories import CHAIR, an_item, some_items
from tests.people import ActorOf, Organised


def _command(org: Organised, **fields: object) -> Register:
    return Register.model_validate(
        {"category_id": CHAIR, "owner_unit_id": org.unit_id, "place_id": org.room_id, **fields}
    )


def _kinds(session: Session, item_id: UUID) -> list[str]:
    rows = select(EventRow.kind).where(EventRow.subject_id == item_id).order_by(EventRow.at)
    return list(session.scalars(rows))


def test_thirty_like_chairs_are_one_lot_with_thirty_codes(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    items = service.register(
        session, actor(), [_command(org, quantity=30, measurements={"seat_height": 450})]
    )
    codes = queries.codes_of(session, actor(), [item.id for item in items])
    measured = queries.measurements_of(session, actor(), [item.id for item in items])
    assert len(items) == 30
    assert len({item.lot_id for item in items}) == 1
    assert len(set(codes.values())) == 30
    assert all(each == {MeasurementKind.SEAT_HEIGHT: 450} for each in measured.values())
    assert len(measured) == 30
    assert {item.state for item in items} == {ItemState.IN_USE}


def test_what_register_gives_is_what_the_database_holds(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    item = service.register(session, actor(), [_command(org, width_mm=635, colour="blå")])[0]
    given = {column.key: getattr(item, column.key) for column in Item.__table__.columns}
    session.expire_all()
    kept = session.scalars(select(Item).where(Item.id == item.id)).one()
    assert {column.key: getattr(kept, column.key) for column in Item.__table__.columns} == given


def test_a_piece_without_a_name_gets_its_category_s(session: Session, org: Organised) -> None:
    assert an_item(session, org).name == "Kontorstol"


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, ItemState.IN_USE),
        ({"is_free": True}, ItemState.AVAILABLE),
        ({"is_draft": True, "is_free": True}, ItemState.DRAFT),
    ],
)
def test_a_new_piece_is_in_use_free_or_a_draft(
    session: Session, org: Organised, fields: dict[str, bool], state: ItemState
) -> None:
    assert an_item(session, org, **fields).state is state


def test_blank_codes_are_bound_in_order_and_the_rest_are_minted(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    blank = list(mint_codes(session, org.org_id, 2))
    items = some_items(session, org, 3, codes=blank)
    codes = queries.codes_of(session, actor(), [item.id for item in items])
    assert [codes[item.id] for item in items[:2]] == blank
    assert codes[items[2].id] not in blank
    assert "code-bound" in _kinds(session, items[0].id)


def test_a_code_that_is_taken_registers_nothing(
    database: RolledBackDatabase, org: Organised
) -> None:
    with database.write() as session:
        taken = session.scalars(
            select(Code.code).where(Code.item_id == an_item(session, org).id)
        ).one()
    with pytest.raises(CodeTaken), database.write() as session:
        an_item(session, org, codes=[taken])
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Item)) == 1


@pytest.mark.parametrize("field", ["owner_unit_id", "place_id", "product_model_id"])
def test_what_is_another_organisation_s_is_refused_at_the_field(
    session: Session, org: Organised, foreign_org: Organised, actor: ActorOf, field: str
) -> None:
    foreign = {
        "owner_unit_id": foreign_org.unit_id,
        "place_id": foreign_org.room_id,
        "product_model_id": uuid4(),
    }
    with pytest.raises(Invalid) as refused:
        service.register(session, actor(), [_command(org, **{field: foreign[field]})])
    assert list(refused.value.by_field) == [field]


def test_one_wrong_command_of_several_is_named_by_its_index(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    commands = [_command(org), _command(org, category_id="NO_SUCH")]
    with pytest.raises(Invalid) as refused:
        service.register(session, actor(), commands)
    assert list(refused.value.by_field) == ["1/category_id"]
    assert session.scalar(select(func.count()).select_from(Item)) == 0


def test_an_id_of_the_caller_s_is_kept_and_taken_once(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    mine = uuid4()
    assert service.register(session, actor(), [_command(org, id=mine)])[0].id == mine
    with pytest.raises(service.ItemRegisteredAlready):
        service.register(session, actor(), [_command(org, id=mine)])
    with pytest.raises(service.ItemRegisteredAlready):
        service.register(session, actor(), [_command(org, id=uuid4())] * 2)


def test_a_chair_is_not_measured_in_square_metres(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    with pytest.raises(Invalid) as refused:
        service.register(session, actor(), [_command(org, amount="2.5")])
    assert list(refused.value.by_field) == ["amount"]


def test_an_employee_registers_nothing(session: Session, org: Organised, actor: ActorOf) -> None:
    with pytest.raises(Forbidden):
        service.register(session, actor(Role.EMPLOYEE), [_command(org)])


def test_a_registered_piece_is_found_by_its_words_until_it_is_deleted(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    item = an_item(session, org, name="Lenestol i ull")

    def found() -> list[UUID]:
        where = search.matching(session, "lenestol", org_id=org.org_id)
        return list(session.scalars(select(Item.id).where(where)))

    assert found() == [item.id]
    service.delete(session, actor(), [Delete(item_id=item.id, reason="Fantes ikke")])
    assert found() == []


def test_an_edit_changes_the_named_fields_and_keeps_before_and_after(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    item = an_item(session, org, name="Stol", colour="blå", width_mm=600)
    edited = service.edit(
        session,
        actor(),
        [Edit(item_id=item.id, version=item.version, name="Pall", colour=None)],
    )[0]
    assert (edited.name, edited.colour, edited.width_mm, edited.version) == ("Pall", None, 600, 2)
    newest = history_of(session, actor(), item.id)
    changes = next(each.changes for each in newest if each.kind == "item-edited")
    assert [(each.label, each.before, each.after) for each in changes] == [
        ("Farge", "blå", "—"),
        ("Navn", "Stol", "Pall"),
    ]


def test_an_edit_that_names_nothing_changes_nothing(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    item = an_item(session, org)
    service.edit(session, actor(), [Edit(item_id=item.id, version=1)])
    assert item.version == 1
    assert _kinds(session, item.id) == ["item-registered"]


def test_new_measurements_make_a_new_version(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    item = an_item(session, org, measurements={"seat_height": 450})
    command = Edit(item_id=item.id, version=1, measurements={MeasurementKind.SEAT_HEIGHT: 460})
    service.edit(session, actor(), [command])
    session.flush()
    assert item.version == 2
    assert queries.measurements_of(session, actor(), [item.id])[item.id] == {
        MeasurementKind.SEAT_HEIGHT: 460
    }
    happened = {each.kind: each for each in history_of(session, actor(), item.id)}
    change = happened["item-edited"].changes[0]
    assert (change.label, change.before, change.after) == (
        "Setehøyde",
        "45\xa0cm",
        "46\xa0cm",
    )


def test_the_second_of_two_editors_is_told_what_stands_now(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    item = an_item(session, org, name="Stol")
    service.edit(session, actor(), [Edit(item_id=item.id, version=1, name="Først")])
    with pytest.raises(service.ItemStale) as stale:
        service.edit(session, actor(), [Edit(item_id=item.id, version=1, name="Sist")])
    assert stale.value.members["current_version"] == 2
    current = stale.value.members["current"]
    assert isinstance(current, dict)
    assert current["name"] == "Først"
    assert item.name == "Først"


def test_an_edited_place_is_a_move_in_the_history(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    item = an_item(session, org)
    command = Edit(item_id=item.id, version=1, place_id=org.storage_id, name="Ny")
    service.edit(session, actor(), [command])
    moved, edited = sorted(
        (each for each in history_of(session, actor(), item.id) if each.changes),
        key=lambda each: each.kind,
        reverse=True,
    )
    assert (moved.kind, moved.changes[0].after) == ("item-moved", "Bygg A › Lager")
    assert (edited.kind, edited.changes[0].after) == ("item-edited", "Ny")


def test_a_piece_is_moved_with_its_holder(session: Session, org: Organised, actor: ActorOf) -> None:
    item = an_item(session, org)
    to = Move(item_id=item.id, place_id=org.storage_id, unit_id=org.other_unit_id)
    service.move(session, actor(), [to])
    assert (item.place_id, item.holder_unit_id) == (org.storage_id, org.other_unit_id)
    assert item.owner_unit_id == org.unit_id


def test_another_organisation_s_piece_is_not_there(
    session: Session, org: Organised, foreign_org: Organised, actor: ActorOf
) -> None:
    item = an_item(session, foreign_org)
    verbs: list[Callable[[], object]] = [
        lambda: service.move(session, actor(), [Move(item_id=item.id, place_id=org.room_id)]),
        lambda: service.edit(session, actor(), [Edit(item_id=item.id, version=1, name="X")]),
        lambda: service.free(session, actor(), [OfItem(item_id=item.id)]),
        lambda: service.delete(session, actor(), [Delete(item_id=item.id, reason="Feil")]),
        lambda: history_of(session, actor(), item.id),
    ]
    for verb in verbs:
        with pytest.raises(NotFound):
            verb()
    assert (item.state, item.place_id) == (ItemState.IN_USE, foreign_org.room_id)


def test_a_piece_is_freed_once(session: Session, org: Organised, actor: ActorOf) -> None:
    item = an_item(session, org)
    service.free(session, actor(), [OfItem(item_id=item.id)])
    assert item.state is ItemState.AVAILABLE
    with pytest.raises(ItemNotThere):
        service.free(session, actor(), [OfItem(item_id=item.id)])


def test_the_workshop_and_a_loss_lead_back_to_what_was_before(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    item = an_item(session, org, is_free=True)
    command = [OfItem(item_id=item.id)]
    service.send_to_workshop(session, actor(), command)
    service.back_from_workshop(session, actor(), command)
    assert item.state is ItemState.AVAILABLE
    service.miss(session, actor(), command)
    service.find(session, actor(), command)
    assert item.state is ItemState.AVAILABLE


def test_a_handover_moves_owner_holder_and_place_and_its_undoing_moves_them_back(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    item = an_item(session, org, is_free=True)
    service.pick_up(session, actor(), [item])
    assert str(item.state) == ItemState.IN_TRANSIT
    service.receive(session, actor(), [Arrival(item, org.other_unit_id, org.storage_id, False)])
    session.flush()
    assert str(item.state) == ItemState.IN_USE
    assert (item.owner_unit_id, item.place_id) == (org.other_unit_id, org.storage_id)
    back = Return(item, org.unit_id, org.unit_id, org.room_id)
    service.undo_handover(session, actor(), [back])
    assert str(item.state) == ItemState.AVAILABLE
    assert (item.owner_unit_id, item.holder_unit_id, item.place_id) == (
        org.unit_id,
        org.unit_id,
        org.room_id,
    )
    assert _kinds(session, item.id) == [
        "item-registered",
        "item-picked-up",
        "item-received",
        "item-returned",
    ]


def test_a_piece_received_in_storage_is_free(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    item = an_item(session, org)
    service.pick_up(session, actor(), [item])
    service.receive(session, actor(), [Arrival(item, org.unit_id, org.storage_id, True)])
    assert item.state is ItemState.AVAILABLE


def test_a_merged_piece_hands_its_code_and_identifiers_on(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    twice = an_item(
        session, org, identifiers=[NewIdentifier(kind=IdentifierKind.EAN, value="7044")]
    )
    right = an_item(session, org)
    code = queries.codes_of(session, actor(), [twice.id])[twice.id]
    kept = service.merge(session, actor(), [Merge(item_id=twice.id, into_id=right.id)])
    session.flush()
    assert kept == [right]
    assert (twice.state, twice.merged_into_id) == (ItemState.MERGED, right.id)
    assert session.scalar(select(Code.item_id).where(Code.code == code)) == right.id
    assert [row.value for row in session.scalars(queries.identifiers_of(actor(), right.id))] == [
        "7044"
    ]
    assert history_of(session, actor(), twice.id)[0].kind in {"item-merged", "item-registered"}


def test_a_piece_is_not_merged_into_itself(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    item = an_item(session, org)
    with pytest.raises(Invalid):
        service.merge(session, actor(), [Merge(item_id=item.id, into_id=item.id)])


def test_a_deleted_piece_is_seen_nowhere_and_its_reason_stands_in_the_history(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    item = an_item(session, org)
    service.delete(session, actor(), [Delete(item_id=item.id, reason="Var naboens")])
    assert list(session.scalars(queries.items_visible_to(actor()))) == []
    changes = {
        change.field: change.after
        for each in history_of(session, actor(), item.id)
        for change in each.changes
    }
    assert changes["reason"] == "Var naboens"
    with pytest.raises(Forbidden):
        service.delete(session, actor(Role.SURVEYOR), [Delete(item_id=item.id, reason="Feil")])


def test_a_foreign_code_is_added_once(session: Session, org: Organised, actor: ActorOf) -> None:
    item = an_item(session, org)
    command = Identify(item_id=item.id, kind=IdentifierKind.SERIAL, value="A-1")
    service.identify(session, actor(), [command])
    with pytest.raises(service.IdentifierThereAlready):
        service.identify(session, actor(), [command])
    assert Condition.B is item.condition


def test_registering_nothing_registers_nothing(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    assert service.register(session, actor(), []) == []
    assert session.scalar(select(func.count()).select_from(Item)) == 0
