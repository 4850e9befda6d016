"""How each person wants to be told, the daily digest, and what was read in the program."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_notice_choices"
down_revision = "2026_11_30_networks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "digest",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_error", sa.String(length=400), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gave_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_digest_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_digest_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_digest_org_id_id")),
        sa.UniqueConstraint(
            "org_id", "person_id", "day", name=op.f("uq_digest_org_id_person_id_day")
        ),
    )
    op.create_index("ix_digest_waiting", "digest", ["sent_at", "next_try_at"])
    op.create_table(
        "notice_choice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("delivery", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_notice_choice_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_notice_choice_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_choice")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_notice_choice_org_id_id")),
        sa.UniqueConstraint(
            "org_id", "person_id", "kind", name=op.f("uq_notice_choice_org_id_person_id_kind")
        ),
    )
    op.drop_index("ix_notice_waiting", table_name="notice")
    with op.batch_alter_table("notice") as batch:
        batch.add_column(
            sa.Column("delivery", sa.String(length=40), nullable=False, server_default="at_once")
        )
        batch.add_column(sa.Column("read_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("digest_id", sa.Uuid(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_notice_org_id_digest_id"),
            "digest",
            ["org_id", "digest_id"],
            ["org_id", "id"],
        )
    with op.batch_alter_table("notice") as batch:
        batch.alter_column("delivery", server_default=None)
    # What was told before there was a list to read it in is not news now.
    op.execute("UPDATE notice SET read_at = created_at")
    op.create_index("ix_notice_waiting", "notice", ["delivery", "sent_at", "next_try_at"])
    op.create_index("ix_notice_digest", "notice", ["org_id", "digest_id"])


def downgrade() -> None:
    op.drop_index("ix_notice_digest", table_name="notice")
    op.drop_index("ix_notice_waiting", table_name="notice")
    # The version before sends whatever is not sent: what was not to be, is marked.
    op.execute("UPDATE notice SET sent_at = created_at WHERE delivery = 'product'")
    with op.batch_alter_table("notice") as batch:
        batch.drop_constraint(op.f("fk_notice_org_id_digest_id"), type_="foreignkey")
        batch.drop_column("digest_id")
        batch.drop_column("read_at")
        batch.drop_column("delivery")
    op.create_index("ix_notice_waiting", "notice", ["sent_at", "next_try_at"])
    op.drop_table("notice_choice")
    op.drop_table("digest")
