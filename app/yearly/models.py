"""What somebody has to say about a year, beside its figures."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.kit.columns import UtcDateTime
from app.kit.tenancy import TenantModel


class YearNote(TenantModel):
    """The comment of the environmental certification's report; an empty text is none."""

    __tablename__ = "year_note"

    year: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (UniqueConstraint("org_id", "year"),)
