"""What the inventory's table can be narrowed by: one command for page, JSON and export."""

from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import Field
from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.items import search
from app.items.commands import Command, Grams, Millimetres, Ore
from app.items.inventory import COLUMNS, InventoryColumn, folded, has_label, has_photo
from app.items.models import Item
from app.items.queries_assessed import is_suitable
from app.items.queries_further import further
from app.items.queries_selection import is_selected
from app.items.rules import PRESENT, Condition, ItemState, Suitable
from app.kit.i18n import DEFAULT_ZONE
from app.kit.text import PRINTABLE
from app.places.queries import subtree_ids

C = InventoryColumn
Words = Annotated[str, Field(max_length=200), PRINTABLE]
Text = Annotated[str, Field(max_length=120), PRINTABLE]
_ZONE = ZoneInfo(DEFAULT_ZONE)


class InventoryFilter(Command):
    """Empty fields filter nothing, but without ``state`` what has left is not shown.

    Measurements in mm, mass in g, price in øre, each the piece's own or its product model's. Texts
    are found anywhere in the field. Days are whole days in Norway; ``unseen_since`` finds what
    nobody has seen since, never seen ones too, ``seen_place_id`` what was last seen there or in
    anything inside, and ``seen_by`` by whom. ``is_selected`` finds what the reader has ticked,
    ``project_id`` what a project releases.
    """

    q: Words = ""
    category_id: Annotated[str, Field(max_length=40), PRINTABLE] | None = None
    place_id: UUID | None = None
    owner_unit_id: UUID | None = None
    holder_unit_id: UUID | None = None
    state: list[ItemState] = Field(default=[], max_length=len(ItemState))
    condition: list[Condition] = Field(default=[], max_length=len(Condition))
    maker: Text = ""
    model: Text = ""
    colour: Text = ""
    material: Text = ""
    width_min_mm: Millimetres | None = None
    width_max_mm: Millimetres | None = None
    depth_min_mm: Millimetres | None = None
    depth_max_mm: Millimetres | None = None
    height_min_mm: Millimetres | None = None
    height_max_mm: Millimetres | None = None
    mass_min_g: Grams | None = None
    mass_max_g: Grams | None = None
    new_price_min_ore: Ore | None = None
    new_price_max_ore: Ore | None = None
    registered_from: date | None = None
    registered_until: date | None = None
    seen_from: date | None = None
    unseen_since: date | None = None
    seen_place_id: UUID | None = None
    seen_by: Text = ""
    has_photo: bool | None = None
    has_label: bool | None = None
    is_selected: bool | None = None
    suitability: Suitable | None = None
    lot_id: UUID | None = None
    project_id: UUID | None = None

    @property
    def chosen(self) -> list[str]:
        """The fields that narrow, words not counted."""
        return [
            name
            for name in type(self).model_fields
            if name != "q" and getattr(self, name) not in (None, "", [])
        ]

    @property
    def columns(self) -> set[InventoryColumn]:
        """The columns whose values the filter reads, and whose tables it so needs."""
        return {_READ_FROM[name] for name in self.chosen if name in _READ_FROM}


_TEXTS = {
    "maker": C.MAKER,
    "model": C.MODEL,
    "colour": C.COLOUR,
    "material": C.MATERIAL,
    "seen_by": C.SEEN_BY,
}
_RANGES = {
    "width_{}_mm": C.WIDTH,
    "depth_{}_mm": C.DEPTH,
    "height_{}_mm": C.HEIGHT,
    "mass_{}_g": C.MASS,
    "new_price_{}_ore": C.NEW_PRICE,
}
_READ_FROM = dict(_TEXTS) | {
    name.format(end): column for name, column in _RANGES.items() for end in ("min", "max")
}


def narrowed(session: Session, actor: Actor, wanted: InventoryFilter) -> list[ColumnElement[bool]]:
    """Conditions on pieces, for a query that has joined what ``wanted.columns`` need."""
    found: list[ColumnElement[bool]] = [Item.state.in_(wanted.state or sorted(PRESENT))]
    if wanted.q.strip():
        found.append(search.matching(session, wanted.q, org_id=actor.org_id))
    if wanted.category_id is not None:
        found.append(Item.category_id == wanted.category_id)
    if wanted.place_id is not None:
        found.append(Item.place_id.in_(subtree_ids(actor, wanted.place_id)))
    if wanted.seen_place_id is not None:
        found.append(Item.last_seen_place_id.in_(subtree_ids(actor, wanted.seen_place_id)))
    if wanted.owner_unit_id is not None:
        found.append(Item.owner_unit_id == wanted.owner_unit_id)
    if wanted.holder_unit_id is not None:
        found.append(Item.holder_unit_id == wanted.holder_unit_id)
    if wanted.condition:
        found.append(Item.condition.in_(wanted.condition))
    if wanted.lot_id is not None:
        found.append(Item.lot_id == wanted.lot_id)
    found += [
        each.condition(actor, getattr(wanted, name))
        for name, each in further(session).items()
        if name in wanted.chosen
    ]
    if wanted.is_selected is not None:
        ticked = is_selected(session, actor)
        found.append(ticked if wanted.is_selected else ~ticked)
    return found + _in_fields(wanted) + _by_day(wanted) + _with_or_without(wanted)


def _in_fields(wanted: InventoryFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for name, key in _TEXTS.items():
        if text := getattr(wanted, name).strip():
            value = folded(COLUMNS[key].value())
            found.append(value.contains(text.lower(), autoescape=True))
    for name, key in _RANGES.items():
        least, most = (getattr(wanted, name.format(end)) for end in ("min", "max"))
        if least is not None:
            found.append(COLUMNS[key].value() >= least)
        if most is not None:
            found.append(COLUMNS[key].value() <= most)
    return found


def _by_day(wanted: InventoryFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.registered_from is not None:
        found.append(Item.created_at >= _midnight(wanted.registered_from))
    if wanted.registered_until is not None:
        found.append(Item.created_at < _midnight_after(wanted.registered_until))
    if wanted.seen_from is not None:
        found.append(Item.last_seen_at >= _midnight(wanted.seen_from))
    if wanted.unseen_since is not None:
        is_older = Item.last_seen_at < _midnight(wanted.unseen_since)
        found.append(or_(Item.last_seen_at.is_(None), is_older))
    return found


def _with_or_without(wanted: InventoryFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.has_photo is not None:
        found.append(has_photo() if wanted.has_photo else ~has_photo())
    if wanted.suitability is not None:
        found.append(is_suitable(wanted.suitability))
    if wanted.has_label is not None:
        found.append(has_label() if wanted.has_label else ~has_label())
    return found


def _midnight(day: date) -> datetime:
    """Python knows no moment before year 1 and none after 9999 in UTC: days there are kept off."""
    day = min(max(day, date(1900, 1, 1)), date(9000, 1, 1))
    return datetime(day.year, day.month, day.day, tzinfo=_ZONE)


def _midnight_after(day: date) -> datetime:
    return _midnight(min(day, date(8999, 1, 1)) + timedelta(days=1))
