"""What one look found for a need line or a wish is one row: its pieces stand in it, as they stood.

A row for each piece cost PostgreSQL five references each; nothing is asked of the pieces in the
database.
"""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_finds_together"
down_revision = "2026_11_30_purchase_rules"
branch_labels = None
depends_on = None

AT_ONCE = 500
WHERE = ("listing_id", "project_id")
FIND = sa.table(
    "find",
    sa.column("id", sa.Uuid()),
    sa.column("org_id", sa.Uuid()),
    sa.column("need_line_id", sa.Uuid()),
    sa.column("wish_id", sa.Uuid()),
    sa.column("item_id", sa.Uuid()),
    sa.column("listing_id", sa.Uuid()),
    sa.column("project_id", sa.Uuid()),
    sa.column("pieces", sa.Integer()),
    sa.column("stands", sa.JSON()),
    sa.column("found_at", sa.DateTime(timezone=True)),
    sa.column("told_at", sa.DateTime(timezone=True)),
)
KEYS = ("need_line_id", "wish_id")
REFERENCES = {"item_id": "item", "listing_id": "listing", "project_id": "project"}


def upgrade() -> None:
    with op.batch_alter_table("find") as find:
        find.add_column(sa.Column("stands", sa.JSON(), nullable=True))
    bind = op.get_bind()
    old = (FIND.c.id, FIND.c.item_id, FIND.c.pieces, *(FIND.c[each] for each in WHERE))
    change = (
        sa.update(FIND).where(FIND.c.id == sa.bindparam("of")).values(stands=sa.bindparam("new"))
    )
    rows = bind.execute(sa.select(*old)).all()
    for start in range(0, len(rows), AT_ONCE):
        bind.execute(change, [_stands(each) for each in rows[start : start + AT_ONCE]])
    with op.batch_alter_table("find") as find:
        find.alter_column("stands", existing_type=sa.JSON(), nullable=False)
        for name in REFERENCES:
            find.drop_constraint(op.f(f"fk_find_org_id_{name}"), type_="foreignkey")
        for name in KEYS:
            find.drop_constraint(op.f(f"uq_find_org_id_{name}_item_id"), type_="unique")
        for name in REFERENCES:
            find.drop_column(name)
    for name in KEYS:
        op.create_index(f"ix_find_{name.removesuffix('_id')}", "find", ["org_id", name])


def _stands(row: sa.Row[tuple[object, ...]]) -> dict[str, object]:
    one = {name: str(value) for name in WHERE if (value := getattr(row, name)) is not None}
    return {"of": row.id, "new": [{"item_id": str(row.item_id), "pieces": row.pieces, **one}]}


def downgrade() -> None:
    for name in KEYS:
        op.drop_index(f"ix_find_{name.removesuffix('_id')}", table_name="find")
    with op.batch_alter_table("find") as find:
        for name in REFERENCES:
            find.add_column(sa.Column(name, sa.Uuid(), nullable=True))
    bind = op.get_bind()
    kept = ("org_id", *KEYS, "found_at", "told_at")
    rows = bind.execute(sa.select(FIND.c.stands, *(FIND.c[each] for each in kept))).all()
    bind.execute(sa.delete(FIND))
    apart = {}
    for row in rows:
        for each in row.stands:
            if "giver_org_id" in each:  # another organisation's: there was no room for it
                continue
            new = {name: getattr(row, name) for name in kept}
            new |= {name: _id(each.get(name)) for name in REFERENCES}
            apart[row.need_line_id, row.wish_id, new["item_id"]] = {
                "id": uuid.uuid4(),
                "pieces": each["pieces"],
                "stands": [],
                **new,
            }
    new_rows = list(apart.values())
    for start in range(0, len(new_rows), AT_ONCE):
        bind.execute(sa.insert(FIND), new_rows[start : start + AT_ONCE])
    with op.batch_alter_table("find") as find:
        find.alter_column("item_id", existing_type=sa.Uuid(), nullable=False)
        find.drop_column("stands")
        for name, table in REFERENCES.items():
            find.create_foreign_key(
                op.f(f"fk_find_org_id_{name}"), table, ["org_id", name], ["org_id", "id"]
            )
        for name in KEYS:
            find.create_unique_constraint(
                op.f(f"uq_find_org_id_{name}_item_id"), ["org_id", name, "item_id"]
            )


def _id(value: str | None) -> uuid.UUID | None:
    return uuid.UUID(value) if value else None
