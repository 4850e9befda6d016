"""An organisation's public page, what buyers ask for there, and the links in their letters."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.kit.columns import EnumText, UtcDateTime
from app.kit.tenancy import TenantModel, same_org
from app.marketplace.rules import Terms
from app.marketplace.rules_public import BUYER_MACHINE, BuyerState

UNCONFIRMED_ONLY = text("state = 'unconfirmed'")
QUEUED_ONLY = text("state IN ('waiting', 'offered')")


class PublicMarket(TenantModel):
    """What strangers may see of the organisation's market; no row means nothing.

    ``slug`` is its part of the address; ``area`` and ``pick_up`` are all that is said of where
    pieces are. ``vat_percent`` is what the organisation states for its sales, until it states
    another for one of them.
    """

    __tablename__ = "public_market"

    is_open: Mapped[bool]
    is_indexed: Mapped[bool]
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    area: Mapped[str] = mapped_column(String(120))
    pick_up: Mapped[str | None] = mapped_column(Text)
    seller: Mapped[str | None] = mapped_column(Text)
    vat_percent: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            UniqueConstraint("org_id"),
            CheckConstraint("vat_percent BETWEEN 0 AND 100", name="vat_percent"),
        )


class PublicTerms(TenantModel):
    """What a listing costs those outside, where it is not what it costs inside.

    ``price_ore`` is for each piece, VAT included; ``offers_until`` the last day to give one.
    """

    __tablename__ = "public_terms"

    listing_id: Mapped[UUID]
    terms: Mapped[Terms] = mapped_column(EnumText(Terms))
    price_ore: Mapped[int | None] = mapped_column(BigInteger)
    offers_until: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("listing_id", "listing"),
            UniqueConstraint("org_id", "listing_id"),
            CheckConstraint("(terms = 'price') = (price_ore IS NOT NULL)", name="price"),
        )


class BuyerAsk(TenantModel):
    """What somebody without an account asks the giver for. Nothing is held before a yes.

    ``terms`` and ``price_ore`` (for each piece) are as they stood when it was asked, or what was
    offered. ``rest_of_id`` is the ask of which this is the rest. ``blanked_at`` is when name, address and words were removed.
    """

    __tablename__ = "buyer_ask"
    machine = BUYER_MACHINE

    number: Mapped[int | None]
    state: Mapped[BuyerState] = mapped_column(EnumText(BuyerState))
    listing_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(8))
    message: Mapped[str | None] = mapped_column(Text)
    wanted: Mapped[int]
    approved: Mapped[int] = mapped_column(default=0)
    terms: Mapped[Terms] = mapped_column(EnumText(Terms))
    price_ore: Mapped[int] = mapped_column(BigInteger)
    answer: Mapped[str | None] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    over_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    blanked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    limit_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rest_of_id: Mapped[UUID | None]

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("listing_id", "listing"),
            same_org("rest_of_id", "buyer_ask"),
            UniqueConstraint("org_id", "number"),
            UniqueConstraint("org_id", "rest_of_id"),
            CheckConstraint("wanted BETWEEN 1 AND 500", name="wanted"),
            CheckConstraint("approved <= wanted", name="approved"),
            CheckConstraint("price_ore >= 0", name="price_ore"),
            Index("ix_buyer_ask_state", "org_id", "state", "confirmed_at"),
            Index("ix_buyer_ask_listing", "org_id", "listing_id", "state"),
            Index(
                "ix_buyer_ask_queue",
                "org_id",
                "listing_id",
                sqlite_where=QUEUED_ONLY,
                postgresql_where=QUEUED_ONLY,
            ),
            Index(
                "ix_buyer_ask_email",
                "email",
                sqlite_where=UNCONFIRMED_ONLY,
                postgresql_where=UNCONFIRMED_ONLY,
            ),
        )


class BuyerLink(TenantModel):
    """A link in a buyer's letter. Only the token's SHA-256 is kept; each letter has its own."""

    __tablename__ = "buyer_link"

    buyer_ask_id: Mapped[UUID]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("buyer_ask_id", "buyer_ask"),
            Index("ix_buyer_link_expires_at", "expires_at"),
        )
