"""Imports: saved mappings, runs, and the staged rows that are the preview."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.kit.columns import EnumText, UtcDateTime
from app.kit.tenancy import TenantModel, same_org
from app.transfer.states import MACHINE, ImportState


class SavedMapping(TenantModel):
    """Which column means what, kept by name."""

    __tablename__ = "saved_mapping"

    name: Mapped[str] = mapped_column(String(80))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (UniqueConstraint("org_id", "name"),)


class ImportRun(TenantModel):
    """One file: its preview, and what applying it did. ``report`` is the preview's summary.

    ``mapping`` is how the file was read: the mapping itself, and the unit and place that rows
    without their own get. While its rows are staged, ``staging_token`` says by whom, and
    ``staging_at`` when that one was last heard of.
    """

    __tablename__ = "import_run"
    machine = MACHINE

    state: Mapped[ImportState] = mapped_column(EnumText(ImportState))
    file_name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON)
    report: Mapped[dict[str, Any]] = mapped_column(JSON)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    staging_token: Mapped[UUID | None]
    staging_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ImportRow(TenantModel):
    """A staged row: what it would do, with the values a ``Register`` or ``Edit`` takes.

    ``item_id`` is the first piece of the row; it is decided while staging, so that nothing needs to
    be written back under the lock. Key and fingerprint recognise the row in a later file.
    """

    __tablename__ = "import_row"

    # Its run proves the organisation, and nothing refers to a row: one reference and one index are
    # a fifth of the time in which PostgreSQL stages a sheet.
    org_id: Mapped[UUID] = mapped_column(sort_order=-1)

    import_run_id: Mapped[UUID]
    row_number: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(200))
    fingerprint: Mapped[str] = mapped_column(String(32))
    item_id: Mapped[UUID]
    fields: Mapped[dict[str, Any]] = mapped_column("row_values", JSON)

    @declared_attr.directive
    def __table_args__(cls) -> Any:  # noqa: N805
        return cls.constraints()

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("import_run_id", "import_run"),
            # Staged twice, a row would become two pieces.
            Index("uq_import_row_number", "org_id", "import_run_id", "row_number", unique=True),
        )
