"""What goes between organisations as JSON: the same verbs as the pages'."""

from uuid import UUID

from fastapi import APIRouter, Request

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.handovers import commands_across, service_across, service_unconfirmed, views_across
from app.handovers.pictures import copied, copied_overdue
from app.handovers.signatures import store_signature
from app.handovers.views_across import ComingOut, ConfirmedOut, HeldOut
from app.handovers.views_receipt import ReceiptOut
from app.kit.answers import answered
from app.kit.web import Answer, Db, IdempotencyKey

router = APIRouter(tags=["handovers"])


@router.get("/outside-requests/{outside_request_id}/coming", name="across:coming")
def coming(outside_request_id: UUID, actor: SignedIn, db: Db) -> list[ComingOut]:
    """The pieces that another organisation has sent, and nobody here has confirmed."""
    actor.must(Permission.REQUEST_MAKE)
    with db.read() as session:
        views_across.to_take(session, actor, outside_request_id)
        return views_across.pieces_on_their_way(session, actor, outside_request_id)


@router.get("/outside-requests/{outside_request_id}/held", name="across:held")
def held(outside_request_id: UUID, actor: SignedIn, db: Db) -> list[HeldOut]:
    """The pieces that are promised by the request and have not left."""
    actor.must(Permission.HANDOVER_MAKE)
    with db.read() as session:
        _, _, pieces = views_across.to_give(session, actor, outside_request_id)
        return [HeldOut.model_validate(each["item"]) for each in pieces]


@router.post(
    "/outside-requests/hand-over",
    name="across:give_all",
    response_model=ReceiptOut,
    status_code=201,
)
def give(
    request: Request,
    command: commands_across.GiveToOthers,
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """What is promised to another organisation is on its way; all of it, or the pieces named."""
    actor.must(Permission.HANDOVER_MAKE)
    drawn = store_signature(request.app.state.files, actor.org_id, command.signature)
    return answered(
        db,
        actor,
        key,
        [command],
        lambda session: ReceiptOut.of(
            session, actor, service_across.give(session, actor, command, drawn)
        ),
        201,
    )


@router.post(
    "/outside-requests/receive",
    name="across:take_all",
    response_model=ReceiptOut,
    status_code=201,
)
def take(
    request: Request,
    command: commands_across.ReceiveFromOthers,
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """The pieces have arrived, and are registered here as the organisation's own."""
    actor.must(Permission.REQUEST_MAKE)
    files = request.app.state.files
    drawn = store_signature(files, actor.org_id, command.signature)
    stored = copied(files, db, actor, command.handover_line_ids)
    return answered(
        db,
        actor,
        key,
        [command],
        lambda session: ReceiptOut.of(
            session,
            actor,
            service_across.receive_from_others(session, actor, command, drawn, stored),
        ),
        201,
    )


@router.post(
    "/outside-requests/confirm-arrived",
    name="across:confirm_all",
    response_model=ConfirmedOut,
    status_code=201,
)
def confirm(
    request: Request,
    command: commands_across.ConfirmForReceiver,
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """By the giver, ten working days after the pieces left: nobody of the receiver's has confirmed."""
    actor.must(Permission.HANDOVER_MAKE)
    stored = copied_overdue(request.app.state.files, db, actor, command.outside_request_id)
    return answered(
        db,
        actor,
        key,
        [command],
        lambda session: ConfirmedOut.of(
            service_unconfirmed.confirm_for_receiver(session, actor, command, stored), command
        ),
        201,
    )
