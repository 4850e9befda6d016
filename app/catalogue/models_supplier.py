"""Who repairs, redesigns or sells, and the agreements that rank them and hold their prices."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.catalogue.rules import Work
from app.kit.columns import EnumText, UtcDateTime
from app.kit.tenancy import TenantModel, same_org


class Supplier(TenantModel):
    """A workshop or a seller. ``ended_on``: nothing more is ordered there."""

    __tablename__ = "supplier"

    name: Mapped[str] = mapped_column(String(120))
    org_number: Mapped[str | None] = mapped_column(String(40))
    contact: Mapped[str | None] = mapped_column(String(120))
    email: Mapped[str | None] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(40))
    note: Mapped[str | None] = mapped_column(Text)
    ended_on: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (Index("uq_supplier_name", "org_id", "name", unique=True),)


class FrameworkAgreement(TenantModel):
    """A supplier's agreement for one kind of work. Rank 1 is asked first."""

    __tablename__ = "framework_agreement"

    supplier_id: Mapped[UUID]
    work: Mapped[Work] = mapped_column(EnumText(Work))
    reference: Mapped[str] = mapped_column(String(120))
    rank: Mapped[int]
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("supplier_id", "supplier"),
            CheckConstraint("rank BETWEEN 1 AND 99", name="rank"),
            CheckConstraint("valid_from <= valid_until", name="valid"),
            Index("ix_framework_agreement_supplier", "org_id", "supplier_id"),
            Index("ix_framework_agreement_work", "org_id", "work", "rank"),
        )


class AgreedPrice(TenantModel):
    """A line of an agreement's price list: for one piece, excl. VAT."""

    __tablename__ = "agreed_price"

    framework_agreement_id: Mapped[UUID]
    position: Mapped[int]
    what: Mapped[str] = mapped_column(String(200))
    price_ore: Mapped[int] = mapped_column(BigInteger)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("framework_agreement_id", "framework_agreement"),
            CheckConstraint("price_ore >= 0", name="price"),
            Index("ix_agreed_price_agreement", "org_id", "framework_agreement_id", "position"),
        )
