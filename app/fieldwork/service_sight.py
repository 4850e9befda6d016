"""A piece that is looked up with the scanner in a room whose label was read before it."""

from uuid import UUID

from pydantic import AwareDatetime
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.fieldwork.rules import scanned_at
from app.items.commands import Command
from app.items.models import Item
from app.items.service_lifecycle import locked, own_places, refusal
from app.items.service_seen import See, see
from app.kit.db import clock_of


class Sight(Command):
    """The piece was scanned in the place. ``at`` is the phone's clock; without it, now."""

    item_id: UUID
    place_id: UUID
    at: AwareDatetime | None = None


def sight(session: Session, actor: Actor, command: Sight) -> Item:
    """Keeps when, where and by whom the piece was seen last; it is not moved, and nothing else.

    Raises ``ItemNotThere`` for a piece that has left.
    """
    actor.must(Permission.ITEM_EDIT)
    (item,) = locked(session, actor, [command.item_id], Permission.ITEM_EDIT)
    if (problem := refusal(actor, item, Permission.ITEM_EDIT)) is not None:
        raise problem
    own_places(session, actor, {command.place_id})
    at = scanned_at(command.at, clock_of(session).now())
    see(session, actor, [See(item_id=item.id, place_id=command.place_id, seen_at=at)])
    return item
