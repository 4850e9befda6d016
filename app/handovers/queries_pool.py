"""What waits for a van, by the area it goes to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.handovers.models_load import LoadRule
from app.handovers.queries_run import sendable, set_aside
from app.handovers.rules_pool import USUAL, LoadLimits, Pool, Waiting, pools_of
from app.handovers.views_run import bulks_of
from app.kit.clock import OSLO
from app.places.queries import areas_of

MOST_WAITING = 2_000
"""So many pieces of orders, and of plans, are put together: of more those wanted first."""


@dataclass(frozen=True, slots=True)
class Pooled:
    """The pools, the names of their areas, and by which rule they are full."""

    limits: LoadLimits
    version: int
    pools: list[Pool]
    areas: Mapping[UUID, str]


def load_rule_of(session: Session, org_id: UUID) -> LoadRule | None:
    """The organisation's own rule, if it has said one."""
    return session.scalar(select(LoadRule).where(LoadRule.org_id == org_id))


def limits_of(rule: LoadRule | None) -> LoadLimits:
    if rule is None:
        return USUAL
    return LoadLimits(rule.capacity_dm3, rule.least_percent, rule.longest_days)


def pooled(session: Session, actor: Actor, today: date) -> Pooled:
    """What the actor may send, in a number of queries that the pieces do not change."""
    rule = load_rule_of(session, actor.org_id)
    rows = [
        (row[0], row[1], row[2]) for row in session.execute(sendable(actor).limit(MOST_WAITING))
    ]
    found = set_aside(session, actor, most=MOST_WAITING)
    # What stands where it goes needs no van.
    aside = [each for each in found if each.place_id not in (None, each.item.place_id)]
    ends = {row[2].place_id for row in rows} | {each.place_id for each in aside}
    areas = areas_of(session, actor.org_id, {each for each in ends if each})
    bulks = bulks_of(session, actor, [*(row[1] for row in rows), *(each.item for each in aside)])
    waiting = [
        Waiting(
            id=reservation.id,
            area_id=areas[request.place_id][0],
            wanted_date=request.wanted_date,
            asked_on=reservation.asked_at.astimezone(OSLO).date(),
            bulk=bulks[item.id],
        )
        for reservation, item, request in rows
        if request.place_id in areas
    ]
    waiting += [
        Waiting(
            id=each.item.id,
            area_id=areas[each.place_id][0],
            wanted_date=each.line.wanted_date,
            asked_on=each.set_aside_at.astimezone(OSLO).date(),
            bulk=bulks[each.item.id],
            is_planned=True,
            free_from=each.free_from,
        )
        for each in aside
        if each.place_id in areas
    ]
    limits = limits_of(rule)
    return Pooled(
        limits=limits,
        version=rule.version if rule else 0,
        pools=pools_of(waiting, limits, today),
        areas=dict(areas.values()),
    )
