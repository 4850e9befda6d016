"""The ledger's entries added up, so that a report need not read them all.

Kept beside the writing, in its transaction; ``omlop verify`` adds the entries up again and compares.
"""

from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.impact.rules import FulfilmentSource, View
from app.kit.columns import EnumText
from app.kit.tenancy import TenantModel
from app.ledger.rules_sums import Cut


class LedgerSum(TenantModel):
    """All entries that agree in these columns, added up, reversals with them.

    An entry is in one row of each cut. ``year`` is that of the period it is booked in, so that a
    closed year stays; ``month`` (202603) the handover's own, in the cut by months alone, else 0.
    ``of_id`` is the cut's unit, place or project, empty where the entry has none. Masses and CO2e in
    g, money in øre of ``currency``. ``uses`` counts entries that stand, ``not_calculated`` those of
    them without CO2e. The id is made of all other columns that are not sums.
    """

    __tablename__ = "ledger_sum"

    cut: Mapped[Cut] = mapped_column(EnumText(Cut))
    year: Mapped[int]
    month: Mapped[int]
    of_id: Mapped[UUID | None]
    view: Mapped[View] = mapped_column(EnumText(View))
    source: Mapped[FulfilmentSource] = mapped_column(EnumText(FulfilmentSource))
    category_id: Mapped[str] = mapped_column(ForeignKey("category.id"))
    mass_tier: Mapped[str] = mapped_column(String(2))
    co2e_tier: Mapped[str | None] = mapped_column(String(2))
    price_tier: Mapped[str] = mapped_column(String(2))
    factor_set_id: Mapped[str] = mapped_column(ForeignKey("factor_set.id"))
    currency: Mapped[str] = mapped_column(String(3))
    uses: Mapped[int]
    not_calculated: Mapped[int]
    waste_g: Mapped[int] = mapped_column(BigInteger)
    waste_g_low: Mapped[int] = mapped_column(BigInteger)
    waste_g_high: Mapped[int] = mapped_column(BigInteger)
    value_chain_waste_g: Mapped[int] = mapped_column(BigInteger)
    value_chain_waste_g_low: Mapped[int] = mapped_column(BigInteger)
    value_chain_waste_g_high: Mapped[int] = mapped_column(BigInteger)
    co2e_g: Mapped[int] = mapped_column(BigInteger)
    co2e_g_low: Mapped[int] = mapped_column(BigInteger)
    co2e_g_high: Mapped[int] = mapped_column(BigInteger)
    saved_ore: Mapped[int] = mapped_column(BigInteger)
    saved_ore_low: Mapped[int] = mapped_column(BigInteger)
    saved_ore_high: Mapped[int] = mapped_column(BigInteger)
    mass_g: Mapped[int] = mapped_column(BigInteger)
    new_price_ore: Mapped[int] = mapped_column(BigInteger)
    reference_co2e_g: Mapped[int] = mapped_column(BigInteger)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (Index("ix_ledger_sum_cut", "org_id", "cut", "view", "year", "of_id"),)


class LedgerPieces(TenantModel):
    """How many pieces have a use that stands, each counted once: in a year of account, or ever.

    Uses can be added up and pieces can not: one that was used in two years is one piece of both.
    ``year`` is 0 for all years together.
    """

    __tablename__ = "ledger_pieces"

    year: Mapped[int]
    pieces: Mapped[int]

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (UniqueConstraint("org_id", "year"),)
