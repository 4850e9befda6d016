"""What the two organisations of a request write to each other about it."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Organisation, Person
from app.accounts.rules import Permission
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import NotFound
from app.kit.events import publish
from app.marketplace.commands import Text
from app.marketplace.events import OutsideMessagePosted
from app.marketplace.models_outside import OutsideMessage, OutsideRequest
from app.marketplace.queries_outside import got_requests, sent_requests
from app.marketplace.service_basket import person_of
from app.marketplace.service_outside import NO_REQUEST, OfOutside


class WriteOutside(OfOutside):
    text: Text


def write_outside(session: Session, actor: Actor, command: WriteOutside) -> OutsideMessage:
    """By who answers the request or who asked it; the other side is told."""
    actor.must(Permission.REQUEST_MAKE)
    row = _seen(session, actor, command.outside_request_id)
    message = OutsideMessage(
        id=new_id(),
        org_id=row.org_id,
        outside_request_id=row.id,
        from_org_id=actor.org_id,
        person_id=person_of(actor),
        text=command.text,
        created_at=clock_of(session).now(),
    )
    session.add(message)
    # In the giver's record; a person of another organisation is nobody there.
    own = actor.person_id if actor.org_id == row.org_id else None
    event = OutsideMessagePosted.of(
        row,
        own,
        message_id=message.id,
        from_org_id=actor.org_id,
        listing_id=row.listing_id,
        pieces=row.wanted,
    )
    publish(session, [event])
    return message


def _seen(session: Session, actor: Actor, outside_request_id: UUID) -> OutsideRequest:
    """One that came to the actor's organisation or that it sent. Raises ``NotFound``."""
    sides = [sent_requests(actor)]
    if actor.may(Permission.RESERVATION_APPROVE):
        sides.append(got_requests(actor))
    for query in sides:
        row = session.scalar(query.where(OutsideRequest.id == outside_request_id))
        if row is not None:
            return row
    raise NotFound(NO_REQUEST)


def threads_of(
    session: Session, actor: Actor, ids: Collection[UUID]
) -> dict[UUID, list[dict[str, Any]]]:
    """The lines of requests that the actor sees, the oldest first, in one statement.

    One's own are named by the person, the other side's by its organisation alone.
    """
    rows = session.execute(
        select(OutsideMessage, Organisation.name.label("organisation"), Person.name.label("who"))
        .join(Organisation, Organisation.id == OutsideMessage.from_org_id)
        .join(Person, Person.id == OutsideMessage.person_id)
        .where(OutsideMessage.outside_request_id.in_(ids))
        .order_by(OutsideMessage.created_at, OutsideMessage.id)
    )
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        is_mine = row.OutsideMessage.from_org_id == actor.org_id
        found[row.OutsideMessage.outside_request_id].append(
            {
                "text": row.OutsideMessage.text,
                "who": row.who if is_mine else row.organisation,
                "is_mine": is_mine,
                "when": row.OutsideMessage.created_at,
            }
        )
    return found
