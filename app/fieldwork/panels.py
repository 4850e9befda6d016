"""What field work shows on the pages of a place and of a piece."""

from typing import Any
from uuid import uuid4

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Person
from app.accounts.rules import Permission
from app.fieldwork.models import Stocktake
from app.fieldwork.queries_stocktake import stocktakes_visible_to
from app.fieldwork.rules_stocktake import StocktakeState
from app.fieldwork.views_stocktake import summaries
from app.items import names
from app.items.models import Item
from app.items.queries import codes_of, items_visible_to
from app.items.rules import PRESENT, ItemState
from app.kit import codes
from app.kit.i18n import gettext
from app.kit.prepared import Prepared
from app.places.models import Place

Panel = tuple[str, dict[str, Any]] | None

SHOWN = 50
_USUAL = frozenset({ItemState.IN_USE, ItemState.AVAILABLE})


_SEEN = Prepared(
    select(Place.label.label("place"), Person.name.label("who"))
    .select_from(Item)
    .outerjoin(Place, (Place.org_id == Item.org_id) & (Place.id == Item.last_seen_place_id))
    .outerjoin(Person, Person.id == Item.last_seen_by_id)
    .where(Item.org_id == bindparam("org"), Item.id == bindparam("item"))
)


def piece(session: Session, actor: Actor, item: Item) -> Panel:
    """When and where the piece was scanned last, and by whom; one never scanned is not asked for."""
    if item.last_seen_at is None:
        return "fieldwork/panel_piece.html", {"when": None}
    seen = _SEEN.first(session, {"org": actor.org_id, "item": item.id})
    return "fieldwork/panel_piece.html", {
        "when": item.last_seen_at,
        "place_id": item.last_seen_place_id,
        "place": seen.place if seen else None,
        "who": seen.who if seen else None,
    }


def _counted(actor: Actor, place: Place) -> Select[Stocktake]:
    """The latest counts of the place, one that is open among them."""
    return (
        stocktakes_visible_to(actor)
        .where(Stocktake.place_id == place.id, Stocktake.state != StocktakeState.JOINED)
        .order_by(Stocktake.started_at.desc(), Stocktake.id)
        .limit(3)
    )


def place(session: Session, actor: Actor, subject: Place) -> Panel:
    """The pieces that stand right here; what stands in rooms below has those rooms' pages."""
    here = (
        items_visible_to(actor)
        .where(Item.place_id == subject.id, Item.state.in_(sorted(PRESENT)))
        .with_only_columns(Item.id, Item.name, Item.state)
    )
    count = session.scalar(select(func.count()).select_from(here.subquery())) or 0
    found = session.execute(here.order_by(Item.name, Item.id).limit(SHOWN)).all()
    by_item = codes_of(session, actor, [row.id for row in found])
    rows = [
        {
            "id": row.id,
            "name": row.name,
            "code": codes.grouped(by_item[row.id]) if row.id in by_item else "",
            "state": "" if row.state in _USUAL else gettext(names.STATES[row.state]),
            "tone": names.STATE_TONES.get(row.state, "neutral"),
        }
        for row in found
    ]
    return "fieldwork/panel_place.html", {
        "place_id": subject.id,
        "count": count,
        "rows": rows,
        "may_edit": actor.may(Permission.ITEM_EDIT),
        "key": str(uuid4()),
        "stocktakes": summaries(session, actor, list(session.scalars(_counted(actor, subject)))),
    }
