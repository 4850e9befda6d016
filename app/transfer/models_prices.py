"""A price list that was read, until its prices are taken into use and after."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.impact.rules import Tier
from app.kit.columns import EnumText, UtcDateTime
from app.kit.tenancy import TenantModel, same_org


class PriceList(TenantModel):
    """``content`` is the preview: what each category and model would get, and the rows left over.

    ``summary`` counts them, so that a list of lists need not read it. The file lies in the store
    under ``key`` from the start; ``factor_document_id`` is what the prices name as their document
    once they are in use. ``source`` is the supplier and agreement. A list that was taken back is
    applied and undone; it is never applied again.
    """

    __tablename__ = "price_list"

    file_name: Mapped[str] = mapped_column(String(120))
    key: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(String(64))
    byte_count: Mapped[int]
    source: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(String(200))
    tier: Mapped[Tier] = mapped_column(EnumText(Tier))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    summary: Mapped[dict[str, int]] = mapped_column(JSON)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    factor_document_id: Mapped[UUID | None]
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("factor_document_id", "factor_document"),
            Index("ix_price_list_created", "org_id", "created_at"),
            CheckConstraint("byte_count > 0", name="byte_count"),
        )
