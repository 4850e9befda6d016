"""A project's releases in bulk, as JSON."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.kit.addressed import completed, of_address
from app.kit.answers import answered
from app.kit.web import Answer, Db, IdempotencyKey
from app.planning import service_release as service

router = APIRouter(prefix="/projects/{project_id}/releases", tags=["projects"])


class From(service.ReleaseFrom):
    """Pieces by the inventory's filter, by a survey, or by both."""

    project_id: UUID = UUID(int=0)
    model_config = of_address("project_id")


class Plan(service.Replan):
    """What is left out stays as it is."""

    project_id: UUID = UUID(int=0)
    model_config = of_address("project_id")


class Off(service.TakeOff):
    project_id: UUID = UUID(int=0)
    model_config = of_address("project_id")


class Offered(service.OfferReleased):
    project_id: UUID = UUID(int=0)
    model_config = of_address("project_id")


class PutOnOut(BaseModel):
    """``left`` pieces were on a project already, or could not be put on one."""

    made: int
    left: int


class CountOut(BaseModel):
    """How many releases were changed, or listings made."""

    count: int


@router.post("/from", name="releases:plan_all_from", response_model=PutOnOut)
def release_from(
    project_id: UUID, given: From, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """Puts all pieces on the project that the filter or the survey finds, at most 5,000."""
    command = completed(service.ReleaseFrom, given, project_id=project_id)
    return answered(
        db,
        actor,
        key,
        [command],
        lambda session: PutOnOut.model_validate(
            service.release_from(session, actor, command), from_attributes=True
        ),
    )


@router.post("/replan", name="releases:replan_all", response_model=CountOut)
def replan(
    project_id: UUID, given: Plan, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """Another fate or other days for many, all or none. Who counted on them is told."""
    command = completed(service.Replan, given, project_id=project_id)
    return _counted(db, actor, key, command, service.replan)


@router.post("/take-off", name="releases:take_all_off", response_model=CountOut)
def take_off(
    project_id: UUID, given: Off, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    command = completed(service.TakeOff, given, project_id=project_id)
    return _counted(db, actor, key, command, service.take_off)


@router.post("/offer", name="releases:offer_all", response_model=CountOut)
def offer_released(
    project_id: UUID, given: Offered, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """Onto the market from their days; those that are out, or not to be offered, stay as they are."""
    command = completed(service.OfferReleased, given, project_id=project_id)
    return _counted(db, actor, key, command, service.offer_released)


def _counted(
    db: Db,
    actor: Actor,
    key: str | None,
    command: BaseModel,
    verb: Callable[[Session, Actor, Any], Sequence[Any]],
) -> Answer:
    return answered(
        db,
        actor,
        key,
        [command],
        lambda session: CountOut(count=len(verb(session, actor, command))),
    )
