"""What several processes walked is not read again, and what one process would find is found."""

import os
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from app.kit import chain_walk
from app.kit.chain import GENESIS, ChainLink, link_digest
from app.kit.clock import MovedClock
from app.kit.db import Database, make_engine
from app.kit.tenancy import Model
from app.ledger import verification_entries, verification_receipts
from app.ledger.service import verify
from tests.kit.test_chain_walk import written
from tests.ledger.test_verification import tampered
from tests.people import Organised

TABLES = {name: Model.metadata.tables[name] for name in ("event", "ledger_entry")}
LINKS = ChainLink.metadata.tables["chain_link"]
Long = tuple[Database, Organised]


@pytest.fixture
def long(
    new_database: Callable[[], Database], clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> Long:
    """Three receipts with a reversal, in segments that cut through them, for two children."""
    database = new_database()
    org = written(database, clock)
    monkeypatch.setattr(chain_walk, "SHARED_FROM", 1)
    monkeypatch.setattr(chain_walk, "SEGMENT", 4)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    return database, org


def verified(database: Database, org: Organised) -> Any:
    with database.read() as session:
        return verify(session, org.org_id)


def alone(database: Database, org: Organised, monkeypatch: pytest.MonkeyPatch) -> Any:
    with monkeypatch.context() as here:
        here.setattr(chain_walk, "SHARED_FROM", 10**9)
        return verified(database, org)


def never(*_: Any) -> None:
    message = "entries were read again"
    raise AssertionError(message)


def chained_anew(database: Database, org: Organised) -> None:
    """Makes the whole chain anew over what stands there now, as somebody with all keys can."""
    with database.read() as session:
        links = session.execute(
            LINKS.select().where(LINKS.c.org_id == org.org_id).order_by(LINKS.c.seq)
        ).all()
        rows = {
            name: chain_walk._rows_by_id(
                session,
                table,
                org.org_id,
                [each.row_id for each in links if each.table_name == name],
            )
            for name, table in TABLES.items()
        }
    digest, engine = GENESIS, make_engine(database.url, readers=False)
    with engine.begin() as connection:
        for each in links:
            digest = link_digest(digest, each.table_name, rows[each.table_name][each.row_id])
            connection.execute(
                text("UPDATE chain_link SET digest = :digest WHERE seq = :seq"),
                {"digest": digest, "seq": each.seq},
            )
        connection.execute(text("UPDATE chain_head SET digest = :digest"), {"digest": digest})
    engine.dispose()


def test_entries_that_were_walked_are_not_read_again(
    long: Long, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, org = long
    expected = alone(database, org, monkeypatch)
    assert expected.ok
    assert expected.entries == 8
    monkeypatch.setattr(verification_entries, "_scanned", never)
    monkeypatch.setattr(verification_receipts, "_scanned", never)
    monkeypatch.setattr("app.ledger.verification_sums.pieces_of", never)
    assert verified(database, org) == expected


def test_entries_that_no_child_told_of_are_read(
    long: Long, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, org = long
    expected = alone(database, org, monkeypatch)
    read: list[object] = []
    scanned = verification_entries._scanned

    def noted(*given: Any) -> Any:
        read.append(given)
        return scanned(*given)

    monkeypatch.setattr(verification_entries, "_scanned", noted)
    monkeypatch.setattr("app.kit.chain_pool.Hashers._drive", lambda _: None)
    assert verified(database, org) == expected
    assert read


SOME = "(SELECT row_id FROM chain_link WHERE seq = {})"
AN_ENTRY = "(SELECT max(seq) FROM chain_link WHERE table_name = 'ledger_entry')"
GROSS = (
    "(SELECT min(seq) FROM chain_link JOIN ledger_entry ON ledger_entry.id = row_id"
    " WHERE view = 'gross')"
)
NET = GROSS.replace("gross", "net")
ENTRY = "UPDATE ledger_entry SET {} WHERE id = " + SOME.format(AN_ENTRY)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param((ENTRY.format("waste_g = waste_g + 1"),), "recomputed", id="a figure"),
        pytest.param((ENTRY.format("currency = 'SEK'"),), "recomputed", id="a currency"),
        pytest.param(
            (ENTRY.format("category_id = 'SOFA_2'"),), "not the sum of its entries", id="a category"
        ),
        pytest.param(
            ("UPDATE ledger_sum SET uses = uses + 1",),
            "not the sum of its entries",
            id="a sum",
        ),
        pytest.param(
            ("UPDATE ledger_pieces SET pieces = pieces + 1",),
            "not the sum of its entries",
            id="a count of pieces",
        ),
        pytest.param(
            (
                ENTRY.format(
                    "item_id = (SELECT other.item_id FROM ledger_entry AS other"
                    " WHERE other.item_id <> ledger_entry.item_id LIMIT 1)"
                ),
            ),
            "no receipt stands behind it",
            id="another piece",
        ),
        pytest.param(
            ("UPDATE ledger_entry SET view = 'net' WHERE id = " + SOME.format(GROSS),),
            "recomputed",
            id="a view",
        ),
        pytest.param(
            (
                "UPDATE ledger_entry SET waste_g = waste_g + 1 WHERE id = " + SOME.format(NET),
                f"UPDATE chain_link SET row_id = {SOME.format(GROSS)} WHERE seq = {NET}",
            ),
            "recomputed",
            id="another linked twice in its place",
        ),
    ],
)
def test_a_chain_made_anew_hides_nothing_from_the_other_checks(
    long: Long, monkeypatch: pytest.MonkeyPatch, changes: tuple[str, ...], reason: str
) -> None:
    database, org = long
    tampered(database, *changes, keys=False)
    chained_anew(database, org)
    expected = alone(database, org, monkeypatch)
    assert verified(database, org) == expected
    assert expected.difference.reason == reason
