"""What the two organisations of a request write to each other."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_outside_thread"
down_revision = "2026_11_30_returns"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outside_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("outside_request_id", sa.Uuid(), nullable=False),
        sa.Column("from_org_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_outside_message_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["from_org_id"], ["organisation.id"], name=op.f("fk_outside_message_from_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_outside_message_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "outside_request_id"],
            ["outside_request.org_id", "outside_request.id"],
            name=op.f("fk_outside_message_org_id_outside_request_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_message")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_outside_message_org_id_id")),
    )
    op.create_index(
        "ix_outside_message_request",
        "outside_message",
        ["org_id", "outside_request_id", "created_at"],
    )


def downgrade() -> None:
    op.drop_table("outside_message")
