"""Fetching and delivering by scanning as JSON: what a phone sends once it has coverage again."""

from collections.abc import Callable
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.handovers import service_scan
from app.handovers.models_receipt import Receipt
from app.handovers.pictures import copied_of_labels
from app.handovers.queries_scan import receipts_visible_to
from app.handovers.service_signed import Signed
from app.handovers.signatures import store_signature
from app.handovers.views_receipt import ReceiptOut
from app.kit.answers import answered
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.kit.web import Answer, Db, IdempotencyKey

router = APIRouter(tags=["handovers"])


def receipt_of(session: Session, actor: Actor, receipt_id: UUID) -> Receipt:
    """Raises ``NotFound`` for another organisation's as for none."""
    found = session.scalar(receipts_visible_to(actor).where(Receipt.id == receipt_id))
    if found is None:
        raise NotFound(N_("Fant ikke kvitteringen."))
    return found


@router.post(
    "/handovers/scan-out", name="handovers:scan_out_all", response_model=ReceiptOut, status_code=201
)
def scan_out(
    request: Request,
    command: service_scan.ScanOut,
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """Pieces with an approved order are picked up; the others say why not in their own line.

    ``signature`` is a PNG as a data address; it is stored as a small picture without metadata.
    """
    actor.must(Permission.REQUEST_MAKE)
    drawn = store_signature(request.app.state.files, actor.org_id, command.signature)
    return _done(db, actor, key, command, lambda s: service_scan.scan_out(s, actor, command, drawn))


@router.post(
    "/handovers/scan-in", name="handovers:scan_in_all", response_model=ReceiptOut, status_code=201
)
def scan_in(
    request: Request,
    command: service_scan.ScanIn,
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """Pieces on their way are received, by either side; the others say why not."""
    actor.must(Permission.REQUEST_MAKE)
    drawn = store_signature(request.app.state.files, actor.org_id, command.signature)
    stored = copied_of_labels(request.app.state.files, db, actor, command.codes)
    return _done(
        db, actor, key, command, lambda s: service_scan.scan_in(s, actor, command, drawn, stored)
    )


@router.get("/receipts/{receipt_id}", name="receipts:get", response_model=ReceiptOut)
def show(receipt_id: UUID, actor: SignedIn, db: Db) -> Answer:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        out = ReceiptOut.of(session, actor, receipt_of(session, actor, receipt_id))
    return JSONResponse(out.model_dump(mode="json"))


def _done(
    db: Db,
    actor: Actor,
    key: str | None,
    command: Signed,
    verb: Callable[[Session], Receipt],
) -> Answer:
    return answered(
        db,
        actor,
        key,
        [command],
        lambda session: ReceiptOut.of(session, actor, verb(session)),
        201,
    )
