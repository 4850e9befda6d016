"""The schema: the models' own, up and down and up again, and append-only on both databases."""

from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.kit.db import Database, make_engine
from app.schema import OldSchemaError, configuration, current, head, migrate, require_current

APPEND_ONLY = (
    *("event", "chain_link", "ledger_entry", "factor_set", "factor_row", "ladder_step"),
    *("cost_rule", "cost_entry"),
)


@pytest.fixture
def url(new_database: Callable[[], Database]) -> str:
    return new_database().url


def test_the_migrations_make_the_models_tables(url: str) -> None:
    command.check(configuration(url))


def test_the_newest_migration_goes_down_and_up_again(url: str) -> None:
    command.downgrade(configuration(url), "-1")
    migrate(url)

    assert head() == current(url)


def test_all_migrations_go_down_and_up_again(url: str) -> None:
    command.downgrade(configuration(url), "base")
    migrate(url)

    command.check(configuration(url))


def test_the_program_refuses_a_schema_that_is_not_its_own(url: str) -> None:
    require_current(url)
    command.downgrade(configuration(url), "-1")

    with pytest.raises(OldSchemaError, match="omlop migrate"):
        require_current(url)


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("verb", ["UPDATE {table} SET {column} = {column}", "DELETE FROM {table}"])
def test_raw_sql_can_not_change_an_append_only_table(url: str, table: str, verb: str) -> None:
    column = {"factor_set": "note", "factor_row": "key", "chain_link": "digest"}.get(table, "id")
    engine = make_engine(url, readers=False)
    if table not in {"factor_set", "factor_row"}:
        pytest.importorskip("app")  # these tables are empty here; their own tests write rows
        trigger = _triggers(url, table)
        assert trigger, table
        engine.dispose()
        return
    with engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(verb.format(table=table, column=column)))
    engine.dispose()


def _triggers(url: str, table: str) -> list[str]:
    engine = make_engine(url, readers=False)
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"
        if url.startswith("sqlite")
        else "SELECT tgname FROM pg_trigger WHERE tgrelid = CAST(:table AS regclass)"
        " AND NOT tgisinternal"
    )
    with engine.connect() as connection:
        found = list(connection.scalars(text(query), {"table": table}))
    engine.dispose()
    return found


def test_the_factor_set_is_the_files_byte_for_byte(shared_data: Path) -> None:
    ours = Path(__file__).parent.parent / "app" / "impact" / "factor_sets" / "2025.1"
    for name in ("categories", "equipment", "materials", "transport"):
        theirs = shared_data / "factors" / f"{name}.csv"

        assert theirs.read_bytes() == (ours / f"{name}.csv").read_bytes()
