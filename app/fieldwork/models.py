"""Moves and bulk actions with what takes them back, and stocktakes with what was found."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.fieldwork.rules import MoveOutcome
from app.fieldwork.rules_stocktake import STOCKTAKE_MACHINE, Decision, Sighting, StocktakeState
from app.kit.columns import EnumText, UtcDateTime
from app.kit.tenancy import TenantModel, same_org


class Relocation(TenantModel):
    """Pieces that one person moved in one go."""

    __tablename__ = "relocation"

    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (Index("ix_relocation_created_at", "org_id", "created_at"),)


class RelocationLine(TenantModel):
    """One scan of it, in the order scanned; ``text`` is the code as it was read.

    A line whose piece did not move says so in ``outcome`` and has no places.
    """

    __tablename__ = "relocation_line"

    relocation_id: Mapped[UUID]
    position: Mapped[int]
    text: Mapped[str] = mapped_column(String(200))
    outcome: Mapped[MoveOutcome] = mapped_column(EnumText(MoveOutcome))
    item_id: Mapped[UUID | None]
    from_place_id: Mapped[UUID | None]
    to_place_id: Mapped[UUID | None]
    is_undone: Mapped[bool] = mapped_column(default=False)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("relocation_id", "relocation"),
            same_org("item_id", "item"),
            same_org("from_place_id", "place"),
            same_org("to_place_id", "place"),
            UniqueConstraint("org_id", "relocation_id", "position"),
            Index("ix_relocation_line_item", "org_id", "item_id"),
        )


class Stocktake(TenantModel):
    """One count of one place. At most one is open in a place; a second person joins it.

    ``joined_id`` is the stocktake that this one went into: a phone without coverage has begun its
    own and goes on sending to it.
    """

    __tablename__ = "stocktake"
    machine = STOCKTAKE_MACHINE

    state: Mapped[StocktakeState] = mapped_column(EnumText(StocktakeState))
    place_id: Mapped[UUID]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    joined_id: Mapped[UUID | None]

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("place_id", "place"),
            same_org("joined_id", "stocktake"),
            Index("ix_stocktake_place", "org_id", "place_id", "started_at"),
            Index(
                "ix_stocktake_one_open",
                "org_id",
                "place_id",
                unique=True,
                sqlite_where=text("state = 'open'"),
                postgresql_where=text("state = 'open'"),
            ),
        )


class StocktakeExpected(TenantModel):
    """A piece that stood in the place by the register as the stocktake began."""

    __tablename__ = "stocktake_expected"

    stocktake_id: Mapped[UUID]
    item_id: Mapped[UUID]
    decision: Mapped[Decision | None] = mapped_column(EnumText(Decision))
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("stocktake_id", "stocktake"),
            same_org("item_id", "item"),
            UniqueConstraint("org_id", "stocktake_id", "item_id"),
            Index("ix_stocktake_expected_item", "org_id", "item_id"),
        )


class StocktakeScan(TenantModel):
    """A piece that was scanned in the place: one row however many phones met it."""

    __tablename__ = "stocktake_scan"

    stocktake_id: Mapped[UUID]
    item_id: Mapped[UUID]
    kind: Mapped[Sighting] = mapped_column(EnumText(Sighting))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decision: Mapped[Decision | None] = mapped_column(EnumText(Decision))
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("stocktake_id", "stocktake"),
            same_org("item_id", "item"),
            UniqueConstraint("org_id", "stocktake_id", "item_id"),
            Index("ix_stocktake_scan_item", "org_id", "item_id"),
        )


class StocktakeStray(TenantModel):
    """What was met that is no piece of ours: unlabelled things, and codes nobody could place.

    ``text`` and ``kind`` are the code as it was read and what it was; both empty for unlabelled.
    """

    __tablename__ = "stocktake_stray"

    stocktake_id: Mapped[UUID]
    kind: Mapped[Sighting | None] = mapped_column(EnumText(Sighting))
    text: Mapped[str | None] = mapped_column(String(200))
    count: Mapped[int] = mapped_column(default=1)
    note: Mapped[str | None] = mapped_column(String(200))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("stocktake_id", "stocktake"),
            UniqueConstraint("org_id", "stocktake_id", "text"),
            CheckConstraint("count BETWEEN 1 AND 1000", name="count"),
        )


class BulkAction(TenantModel):
    """One verb for a list of pieces. ``verb`` is its name in paths."""

    __tablename__ = "bulk_action"

    verb: Mapped[str] = mapped_column(String(40))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (Index("ix_bulk_action_created_at", "org_id", "created_at"),)


class BulkActionLine(TenantModel):
    """One code of the list. ``refused`` says why nothing was done, ``kept`` why it stayed done.

    ``before`` and ``after`` are of the field that the verb changes; ``made_id`` is the row it made
    (a listing, a release), in its version ``made_version``.
    """

    __tablename__ = "bulk_action_line"

    bulk_action_id: Mapped[UUID]
    position: Mapped[int]
    text: Mapped[str] = mapped_column(String(200))
    item_id: Mapped[UUID | None]
    refused: Mapped[str | None] = mapped_column(String(300))
    before: Mapped[str | None] = mapped_column(String(40))
    after: Mapped[str | None] = mapped_column(String(40))
    made_id: Mapped[UUID | None]
    made_version: Mapped[int | None]
    kept: Mapped[str | None] = mapped_column(String(300))
    is_undone: Mapped[bool] = mapped_column(default=False)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("bulk_action_id", "bulk_action"),
            same_org("item_id", "item"),
            UniqueConstraint("org_id", "bulk_action_id", "position"),
            Index("ix_bulk_action_line_item", "org_id", "item_id"),
        )
