"""What the API answers about pieces. No field has a default: what is missing is a mistake of ours."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from operator import itemgetter
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.catalogue.models import AmountUnit
from app.items import queries
from app.items.models import (
    IdentifierKind,
    Item,
    ItemIdentifier,
    MeasurementKind,
    PhotoTaken,
)
from app.items.queries import Pictured
from app.items.queries_history import Happened
from app.items.queries_piece import Facts, Shown
from app.items.rules import MACHINE, Condition, ItemState
from app.items.service import Registration
from app.items.service_seen import with_sightings
from app.kit.states import verbs


class Output(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class IdentifierOut(Output):
    """A foreign code of the piece."""

    kind: IdentifierKind
    value: str


class ItemOut(Output):
    """One piece, its own values only: empty is unknown, and `/items/{id}/facts` tells what counts.

    Measurements in mm, mass in g, price in øre of `currency`. `version` is what `If-Match` names.
    `last_seen_…` say when, where and by whose scan it was seen last, which need not be its place.
    """

    id: UUID
    state: ItemState
    category_id: str
    product_model_id: UUID | None
    lot_id: UUID
    name: str
    maker: str | None
    model: str | None
    colour: str | None
    material: str | None
    condition: Condition
    width_mm: int | None
    depth_mm: int | None
    height_mm: int | None
    mass_g: int | None
    amount: Decimal
    amount_unit: AmountUnit
    new_price_ore: int | None
    currency: str
    owner_unit_id: UUID
    holder_unit_id: UUID
    place_id: UUID
    last_seen_at: datetime | None
    last_seen_place_id: UUID | None
    last_seen_by_id: UUID | None
    note: str | None
    merged_into_id: UUID | None
    created_at: datetime
    version: int
    code: str | None
    measurements: dict[MeasurementKind, int]
    identifiers: list[IdentifierOut]
    photo_ids: list[UUID]
    verbs: list[str]


_COLUMNS = tuple(
    name
    for name in ItemOut.model_fields
    if name not in {"code", "measurements", "identifiers", "photo_ids", "verbs"}
)
_ABSENT = dict.fromkeys(("merged_into_id", "last_seen_at", "last_seen_place_id", "last_seen_by_id"))
"""What a new row leaves out where it is empty."""
_IDENTIFIER = itemgetter("item_id", "kind", "value")
_SUBJECTS = itemgetter("id", "lot_id", "product_model_id")


@dataclass(slots=True)
class _Beside:
    """What belongs to pieces beside their own columns, by the piece's id."""

    codes: Mapping[UUID, str]
    measured: Mapping[UUID, Mapping[MeasurementKind, int]]
    foreign: Mapping[UUID, Sequence[IdentifierOut]]
    photos: Mapping[UUID, UUID]

    def with_columns(self, item_id: UUID, columns: Mapping[str, Any]) -> ItemOut:
        photo = self.photos.get(item_id)
        return ItemOut(
            **columns,
            code=self.codes.get(item_id),
            measurements=self.measured.get(item_id, {}),
            identifiers=self.foreign.get(item_id, ()),
            photo_ids=[] if photo is None else [photo],
            verbs=[verb.value for verb in verbs(MACHINE, columns["state"])],
        )


def items_out(session: Session, actor: Actor, items: Sequence[Item]) -> list[ItemOut]:
    """Four queries, however many pieces; one more where some were scanned just now.

    Their photos are the piece's first one, if it has any.
    """
    with_sightings(session, actor, items)
    ids = [item.id for item in items]
    foreign = session.execute(
        select(ItemIdentifier.item_id, ItemIdentifier.kind, ItemIdentifier.value).where(
            ItemIdentifier.org_id == actor.org_id, ItemIdentifier.item_id.in_(ids)
        )
    )
    beside = _Beside(
        queries.codes_of(session, actor, ids),
        queries.measurements_of(session, actor, ids),
        _foreign(foreign),
        queries.main_photo_ids(session, actor, items),
    )
    return [
        beside.with_columns(item.id, {name: getattr(item, name) for name in _COLUMNS})
        for item in items
    ]


def registered_out(session: Session, actor: Actor, new: Registration) -> list[ItemOut]:
    """What ``items_out`` would read back of pieces just registered: all but photos is known."""
    codes = {row["item_id"]: row["code"] for row in new.codes}
    codes |= {each.item_id: each.code for each in new.bound}
    measured: dict[UUID, dict[MeasurementKind, int]] = {}
    for row in new.measurements:
        measured.setdefault(row["item_id"], {})[row["kind"]] = row["mm"]
    # A new piece has no photo of its own: only one of a product model can be shown with others.
    pictured = [Pictured(*_SUBJECTS(row)) for row in new.items if row["product_model_id"]]
    photos = queries.main_photo_ids(session, actor, pictured)
    beside = _Beside(codes, measured, _foreign(map(_IDENTIFIER, new.identifiers)), photos)
    return [beside.with_columns(row["id"], {**_ABSENT, **new.shared, **row}) for row in new.items]


def _foreign(
    rows: Iterable[tuple[UUID, IdentifierKind, str]],
) -> dict[UUID, list[IdentifierOut]]:
    """Foreign codes by their piece; sorted here, since databases sort text in ways of their own."""
    found: dict[UUID, list[IdentifierOut]] = {}
    for item_id, kind, value in sorted(rows, key=itemgetter(1, 2)):
        found.setdefault(item_id, []).append(IdentifierOut(kind=kind, value=value))
    return found


class ShownOut(Output):
    """A value and where it comes from: `own`, `declaration`, `model`, `category` or `unknown`."""

    value: int | None
    source: str
    low: int | None
    high: int | None

    @classmethod
    def of(cls, shown: Shown) -> "ShownOut":
        return cls(value=shown.value, source=shown.source, low=shown.low, high=shown.high)


class FactsOut(Output):
    """What counts for the piece, defaults included. GWP is that of a new one, in g CO2e."""

    mass_g: ShownOut
    new_price_ore: ShownOut
    gwp_g: ShownOut
    width_mm: ShownOut
    depth_mm: ShownOut
    height_mm: ShownOut

    @classmethod
    def of(cls, facts: Facts) -> "FactsOut":
        return cls(**{name: ShownOut.of(getattr(facts, name)) for name in cls.model_fields})


class ChangeOut(Output):
    """One field before and after, in the reader's words."""

    field: str
    label: str
    before: str
    after: str


class HappenedOut(Output):
    """One event of the piece; `who` is null for the system."""

    at: datetime
    kind: str
    what: str
    who: str | None
    changes: list[ChangeOut]

    @classmethod
    def of(cls, happened: Happened) -> "HappenedOut":
        return cls.model_validate(happened)


class PhotoOut(Output):
    """A photo; each size is at `/foto/{id}/{small|medium|large|jpeg}`."""

    id: UUID
    item_id: UUID | None
    lot_id: UUID | None
    product_model_id: UUID | None
    alt: str | None
    taken: PhotoTaken | None

    @classmethod
    def all(cls, rows: Sequence[Any]) -> "list[PhotoOut]":
        return [cls.model_validate(row) for row in rows]
