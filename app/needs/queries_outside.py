"""The network's step: whether it is walked, and what became of what was asked there."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.marketplace.models_outside import OutsideRequest
from app.marketplace.rules import OutsideState
from app.needs.models import LadderStep
from app.needs.models_outside import LadderRequest
from app.needs.rules import WALKED, WALKED_WITH_OTHERS, Step
from app.networks.queries import is_networked

OVER = (OutsideState.DECLINED, OutsideState.CANCELLED)
QUEUED = (OutsideState.WAITING, OutsideState.OFFERED)
"""What is not given of these waits on; of an offer the rest, which is queued as it is accepted."""


def steps_of(session: Session, org_id: UUID) -> Sequence[Step]:
    """The steps that the organisation's needs walk now, lowest first."""
    return WALKED_WITH_OTHERS if session.scalar(select(is_networked(org_id))) else WALKED


def _requests(actor: Actor, steps: Any, *columns: Any) -> Select[*tuple[Any, ...]]:
    """What the organisation's own decisions asked for: the asker sees its own requests.

    With each request the rest of it that waits on where only a part was given, and the rest of that.
    """
    first = (
        select(
            LadderRequest.ladder_step_id,
            LadderRequest.giver_org_id,
            LadderRequest.outside_request_id,
        )
        .where(LadderRequest.org_id == actor.org_id, LadderRequest.ladder_step_id.in_(steps))
        .cte("asked", recursive=True)
    )
    asked = first.union_all(
        select(first.c.ladder_step_id, OutsideRequest.org_id, OutsideRequest.id).join(
            first,
            and_(
                OutsideRequest.org_id == first.c.giver_org_id,
                OutsideRequest.rest_of_id == first.c.outside_request_id,
            ),
        )
    )
    return (
        select(asked.c.ladder_step_id, *columns)
        .join(
            OutsideRequest,
            and_(
                OutsideRequest.org_id == asked.c.giver_org_id,
                OutsideRequest.id == asked.c.outside_request_id,
            ),
        )
        .where(OutsideRequest.asker_org_id == actor.org_id)
    )


@dataclass(slots=True)
class NotGot:
    """Of what a decision asked for: how many pieces it does not get, and how many it waits for."""

    lost: int = 0
    waiting: int = 0


def not_got_outside(
    session: Session, actor: Actor, ladder_step_ids: Sequence[UUID]
) -> dict[UUID, NotGot]:
    """What each decision has not got of what it asked others for; what is not answered is neither."""
    rows = session.execute(
        _requests(
            actor,
            ladder_step_ids,
            OutsideRequest.rest_of_id,
            OutsideRequest.state,
            OutsideRequest.wanted,
            OutsideRequest.approved,
        )
    )
    found: dict[UUID, NotGot] = defaultdict(NotGot)
    for row in rows:
        of_step = found[row.ladder_step_id]
        if row.rest_of_id is None:
            of_step.lost += row.wanted
        if row.state in OVER:
            continue
        is_asked = row.state is OutsideState.REQUESTED
        given = row.wanted if is_asked else row.approved
        waiting = row.wanted - given if row.state in QUEUED else 0
        of_step.waiting += waiting
        of_step.lost -= given + waiting
    return found


def asked_outside(
    session: Session, actor: Actor, line_ids: Sequence[UUID]
) -> dict[tuple[UUID, UUID | None], int]:
    """How many pieces of each listing each line has asked others for and still waits for."""
    steps = select(LadderStep.id).where(
        LadderStep.org_id == actor.org_id, LadderStep.need_line_id.in_(line_ids)
    )
    asked = (
        _requests(actor, steps, OutsideRequest.listing_id, OutsideRequest.wanted)
        .where(OutsideRequest.state.in_((OutsideState.REQUESTED, OutsideState.WAITING)))
        .subquery()
    )
    rows = session.execute(
        select(LadderStep.need_line_id, asked.c.listing_id, func.sum(asked.c.wanted))
        .join(asked, LadderStep.id == asked.c.ladder_step_id)
        .where(LadderStep.org_id == actor.org_id)
        .group_by(LadderStep.need_line_id, asked.c.listing_id)
    )
    return {(row[0], row[1]): int(row[2]) for row in rows}


def requests_of_steps(session: Session, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Any]:
    """The request that each decision was made as: id, number and listing."""
    columns = (OutsideRequest.id, OutsideRequest.number, OutsideRequest.listing_id)
    rows = session.execute(
        _requests(actor, ids, *columns).where(OutsideRequest.rest_of_id.is_(None))
    )
    return {row.ladder_step_id: row for row in rows}
