"""Handing over: pieces leave their place, with a trip and its costs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.accounts.numbers import next_number
from app.accounts.rules import Permission
from app.handovers.events import PieceHandedOver
from app.handovers.models import Handover, HandoverLine
from app.handovers.queries import claimed, on_offer
from app.handovers.rules import EARLIEST, MOST_METRES, MOST_ORE, MOST_PIECES, is_possible_day
from app.handovers.rules_run import metres_between
from app.handovers.service_aside import PiecePlannedFor, lines_waiting, user_cases
from app.handovers.service_planned import mark_fetched
from app.handovers.service_reserved import locked_reservations
from app.impact.queries import factors_of
from app.impact.rules import FulfilmentSource, UserCase, is_trip_factor
from app.items import service as items_service
from app.items.models import Item
from app.items.queries import items_visible_to
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.events import publish
from app.kit.i18n import N_, gettext
from app.kit.pointing import concerning
from app.kit.text import printable
from app.marketplace import service as marketplace_service
from app.marketplace.models import Request, RequestLine, Reservation
from app.places.models import Place
from app.places.queries import positions_of
from app.projects.models import ProgrammeLine
from app.projects.queries import lines_visible_to
from app.projects.service import open_lines

Metres = Annotated[int, Field(ge=0, le=MOST_METRES)]
Ore = Annotated[int, Field(ge=0, le=MOST_ORE)]
Ids = Annotated[list[UUID], Field(max_length=MOST_PIECES)]
VehicleCode = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=40), AfterValidator(printable)
]

Value = TypeVar("Value")

NOWHERE = N_("Velg hvor møblene skal.")
NOBODY = N_("Velg enheten som skal ha møblene.")
SEVERAL = N_("Bestillingene skal til flere steder. Lag én overlevering for hvert.")


class ItemClaimed(Conflict):
    title = N_("Noen har reservert møbelet.")


class ItemOnOffer(Conflict):
    title = N_("Møbelet ligger på markedet. Trekk annonsen først.")


class Trip(BaseModel):
    """When and how; the trip's cost is the whole trip's, cleaning and handling are each piece's.

    ``distance_m`` holds the empty return if the trip was made for this. ``vehicle`` is the code of
    a transport factor. Empty costs are unknown, unless ``costs_complete`` says there were no more.
    """

    model_config = ConfigDict(extra="forbid")

    handed_over_on: date
    vehicle: VehicleCode | None = None
    distance_m: Metres | None = None
    transport_ore: Ore | None = None
    cleaning_ore: Ore | None = None
    handling_ore: Ore | None = None
    costs_complete: bool = False


class HandOver(Trip):
    """Reserved pieces to who ordered them, or ``item_ids`` of nobody's to a unit and place."""

    reservation_ids: Ids = Field(default_factory=list)
    item_ids: Ids = Field(default_factory=list)
    to_unit_id: UUID | None = None
    to_place_id: UUID | None = None
    programme_line_id: UUID | None = None
    user_case: UserCase = UserCase.NEW_USER
    would_discard: bool = True


@dataclass(frozen=True)
class Ordered:
    """A reservation with the order it comes from."""

    reservation: Reservation
    line: RequestLine
    request: Request


def hand_over(session: Session, actor: Actor, commands: Sequence[HandOver]) -> list[Handover]:
    """The pieces are picked up and on their way: one handover for each command.

    Raises ``NotFound``, ``Invalid``, ``ItemClaimed``, ``ItemOnOffer`` and ``items``' and
    ``marketplace``'s conflicts when a piece or a reservation is not there any more.
    """
    actor.must(Permission.HANDOVER_MAKE)
    made = []
    for command in commands:
        with concerning(command):
            made.append(depart(session, actor, command))
    return made


def depart(
    session: Session, actor: Actor, trip: HandOver, *, is_fetched_by_receiver: bool = False
) -> Handover:
    """One handover. Who ordered the pieces may fetch them; else the giver's side hands them over."""
    require_trip(session, trip)
    if not trip.reservation_ids and not trip.item_ids:
        raise Invalid(by_field={"reservation_ids": N_("Velg minst ett møbel.")})
    ordered = _ordered(session, actor, trip.reservation_ids)
    by_item = {each.reservation.item_id: each for each in ordered}
    wanted = [*(each for each in by_item if each), *trip.item_ids]
    items = locked_pieces(session, actor, wanted)
    if not is_fetched_by_receiver:
        require_giver(actor, items)
    nobodys = [each.id for each in items if each.id not in by_item]
    require_unclaimed(session, actor, nobodys)
    waiting = lines_waiting(session, actor, nobodys)
    if trip.programme_line_id is not None and set(waiting.values()) - {trip.programme_line_id}:
        raise PiecePlannedFor
    cases = {} if "user_case" in trip.model_fields_set else user_cases(session, actor, nobodys)
    unit_id, place_id = _destination(session, actor, trip, ordered)
    from_place_id = only({each.place_id for each in items})
    handover = Handover(
        id=new_id(),
        org_id=actor.org_id,
        number=next_number(session, actor.org_id, "handover"),
        handed_over_on=trip.handed_over_on,
        giver_unit_id=only({each.owner_unit_id for each in items}),
        receiver_org_id=actor.org_id,
        receiver_unit_id=unit_id,
        from_place_id=from_place_id,
        to_place_id=place_id,
        project_id=_project(session, actor, trip, ordered, waiting),
        vehicle=trip.vehicle,
        distance_m=trip.distance_m,
        measured_m=measured_trip_m(session, actor, from_place_id, place_id),
        transport_ore=trip.transport_ore,
        person_id=actor.person_id,
        created_at=clock_of(session).now(),
    )
    lines = [
        _line(
            handover,
            trip,
            item,
            by_item.get(item.id),
            waiting.get(item.id, trip.programme_line_id),
            cases.get(item.id, trip.user_case),
        )
        for item in items
    ]
    session.add_all([handover, *lines])
    take(session, actor, lines, items)
    if ordered:
        marketplace_service.mark_picked_up(session, actor, [each.reservation for each in ordered])
    return handover


