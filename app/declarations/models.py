"""Environmental declarations: the files as they came, and what was read of them for what."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.catalogue.models import AmountUnit
from app.declarations.rules_reading import DeclaredUnit
from app.kit.chain import sha256_of
from app.kit.columns import DecimalText, EnumText, UtcDateTime
from app.kit.tenancy import TenantModel, same_org

HOLDS = text("ended_at IS NULL")


class DeclarationFile(TenantModel):
    """A file as it came (rule 9). The bytes lie in the store under ``key``, by their content."""

    __tablename__ = "declaration_file"

    name: Mapped[str] = mapped_column(String(120))
    form: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(String(64))
    byte_count: Mapped[int]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            CheckConstraint("byte_count > 0", name="byte_count"),
            Index("ix_declaration_file_sha256", "org_id", "sha256"),
        )


class Declaration(TenantModel):
    """What was read for one product model or one piece; per amount unit, in g CO2e and g.

    One holds at a time; another ends it, and none is changed. ``answers`` are what the person
    confirmed. ``replaced`` is, by field of the model, what stood there and what was put there; empty
    for a piece, and for those from before it was kept. What it is declared for, by whom it is
    registered (``program_operator``) and whose it is (``owner``) are empty for those too.
    """

    __tablename__ = "declaration"

    declaration_file_id: Mapped[UUID]
    product_model_id: Mapped[UUID | None]
    item_id: Mapped[UUID | None]
    name: Mapped[str] = mapped_column(String(200))
    number: Mapped[str] = mapped_column(String(80))
    indicator: Mapped[str] = mapped_column(String(80))
    amount_unit: Mapped[AmountUnit] = mapped_column(EnumText(AmountUnit))
    gwp_g: Mapped[Decimal] = mapped_column(DecimalText)
    mass_g: Mapped[Decimal | None] = mapped_column(DecimalText)
    delivery_g: Mapped[Decimal | None] = mapped_column(DecimalText)
    end_of_life_g: Mapped[Decimal | None] = mapped_column(DecimalText)
    relative_deviation: Mapped[Decimal | None] = mapped_column(DecimalText)
    service_life_months: Mapped[int | None]
    issued_on: Mapped[date | None]
    valid_until: Mapped[date | None]
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    replaced: Mapped[dict[str, list[Any]] | None] = mapped_column(JSON(none_as_null=True))
    program_operator: Mapped[str | None] = mapped_column(String(200))
    owner: Mapped[str | None] = mapped_column(String(200))
    declared_quantity: Mapped[Decimal | None] = mapped_column(DecimalText)
    declared_unit: Mapped[DeclaredUnit | None] = mapped_column(EnumText(DeclaredUnit))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("declaration_file_id", "declaration_file"),
            same_org("product_model_id", "product_model"),
            same_org("item_id", "item"),
            CheckConstraint("(product_model_id IS NULL) <> (item_id IS NULL)", name="of_one"),
            Index("ix_declaration_created", "org_id", "created_at", "id"),
            Index(
                "uq_declaration_model",
                "org_id",
                "product_model_id",
                unique=True,
                sqlite_where=HOLDS,
                postgresql_where=HOLDS,
            ),
            Index(
                "uq_declaration_item",
                "org_id",
                "item_id",
                unique=True,
                sqlite_where=HOLDS,
                postgresql_where=HOLDS,
            ),
        )

    def sha256(self) -> str:
        """Of all that the declaration says; when it ended is told by another event."""
        was_kept = self.declared_quantity is not None
        return sha256_of(self, (*SAID, *SAID_LATER) if was_kept else SAID)


SAID = (
    "id",
    "declaration_file_id",
    "product_model_id",
    "item_id",
    "name",
    "number",
    "indicator",
    "amount_unit",
    "gwp_g",
    "mass_g",
    "delivery_g",
    "end_of_life_g",
    "relative_deviation",
    "service_life_months",
    "issued_on",
    "valid_until",
    "answers",
    "replaced",
    "person_id",
    "created_at",
)
"""Named one by one: a column that comes later changes nothing that was said before."""
SAID_LATER = ("program_operator", "owner", "declared_quantity", "declared_unit")
"""Said by those that have a declared quantity; taken away, the rest has another hash."""
