"""What the pages of handovers show, put together from few queries."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.accounts.rules import Permission
from app.handovers import queries
from app.handovers.models import Handover, HandoverLine
from app.handovers.queries_across import receivers_of
from app.handovers.service_promised import is_abroad, is_to_buyer
from app.impact.queries import factors_of
from app.impact.rules import FulfilmentSource, RedesignLevel, is_trip_factor
from app.items.models import Item
from app.items.queries import codes_of, main_photo_ids
from app.kit import codes
from app.kit.i18n import N_, date, gettext, locale, money_ore, number
from app.marketplace.models import Request, RequestLine, Reservation
from app.marketplace.rules import ReservationState
from app.projects.queries import named, place_labels
from app.projects.rules import SOURCES


class Step(StrEnum):
    """Where a piece is in its handover."""

    ON_THE_WAY = "on_the_way"
    RECEIVED = "received"
    UNDONE = "undone"
    GIVEN_BACK = "given_back"


STEPS: Mapping[Step, tuple[str, str]] = {
    Step.ON_THE_WAY: (N_("På vei"), "info"),
    Step.RECEIVED: (N_("Mottatt"), "success"),
    Step.UNDONE: (N_("Angret"), "neutral"),
    Step.GIVEN_BACK: (N_("Levert tilbake"), "warning"),
}
LEVELS: Mapping[RedesignLevel, str] = {
    RedesignLevel.CLEANING: N_("Rengjort og strammet opp"),
    RedesignLevel.MINOR_PARTS: N_("Smådeler byttet, som hjul eller gassfjær"),
    RedesignLevel.LIGHT_REFURBISHMENT: N_("Lett oppussing av en stol"),
    RedesignLevel.REUPHOLSTERY: N_("Trukket om"),
    RedesignLevel.REMANUFACTURED: N_("Kontorstol bygd opp på nytt"),
    RedesignLevel.FULL_RENOVATION: N_("Full renovering"),
    RedesignLevel.NEW_TOP: N_("Ny plate på heve- og senkestativ"),
}
"""How much was done, which says how much climate impact the work itself counts as."""

REGISTERED_HERE = (
    FulfilmentSource.REDESIGNED_FROM_SURPLUS,
    FulfilmentSource.BOUGHT_USED,
    FulfilmentSource.NEW,
)
"""Sources whose pieces get their codes as they arrive."""
LEFT: Mapping[FulfilmentSource, str] = {
    FulfilmentSource.SOLD: N_("Solgt"),
    FulfilmentSource.DONATED: N_("Gitt bort"),
}

GIVEN = (ReservationState.APPROVED, ReservationState.READY)


@dataclass(frozen=True, slots=True)
class Card:
    """A handover in a list."""

    handover: Handover
    start: str
    end: str
    pieces: int
    names: str
    step: dict[str, str]
    on_the_way: int


@dataclass(frozen=True, slots=True)
class Order:
    """An order with approved pieces that nobody has handed over yet."""

    request: Request
    unit: str | None
    place: str | None
    pieces: int
    is_ready: bool


def source_text(source: FulfilmentSource) -> str:
    """The source in words; what leaves has one of its own."""
    return gettext(LEFT[source] if source in LEFT else SOURCES[source])


def crosses(line: HandoverLine) -> bool:
    """To another organisation or a buyer: received, it is not undone from here."""
    return is_abroad(line) or is_to_buyer(line)


def step_of(line: HandoverLine) -> Step:
    if line.return_reason is not None:
        return Step.GIVEN_BACK
    if line.undone_at is not None:
        return Step.UNDONE
    return Step.ON_THE_WAY if line.received_at is None else Step.RECEIVED


def step_tag(step: Step) -> dict[str, str]:
    text, tone = STEPS[step]
    return {"text": gettext(text), "tone": tone}


def cards(session: Session, actor: Actor, handovers: Sequence[Handover]) -> list[Card]:
    """Each handover with where it goes and how far it is, in four queries, or five across."""
    units = named(
        session,
        Unit,
        actor,
        {i for each in handovers for i in (each.giver_unit_id, each.receiver_unit_id)},
    )
    places = place_labels(
        session,
        actor,
        {i for each in handovers for i in (each.from_place_id, each.to_place_id)},
    )
    others = receivers_of(session, handovers)
    found = session.execute(
        select(HandoverLine, Item.name)
        .join(Item, (Item.org_id == HandoverLine.org_id) & (Item.id == HandoverLine.item_id))
        .where(
            HandoverLine.org_id == actor.org_id,
            HandoverLine.handover_id.in_({each.id for each in handovers}),
        )
        .order_by(Item.name)
    )
    lines: dict[UUID, list[tuple[HandoverLine, str]]] = defaultdict(list)
    for row in found:
        lines[row[0].handover_id].append((row[0], row[1]))
    return [
        Card(
            handover=each,
            start=_end(units, places, each.giver_unit_id, each.from_place_id, each.supplier),
            end=others.get(each.receiver_org_id)
            or _end(units, places, each.receiver_unit_id, each.to_place_id, _buyer(each)),
            pieces=len(lines[each.id]),
            names=_names([name for _, name in lines[each.id]]),
            step=step_tag(_step([line for line, _ in lines[each.id]])),
            on_the_way=sum(step_of(line) is Step.ON_THE_WAY for line, _ in lines[each.id]),
        )
        for each in handovers
    ]


def _buyer(handover: Handover) -> str | None:
    """Who has it now, where it went to nobody of the organisation's; the name is the sale's."""
    return gettext("En kjøper") if handover.receiver_unit_id is None else None


def _end(
    units: Mapping[Any, str],
    places: Mapping[Any, str],
    unit_id: UUID | None,
    place_id: UUID | None,
    supplier: str | None,
) -> str:
    if supplier is not None and unit_id is None:
        return supplier
    parts = [each for each in (units.get(unit_id), near(places.get(place_id))) if each]
    return ", ".join(parts) or gettext("Flere steder")


def near(label: str | None) -> str | None:
    """The last two steps of a place's path: what somebody in the house needs to find it."""
    return None if label is None else " › ".join(label.split(" › ")[-2:])


