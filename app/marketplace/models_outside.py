"""What other organisations ask of the giver, and the pieces that are held for them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.impact.rules import WouldHave
from app.kit.columns import EnumText, UtcDateTime
from app.kit.tenancy import TenantModel, other_org, same_org
from app.marketplace.rules import OUTSIDE_MACHINE, OutsideState

HELD_ONLY = text("given_up_at IS NULL")
QUEUED_ONLY = text("state IN ('waiting', 'offered')")


class OutsideRequest(TenantModel):
    """Of the giver; ``asker_org_id`` sees it too: it is the one who wrote it.

    ``delivery`` is the asker's place in words: the place itself is the asker's own. With the
    ``project_date`` of what it is for it comes before those without, as inside. ``rest_of_id`` is
    the request that was given a part of what it wanted, of which this is the rest. ``reminders`` of
    what is on its way and not confirmed: one to the receiver, the second to the giver.
    """

    __tablename__ = "outside_request"
    machine = OUTSIDE_MACHINE

    number: Mapped[int]
    state: Mapped[OutsideState] = mapped_column(EnumText(OutsideState))
    listing_id: Mapped[UUID]
    asker_org_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    wanted: Mapped[int]
    approved: Mapped[int] = mapped_column(default=0)
    delivery: Mapped[str] = mapped_column(Text)
    wanted_date: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    handed_over_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    limit_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    project_date: Mapped[date | None]
    rest_of_id: Mapped[UUID | None]
    reminders: Mapped[int] = mapped_column(default=0)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("listing_id", "listing"),
            same_org("rest_of_id", "outside_request"),
            UniqueConstraint("org_id", "number"),
            UniqueConstraint("org_id", "rest_of_id"),
            CheckConstraint("wanted BETWEEN 1 AND 500", name="wanted"),
            CheckConstraint("approved <= wanted", name="approved"),
            Index("ix_outside_request_state", "org_id", "state", "asked_at"),
            Index("ix_outside_request_asker", "asker_org_id", "asked_at"),
            Index(
                "ix_outside_request_queue",
                "org_id",
                "listing_id",
                sqlite_where=QUEUED_ONLY,
                postgresql_where=QUEUED_ONLY,
            ),
        )


class OutsideDelivery(TenantModel):
    """Of the asker: where what it asks another organisation for is to go, and what it is to meet.

    The giver reads none of it: it is told the place in words, on the request.
    """

    __tablename__ = "outside_delivery"

    giver_org_id: Mapped[UUID]
    outside_request_id: Mapped[UUID]
    unit_id: Mapped[UUID]
    place_id: Mapped[UUID | None]
    programme_line_id: Mapped[UUID | None]
    would_have: Mapped[WouldHave] = mapped_column(
        EnumText(WouldHave), default=WouldHave.NOT_ANSWERED
    )
    need_recorded_before: Mapped[bool] = mapped_column(default=False)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            other_org("giver_org_id", "outside_request_id", "outside_request"),
            same_org("unit_id", "unit"),
            same_org("place_id", "place"),
            same_org("programme_line_id", "programme_line"),
            UniqueConstraint("giver_org_id", "outside_request_id"),
        )


class OutsidePiece(TenantModel):
    """A piece that is held for, or has gone to, another organisation or a buyer: one of the two.

    Both stand in one table, so that one unique key says that nobody else holds the piece.
    """

    __tablename__ = "outside_piece"

    outside_request_id: Mapped[UUID | None]
    buyer_ask_id: Mapped[UUID | None]
    item_id: Mapped[UUID]
    given_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("outside_request_id", "outside_request"),
            same_org("buyer_ask_id", "buyer_ask"),
            same_org("item_id", "item"),
            CheckConstraint(
                "(outside_request_id IS NULL) <> (buyer_ask_id IS NULL)", name="for_one"
            ),
            Index("ix_outside_piece_buyer", "org_id", "buyer_ask_id"),
            Index("ix_outside_piece_request", "org_id", "outside_request_id"),
            Index(
                "uq_outside_piece_held",
                "org_id",
                "item_id",
                unique=True,
                sqlite_where=HELD_ONLY,
                postgresql_where=HELD_ONLY,
            ),
        )


class OutsideMessage(TenantModel):
    """A line between the two organisations of a request; the request's own organisation is the giver.

    ``from_org_id`` says whose it is. Who wrote it is for their own to see.
    """

    __tablename__ = "outside_message"

    outside_request_id: Mapped[UUID]
    from_org_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("outside_request_id", "outside_request"),
            Index("ix_outside_message_request", "org_id", "outside_request_id", "created_at"),
        )
