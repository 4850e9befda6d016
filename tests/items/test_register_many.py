"""One way to register: many pieces at once leave what as many calls of one would have left."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Select, event, select, text
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, actor_of
from app.accounts.rules import Role
from app.items import search, service
from app.items.commands import Register
from app.items.models import Code, Item, ItemIdentifier, Measurement
from app.items.service_codes import mint_codes
from app.kit import chain_walk, codes
from app.kit.bulk import COPY_FROM
from app.kit.chain import ChainHead
from app.kit.db import Database, is_sqlite
from app.kit.events import EventRow
from tests.factories import CHAIR
from tests.people import ActorOf, Organised, organised

MANY = COPY_FROM * 2


def _commands(org: Organised) -> list[Register]:
    """Of every kind: lots, drafts, free ones, with measurements, foreign codes and without."""
    every: list[dict[str, Any]] = [
        {},
        {"name": "Stol «Ærlig»\tblå", "maker": "Kinnarps", "colour": "blå", "is_free": True},
        {"quantity": 3, "measurements": {"seat_height": 450, "length": 900}, "mass_g": 12_000},
        {"identifiers": [{"kind": "ean", "value": "7 036 110"}], "note": "linje\nto \\N"},
        {
            "quantity": 2,
            "identifiers": [
                {"kind": "serial", "value": "SN-4711/B"},
                {"kind": "serial", "value": "SN-4711/B"},
                {"kind": "import_key", "value": "rad 8"},
            ],
        },
        {"category_id": "OTHER_KG", "amount": "12.5", "is_draft": True, "new_price_ore": 100},
    ]
    where = {"category_id": CHAIR, "owner_unit_id": org.unit_id, "place_id": org.room_id}
    return [
        Register.model_validate({**where, "name": f"Ting {n}", **every[n % len(every)]})
        for n in range(MANY)
    ]


@pytest.fixture
def twins(
    new_database: Callable[[], Database],
) -> tuple[Database, tuple[Organised, Actor], tuple[Organised, Actor]]:
    """Two like organisations: one registers all at once, the other one by one."""
    database = new_database()
    made = []
    for name in ("Prøve", "Prøve to"):
        with database.write() as session:
            org = organised(session, database.clock, name)
        with database.read() as session:
            actor = actor_of(session, org.org_id, org.person_ids[Role.FURNITURE_MANAGER])
            assert actor is not None
            made.append((org, actor))
    return database, made[0], made[1]


def _words(session: Session, org_id: UUID) -> dict[UUID, set[str]]:
    """What the index holds, read past ``items/search.py``."""
    query = "SELECT item_id, words::text FROM item_search_row WHERE org_id = :org"
    own: dict[str, Any] = {"org": org_id}
    if is_sqlite(session):
        query = (
            "SELECT item_id, words FROM item_search JOIN item_search_row ON id = item_search.rowid"
            " WHERE org_id = :org"
        )
        own = {"org": org_id.hex}
    return {
        UUID(str(item_id)): set(words.replace("'", "").split())
        for item_id, words in session.execute(text(query), own)
    }


def _left(session: Session, org: Organised) -> list[Any]:
    """All that a registration left, piece by piece in order, with no id that is made anew."""
    names = {
        org.org_id: "org", org.unit_id: "unit", org.room_id: "room",
        org.person_ids[Role.FURNITURE_MANAGER]: "person",
    }  # fmt: skip
    seen: dict[UUID, str] = {}

    def told(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: told(each) for key, each in value.items()}
        if isinstance(value, str) and len(value) == 36:
            value = UUID(value)
        if isinstance(value, UUID):
            return names.get(value) or seen.setdefault(value, f"id {len(seen)}")
        return value

    def rows(query: Select[Any]) -> list[Any]:
        return [
            {key: told(value) for key, value in row._mapping.items()}
            for row in session.execute(query)
        ]

    events = EventRow.metadata.tables["event"]
    links = EventRow.metadata.tables["chain_link"]
    own = select(events, links.c.table_name).join(
        links, (links.c.row_id == events.c.id) & (links.c.org_id == events.c.org_id)
    )
    left: list[Any] = []
    words = _words(session, org.org_id)
    in_order = own.where(events.c.org_id == org.org_id).order_by(links.c.seq)
    for subject_id in [row.subject_id for row in session.execute(in_order)]:
        of_piece = {"item_id": subject_id}
        left.append(rows(select(Item.__table__).filter_by(id=subject_id)))
        for model, order in ((Measurement, "kind"), (ItemIdentifier, "value")):
            left.append(rows(select(model.__table__).filter_by(**of_piece).order_by(order)))
        (label,) = session.execute(select(Code.__table__).filter_by(**of_piece)).mappings()
        assert codes.is_code(label["code"])
        left.append({key: told(value) for key, value in label.items() if key != "code"})
        left.append(sorted(words.pop(subject_id) - {label["code"].lower(), f"o{org.org_id.hex}"}))
    assert words == {}
    return [*left, rows(in_order)]


def test_all_at_once_leaves_what_one_by_one_leaves(
    twins: tuple[Database, tuple[Organised, Actor], tuple[Organised, Actor]],
) -> None:
    database, (org, actor), (other, other_actor) = twins
    with database.write() as session:
        service.register(session, actor, _commands(org))
    for command in _commands(other):
        with database.write() as session:
            service.register(session, other_actor, [command])
    with database.read() as session:
        at_once, one_by_one = _left(session, org), _left(session, other)
        assert len(at_once) > MANY
        assert at_once == one_by_one
        for each in (org, other):
            found = chain_walk.verify(
                session, each.org_id, {"event": EventRow.metadata.tables["event"]}
            )
            assert isinstance(found, ChainHead)
            known = text("SELECT count(*) FROM item_search_word WHERE org_id = :org")
            key = each.org_id.hex if is_sqlite(session) else each.org_id
            assert session.scalar(known, {"org": key})


def test_a_new_piece_has_the_words_it_would_get_by_indexing_it_anew(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    items = service.register(session, actor(), _commands(org))
    before = _words(session, org.org_id)
    search.index(session, items)
    assert _words(session, org.org_id) == before


def test_pieces_with_blank_labels_are_found_by_them(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    blank = mint_codes(session, org.org_id, 2)
    command = _commands(org)[0].model_copy(update={"codes": list(blank), "quantity": 3})
    items = service.register(session, actor(), [command, *_commands(org)])
    words = _words(session, org.org_id)
    assert words.keys() == {item.id for item in items}
    assert [blank[n].lower() in words[items[n].id] for n in (0, 1)] == [True, True]


def test_what_is_made_ready_writes_nothing_until_it_is_entered(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    new = service.make_ready(session, actor(), _commands(org))
    pieces = select(Item.id).where(Item.org_id == org.org_id)
    assert session.scalars(pieces).all() == []
    service.enter(session, actor(), new)
    assert set(session.scalars(pieces)) == {row["id"] for row in new.items}


def test_many_pieces_take_no_more_statements_than_one(
    twins: tuple[Database, tuple[Organised, Actor], tuple[Organised, Actor]],
) -> None:
    database, (org, actor), _ = twins
    counts = []
    for quantity in (1, 400):
        command = _commands(org)[0].model_copy(update={"quantity": quantity})
        sent: list[str] = []
        with database.write() as session:
            connection = session.connection()
            event.listen(
                connection, "before_cursor_execute", lambda *told, sent=sent: sent.append(told[2])
            )
            service.register(session, actor, [command])
        counts.append(len(sent))
    assert counts[0] <= counts[1] <= 13


def test_a_crash_in_the_middle_leaves_nothing(
    twins: tuple[Database, tuple[Organised, Actor], tuple[Organised, Actor]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    database, (org, actor), _ = twins

    def fails(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(search, "add", fails)
    with pytest.raises(RuntimeError), database.write() as session:
        service.register(session, actor, _commands(org))
    with database.read() as session:
        for model in (Item, EventRow, ItemIdentifier, Measurement, Code):
            rows = select(model.__table__).filter_by(org_id=org.org_id)
            assert session.execute(rows).all() == []
        assert session.get_one(ChainHead, org.org_id).seq == 0


def test_an_id_taken_in_the_meantime_is_met_by_the_key(
    session: Session, org: Organised, actor: ActorOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = _commands(org)[0].model_copy(update={"id": uuid4()})
    service.register(session, actor(), [command])
    monkeypatch.setattr("app.items.service_register._refuse_taken_ids", lambda *_: None)
    with pytest.raises(service.ItemRegisteredAlready), session.begin_nested():
        service.register(session, actor(), [command])
