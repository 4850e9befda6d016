"""Run sheets with the pieces planned for them, and the measured distance of a handover."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_run_sheets"
down_revision = "2026_11_30_inbox"
branch_labels = None
depends_on = None

WAITING = sa.text("left_at IS NULL AND handover_line_id IS NULL")


def upgrade() -> None:
    op.create_table(
        "run_sheet",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("driven_on", sa.Date(), nullable=False),
        sa.Column("area", sa.String(length=120), nullable=True),
        sa.Column("vehicle", sa.String(length=40), nullable=True),
        sa.Column("driver_id", sa.Uuid(), nullable=True),
        sa.Column("base_place_id", sa.Uuid(), nullable=True),
        sa.Column("distance_m", sa.Integer(), nullable=True),
        sa.Column("measured_m", sa.Integer(), nullable=True),
        sa.Column("transport_ore", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("distance_m >= 0", name=op.f("ck_run_sheet_distance")),
        sa.CheckConstraint("measured_m >= 0", name=op.f("ck_run_sheet_measured")),
        sa.CheckConstraint("transport_ore >= 0", name=op.f("ck_run_sheet_transport")),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_run_sheet_org_id")),
        sa.ForeignKeyConstraint(["driver_id"], ["person.id"], name=op.f("fk_run_sheet_driver_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_run_sheet_person_id")),
        sa.ForeignKeyConstraint(
            ["org_id", "base_place_id"],
            ["place.org_id", "place.id"],
            name=op.f("fk_run_sheet_org_id_base_place_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_sheet")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_run_sheet_org_id_id")),
    )
    op.create_index("uq_run_sheet_number", "run_sheet", ["org_id", "number"], unique=True)
    op.create_index("ix_run_sheet_day", "run_sheet", ["org_id", "driven_on"])
    op.create_table(
        "run_piece",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("run_sheet_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("reservation_id", sa.Uuid(), nullable=True),
        sa.Column("from_place_id", sa.Uuid(), nullable=False),
        sa.Column("to_place_id", sa.Uuid(), nullable=False),
        sa.Column("to_unit_id", sa.Uuid(), nullable=False),
        sa.Column("handover_line_id", sa.Uuid(), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                ["org_id", column],
                [f"{table}.org_id", f"{table}.id"],
                name=op.f(f"fk_run_piece_org_id_{column}"),
            )
            for column, table in (
                ("run_sheet_id", "run_sheet"),
                ("item_id", "item"),
                ("reservation_id", "reservation"),
                ("from_place_id", "place"),
                ("to_place_id", "place"),
                ("to_unit_id", "unit"),
                ("handover_line_id", "handover_line"),
            )
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_run_piece_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_piece")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_run_piece_org_id_id")),
    )
    op.create_index("ix_run_piece_run", "run_piece", ["org_id", "run_sheet_id"])
    op.create_index("ix_run_piece_line", "run_piece", ["org_id", "handover_line_id"])
    op.create_index(
        "uq_run_piece_waiting",
        "run_piece",
        ["org_id", "item_id"],
        unique=True,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.add_column("handover", sa.Column("measured_m", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("handover", "measured_m")
    op.drop_table("run_piece")
    op.drop_table("run_sheet")
