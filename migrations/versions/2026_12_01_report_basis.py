"""How large the organisation was in a year, and figures of years before Omløp."""

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_report_basis"
down_revision = "2026_12_01_year_note"
branch_labels = None
depends_on = None


def _own(table: str) -> tuple[sa.Constraint, ...]:
    """What both tables have."""
    return (
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f(f"fk_{table}_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f(f"fk_{table}_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("org_id", "id", name=op.f(f"uq_{table}_org_id_id")),
    )


def upgrade() -> None:
    op.create_table(
        "year_size",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("employees", sa.Integer(), nullable=True),
        sa.Column("person_years_hundredths", sa.Integer(), nullable=True),
        sa.Column("area_m2", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "employees > 0 AND person_years_hundredths > 0 AND area_m2 > 0",
            name=op.f("ck_year_size_above_nothing"),
        ),
        sa.UniqueConstraint("org_id", "year", name=op.f("uq_year_size_org_id_year")),
        *_own("year_size"),
    )
    op.create_table(
        "historic_figure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.String(length=40), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("method", sa.String(length=400), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint(
            "org_id", "year", "quantity", name=op.f("uq_historic_figure_org_id_year_quantity")
        ),
        *_own("historic_figure"),
    )


def downgrade() -> None:
    op.drop_table("historic_figure")
    op.drop_table("year_size")
