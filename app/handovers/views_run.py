"""Run sheets as pages and JSON show them: stops in order, what is done there, and the load."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Person, Unit
from app.accounts.queries import memberships_visible_to
from app.catalogue.models import ProductModel
from app.handovers import queries_run
from app.handovers.models import HandoverLine
from app.handovers.models_run import RunPiece, RunSheet
from app.handovers.queries_scan import labels_of
from app.handovers.rules_run import (
    Bulk,
    Leg,
    Load,
    RunState,
    Stop,
    fullest,
    load_of,
    stops_of,
)
from app.handovers.views import Step, near, step_of, step_tag
from app.impact.queries import factors_of
from app.items.models import Item
from app.items.queries import codes_of
from app.kit import codes
from app.kit.i18n import N_, gettext
from app.marketplace.models import Request, RequestLine, Reservation
from app.places.queries import positions_of

PLANNED = {"text": N_("Planlagt"), "tone": "neutral"}
STATES = {
    RunState.PLANNED: (N_("Planlagt"), "info"),
    RunState.FINISHED: (N_("Avsluttet"), "success"),
    RunState.CANCELLED: (N_("Avlyst"), "neutral"),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece at a stop. ``contact`` and ``cost_centre`` are the receiver's."""

    id: UUID
    item_id: UUID
    name: str
    code: str
    other_end: str
    unit: str
    contact: str
    cost_centre: str
    size: str
    bulk: Bulk
    step: dict[str, str]
    is_fetched: bool
    is_received: bool


@dataclass(frozen=True, slots=True)
class StopShown:
    """A stop: its place, how far from the stop before, what is fetched and delivered."""

    number: int
    place_id: UUID
    label: str
    contact: str
    metres: int | None
    fetch: list[Piece]
    deliver: list[Piece]

    @property
    def to_fetch(self) -> list[Piece]:
        return [each for each in self.fetch if not each.is_fetched]

    @property
    def to_deliver(self) -> list[Piece]:
        return [each for each in self.deliver if not each.is_received]

    @property
    def is_done(self) -> bool:
        return not self.to_fetch and not self.to_deliver


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything a run sheet says."""

    run: RunSheet
    state: dict[str, str]
    driver: str | None
    base: str | None
    stops: list[StopShown]
    load: Load
    fullest: Load
    left: list[tuple[RunPiece, Item]]
    unplaced: list[str]

    @property
    def metres(self) -> int | None:
        return self.run.measured_m if self.run.distance_m is None else self.run.distance_m

    @property
    def fetched(self) -> int:
        return sum(each.is_fetched for stop in self.stops for each in stop.fetch)

    @property
    def received(self) -> int:
        return sum(each.is_received for stop in self.stops for each in stop.deliver)


class RunPieceOut(BaseModel):
    """A piece on the sheet; it has a handover's line once it was fetched."""

    id: UUID
    item_id: UUID
    reservation_id: UUID | None
    from_place_id: UUID
    to_place_id: UUID
    to_unit_id: UUID
    handover_line_id: UUID | None


class RunSheetOut(BaseModel):
    """``distance_m`` as entered, ``measured_m`` by the places' positions; with the way back."""

    id: UUID
    number: int
    state: RunState
    driven_on: date
    area: str | None
    vehicle: str | None
    driver_id: UUID | None
    base_place_id: UUID | None
    distance_m: int | None
    measured_m: int | None
    transport_ore: int | None
    note: str | None
    created_at: datetime
    version: int
    pieces: list[RunPieceOut]

    @classmethod
    def all(cls, session: Session, actor: Actor, runs: Sequence[RunSheet]) -> "list[RunSheetOut]":
        """In one query more, however many there are."""
        by_run: dict[UUID, list[RunPieceOut]] = defaultdict(list)
        for piece, _, _ in queries_run.pieces_of(session, actor, [each.id for each in runs]):
            out = RunPieceOut.model_validate(piece, from_attributes=True)
            by_run[piece.run_sheet_id].append(out)
        return [
            cls(
                **{name: getattr(each, name) for name in cls.model_fields if name != "pieces"},
                pieces=by_run[each.id],
            )
            for each in runs
        ]


def run_state(run: RunSheet) -> dict[str, str]:
    text, tone = STATES[run.state]
    return {"text": gettext(text), "tone": tone}