def take(
    session: Session, actor: Actor, lines: Sequence[HandoverLine], items: Sequence[Item]
) -> None:
    """Picks the pieces up; lines and items stand in the same order."""
    now = clock_of(session).now()
    for line, item in zip(lines, items, strict=True):
        line.owner_unit_before_id = item.owner_unit_id
        line.holder_unit_before_id = item.holder_unit_id
        line.place_before_id = item.place_id
        line.picked_up_at = now
        line.picked_up_by = actor.person_id
    mark_fetched(session, actor, lines)
    items_service.pick_up(session, actor, items)
    publish(
        session,
        [
            PieceHandedOver.of(
                each, actor.person_id, item_id=each.item_id, handover_id=each.handover_id
            )
            for each in lines
        ],
    )


def _line(
    handover: Handover,
    command: HandOver,
    item: Item,
    ordered: Ordered | None,
    line_id: UUID | None,
    user_case: UserCase,
) -> HandoverLine:
    line = HandoverLine(
        id=new_id(),
        org_id=handover.org_id,
        handover_id=handover.id,
        item_id=item.id,
        receiver_org_id=handover.receiver_org_id,
        programme_line_id=line_id,
        source=FulfilmentSource.INTERNAL_REUSE,
        user_case=user_case,
        would_discard=command.would_discard,
        cleaning_ore=command.cleaning_ore,
        handling_ore=command.handling_ore,
        costs_complete=command.costs_complete,
    )
    if line_id is not None:
        line.need_recorded_before = True
    if ordered is not None:
        line.reservation_id = ordered.reservation.id
        line.programme_line_id = ordered.line.programme_line_id or command.programme_line_id
        line.would_have = ordered.line.would_have
        line.need_recorded_before = (
            ordered.line.need_recorded_before or line.programme_line_id is not None
        )
    return line


def _ordered(session: Session, actor: Actor, ids: Sequence[UUID]) -> list[Ordered]:
    """The reservations with their orders, locked by id."""
    wanted = set(ids)
    if not wanted:
        return []
    query = select(Reservation).where(
        Reservation.org_id == actor.org_id,
        Reservation.receiver_org_id == actor.org_id,
        Reservation.id.in_(wanted),
        Reservation.item_id.is_not(None),
    )
    reservations = locked_reservations(session, query)
    if len(reservations) < len(wanted):
        raise NotFound(N_("Fant ikke alle reservasjonene."))
    found = session.execute(
        select(RequestLine, Request)
        .join(
            Request,
            (Request.org_id == RequestLine.org_id) & (Request.id == RequestLine.request_id),
        )
        .where(
            RequestLine.org_id == actor.org_id,
            RequestLine.id.in_({each.request_line_id for each in reservations}),
        )
    )
    orders = {row[0].id: (row[0], row[1]) for row in found}
    return [Ordered(each, *orders[each.request_line_id]) for each in reservations]


def _destination(
    session: Session, actor: Actor, command: HandOver, ordered: Sequence[Ordered]
) -> tuple[UUID, UUID]:
    """The receiving unit and place: those named, else those ordered for."""
    units = {each.request.unit_id for each in ordered}
    places = {each.request.place_id for each in ordered}
    if len(units) > 1 or (len(places) > 1 and command.to_place_id is None):
        raise Invalid(SEVERAL, by_field={"reservation_ids": SEVERAL})
    unit_id = only(units) or command.to_unit_id
    place_id = command.to_place_id or only(places)
    return require_destination(session, actor, unit_id, place_id)


