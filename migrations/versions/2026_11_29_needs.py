"""Needs, their lines, and the decisions on the reuse ladder."""

import sqlalchemy as sa
from alembic import op

from migrations import append_only

revision = "2026_11_29_needs"
down_revision = "2026_11_29_waiting_list"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "need",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("wanted_date", sa.Date(), nullable=True),
        sa.Column("budget_ore", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_need_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_need_person_id")),
        sa.ForeignKeyConstraint(
            ["org_id", "unit_id"],
            ["unit.org_id", "unit.id"],
            name=op.f("fk_need_org_id_unit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "place_id"],
            ["place.org_id", "place.id"],
            name=op.f("fk_need_org_id_place_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "project_id"],
            ["project.org_id", "project.id"],
            name=op.f("fk_need_org_id_project_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_need_org_id_id")),
        sa.UniqueConstraint("org_id", "number", name=op.f("uq_need_org_id_number")),
    )
    op.create_index("ix_need_state", "need", ["org_id", "state"])
    op.create_index("ix_need_person", "need", ["org_id", "person_id"])
    op.create_table(
        "need_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.String(length=40), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("requirement", sa.String(length=400), nullable=True),
        sa.Column("width_min_mm", sa.Integer(), nullable=True),
        sa.Column("width_max_mm", sa.Integer(), nullable=True),
        sa.Column("depth_min_mm", sa.Integer(), nullable=True),
        sa.Column("depth_max_mm", sa.Integer(), nullable=True),
        sa.Column("height_min_mm", sa.Integer(), nullable=True),
        sa.Column("height_max_mm", sa.Integer(), nullable=True),
        sa.Column("programme_line_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("quantity BETWEEN 1 AND 10000", name=op.f("ck_need_line_quantity")),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_need_line_org_id")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("fk_need_line_category_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "need_id"],
            ["need.org_id", "need.id"],
            name=op.f("fk_need_line_org_id_need_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "programme_line_id"],
            ["programme_line.org_id", "programme_line.id"],
            name=op.f("fk_need_line_org_id_programme_line_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_line")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_need_line_org_id_id")),
    )
    op.create_index("ix_need_line_need", "need_line", ["org_id", "need_id"])
    op.create_table(
        "ladder_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("need_line_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("matches", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("reason_text", sa.Text(), nullable=True),
        sa.Column("request_line_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(outcome = 'taken' AND quantity > 0) OR (outcome <> 'taken' AND quantity = 0)",
            name=op.f("ck_ladder_step_quantity"),
        ),
        sa.CheckConstraint(
            "outcome <> 'refused' OR reason IS NOT NULL", name=op.f("ck_ladder_step_reason")
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_ladder_step_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_ladder_step_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "need_line_id"],
            ["need_line.org_id", "need_line.id"],
            name=op.f("fk_ladder_step_org_id_need_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "request_line_id"],
            ["request_line.org_id", "request_line.id"],
            name=op.f("fk_ladder_step_org_id_request_line_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ladder_step")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_ladder_step_org_id_id")),
        sa.UniqueConstraint(
            "org_id",
            "need_line_id",
            "number",
            name=op.f("uq_ladder_step_org_id_need_line_id_number"),
        ),
    )
    append_only.protect("ladder_step")


def downgrade() -> None:
    append_only.release("ladder_step")
    op.drop_table("ladder_step")
    op.drop_table("need_line")
    op.drop_table("need")
