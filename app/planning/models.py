"""Plans as they were fixed: what a project's result is held against."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.kit.columns import UtcDateTime
from app.kit.tenancy import TenantModel, same_org


class FixedPlan(TenantModel):
    """One of a project's alternatives as it stood then; the newest one counts.

    ``content`` is pieces by source, for the whole and for each line, and the figures it promised.
    ``asked`` and ``line_figures`` in it are by line too; a plan that was fixed before has neither.
    """

    __tablename__ = "fixed_plan"

    project_id: Mapped[UUID]
    alternative: Mapped[str] = mapped_column(String(40))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    fixed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("project_id", "project"),
            Index("ix_fixed_plan_project", "org_id", "project_id", "fixed_at"),
        )
