"""Beginning and ending a stocktake: one open in a place, which others join."""

from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.fieldwork import events, queries_stocktake
from app.fieldwork.models import Stocktake, StocktakeExpected
from app.fieldwork.rules_stocktake import EXPECTED, StocktakeState, StocktakeVerb
from app.items.commands import Command
from app.items.models import Item
from app.items.queries import items_visible_to
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.events import Event, publish
from app.kit.i18n import N_
from app.kit.states import advance
from app.places.models import Place
from app.places.queries import places_visible_to


class StocktakeClosed(Conflict):
    """It is finished or cancelled, or another is open in the room.

    ``state`` is what it is; work that waited on a phone reads what to do about it in the detail.
    """

    title = N_("Dette kan ikke gjøres slik tellingen er nå.")

    def __init__(self, **members: Any) -> None:
        super().__init__(_WHAT_NOW.get(members.get("state", ""), ""), **members)


_WHAT_NOW = {
    StocktakeState.OPEN.value: N_("Tellingen pågår. Avslutt den først."),
    StocktakeState.FINISHED.value: N_(
        "Tellingen er avsluttet. Åpne den igjen med «Tell mer i rommet» hvis dette skal med."
    ),
    StocktakeState.CANCELLED.value: N_(
        "Tellingen er avbrutt, og teller ikke. Skal rommet telles, må det begynnes en ny."
    ),
}


class StocktakeIdTaken(Conflict):
    """The phone's id is another stocktake's."""

    title = N_("Denne tellingen finnes alt et annet sted.")


class Begin(Command):
    """Counts the place. ``id`` may be made by a phone that has no coverage yet."""

    place_id: UUID
    id: UUID | None = None


class OfStocktake(Command):
    """A verb that needs nothing but the stocktake."""

    stocktake_id: UUID


def begin(session: Session, actor: Actor, command: Begin) -> Stocktake:
    """A new stocktake of the place, or the one that is open there.

    A phone's own id that comes second is kept as a name of the open one.
    """
    actor.must(Permission.ITEM_EDIT)
    _hold_place(session, actor, command.place_id)
    known = _known(session, actor, command)
    if known is not None:
        return known
    open_one = session.scalar(
        queries_stocktake.stocktakes_visible_to(actor).where(
            Stocktake.place_id == command.place_id, Stocktake.state == StocktakeState.OPEN
        )
    )
    if open_one is not None and command.id is None:
        return open_one
    row = Stocktake(
        id=command.id or new_id(),
        org_id=actor.org_id,
        state=StocktakeState.JOINED if open_one else StocktakeState.OPEN,
        place_id=command.place_id,
        person_id=actor.person_id,
        started_at=clock_of(session).now(),
        joined_id=open_one.id if open_one else None,
    )
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()  # an id of somebody else's is met here
    except IntegrityError as error:
        raise StocktakeIdTaken(id=str(command.id)) from error
    if open_one is not None:
        return open_one
    expected = _expect(session, actor, row)
    event = events.StocktakeBegun.of(row, actor.person_id, place_id=row.place_id, expected=expected)
    publish(session, [event])
    return row


def _hold_place(session: Session, actor: Actor, place_id: UUID) -> None:
    """Two who begin in one room at once come after each other: the second joins the first.

    The lock leaves references to the place free, or every move into the room would wait.
    """
    query = places_visible_to(actor).with_only_columns(Place.id).where(Place.id == place_id)
    if session.scalar(query.with_for_update(of=Place, key_share=True)) is None:
        raise Invalid(by_field={"place_id": N_("Velg et av virksomhetens steder.")})


def _known(session: Session, actor: Actor, command: Begin) -> Stocktake | None:
    """The phone has sent its beginning before."""
    if command.id is None:
        return None
    row = session.scalar(
        queries_stocktake.stocktakes_visible_to(actor).where(Stocktake.id == command.id)
    )
    if row is None:
        return None
    if row.place_id != command.place_id:
        raise StocktakeIdTaken(id=str(command.id))
    return held(session, actor, row.id)


def _expect(session: Session, actor: Actor, row: Stocktake) -> int:
    ids = session.scalars(
        items_visible_to(actor)
        .with_only_columns(Item.id)
        .where(Item.place_id == row.place_id, Item.state.in_(sorted(EXPECTED)))
    ).all()
    expected = [
        {"id": new_id(), "org_id": row.org_id, "stocktake_id": row.id, "item_id": each}
        for each in ids
    ]
    if expected:
        session.execute(insert(StocktakeExpected), expected)
    return len(expected)


def held(session: Session, actor: Actor, stocktake_id: UUID) -> Stocktake:
    """The stocktake, or the one it was joined to, locked: its scans come one after the other.

    Raises ``NotFound``.
    """
    mine = queries_stocktake.stocktakes_visible_to(actor)
    row = session.scalar(mine.where(Stocktake.id == stocktake_id))
    if row is None:
        raise NotFound(N_("Fant ikke tellingen."))
    return session.scalars(
        mine.where(Stocktake.id == (row.joined_id or row.id))
        .with_for_update(of=Stocktake)
        .execution_options(populate_existing=True)
    ).one()


def finish(session: Session, actor: Actor, command: OfStocktake) -> Stocktake:
    """What was not scanned is missing from now on, and waits for a decision.

    By the name of a phone's own count that went into somebody else's nothing ends: whoever ended it
    without coverage did not know that others count there.
    """
    actor.must(Permission.ITEM_EDIT)
    row = held(session, actor, command.stocktake_id)
    is_joined = row.id != command.stocktake_id and row.person_id != actor.person_id
    if is_joined and row.state is StocktakeState.OPEN:
        return row
    ended = {"finished_at": clock_of(session).now(), "finished_by_id": actor.person_id}
    advance(session, [row], StocktakeVerb.FINISH, refused=StocktakeClosed, values=ended)
    counts = queries_stocktake.counts_of(session, actor, [row.id])[row.id]
    event = events.StocktakeFinished.of(
        row,
        actor.person_id,
        place_id=row.place_id,
        expected=counts.expected,
        missing=counts.missing,
    )
    publish(session, [event])
    return row


def reopen(session: Session, actor: Actor, command: OfStocktake) -> Stocktake:
    """It was ended too early. Raises ``StocktakeClosed`` while another is open in the room."""
    actor.must(Permission.ITEM_EDIT)
    row = held(session, actor, command.stocktake_id)
    not_ended = {"finished_at": None, "finished_by_id": None}
    advance(session, [row], StocktakeVerb.REOPEN, refused=StocktakeClosed, values=not_ended)
    return _told(session, actor, row, events.StocktakeReopened)


def cancel(session: Session, actor: Actor, command: OfStocktake) -> Stocktake:
    """It does not count. What was scanned was seen all the same."""
    actor.must(Permission.ITEM_EDIT)
    row = held(session, actor, command.stocktake_id)
    advance(session, [row], StocktakeVerb.CANCEL, refused=StocktakeClosed)
    return _told(session, actor, row, events.StocktakeCancelled)


def _told(session: Session, actor: Actor, row: Stocktake, kind: type[Event]) -> Stocktake:
    publish(session, [kind.of(row, actor.person_id)])
    return row
