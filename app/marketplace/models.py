"""Offers, requests from the market, and the reservations that hold a piece for one taker."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.impact.rules import WouldHave
from app.kit.columns import EnumText, UtcDateTime
from app.kit.tenancy import TenantModel, other_org, same_org
from app.marketplace.rules import (
    LISTING_MACHINE,
    REQUEST_MACHINE,
    RESERVATION_MACHINE,
    ListingState,
    RefusalReason,
    RequestState,
    ReservationState,
    Stage,
    Terms,
)

ACTIVE_ONLY = text("state IN ('offered', 'approved', 'ready', 'picked_up')")
OFFERED_ONLY = text("state = 'offered'")
HELD_ONLY = text("state IN ('approved', 'ready')")
WAITING_ONLY = text("state = 'waiting'")
OPEN_ONLY = text("state = 'open'")


class Listing(TenantModel):
    """One or more like pieces on offer, from a date. The pieces stay in use until pick-up.

    ``stage`` says who sees it, since ``stage_since``; on ``next_stage_on`` it goes to ``next_stage``.
    The days of a stage and the last one are the organisation's where they are empty here.
    ``reminded_for`` is the last day that somebody was reminded of.
    """

    __tablename__ = "listing"
    machine = LISTING_MACHINE

    state: Mapped[ListingState] = mapped_column(EnumText(ListingState))
    stage: Mapped[Stage] = mapped_column(EnumText(Stage))
    from_date: Mapped[date]
    until_date: Mapped[date | None]
    terms: Mapped[Terms] = mapped_column(EnumText(Terms), default=Terms.FREE)
    price_ore: Mapped[int | None] = mapped_column(BigInteger)
    text: Mapped[str | None] = mapped_column(Text)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    stage_since: Mapped[date]
    next_stage: Mapped[Stage | None] = mapped_column(EnumText(Stage))
    next_stage_on: Mapped[date | None]
    unit_days: Mapped[int | None]
    organisation_days: Mapped[int | None]
    network_days: Mapped[int | None]
    last_stage: Mapped[Stage | None] = mapped_column(EnumText(Stage))
    reminded_for: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            Index("ix_listing_state", "org_id", "state", "created_at"),
            Index(
                "ix_listing_next_stage",
                "next_stage_on",
                sqlite_where=OPEN_ONLY,
                postgresql_where=OPEN_ONLY,
            ),
            Index(
                "ix_listing_until",
                "until_date",
                sqlite_where=OPEN_ONLY,
                postgresql_where=OPEN_ONLY,
            ),
            CheckConstraint("until_date IS NULL OR until_date >= from_date", name="ends_after"),
        )


class ListingRules(TenantModel):
    """How the organisation's listings go from stage to stage; none yet is the program's default."""

    __tablename__ = "listing_rules"

    unit_days: Mapped[int]
    organisation_days: Mapped[int]
    network_days: Mapped[int]
    last_stage: Mapped[Stage] = mapped_column(EnumText(Stage))
    remind_days: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (UniqueConstraint("org_id"),)


class ListingItem(TenantModel):
    """A piece on a listing; ``left_at`` is set when it is taken, withdrawn or the listing ends."""

    __tablename__ = "listing_item"

    listing_id: Mapped[UUID]
    item_id: Mapped[UUID]
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("listing_id", "listing"),
            same_org("item_id", "item"),
            UniqueConstraint("org_id", "listing_id", "item_id"),
            Index(
                "uq_listing_item_open",
                "org_id",
                "item_id",
                unique=True,
                sqlite_where=text("left_at IS NULL"),
                postgresql_where=text("left_at IS NULL"),
            ),
        )


class Request(TenantModel):
    """What somebody orders from the market; belongs to the receiver's organisation."""

    __tablename__ = "request"
    machine = REQUEST_MACHINE

    number: Mapped[int | None]
    state: Mapped[RequestState] = mapped_column(EnumText(RequestState))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[UUID | None]
    place_id: Mapped[UUID | None]
    wanted_date: Mapped[date | None]
    project_id: Mapped[UUID | None]
    cost_centre: Mapped[str | None] = mapped_column(String(40))
    note: Mapped[str | None] = mapped_column(Text)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("unit_id", "unit"),
            same_org("place_id", "place"),
            same_org("project_id", "project"),
            UniqueConstraint("org_id", "number"),
            Index("ix_request_person", "org_id", "person_id", "state"),
            Index("ix_request_state", "org_id", "state", "created_at"),
            Index(
                "uq_request_basket",
                "org_id",
                "person_id",
                unique=True,
                sqlite_where=text("state = 'draft'"),
                postgresql_where=text("state = 'draft'"),
            ),
        )


