"""Single pieces, their codes, photos and measurements, and what strangers report of them."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
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

from app.catalogue.models import AmountUnit
from app.items.rules import (
    FOUND_REPORT_MACHINE,
    MACHINE,
    REMEMBERED,
    Condition,
    FoundReportState,
    ItemState,
    Suitability,
    Verdict,
)
from app.kit.columns import DecimalText, EnumText, UtcDateTime
from app.kit.tenancy import PlatformModel, TenantModel, other_org, same_org


class Item(TenantModel):
    """One physical piece, or an amount in m² or kg. Empty means unknown, never 0.

    ``lot_id`` is shared by the pieces of one registration. Measurements in mm, mass in g, price in
    øre of the organisation's currency, each the piece's own: model and category give defaults.
    """

    __tablename__ = "item"
    machine = MACHINE
    remembered = REMEMBERED

    state: Mapped[ItemState] = mapped_column(EnumText(ItemState))
    state_before: Mapped[ItemState | None] = mapped_column(EnumText(ItemState))
    category_id: Mapped[str] = mapped_column(ForeignKey("category.id"))
    product_model_id: Mapped[UUID | None]
    lot_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(200))
    maker: Mapped[str | None] = mapped_column(String(120))
    model: Mapped[str | None] = mapped_column(String(120))
    colour: Mapped[str | None] = mapped_column(String(60))
    material: Mapped[str | None] = mapped_column(String(60))
    condition: Mapped[Condition] = mapped_column(EnumText(Condition))
    width_mm: Mapped[int | None]
    depth_mm: Mapped[int | None]
    height_mm: Mapped[int | None]
    mass_g: Mapped[int | None]
    amount: Mapped[Decimal] = mapped_column(DecimalText, default=Decimal(1))
    amount_unit: Mapped[AmountUnit] = mapped_column(EnumText(AmountUnit), default=AmountUnit.PIECE)
    new_price_ore: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3), default="NOK")
    owner_unit_id: Mapped[UUID]
    holder_unit_id: Mapped[UUID]
    assigned_person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    place_id: Mapped[UUID]
    last_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_seen_place_id: Mapped[UUID | None]
    last_seen_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    parent_id: Mapped[UUID | None]
    previous_org_id: Mapped[UUID | None]
    previous_item_id: Mapped[UUID | None]
    merged_into_id: Mapped[UUID | None]
    import_run_id: Mapped[UUID | None]
    note: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("product_model_id", "product_model"),
            same_org("owner_unit_id", "unit"),
            same_org("holder_unit_id", "unit"),
            same_org("place_id", "place"),
            same_org("last_seen_place_id", "place"),
            same_org("parent_id", "item"),
            same_org("merged_into_id", "item"),
            same_org("import_run_id", "import_run"),
            other_org("previous_org_id", "previous_item_id", "item"),
            CheckConstraint("parent_id IS NULL OR parent_id <> id", name="not_its_own_parent"),
            CheckConstraint("width_mm BETWEEN 1 AND 20000", name="width"),
            CheckConstraint("depth_mm BETWEEN 1 AND 20000", name="depth"),
            CheckConstraint("height_mm BETWEEN 1 AND 20000", name="height"),
            CheckConstraint("mass_g BETWEEN 1 AND 5000000", name="mass"),
            CheckConstraint("new_price_ore >= 0", name="new_price"),
            Index("ix_item_created", "org_id", "created_at", "id", "state"),
            Index("ix_item_lot", "org_id", "lot_id"),
            Index("ix_item_place", "org_id", "place_id"),
            Index("ix_item_category", "org_id", "category_id"),
            # A piece goes on to one organisation, once.
            Index(
                "uq_item_previous",
                "previous_org_id",
                "previous_item_id",
                unique=True,
                sqlite_where=text("previous_item_id IS NOT NULL"),
                postgresql_where=text("previous_item_id IS NOT NULL"),
            ),
        )


class MeasurementKind(StrEnum):
    SEAT_HEIGHT = "seat_height"
    SEAT_WIDTH = "seat_width"
    SEAT_DEPTH = "seat_depth"
    HEIGHT_MIN = "height_min"
    HEIGHT_MAX = "height_max"
    LENGTH = "length"
    DIAMETER = "diameter"


class Measurement(TenantModel):
    """A measurement beyond width, depth and height, in mm."""

    __tablename__ = "measurement"

    item_id: Mapped[UUID]
    kind: Mapped[MeasurementKind] = mapped_column(EnumText(MeasurementKind))
    mm: Mapped[int]

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("item_id", "item"),
            UniqueConstraint("org_id", "item_id", "kind"),
            CheckConstraint("mm BETWEEN 1 AND 20000", name="mm"),
        )


class PrintBatch(TenantModel):
    """Blank codes printed together."""

    __tablename__ = "print_batch"

    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    count: Mapped[int]
    note: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Code(PlatformModel):
    """A label's code, unique everywhere. ``item_id`` is empty while it is blank.

    Several codes may lead to one piece: a lost label's old code still does. ``printer_org_id`` and
    ``print_batch_id`` say who printed it, and are kept when it is bound.
    """

    __tablename__ = "code"

    code: Mapped[str] = mapped_column(String(11), primary_key=True)
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    item_id: Mapped[UUID | None]
    printer_org_id: Mapped[UUID | None]
    print_batch_id: Mapped[UUID | None]
    bound_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    replaced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("item_id", "item"),
            other_org("printer_org_id", "print_batch_id", "print_batch"),
            Index("ix_code_item", "org_id", "item_id"),
            Index("ix_code_print_batch", "printer_org_id", "print_batch_id"),
        )


class IdentifierKind(StrEnum):
    """What a foreign code is. ``import_key`` is the key column's value of a spreadsheet."""

    ASSET_TAG = "asset_tag"
    EAN = "ean"
    GIAI = "giai"
    SERIAL = "serial"
    IMPORT_KEY = "import_key"
    OTHER = "other"


