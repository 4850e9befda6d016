"""Rules for whose yes a request needs on the asker's own side, and every such yes or no."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.kit.columns import EnumText, UtcDateTime
from app.kit.tenancy import TenantModel, same_org
from app.marketplace.rules_approval import APPROVAL_MACHINE, MOST_LEVELS, ApprovalState

WAITING_ONLY = text("state = 'waiting'")


class ApprovalRule(TenantModel):
    """What holds for a unit and what lies below it; without a unit for the whole organisation.

    The nearest rule up the tree decides alone: one without levels and categories needs nobody.
    ``giver_may_approve_own`` is the organisation's: whether who decides over pieces may say yes to
    a request of their own.
    """

    __tablename__ = "approval_rule"

    unit_id: Mapped[UUID | None]
    giver_may_approve_own: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("unit_id", "unit"),
            UniqueConstraint("org_id", "unit_id"),
            Index(
                "uq_approval_rule_organisation",
                "org_id",
                unique=True,
                sqlite_where=text("unit_id IS NULL"),
                postgresql_where=text("unit_id IS NULL"),
            ),
        )


class ApprovalLevel(TenantModel):
    """From which value or number of pieces a level is needed. At least one of them is said."""

    __tablename__ = "approval_level"

    rule_id: Mapped[UUID]
    level: Mapped[int]
    above_ore: Mapped[int | None] = mapped_column(BigInteger)
    above_pieces: Mapped[int | None]

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("rule_id", "approval_rule"),
            UniqueConstraint("org_id", "rule_id", "level"),
            CheckConstraint(f"level BETWEEN 1 AND {MOST_LEVELS}", name="level"),
            CheckConstraint("above_ore >= 0", name="above_ore"),
            CheckConstraint("above_pieces >= 0", name="above_pieces"),
            CheckConstraint(
                "above_ore IS NOT NULL OR above_pieces IS NOT NULL", name="says_something"
            ),
        )


class ApprovalCategory(TenantModel):
    """A category of which every piece needs the first level's yes."""

    __tablename__ = "approval_category"

    rule_id: Mapped[UUID]
    category_id: Mapped[str] = mapped_column(ForeignKey("category.id"))

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("rule_id", "approval_rule"),
            UniqueConstraint("org_id", "rule_id", "category_id"),
        )


class Approval(TenantModel):
    """One level's yes or no to one request. The lowest that waits is the one that is asked now.

    ``unit_id`` is the unit whose leader or deputies answer; without one the administrators do.
    Value and pieces are those of the day it was asked for.
    """

    __tablename__ = "approval"
    machine = APPROVAL_MACHINE

    request_id: Mapped[UUID]
    level: Mapped[int]
    unit_id: Mapped[UUID | None]
    state: Mapped[ApprovalState] = mapped_column(EnumText(ApprovalState))
    value_ore: Mapped[int] = mapped_column(BigInteger)
    pieces: Mapped[int]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str | None] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("request_id", "request"),
            same_org("unit_id", "unit"),
            UniqueConstraint("org_id", "request_id", "level"),
            CheckConstraint("state <> 'declined' OR reason IS NOT NULL", name="reason"),
            Index(
                "ix_approval_waiting",
                "org_id",
                "unit_id",
                sqlite_where=WAITING_ONLY,
                postgresql_where=WAITING_ONLY,
            ),
        )