def _step(lines: Sequence[HandoverLine]) -> Step:
    steps = {step_of(each) for each in lines}
    for step in (Step.ON_THE_WAY, Step.RECEIVED, Step.GIVEN_BACK):
        if step in steps:
            return step
    return Step.UNDONE


def _names(names: Sequence[str]) -> str:
    """«3 × Kontorstol, Møtebord»: each kind once, the most of them first."""
    counts: dict[str, int] = defaultdict(int)
    for name in names:
        counts[name] += 1
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    shown = [f"{n} × {name}" if n > 1 else name for name, n in ordered[:3]]
    if len(ordered) > 3:
        shown.append(gettext("og %(n)s slag til", n=len(ordered) - 3))
    return ", ".join(shown)


def piece_rows(session: Session, actor: Actor, items: Sequence[Item]) -> dict[UUID, dict[str, Any]]:
    """Picture, code and place of pieces, by id."""
    photos = main_photo_ids(session, actor, items)
    labels = codes_of(session, actor, [each.id for each in items])
    places = place_labels(session, actor, {each.place_id for each in items})
    return {
        each.id: {
            "item": each,
            "place": near(places.get(each.place_id)),
            "photo_id": photos.get(each.id),
            "code": codes.grouped(labels[each.id]) if each.id in labels else None,
        }
        for each in items
    }


def label_lot(rows: Sequence[Mapping[str, Any]]) -> UUID | None:
    """The lot that was registered as it arrived, for its labels."""
    lots = {
        row["item"].lot_id
        for row in rows
        if row["line"].undone_at is None and row["line"].source in REGISTERED_HERE
    }
    return next(iter(lots)) if len(lots) == 1 else None


def line_rows(
    session: Session, actor: Actor, handover: Handover, mine: set[UUID]
) -> list[dict[str, Any]]:
    """A handover's pieces, each with its step and whether the reader may confirm it."""
    found = [(row[0], row[1]) for row in session.execute(queries.lines_of(actor, handover.id))]
    pieces = piece_rows(session, actor, [item for _, item in found])
    return [
        {
            **pieces[item.id],
            "line": line,
            "source": source_text(line.source),
            "step": step_tag(step_of(line)),
            "may_receive": line.id in mine,
            "may_undo": line.undone_at is None and (line.received_at is None or not crosses(line)),
        }
        for line, item in found
    ]


def receivable(session: Session, actor: Actor, handover: Handover) -> set[UUID]:
    """Lines of the handover that the actor may confirm, from either side."""
    if handover.receiver_org_id != handover.org_id:
        return set()  # the other organisation confirms in its own
    query = (
        queries.on_the_way(actor)
        if actor.may(Permission.HANDOVER_MAKE, handover.giver_unit_id)
        else queries.to_receive(actor)
    ).where(HandoverLine.handover_id == handover.id)
    return set(session.scalars(query.with_only_columns(HandoverLine.id)))


def orders_to_hand_over(session: Session, actor: Actor) -> list[Order]:
    """Orders with approved pieces still to be picked up, the ones wanted first on top."""
    waiting = session.execute(
        select(RequestLine.request_id, func.count(), func.min(Reservation.state))
        .select_from(Reservation)
        .join(
            RequestLine,
            (RequestLine.org_id == Reservation.receiver_org_id)
            & (RequestLine.id == Reservation.request_line_id),
        )
        .where(
            Reservation.org_id == actor.org_id,
            Reservation.receiver_org_id == actor.org_id,
            Reservation.item_id.is_not(None),
            Reservation.state.in_(GIVEN),
        )
        .group_by(RequestLine.request_id)
    )
    # "approved" comes before "ready": the least is ready when all are.
    counts = {row[0]: (row[1], row[2] == ReservationState.READY) for row in waiting}
    requests = session.scalars(
        select(Request)
        .where(Request.org_id == actor.org_id, Request.id.in_(counts))
        .order_by(Request.wanted_date.is_(None), Request.wanted_date, Request.number)
        .limit(200)
    ).all()
    units: Mapping[Any, str] = named(session, Unit, actor, {each.unit_id for each in requests})
    places = place_labels(session, actor, {each.place_id for each in requests})
    return [
        Order(
            request=each,
            unit=units.get(each.unit_id),
            place=places.get(each.place_id),
            pieces=counts[each.id][0],
            is_ready=counts[each.id][1],
        )
        for each in requests
    ]


