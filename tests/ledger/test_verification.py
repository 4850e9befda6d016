"""``verify`` says ok of an untouched ledger, and names the place of whatever was changed behind it."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from app.cli import main
from app.impact.rules import FulfilmentSource
from app.kit.chain import ChainLink
from app.kit.clock import Clock
from app.kit.db import Database, make_engine
from app.ledger.models import LedgerEntry
from app.ledger.service import Verification, verify
from tests.ledger import trips
from tests.ledger.trips import Load
from tests.people import Organised, organised

APPEND_ONLY = ("event", "ledger_entry", "chain_link", "factor_row")


@pytest.fixture
def kept(new_database: Callable[[], Database], clock: Clock) -> tuple[Database, Organised]:
    """A database of its own with two handovers of five pieces, one of them used twice."""
    database = new_database()
    with database.write() as session:
        org = organised(session, clock)
    with database.write() as session:
        chairs = [trips.an_item(session, org) for _ in range(4)]
        trips.handed_over(session, org, [Load(each) for each in chairs])
    with database.write() as session:
        sofa = trips.an_item(session, org, category_id="SOFA_2")
        loads = [Load(chairs[0]), Load(sofa, FulfilmentSource.REDESIGNED)]
        trips.handed_over(session, org, loads)
    return database, org


Kept = tuple[Database, Organised]


def verified(database: Database, org: Organised) -> Verification:
    with database.read() as session:
        return verify(session, org.org_id)


def tampered(database: Database, *statements: str, keys: bool = True, **values: Any) -> None:
    """Runs statements past the triggers, as somebody with the file or the server's password can."""
    engine = make_engine(database.url, readers=False)
    with engine.connect() as raw:
        if database.is_sqlite and not keys:
            raw.connection.dbapi_connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[union-attr]
    with engine.begin() as connection:
        for table in APPEND_ONLY:
            if database.is_sqlite:
                for verb in ("update", "delete"):
                    connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{verb}"))
            else:
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        for statement in statements:
            connection.execute(text(statement), values)
    engine.dispose()


