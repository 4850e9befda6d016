"""Pieces that are set aside for a line of a project's programme before they are delivered."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.kit.columns import EnumText, UtcDateTime
from app.kit.tenancy import TenantModel, same_org
from app.projects.rules import PlanEnd

STANDING = text("ended_at IS NULL")


class PlanAllocation(TenantModel):
    """One piece for one line, until ``ended_at``; nobody else's meanwhile.

    ``release_id`` where a project releases it, with its day as it was then in ``free_from``; empty
    for a piece that stood free.
    """

    __tablename__ = "plan_allocation"

    programme_line_id: Mapped[UUID]
    item_id: Mapped[UUID]
    release_id: Mapped[UUID | None]
    free_from: Mapped[date | None]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_for: Mapped[PlanEnd | None] = mapped_column(EnumText(PlanEnd))

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("programme_line_id", "programme_line"),
            same_org("item_id", "item"),
            same_org("release_id", "release"),
            CheckConstraint("(ended_at IS NULL) = (ended_for IS NULL)", name="end"),
            Index("ix_plan_allocation_line", "org_id", "programme_line_id"),
            Index(
                "uq_plan_allocation_standing",
                "org_id",
                "item_id",
                unique=True,
                sqlite_where=STANDING,
                postgresql_where=STANDING,
            ),
        )
