"""Runs migrations through the program's own writers' engine, so that BEGIN and pragmas agree."""

import warnings
from typing import Literal

from alembic import context
from sqlalchemy import Connection, TypeDecorator

from app.kit.db import make_engine
from app.kit.tenancy import Model
from app.wiring import MODELS

assert MODELS  # importing them fills the metadata


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Model.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        include_object=_ours,
        render_item=_plain_type,
    )
    with warnings.catch_warnings(), context.begin_transaction():
        # SQLite's index by name is looked for by its own test instead.
        warnings.filterwarnings("ignore", "Skipped unsupported reflection of expression-based")
        context.run_migrations()


def _plain_type(kind: str, item: object, _context: object) -> str | Literal[False]:
    """A migration names the database's own types: ours may change, what has landed may not."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


def _ours(_object: object, name: str | None, kind: str, _reflected: object, _to: object) -> bool:
    """What is made by SQL of its own: the search indexes, and an index over an expression."""
    if kind == "index":
        return name != "ix_item_name"
    return not (kind == "table" and (name or "").startswith(("item_search", "listing_search")))


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    engine = make_engine(context.config.get_main_option("sqlalchemy.url", ""), readers=False)
    with engine.begin() as opened:
        _run(opened)
    engine.dispose()
