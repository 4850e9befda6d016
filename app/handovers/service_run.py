"""Planning a driver's day: which pieces, from where to where, in what and how far."""

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Membership
from app.accounts.numbers import next_number
from app.accounts.queries import memberships_visible_to
from app.accounts.rules import Permission
from app.handovers import queries_run
from app.handovers.events import RunCancelled, RunEdited, RunFinished, RunPlanned
from app.handovers.models import HandoverLine
from app.handovers.models_run import RunPiece, RunSheet
from app.handovers.queries_scan import labels_of
from app.handovers.rules import MOST_PIECES
from app.handovers.rules_run import Leg, RunState, RunVerb, round_trip_m, stops_of
from app.handovers.service_run_aside import aside_to_drive
from app.handovers.service_trips import (
    Ids,
    Metres,
    Ore,
    VehicleCode,
    require_destination,
    require_unclaimed,
)
from app.impact.queries import factors_of
from app.impact.rules import is_trip_factor
from app.items.models import Item
from app.items.queries import items_visible_to
from app.items.rules import MACHINE, ItemVerb
from app.items.service_lifecycle import ItemNotThere, own_places
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Conflict, Invalid, NotFound, Stale
from app.kit.events import publish
from app.kit.i18n import N_, gettext
from app.kit.states import advance, allows
from app.kit.text import PRINTABLE, STRIPPED, Name
from app.marketplace.models import Request, Reservation
from app.places.queries import positions_of

Note = Annotated[str, STRIPPED, Field(max_length=2000), PRINTABLE]

FURTHEST = timedelta(days=730)
NOTHING = N_("Velg minst ett møbel.")


class PiecePlanned(Conflict):
    title = N_("Møbelet står alt på en kjøreliste.")


class RunOver(Conflict):
    title = N_("Kjørelisten er avsluttet.")


class RunBegun(Conflict):
    title = N_("Noe er alt hentet på denne kjørelisten. Avslutt den i stedet.")


class RunFull(Conflict):
    title = N_("En kjøreliste har plass til 500 møbler.")


class RunFields(BaseModel):
    """What is written of a run. ``distance_m`` holds the way back; empty, it is measured."""

    model_config = ConfigDict(extra="forbid")

    driven_on: date
    area: Name | None = None
    vehicle: VehicleCode | None = None
    driver_id: UUID | None = None
    base_place_id: UUID | None = None
    distance_m: Metres | None = None
    transport_ore: Ore | None = None
    note: Note | None = None


class Chosen(BaseModel):
    """Approved pieces of orders, and others with the unit and place they go to.

    ``planned_ids`` are pieces that projects' plans have set aside: each goes where its plan says.
    """

    model_config = ConfigDict(extra="forbid")

    reservation_ids: Ids = Field(default_factory=list)
    item_ids: Ids = Field(default_factory=list)
    planned_ids: Ids = Field(default_factory=list)
    to_unit_id: UUID | None = None
    to_place_id: UUID | None = None


class PlanRun(RunFields, Chosen):
    """A run with its first pieces."""


class EditRun(RunFields):
    """All of the fields as they are to be. ``version`` is what the editor saw."""

    run_sheet_id: UUID
    version: int


class AddToRun(Chosen):
    run_sheet_id: UUID


class TakeOffRun(BaseModel):
    """Pieces that do not go along after all."""

    model_config = ConfigDict(extra="forbid")

    run_sheet_id: UUID
    run_piece_ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST_PIECES)]


class OfRun(BaseModel):
    model_config = ConfigDict(extra="forbid")

    run_sheet_id: UUID


def plan_run(session: Session, actor: Actor, command: PlanRun) -> RunSheet:
    """Raises ``Invalid`` at the field, ``PiecePlanned``, and the conflicts of a piece not there."""
    actor.must(Permission.HANDOVER_MAKE)
    _require_fields(session, actor, command)
    today = clock_of(session).today()
    if command.driven_on < today:
        raise Invalid(by_field={"driven_on": N_("Datoen er passert. Velg i dag eller senere.")})
    run = RunSheet(
        id=new_id(),
        org_id=actor.org_id,
        number=next_number(session, actor.org_id, "run_sheet"),
        state=RunState.PLANNED,
        **command.model_dump(include=set(RunFields.model_fields)),
        person_id=actor.person_id,
        created_at=clock_of(session).now(),
    )
    session.add(run)
    session.flush()  # the pieces refer to it
    count = _add(session, actor, run, command)
    _measure(session, actor, run)
    publish(session, [RunPlanned.of(run, actor.person_id, pieces=count)])
    return run


def edit_run(session: Session, actor: Actor, command: EditRun) -> RunSheet:
    actor.must(Permission.HANDOVER_MAKE)
    run = _open_run(session, actor, command.run_sheet_id)
    if run.version != command.version:
        raise Stale(version=run.version)
    _require_fields(session, actor, command)
    if command.driven_on != run.driven_on and command.driven_on < clock_of(session).today():
        raise Invalid(by_field={"driven_on": N_("Datoen er passert. Velg i dag eller senere.")})
    for name in RunFields.model_fields:
        setattr(run, name, getattr(command, name))
    _measure(session, actor, run)
    publish(session, [RunEdited.of(run, actor.person_id, pieces=_count(session, actor, run))])
    return run