def reserved_pieces(
    session: Session, actor: Actor, request_id: UUID
) -> list[tuple[Reservation, Item]]:
    """An order's approved pieces that are still where they were."""
    found = session.execute(
        select(Reservation, Item)
        .join(Item, (Item.org_id == Reservation.org_id) & (Item.id == Reservation.item_id))
        .join(
            RequestLine,
            (RequestLine.org_id == Reservation.receiver_org_id)
            & (RequestLine.id == Reservation.request_line_id),
        )
        .where(
            Reservation.org_id == actor.org_id,
            Reservation.state.in_(GIVEN),
            RequestLine.org_id == actor.org_id,
            RequestLine.request_id == request_id,
        )
        .order_by(Item.place_id, Item.name, Item.id)
    )
    return [(row[0], row[1]) for row in found]


def vehicle_choices(session: Session) -> list[tuple[str, list[tuple[str, str]]]]:
    """Vehicles of the factor set: own trips first, then a place on somebody's longer trip."""
    own: list[tuple[str, str]] = []
    shared: list[tuple[str, str]] = []
    for code, row in factors_of(session).factor_set.transport.items():
        if is_trip_factor(row):
            called = row.name_en if locale() == "en" else row.name_nb.replace("<=", "inntil ")
            (own if row.unit.endswith("vehicle.km") else shared).append((code, called))
    return [
        (gettext("Egen tur, regnet per kilometer"), own),
        (gettext("Del av en større last, regnet etter vekt"), shared),
    ]


def facts_of(
    session: Session, actor: Actor, handover: Handover, line: HandoverLine
) -> list[tuple[str, ...]]:
    """What was entered about the trip and each piece of it.

    Costs that matter to the source are named even when they are not entered, since the figures
    then count a default.
    """
    places = place_labels(session, actor, {handover.from_place_id, handover.to_place_id})
    vehicles = {code: text for _, group in vehicle_choices(session) for code, text in group}
    missing, each_piece = gettext("ikke ført"), gettext("per møbel")

    def money(ore: int | None) -> str:
        return missing if ore is None else money_ore(ore)

    rows: list[tuple[str, ...]] = [
        (gettext("Dato"), date(handover.handed_over_on)),
        (gettext("Kilde"), source_text(line.source)),
    ]
    if handover.supplier:
        rows.append((gettext("Leverandør"), handover.supplier))
    if handover.from_place_id and handover.from_place_id != handover.to_place_id:
        rows.append((gettext("Hentet fra"), places.get(handover.from_place_id, "")))
    if handover.to_place_id:
        rows.append((gettext("Levert til"), places.get(handover.to_place_id, "")))
    trip = missing
    if handover.distance_m is not None:
        km = gettext("%(n)s km", n=number(handover.distance_m / 1000, 1))
        trip = f"{km}, {vehicles[handover.vehicle]}" if handover.vehicle in vehicles else km
    rows.append((gettext("Kjørt"), trip))
    rows.append((gettext("Transport"), money(handover.transport_ore), gettext("hele turen")))
    rows += _of_source(line, money, each_piece)
    if line.source is not FulfilmentSource.NEW:
        rows.append((gettext("Rengjøring"), money(line.cleaning_ore), each_piece))
        rows.append((gettext("Håndtering"), money(line.handling_ore), each_piece))
    return rows


def _of_source(
    line: HandoverLine, money: Callable[[int | None], str], each_piece: str
) -> list[tuple[str, ...]]:
    """What was paid or done, by where the piece came from or went."""
    if line.source is FulfilmentSource.SOLD:
        return [(gettext("Salgspris"), money(line.price_ore), each_piece)]
    if line.source in (FulfilmentSource.BOUGHT_USED, FulfilmentSource.NEW):
        return [(gettext("Innkjøp"), money(line.price_ore), each_piece)]
    if line.source in (FulfilmentSource.INTERNAL_REUSE, FulfilmentSource.DONATED):
        return []
    rows = [(gettext("Redesign"), money(line.redesign_ore), each_piece)]
    if line.redesign_level is None:
        return [*rows]
    return [*rows, (gettext("Arbeid"), gettext(LEVELS[line.redesign_level]))]


def level_choices() -> list[tuple[str, str]]:
    return [(level.value, gettext(text)) for level, text in LEVELS.items()]
