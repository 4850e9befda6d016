"""Decisions to take pieces out of use for good, and what becomes of them."""

import hashlib
import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
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

from app.disposals.rules import DISPOSAL_MACHINE, DisposalState, Fate, Fraction, Reason
from app.items.rules import Condition
from app.kit.columns import EnumText, UtcDateTime
from app.kit.tenancy import TenantModel, same_org

STANDING_ONLY = text("withdrawn_at IS NULL")


class Disposal(TenantModel):
    """One written decision for one or several pieces. ``decided_by_id`` signed it."""

    __tablename__ = "disposal"
    machine = DISPOSAL_MACHINE

    number: Mapped[int]
    state: Mapped[DisposalState] = mapped_column(EnumText(DisposalState))
    fate: Mapped[Fate] = mapped_column(EnumText(Fate))
    reason: Mapped[Reason] = mapped_column(EnumText(Reason))
    reason_text: Mapped[str | None] = mapped_column(Text)
    not_offered_why: Mapped[str | None] = mapped_column(Text)
    receiver: Mapped[str | None] = mapped_column(String(160))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delivered_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    delivered_on: Mapped[date | None]
    withdrawn_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_why: Mapped[str | None] = mapped_column(Text)

    def sha256(
        self, pieces: Iterable["DisposalPiece"], fractions: Iterable["DisposalFraction"]
    ) -> str:
        """Of what is signed: the event carries it, so a later change of the rows shows."""
        signed = {
            "number": self.number,
            "fate": self.fate.value,
            "reason": self.reason.value,
            "reason_text": self.reason_text,
            "not_offered_why": self.not_offered_why,
            "receiver": self.receiver,
            "pieces": sorted(
                [str(each.item_id), each.condition.value, each.mass_g, each.offers]
                for each in pieces
            ),
            "fractions": sorted(
                [each.fraction.value, each.mass_g, each.ns_code, each.eal_code]
                for each in fractions
            ),
        }
        text = json.dumps(signed, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            Index("uq_disposal_number", "org_id", "number", unique=True),
            Index("ix_disposal_state", "org_id", "state"),
        )


class DisposalPiece(TenantModel):
    """A piece of a decision, as it was: condition, mass in g, and what it was offered as.

    ``offers`` is frozen when the decision is signed. A piece stands on one decision at a time.
    """

    __tablename__ = "disposal_piece"

    disposal_id: Mapped[UUID]
    item_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(200))
    code: Mapped[str | None] = mapped_column(String(11))
    condition: Mapped[Condition] = mapped_column(EnumText(Condition))
    mass_g: Mapped[int | None]
    is_mass_default: Mapped[bool]
    offers: Mapped[Any] = mapped_column(JSON)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("disposal_id", "disposal"),
            same_org("item_id", "item"),
            UniqueConstraint("org_id", "disposal_id", "item_id"),
            Index(
                "uq_disposal_piece_standing",
                "org_id",
                "item_id",
                unique=True,
                sqlite_where=STANDING_ONLY,
                postgresql_where=STANDING_ONLY,
            ),
        )


class DisposalFraction(TenantModel):
    """How many grams of the decision's pieces are which waste, with the codes as they were then."""

    __tablename__ = "disposal_fraction"

    disposal_id: Mapped[UUID]
    fraction: Mapped[Fraction] = mapped_column(EnumText(Fraction))
    mass_g: Mapped[int]
    is_entered: Mapped[bool]
    ns_code: Mapped[str] = mapped_column(String(20))
    eal_code: Mapped[str] = mapped_column(String(20))

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("disposal_id", "disposal"),
            UniqueConstraint("org_id", "disposal_id", "fraction"),
            CheckConstraint("mass_g > 0", name="mass"),
        )


class WasteCode(TenantModel):
    """An organisation's own codes of a fraction, with who compared them with the lists and when."""

    __tablename__ = "waste_code"

    fraction: Mapped[Fraction] = mapped_column(EnumText(Fraction))
    ns_code: Mapped[str] = mapped_column(String(20))
    eal_code: Mapped[str] = mapped_column(String(20))
    verified_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    verified_on: Mapped[date]

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (UniqueConstraint("org_id", "fraction"),)