def sheet(session: Session, actor: Actor, run: RunSheet) -> Sheet:
    """The stops in their order, in a number of queries that the pieces do not change."""
    rows = queries_run.pieces_of(session, actor, [run.id])
    legs = [Leg(each.id, each.from_place_id, each.to_place_id) for each, _, _ in rows]
    places = {each for leg in legs for each in (leg.start, leg.end)}
    base = {run.base_place_id} if run.base_place_id else set[UUID]()
    labels = labels_of(session, actor, places | base)
    positions = positions_of(session, actor.org_id, places | base)
    bulks = bulks_of(session, actor, [item for _, item, _ in rows])
    by_piece = {each.id: bulks[item.id] for each, item, _ in rows}
    order = stops_of(legs, positions, labels, run.base_place_id)
    shown = _pieces(session, actor, rows, labels, by_piece)
    unplaced = sorted(labels[each] for each in (places | base) - positions.keys())
    return Sheet(
        run=run,
        state=run_state(run),
        driver=session.scalar(select(Person.name).where(Person.id == run.driver_id))
        if run.driver_id
        else None,
        base=near(labels.get(run.base_place_id)) if run.base_place_id else None,
        stops=_stops(session, actor, order, shown, rows, labels),
        load=load_of(list(by_piece.values())),
        fullest=fullest(order, by_piece),
        left=[(row[0], row[1]) for row in session.execute(queries_run.left_of(actor, run.id))],
        unplaced=unplaced,
    )


def bulks_of(session: Session, actor: Actor, items: Sequence[Item]) -> dict[UUID, Bulk]:
    """Volume of the bounding box and mass of each piece: own, the model's, else a default.

    A category has no default of its own for measurements; the catalogue's models of it have, on
    average. Without one the volume is unknown, and said so.
    """
    models = {
        each.id: each
        for each in session.scalars(
            select(ProductModel).where(
                ProductModel.org_id == actor.org_id,
                ProductModel.id.in_({i.product_model_id for i in items if i.product_model_id}),
            )
        )
    }
    box = ProductModel.width_mm * ProductModel.depth_mm * 1.0 * ProductModel.height_mm
    averages = {
        row[0]: int(row[1])
        for row in session.execute(
            select(ProductModel.category_id, func.avg(box))
            .where(
                ProductModel.org_id == actor.org_id,
                ProductModel.category_id.in_({each.category_id for each in items}),
                box.is_not(None),
            )
            .group_by(ProductModel.category_id)
        )
    }
    categories = factors_of(session).factor_set.categories
    found = {}
    for item in items:
        model = models.get(item.product_model_id) if item.product_model_id else None
        volume = _volume(item, model)
        mass = item.mass_g
        if mass is None and model is not None and model.mass_g is not None:
            mass = round(model.mass_g * item.amount)
        row = categories.get(item.category_id)
        default = (
            None if row is None or row.mass_g is None else round(row.mass_g.value * item.amount)
        )
        found[item.id] = Bulk(
            volume_mm3=averages.get(item.category_id) if volume is None else volume,
            is_volume_guessed=volume is None and item.category_id in averages,
            mass_g=default if mass is None else mass,
            is_mass_guessed=mass is None and default is not None,
        )
    return found


def _volume(item: Item, model: ProductModel | None) -> int | None:
    sides = []
    for name in ("width_mm", "depth_mm", "height_mm"):
        own = getattr(item, name)
        sides.append(own if own is not None or model is None else getattr(model, name))
    width, depth, height = sides
    return width * depth * height if width and depth and height else None


