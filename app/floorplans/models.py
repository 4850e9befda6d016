"""A floor's picture, its scale, and where pieces are drawn on it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.kit.columns import UtcDateTime
from app.kit.tenancy import TenantModel, same_org

NOW = text("project_id IS NULL")
PLANNED = text("project_id IS NOT NULL")


class FloorPlan(TenantModel):
    """The plan of one floor. ``width_mm`` is how wide the picture is in the world; empty: no scale.

    Whoever changes a position holds this row, so that two pieces never get one number.
    """

    __tablename__ = "floor_plan"

    floor_id: Mapped[UUID]
    width_mm: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("floor_id", "place"),
            UniqueConstraint("org_id", "floor_id"),
            CheckConstraint("width_mm BETWEEN 1000 AND 1000000", name="width"),
        )


class FloorImage(TenantModel):
    """A picture of a floor. The one with the highest number is shown; positions belong to none."""

    __tablename__ = "floor_image"

    floor_id: Mapped[UUID]
    number: Mapped[int]
    key: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[str] = mapped_column(String(64))
    byte_count: Mapped[int]
    width_px: Mapped[int]
    height_px: Mapped[int]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("floor_id", "place"),
            UniqueConstraint("org_id", "floor_id", "number"),
            CheckConstraint("width_px > 0 AND height_px > 0", name="size"),
        )


class FloorPosition(TenantModel):
    """Where a piece is drawn: as it is now, or with a ``project_id`` as that project will have it.

    ``x`` and ``y`` are ten-thousandths of the picture's width and height, to the piece's middle, so
    that a picture of another size changes nothing. ``turn`` is in degrees, with the clock. ``number``
    stands on the plan and in the room list. ``room_id`` is kept for a project only: now, a piece is
    in the room where it is registered.
    """

    __tablename__ = "floor_position"

    floor_id: Mapped[UUID]
    item_id: Mapped[UUID]
    project_id: Mapped[UUID | None]
    room_id: Mapped[UUID | None]
    number: Mapped[int]
    x: Mapped[int]
    y: Mapped[int]
    turn: Mapped[int]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("floor_id", "place"),
            same_org("item_id", "item"),
            same_org("project_id", "project"),
            same_org("room_id", "place"),
            CheckConstraint("x BETWEEN 0 AND 10000 AND y BETWEEN 0 AND 10000", name="inside"),
            CheckConstraint("turn BETWEEN 0 AND 359", name="turn"),
            CheckConstraint("room_id IS NULL OR project_id IS NOT NULL", name="room"),
            Index("ix_floor_position_floor", "org_id", "floor_id"),
            Index(
                "uq_floor_position_now",
                "org_id",
                "item_id",
                unique=True,
                sqlite_where=NOW,
                postgresql_where=NOW,
            ),
            Index(
                "uq_floor_position_planned",
                "org_id",
                "item_id",
                "project_id",
                unique=True,
                sqlite_where=PLANNED,
                postgresql_where=PLANNED,
            ),
        )


class FloorStep(TenantModel):
    """One change of a position, kept a month so that who made it can take it back.

    ``before`` and ``after`` are the position's fields, or nothing where it had none. ``relocation_id``
    where the piece was moved to another room by the same step.
    """

    __tablename__ = "floor_step"

    floor_id: Mapped[UUID]
    number: Mapped[int]
    item_id: Mapped[UUID]
    project_id: Mapped[UUID | None]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    relocation_id: Mapped[UUID | None]
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("floor_id", "place"),
            same_org("item_id", "item"),
            same_org("project_id", "project"),
            same_org("relocation_id", "relocation"),
            UniqueConstraint("org_id", "floor_id", "number"),
            Index("ix_floor_step_taken_at", "taken_at"),
        )
