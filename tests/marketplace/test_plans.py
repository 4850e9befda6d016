"""What each look at the market is answered by: an index, on both databases."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.items.search import question
from app.kit import libpq
from app.kit.db import is_sqlite
from app.kit.prepared import Ask
from app.marketplace import queries_public, queries_stages
from app.marketplace.commands import MarketSearch
from app.marketplace.facets import PLACES
from app.marketplace.search import Tile
from app.marketplace.search_rows import ROWS
from app.marketplace.search_statements import conditions_of, groups_of, page_of
from tests.marketplace.stalls import acting
from tests.people import Organised

TODAY = date(2026, 3, 2)


def plan(session: Session, ask: Ask | Select[Any], *without: str) -> str:
    """How the database goes about it. PostgreSQL would rather read a small table than an index.

    ``without`` are further ways that it is to take only where there is no other.
    """
    connection = session.connection()
    if not isinstance(ask, Select) and is_sqlite(session):
        compiled = ask[0].compiled(connection.dialect)
        told = f"EXPLAIN QUERY PLAN {compiled.sql}"
        return _steps(connection.exec_driver_sql(told, tuple(compiled.bound(ask[1]))).all())
    statement: Any = ask if isinstance(ask, Select) else ask[0].statement.params(ask[1])
    sql = statement.compile(
        dialect=connection.dialect,
        compile_kwargs={"literal_binds": True, "render_postcompile": True},
    )
    if is_sqlite(session):
        return _steps(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}").all())
    for name in ("seqscan", "sort", "bitmapscan", "hashjoin", "mergejoin", *without):
        connection.exec_driver_sql(f"SET LOCAL enable_{name} = off")
    return _steps(connection.exec_driver_sql(f"EXPLAIN {sql}").all())


def _steps(rows: Sequence[Any]) -> str:
    return "\n".join(str(row[-1]) for row in rows)


def asked(
    session: Session, actor: Actor, words: str = "", *, is_shared: bool = False
) -> dict[str, Any]:
    found = conditions_of(session, MarketSearch(), actor, TODAY, is_shared=is_shared)
    if words:
        org_id = actor.org_id
        found["words"] = question(session, words, org_id=org_id, is_mended=False).every
    return found


@pytest.mark.parametrize("role", [Role.EMPLOYEE, Role.FURNITURE_MANAGER])
def test_the_newest_that_a_stage_shows_are_read_in_the_index_s_order(
    session: Session, org: Organised, role: Role
) -> None:
    for is_shared, index in ((False, "_org"), (True, "_shared")):
        values = asked(session, acting(session, org, role), is_shared=is_shared)
        steps = plan(session, page_of(session, values, 24, Tile.__match_args__))
        assert f"ix_listing_search_row{index}" in steps, steps


def test_the_counts_are_added_up_from_an_index_alone(session: Session, org: Organised) -> None:
    actor = acting(session, org, Role.EMPLOYEE)
    # Of an empty table an index with its rows may cost PostgreSQL as little as one alone.
    steps = plan(session, groups_of(session, asked(session, actor)), "indexscan")
    assert "ix_listing_search_row_alike" in steps, steps
    assert "COVERING INDEX" in steps or "Index Only Scan" in steps, steps
    places = {"org_id": org.org_id, "chosen": None, "stood_at": None}
    assert "ix_listing_search_row_place" in plan(session, (PLACES, places))
    if is_sqlite(session):  # PostgreSQL has no way around the rows that hold the words
        steps = plan(session, groups_of(session, asked(session, actor, "stol")))
        assert "COVERING INDEX ix_listing_search_row_found" in steps, steps


_OTHERS = """
    INSERT INTO listing_search_row (org_id, listing_id, item_id, place_id, category_id, condition,
        pieces, alike, words)
    SELECT org_id, gen_random_uuid(), gen_random_uuid(), org_id, 'CHAIR_TASK', 'B', 5, MOD(n, 30),
        array_to_tsvector(ARRAY['stol', 'kontorstol', CASE WHEN MOD(n, 3) = 0 THEN 'svart' ELSE 'rød' END])
    FROM generate_series(1, %(rows)s) AS n, (SELECT CAST(%(org_id)s AS uuid) AS org_id) AS one
"""


def test_of_few_among_many_their_own_rows_are_looked_through_and_not_everybody_s_words(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    if is_sqlite(session):
        pytest.skip("SQLite's full text knows the organisation")
    connection = session.connection()
    for org_id, rows in ((foreign_org.org_id, 20_000), (org.org_id, 400)):
        connection.exec_driver_sql(_OTHERS, {"org_id": str(org_id), "rows": rows})
    connection.exec_driver_sql("ANALYZE listing_search_row")
    values = asked(session, acting(session, org), "svart stol")
    query, parameters = groups_of(session, values)
    compiled = query.compiled(connection.dialect)
    explain = libpq.Statement(f"EXPLAIN {compiled.sql}")
    driver: Any = connection.connection.dbapi_connection
    [answer] = libpq.run(driver, [(explain, compiled.bound(parameters))])
    steps = _steps(answer.rows)
    assert "ix_listing_search_row_own" in steps, steps
    assert "ix_listing_search_row_words" not in steps, steps


@pytest.mark.parametrize(("slug", "indexes"), [(None, ("open",)), ("proven", ("public", "open"))])
def test_strangers_look_into_an_index_of_what_is_public(
    session: Session, slug: str | None, indexes: tuple[str, ...]
) -> None:
    query = queries_public.shown_now(TODAY, slug, None, ROWS.c.listing_id)
    steps = plan(session, query.order_by(ROWS.c.id.desc()).limit(25))
    assert any(f"ix_listing_search_row_{each}" in steps for each in indexes), steps


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (queries_stages.to_widen(TODAY), "ix_listing_next_stage"),
        (queries_stages.to_lapse(TODAY), "ix_listing_until"),
        (queries_stages.to_remind(TODAY, TODAY, 3), "ix_listing_until"),
    ],
)
def test_what_is_due_by_the_clock_is_found_by_its_day(
    session: Session, query: Select[Any], index: str
) -> None:
    steps = plan(session, query if is_sqlite(session) else query.order_by(None))
    # Of empty tables PostgreSQL does not care which of the open listings' two indexes it reads.
    assert index in steps or (not is_sqlite(session) and "ix_listing_until" in steps), steps
