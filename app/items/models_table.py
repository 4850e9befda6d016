"""How a person wants the inventory's table, and which of its rows are ticked."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.kit.columns import UtcDateTime
from app.kit.tenancy import TenantModel, same_org


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


class Selection(TenantModel):
    """The pieces a person has ticked, whatever the page, the filter or the device; one a person."""

    __tablename__ = "selection"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    touched_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            UniqueConstraint("org_id", "person_id"),
            Index("ix_selection_touched_at", "touched_at"),
        )


class SelectedItem(TenantModel):
    __tablename__ = "selected_item"

    selection_id: Mapped[UUID]
    item_id: Mapped[UUID]

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("selection_id", "selection"),
            same_org("item_id", "item"),
            UniqueConstraint("org_id", "selection_id", "item_id"),
            Index("ix_selected_item_item", "org_id", "item_id"),
        )
