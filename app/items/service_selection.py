"""A person ticks pieces: kept on the server, so that pages, filters and devices may change."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import Field
from sqlalchemy import Delete, delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.items.commands import MOST_PIECES, Command
from app.items.models import Item
from app.items.models_table import SelectedItem, Selection
from app.items.queries import items_ever_visible_to, items_visible_to
from app.items.queries_selection import KEPT
from app.kit.bulk import new_ids
from app.kit.chance import new_id
from app.kit.db import changed_rows, clock_of
from app.kit.errors import Conflict, Forbidden, NotFound
from app.kit.i18n import N_


class SelectionFull(Conflict):
    title = N_("Et utvalg rommer høyst 500 møbler.")


class Choose(Command):
    """Pieces into the selection. One that is there stays."""

    item_ids: list[UUID] = Field(min_length=1, max_length=MOST_PIECES)


class Unchoose(Command):
    """Pieces out of it. One that is not there is no mistake."""

    item_ids: list[UUID] = Field(min_length=1, max_length=MOST_PIECES)


def choose(session: Session, actor: Actor, command: Choose) -> int:
    """Gives how many are selected then. Raises ``NotFound`` and ``SelectionFull``."""
    actor.must(Permission.ITEM_READ)
    wanted = list(dict.fromkeys(command.item_ids))
    seen = items_visible_to(actor).with_only_columns(Item.id).where(Item.id.in_(wanted))
    if len(session.scalars(seen).all()) < len(wanted):
        raise NotFound(N_("Fant ikke møbelet."))
    held = _held(session, actor)
    there = set(_ids(session, held))
    new = [each for each in wanted if each not in there]
    if len(there) + len(new) > MOST_PIECES:
        raise SelectionFull
    if new:
        shared = {"org_id": actor.org_id, "selection_id": held.id}
        rows = [
            {**shared, "id": row_id, "item_id": item_id}
            for row_id, item_id in zip(new_ids(len(new)), new, strict=True)
        ]
        session.execute(insert(SelectedItem), rows)
    return len(there) + len(new)


def unchoose(session: Session, actor: Actor, command: Unchoose) -> int:
    """Gives how many are still selected. Raises ``NotFound`` for what was never the caller's."""
    actor.must(Permission.ITEM_READ)
    wanted = set(command.item_ids)
    ours = items_ever_visible_to(actor).with_only_columns(Item.id).where(Item.id.in_(wanted))
    if len(session.scalars(ours).all()) < len(wanted):
        raise NotFound(N_("Fant ikke møbelet."))
    held = _held(session, actor)
    session.execute(_all_of(held).where(SelectedItem.item_id.in_(command.item_ids)))
    return len(_ids(session, held))


def clear(session: Session, actor: Actor) -> None:
    """Nothing is selected any more."""
    actor.must(Permission.ITEM_READ)
    session.execute(_all_of(_held(session, actor)))


def _ids(session: Session, held: Selection) -> Sequence[UUID]:
    mine = select(SelectedItem.item_id).where(SelectedItem.org_id == held.org_id)
    return session.scalars(mine.where(SelectedItem.selection_id == held.id)).all()


def _all_of(held: Selection) -> Delete:
    return delete(SelectedItem).where(
        SelectedItem.org_id == held.org_id, SelectedItem.selection_id == held.id
    )


def _held(session: Session, actor: Actor) -> Selection:
    """The person's selection, locked, made where there is none; one that was forgotten is empty."""
    if actor.person_id is None:
        raise Forbidden
    now = clock_of(session).now()
    query = (
        select(Selection)
        .where(Selection.org_id == actor.org_id, Selection.person_id == actor.person_id)
        .with_for_update(of=Selection)
    )
    found = session.scalar(query)
    if found is None:
        made = Selection(
            id=new_id(), org_id=actor.org_id, person_id=actor.person_id, touched_at=now
        )
        try:
            with session.begin_nested():
                session.add(made)
                session.flush()  # one made on another device at the same moment is met here
        except IntegrityError:
            found = session.scalars(query).one()
        else:
            return made
    if found.touched_at <= now - KEPT:
        session.execute(_all_of(found))
    found.touched_at = now
    return found


def forget_selections(session: Session) -> int:
    """Removes what nobody has touched for two weeks, in every organisation."""
    old = Selection.touched_at <= clock_of(session).now() - KEPT
    ids = select(Selection.id).where(old)
    session.execute(delete(SelectedItem).where(SelectedItem.selection_id.in_(ids)))
    return changed_rows(session.execute(delete(Selection).where(old)))
