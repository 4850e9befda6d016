"""Many rows into a table on both databases: what comes out is what went in."""

import gc
import pickle
from itertools import pairwise
from typing import Any
from uuid import RFC_4122, UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.items.models import IdentifierKind, ItemIdentifier
from app.kit.bulk import COPY_FROM, insert_rows, new_ids, without_collecting
from app.kit.events import EventRow
from tests.databases import RolledBackDatabase
from tests.factories import an_item
from tests.people import Organised

IDENTIFIERS = ItemIdentifier.metadata.tables["item_identifier"]
EVENTS = EventRow.metadata.tables["event"]
AWKWARD = ("a\tb", "a\\b", "\\N", "", " ŋ ", "«'\"»", "a\nb\r", "{1,2}", "😀", "NULL")
COUNTS = [1, COPY_FROM, COPY_FROM * 3]


def test_new_ids_are_random_different_and_in_rising_order() -> None:
    ids = new_ids(1_000)
    assert ids == sorted(ids)
    assert len(set(ids)) == 1_000
    assert {(each.version, each.variant) for each in ids} == {(7, RFC_4122)}
    # The moment is in front; all bits behind it are drawn.
    assert len({each.bytes[-1] for each in ids}) > 200
    assert len({new_ids(1)[0].bytes[7] for _ in range(1_000)}) > 200
    assert len({(after.int - before.int) for before, after in pairwise(ids)}) > 990
    assert new_ids(0) == []


def test_a_new_id_is_an_id_like_others() -> None:
    (made,) = new_ids(1)
    read = UUID(str(made))
    assert made == read
    assert hash(made) == hash(read)
    assert repr(pickle.loads(pickle.dumps(made))) == repr(read)
    assert made.is_safe is read.is_safe


def _identifiers(values: list[str]) -> list[dict[str, Any]]:
    ids = new_ids(len(values))
    return [
        {"id": row_id, "kind": IdentifierKind.OTHER, "value": value}
        for row_id, value in zip(ids, values, strict=True)
    ]


@pytest.mark.parametrize("count", COUNTS)
def test_awkward_texts_go_in_unchanged(session: Session, org: Organised, count: int) -> None:
    item = an_item(session, org)
    values = [AWKWARD[n % len(AWKWARD)] + "x" * (n // len(AWKWARD)) for n in range(count)]
    shared = {"org_id": org.org_id, "item_id": item.id}
    insert_rows(session, IDENTIFIERS, _identifiers(values), shared=shared)
    query = select(ItemIdentifier.value).where(ItemIdentifier.item_id == item.id)
    assert sorted(session.scalars(query)) == sorted(values)


@pytest.mark.parametrize("count", COUNTS)
def test_moments_json_and_nothing_go_in_unchanged(
    session: Session, org: Organised, database: RolledBackDatabase, count: int
) -> None:
    subject, now = uuid4(), database.clock.now()
    payloads = [{"n": n, "text": AWKWARD[n % len(AWKWARD)], "no": None} for n in range(count)]
    rows = [
        {"id": row_id, "payload": payload}
        for row_id, payload in zip(new_ids(count), payloads, strict=True)
    ]
    shared = {
        "org_id": org.org_id, "at": now, "person_id": None, "kind": "x", "subject_id": subject
    }  # fmt: skip
    insert_rows(session, EVENTS, rows, shared=shared)
    found = session.execute(
        select(EventRow.payload, EventRow.at, EventRow.person_id)
        .where(EventRow.subject_id == subject)
        .order_by(EventRow.id)
    ).all()
    assert [tuple(each) for each in found] == [(each, now, None) for each in payloads]


@pytest.mark.parametrize("count", COUNTS)
def test_a_key_that_objects_leaves_none_of_the_rows(
    session: Session, org: Organised, count: int
) -> None:
    item = an_item(session, org)
    rows = _identifiers([str(n) for n in range(count)])
    rows.append({**rows[0], "value": "last"})
    shared = {"org_id": org.org_id, "item_id": item.id}
    with pytest.raises(IntegrityError), session.begin_nested():
        insert_rows(session, IDENTIFIERS, rows, shared=shared)
    query = select(ItemIdentifier.id).where(ItemIdentifier.item_id == item.id)
    assert session.scalars(query).all() == []


def test_only_the_named_columns_are_written(session: Session, org: Organised) -> None:
    item = an_item(session, org)
    row = {**_identifiers(["1"])[0], "not_a_column": 1}
    shared = {"org_id": org.org_id, "item_id": item.id}
    insert_rows(session, IDENTIFIERS, [row], shared=shared, columns=("id", "kind", "value"))
    assert session.get_one(ItemIdentifier, row["id"]).value == "1"


def test_a_column_with_a_default_is_not_left_out(session: Session, org: Organised) -> None:
    row = {"org_id": org.org_id, "item_id": UUID(int=1), "kind": IdentifierKind.EAN, "value": "1"}
    with pytest.raises(ValueError, match="default"):
        insert_rows(session, IDENTIFIERS, [row])


def test_no_rows_are_no_statement(session: Session) -> None:
    insert_rows(session, IDENTIFIERS, [])


def test_the_collector_goes_on_when_the_last_of_several_pauses_ends() -> None:
    assert gc.isenabled()
    first, second = without_collecting(), without_collecting()
    with first:
        second.__enter__()
        assert not gc.isenabled()
    assert not gc.isenabled()
    second.__exit__(None, None, None)
    assert gc.isenabled()
