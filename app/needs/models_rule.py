"""What a purchase must show before it is decided, as the organisation has said."""

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.kit.tenancy import TenantModel


class PurchaseRule(TenantModel):
    """One row an organisation, once it has said something; without one every step comes first.

    ``above_ore`` is the worth as new above which the chosen steps must have been examined.
    """

    __tablename__ = "purchase_rule"

    above_ore: Mapped[int] = mapped_column(BigInteger)
    repair_or_redesign: Mapped[bool]
    buy_used: Mapped[bool]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            UniqueConstraint("org_id"),
            CheckConstraint("above_ore >= 0", name="above"),
        )
