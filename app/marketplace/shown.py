"""Rows of the market as its pages show them: words, sizes and links instead of columns."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, get_args
from uuid import UUID

from fastapi import Request as WebRequest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Person, Unit
from app.accounts.queries import units_visible_to
from app.catalogue.models import Category
from app.catalogue.queries import GROUP_NAMES, categories, category_name
from app.kit import i18n
from app.kit.clock import last_day_of
from app.kit.events import EventRow
from app.kit.i18n import N_, gettext
from app.kit.page import url
from app.marketplace import names, queries
from app.marketplace.facets import Facets
from app.marketplace.models import Request, RequestLine
from app.marketplace.queries_hold import HELD, holds_of_lines
from app.marketplace.rules import GiversReason, ListingState, ReservationState, Terms
from app.marketplace.search import Card, Tile, cards_of
from app.marketplace.shown_approval import LevelShown, levels_shown
from app.marketplace.shown_stages import stage_text
from app.marketplace.shown_waiting import NOTHING_LEFT, Offered, offers_shown, queue_texts
from app.marketplace.standing import NAMES, Standing, next_step, standing_of
from app.places.models import Place
from app.projects.models import ProgrammeLine, Project
from app.projects.queries import lines_visible_to, projects_visible_to
from app.projects.rules import LineState, ProjectState

S = ReservationState
Options = list[tuple[str, Any]]


def size_text(card: Tile) -> str | None:
    """``80 × 60 × 74 cm``; where one is unknown, the known ones by name."""
    sizes = {
        N_("bredde"): card.width_mm,
        N_("dybde"): card.depth_mm,
        N_("høyde"): card.height_mm,
    }
    known = {name: i18n.number(mm / 10, None) for name, mm in sizes.items() if mm}
    if len(known) == len(sizes):
        return " × ".join(known.values()) + "\xa0cm"
    return ", ".join(f"{gettext(name)} {size}\xa0cm" for name, size in known.items()) or None


def tile_shown(
    request: WebRequest, actor: Actor, card: Tile, size: str = "medium"
) -> dict[str, Any]:
    """A listing for ``ui.piece_card``."""
    image = None
    if card.photo_id is not None:
        image = url(request, "photos:show", photo_id=card.photo_id, size=size)
    return {
        "id": card.listing_id,
        "href": url(request, "marketplace:show", listing_id=card.listing_id),
        "name": card.name,
        "image": image,
        "size": size_text(card),
        "condition": card.condition.value,
        "place": card.place_label,
        "count": card.count,
        "left": left_text(card.count),
        "price": price_text(actor, card),
        "stage": stage_text(card),
    }


def card_shown(
    request: WebRequest, actor: Actor, card: Card, size: str = "medium"
) -> dict[str, Any]:
    """A listing for lists, and for its own page."""
    return tile_shown(request, actor, card, size) | {
        "category": card.category_name,
        "from_date": card.from_date,
        "until_date": card.until_date,
        "giver": card.giver_name,
    }


def left_text(count: int) -> str:
    if not count:
        return gettext(N_("Ingen ledige nå"))
    return i18n.ngettext("%(num)s tilgjengelig", "%(num)s tilgjengelige", count, num=count)


def price_text(actor: Actor, card: Tile) -> str | None:
    """What is paid; nothing is said of what is free, as most is."""
    if card.terms is Terms.PRICE:
        price = i18n.money_exact(card.price_ore or 0, actor.currency)
        return gettext(N_("%(price)s per stykk"), price=price)
    return gettext(names.TERMS[card.terms]) if card.terms is Terms.OFFERS else None


def category_options(session: Session, facets: Facets) -> Options:
    """Categories with something in them, by group, each with its count, for a select."""
    counts = dict(facets.categories)
    groups: dict[str, list[tuple[str, str]]] = {}
    for category in session.scalars(categories().where(Category.id.in_(counts))):
        text = _with_count(category_name(category), counts[category.id])
        groups.setdefault(category.group, []).append((category.id, text))
    return [
        (gettext(label), groups[group]) for group, label in GROUP_NAMES.items() if group in groups
    ]


def place_options(facets: Facets) -> Options:
    return [(str(each.place_id), _with_count(each.label, each.count)) for each in facets.places]


def condition_options(facets: Facets) -> Options:
    return [
        (condition.value, _with_count(gettext(names.CONDITIONS[condition]), count))
        for condition, count in facets.conditions
    ]


def _with_count(text: str, count: int) -> str:
    return f"{text} ({i18n.number(count)})"


def unit_options(session: Session, actor: Actor) -> Options:
    found = session.execute(
        units_visible_to(actor).with_only_columns(Unit.id, Unit.name).order_by(Unit.name)
    )
    return [(str(unit_id), name) for unit_id, name in found]


def line_options(session: Session, actor: Actor) -> Options:
    """Open programme lines by project, for "which need does this meet?"."""
    found = session.execute(
        lines_visible_to(actor)
        .with_only_columns(
            ProgrammeLine.id, ProgrammeLine.quantity, ProgrammeLine.category_id, Project.name
        )
        .join(Project, Project.id == ProgrammeLine.project_id)
        .where(ProgrammeLine.state == LineState.OPEN, Project.state != ProjectState.CLOSED)
        .order_by(Project.name, ProgrammeLine.created_at, ProgrammeLine.id)
    ).all()
    if not found:
        return []
    called = {each.id: category_name(each) for each in session.scalars(categories())}
    groups: dict[str, list[tuple[str, str]]] = {}
    for line_id, quantity, category_id, project in found:
        text = f"{i18n.number(quantity)} × {called[category_id]}"
        groups.setdefault(project, []).append((str(line_id), text))
    return list(groups.items())


def refusal_options() -> list[tuple[str, str]]:
    """Why a giver says no; "something else" comes last, since it takes words."""
    given = get_args(GiversReason)
    return [(each.value, gettext(names.REFUSALS[each])) for each in given]


@dataclass(frozen=True, slots=True)
class LineShown:
    """A line of a request with its listing and how many pieces are how far."""

    id: UUID
    card: dict[str, Any]
    left: int
    wanted: int
    states: list[tuple[str, str, int]]
    open: int
    approved: int
    would_have: str
    programme: str | None
    queue: str | None
    offer: Offered | None
    counts: Mapping[ReservationState, int]
    held_until: date | None
    returned: int
    declined_for: str | None


def lines_shown(
    request: WebRequest, session: Session, actor: Actor, request_ids: Sequence[UUID]
) -> dict[UUID, list[LineShown]]:
    """The lines of these requests, by request: a fixed number of queries for all of them."""
    lines = session.scalars(
        select(RequestLine)
        .where(RequestLine.org_id == actor.org_id, RequestLine.request_id.in_(request_ids))
        .order_by(RequestLine.created_at, RequestLine.id)
    ).all()
    cards = cards_of(session, actor, list({each.listing_id for each in lines}))
    counts: dict[UUID, dict[ReservationState, int]] = {}
    for row in session.execute(queries.states_of_lines(actor, [each.id for each in lines])):
        counts.setdefault(row[0], {})[row[1]] = row[2]
    programme = _programme_names(session, actor, lines)
    waiting = [each for each in lines if S.WAITING in counts.get(each.id, {})]
    queue = queue_texts(session, actor, waiting)
    over = {each.id: gettext(NOTHING_LEFT) for each in waiting}
    offered = [each.id for each in lines if S.OFFERED in counts.get(each.id, {})]
    offers = offers_shown(session, actor, offered)
    held = _holds(session, actor, counts)
    found: dict[UUID, list[LineShown]] = {each: [] for each in request_ids}
    for line in lines:
        states = counts.get(line.id, {})
        card = cards[line.listing_id]
        found[line.request_id].append(
            LineShown(
                id=line.id,
                card=card_shown(request, actor, card, "small"),
                left=card.count,
                wanted=line.wanted,
                states=_states(states),
                open=states.get(S.REQUESTED, 0),
                approved=states.get(S.APPROVED, 0),
                would_have=gettext(names.WOULD_HAVE[line.would_have]),
                programme=programme.get(line.programme_line_id) if line.programme_line_id else None,
                queue=queue.get(line.id) if card.state is ListingState.OPEN else over.get(line.id),
                offer=offers.get(line.id),
                counts=states,
                held_until=last_day_of(held[line.id]) if line.id in held else None,
                returned=line.returned,
                declined_for=gettext(names.REFUSALS[line.declined_for])
                if line.declined_for
                else None,
            )
        )
    return found


def _holds(
    session: Session, actor: Actor, counts: Mapping[UUID, Mapping[ReservationState, int]]
) -> dict[UUID, datetime]:
    """Until when the first piece of each line is held; asked only where something is."""
    lines = [line_id for line_id, some in counts.items() if some.keys() & set(HELD)]
    return queries.by_id(session, holds_of_lines(actor, lines)) if lines else {}


def _states(counts: Mapping[ReservationState, int]) -> list[tuple[str, str, int]]:
    return [
        (gettext(text), names.RESERVATION_TONES.get(state, "neutral"), counts[state])
        for state, text in names.RESERVATIONS.items()
        if counts.get(state)
    ]


def _programme_names(
    session: Session, actor: Actor, lines: Sequence[RequestLine]
) -> dict[UUID, str]:
    named = {each.programme_line_id for each in lines if each.programme_line_id is not None}
    if not named:
        return {}
    query = (
        lines_visible_to(actor)
        .with_only_columns(ProgrammeLine.id, Project.name)
        .join(Project, Project.id == ProgrammeLine.project_id)
        .where(ProgrammeLine.id.in_(named))
    )
    return queries.by_id(session, query)


def requests_shown(
    request: WebRequest, session: Session, actor: Actor, rows: Sequence[Request]
) -> list[dict[str, Any]]:
    """Requests for a list, each with its lines."""
    lines = lines_shown(request, session, actor, [each.id for each in rows])
    levels = levels_shown(session, actor, [each.id for each in rows])
    stand = {each.id: _standing(each, lines[each.id], levels.get(each.id, [])) for each in rows}
    people = names_of(session, {each.person_id for each in rows})
    units = _labels(session, actor, Unit, Unit.name, {each.unit_id for each in rows})
    places = _labels(session, actor, Place, Place.label, {each.place_id for each in rows})
    project_ids = {each.project_id for each in rows if each.project_id is not None}
    projects: dict[UUID, str] = {}
    if project_ids:
        query = projects_visible_to(actor).with_only_columns(Project.id, Project.name)
        projects = queries.by_id(session, query.where(Project.id.in_(project_ids)))
    return [
        {
            "id": row.id,
            "number": row.number,
            "href": url(request, "requests:show", request_id=row.id),
            "state": gettext(NAMES[stand[row.id]][0]),
            "tone": NAMES[stand[row.id]][1],
            "next": _next(stand[row.id], actor, row),
            "levels": levels.get(row.id, []),
            "awaits_leader": stand[row.id] is Standing.AWAITS_LEADER,
            "who": people.get(row.person_id, ""),
            "is_mine": row.person_id == actor.person_id,
            "unit": units.get(row.unit_id) if row.unit_id else None,
            "place": places.get(row.place_id) if row.place_id else None,
            "project": projects.get(row.project_id) if row.project_id else None,
            "project_id": row.project_id,
            "cost_centre": row.cost_centre,
            "wanted_date": row.wanted_date,
            "submitted_at": row.submitted_at,
            "note": row.note,
            "lines": lines[row.id],
            "title": _title(lines[row.id]),
        }
        for row in rows
    ]


def _standing(row: Request, lines: Sequence[LineShown], levels: Sequence[LevelShown]) -> Standing:
    counts: Counter[ReservationState] = Counter()
    for line in lines:
        counts.update(line.counts)
    return standing_of(row.state, counts, awaits_leader=any(each.is_waiting for each in levels))


def _next(standing: Standing, actor: Actor, row: Request) -> str | None:
    text = next_step(standing, is_mine=row.person_id == actor.person_id)
    return gettext(text) if text else None


def _title(lines: Sequence[LineShown]) -> str:
    """``20 × Kontorstol`` and, where there are more lines, how many."""
    if not lines:
        return gettext(N_("Tom bestilling"))
    first = f"{lines[0].wanted} × {lines[0].card['name']}"
    more = len(lines) - 1
    if not more:
        return first
    rest = i18n.ngettext("og %(num)s linje til", "og %(num)s linjer til", more, num=more)
    return f"{first} {rest}"


def names_of(session: Session, person_ids: set[UUID]) -> dict[UUID, str]:
    if not person_ids:
        return {}
    return queries.by_id(session, select(Person.id, Person.name).where(Person.id.in_(person_ids)))


def _labels(
    session: Session, actor: Actor, model: Any, label: Any, ids: set[UUID | None]
) -> dict[UUID, str]:
    wanted = {each for each in ids if each is not None}
    if not wanted:
        return {}
    query = select(model.id, label).where(model.org_id == actor.org_id, model.id.in_(wanted))
    return queries.by_id(session, query)


def timeline(
    session: Session, actor: Actor, request_id: UUID, line_ids: Sequence[UUID]
) -> list[dict[str, str]]:
    """What happened to the request and its lines, newest first."""
    rows = session.execute(
        select(EventRow.at, EventRow.kind, EventRow.payload, Person.name)
        .outerjoin(Person, Person.id == EventRow.person_id)
        .where(EventRow.org_id == actor.org_id)
        .where(EventRow.subject_id.in_([request_id, *line_ids]), EventRow.kind.in_(names.EVENTS))
        .order_by(EventRow.at.desc(), EventRow.id)
    )
    return [
        {
            "when": i18n.datetime_(at),
            "who": name or "",
            "what": _answered(payload)
            if kind == "request-line-approved"
            else gettext(names.EVENTS[kind][0], **payload, until=_last_day(payload)),
            "icon": names.EVENTS[kind][1],
        }
        for at, kind, payload, name in rows
    ]


def _answered(payload: Mapping[str, Any]) -> str:
    """Of an answer, only what was given: most of them are a yes to all."""
    said = ", ".join(gettext(text, **payload) for name, text in names.ANSWERS if payload[name])
    return said[:1].upper() + said[1:]


def _last_day(payload: Mapping[str, Any]) -> str:
    """Of an event with a limit, the last day before it."""
    limit_at = payload.get("limit_at")
    return i18n.date(last_day_of(datetime.fromisoformat(limit_at))) if limit_at else ""
