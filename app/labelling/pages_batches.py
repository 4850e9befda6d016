"""A print batch's own page: who made it, what became of its codes, the sheet again, taking it back."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.items import queries_batches
from app.items.models import Code, PrintBatch
from app.items.queries import print_batches_visible_to
from app.items.service_codes import CancelPrintBatch, cancel_print_batch
from app.kit import codes, i18n
from app.kit.errors import NotFound
from app.kit.i18n import N_, gettext
from app.kit.page import page, redirect, url
from app.kit.paging import Cursor, keyset
from app.kit.web import Db

router = APIRouter(prefix="/etiketter/opplag")

ROWS = 50


@router.get("/{print_batch_id}", name="labelling:batch")
def show(
    request: Request, print_batch_id: UUID, actor: SignedIn, db: Db, cursor: Cursor = None
) -> Response:
    """With the pieces its labels sit on, the newest first."""
    actor.must(Permission.LABEL_PRINT)
    with db.read() as session:
        batch = session.scalar(
            print_batches_visible_to(actor).where(PrintBatch.id == print_batch_id)
        )
        if batch is None:
            raise NotFound(N_("Fant ikke etikettopplaget."))
        bound = keyset(
            session,
            queries_batches.bound_pieces(actor, batch.id),
            [(Code.bound_at.expression, True), (Code.code.expression, True)],
            cursor=cursor,
            limit=ROWS,
            rows=lambda result: result.all(),
            position=lambda row: (row.bound_at, row.code),
        )
        events = [
            {
                "when": i18n.datetime_(each.at),
                "who": each.who or gettext(N_("Systemet")),
                "what": each.what,
                "icon": "label",
            }
            for each in queries_batches.batch_history(session, actor, batch.id)
        ]
        (seen,) = queries_batches.seen(session, actor, [batch])
        return page(
            request,
            "labelling/batch.html",
            seen=seen,
            batch=batch,
            rows=[(codes.grouped(row.code), row) for row in bound.rows],
            next_href=bound.next
            and url(
                request,
                "labelling:batch",
                print_batch_id=batch.id,
                query={"cursor": bound.next},
            ),
            events=events,
        )


@router.post("/{print_batch_id}/trekk", name="labelling:cancel_print_batch")
def cancel(request: Request, print_batch_id: UUID, actor: SignedIn, db: Db) -> Response:
    """Labels that were lost or spoilt; those on pieces go on working."""
    with db.write() as session:
        cancel_print_batch(session, actor, CancelPrintBatch(print_batch_id=print_batch_id))
    message = gettext("De ubrukte etikettene i opplaget er trukket tilbake.")
    return redirect(request, "labelling:batch", message=message, print_batch_id=print_batch_id)
