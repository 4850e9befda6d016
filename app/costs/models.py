"""Who pays which kind of cost, and what was booked by that: both are only ever added to."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.costs.rules import InternalPrice, Kind, Payer
from app.kit.columns import EnumText, UtcDateTime
from app.kit.tenancy import TenantModel, same_org

ORIGINAL = text("reverses_id IS NULL")
WITHOUT_LINE = text("reverses_id IS NULL AND handover_line_id IS NULL")


class CostRule(TenantModel):
    """One version of the organisation's rule, from a day on. Another one is a new row.

    ``common_unit_id`` pays for all, and pays suppliers and carriers first. ``price_percent`` is of
    the new price, where the internal price is a part of that.
    """

    __tablename__ = "cost_rule"

    number: Mapped[int]
    valid_from: Mapped[date]
    common_unit_id: Mapped[UUID]
    price_kind: Mapped[InternalPrice] = mapped_column(EnumText(InternalPrice))
    price_percent: Mapped[int | None]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("common_unit_id", "unit"),
            UniqueConstraint("org_id", "number"),
            CheckConstraint("price_percent BETWEEN 1 AND 100", name="price_percent"),
        )


class CostShare(TenantModel):
    """Who pays one kind of cost, in percent. A kind without a row is not shared."""

    __tablename__ = "cost_share"

    cost_rule_id: Mapped[UUID]
    kind: Mapped[Kind] = mapped_column(EnumText(Kind))
    giver_percent: Mapped[int]
    receiver_percent: Mapped[int]
    common_percent: Mapped[int]

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("cost_rule_id", "cost_rule"),
            UniqueConstraint("org_id", "cost_rule_id", "kind"),
            CheckConstraint(
                "giver_percent >= 0 AND receiver_percent >= 0 AND common_percent >= 0",
                name="parts",
            ),
            CheckConstraint("giver_percent + receiver_percent + common_percent = 100", name="sum"),
        )


class CostPrice(TenantModel):
    """The internal price of a reused piece of a category, in øre of the organisation's currency."""

    __tablename__ = "cost_price"

    cost_rule_id: Mapped[UUID]
    category_id: Mapped[str] = mapped_column(ForeignKey("category.id"))
    price_ore: Mapped[int] = mapped_column(BigInteger)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("cost_rule_id", "cost_rule"),
            UniqueConstraint("org_id", "cost_rule_id", "category_id"),
            CheckConstraint("price_ore > 0", name="price"),
        )


class CostEntry(TenantModel):
    """One payer's part of one cost, in øre. A reversal has the amount turned, and its own month.

    ``event_id`` is the receipt or delivery that it counts, ``booked_by_event_id`` what had it
    booked: another one for a correction. ``percent`` is the payer's part of ``whole_ore``. Cost
    centres are as they were then. The unit that is paid has given the piece, or paid the bill.
    """

    __tablename__ = "cost_entry"

    event_id: Mapped[UUID]
    booked_by_event_id: Mapped[UUID]
    cost_rule_id: Mapped[UUID]
    kind: Mapped[Kind] = mapped_column(EnumText(Kind))
    payer: Mapped[Payer] = mapped_column(EnumText(Payer))
    percent: Mapped[int]
    whole_ore: Mapped[int] = mapped_column(BigInteger)
    amount_ore: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    payer_unit_id: Mapped[UUID]
    payer_cost_centre: Mapped[str | None] = mapped_column(String(40))
    payee_unit_id: Mapped[UUID]
    payee_cost_centre: Mapped[str | None] = mapped_column(String(40))
    happened_on: Mapped[date]
    booked_on: Mapped[date]
    item_id: Mapped[UUID | None]
    handover_line_id: Mapped[UUID | None]
    request_id: Mapped[UUID | None]
    supplier_order_id: Mapped[UUID | None]
    reverses_id: Mapped[UUID | None]
    booked_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("event_id", "event"),
            same_org("booked_by_event_id", "event"),
            same_org("cost_rule_id", "cost_rule"),
            same_org("payer_unit_id", "unit"),
            same_org("payee_unit_id", "unit"),
            same_org("item_id", "item"),
            same_org("handover_line_id", "handover_line"),
            same_org("request_id", "request"),
            same_org("supplier_order_id", "supplier_order"),
            same_org("reverses_id", "cost_entry"),
            UniqueConstraint("org_id", "reverses_id"),
            Index("ix_cost_entry_booked", "org_id", "booked_on", "id"),
            Index("ix_cost_entry_event", "org_id", "event_id"),
            Index("ix_cost_entry_line", "org_id", "handover_line_id"),
            Index("ix_cost_entry_request", "org_id", "request_id"),
            Index("ix_cost_entry_order", "org_id", "supplier_order_id"),
            # An event that is told of twice books once. A piece can be twice on one run: its lines
            # are two. What was taken apart, or mended without a user, has none.
            Index(
                "uq_cost_entry_once_line",
                "org_id",
                "booked_by_event_id",
                "kind",
                "payer",
                "handover_line_id",
                unique=True,
                sqlite_where=ORIGINAL,
                postgresql_where=ORIGINAL,
            ),
            Index(
                "uq_cost_entry_once_item",
                "org_id",
                "booked_by_event_id",
                "kind",
                "payer",
                "item_id",
                unique=True,
                sqlite_where=WITHOUT_LINE,
                postgresql_where=WITHOUT_LINE,
            ),
        )
