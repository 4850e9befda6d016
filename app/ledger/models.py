"""The savings ledger: append-only, one entry per piece, view and event."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.impact.rules import FulfilmentSource, View
from app.kit.columns import OF_MANY, EnumText, UtcDateTime
from app.kit.tenancy import TenantModel, same_org


class Period(TenantModel):
    """A year of account; closed, nothing more is booked in it, and it is never opened again.

    What closing kept: how many entries there were, the chain's head that they were read at, and of
    the printed report what does not stand in the ledger (``frozen``, JSON: names, headings, words).
    The SHA-256 in hexadecimal are of the report as JSON, CSV and XLSX, printed from the two.
    ``closed_by_id`` is no key, as an event's person is none.
    """

    __tablename__ = "period"

    year: Mapped[int]
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by_id: Mapped[UUID | None]
    entries: Mapped[int | None]
    chain_seq: Mapped[int | None]
    chain_digest: Mapped[str | None] = mapped_column(String(64))
    frozen: Mapped[str | None] = mapped_column(Text)
    json_sha256: Mapped[str | None] = mapped_column(String(64))
    csv_sha256: Mapped[str | None] = mapped_column(String(64))
    xlsx_sha256: Mapped[str | None] = mapped_column(String(64))

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (UniqueConstraint("org_id", "year"),)


class LedgerEntry(TenantModel):
    """One Saving. Masses and CO2e in g, money in øre of ``currency``, each low–mid–high.

    ``event_id`` is the event it counts, ``booked_by_event_id`` the one that had it booked: another
    one for a correction. ``co2e_g`` is empty for equipment, and ``saved_ore`` where an
    exchange rate was missing (price tier ``TR``): not calculated, never 0. ``inputs``
    holds every fact and factor used, so that the integers can be computed again by hand.
    """

    __tablename__ = "ledger_entry"

    event_id: Mapped[UUID]
    booked_by_event_id: Mapped[UUID]
    item_id: Mapped[UUID]
    view: Mapped[View] = mapped_column(EnumText(View))
    source: Mapped[FulfilmentSource] = mapped_column(EnumText(FulfilmentSource))
    category_id: Mapped[str] = mapped_column(ForeignKey("category.id"))
    place_id: Mapped[UUID | None]
    giver_unit_id: Mapped[UUID | None]
    receiver_unit_id: Mapped[UUID | None]
    project_id: Mapped[UUID | None]
    programme_line_id: Mapped[UUID | None]
    handed_over_on: Mapped[date]
    period_id: Mapped[UUID] = mapped_column(info=OF_MANY)
    waste_g: Mapped[int] = mapped_column(BigInteger)
    waste_g_low: Mapped[int] = mapped_column(BigInteger)
    waste_g_high: Mapped[int] = mapped_column(BigInteger)
    value_chain_waste_g: Mapped[int] = mapped_column(BigInteger)
    value_chain_waste_g_low: Mapped[int] = mapped_column(BigInteger)
    value_chain_waste_g_high: Mapped[int] = mapped_column(BigInteger)
    co2e_g: Mapped[int | None] = mapped_column(BigInteger)
    co2e_g_low: Mapped[int | None] = mapped_column(BigInteger)
    co2e_g_high: Mapped[int | None] = mapped_column(BigInteger)
    saved_ore: Mapped[int | None] = mapped_column(BigInteger)
    saved_ore_low: Mapped[int | None] = mapped_column(BigInteger)
    saved_ore_high: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    mass_g: Mapped[int] = mapped_column(BigInteger)
    new_price_ore: Mapped[int] = mapped_column(BigInteger)
    reference_co2e_g: Mapped[int | None] = mapped_column(BigInteger)
    mass_tier: Mapped[str] = mapped_column(String(2))
    co2e_tier: Mapped[str | None] = mapped_column(String(2))
    price_tier: Mapped[str] = mapped_column(String(2))
    factor_set_id: Mapped[str] = mapped_column(ForeignKey("factor_set.id"))
    formula_version: Mapped[int]
    inputs: Mapped[dict[str, Any]] = mapped_column(JSON)
    reverses_id: Mapped[UUID | None]
    booked_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("event_id", "event"),
            same_org("booked_by_event_id", "event"),
            same_org("item_id", "item"),
            same_org("place_id", "place"),
            same_org("giver_unit_id", "unit"),
            same_org("receiver_unit_id", "unit"),
            same_org("project_id", "project"),
            same_org("programme_line_id", "programme_line"),
            same_org("period_id", "period"),
            same_org("reverses_id", "ledger_entry"),
            UniqueConstraint("org_id", "reverses_id"),
            Index("ix_ledger_entry_project", "org_id", "project_id", "view"),
            Index("ix_ledger_entry_item", "org_id", "item_id"),
            Index("ix_ledger_entry_event", "org_id", "event_id"),
            # The entries behind a figure, page by page.
            Index("ix_ledger_entry_booked", "org_id", "view", "booked_at", "id"),
            Index("ix_ledger_entry_period", "org_id", "period_id", "booked_at", "id"),
        )
