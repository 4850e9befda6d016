"""Hints in a statement, which SQLAlchemy writes for other databases but not for SQLite."""

from typing import Any

from sqlalchemy.dialects.sqlite.base import SQLiteCompiler


class Hinting(SQLiteCompiler):
    """``select.with_hint(table, "INDEXED BY …", "sqlite")`` names the index that a table is read by.

    SQLite looks a row up by its number in the table itself, also where an index holds all that is
    asked for.
    """

    def get_from_hint_text(self, table: Any, text: str | None) -> str | None:  # noqa: ARG002
        return text
