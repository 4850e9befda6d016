"""When the organisation sends a van."""

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.handovers.rules_pool import MOST_DAYS, MOST_DM3
from app.kit.tenancy import TenantModel


class LoadRule(TenantModel):
    """One row an organisation, once it has said something. The room is in dm³ (litres)."""

    __tablename__ = "load_rule"

    capacity_dm3: Mapped[int]
    least_percent: Mapped[int]
    longest_days: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            UniqueConstraint("org_id"),
            CheckConstraint(f"capacity_dm3 BETWEEN 100 AND {MOST_DM3}", name="capacity"),
            CheckConstraint("least_percent BETWEEN 0 AND 100", name="percent"),
            CheckConstraint(f"longest_days BETWEEN 0 AND {MOST_DAYS}", name="days"),
        )
