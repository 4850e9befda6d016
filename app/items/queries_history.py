"""What happened to a piece, in words: who, when, and each field before and after."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Person, Unit
from app.catalogue.models import Category, ProductModel
from app.catalogue.queries import category_name
from app.items import names
from app.items.models import Item, PhotoTaken
from app.items.rules import Condition, Fate, ItemState
from app.kit import codes, i18n
from app.kit.errors import NotFound
from app.kit.events import EventRow, Revision
from app.kit.i18n import N_, gettext
from app.places.models import Place

MOST_EVENTS = 200


@dataclass(frozen=True)
class Changed:
    """One field, in the reader's words; ``—`` where there was nothing."""

    field: str
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Happened:
    """One event of a piece; ``who`` is empty for the system."""

    at: datetime
    kind: str
    what: str
    who: str | None
    changes: tuple[Changed, ...]


_ids: Mapping[str, Any] = {
    "owner_unit_id": Unit,
    "holder_unit_id": Unit,
    "parent_id": Item,
    "place_id": Place,
    "product_model_id": ProductModel,
}


def history_of(session: Session, actor: Actor, item_id: UUID) -> list[Happened]:
    """The newest events of a piece first; of a piece that was merged or deleted too.

    Raises ``NotFound`` for another organisation's piece.
    """
    own = select(Item.id).where(Item.id == item_id, Item.org_id == actor.org_id)
    if session.scalar(own) is None:
        raise NotFound(N_("Fant ikke møbelet."))
    rows = session.execute(
        select(EventRow.id, EventRow.at, EventRow.kind, EventRow.payload, Person.name)
        .outerjoin(Person, Person.id == EventRow.person_id)
        .where(EventRow.org_id == actor.org_id, EventRow.subject_id == item_id)
        .order_by(EventRow.at.desc(), EventRow.id)
        .limit(MOST_EVENTS)
    ).all()
    revisions = session.execute(
        select(Revision.event_id, Revision.field, Revision.before, Revision.after)
        .where(Revision.org_id == actor.org_id)
        .where(Revision.event_id.in_([row.id for row in rows]))
        .order_by(Revision.field)
    ).all()
    shown = _shower(session, actor, revisions)
    changes: dict[UUID, list[Changed]] = defaultdict(list)
    for each in revisions:
        label = gettext(names.FIELDS.get(each.field, each.field))
        before, after = shown(each.field, each.before), shown(each.field, each.after)
        changes[each.event_id].append(Changed(each.field, label, before, after))
    return [
        Happened(row.at, row.kind, _what(row.kind, row.payload), row.name, tuple(changes[row.id]))
        for row in rows
    ]


def _what(kind: str, payload: Mapping[str, Any]) -> str:
    text = gettext(names.EVENTS.get(kind, kind))
    code = payload.get("code")
    return f"{text}: {codes.grouped(code)}" if isinstance(code, str) else text


def _shower(session: Session, actor: Actor, revisions: Iterable[Any]) -> Callable[[str, Any], str]:
    """How a field's kept value is read: ids by their names, mm as cm, g as kg, øre as kroner."""
    wanted: dict[Any, set[UUID]] = defaultdict(set)
    categories: set[str] = set()
    for each in revisions:
        for value in (each.before, each.after):
            if value and each.field in _ids:
                wanted[_ids[each.field]].add(UUID(value))
            elif value and each.field == "category_id":
                categories.add(value)
    named: dict[str, str] = {}
    for model, ids in wanted.items():
        title = model.label if model is Place else model.name
        for row_id, name in session.execute(
            select(model.id, title).where(model.org_id == actor.org_id, model.id.in_(ids))
        ):
            named[str(row_id)] = name
    if categories:
        for category in session.scalars(select(Category).where(Category.id.in_(categories))):
            named[category.id] = category_name(category)

    def show(field: str, value: Any) -> str:
        return _text(field, value, named, actor.currency)

    return show


def _text(field: str, value: Any, named: Mapping[str, str], currency: str) -> str:
    if value is None or value == "":
        return "—"
    if field in _shown_as:
        return _shown_as[field](value)
    if field == "new_price_ore":
        return i18n.money_ore(value, currency)
    return named.get(str(value), str(value))


_shown_as: Mapping[str, Callable[[Any], str]] = {
    "state": lambda value: gettext(names.STATES[ItemState(value)]),
    "condition": lambda value: gettext(names.CONDITIONS[Condition(value)]),
    "taken": lambda value: gettext(names.TAKEN[PhotoTaken(value)]),
    "fate": lambda value: gettext(names.FATES[Fate(value)]),
    **dict.fromkeys(("free_from", "gone_by"), lambda value: i18n.date(date.fromisoformat(value))),
    "mass_g": i18n.mass_g,
    **dict.fromkeys(("width_mm", "depth_mm", "height_mm"), i18n.cm),
    **{kind.value: i18n.cm for kind in names.MEASUREMENTS},
}