def require_destination(
    session: Session, actor: Actor, unit_id: UUID | None, place_id: UUID | None
) -> tuple[UUID, UUID]:
    """Both, if they are the organisation's. Raises ``Invalid`` at ``to_unit_id``, ``to_place_id``."""
    unit = session.scalar(select(Unit.id).where(Unit.org_id == actor.org_id, Unit.id == unit_id))
    place = session.scalar(
        select(Place.id).where(Place.org_id == actor.org_id, Place.id == place_id)
    )
    if unit is None or place is None:
        missing = {"to_unit_id": (unit, NOBODY), "to_place_id": (place, NOWHERE)}
        raise Invalid(
            by_field={name: text for name, (found, text) in missing.items() if found is None}
        )
    return unit, place


def _project(
    session: Session,
    actor: Actor,
    command: HandOver,
    ordered: Sequence[Ordered],
    waiting: Mapping[UUID, UUID],
) -> UUID | None:
    """The one project the pieces go to: the order's, or the programme lines'."""
    named = set(waiting.values())
    if command.programme_line_id is not None:
        named.add(command.programme_line_id)
    if named:
        open_lines(session, actor, sorted(named))
    line_ids = {each.line.programme_line_id for each in ordered} | named
    by_line: dict[UUID | None, UUID] = {
        each.id: each.project_id
        for each in session.scalars(lines_visible_to(actor).where(ProgrammeLine.id.in_(line_ids)))
    }
    of_lines = only({by_line[each] for each in named})
    projects = {
        each.request.project_id or by_line.get(each.line.programme_line_id) or of_lines
        for each in ordered
    }
    if not ordered:
        return of_lines
    if len(projects) > 1:
        raise Invalid(SEVERAL, by_field={"reservation_ids": SEVERAL})
    return only(projects)


def require_line(session: Session, actor: Actor, line_id: UUID) -> ProgrammeLine:
    """A line that can still be met. Raises ``NotFound``, ``LineCancelled``, ``ProjectClosed``."""
    return open_lines(session, actor, [line_id])[line_id]


def locked_items(session: Session, actor: Actor, ids: Sequence[UUID]) -> list[Item]:
    """The pieces in the order named, locked by id, each one the actor may hand over."""
    items = locked_pieces(session, actor, ids)
    require_giver(actor, items)
    return items


def require_giver(actor: Actor, items: Sequence[Item]) -> None:
    for item in items:
        actor.must(Permission.HANDOVER_MAKE, item.owner_unit_id)


def locked_pieces(session: Session, actor: Actor, ids: Sequence[UUID]) -> list[Item]:
    """The pieces in the order named, locked by id."""
    if len(set(ids)) < len(ids):
        twice = {each for each, count in Counter(ids).items() if count > 1}
        text = N_("Samme møbel står flere ganger.")
        raise Invalid(by_field={"item_ids": text}, where={"item_ids": twice})
    query = items_visible_to(actor).where(Item.id.in_(ids)).order_by(Item.id)
    locked = query.with_for_update(of=Item).execution_options(populate_existing=True)
    found = {each.id: each for each in session.scalars(locked)}
    if len(found) < len(ids):
        raise NotFound(N_("Fant ikke møbelet."))
    return [found[each] for each in ids]


def require_unclaimed(session: Session, actor: Actor, ids: Sequence[UUID]) -> None:
    """Raises when somebody holds or is offered one of the pieces."""
    taken = session.scalars(claimed(actor, ids)).first()
    if taken is not None:
        raise ItemClaimed(id=str(taken))
    offered = session.scalars(on_offer(actor, ids)).first()
    if offered is not None:
        raise ItemOnOffer(id=str(offered))


def measured_trip_m(
    session: Session, actor: Actor, start: UUID | None, end: UUID | None
) -> int | None:
    """There and empty back, by the places' positions; unknown where one has none."""
    if start is None or end is None:
        return None
    positions = positions_of(session, actor.org_id, {start, end})
    one_way = metres_between(positions, start, end)
    return None if one_way is None else 2 * one_way


def require_trip(session: Session, trip: Trip) -> None:
    """Raises ``Invalid`` for a day, vehicle or distance that can not be."""
    wrong: dict[str, str] = {}
    today = clock_of(session).today()
    if not is_possible_day(trip.handed_over_on, today):
        wrong["handed_over_on"] = (
            N_("Datoen er for langt tilbake i tid.")
            if trip.handed_over_on < EARLIEST
            else N_("Datoen kan ikke være senere enn i morgen.")
        )
    if trip.vehicle:
        row = factors_of(session).factor_set.transport.get(trip.vehicle)
        if row is None or not is_trip_factor(row):
            wrong["vehicle"] = N_("Velg et kjøretøy fra listen.")
        elif trip.distance_m is None:
            wrong["distance_m"] = N_("Skriv hvor langt kjøretøyet kjørte.")
    elif trip.distance_m:
        wrong["vehicle"] = N_("Velg kjøretøyet som kjørte så langt.")
    if wrong:
        raise Invalid(by_field={name: gettext(text) for name, text in wrong.items()})


def only(values: set[Value]) -> Value | None:
    """The one value, or none where there are several."""
    return next(iter(values)) if len(values) == 1 else None