def an_entry(database: Database) -> tuple[UUID, int]:
    """Some entry in the middle, and the number of its link."""
    with database.read() as session:
        found = session.execute(
            select(LedgerEntry.id, ChainLink.seq)
            .join(ChainLink, ChainLink.row_id == LedgerEntry.id)
            .order_by(ChainLink.seq)
        ).all()
    return tuple(found[len(found) // 2])  # type: ignore[return-value]


def stored(database: Database, row_id: UUID) -> str:
    """An id as this database spells it in raw SQL."""
    return row_id.hex if database.is_sqlite else str(row_id)


def test_an_untouched_ledger_is_ok_and_its_head_is_told(kept: Kept) -> None:
    database, org = kept
    found = verified(database, org)
    assert (found.ok, found.difference) == (True, None)
    assert found.entries == 14  # 12 receipts' entries, and a net one reversed and booked again
    assert found.links == 6 + 14
    assert re.fullmatch("[0-9a-f]{64}", found.head_digest)


@pytest.mark.parametrize(
    "change",
    [
        "co2e_g = co2e_g + 1",
        "waste_g_low = waste_g_low - 1",
        "currency = 'NOL'",
        "view = 'x'",
        "handed_over_on = '2026-02-21'",
        "mass_tier = 'T9'",
        "project_id = NULL, receiver_unit_id = NULL",
        "inputs = CAST(replace(CAST(inputs AS text), '15000', '15001') AS {json})",
    ],
)
def test_a_changed_entry_is_named_with_its_link(kept: Kept, change: str) -> None:
    database, org = kept
    row_id, seq = an_entry(database)
    change = change.format(json="text" if database.is_sqlite else "json")
    tampered(
        database, f"UPDATE ledger_entry SET {change} WHERE id = :id", id=stored(database, row_id)
    )
    difference = verified(database, org).difference
    assert difference is not None
    assert (difference.table, difference.row_id, difference.seq) == (
        "ledger_entry",
        str(row_id),
        seq,
    )


def test_an_unreadable_entry_is_named_with_its_link(kept: Kept) -> None:
    database, org = kept
    if not database.is_sqlite:
        pytest.skip("PostgreSQL refuses such JSON itself")
    row_id, seq = an_entry(database)
    tampered(
        database,
        "UPDATE ledger_entry SET inputs = substr(inputs, 2) WHERE id = :id",
        id=row_id.hex,
    )
    difference = verified(database, org).difference
    assert difference is not None
    assert (difference.row_id, difference.seq) == (str(row_id), seq)
    assert difference.reason.startswith("can not be read")


def test_one_byte_changed_in_the_file_is_found(kept: Kept, tmp_path: Path) -> None:
    database, org = kept
    if not database.is_sqlite:
        pytest.skip("PostgreSQL's files can not be copied from under it")
    copy = a_copy(database, tmp_path)
    content = bytearray(copy.read_bytes())
    place = content.rindex(b'"displacement":{"value":"0.8"') + len(b'"displacement":{"value":"0.')
    assert content[place : place + 1] == b"8"
    content[place] ^= 1
    copy.write_bytes(content)
    changed = Database(f"sqlite:///{copy}")
    difference = verified(changed, org).difference
    changed.close()
    assert difference is not None
    assert difference.table == "ledger_entry"
    assert verified(database, org).ok


def a_copy(database: Database, folder: Path) -> Path:
    """The whole database in one file, as a back-up makes it."""
    source = folder / "source.db"
    engine = make_engine(database.url, readers=False)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        raw: Any = connection.connection.dbapi_connection
        raw.execute(f"VACUUM INTO '{source}'")
    engine.dispose()
    copy = folder / "copy.db"
    shutil.copy(source, copy)
    return copy


def test_a_deleted_event_is_named(kept: Kept) -> None:
    database, org = kept
    # Its entries would hold it back: whoever can lift the triggers can lift the keys too.
    tampered(
        database,
        *() if database.is_sqlite else ("SET session_replication_role = replica",),
        "DELETE FROM event WHERE id = (SELECT row_id FROM chain_link WHERE seq = 3)",
        keys=False,
    )
    difference = verified(database, org).difference
    assert difference is not None
    assert (difference.table, difference.seq, difference.reason) == ("event", 3, "missing row")


def test_reordered_links_are_named(kept: Kept) -> None:
    database, org = kept
    tampered(
        database,
        "UPDATE chain_link SET seq = -6 WHERE seq = 6",
        "UPDATE chain_link SET seq = 6 WHERE seq = 7",
        "UPDATE chain_link SET seq = 7 WHERE seq = -6",
    )
    difference = verified(database, org).difference
    assert difference is not None
    assert (difference.seq, difference.reason) == (6, "changed row or link")


def test_a_removed_link_is_named(kept: Kept) -> None:
    database, org = kept
    tampered(database, "DELETE FROM chain_link WHERE seq = 6")
    difference = verified(database, org).difference
    assert difference is not None
    assert (difference.seq, difference.reason) == (7, "missing link")


def test_a_cut_off_tail_is_named(kept: Kept) -> None:
    database, org = kept
    last = verified(database, org).links
    tampered(
        database,
        "DELETE FROM ledger_entry WHERE id = (SELECT row_id FROM chain_link WHERE seq = :last)",
        "DELETE FROM chain_link WHERE seq = :last",
        last=last,
    )
    difference = verified(database, org).difference
    assert difference is not None
    assert (difference.table, difference.seq, difference.reason) == (
        "chain_head",
        last,
        "cut-off tail",
    )


def test_a_tail_cut_off_with_its_head_is_found_by_folding_the_events_again(kept: Kept) -> None:
    database, org = kept
    with database.read() as session:
        last_event, digest = session.execute(
            select(ChainLink.seq, ChainLink.digest)
            .where(ChainLink.table == "event")
            .order_by(ChainLink.seq.desc())
            .limit(1)
        ).one()
    cut = "SELECT row_id FROM chain_link WHERE seq > :kept"
    tampered(
        database,
        f"DELETE FROM ledger_entry WHERE reverses_id IS NOT NULL AND id IN ({cut})",
        f"DELETE FROM ledger_entry WHERE id IN ({cut})",
        "DELETE FROM chain_link WHERE seq > :kept",
        "UPDATE chain_head SET seq = :kept, digest = :digest",
        kept=last_event,
        digest=digest,
    )
    difference = verified(database, org).difference
    assert difference is not None
    assert (difference.table, difference.reason) == ("event", "a received piece was not booked")


def test_a_row_put_in_beside_the_chain_is_named(kept: Kept) -> None:
    database, org = kept
    stray = uuid4()
    columns = [each.name for each in LedgerEntry.__table__.columns if each.name != "id"]
    row_id, _ = an_entry(database)
    tampered(
        database,
        f"INSERT INTO ledger_entry (id, {', '.join(columns)}) "
        f"SELECT :stray, {', '.join(columns)} FROM ledger_entry WHERE id = :id",
        stray=stored(database, stray),
        id=stored(database, row_id),
    )
    difference = verified(database, org).difference
    assert difference is not None
    assert (difference.table, difference.row_id, difference.reason) == (
        "ledger_entry",
        str(stray),
        "row outside the chain",
    )


def test_a_changed_factor_row_is_named(kept: Kept) -> None:
    database, org = kept
    kind = "text" if database.is_sqlite else "json"
    tampered(
        database,
        f"UPDATE factor_row SET columns = CAST(replace(CAST(columns AS text), '\"60\"', '\"61\"') "
        f"AS {kind}) WHERE key = 'CHAIR_TASK'",
    )
    difference = verified(database, org).difference
    assert difference is not None
    assert (difference.table, difference.row_id) == ("factor_row", "2025.1/categories/CHAIR_TASK")


def test_a_removed_factor_row_is_named(kept: Kept) -> None:
    database, org = kept
    tampered(database, "DELETE FROM factor_row WHERE key = 'steel'")
    difference = verified(database, org).difference
    assert difference is not None
    assert (difference.row_id, difference.reason) == ("2025.1/materials/steel", "missing row")


def test_changing_a_piece_afterwards_changes_no_figure(kept: Kept) -> None:
    """A model, a category or a piece may be corrected later: what is booked rests on its copy."""
    database, org = kept
    before = verified(database, org)
    tampered(database, "UPDATE item SET mass_g = 1, new_price_ore = 1")
    assert verified(database, org) == before


def test_one_organisations_damage_is_not_anothers(kept: Kept, clock: Clock) -> None:
    database, org = kept
    with database.write() as session:
        other = organised(session, clock, "Nabo kommune")
    row_id, _ = an_entry(database)
    tampered(
        database, "UPDATE ledger_entry SET waste_g = 1 WHERE id = :id", id=stored(database, row_id)
    )
    assert verified(database, other).ok
    assert not verified(database, org).ok


def test_the_command_says_ok_and_names_the_place_when_it_is_not(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    database, _ = kept
    monkeypatch.setenv("OMLOP_DATABASE_URL", database.url)
    assert main(["verify"]) == 0
    assert capsys.readouterr().out.startswith("ok: 20 lenker, 14 poster, hode ")
    assert main(["verify", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["ok"], found["links"], found["difference"]) == (True, 20, None)
    row_id, seq = an_entry(database)
    tampered(
        database, "UPDATE ledger_entry SET waste_g = 1 WHERE id = :id", id=stored(database, row_id)
    )
    assert main(["verify"]) == 1
    assert capsys.readouterr().out == (
        f"IKKE ok: tabell ledger_entry, rad {row_id}, lenke {seq}: raden eller lenken er endret\n"
    )
    assert main(["verify", "--format", "json", "--org", "Prøve helseforetak"]) == 1
    assert json.loads(capsys.readouterr().out)["difference"]["row_id"] == str(row_id)


def test_the_command_checks_every_organisation_when_none_is_named(
    kept: Kept, clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    database, _ = kept
    with database.write() as session:
        organised(session, clock, "Nabo kommune")
    monkeypatch.setenv("OMLOP_DATABASE_URL", database.url)
    assert main(["verify"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("Nabo kommune: ok: 0 lenker, 0 poster")
    assert second.startswith("Prøve helseforetak: ok: 20 lenker, 14 poster")
    row_id, _ = an_entry(database)
    tampered(
        database, "UPDATE ledger_entry SET waste_g = 1 WHERE id = :id", id=stored(database, row_id)
    )
    assert main(["verify", "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["ok"] is False
    assert [(each["organisation"], each["ok"]) for each in found["organisations"]] == [
        ("Nabo kommune", True),
        ("Prøve helseforetak", False),
    ]
    assert main(["verify", "--org", "Nabo kommune"]) == 0
    assert main(["verify", "--org", "nope"]) == 1
    assert "ingen virksomhet som heter «nope»" in capsys.readouterr().err
