"""``verify`` names an own factor, a rate or a declaration that was changed behind its event."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from app.accounts.rules import Role
from app.catalogue.service import RegisterModel, register_model
from app.declarations import service as declarations
from app.declarations.commands import ApplyDeclaration, EndDeclaration
from app.declarations.models import Declaration
from app.declarations.rules import read
from app.impact.commands import RecordRate, SetOverride, Stored, WithdrawOverride
from app.impact.models_own import ExchangeRate, FactorOverride
from app.impact.service_own import add_document, record_rate, set_overrides, withdraw_overrides
from app.kit.clock import Clock
from app.kit.db import Database
from app.kit.documents import Kind
from app.kit.events import EventRow
from app.kit.files import Files
from app.kit.tenancy import Model
from tests.declarations.documents import openepd
from tests.ledger import test_verification
from tests.ledger.test_verification import a_copy, stored, tampered, verified
from tests.marketplace.stalls import acting
from tests.marketplace.test_races import MakeDatabase
from tests.people import Organised, organised

TABLES = ("event", "factor_override", "exchange_rate", "declaration", "declaration_file")
Told = tuple[Database, Organised]
GWP: dict[str, Any] = {"category_id": "CHAIR_TASK", "kind": "gwp", "reason": "Våre er lettere"}


@pytest.fixture
def told(
    new_database: MakeDatabase, clock: Clock, files: Files, monkeypatch: pytest.MonkeyPatch
) -> Told:
    """Two own factors, one of them withdrawn and one with a document, a rate and two declarations."""
    monkeypatch.setattr(test_verification, "APPEND_ONLY", TABLES)
    database = new_database()
    with database.write() as session:
        org = organised(session, clock)
        manager = acting(session, org, Role.FURNITURE_MANAGER)
        kind = Kind("pdf", "application/pdf")
        document = add_document(
            session, manager, Stored("Veiing", f"{org.org_id}/ab/cd/ab.pdf", "ab" * 32, 7, kind)
        )
        values = {"version": 0, "value": 40_000, "source": "Veid 2026"}
        gwp = GWP | values | {"document_id": document.id}
        mass = values | {"category_id": "SOFA_2", "kind": "mass", "reason": "Veid"}
        set_overrides(session, manager, [SetOverride.model_validate(each) for each in (gwp, mass)])
        withdrawn = WithdrawOverride.model_validate(GWP | {"version": 1})
        withdraw_overrides(session, manager, [withdrawn])
        rate = {"currency": "SEK", "quote_currency": "NOK", "day": date(2026, 1, 2)}
        record_rate(
            session,
            manager,
            RecordRate.model_validate(rate | {"rate": Decimal("0.980"), "source": "Norges Bank"}),
        )
        [model] = register_model(
            session, manager, [RegisterModel(category_id="CHAIR_TASK", maker="Prøve", name="Stol")]
        )
        for number in ("NEPD-1", "NEPD-2"):
            content = openepd(program_operator_doc_id=number)
            reading = read(content)
            kept = declarations.kept(files, manager, "epd.json", content, reading)
            file = declarations.add_file(session, manager, kept)
            command = ApplyDeclaration(declaration_file_id=file.id, product_model_id=model.id)
            declarations.apply_declaration(session, manager, command, reading)
    return database, org


def first(database: Database, table: type[Any]) -> str:
    """The id of the first row, as ``verify`` names it."""
    with database.read() as session:
        return str(session.scalars(select(table.id).order_by(table.created_at, table.id)).first())


def test_what_stands_as_it_was_told_holds_also_when_it_is_ended(told: Told) -> None:
    database, org = told
    assert verified(database, org).difference is None
    with database.write() as session:
        manager = acting(session, org, Role.FURNITURE_MANAGER)
        holding = session.scalars(select(Declaration.id).where(Declaration.ended_at.is_(None)))
        declarations.end_declaration(session, manager, EndDeclaration(declaration_id=holding.one()))
    assert verified(database, org).difference is None


@pytest.mark.parametrize(
    "change",
    [
        "value = value - 1",
        "low = low - 1",
        "high = high + 1",
        "source = 'Veid 2025'",
        "reason = 'Våre er tyngre'",
        "tier = 'T2'",
        "price_year = 2025",
        "category_id = 'SOFA_2'",
        "number = 9",
        "created_at = '2020-01-01 00:00:00{zone}'",
        "person_id = NULL",
        "factor_document_id = NULL",
        "value = NULL, low = NULL, high = NULL, tier = NULL, source = NULL",
    ],
)
def test_a_changed_own_factor_is_named(told: Told, change: str) -> None:
    database, org = told
    with database.read() as session:
        rows = select(FactorOverride.id).where(FactorOverride.factor_document_id.is_not(None))
        row_id = session.scalars(rows).one()
    change = change.format(zone="" if database.is_sqlite else "+00")
    tampered(
        database, f"UPDATE factor_override SET {change} WHERE id = :id", id=stored(database, row_id)
    )
    difference = verified(database, org).difference
    assert difference is not None
    assert (difference.table, difference.row_id, difference.reason) == (
        "factor_override",
        str(row_id),
        "not as it was told",
    )


@pytest.mark.parametrize(
    ("table", "model", "change"),
    [
        ("exchange_rate", ExchangeRate, "rate = '0.981'"),
        ("exchange_rate", ExchangeRate, "rate = '0.98'"),
        ("exchange_rate", ExchangeRate, "day = '2026-01-03'"),
        ("exchange_rate", ExchangeRate, "source = 'Norges bank'"),
        ("exchange_rate", ExchangeRate, "currency = 'DKK'"),
        ("declaration", Declaration, "gwp_g = '48501'"),
        ("declaration", Declaration, "mass_g = NULL"),
        ("declaration", Declaration, "relative_deviation = '0.2'"),
        ("declaration", Declaration, "end_of_life_g = '2501'"),
        ("declaration", Declaration, "number = 'NEPD-3'"),
        ("declaration", Declaration, "valid_until = '2039-05-01'"),
        ("declaration", Declaration, "answers = CAST('{{}}' AS {json})"),
    ],
)
def test_a_changed_rate_or_declaration_is_named(
    told: Told, table: str, model: type[Any], change: str
) -> None:
    database, org = told
    row_id = first(database, model)
    change = change.format(json="text" if database.is_sqlite else "json")
    where = f" WHERE id = '{row_id.replace('-', '') if database.is_sqlite else row_id}'"
    tampered(database, f"UPDATE {table} SET {change}{where}")
    difference = verified(database, org).difference
    assert difference is not None
    assert (difference.table, difference.row_id, difference.reason) == (
        table,
        row_id,
        "not as it was told",
    )


def test_a_declaration_of_another_file_is_named(told: Told) -> None:
    database, org = told
    tampered(database, "UPDATE declaration_file SET sha256 = 'ab' WHERE key IS NOT NULL")
    difference = verified(database, org).difference
    assert difference is not None
    assert (difference.table, difference.reason) == ("declaration", "not as it was told")


def test_an_own_factor_of_another_document_is_named(told: Told) -> None:
    database, org = told
    tampered(database, "UPDATE factor_document SET sha256 = 'cd'")
    difference = verified(database, org).difference
    assert difference is not None
    assert (difference.table, difference.reason) == ("factor_override", "not as it was told")


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("factor_override", "number = 7"),
        ("exchange_rate", "day = '2026-01-09'"),
        ("declaration", "ended_at = created_at"),
    ],
)
def test_an_added_row_is_named(told: Told, table: str, column: str) -> None:
    database, org = told
    names = [each.name for each in Model.metadata.tables[table].columns if each.name != "id"]
    name, value = column.split(" = ")
    columns = [value if each == name else each for each in names]
    added = "ab" * 16 if database.is_sqlite else "abababab-abab-abab-abab-abababababab"
    tampered(
        database,
        f"INSERT INTO {table} (id, {', '.join(names)}) "
        f"SELECT '{added}', {', '.join(columns)} FROM {table} LIMIT 1",
    )
    difference = verified(database, org).difference
    assert difference is not None
    assert (difference.table, difference.row_id, difference.reason) == (
        table,
        "abababab-abab-abab-abab-abababababab",
        "no event stands behind it",
    )


@pytest.mark.parametrize(
    ("table", "model"),
    [
        ("factor_override", FactorOverride),
        ("exchange_rate", ExchangeRate),
        ("declaration", Declaration),
    ],
)
def test_a_missing_row_is_named(told: Told, table: str, model: type[Any]) -> None:
    database, org = told
    row_id = first(database, model)
    spelled = row_id.replace("-", "") if database.is_sqlite else row_id
    tampered(database, f"DELETE FROM {table} WHERE id = '{spelled}'")
    difference = verified(database, org).difference
    assert difference is not None
    assert (difference.table, difference.row_id, difference.reason) == (
        table,
        row_id,
        "missing row",
    )


@pytest.mark.parametrize(
    ("ended_at", "where", "reason"),
    [
        ("created_at", "ended_at IS NULL", "ended, and no event says so"),
        ("'2020-01-01 00:00:00{zone}'", "ended_at IS NOT NULL", "ended, and no event says so"),
        ("NULL", "ended_at IS NOT NULL", "does not count any more"),
    ],
)
def test_a_declaration_that_counts_when_it_should_not_is_named(
    told: Told, ended_at: str, where: str, reason: str
) -> None:
    database, org = told
    ended_at = ended_at.format(zone="" if database.is_sqlite else "+00")
    lifted = ("DROP INDEX uq_declaration_model",)
    tampered(database, *lifted, f"UPDATE declaration SET ended_at = {ended_at} WHERE {where}")
    difference = verified(database, org).difference
    assert difference is not None
    assert (difference.table, difference.reason) == ("declaration", reason)


def test_events_that_told_less_hold_for_what_they_told(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before they hashed the whole row they named its figures, which are compared all the same."""
    database, org = told
    digests = {"row_sha256", "document_sha256"}
    monkeypatch.setattr("app.ledger.verification._chain_holds", lambda *_: ((0, ""), None))
    with database.write() as session:
        tampering = session.connection()
        for table in ("event",):
            if database.is_sqlite:
                tampering.exec_driver_sql(f"DROP TRIGGER {table}_no_update")
            else:
                tampering.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        for row in session.execute(select(EventRow.id, EventRow.payload)):
            less = {name: each for name, each in row.payload.items() if name not in digests}
            session.execute(update(EventRow).where(EventRow.id == row.id).values(payload=less))
    assert verified(database, org).difference is None
    tampered(database, "UPDATE exchange_rate SET source = 'Avisen'")
    assert verified(database, org).difference is None
    tampered(database, "UPDATE exchange_rate SET rate = '0.99'")
    difference = verified(database, org).difference
    assert difference is not None
    assert difference.table == "exchange_rate"


@pytest.mark.parametrize(
    ("written", "table"),
    [
        (b"Veid 2026", "factor_override"),
        (b"Norges Bank", "exchange_rate"),
        (b"Stol Pr\xc3\xb8veNEPD-1", "declaration"),
    ],
)
def test_one_byte_changed_in_the_file_is_found(
    told: Told, tmp_path: Path, written: bytes, table: str
) -> None:
    database, org = told
    if not database.is_sqlite:
        pytest.skip("PostgreSQL's files can not be copied from under it")
    copy = a_copy(database, tmp_path)
    content = bytearray(copy.read_bytes())
    content[content.index(written) + len(written) - 1] ^= 1
    copy.write_bytes(content)
    changed = Database(f"sqlite:///{copy}")
    difference = verified(changed, org).difference
    changed.close()
    assert difference is not None
    assert (difference.table, difference.reason) == (table, "not as it was told")
    assert verified(database, org).ok
