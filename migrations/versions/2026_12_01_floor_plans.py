"""Plans of floors: pictures, scale, where pieces are drawn, and steps that can be taken back."""

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_floor_plans"
down_revision = "2026_12_01_order_version"
branch_labels = None
depends_on = None

NOW = sa.text("project_id IS NULL")
PLANNED = sa.text("project_id IS NOT NULL")


def _same_org(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["org_id", column],
        [f"{target}.org_id", f"{target}.id"],
        name=op.f(f"fk_{table}_org_id_{column}"),
    )


def upgrade() -> None:
    op.create_table(
        "floor_image",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("floor_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("byte_count", sa.Integer(), nullable=False),
        sa.Column("width_px", sa.Integer(), nullable=False),
        sa.Column("height_px", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("width_px > 0 AND height_px > 0", name=op.f("ck_floor_image_size")),
        _same_org("floor_image", "floor_id", "place"),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_floor_image_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_floor_image_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_floor_image")),
        sa.UniqueConstraint(
            "org_id", "floor_id", "number", name=op.f("uq_floor_image_org_id_floor_id_number")
        ),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_floor_image_org_id_id")),
    )
    op.create_table(
        "floor_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("floor_id", sa.Uuid(), nullable=False),
        sa.Column("width_mm", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("width_mm BETWEEN 1000 AND 1000000", name=op.f("ck_floor_plan_width")),
        _same_org("floor_plan", "floor_id", "place"),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_floor_plan_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_floor_plan")),
        sa.UniqueConstraint("org_id", "floor_id", name=op.f("uq_floor_plan_org_id_floor_id")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_floor_plan_org_id_id")),
    )
    op.create_table(
        "floor_position",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("floor_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "room_id IS NULL OR project_id IS NOT NULL", name=op.f("ck_floor_position_room")
        ),
        sa.CheckConstraint("turn BETWEEN 0 AND 359", name=op.f("ck_floor_position_turn")),
        sa.CheckConstraint(
            "x BETWEEN 0 AND 10000 AND y BETWEEN 0 AND 10000", name=op.f("ck_floor_position_inside")
        ),
        _same_org("floor_position", "floor_id", "place"),
        _same_org("floor_position", "item_id", "item"),
        _same_org("floor_position", "project_id", "project"),
        _same_org("floor_position", "room_id", "place"),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_floor_position_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_floor_position_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_floor_position")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_floor_position_org_id_id")),
    )
    op.create_index("ix_floor_position_floor", "floor_position", ["org_id", "floor_id"])
    op.create_index(
        "uq_floor_position_now",
        "floor_position",
        ["org_id", "item_id"],
        unique=True,
        sqlite_where=NOW,
        postgresql_where=NOW,
    )
    op.create_index(
        "uq_floor_position_planned",
        "floor_position",
        ["org_id", "item_id", "project_id"],
        unique=True,
        sqlite_where=PLANNED,
        postgresql_where=PLANNED,
    )
    op.create_table(
        "floor_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("floor_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.Column("relocation_id", sa.Uuid(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        _same_org("floor_step", "floor_id", "place"),
        _same_org("floor_step", "item_id", "item"),
        _same_org("floor_step", "project_id", "project"),
        _same_org("floor_step", "relocation_id", "relocation"),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_floor_step_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_floor_step_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_floor_step")),
        sa.UniqueConstraint(
            "org_id", "floor_id", "number", name=op.f("uq_floor_step_org_id_floor_id_number")
        ),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_floor_step_org_id_id")),
    )
    op.create_index("ix_floor_step_taken_at", "floor_step", ["taken_at"])


def downgrade() -> None:
    op.drop_index("ix_floor_step_taken_at", table_name="floor_step")
    op.drop_table("floor_step")
    op.drop_index("uq_floor_position_planned", table_name="floor_position")
    op.drop_index("uq_floor_position_now", table_name="floor_position")
    op.drop_index("ix_floor_position_floor", table_name="floor_position")
    op.drop_table("floor_position")
    op.drop_table("floor_plan")
    op.drop_table("floor_image")
