"""Changes of place and holder, with what they cost and what the receiver would have done."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.impact.rules import FulfilmentSource, RedesignLevel, UserCase, WouldHave
from app.kit.columns import EnumText, UtcDateTime
from app.kit.tenancy import TenantModel, other_org, same_org
from app.marketplace.rules import ReturnReason

COMING_ONLY = text("receiver_org_id <> org_id AND received_at IS NULL AND undone_at IS NULL")


class Handover(TenantModel):
    """One trip or one entry by hand. To another organisation it names neither its units nor places.

    ``distance_m`` was entered and holds the empty return if it was made for this; ``measured_m``
    stands in for it, there and back by the positions of the places; ``vehicle`` is a transport factor's code; ``transport_ore`` is the whole trip's cost.
    ``vat_percent`` is what the giver of a sale to another organisation states of it.
    """

    __tablename__ = "handover"

    number: Mapped[int]
    handed_over_on: Mapped[date]
    giver_unit_id: Mapped[UUID | None]
    supplier: Mapped[str | None] = mapped_column(String(160))
    receiver_org_id: Mapped[UUID]
    receiver_unit_id: Mapped[UUID | None]
    from_place_id: Mapped[UUID | None]
    to_place_id: Mapped[UUID | None]
    project_id: Mapped[UUID | None]
    vehicle: Mapped[str | None] = mapped_column(String(40))
    distance_m: Mapped[int | None]
    measured_m: Mapped[int | None]
    transport_ore: Mapped[int | None] = mapped_column(BigInteger)
    vat_percent: Mapped[int | None]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("giver_unit_id", "unit"),
            same_org("from_place_id", "place"),
            other_org("receiver_org_id", "receiver_unit_id", "unit"),
            other_org("receiver_org_id", "to_place_id", "place"),
            other_org("receiver_org_id", "project_id", "project"),
            Index("uq_handover_number", "org_id", "number", unique=True),
            CheckConstraint("distance_m >= 0", name="distance"),
            CheckConstraint("transport_ore >= 0", name="transport"),
        )


class HandoverLine(TenantModel):
    """One piece on a handover. Costs in øre; empty is unknown, never 0.

    ``vat_ore`` is on top of ``price_ore``, of what another organisation buys. ``undone_at`` is when it was taken back with everything it did. With a ``return_reason`` the
    piece had arrived and went back to its giver; without one, the handover was a mistake.
    """

    __tablename__ = "handover_line"

    handover_id: Mapped[UUID]
    item_id: Mapped[UUID]
    receiver_org_id: Mapped[UUID]
    new_item_id: Mapped[UUID | None]
    reservation_id: Mapped[UUID | None]
    programme_line_id: Mapped[UUID | None]
    source: Mapped[FulfilmentSource] = mapped_column(EnumText(FulfilmentSource))
    user_case: Mapped[UserCase] = mapped_column(EnumText(UserCase), default=UserCase.NEW_USER)
    would_have: Mapped[WouldHave] = mapped_column(
        EnumText(WouldHave), default=WouldHave.NOT_ANSWERED
    )
    need_recorded_before: Mapped[bool] = mapped_column(default=False)
    would_discard: Mapped[bool] = mapped_column(default=True)
    purchase_cancelled: Mapped[bool] = mapped_column(default=False)
    warranted_as_new: Mapped[bool] = mapped_column(default=False)
    extra_life_months: Mapped[int | None]
    price_ore: Mapped[int | None] = mapped_column(BigInteger)
    vat_ore: Mapped[int | None] = mapped_column(BigInteger)
    redesign_ore: Mapped[int | None] = mapped_column(BigInteger)
    cleaning_ore: Mapped[int | None] = mapped_column(BigInteger)
    handling_ore: Mapped[int | None] = mapped_column(BigInteger)
    costs_complete: Mapped[bool] = mapped_column(default=False)
    redesign_level: Mapped[RedesignLevel | None] = mapped_column(EnumText(RedesignLevel))
    removed_g: Mapped[int | None]
    owner_unit_before_id: Mapped[UUID | None]
    holder_unit_before_id: Mapped[UUID | None]
    place_before_id: Mapped[UUID | None]
    picked_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    picked_up_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    received_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    received_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    return_reason: Mapped[ReturnReason | None] = mapped_column(EnumText(ReturnReason))

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("handover_id", "handover"),
            same_org("item_id", "item"),
            same_org("reservation_id", "reservation"),
            same_org("owner_unit_before_id", "unit"),
            same_org("holder_unit_before_id", "unit"),
            same_org("place_before_id", "place"),
            other_org("receiver_org_id", "new_item_id", "item"),
            other_org("receiver_org_id", "programme_line_id", "programme_line"),
            Index("ix_handover_line_handover", "org_id", "handover_id"),
            Index("ix_handover_line_item", "org_id", "item_id"),
            Index(
                "ix_handover_line_coming",
                "receiver_org_id",
                sqlite_where=COMING_ONLY,
                postgresql_where=COMING_ONLY,
            ),
            CheckConstraint("extra_life_months BETWEEN 0 AND 1200", name="extra_life"),
            CheckConstraint("removed_g >= 0", name="removed"),
        )
