"""Orders to suppliers: what they are about, what was offered, and what was used and left over."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.catalogue.rules import Work
from app.disposals.rules import Fraction
from app.impact.rules import RedesignLevel
from app.kit.columns import EnumText, UtcDateTime
from app.kit.tenancy import TenantModel, same_org
from app.workshop.rules import ORDER_MACHINE, OrderState, Outcome

CHOSEN = text("chosen_at IS NOT NULL")
STANDING = text("ended_at IS NULL")


class SupplierOrder(TenantModel):
    """An order, from the first thought to the delivery. ``unit_id`` has it done and receives it.

    ``supplier_id`` and ``price_ore`` are the chosen quote's. ``energy_wh`` and the materials are what
    one piece took; where nothing is recorded, the share of ``level`` stands for it. ``received`` is how
    many pieces came, and ``invoiced_ore`` what they cost in all, where that was another price.
    """

    __tablename__ = "supplier_order"
    machine = ORDER_MACHINE

    number: Mapped[int]
    state: Mapped[OrderState] = mapped_column(EnumText(OrderState))
    work: Mapped[Work] = mapped_column(EnumText(Work))
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str | None] = mapped_column(Text)
    unit_id: Mapped[UUID]
    place_id: Mapped[UUID | None]
    cost_centre: Mapped[str | None] = mapped_column(String(40))
    wanted_date: Mapped[date | None]
    category_id: Mapped[str | None] = mapped_column(ForeignKey("category.id"))
    quantity: Mapped[int]
    programme_line_id: Mapped[UUID | None]
    need_line_id: Mapped[UUID | None]
    ladder_step_id: Mapped[UUID | None]
    case_id: Mapped[UUID | None]
    purchase_cancelled: Mapped[bool] = mapped_column(default=False)
    supplier_id: Mapped[UUID | None]
    price_ore: Mapped[int | None] = mapped_column(BigInteger)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    approved_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_ore: Mapped[int | None] = mapped_column(BigInteger)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_on: Mapped[date | None]
    done_on: Mapped[date | None]
    received: Mapped[int | None]
    invoiced_ore: Mapped[int | None] = mapped_column(BigInteger)
    handover_id: Mapped[UUID | None]
    level: Mapped[RedesignLevel | None] = mapped_column(EnumText(RedesignLevel))
    energy_wh: Mapped[int | None]
    has_inputs: Mapped[bool] = mapped_column(default=False)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_why: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("unit_id", "unit"),
            same_org("place_id", "place"),
            same_org("programme_line_id", "programme_line"),
            same_org("need_line_id", "need_line"),
            same_org("ladder_step_id", "ladder_step"),
            same_org("case_id", "inbox_case"),
            same_org("supplier_id", "supplier"),
            same_org("handover_id", "handover"),
            CheckConstraint("quantity >= 1", name="quantity"),
            CheckConstraint("price_ore >= 0", name="price"),
            CheckConstraint("received >= 0", name="received"),
            CheckConstraint("invoiced_ore >= 0", name="invoiced"),
            CheckConstraint("energy_wh >= 0", name="energy"),
            Index("uq_supplier_order_number", "org_id", "number", unique=True),
            Index("ix_supplier_order_state", "org_id", "state"),
            Index("ix_supplier_order_handover", "org_id", "handover_id"),
            Index("ix_supplier_order_case", "org_id", "case_id"),
            Index("ix_supplier_order_need_line", "org_id", "need_line_id"),
            Index("ix_supplier_order_programme_line", "org_id", "programme_line_id"),
        )


class OrderPiece(TenantModel):
    """A piece of the organisation's own that an order is about: treated, or a donor.

    It stands until ``ended_at``: a piece is on one open order at most. ``is_sent`` says that this order
    sent it to the workshop. One that ``had_no_user`` as it came back is booked with the handover that
    finds it one: ``handover_id``.
    """

    __tablename__ = "order_piece"

    supplier_order_id: Mapped[UUID]
    item_id: Mapped[UUID]
    outcome: Mapped[Outcome | None] = mapped_column(EnumText(Outcome))
    is_sent: Mapped[bool] = mapped_column(default=False)
    had_no_user: Mapped[bool] = mapped_column(default=False)
    handover_id: Mapped[UUID | None]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("supplier_order_id", "supplier_order"),
            same_org("item_id", "item"),
            same_org("handover_id", "handover"),
            Index("ix_order_piece_handover", "org_id", "handover_id"),
            Index("ix_order_piece_order", "org_id", "supplier_order_id"),
            Index("ix_order_piece_item", "org_id", "item_id"),
            Index(
                "uq_order_piece_standing",
                "org_id",
                "item_id",
                unique=True,
                sqlite_where=STANDING,
                postgresql_where=STANDING,
            ),
        )


class Quote(TenantModel):
    """What a supplier would do it for, in all and excl. VAT.

    ``claim`` is the supplier's own word on the environment. It is kept, and never added to a figure.
    """

    __tablename__ = "quote"

    supplier_order_id: Mapped[UUID]
    supplier_id: Mapped[UUID]
    price_ore: Mapped[int] = mapped_column(BigInteger)
    delivery_on: Mapped[date | None]
    valid_until: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(Text)
    claim: Mapped[str | None] = mapped_column(Text)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    chosen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    chosen_why: Mapped[str | None] = mapped_column(Text)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("supplier_order_id", "supplier_order"),
            same_org("supplier_id", "supplier"),
            CheckConstraint("price_ore >= 0", name="price"),
            Index("uq_quote_supplier", "org_id", "supplier_order_id", "supplier_id", unique=True),
            Index(
                "uq_quote_chosen",
                "org_id",
                "supplier_order_id",
                unique=True,
                sqlite_where=CHOSEN,
                postgresql_where=CHOSEN,
            ),
        )


class OrderMaterial(TenantModel):
    """Grams of a material put into one piece, or taken off it and thrown away."""

    __tablename__ = "order_material"

    supplier_order_id: Mapped[UUID]
    material: Mapped[str] = mapped_column(String(40))
    is_removed: Mapped[bool]
    mass_g: Mapped[int]

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("supplier_order_id", "supplier_order"),
            CheckConstraint("mass_g > 0", name="mass"),
            Index(
                "uq_order_material",
                "org_id",
                "supplier_order_id",
                "material",
                "is_removed",
                unique=True,
            ),
        )


class OrderOffcut(TenantModel):
    """Grams that became waste as donors or dismantled pieces were cut up, by fraction."""

    __tablename__ = "order_offcut"

    supplier_order_id: Mapped[UUID]
    fraction: Mapped[Fraction] = mapped_column(EnumText(Fraction))
    mass_g: Mapped[int]

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("supplier_order_id", "supplier_order"),
            CheckConstraint("mass_g > 0", name="mass"),
            Index("uq_order_offcut", "org_id", "supplier_order_id", "fraction", unique=True),
        )
