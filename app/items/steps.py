"""The verbs a person does with one press, each with its service: what buttons and API call."""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.items import service
from app.items.commands import OfItem
from app.items.models import Item
from app.items.rules import ItemVerb

Step = Callable[[Session, Actor, Sequence[OfItem]], list[Item]]

STEPS: Mapping[ItemVerb, Step] = {
    ItemVerb.COMPLETE: service.complete,
    ItemVerb.FREE: service.free,
    ItemVerb.TAKE_INTO_USE: service.take_into_use,
    ItemVerb.SEND_TO_WORKSHOP: service.send_to_workshop,
    ItemVerb.BACK_FROM_WORKSHOP: service.back_from_workshop,
    ItemVerb.MISS: service.miss,
    ItemVerb.FIND: service.find,
}
