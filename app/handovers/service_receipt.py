"""Receiving, by either side, and taking a handover back with everything it did."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.handovers.events import PieceReceived, PieceReturned
from app.handovers.models import Handover, HandoverLine
from app.handovers.queries import handover_lines_visible_to, handovers_visible_to, to_receive
from app.handovers.rules import MOST_PIECES
from app.handovers.service_promised import is_abroad, promised, require_undoable
from app.handovers.service_reserved import locked_reservations
from app.handovers.service_send_back import came_from_others, require_untouched, send_back
from app.impact.rules import FulfilmentSource
from app.items import service as items_service
from app.items.models import Donor, Item
from app.items.queries import items_visible_to
from app.kit.db import clock_of
from app.kit.errors import Conflict, Forbidden, NotFound
from app.kit.events import Change, EventRow, publish, revise
from app.kit.i18n import N_
from app.marketplace import service as marketplace_service
from app.marketplace.models import Reservation
from app.marketplace.service_listing import PieceSetAside
from app.marketplace.service_outside_given import mark_taken_back
from app.places.models import Place, PlaceKind
from app.projects.models import ProgrammeLine, Project
from app.projects.queries_release import set_aside
from app.projects.rules import LineState, ProjectState
from app.projects.service import Fulfil, Unfulfil, fulfil, unfulfil

LineIds = Annotated[list[UUID], Field(min_length=1, max_length=MOST_PIECES)]


SOME_RECEIVED = N_("Noe av dette er alt bekreftet mottatt. Se over, og bekreft resten.")
SOME_UNDONE = N_("Noe av dette er alt angret. Se over, og angre resten.")


class PieceReceivedAlready(Conflict):
    title = N_("Møbelet er alt bekreftet mottatt.")


class HandoverUndone(Conflict):
    title = N_("Overleveringen er angret.")


class HandedOverAgain(Conflict):
    title = N_("Møbelet er overlevert på nytt siden. Angre den siste overleveringen først.")


class Receive(BaseModel):
    model_config = ConfigDict(extra="forbid")

    handover_line_ids: LineIds


class Undo(BaseModel):
    model_config = ConfigDict(extra="forbid")

    handover_line_ids: LineIds


def receive(session: Session, actor: Actor, commands: Sequence[Receive]) -> list[HandoverLine]:
    """Confirms the receipt, as receiver or as giver: place, holder and owner follow.

    Reservations, the programme and the ledger follow too. Raises ``PieceReceivedAlready`` for all
    when one of them is: the second of two who confirm at once has no effect.
    """
    actor.must(Permission.REQUEST_MAKE)
    lines = locked_lines(session, actor, [i for each in commands for i in each.handover_line_ids])
    if any(is_abroad(each) for each in lines):
        raise Forbidden(N_("Den andre virksomheten bekrefter mottaket selv."))
    _require_side(session, actor, lines)
    if any(each.undone_at for each in lines):
        raise HandoverUndone
    received = sum(each.received_at is not None for each in lines)
    if received:
        raise PieceReceivedAlready(SOME_RECEIVED if received < len(lines) else "")
    arrive(session, actor, lines)
    return lines


def arrive(session: Session, actor: Actor, lines: Sequence[HandoverLine]) -> None:
    """What a receipt does, once it is known to be allowed."""
    handovers = handovers_of(session, actor, lines)
    items = items_of(session, actor, lines)
    storages = set(
        session.scalars(
            select(Place.id).where(
                Place.org_id == actor.org_id,
                Place.id.in_({each.to_place_id for each in handovers.values()}),
                Place.kind == PlaceKind.STORAGE,
            )
        )
    )
    arrivals = []
    for line in lines:
        handover, item = handovers[line.handover_id], items[line.item_id]
        place_id = handover.to_place_id or item.place_id
        arrivals.append(
            items_service.Arrival(
                item=item,
                unit_id=handover.receiver_unit_id or item.owner_unit_id,
                place_id=place_id,
                is_storage=place_id in storages,
            )
        )
    items_service.receive(session, actor, arrivals)
    now = clock_of(session).now()
    for line in lines:
        line.received_at = now
        line.received_by = actor.person_id
    reservations = reservations_of(session, actor, lines)
    if reservations:
        marketplace_service.mark_received(session, actor, reservations)
    _fulfil(session, actor, lines, handovers)
    publish(
        session,
        [
            PieceReceived.of(
                each, actor.person_id, item_id=each.item_id, handover_id=each.handover_id
            )
            for each in lines
        ],
    )


def undo(session: Session, actor: Actor, commands: Sequence[Undo]) -> list[HandoverLine]:
    """Takes handovers back: state, place, holder, owner, reservation and programme as before.

    The history stays, and the ledger reverses what it booked. A piece that somebody moved after it
    arrived stays where it was moved to, since there it was seen. Donors stay dismantled, but are free
    to be counted in what is entered instead. What came from another organisation is that one's again.
    Raises ``PieceSetAside`` for what its new project has set aside for a need.
    """
    actor.must(Permission.HANDOVER_MAKE)
    lines = locked_lines(session, actor, [i for each in commands for i in each.handover_line_ids])
    handovers = handovers_of(session, actor, lines)
    for handover in handovers.values():
        actor.must(Permission.HANDOVER_MAKE, handover.giver_unit_id or handover.receiver_unit_id)
    undone = sum(each.undone_at is not None for each in lines)
    if undone:
        raise HandoverUndone(SOME_UNDONE if undone < len(lines) else "")
    require_latest(session, actor, lines)
    items = items_of(session, actor, lines)
    # What is only fetched still stands aside for the line of the programme that it is on its way to.
    arrived = [each.item_id for each in lines if each.received_at is not None]
    require_not_set_aside(session, actor, arrived)
    require_undoable(lines)
    came = [each for each in lines if came_from_others(each, items[each.item_id])]
    require_untouched(session, actor, came, items)
    items_service.undo_handover(
        session,
        actor,
        [
            items_service.Return(
                item=items[each.item_id],
                owner_unit_id=each.owner_unit_before_id or items[each.item_id].owner_unit_id,
                holder_unit_id=each.holder_unit_before_id or items[each.item_id].holder_unit_id,
                place_id=_place_again(items[each.item_id], handovers[each.handover_id], each),
            )
            for each in lines
            if each not in came
        ],
    )
    now = clock_of(session).now()
    for line in lines:
        line.undone_at = now
    reservations = reservations_of(session, actor, lines)
    if reservations:
        marketplace_service.mark_undone(session, actor, reservations)
    for row, count in promised(session, lines):
        mark_taken_back(session, actor, row, count)
    events = take_back(session, actor, lines)
    _release_donors(session, actor, lines, events)
    send_back(session, actor, came, items)
    return lines


def require_not_set_aside(session: Session, actor: Actor, item_ids: Sequence[UUID]) -> None:
    """What is another need's by now does not go back: it would be promised where it is not."""
    if (aside := session.scalars(set_aside(actor.org_id, item_ids)).first()) is not None:
        raise PieceSetAside(id=str(aside))


