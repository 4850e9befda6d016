"""How a person wants the inventory's table."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.kit.tenancy import TenantModel


class InventoryView(TenantModel):
    """The columns by name with commas between, and rows a page; one for each person."""

    __tablename__ = "inventory_view"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    columns: Mapped[str] = mapped_column(String(400))
    page_size: Mapped[int]

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            UniqueConstraint("org_id", "person_id"),
            CheckConstraint("page_size BETWEEN 1 AND 200", name="page_size"),
        )
