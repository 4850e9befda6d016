"""Where a printer puts its ink: the offset that brings a sheet's labels into place."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.kit.columns import UtcDateTime
from app.kit.tenancy import TenantModel


class Printer(TenantModel):
    """A printer's offset in 1/100 mm: right and down are positive."""

    __tablename__ = "printer"

    name: Mapped[str] = mapped_column(String(80))
    offset_x_hmm: Mapped[int] = mapped_column(default=0)
    offset_y_hmm: Mapped[int] = mapped_column(default=0)
    person_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            UniqueConstraint("org_id", "name"),
            CheckConstraint("offset_x_hmm BETWEEN -2000 AND 2000", name="offset_x"),
            CheckConstraint("offset_y_hmm BETWEEN -2000 AND 2000", name="offset_y"),
        )
