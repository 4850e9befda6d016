"""A sheet that was read for a project's programme, until its lines are added."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.kit.columns import UtcDateTime
from app.kit.tenancy import TenantModel, same_org


class ProgrammeSheet(TenantModel):
    """``content`` is the preview: its lines, bad cells and the headers nobody knew."""

    __tablename__ = "programme_sheet"

    project_id: Mapped[UUID]
    file_name: Mapped[str] = mapped_column(String(200))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("project_id", "project"),
            Index("ix_programme_sheet_project", "org_id", "project_id"),
        )