def _pieces(
    session: Session,
    actor: Actor,
    rows: Sequence[tuple[RunPiece, Item, HandoverLine | None]],
    labels: dict[UUID, str],
    bulks: dict[UUID, Bulk],
) -> dict[UUID, Piece]:
    names = codes_of(session, actor, [item.id for _, item, _ in rows])
    orders = _orders(session, actor, [each.reservation_id for each, _, _ in rows])
    units = {
        each.id: each
        for each in session.scalars(
            select(Unit).where(
                Unit.org_id == actor.org_id, Unit.id.in_({each.to_unit_id for each, _, _ in rows})
            )
        )
    }
    leaders = _people(session, {each.leader_id for each in units.values() if each.leader_id})
    found = {}
    for piece, item, line in rows:
        contact, centre = (
            orders.get(piece.reservation_id, ("", "")) if piece.reservation_id else ("", "")
        )
        unit = units[piece.to_unit_id]
        sides = (item.width_mm, item.depth_mm, item.height_mm)
        found[piece.id] = Piece(
            id=piece.id,
            item_id=item.id,
            name=item.name,
            code=codes.grouped(names[item.id]) if item.id in names else "",
            other_end=labels[piece.to_place_id],
            unit=unit.name,
            contact=contact or (leaders.get(unit.leader_id, "") if unit.leader_id else ""),
            cost_centre=centre or unit.cost_centre or "",
            size=" × ".join(str(round(each / 10)) for each in sides if each) if all(sides) else "",
            bulk=bulks[piece.id],
            step=step_tag(step_of(line)) if line else {**PLANNED, "text": gettext(PLANNED["text"])},
            is_fetched=line is not None,
            is_received=line is not None and step_of(line) is not Step.ON_THE_WAY,
        )
    return found


def _orders(
    session: Session, actor: Actor, ids: Sequence[UUID | None]
) -> dict[UUID, tuple[str, str]]:
    """Who ordered each reserved piece, and the order's cost centre."""
    rows = session.execute(
        select(Reservation.id, Person.name, Request.cost_centre)
        .join(
            RequestLine,
            (RequestLine.org_id == Reservation.receiver_org_id)
            & (RequestLine.id == Reservation.request_line_id),
        )
        .join(
            Request,
            (Request.org_id == RequestLine.org_id) & (Request.id == RequestLine.request_id),
        )
        .join(Person, Person.id == Request.person_id)
        .where(
            Reservation.org_id == actor.org_id,
            RequestLine.org_id == actor.org_id,
            Reservation.id.in_({each for each in ids if each}),
        )
    )
    return {row[0]: (row[1], row[2] or "") for row in rows}


def _people(session: Session, ids: set[UUID]) -> dict[UUID, str]:
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    return {row[0]: row[1] for row in rows}


def _stops(
    session: Session,
    actor: Actor,
    order: Sequence[Stop],
    pieces: dict[UUID, Piece],
    rows: Sequence[tuple[RunPiece, Item, HandoverLine | None]],
    labels: dict[UUID, str],
) -> list[StopShown]:
    starts = {each.id: labels[each.from_place_id] for each, _, _ in rows}
    givers = _givers(session, actor, [item for _, item, _ in rows])
    owner = {each.id: item.owner_unit_id for each, item, _ in rows}
    shown = []
    for number, stop in enumerate(order, 1):
        fetch = [pieces[each] for each in stop.fetch]
        came = [pieces[each] for each in stop.deliver]
        contacts = [
            *dict.fromkeys(each.contact for each in came if each.contact),
            *dict.fromkeys(givers[owner[each]] for each in stop.fetch if owner[each] in givers),
        ]
        shown.append(
            StopShown(
                number=number,
                place_id=stop.place_id,
                label=labels[stop.place_id],
                contact=", ".join(dict.fromkeys(contacts)),
                metres=stop.metres,
                fetch=fetch,
                deliver=[_from(each, starts[each.id]) for each in came],
            )
        )
    return shown


def _from(piece: Piece, start: str) -> Piece:
    values = {name: getattr(piece, name) for name in Piece.__slots__}
    return Piece(**{**values, "other_end": start})


def _givers(session: Session, actor: Actor, items: Sequence[Item]) -> dict[UUID, str]:
    """The leader of each owning unit, whom the driver asks for."""
    rows = session.execute(
        select(Unit.id, Person.name)
        .join(Person, Person.id == Unit.leader_id)
        .where(Unit.org_id == actor.org_id, Unit.id.in_({each.owner_unit_id for each in items}))
    )
    return {row[0]: row[1] for row in rows}


def driver_choices(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """The organisation's people by name."""
    members = memberships_visible_to(actor).subquery()
    rows = session.execute(
        select(Person.id, Person.name)
        .join(members, members.c.person_id == Person.id)
        .order_by(Person.name)
    )
    return [(str(row[0]), row[1]) for row in rows]
