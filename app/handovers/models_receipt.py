"""Receipts: what was loaded or received in one go, by whom, and who signed for it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.handovers.rules import ScanOutcome, Way
from app.kit.columns import EnumText, UtcDateTime
from app.kit.tenancy import TenantModel, same_org


class Receipt(TenantModel):
    """One list of scans, as it was sent. ``person_id`` sent it; ``signed_name`` signed for it."""

    __tablename__ = "receipt"

    number: Mapped[int]
    way: Mapped[Way] = mapped_column(EnumText(Way))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    signed_name: Mapped[str | None] = mapped_column(String(120))

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (Index("uq_receipt_number", "org_id", "number", unique=True),)


class ReceiptLine(TenantModel):
    """One scan and what became of it; the line of the handover where the piece came along."""

    __tablename__ = "receipt_line"

    receipt_id: Mapped[UUID]
    position: Mapped[int]
    text: Mapped[str] = mapped_column(String(200))
    outcome: Mapped[ScanOutcome] = mapped_column(EnumText(ScanOutcome))
    item_id: Mapped[UUID | None]
    handover_line_id: Mapped[UUID | None]

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("receipt_id", "receipt"),
            same_org("item_id", "item"),
            same_org("handover_line_id", "handover_line"),
            UniqueConstraint("org_id", "receipt_id", "position"),
            Index("ix_receipt_line_handover_line", "org_id", "handover_line_id"),
        )


class SignatureFile(TenantModel):
    """The drawn signature of a receipt: one small picture that holds the strokes and nothing else."""

    __tablename__ = "signature_file"

    receipt_id: Mapped[UUID]
    key: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[str] = mapped_column(String(64))
    byte_count: Mapped[int]
    width_px: Mapped[int]
    height_px: Mapped[int]

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (same_org("receipt_id", "receipt"), UniqueConstraint("org_id", "receipt_id"))
