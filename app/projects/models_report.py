"""Reports of projects as they were frozen when the project was closed: added to, never changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.kit.columns import UtcDateTime
from app.kit.tenancy import TenantModel, same_org


class FrozenReport(TenantModel):
    """``document`` is the report as JSON, whole; ``sha256`` its hash in hexadecimal.

    A project that was reopened and closed again has another version beside the ones before.
    ``language`` is the one its names and formulas are written in.
    """

    __tablename__ = "project_report"

    project_id: Mapped[UUID]
    version: Mapped[int]
    frozen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    language: Mapped[str] = mapped_column(String(8))
    document: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("project_id", "project"),
            UniqueConstraint("org_id", "project_id", "version"),
        )
