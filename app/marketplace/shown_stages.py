"""Stages as pages show them: who sees a listing now, what comes next and when, and its history."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Person
from app.accounts.rules import Permission
from app.kit import i18n
from app.kit.events import EventRow
from app.kit.i18n import N_, gettext
from app.kit.states import allows
from app.marketplace import names
from app.marketplace.models import Listing
from app.marketplace.queries import own_listings
from app.marketplace.queries_public import is_open_to_all
from app.marketplace.queries_stages import oversees, plan_of, plan_of_rules, rules_of
from app.marketplace.rules import LISTING_MACHINE, ListingState, ListingVerb, Stage
from app.marketplace.rules_stages import WALKED, Plan
from app.marketplace.search import Card, Tile


def stage_text(tile: Tile) -> str | None:
    """Who sees it now and next; nothing of what everybody in the organisation sees for good."""
    if tile.next_stage is None or tile.next_stage_on is None:
        return None if tile.stage is Stage.ORGANISATION else gettext(names.SEEN_NOW[tile.stage])
    now = gettext(names.SEEN_NOW[tile.stage])
    further = gettext(names.SEEN_NEXT[tile.next_stage], day=i18n.date(tile.next_stage_on))
    return gettext(N_("%(now)s, %(next)s"), now=now, next=further)


def stages_shown(session: Session, actor: Actor, card: Card, today: date) -> dict[str, Any]:
    """What the listing's page says of its stage; with what may be done, for who answers for it."""
    publishes = actor.may(Permission.LISTING_PUBLISH, card.giver_unit_id)
    is_open = card.state is ListingState.OPEN
    is_over = card.until_date is not None and card.until_date < today
    shown: dict[str, Any] = {
        "seen": stage_text(card) or gettext(names.SEEN_NOW[card.stage]),
        "is_over": is_over,
        "stays": gettext(N_("Møblene blir stående der de er, og er i bruk til de hentes."))
        if is_open and not is_over
        else None,
        "coming": [],
        "history": [],
        "may_change": publishes and is_open,
        "may_price": publishes and is_open and is_open_to_all(session, actor.org_id),
        "may_widen": publishes and is_open and card.next_stage is not None,
        "widen_text": None,
        "may_relist": publishes and allows(LISTING_MACHINE, card.state, ListingVerb.RELIST),
        "today": today.isoformat(),
    }
    if is_open and card.next_stage is not None:
        shown["widen_text"] = gettext(
            N_("Vis for %(who)s nå"), who=gettext(names.STAGES[card.next_stage]).lower()
        )
    if oversees(actor, card.giver_unit_id):
        listing = session.scalars(own_listings(actor).where(Listing.id == card.listing_id)).one()
        usual = plan_of_rules(session.scalar(rules_of(actor.org_id)))
        shown["coming"] = coming(plan_of(usual, listing), listing) if is_open else []
        shown["history"] = history(session, actor, card.listing_id)
    return shown


def coming(plan: Plan, listing: Listing) -> list[dict[str, Any]]:
    """The stage it is at and those to come, each with its first day."""
    steps = [(listing.stage, listing.stage_since)]
    further = list(plan.coming(listing.stage, listing.stage_since))
    return [
        {
            "name": gettext(names.STAGES[stage]),
            "day": day,
            "is_now": stage is listing.stage,
        }
        for stage, day in steps + further
    ]


def history(session: Session, actor: Actor, subject_id: UUID) -> list[dict[str, str]]:
    """What happened to a listing, or to the rules, newest first."""
    rows = session.execute(
        select(EventRow.at, EventRow.kind, EventRow.payload, Person.name)
        .outerjoin(Person, Person.id == EventRow.person_id)
        .where(EventRow.org_id == actor.org_id, EventRow.subject_id == subject_id)
        .where(EventRow.kind.in_(names.LISTING_EVENTS))
        .order_by(EventRow.at.desc(), EventRow.id)
    )
    return [
        {
            "when": i18n.datetime_(at),
            "who": name or "",
            "what": gettext(names.LISTING_EVENTS[kind][0], **_said(payload)),
            "icon": names.LISTING_EVENTS[kind][1],
        }
        for at, kind, payload, name in rows
    ]


def _said(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The event's values as people read them."""
    values = dict(payload)
    if "stage" in values:
        values["stage"] = gettext(names.STAGES[Stage(values["stage"])]).lower()
    if "until_date" in values:
        values["until_date"] = i18n.date(date.fromisoformat(values["until_date"]))
    return values


def walked(session: Session, actor: Actor) -> tuple[Stage, ...]:
    """The stages that the organisation's listings can be at."""
    return WALKED if is_open_to_all(session, actor.org_id) else WALKED[:-1]


def stage_options(stages: tuple[Stage, ...]) -> list[tuple[str, str]]:
    return [(each.value, gettext(names.STAGES[each])) for each in stages]


def plan_of_organisation(session: Session, actor: Actor) -> dict[str, Any]:
    """What a form about one listing says of the usual way, where it may make an exception."""
    plan = plan_of_rules(session.scalar(rules_of(actor.org_id)))
    stages = walked(session, actor)
    return {
        "usual": {
            "unit_days": plan.unit_days,
            "organisation_days": plan.organisation_days,
            "network_days": plan.network_days,
            "last_stage": gettext(names.STAGES[plan.last_stage]),
        },
        "stage_options": stage_options(stages),
        "day_fields": day_fields(stages),
    }


def day_fields(stages: tuple[Stage, ...] = WALKED) -> list[tuple[str, str]]:
    """Name and label of the days in each stage that is followed by another."""
    return [(f"{stage.value}_days", gettext(names.STAGES[stage])) for stage in stages[:-1]]