class RequestLine(TenantModel):
    """Quantities of one listing: wanted, approved, picked up, received, returned.

    ``returned`` counts every piece that went back; one that is exchanged is to be picked up and
    received again. ``declined_for`` is why the giver last said no to some of it.
    """

    __tablename__ = "request_line"

    request_id: Mapped[UUID]
    giver_org_id: Mapped[UUID]
    listing_id: Mapped[UUID]
    programme_line_id: Mapped[UUID | None]
    would_have: Mapped[WouldHave] = mapped_column(
        EnumText(WouldHave), default=WouldHave.NOT_ANSWERED
    )
    need_recorded_before: Mapped[bool] = mapped_column(default=False)
    wanted: Mapped[int]
    approved: Mapped[int] = mapped_column(default=0)
    picked_up: Mapped[int] = mapped_column(default=0)
    received: Mapped[int] = mapped_column(default=0)
    returned: Mapped[int] = mapped_column(default=0)
    declined: Mapped[int] = mapped_column(default=0)
    declined_for: Mapped[RefusalReason | None] = mapped_column(EnumText(RefusalReason))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("request_id", "request"),
            other_org("giver_org_id", "listing_id", "listing"),
            same_org("programme_line_id", "programme_line"),
            CheckConstraint("wanted BETWEEN 1 AND 10000", name="wanted"),
            CheckConstraint("approved + declined <= wanted", name="approved"),
            CheckConstraint("picked_up <= approved", name="picked_up"),
            CheckConstraint("received <= picked_up", name="received"),
            UniqueConstraint("org_id", "request_id", "listing_id"),
        )


class Reservation(TenantModel):
    """A claim on a piece; belongs to the giver. ``item_id`` is empty while it waits.

    ``priority`` is the asker's class at this giver, ``wanted_by`` the date of the project it is for,
    ``asked_at`` when it was asked for: in this order the waiting list is served. ``limit_at`` is
    when an offer lapses, or until when what is approved is held; ``reminded_at`` when both sides
    were told that it ends. What was approved before there were limits has none. ``returned_at`` is
    when the received piece went back to its giver, unless it was damaged.
    """

    __tablename__ = "reservation"
    machine = RESERVATION_MACHINE

    state: Mapped[ReservationState] = mapped_column(EnumText(ReservationState))
    receiver_org_id: Mapped[UUID]
    request_line_id: Mapped[UUID]
    listing_id: Mapped[UUID]
    item_id: Mapped[UUID | None]
    priority: Mapped[int] = mapped_column(default=0)
    wanted_by: Mapped[date | None]
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    limit_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    returned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            other_org("receiver_org_id", "request_line_id", "request_line"),
            same_org("listing_id", "listing"),
            same_org("item_id", "item"),
            Index("ix_reservation_line", "receiver_org_id", "request_line_id"),
            Index("ix_reservation_listing", "org_id", "listing_id", "state"),
            Index(
                "ix_reservation_waiting",
                "org_id",
                "listing_id",
                sqlite_where=WAITING_ONLY,
                postgresql_where=WAITING_ONLY,
            ),
            Index(
                "ix_reservation_offered",
                "limit_at",
                sqlite_where=OFFERED_ONLY,
                postgresql_where=OFFERED_ONLY,
            ),
            Index(
                "ix_reservation_held",
                "limit_at",
                sqlite_where=HELD_ONLY,
                postgresql_where=HELD_ONLY,
            ),
            Index(
                "uq_reservation_active",
                "org_id",
                "item_id",
                unique=True,
                sqlite_where=ACTIVE_ONLY,
                postgresql_where=ACTIVE_ONLY,
            ),
        )


class Message(TenantModel):
    """A line of a request's thread."""

    __tablename__ = "message"

    request_id: Mapped[UUID]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("request_id", "request"),
            Index("ix_message_request", "org_id", "request_id", "created_at"),
        )
