"""What reports rest on beside the ledger: how large the organisation was, and years before Omløp."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.kit.columns import EnumText, UtcDateTime
from app.kit.tenancy import TenantModel


class YearSize(TenantModel):
    """People and floor area of the organisation in a year, with where the numbers are from.

    What is unknown is empty and never 0; person-years in hundredths, area in whole m².
    """

    __tablename__ = "year_size"

    year: Mapped[int]
    employees: Mapped[int | None]
    person_years_hundredths: Mapped[int | None]
    area_m2: Mapped[int | None]
    source: Mapped[str] = mapped_column(String(200))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            UniqueConstraint("org_id", "year"),
            CheckConstraint(
                "employees > 0 AND person_years_hundredths > 0 AND area_m2 > 0",
                name="above_nothing",
            ),
        )


class Quantity(StrEnum):
    """What an older figure is of."""

    SALES = "sales"
    SAVED = "saved"
    CO2E = "co2e"
    WASTE = "waste"
    PIECES = "pieces"


class HistoricFigure(TenantModel):
    """A figure of a year before Omløp, with how it was made. It is in no sum of the ledger.

    ``value`` in øre of ``currency``, in g, or in pieces.
    """

    __tablename__ = "historic_figure"

    year: Mapped[int]
    quantity: Mapped[Quantity] = mapped_column(EnumText(Quantity))
    value: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(String(3))
    method: Mapped[str] = mapped_column(String(400))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (UniqueConstraint("org_id", "year", "quantity"),)