class ItemIdentifier(TenantModel):
    """A piece's foreign code: EAN, old asset tag, serial number."""

    __tablename__ = "item_identifier"

    item_id: Mapped[UUID]
    kind: Mapped[IdentifierKind] = mapped_column(EnumText(IdentifierKind))
    value: Mapped[str] = mapped_column(String(200))

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("item_id", "item"),
            UniqueConstraint("org_id", "item_id", "kind", "value"),
            Index("ix_item_identifier_value", "org_id", "value"),
        )


class PhotoTaken(StrEnum):
    """Before or after the piece was repaired or redesigned."""

    BEFORE = "before"
    AFTER = "after"


class Photo(TenantModel):
    """A picture of one piece, of every piece of a lot, or of a product model: exactly one of them.

    Its files are immutable and content-addressed; ``resized_at`` is empty until the smaller sizes
    are made, and ``resize_at`` is the next try.
    """

    __tablename__ = "photo"

    item_id: Mapped[UUID | None]
    lot_id: Mapped[UUID | None]
    product_model_id: Mapped[UUID | None]
    position: Mapped[int]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    alt: Mapped[str | None] = mapped_column(String(200))
    taken: Mapped[PhotoTaken | None] = mapped_column(EnumText(PhotoTaken))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    resized_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resize_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resize_attempts: Mapped[int] = mapped_column(default=0)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("item_id", "item"),
            same_org("product_model_id", "product_model"),
            CheckConstraint(
                "(CASE WHEN item_id IS NULL THEN 0 ELSE 1 END"
                " + CASE WHEN lot_id IS NULL THEN 0 ELSE 1 END"
                " + CASE WHEN product_model_id IS NULL THEN 0 ELSE 1 END) = 1",
                name="shows_one_thing",
            ),
            Index("ix_photo_item", "org_id", "item_id"),
            Index("ix_photo_lot", "org_id", "lot_id"),
            Index("ix_photo_product_model", "org_id", "product_model_id"),
            Index(
                "ix_photo_waiting",
                "resize_at",
                sqlite_where=text("resized_at IS NULL"),
                postgresql_where=text("resized_at IS NULL"),
            ),
        )


class PhotoFile(TenantModel):
    """One stored size of a photo; ``name`` is ``large``, ``medium``, ``small`` or ``jpeg``."""

    __tablename__ = "photo_file"

    photo_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[str] = mapped_column(String(64))
    byte_count: Mapped[int]
    width_px: Mapped[int]
    height_px: Mapped[int]

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("photo_id", "photo"),
            UniqueConstraint("org_id", "photo_id", "name"),
            Index("ix_photo_file_key", "org_id", "key"),
        )


class Donor(TenantModel):
    """A dismantled piece that was built into another, with the grams built in."""

    __tablename__ = "donor"

    item_id: Mapped[UUID]
    donor_id: Mapped[UUID]
    built_in_g: Mapped[int]

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("item_id", "item"),
            same_org("donor_id", "item"),
            UniqueConstraint("org_id", "item_id", "donor_id"),
            CheckConstraint("built_in_g >= 0", name="built_in"),
            CheckConstraint("donor_id <> item_id", name="not_its_own_donor"),
        )


class Assessment(TenantModel):
    """An expert's verdict on a piece. Never changed: a later day's takes its place.

    ``is_newest`` marks the one that counts. ``suitability`` is empty where nobody has judged it, and
    ``cost_ore`` is an estimate of what the verdict costs, in the organisation's currency.
    """

    __tablename__ = "assessment"

    item_id: Mapped[UUID]
    verdict: Mapped[Verdict] = mapped_column(EnumText(Verdict))
    suitability: Mapped[Suitability | None] = mapped_column(EnumText(Suitability))
    cost_ore: Mapped[int | None] = mapped_column(BigInteger)
    note: Mapped[str | None] = mapped_column(Text)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    assessed_on: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    is_newest: Mapped[bool]

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("item_id", "item"),
            CheckConstraint("cost_ore >= 0", name="cost"),
            Index("ix_assessment_item", "org_id", "item_id"),
            Index(
                "uq_assessment_newest",
                "org_id",
                "item_id",
                unique=True,
                sqlite_where=text("is_newest"),
                postgresql_where=text("is_newest"),
            ),
        )


class FoundReport(TenantModel):
    """What anybody sends from the label's page, without signing in."""

    __tablename__ = "found_report"
    machine = FOUND_REPORT_MACHINE

    state: Mapped[FoundReportState] = mapped_column(EnumText(FoundReportState))
    item_id: Mapped[UUID]
    text: Mapped[str] = mapped_column(Text)
    contact: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("item_id", "item"),
            Index("ix_found_report_state", "org_id", "state", "created_at"),
        )
