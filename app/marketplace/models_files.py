"""Photos and documents of a request's thread."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.kit.columns import EnumText, UtcDateTime
from app.kit.tenancy import TenantModel, same_org


class FileKind(StrEnum):
    PHOTO = "photo"
    DOCUMENT = "document"


class MessageFile(TenantModel):
    """A file of a message, in the order it came. The bytes lie in the store under ``key``."""

    __tablename__ = "message_file"

    message_id: Mapped[UUID]
    position: Mapped[int]
    kind: Mapped[FileKind] = mapped_column(EnumText(FileKind))
    name: Mapped[str] = mapped_column(String(120))
    key: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(String(64))
    byte_count: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("message_id", "message"),
            UniqueConstraint("org_id", "message_id", "position"),
            Index("ix_message_file_key", "org_id", "key"),
            CheckConstraint("byte_count >= 0", name="byte_count"),
        )
