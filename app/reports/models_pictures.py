"""Which pictures of before and after a project's report shows."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.kit.columns import UtcDateTime
from app.kit.tenancy import TenantModel, same_org


class ReportPictures(TenantModel):
    """``item_ids`` are the pieces whose pictures are shown, as text; nothing: the newest by themselves."""

    __tablename__ = "report_pictures"

    project_id: Mapped[UUID]
    item_ids: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (same_org("project_id", "project"), UniqueConstraint("org_id", "project_id"))