def add_to_run(session: Session, actor: Actor, command: AddToRun) -> RunSheet:
    actor.must(Permission.HANDOVER_MAKE)
    run = _open_run(session, actor, command.run_sheet_id)
    _add(session, actor, run, command)
    _measure(session, actor, run)
    publish(session, [RunEdited.of(run, actor.person_id, pieces=_count(session, actor, run))])
    return run


def take_off_run(session: Session, actor: Actor, command: TakeOffRun) -> RunSheet:
    """The pieces wait for another run. Raises ``RunBegun`` for what was fetched already."""
    actor.must(Permission.HANDOVER_MAKE)
    run = _open_run(session, actor, command.run_sheet_id)
    wanted = set(command.run_piece_ids)
    query = queries_run.run_pieces_visible_to(actor).where(
        RunPiece.run_sheet_id == run.id, RunPiece.id.in_(wanted), RunPiece.left_at.is_(None)
    )
    pieces = list(session.scalars(query.with_for_update(of=RunPiece)))
    if len(pieces) < len(wanted):
        raise NotFound(N_("Fant ikke møbelet på kjørelisten."))
    if any(each.handover_line_id for each in pieces):
        raise RunBegun
    for each in pieces:
        each.left_at = clock_of(session).now()
    _measure(session, actor, run)
    publish(session, [RunEdited.of(run, actor.person_id, pieces=_count(session, actor, run))])
    return run


def finish_run(session: Session, actor: Actor, command: OfRun) -> RunSheet:
    """The day is over. What was not fetched can be planned anew."""
    actor.must(Permission.HANDOVER_MAKE)
    run = _open_run(session, actor, command.run_sheet_id)
    left = _leave_rest(session, actor, run)
    advance(session, [run], RunVerb.FINISH, refused=RunOver)
    _measure(session, actor, run)
    _hold_lines(session, run)
    publish(session, [RunFinished.of(run, actor.person_id, left=left)])
    return run


def cancel_run(session: Session, actor: Actor, command: OfRun) -> RunSheet:
    """Nobody drives. Raises ``RunBegun`` once something was fetched."""
    actor.must(Permission.HANDOVER_MAKE)
    run = _open_run(session, actor, command.run_sheet_id)
    begun = queries_run.run_pieces_visible_to(actor).where(
        RunPiece.run_sheet_id == run.id, RunPiece.handover_line_id.is_not(None)
    )
    if session.scalars(begun.limit(1)).first() is not None:
        raise RunBegun(id=str(run.id))
    _leave_rest(session, actor, run)
    advance(session, [run], RunVerb.CANCEL, refused=RunOver)
    publish(session, [RunCancelled.of(run, actor.person_id)])
    return run


def _open_run(session: Session, actor: Actor, run_id: UUID) -> RunSheet:
    """Locked. Raises ``NotFound``, ``RunOver``."""
    query = queries_run.runs_visible_to(actor).where(RunSheet.id == run_id)
    run = session.scalar(
        query.with_for_update(of=RunSheet).execution_options(populate_existing=True)
    )
    if run is None:
        raise NotFound(N_("Fant ikke kjørelisten."))
    if run.state is not RunState.PLANNED:
        raise RunOver(id=str(run.id))
    return run


def _require_fields(session: Session, actor: Actor, command: RunFields) -> None:
    wrong: dict[str, str] = {}
    if command.driven_on > clock_of(session).today() + FURTHEST:
        wrong["driven_on"] = N_("Datoen er mer enn to år fram i tid.")
    if command.vehicle:
        row = factors_of(session).factor_set.transport.get(command.vehicle)
        if row is None or not is_trip_factor(row):
            wrong["vehicle"] = N_("Velg et kjøretøy fra listen.")
    elif command.distance_m:
        wrong["vehicle"] = N_("Velg kjøretøyet som kjører så langt.")
    if command.driver_id is not None:
        member = memberships_visible_to(actor).where(Membership.person_id == command.driver_id)
        if session.scalar(member) is None:
            wrong["driver_id"] = N_("Velg en av virksomhetens folk.")
    if wrong:
        raise Invalid(by_field={name: gettext(text) for name, text in wrong.items()})
    if command.base_place_id is not None:
        own_places(session, actor, {command.base_place_id}, "base_place_id")


def _add(session: Session, actor: Actor, run: RunSheet, chosen: Chosen) -> int:
    """Pieces on the sheet; each with where it stands now and where it goes."""
    if not chosen.reservation_ids and not chosen.item_ids and not chosen.planned_ids:
        raise Invalid(by_field={"reservation_ids": NOTHING})
    pieces = [
        *_ordered(session, actor, run, chosen),
        *_planned(session, actor, run, chosen),
        *_others(session, actor, run, chosen),
    ]
    if _count(session, actor, run) + len(pieces) > MOST_PIECES:
        raise RunFull
    try:
        with session.begin_nested():
            session.add_all(pieces)
    except IntegrityError as error:  # it waits on a run sheet already
        raise PiecePlanned from error
    return len(pieces)


