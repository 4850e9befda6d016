"""What was taken at a step by hand, and did not come: an order to a supplier that was cancelled."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.kit.columns import UtcDateTime
from app.kit.tenancy import TenantModel, same_org


class LadderGivenUp(TenantModel):
    """The decision stands as it was made; so many of its pieces count no more."""

    __tablename__ = "ladder_given_up"

    ladder_step_id: Mapped[UUID]
    pieces: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("ladder_step_id", "ladder_step"),
            CheckConstraint("pieces > 0", name="pieces"),
            Index("ix_ladder_given_up_step", "org_id", "ladder_step_id"),
        )
