"""Immutable versions of all factors."""

from datetime import date
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.tenancy import PlatformModel


class FactorSet(PlatformModel):
    """One version of all factors, such as ``2025.1``. Append-only."""

    __tablename__ = "factor_set"

    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    valid_from: Mapped[date]
    note: Mapped[str] = mapped_column(String(400))


class FactorRow(PlatformModel):
    """One row of one table of a factor set, each value as the exact text it was published with.

    ``columns`` holds the row as the file spells it (decimals as text): the pure calculation reads
    files and database with the same code. Append-only.
    """

    __tablename__ = "factor_row"

    factor_set_id: Mapped[str] = mapped_column(ForeignKey("factor_set.id"), primary_key=True)
    table: Mapped[str] = mapped_column("table_name", String(20), primary_key=True)
    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    columns: Mapped[dict[str, Any]] = mapped_column(JSON)