def _ordered(session: Session, actor: Actor, run: RunSheet, chosen: Chosen) -> list[RunPiece]:
    wanted = set(chosen.reservation_ids)
    if not wanted:
        return []
    rows = session.execute(queries_run.unplanned(actor).where(Reservation.id.in_(wanted))).all()
    found: list[tuple[Reservation, Item, Request]] = [(row[0], row[1], row[2]) for row in rows]
    if len(found) < len(wanted):
        _say_why(session, actor, wanted - {each.id for each, _, _ in found})
    pieces = []
    for reservation, item, request in found:
        actor.must(Permission.HANDOVER_MAKE, item.owner_unit_id)
        assert request.place_id is not None  # the query asks for both
        assert request.unit_id is not None
        pieces.append(_piece(session, run, item, request.unit_id, request.place_id, reservation.id))
    return pieces


def _say_why(session: Session, actor: Actor, ids: set[UUID]) -> None:
    own = select(Reservation.item_id).where(
        Reservation.org_id == actor.org_id, Reservation.id.in_(ids)
    )
    items = [each for each in session.scalars(own) if each is not None]
    if queries_run.waiting_pieces(session, actor, items):
        raise PiecePlanned(id=str(items[0]))
    raise NotFound(N_("Fant ikke alle reservasjonene."))


def _planned(session: Session, actor: Actor, run: RunSheet, chosen: Chosen) -> list[RunPiece]:
    wanted = set(chosen.planned_ids)
    if wanted and queries_run.waiting_pieces(session, actor, wanted):
        raise PiecePlanned
    return [
        _piece(session, run, each.item, each.project.unit_id, place_id, None)
        for each, place_id in aside_to_drive(session, actor, wanted, run.driven_on)
    ]


def _others(session: Session, actor: Actor, run: RunSheet, chosen: Chosen) -> list[RunPiece]:
    wanted = set(chosen.item_ids)
    if not wanted:
        return []
    unit_id, place_id = require_destination(session, actor, chosen.to_unit_id, chosen.to_place_id)
    items = list(session.scalars(items_visible_to(actor).where(Item.id.in_(wanted))))
    if len(items) < len(wanted):
        raise NotFound(N_("Fant ikke møbelet."))
    for item in items:
        actor.must(Permission.HANDOVER_MAKE, item.owner_unit_id)
        if not allows(MACHINE, item.state, ItemVerb.PICK_UP):
            raise ItemNotThere(id=str(item.id), state=item.state.value)
    require_unclaimed(session, actor, [each.id for each in items])
    return [_piece(session, run, each, unit_id, place_id, None) for each in items]


def _piece(
    session: Session,
    run: RunSheet,
    item: Item,
    unit_id: UUID,
    place_id: UUID,
    reservation_id: UUID | None,
) -> RunPiece:
    return RunPiece(
        id=new_id(),
        org_id=run.org_id,
        run_sheet_id=run.id,
        item_id=item.id,
        reservation_id=reservation_id,
        from_place_id=item.place_id,
        to_place_id=place_id,
        to_unit_id=unit_id,
        created_at=clock_of(session).now(),
    )


def _leave_rest(session: Session, actor: Actor, run: RunSheet) -> int:
    rest = list(session.scalars(queries_run.waiting(actor).where(RunPiece.run_sheet_id == run.id)))
    for each in rest:
        each.left_at = clock_of(session).now()
    session.flush()  # what follows reads what is left on the sheet
    return len(rest)


def _hold_lines(session: Session, run: RunSheet) -> None:
    """What went along is neither received nor undone while the trip is shared out over it."""
    on_run = select(RunPiece.handover_line_id).where(
        RunPiece.org_id == run.org_id,
        RunPiece.run_sheet_id == run.id,
        RunPiece.left_at.is_(None),
        RunPiece.handover_line_id.is_not(None),
    )
    session.execute(
        select(HandoverLine.id)
        .where(HandoverLine.org_id == run.org_id, HandoverLine.id.in_(on_run))
        .order_by(HandoverLine.id)
        .with_for_update(of=HandoverLine)
    )


def _count(session: Session, actor: Actor, run: RunSheet) -> int:
    return len(queries_run.pieces_of(session, actor, [run.id]))


def _measure(session: Session, actor: Actor, run: RunSheet) -> None:
    """How far the stops are apart, from what stands on the sheet now."""
    session.flush()  # pieces that were just put on or taken off count as they are
    legs = [
        Leg(piece.id, piece.from_place_id, piece.to_place_id)
        for piece, _, _ in queries_run.pieces_of(session, actor, [run.id])
    ]
    places = {each for leg in legs for each in (leg.start, leg.end)}
    base = {run.base_place_id} if run.base_place_id else set[UUID]()
    positions = positions_of(session, actor.org_id, places | base)
    labels = labels_of(session, actor, places | base)
    stops = stops_of(legs, positions, labels, run.base_place_id)
    run.measured_m = round_trip_m(stops, positions, run.base_place_id)