def take_back(session: Session, actor: Actor, lines: Sequence[HandoverLine]) -> list[PieceReturned]:
    """What the receipt meant: the programme lacks the pieces again, and the ledger reverses."""
    unmet = [
        Unfulfil(programme_line_id=each.programme_line_id, item_id=each.item_id)
        for each in lines
        if each.programme_line_id is not None and each.received_at is not None
    ]
    if unmet:
        unfulfil(session, actor, unmet)
    received = received_events(session, actor, lines)
    events = [
        PieceReturned.of(
            each,
            actor.person_id,
            item_id=each.item_id,
            handover_id=each.handover_id,
            undoes_event_id=received.get(each.id),
        )
        for each in lines
    ]
    publish(session, events)
    return events


def _place_again(item: Item, handover: Handover, line: HandoverLine) -> UUID:
    """Where the piece was, unless somebody moved it after it arrived: there it stands."""
    is_moved_on = line.received_at is not None and item.place_id != handover.to_place_id
    return item.place_id if is_moved_on else line.place_before_id or item.place_id


def locked_lines(session: Session, actor: Actor, ids: Sequence[UUID]) -> list[HandoverLine]:
    """The lines, locked by id, their state read under the lock.

    Behind what they were promised by, and that behind its listing: who fetches locks in that order.
    """
    wanted = set(ids)
    query = handover_lines_visible_to(actor).where(HandoverLine.id.in_(wanted))
    seen = session.scalars(query).all()
    reservations_of(session, actor, seen)
    promised(session, [each for each in seen if each.undone_at is None])
    locked = (
        query.order_by(HandoverLine.id)
        .with_for_update(of=HandoverLine)
        .execution_options(populate_existing=True)
    )
    found = list(session.scalars(locked))
    if len(found) < len(wanted):
        raise NotFound(N_("Fant ikke overleveringen."))
    return found


def _require_side(session: Session, actor: Actor, lines: Sequence[HandoverLine]) -> None:
    """Either side may confirm: who hands over for the giving unit, or who receives."""
    handovers = handovers_of(session, actor, lines)
    as_giver = {
        each.id
        for each in handovers.values()
        if actor.may(Permission.HANDOVER_MAKE, each.giver_unit_id)
    }
    rest = {each.id for each in lines if each.handover_id not in as_giver}
    if not rest:
        return
    mine = set(
        session.scalars(
            to_receive(actor).with_only_columns(HandoverLine.id).where(HandoverLine.id.in_(rest))
        )
    )
    # A line that is received or undone meanwhile is told as that, not as forbidden.
    waiting = {each.id for each in lines if not each.received_at and not each.undone_at}
    if (rest & waiting) - mine:
        raise Forbidden(N_("Bare den som gir eller den som får, kan bekrefte mottaket."))


