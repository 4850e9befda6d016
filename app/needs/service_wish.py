"""Wishes: a search of the market that says so when something comes."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import func
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.items.service_lifecycle import own_places
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from app.kit.events import change, publish, revise
from app.kit.i18n import N_
from app.kit.text import PRINTABLE, STRIPPED
from app.marketplace.commands import Command, MarketSearch
from app.needs import events
from app.needs.commands import Pieces
from app.needs.models_wish import Wish
from app.needs.queries_wish import open_wishes, wishes_of

Name = Annotated[str, STRIPPED, Field(min_length=1, max_length=120), PRINTABLE]
MOST_OPEN = 100


class WishEndedAlready(Conflict):
    title = N_("Ønsket er avsluttet.")


class MakeWish(Command):
    """``wanted`` is what the market is searched for; ``quantity`` and ``wanted_date`` are said of it."""

    name: Name
    wanted: MarketSearch
    quantity: Pieces = 1
    wanted_date: date | None = None


class EditWish(Command):
    """``version`` is the one the editor saw. The search stays: another search is another wish."""

    wish_id: UUID
    version: int
    name: Name
    quantity: Pieces
    wanted_date: date | None = None


class OfWish(Command):
    wish_id: UUID


def make_wish(session: Session, actor: Actor, commands: Sequence[MakeWish]) -> list[Wish]:
    """Raises ``Invalid`` for a search for everything, a day that has passed, or too many wishes."""
    actor.must(Permission.REQUEST_MAKE)
    if actor.person_id is None:
        raise Forbidden
    now = clock_of(session).now()
    standing = session.scalars(open_wishes(actor).with_only_columns(func.count())).one()
    if standing + len(commands) > MOST_OPEN:
        raise Invalid(by_field={"name": N_("Du har hundre ønsker alt. Avslutt noen først.")})
    made = []
    for command in commands:
        if command.wanted == MarketSearch():
            raise Invalid(by_field={"wanted": N_("Si hva du ser etter: søk i markedet først.")})
        if command.wanted.place_id is not None:
            own_places(session, actor, {command.wanted.place_id})
        _not_passed(session, command.wanted_date)
        made.append(
            Wish(
                id=new_id(),
                org_id=actor.org_id,
                person_id=actor.person_id,
                name=command.name,
                wanted=command.wanted.model_dump(mode="json", exclude_defaults=True),
                quantity=command.quantity,
                wanted_date=command.wanted_date,
                created_at=now,
            )
        )
    session.add_all(made)
    publish(session, [events.WishMade.of(each, actor.person_id) for each in made])
    return made


def edit_wish(session: Session, actor: Actor, commands: Sequence[EditWish]) -> list[Wish]:
    """Raises ``Stale`` with what others wrote meanwhile, ``WishEndedAlready``."""
    actor.must(Permission.REQUEST_MAKE)
    edited = []
    for command in commands:
        wish = _own(session, actor, command.wish_id)
        if wish.version != command.version:
            raise Stale(version=wish.version)
        _not_passed(session, command.wanted_date, before=wish.wanted_date)
        changes = change(wish, command.model_dump(exclude={"wish_id", "version"}))
        if changes:
            event = events.WishEdited.of(wish, actor.person_id)
            publish(session, [event])
            revise(session, [(event, changes)])
        edited.append(wish)
    return edited


def end_wish(session: Session, actor: Actor, commands: Sequence[OfWish]) -> list[Wish]:
    """Nothing is told of it any more. Raises ``WishEndedAlready``."""
    actor.must(Permission.REQUEST_MAKE)
    now = clock_of(session).now()
    ended = []
    for command in commands:
        wish = _own(session, actor, command.wish_id)
        wish.ended_at = now
        publish(session, [events.WishEnded.of(wish, actor.person_id)])
        ended.append(wish)
    return ended


def _own(session: Session, actor: Actor, wish_id: UUID) -> Wish:
    """The actor's own wish, locked."""
    query = wishes_of(actor).where(Wish.id == wish_id).with_for_update(of=Wish)
    wish = session.scalar(query.execution_options(populate_existing=True))
    if wish is None:
        raise NotFound(N_("Fant ikke ønsket."))
    if wish.ended_at is not None:
        raise WishEndedAlready
    return wish


def _not_passed(session: Session, day: date | None, *, before: date | None = None) -> None:
    if day is not None and day != before and day < clock_of(session).today():
        raise Invalid(by_field={"wanted_date": N_("Datoen er passert.")})
