"""An entry whose amounts wait for an exchange rate has none: not calculated, and not 0."""

import re

import sqlalchemy as sa
from alembic import op

from migrations import append_only

revision = "2026_12_01_no_rate"
down_revision = "2026_12_01_price_lists"
branch_labels = None
depends_on = None

COLUMNS = ("saved_ore", "saved_ore_low", "saved_ore_high")


def upgrade() -> None:
    _alter(nullable=True)


def downgrade() -> None:
    """What waits for a rate becomes 0, which is all that the version before can hold."""
    append_only.release("ledger_entry")
    for name in COLUMNS:
        column: sa.ColumnClause[int] = sa.column(name, sa.BigInteger())
        entry = sa.table("ledger_entry", column)
        op.execute(sa.update(entry).where(column.is_(None)).values({name: 0}))
    append_only.protect("ledger_entry")
    _alter(nullable=False)


def _alter(*, nullable: bool) -> None:
    if op.get_bind().dialect.name == "sqlite":
        _respelled(nullable=nullable)
        return
    for name in COLUMNS:
        op.alter_column("ledger_entry", name, existing_type=sa.BigInteger(), nullable=nullable)


def _respelled(*, nullable: bool) -> None:
    """SQLite has no ALTER for this, and the table can not be made anew: its rows name each other.

    So the table's own text is changed, as SQLite's documentation of ALTER TABLE (section 7) has it
    for what changes nothing of the rows; their bytes, and the triggers, stay as they are.
    """
    connection = op.get_bind()
    text = sa.text("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = 'ledger_entry'")
    spelled = connection.scalar(text)
    for name in COLUMNS:
        old, new = (" NOT NULL", "") if nullable else ("", " NOT NULL")
        spelled, count = re.subn(rf"\b{name} BIGINT{old}(?=\s*,)", f"{name} BIGINT{new}", spelled)
        if count != 1:
            raise RuntimeError(f"ledger_entry.{name} is not as it was made")
    version = connection.scalar(sa.text("PRAGMA schema_version"))
    connection.execute(sa.text("PRAGMA writable_schema = ON"))
    connection.execute(
        sa.text(
            "UPDATE sqlite_schema SET sql = :spelled WHERE type = 'table' AND name = 'ledger_entry'"
        ),
        {"spelled": spelled},
    )
    connection.execute(sa.text(f"PRAGMA schema_version = {int(version) + 1}"))
    connection.execute(sa.text("PRAGMA writable_schema = RESET"))
