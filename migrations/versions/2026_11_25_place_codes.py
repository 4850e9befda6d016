"""A code for every place, so that a room can have a label."""

import sqlalchemy as sa
from alembic import op

from app.kit.codes import mint

revision = "2026_11_25_place_codes"
down_revision = "2026_11_25_photo_sizes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("place", sa.Column("code", sa.String(length=11), nullable=True))
    places = sa.table("place", sa.column("id", sa.Uuid()), sa.column("code", sa.String()))
    bind = op.get_bind()
    rows = [{"row": each, "new": mint()} for each in bind.scalars(sa.select(places.c.id))]
    if rows:
        change = sa.update(places).where(places.c.id == sa.bindparam("row"))
        bind.execute(change.values(code=sa.bindparam("new")), rows)
    op.create_index("ix_place_code", "place", ["code"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_place_code", "place")
    op.drop_column("place", "code")
