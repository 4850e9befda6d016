"""Codes of pieces and places to scan in a test."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.accounts.actor import Actor, actor_of
from app.accounts.rules import Role
from app.items.models import Item
from app.items.queries import codes_of
from app.places.models import Place
from tests.people import Organised


def acting(session: Session, org: Organised, role: Role = Role.FURNITURE_MANAGER) -> Actor:
    found = actor_of(session, org.org_id, org.person_ids[role])
    assert found is not None
    return found


def labels_of(session: Session, org: Organised, items: Sequence[Item]) -> list[str]:
    """The code on each piece's label."""
    found = codes_of(session, acting(session, org), [item.id for item in items])
    return [found[item.id] for item in items]


def door(session: Session, place_id: object) -> str:
    """The code at the door of a place."""
    code = session.get_one(Place, place_id).code
    assert code is not None
    return code


def mistyped(code: str) -> str:
    """The code with another check character."""
    return code[:-1] + ("0" if code[-1] != "0" else "2")
