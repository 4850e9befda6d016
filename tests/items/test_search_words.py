"""The migration that indexes pieces anew gives them the words that the verbs give them."""

from collections.abc import Callable
from typing import Any

from alembic import command
from sqlalchemy import text

from app.catalogue.service import RegisterModel, register_model
from app.items.commands import NewIdentifier, Register
from app.items.models import IdentifierKind
from app.items.service import register
from app.kit.db import Database, is_sqlite
from app.marketplace.commands import Offer
from app.marketplace.service import offer
from app.schema import configuration, migrate
from tests.marketplace.stalls import acting
from tests.people import organised

BEFORE = "2026_11_29_needs"


def _words(database: Database, table: str) -> list[tuple[Any, set[str]]]:
    with database.read() as session:
        query = (
            f"SELECT rowid, words FROM {table} ORDER BY rowid"
            if is_sqlite(session)
            else f"SELECT id, tsvector_to_array(words) FROM {table}_row ORDER BY id"
        )
        rows = session.execute(text(query)).all()
        return [(n, set(some.split() if isinstance(some, str) else some)) for n, some in rows]


def _forget_words(database: Database) -> None:
    with database.write() as session:
        for table in ("item_search", "listing_search"):
            name = table if is_sqlite(session) else f"{table}_row"
            session.execute(text(f"UPDATE {name} SET words = ''"))


def test_old_pieces_get_the_new_words(new_database: Callable[[], Database]) -> None:
    database = new_database()
    with database.write() as session:
        org = organised(session, database.clock)
        actor = acting(session, org)
        model = RegisterModel(category_id="CHAIR_TASK", maker="Fjord", name="Ti", width_mm=500)
        [made] = register_model(session, actor, [model])
        at = {"owner_unit_id": org.unit_id, "place_id": org.room_id, "is_free": True}
        asset = NewIdentifier(kind=IdentifierKind.ASSET_TAG, value="NV-2019-7")
        items = register(
            session,
            actor,
            [
                Register(category_id="CHAIR_TASK", product_model_id=made.id, quantity=2, **at),
                Register(
                    category_id="DESK_FIXED",
                    name="Bord m/skuff",
                    colour="hvit",
                    width_mm=1600,
                    depth_mm=800,
                    identifiers=[asset],
                    **at,
                ),
            ],
        )
        offer(session, actor, [Offer(item_ids=[item.id for item in items])])
    tables = ("item_search", "listing_search")
    before = {table: _words(database, table) for table in tables}
    assert [len(rows) for rows in before.values()] == [3, 2]
    assert {"²deskfixed", "²160x80", "nv20197", "²bord"} <= before["item_search"][-1][1]
    _forget_words(database)

    command.downgrade(configuration(database.url), BEFORE)
    migrate(database.url)

    assert {table: _words(database, table) for table in tables} == before
