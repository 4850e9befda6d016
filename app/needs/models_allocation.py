"""Planned releases that a step of the ladder took: which pieces, and until when they were the need's."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.kit.columns import EnumText, UtcDateTime
from app.kit.tenancy import TenantModel, same_org
from app.needs.rules import AllocationEnd

STANDING = text("ended_at IS NULL")


class NeedAllocation(TenantModel):
    """One piece that a project releases, set aside for a need's line by a decision of its ladder.

    ``free_from`` is the release's day as it was when it was taken. It stands until ``ended_at``,
    also when the piece has been fetched: then it has come to the need.
    """

    __tablename__ = "need_allocation"

    ladder_step_id: Mapped[UUID]
    release_id: Mapped[UUID]
    free_from: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_for: Mapped[AllocationEnd | None] = mapped_column(EnumText(AllocationEnd))

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("ladder_step_id", "ladder_step"),
            same_org("release_id", "release"),
            CheckConstraint("(ended_at IS NULL) = (ended_for IS NULL)", name="end"),
            Index("ix_need_allocation_step", "org_id", "ladder_step_id"),
            Index(
                "uq_need_allocation_standing",
                "org_id",
                "release_id",
                unique=True,
                sqlite_where=STANDING,
                postgresql_where=STANDING,
            ),
        )
