"""What may be driven together, and when a van goes, as JSON."""

from datetime import date
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.handovers.models_load import LoadRule
from app.handovers.queries_pool import Pooled, limits_of, load_rule_of, pooled
from app.handovers.rules_pool import PoolState
from app.handovers.service_load import LoadFields, SetLoadRule, set_load_rule
from app.kit.web import Db, IfMatch, etag, version_of

router = APIRouter(tags=["handovers"])


class PoolDayOut(BaseModel):
    """What is wanted by the day; without one, whenever it suits. The room in mm³.

    ``planned_ids`` are pieces that a project's plan has set aside.
    """

    day: date | None
    reservation_ids: list[UUID]
    planned_ids: list[UUID]
    volume_mm3: int


class PoolOut(BaseModel):
    """``percent`` of the van's room; ``without_volume`` pieces are not in it, ``drive_by`` at the latest.

    ``later`` more pieces come free from ``later_from`` on.
    """

    area_id: UUID
    area: str
    state: PoolState
    drive_by: date
    percent: int
    pieces: int
    volume_mm3: int
    without_volume: int
    mass_g: int
    days: list[PoolDayOut]
    later: int
    later_from: date | None

    @classmethod
    def all(cls, found: Pooled) -> "list[PoolOut]":
        return [
            cls(
                area_id=each.area_id,
                area=found.areas[each.area_id],
                state=each.state,
                drive_by=each.drive_by,
                percent=each.percent,
                pieces=each.load.pieces,
                volume_mm3=each.load.volume_mm3,
                without_volume=each.load.without_volume,
                mass_g=each.load.mass_g,
                days=[
                    PoolDayOut(
                        day=day.day,
                        reservation_ids=list(day.reservation_ids),
                        planned_ids=list(day.planned_ids),
                        volume_mm3=day.load.volume_mm3,
                    )
                    for day in each.days
                ],
                later=each.later,
                later_from=each.later_from,
            )
            for each in found.pools
        ]


class LoadRuleOut(BaseModel):
    """``version`` 0: the organisation has said nothing, and the product's own numbers count."""

    capacity_dm3: int
    least_percent: int
    longest_days: int
    version: int

    @classmethod
    def of(cls, rule: LoadRule | None) -> "LoadRuleOut":
        limits = limits_of(rule)
        return cls(
            capacity_dm3=limits.capacity_dm3,
            least_percent=limits.least_percent,
            longest_days=limits.longest_days,
            version=rule.version if rule else 0,
        )


@router.get("/load-pools", name="runs:list_pools")
def browse(actor: SignedIn, db: Db) -> list[PoolOut]:
    """By the area the pieces go to: what has to go now first."""
    actor.must(Permission.HANDOVER_MAKE)
    with db.read() as session:
        return PoolOut.all(pooled(session, actor, db.clock.today()))


@router.get("/load-rule", name="runs:get_rule")
def rule(response: Response, actor: SignedIn, db: Db) -> LoadRuleOut:
    with db.read() as session:
        found = LoadRuleOut.of(load_rule_of(session, actor.org_id))
    response.headers.update(etag(found.version))
    return found


@router.put("/load-rule", name="runs:set_rule")
def set_rule(
    fields: LoadFields, response: Response, actor: SignedIn, db: Db, if_match: IfMatch = None
) -> LoadRuleOut:
    command = SetLoadRule(**fields.model_dump(), version=version_of(if_match))
    with db.write() as session:
        found = LoadRuleOut.of(set_load_rule(session, actor, command))
    response.headers.update(etag(found.version))
    return found
