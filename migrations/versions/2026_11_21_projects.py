"""Projects, programme lines and fulfilment."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_4"
down_revision = "2026_11_21_3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "project",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("from_date", sa.Date(), nullable=True),
        sa.Column("until_date", sa.Date(), nullable=True),
        sa.Column("budget_ore", sa.BigInteger(), nullable=True),
        sa.Column("goal_percent", sa.Integer(), nullable=True),
        sa.Column("all_new_brief", sa.Boolean(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("goal_percent BETWEEN 0 AND 100", name=op.f("ck_project_goal")),
        sa.ForeignKeyConstraint(
            ["org_id", "place_id"],
            ["place.org_id", "place.id"],
            name=op.f("fk_project_org_id_place_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "unit_id"],
            ["unit.org_id", "unit.id"],
            name=op.f("fk_project_org_id_unit_id"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_project_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_project_org_id_id")),
        sa.UniqueConstraint("org_id", "number", name=op.f("uq_project_org_id_number")),
    )
    op.create_table(
        "programme_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("category_id", sa.String(length=40), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("requirement", sa.String(length=400), nullable=True),
        sa.Column("width_min_mm", sa.Integer(), nullable=True),
        sa.Column("width_max_mm", sa.Integer(), nullable=True),
        sa.Column("depth_min_mm", sa.Integer(), nullable=True),
        sa.Column("depth_max_mm", sa.Integer(), nullable=True),
        sa.Column("height_min_mm", sa.Integer(), nullable=True),
        sa.Column("height_max_mm", sa.Integer(), nullable=True),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("wanted_date", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "quantity BETWEEN 1 AND 100000", name=op.f("ck_programme_line_quantity")
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("fk_programme_line_category_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "place_id"],
            ["place.org_id", "place.id"],
            name=op.f("fk_programme_line_org_id_place_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "project_id"],
            ["project.org_id", "project.id"],
            name=op.f("fk_programme_line_org_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_programme_line_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_line")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_programme_line_org_id_id")),
    )
    op.create_index(
        "ix_programme_line_project", "programme_line", ["org_id", "project_id"], unique=False
    )

    op.create_table(
        "project_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "project_id"],
            ["project.org_id", "project.id"],
            name=op.f("fk_project_member_org_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_project_member_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_project_member_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_member")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_project_member_org_id_id")),
        sa.UniqueConstraint(
            "org_id",
            "project_id",
            "person_id",
            name=op.f("uq_project_member_org_id_project_id_person_id"),
        ),
    )
    op.create_table(
        "fulfilment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("programme_line_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("fulfilled_on", sa.Date(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "item_id"],
            ["item.org_id", "item.id"],
            name=op.f("fk_fulfilment_org_id_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "programme_line_id"],
            ["programme_line.org_id", "programme_line.id"],
            name=op.f("fk_fulfilment_org_id_programme_line_id"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_fulfilment_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fulfilment")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_fulfilment_org_id_id")),
    )
    op.create_index("ix_fulfilment_item", "fulfilment", ["org_id", "item_id"], unique=False)
    op.create_index(
        "ix_fulfilment_line", "fulfilment", ["org_id", "programme_line_id"], unique=False
    )
    op.create_index(
        "uq_fulfilment_standing",
        "fulfilment",
        ["org_id", "programme_line_id", "item_id"],
        unique=True,
        sqlite_where=sa.text("undone_at IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("fulfilment")
    op.drop_table("project_member")
    op.drop_table("programme_line")
    op.drop_table("project")
