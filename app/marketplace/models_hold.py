"""How long the organisation holds what it has approved."""

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.kit.tenancy import TenantModel
from app.marketplace.rules_hold import HELD_FOR, MOST_DAYS


class HoldRule(TenantModel):
    """One row an organisation, once it has said something. In working days."""

    __tablename__ = "hold_rule"

    working_days: Mapped[int] = mapped_column(default=HELD_FOR)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            UniqueConstraint("org_id"),
            CheckConstraint(f"working_days BETWEEN 1 AND {MOST_DAYS}", name="working_days"),
        )
