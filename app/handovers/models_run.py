"""Run sheets: a driver's day, and the pieces planned for it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.handovers.rules_run import RUN_MACHINE, RunState
from app.kit.columns import EnumText, UtcDateTime
from app.kit.tenancy import TenantModel, same_org

WAITING_ONLY = text("left_at IS NULL AND handover_line_id IS NULL")


class RunSheet(TenantModel):
    """One vehicle's run on a day.

    ``distance_m`` is what somebody entered, with the way back; ``measured_m`` is by the positions
    of its places. ``vehicle`` is a transport factor's code; ``transport_ore`` the whole run's cost.
    """

    __tablename__ = "run_sheet"
    machine = RUN_MACHINE

    number: Mapped[int]
    state: Mapped[RunState] = mapped_column(EnumText(RunState))
    driven_on: Mapped[date]
    area: Mapped[str | None] = mapped_column(String(120))
    vehicle: Mapped[str | None] = mapped_column(String(40))
    driver_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    base_place_id: Mapped[UUID | None]
    distance_m: Mapped[int | None]
    measured_m: Mapped[int | None]
    transport_ore: Mapped[int | None] = mapped_column(BigInteger)
    note: Mapped[str | None] = mapped_column(Text)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("base_place_id", "place"),
            Index("uq_run_sheet_number", "org_id", "number", unique=True),
            Index("ix_run_sheet_day", "org_id", "driven_on"),
            CheckConstraint("distance_m >= 0", name="distance"),
            CheckConstraint("measured_m >= 0", name="measured"),
            CheckConstraint("transport_ore >= 0", name="transport"),
        )


class RunPiece(TenantModel):
    """A piece on a run sheet: from where to where, for whom.

    It waits until it is fetched, which gives it its handover's line, or is left: taken off, or
    still standing where it was when the run was over. A piece waits on one run sheet at a time.
    """

    __tablename__ = "run_piece"

    run_sheet_id: Mapped[UUID]
    item_id: Mapped[UUID]
    reservation_id: Mapped[UUID | None]
    from_place_id: Mapped[UUID]
    to_place_id: Mapped[UUID]
    to_unit_id: Mapped[UUID]
    handover_line_id: Mapped[UUID | None]
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("run_sheet_id", "run_sheet"),
            same_org("item_id", "item"),
            same_org("reservation_id", "reservation"),
            same_org("from_place_id", "place"),
            same_org("to_place_id", "place"),
            same_org("to_unit_id", "unit"),
            same_org("handover_line_id", "handover_line"),
            Index("ix_run_piece_run", "org_id", "run_sheet_id"),
            Index("ix_run_piece_line", "org_id", "handover_line_id"),
            Index(
                "uq_run_piece_waiting",
                "org_id",
                "item_id",
                unique=True,
                sqlite_where=WAITING_ONLY,
                postgresql_where=WAITING_ONLY,
            ),
        )
