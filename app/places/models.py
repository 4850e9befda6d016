"""Where furniture stands: property › building › floor › room, or storage."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.kit.codes import mint
from app.kit.columns import EnumText, UtcDateTime
from app.kit.tenancy import TenantModel, same_org


class PlaceKind(StrEnum):
    PROPERTY = "property"
    BUILDING = "building"
    FLOOR = "floor"
    ROOM = "room"
    STORAGE = "storage"


class Place(TenantModel):
    """A node of the tree of places. ``label`` is the readable path: "Bygg A › 2. etg. › 214".

    Latitude and longitude are in millionths of a degree, so that no float is kept. ``code`` is what
    the label at the door carries: unique everywhere and made with the row, so that every room can
    be labelled at any time and a label never has to be printed anew.
    """

    __tablename__ = "place"

    parent_id: Mapped[UUID | None]
    kind: Mapped[PlaceKind] = mapped_column(EnumText(PlaceKind))
    name: Mapped[str] = mapped_column(String(120))
    label: Mapped[str] = mapped_column(String(500))
    address: Mapped[str | None] = mapped_column(String(200))
    latitude_udeg: Mapped[int | None]
    longitude_udeg: Mapped[int | None]
    code: Mapped[str | None] = mapped_column(String(11), default=mint)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def latitude(self) -> Decimal | None:
        return _degrees(self.latitude_udeg)

    @property
    def longitude(self) -> Decimal | None:
        return _degrees(self.longitude_udeg)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("parent_id", "place"),
            UniqueConstraint("org_id", "parent_id", "name"),
            CheckConstraint("parent_id IS NULL OR parent_id <> id", name="not_its_own_parent"),
            Index("ix_place_code", "code", unique=True),
        )


def _degrees(udeg: int | None) -> Decimal | None:
    return None if udeg is None else Decimal(udeg) / 1_000_000
