"""Pieces to arrange with: registered by the program's own verb, then changed as the test needs."""

from typing import Any

from sqlalchemy.orm import Session

from app.accounts.actor import actor_of
from app.accounts.rules import Role
from app.items import service
from app.items.models import Item
from tests.people import Organised

CHAIR = "CHAIR_TASK"


def some_items(session: Session, org: Organised, quantity: int = 1, **changes: Any) -> list[Item]:
    """Like pieces in one lot, in use in the first unit's room.

    ``changes`` are fields of ``Register``, or columns of the piece such as ``state``.
    """
    actor = actor_of(session, org.org_id, org.person_ids[Role.FURNITURE_MANAGER])
    assert actor is not None
    named = {key: value for key, value in changes.items() if key in service.Register.model_fields}
    command = service.Register.model_validate(
        {
            "category_id": CHAIR,
            "owner_unit_id": org.unit_id,
            "place_id": org.room_id,
            "quantity": quantity,
            **named,
        }
    )
    items = service.register(session, actor, [command])
    for item in items:
        for name, value in changes.items():
            if name not in named:
                setattr(item, name, value)
    session.flush()
    return items


def an_item(session: Session, org: Organised, **changes: Any) -> Item:
    """One piece: ``an_item(session, org, name="Kontorstol", state=ItemState.AVAILABLE)``."""
    return some_items(session, org, **changes)[0]
