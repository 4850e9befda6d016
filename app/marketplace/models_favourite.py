"""What a person wants to find again on the market."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.kit.columns import UtcDateTime
from app.kit.tenancy import TenantModel, same_org


class Favourite(TenantModel):
    """A listing that a person has kept; it stays one when the listing has ended."""

    __tablename__ = "favourite"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    listing_id: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("listing_id", "listing"),
            UniqueConstraint("org_id", "person_id", "listing_id"),
            Index("ix_favourite_listing", "org_id", "listing_id"),
        )
