"""Pieces are found by the words people use, on both databases alike."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from app.accounts.actor import actor_of
from app.accounts.rules import Role
from app.catalogue.models import AmountUnit
from app.items import asking, search, words
from app.items.commands import Register
from app.items.models import Code, IdentifierKind, Item, ItemIdentifier
from app.items.rules import Condition, ItemState
from app.items.search import matching
from app.items.service import register
from app.items.service_codes import Bind, ReplaceLabel, bind, mint_codes, replace_label
from app.kit import codes
from app.kit.db import Database
from tests.factories import an_item
from tests.people import Organised, organised


def a_piece(session: Session, org: Organised, name: str, category: str, **more: object) -> Item:
    """A row written plainly: the index is tested, not registration."""
    item = Item(
        org_id=org.org_id,
        state=ItemState.IN_USE,
        category_id=category,
        lot_id=uuid4(),
        name=name,
        condition=Condition.B,
        amount_unit=AmountUnit.PIECE,
        owner_unit_id=org.unit_id,
        holder_unit_id=org.unit_id,
        place_id=org.room_id,
        created_at=session.info["clock"].now(),
        **more,
    )
    session.add(item)
    session.flush()
    return item


@pytest.fixture
def pieces(session: Session, org: Organised) -> dict[str, Item]:
    made = {
        "chair": a_piece(
            session,
            org,
            "HÅG Capisco 8106",
            "CHAIR_TASK",
            maker="HÅG",
            model="Capisco 8106",
            colour="grønn",
        ),
        "desk": a_piece(
            session, org, "Kinnarps 160x80", "DESK_SITSTAND", maker="Kinnarps", colour="hvit"
        ),
        "visitor": a_piece(session, org, "Café-stol Möbel", "CHAIR_VISITOR", colour="blå"),
        "bed": a_piece(session, org, "Sykehussenger", "BED_HOSPITAL"),
    }
    search.index(session, list(made.values()))
    return made


def found(session: Session, pieces: dict[str, Item], question: str, org: UUID | None = None) -> str:
    ids = set(
        session.scalars(select(Item.id).where(search.matching(session, question, org_id=org)))
    )
    return " ".join(sorted(name for name, item in pieces.items() if item.id in ids))


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("kontorstol", "chair"),
        ("kontorstoler", "chair"),
        ("Kontorstolene", "chair"),
        ("stol", "chair visitor"),
        ("stoler", "chair visitor"),
        ("kontor stol", "chair"),
        ("hev senk pult", "desk"),
        ("hev/senk-pult", "desk"),
        ("hevsenkpult", "desk"),
        ("skrivebord", "desk"),
        ("kinn", "desk"),
        ("capisco", "chair"),
        ("håg 8106", "chair"),
        ("HÅG", "chair"),
        ("160", "desk"),
        ("160x80", "desk"),
        ("grønn", "chair"),
        ("hvitt skrivebord", "desk"),
        ("cafe", "visitor"),
        ("CAFÉ", "visitor"),
        ("møbel", "visitor"),
        ("möbel", "visitor"),
        ("seng", "bed"),
        ("sykehusseng", "bed"),
        ("kontorstoll", "chair"),
        ("konotrstol", "chair"),
        ("kinarps", "desk"),
        ("sykehussneg", "bed"),
        ("", "bed chair desk visitor"),
        ("   ", "bed chair desk visitor"),
        ("stol sofa", ""),
        ("///", ""),
        ("flygel", ""),
    ],
)
def test_words_find_what_they_mean(
    session: Session, pieces: dict[str, Item], org: Organised, question: str, names: str
) -> None:
    assert found(session, pieces, question) == names
    assert found(session, pieces, question, org.org_id) == names


@pytest.mark.parametrize(
    "question", ['"', "' OR 1", "stol*", "(", "a:b", "NEAR(", "\x00", "!&|", "ŋ" * 300]
)
def test_no_sign_in_a_question_is_an_operator(
    session: Session, pieces: dict[str, Item], question: str
) -> None:
    found(session, pieces, question)


def test_a_piece_is_found_by_its_label_and_its_foreign_codes(
    session: Session, org: Organised
) -> None:
    item = a_piece(session, org, "Stol", "CHAIR_TASK")
    code = codes.mint()
    session.add(Code(code=code, org_id=org.org_id, item_id=item.id))
    session.add(
        ItemIdentifier(
            org_id=org.org_id, item_id=item.id, kind=IdentifierKind.EAN, value="7023450000017"
        )
    )
    search.index(session, [item])
    for question in (code, code.lower(), codes.grouped(code), "7023450000017", "702345"):
        assert found(session, {"it": item}, question) == "it"


def test_a_changed_piece_is_found_by_its_new_words_alone(session: Session, org: Organised) -> None:
    item = a_piece(session, org, "Konsoll", "CHAIR_TASK")
    search.index(session, [item])
    item.name = "Trommel"
    search.index(session, [item])
    assert found(session, {"it": item}, "trommel") == "it"
    assert found(session, {"it": item}, "konsoll") == ""


def test_a_forgotten_piece_is_not_found(session: Session, pieces: dict[str, Item]) -> None:
    search.forget(session, [pieces["chair"].id])
    assert found(session, pieces, "stol") == "visitor"


def test_the_index_can_be_narrowed_to_one_organisation(
    session: Session, pieces: dict[str, Item], org: Organised, foreign_org: Organised
) -> None:
    theirs = a_piece(session, foreign_org, "Kontorstol", "CHAIR_TASK")
    search.index(session, [theirs])
    both = {**pieces, "theirs": theirs}
    assert found(session, both, "kontorstol", org.org_id) == "chair"
    assert found(session, both, "kontorstol", foreign_org.org_id) == "theirs"


def test_many_pieces_are_indexed_at_once(session: Session, org: Organised) -> None:
    items = [a_piece(session, org, f"Stol {n}", "CHAIR_TASK") for n in range(3)]
    search.index(session, items)
    search.index(session, items)
    assert found(session, dict(zip("abc", items, strict=True)), "stol") == "a b c"


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("kontorstolene", ("stol", "kontor")),
        ("hevsenkpult", ("pult", "senk", "hev")),
        ("møteromsbord", ("bord", "rom", "møte")),
        ("stol", ()),
        ("pistol", ()),
    ],
)
def test_compounds_are_cut_at_the_parts_furniture_is_named_by(
    word: str, parts: tuple[str, ...]
) -> None:
    assert words.parts_of(word) == parts


@pytest.mark.parametrize(
    ("one", "other", "errors"),
    [("stol", "stol", 0), ("stlo", "stol", 1), ("sto", "stol", 1), ("bord", "stol", 2)],
)
def test_typing_errors_are_counted(one: str, other: str, errors: int) -> None:
    assert asking.errors_between(one, other, 1) == errors


def test_a_piece_is_found_by_a_code_that_it_got_later(session: Session, org: Organised) -> None:
    actor = actor_of(session, org.org_id, org.person_ids[Role.FURNITURE_MANAGER])
    assert actor is not None
    item = an_item(session, org)
    first, second = mint_codes(session, org.org_id, 2)

    bind(session, actor, [Bind(code=first, item_id=item.id)])
    replace_label(session, actor, [ReplaceLabel(item_id=item.id, code=second)])

    for code in (first, second):
        found = select(Item.id).where(matching(session, code, org_id=org.org_id))
        assert list(session.scalars(found)) == [item.id], code


def _words_in_use(database: Database) -> set[str]:
    with database.read() as session:
        return set(session.scalars(text("SELECT word FROM item_search_word")))


def _register(database: Database, org: Organised, name: str) -> None:
    with database.write() as session:
        actor = actor_of(session, org.org_id, org.person_ids[Role.FURNITURE_MANAGER])
        assert actor is not None
        command = Register(
            category_id="CHAIR_TASK", owner_unit_id=org.unit_id, place_id=org.room_id, name=name
        )
        register(session, actor, [command])
        if "tilbake" in name:
            raise ZeroDivisionError


def test_words_are_learned_once_and_those_that_were_taken_back_again(
    new_database: Callable[[], Database],
) -> None:
    database = new_database()
    with database.write() as session:
        org = organised(session, database.clock)
    with pytest.raises(ZeroDivisionError):
        _register(database, org, "Sjelden tilbake")
    assert "sjelden" not in _words_in_use(database)
    _register(database, org, "Sjelden krakk")
    assert {"sjelden", "krakk"} <= _words_in_use(database)

    sent: list[str] = []

    @event.listens_for(database._writers, "before_cursor_execute")
    def _note(_connection: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
        sent.append(sql)

    _register(database, org, "Sjelden krakk")
    assert not [sql for sql in sent if "item_search_word" in sql]
    _register(database, org, "Sjelden skammel")
    assert "skammel" in _words_in_use(database)


def test_who_asks_the_inventory_for_a_name_gets_what_bears_it_and_nothing_like_it(
    session: Session, org: Organised, pieces: dict[str, Item]
) -> None:
    def found(wanted: str) -> set[str]:
        query = select(Item.name).where(
            Item.org_id == org.org_id, matching(session, wanted, org_id=org.org_id)
        )
        return set(session.scalars(query))

    assert found("Mengdestol") == set()  # other chairs are none of that name
    an_item(session, org, name="Mengdestol")
    an_item(session, org, name="Kontorstol")
    assert found("Mengdestol") == {"Mengdestol"}
