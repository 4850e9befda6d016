"""Needs as their pages show them: words, sizes and links instead of columns."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Person, Unit
from app.catalogue.models import Category
from app.catalogue.queries import category_name
from app.items.names import SUITABLES
from app.kit import i18n
from app.kit.i18n import N_, gettext, ngettext
from app.kit.page import url
from app.kit.units import size_limits
from app.marketplace.models import Request as Order
from app.marketplace.models import RequestLine
from app.needs import names
from app.needs.matching import Match, matches_of_lines
from app.needs.models import LadderStep, Need, NeedLine
from app.needs.models_rule import PurchaseRule
from app.needs.queries import Decision, allocations_of, decisions_by_line, lines_of
from app.needs.queries_outside import requests_of_steps, steps_of
from app.needs.queries_prices import price_as_new
from app.needs.rules import BY_HAND, FOUND, Outcome, Step, missing, next_step
from app.needs.service_ladder import mark
from app.needs.service_rule import bought_new, lacking, rule_of, said_of
from app.needs.views_late import NOTHING, Late, late_matches
from app.projects.models import Project
from app.projects.queries import named, place_labels


def rows(session: Session, actor: Actor, needs: Sequence[Need]) -> list[dict[str, Any]]:
    """Needs for a list: what, how much is missing, for whom."""
    lines = session.scalars(lines_of(actor, [each.id for each in needs])).all()
    decisions = decisions_by_line(session, actor, [each.id for each in lines])
    called = _categories(session, lines)
    people = _people(session, {each.person_id for each in needs})
    units = named(session, Unit, actor, {each.unit_id for each in needs})
    of_need: dict[UUID, list[NeedLine]] = {}
    for line in lines:
        of_need.setdefault(line.need_id, []).append(line)
    return [
        {
            "need": each,
            "what": _named(
                [_what(one.quantity, called[one.category_id]) for one in of_need[each.id]]
            ),
            "missing": sum(
                missing(line.quantity, decisions.get(line.id, ())) for line in of_need[each.id]
            ),
            "who": people.get(each.person_id, ""),
            "unit": units.get(each.unit_id, ""),
            "state": state_tag(each),
        }
        for each in needs
    ]


def about(session: Session, actor: Actor, need: Need) -> dict[str, Any]:
    """The need's own facts in words."""
    places = place_labels(session, actor, {need.place_id})
    projects = named(session, Project, actor, {need.project_id})
    return {
        "who": _people(session, {need.person_id}).get(need.person_id, ""),
        "unit": named(session, Unit, actor, {need.unit_id}).get(need.unit_id, ""),
        "place": places.get(need.place_id),
        "project": projects.get(need.project_id) if need.project_id else None,
        "budget": i18n.money_ore(need.budget_ore, actor.currency)
        if need.budget_ore is not None
        else None,
        "state": state_tag(need),
    }


def state_tag(need: Need) -> dict[str, str]:
    """The word and the tone of its state."""
    text, tone = names.STATES[need.state]
    return {"text": gettext(text), "tone": tone}


LOOKED_FOR_AT_ONCE = 10
"""Lines of a need whose matches stand on its page from the start."""
LINES_NAMED = 3
"""Of a need in a list."""


def ladders(
    request: Request,
    session: Session,
    actor: Actor,
    need: Need,
    *,
    today: date,
    is_open: bool,
    opened: UUID | None = None,
) -> list[dict[str, Any]]:
    """Each line with its ladder; where it is open, with what there is at the step it stands at.

    Of many lines only the first have their matches with them, and the one that is ``opened``.
    """
    lines = session.scalars(lines_of(actor, [need.id])).all()
    ids = [each.id for each in lines]
    decisions = decisions_by_line(session, actor, ids, with_matches=True)
    called = _categories(session, lines)
    rows = [each.row for some in decisions.values() for each in some]
    people = _people(session, {each.person_id for each in rows})
    orders = _orders(request, session, actor, rows)
    walked = steps_of(session, actor.org_id)
    aside = _set_aside(session, actor, rows)
    steps = {
        line.id: next_step(line.quantity, decisions.get(line.id, []), walked) if is_open else None
        for line in lines
    }
    matched = [(line, step) for line in lines if (step := steps[line.id]) in FOUND]
    looked = [
        each for n, each in enumerate(matched) if n < LOOKED_FOR_AT_ONCE or each[0].id == opened
    ]
    found = matches_of_lines(session, actor, need, looked, today)
    late = (
        late_matches(
            *(session, actor, need, lines, decisions, walked, today),
            most=LOOKED_FOR_AT_ONCE,
            opened=opened,
        )
        if is_open
        else {}
    )
    rule = rule_of(session, actor.org_id) if is_open else None
    shown = []
    for line in lines:
        own = decisions.get(line.id, [])
        step = steps[line.id]
        matches = found.get(line.id, [])
        shown.append(
            {
                "line": line,
                "what": _what(line.quantity, called[line.category_id]),
                "category": called[line.category_id],
                "size": size_limits(line),
                "suitability": gettext(SUITABLES[line.suitability]) if line.suitability else None,
                "missing": missing(line.quantity, own),
                "step": step,
                "is_by_hand": step in BY_HAND,
                "is_folded": step in FOUND and line.id not in found,
                "steps": [
                    _step(each, step, own, people, orders, walked, aside)
                    | _late(request, each, late.get((line.id, each), NOTHING))
                    for each in Step
                ],
                "matches": [_match(request, each, step) for each in matches],
                "seen": mark(matches),
                "price": _price(session, actor, line, own) if step is Step.NEW else None,
                "early": _early(session, actor, rule, line, decisions, step, walked, lines),
            }
        )
    return shown


