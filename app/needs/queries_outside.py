"""The network's step: whether it is walked, and what became of what was asked there."""

from collections.abc import Sequence
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


def steps_of(session: Session, org_id: UUID) -> Sequence[Step]:
    """The steps that the organisation's needs walk now, lowest first."""
    return WALKED_WITH_OTHERS if session.scalar(select(is_networked(org_id))) else WALKED


def _requests(actor: Actor, *columns: Any) -> Select[*tuple[Any, ...]]:
    """What the organisation's own decisions asked for: the asker sees its own requests."""
    return (
        select(*columns)
        .select_from(LadderRequest)
        .join(
            OutsideRequest,
            and_(
                OutsideRequest.org_id == LadderRequest.giver_org_id,
                OutsideRequest.id == LadderRequest.outside_request_id,
            ),
        )
        .where(LadderRequest.org_id == actor.org_id, OutsideRequest.asker_org_id == actor.org_id)
    )


def lost_outside(
    session: Session, actor: Actor, ladder_step_ids: Sequence[UUID]
) -> dict[UUID, int]:
    """Of what each decision asked for, how many pieces it did not get after all."""
    rows = session.execute(
        _requests(
            actor,
            LadderRequest.ladder_step_id,
            OutsideRequest.state,
            OutsideRequest.wanted,
            OutsideRequest.approved,
        ).where(LadderRequest.ladder_step_id.in_(ladder_step_ids))
    )
    return {
        row.ladder_step_id: row.wanted
        if row.state in OVER
        else 0
        if row.state is OutsideState.REQUESTED
        else row.wanted - row.approved
        for row in rows
    }


def asked_outside(
    session: Session, actor: Actor, line_ids: Sequence[UUID]
) -> dict[tuple[UUID, UUID | None], int]:
    """How many pieces of each listing each line has asked others for and not been answered about."""
    rows = session.execute(
        _requests(
            actor,
            LadderStep.need_line_id,
            OutsideRequest.listing_id,
            func.sum(OutsideRequest.wanted),
        )
        .join(
            LadderStep,
            and_(
                LadderStep.org_id == LadderRequest.org_id,
                LadderStep.id == LadderRequest.ladder_step_id,
            ),
        )
        .where(LadderStep.need_line_id.in_(line_ids))
        .where(OutsideRequest.state == OutsideState.REQUESTED)
        .group_by(LadderStep.need_line_id, OutsideRequest.listing_id)
    )
    return {(row[0], row[1]): int(row[2]) for row in rows}


def requests_of_steps(session: Session, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Any]:
    """The request of each decision: id, number and listing."""
    rows = session.execute(
        _requests(
            actor,
            LadderRequest.ladder_step_id,
            OutsideRequest.id,
            OutsideRequest.number,
            OutsideRequest.listing_id,
        ).where(LadderRequest.ladder_step_id.in_(ids))
    )
    return {row.ladder_step_id: row for row in rows}
