"""Loads a built-in factor set: its files as rows, and the categories they name."""

import datetime as dt

import sqlalchemy as sa
from alembic import op

from app.impact.rules import factor_files, parse_factor_set, rows_of

KEYS = {
    "categories": "category_code",
    "equipment": "category_code",
    "materials": "material",
    "transport": "code",
}


def load_factor_set(version: str, valid_from: dt.date, note: str) -> None:
    """Inserts the set with every row spelled as in its file; new categories are added."""
    tables = {table: rows_of(table, content) for table, content in factor_files(version).items()}
    parse_factor_set(version, tables)  # a file that breaks a rule stops the migration
    op.bulk_insert(
        sa.table(
            "factor_set", sa.column("id"), sa.column("valid_from", sa.Date), sa.column("note")
        ),
        [{"id": version, "valid_from": valid_from, "note": note}],
    )
    op.bulk_insert(
        sa.table(
            "factor_row",
            sa.column("factor_set_id"),
            sa.column("table_name"),
            sa.column("key"),
            sa.column("columns", sa.JSON),
        ),
        [
            {"factor_set_id": version, "table_name": table, "key": row[KEYS[table]], "columns": row}
            for table, rows in tables.items()
            for row in rows
        ],
    )
    _add_categories([*tables["categories"], *tables["equipment"]])


def _add_categories(rows: list[dict[str, str]]) -> None:
    category = sa.table(
        "category",
        *(
            sa.column(name)
            for name in ("id", "category_group", "amount_unit", "name_nb", "name_sv", "name_en")
        ),
    )
    known = set(op.get_bind().scalars(sa.select(category.c.id)))
    op.bulk_insert(
        category,
        [
            {
                "id": row["category_code"],
                "category_group": row["category_group"],
                "amount_unit": row["amount_unit"],
                "name_nb": row["name_nb"],
                "name_sv": row["name_sv"],
                "name_en": row["name_en"],
            }
            for row in rows
            if row["category_code"] not in known
        ],
    )