def _early(
    session: Session,
    actor: Actor,
    rule: PurchaseRule | None,
    line: NeedLine,
    decisions: Mapping[UUID, Sequence[Decision]],
    step: Step | None,
    walked: Sequence[Step],
    lines: Sequence[NeedLine],
) -> dict[str, Any] | None:
    """Whether the rest may be bought new before every step is examined, and what it lacks."""
    if rule is None or step in (None, Step.NEW):
        return None
    own = decisions.get(line.id, [])
    others = [
        each.id for each in lines if each.category_id == line.category_id and each.id != line.id
    ]
    beside = sum(bought_new(decisions.get(each, [])) for each in others)
    left = missing(line.quantity, own)
    lacks = lacking(session, rule, line, left, own, walked, beside=beside)
    return {
        "lacking": said_of(rule, actor, lacks, beside=beside) if lacks else None,
        "price": _price(session, actor, line, own),
        "is_with_others": bool(others),
    }


def _price(
    session: Session, actor: Actor, line: NeedLine, decisions: Sequence[Decision]
) -> str | None:
    """What is still missing, as new."""
    ore = price_as_new(
        session, actor.org_id, [(line.category_id, missing(line.quantity, decisions))]
    )
    return i18n.money_ore(ore, actor.currency) if ore else None


def _step(
    step: Step,
    current: Step | None,
    decisions: Sequence[Decision],
    people: Mapping[UUID, str],
    orders: Mapping[UUID, Any],
    walked: Sequence[Step],
    aside: Mapping[UUID, list[str]],
) -> dict[str, Any]:
    own = [each for each in decisions if each.step is step]
    is_left = any(each.outcome is not Outcome.TAKEN for each in own)
    state = "now" if step is current else "done" if is_left or own else "later"
    return {
        "value": step.value,
        "name": gettext(names.STEPS[step]),
        "hint": gettext(names.STEP_HINTS[step] if step in walked else names.NO_NETWORK),
        # What was decided while there was a network stands when there is none any more.
        "state": state if step in walked or own else "absent",
        "decisions": [_decision(each, people, orders, aside) for each in own],
    }


def _late(request: Request, step: Step, late: Late) -> dict[str, Any]:
    """What came after the step was left."""
    return {"late": [_match(request, each, step) for each in late.matches], "seen": late.seen}


def _decision(
    decision: Decision,
    people: Mapping[UUID, str],
    orders: Mapping[UUID, Any],
    aside: Mapping[UUID, list[str]],
) -> dict[str, Any]:
    row = decision.row
    order = orders.get(row.id)
    return {
        "outcome": gettext(names.OUTCOMES[row.outcome]),
        "tone": {Outcome.TAKEN: "success", Outcome.REFUSED: "warning"}.get(row.outcome, "neutral"),
        "is_taken": row.outcome is Outcome.TAKEN,
        "quantity": row.quantity,
        "lost": decision.lost,
        "waiting": decision.waiting,
        "set_aside": aside.get(row.id, []),
        "reason": gettext(names.REASONS[row.reason]) if row.reason else None,
        "text": row.reason_text,
        "who": people.get(row.person_id, ""),
        "when": i18n.datetime_(row.decided_at),
        "order": None if order is None else {"href": order["href"], "text": order["text"]},
        "matches": [
            _frozen(each)
            | {"is_taken": order is not None and each["listing_id"] == str(order["listing_id"])}
            for each in row.matches
        ],
    }