def handovers_of(
    session: Session, actor: Actor, lines: Sequence[HandoverLine]
) -> dict[UUID, Handover]:
    query = handovers_visible_to(actor).where(Handover.id.in_({each.handover_id for each in lines}))
    return {each.id: each for each in session.scalars(query)}


def items_of(session: Session, actor: Actor, lines: Sequence[HandoverLine]) -> dict[UUID, Item]:
    query = items_visible_to(actor).where(Item.id.in_({each.item_id for each in lines}))
    locked = (
        query.order_by(Item.id).with_for_update(of=Item).execution_options(populate_existing=True)
    )
    found = {each.id: each for each in session.scalars(locked)}
    if len(found) < len({each.item_id for each in lines}):
        raise NotFound(N_("Fant ikke møbelet."))
    return found


def reservations_of(
    session: Session, actor: Actor, lines: Sequence[HandoverLine]
) -> list[Reservation]:
    ids = {each.reservation_id for each in lines if each.reservation_id}
    if not ids:
        return []
    query = select(Reservation).where(Reservation.org_id == actor.org_id, Reservation.id.in_(ids))
    return locked_reservations(session, query)


def _fulfil(
    session: Session,
    actor: Actor,
    lines: Sequence[HandoverLine],
    handovers: dict[UUID, Handover],
) -> None:
    """Meets the programme. A line cancelled on the way stops nobody from receiving the piece."""
    wanted = {each.programme_line_id for each in lines if each.programme_line_id}
    if not wanted:
        return
    standing = set(
        session.scalars(
            select(ProgrammeLine.id)
            .join(
                Project,
                (Project.org_id == ProgrammeLine.org_id) & (Project.id == ProgrammeLine.project_id),
            )
            .where(
                ProgrammeLine.org_id == actor.org_id,
                ProgrammeLine.id.in_(wanted),
                ProgrammeLine.state != LineState.CANCELLED,
                Project.state != ProjectState.CLOSED,
            )
        )
    )
    commands = [
        Fulfil(
            programme_line_id=each.programme_line_id,
            item_id=each.item_id,
            source=each.source,
            fulfilled_on=handovers[each.handover_id].handed_over_on,
        )
        for each in lines
        if each.programme_line_id is not None and each.programme_line_id in standing
    ]
    if commands:
        fulfil(session, actor, commands)


def require_latest(session: Session, actor: Actor, lines: Sequence[HandoverLine]) -> None:
    """A piece handed over again since can not go back past that."""
    ours = {each.id for each in lines}
    query = handover_lines_visible_to(actor).where(
        HandoverLine.item_id.in_({each.item_id for each in lines}),
        HandoverLine.undone_at.is_(None),
    )
    by_item: dict[UUID, list[HandoverLine]] = defaultdict(list)
    for each in session.scalars(query):
        by_item[each.item_id].append(each)
    for line in lines:
        others = [each for each in by_item[line.item_id] if each.id not in ours]
        if any(_moment(each) > _moment(line) for each in others):
            raise HandedOverAgain(id=str(line.item_id))


def _moment(line: HandoverLine) -> datetime:
    moment = line.picked_up_at
    assert moment is not None  # every line is picked up in the verb that makes it
    return moment


def received_events(
    session: Session, actor: Actor, lines: Sequence[HandoverLine]
) -> dict[UUID, UUID]:
    found = session.execute(
        select(EventRow.subject_id, EventRow.id).where(
            EventRow.org_id == actor.org_id,
            EventRow.kind == PieceReceived.kind,
            EventRow.subject_id.in_({each.id for each in lines}),
        )
    )
    return {row[0]: row[1] for row in found}


def _release_donors(
    session: Session,
    actor: Actor,
    lines: Sequence[HandoverLine],
    events: Sequence[PieceReturned],
) -> None:
    """Unties donors from a piece that is not counted; what they were stays in its history."""
    surplus = FulfilmentSource.REDESIGNED_FROM_SURPLUS
    by_item = {
        line.item_id: event
        for line, event in zip(lines, events, strict=True)
        if line.source is surplus
    }
    if not by_item:
        return
    tied = list(
        session.scalars(
            select(Donor).where(Donor.org_id == actor.org_id, Donor.item_id.in_(by_item))
        )
    )
    before: dict[UUID, list[str]] = defaultdict(list)
    for each in tied:
        before[each.item_id].append(f"{each.donor_id} {each.built_in_g}")
    revise(
        session,
        [
            (by_item[item_id], {"donors": Change(sorted(texts), None)})
            for item_id, texts in before.items()
        ],
    )
    session.execute(delete(Donor).where(Donor.org_id == actor.org_id, Donor.item_id.in_(by_item)))
