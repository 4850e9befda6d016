"""Moves by scanning: who moved what from where to where, so that one tap takes it back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.fieldwork.rules import MoveOutcome
from app.kit.columns import EnumText, UtcDateTime
from app.kit.tenancy import TenantModel, same_org


class Relocation(TenantModel):
    """Pieces that one person moved in one go."""

    __tablename__ = "relocation"

    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (Index("ix_relocation_created_at", "org_id", "created_at"),)


class RelocationLine(TenantModel):
    """One scan of it, in the order scanned; ``text`` is the code as it was read.

    A line whose piece did not move says so in ``outcome`` and has no places.
    """

    __tablename__ = "relocation_line"

    relocation_id: Mapped[UUID]
    position: Mapped[int]
    text: Mapped[str] = mapped_column(String(200))
    outcome: Mapped[MoveOutcome] = mapped_column(EnumText(MoveOutcome))
    item_id: Mapped[UUID | None]
    from_place_id: Mapped[UUID | None]
    to_place_id: Mapped[UUID | None]
    is_undone: Mapped[bool] = mapped_column(default=False)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("relocation_id", "relocation"),
            same_org("item_id", "item"),
            same_org("from_place_id", "place"),
            same_org("to_place_id", "place"),
            UniqueConstraint("org_id", "relocation_id", "position"),
            Index("ix_relocation_line_item", "org_id", "item_id"),
        )