def _match(request: Request, match: Match, step: Step | None) -> dict[str, Any]:
    """A match for the page: a picture to choose by, and where it leads."""
    image = None
    if step is Step.NETWORK:
        at: dict[str, Any] = {"listing_id": match.listing_id}
        if match.photo_id is not None:
            image = url(request, "network_market:photo", size="medium", **at)
        href = url(request, "network_market:show", **at)
        return _frozen(match.as_json()) | {"image": image, "href": href, **at}
    if match.photo_id is not None:
        image = url(request, "photos:show", photo_id=match.photo_id, size="medium")
    return _frozen(match.as_json()) | {
        "listing_id": match.listing_id,
        "item_id": match.item_id,
        "image": image,
        "href": url(request, "marketplace:show", listing_id=match.listing_id)
        if match.listing_id
        else url(request, "items:show", item_id=match.item_id),
    }


def _frozen(match: Mapping[str, Any]) -> dict[str, Any]:
    """A match in words, from what is kept of it."""
    sizes = [match["width_mm"], match["depth_mm"], match["height_mm"]]
    known = [i18n.cm(mm).removesuffix("\xa0cm") if mm else "–" for mm in sizes]
    return {
        "name": match["name"],
        "count": match["count"],
        "condition": match["condition"],
        "size": " × ".join(known) + "\xa0cm" if any(sizes) else None,
        "place": match["place"],
        "unit": match["unit"],
        "project": match["project"],
        "from_date": i18n.date(date.fromisoformat(match["from_date"])),
        "until_date": i18n.date(date.fromisoformat(match["until_date"]))
        if match["until_date"]
        else None,
        "is_offered": match["listing_id"] is not None,
    }


def _what(quantity: int, category: str) -> str:
    return gettext(N_("%(n)s × %(what)s"), n=i18n.number(quantity), what=category)


def _named(lines: Sequence[str]) -> str:
    """The first lines of many, and how many more there are."""
    named = ", ".join(lines[:LINES_NAMED])
    more = len(lines) - LINES_NAMED
    if more <= 0:
        return named
    return ngettext(
        "%(named)s og %(num)s linje til", "%(named)s og %(num)s linjer til", more, named=named
    )


def _categories(session: Session, lines: Sequence[NeedLine]) -> Mapping[str, str]:
    ids = {each.category_id for each in lines}
    found = session.scalars(select(Category).where(Category.id.in_(ids)))
    return {each.id: category_name(each) for each in found}


def _people(session: Session, ids: set[UUID]) -> Mapping[UUID, str]:
    found = session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    return {row.id: row.name for row in found}


def _orders(
    request: Request, session: Session, actor: Actor, steps: Sequence[LadderStep]
) -> Mapping[UUID, dict[str, Any]]:
    """By decision: the order or request it became, as a link, and what it took from."""
    by_line = {each.request_line_id: each.id for each in steps if each.request_line_id is not None}
    rows = session.execute(
        select(RequestLine.id.label("line_id"), Order.id, Order.number, RequestLine.listing_id)
        .join(Order, (Order.org_id == RequestLine.org_id) & (Order.id == RequestLine.request_id))
        .where(RequestLine.org_id == actor.org_id, RequestLine.id.in_(by_line))
    )
    found = {
        by_line[row.line_id]: {
            "href": url(request, "requests:show", request_id=row.id),
            "text": gettext(N_("Bestilling %(number)s"), number=row.number or 0),
            "listing_id": row.listing_id,
        }
        for row in rows
    }
    outside = [each.id for each in steps if each.step is Step.NETWORK]
    asked = requests_of_steps(session, actor, outside) if outside else {}
    return found | {
        step_id: {
            "href": f"{url(request, 'outside:sent')}#outside-{row.id}",
            "text": gettext(N_("Forespørsel %(number)s"), number=row.number),
            "listing_id": row.listing_id,
        }
        for step_id, row in asked.items()
    }


def _set_aside(
    session: Session, actor: Actor, steps: Sequence[LadderStep]
) -> Mapping[UUID, list[str]]:
    """What decisions have set aside of planned releases, in words."""
    ids = [each.id for each in steps if each.outcome is Outcome.TAKEN and not each.request_line_id]
    if not ids:
        return {}
    found: dict[UUID, list[str]] = defaultdict(list)
    for row in session.execute(allocations_of(actor, ids)):
        text = N_("%(n)s satt av fra %(project)s, ledig %(day)s")
        found[row.ladder_step_id].append(
            gettext(
                text, n=i18n.number(row.pieces), project=row.project, day=i18n.date(row.free_from)
            )
        )
    return found
