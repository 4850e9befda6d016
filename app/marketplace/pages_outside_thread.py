"""A message from one side of a request between organisations to the other."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from fastapi.responses import Response

from app.accounts.actor import SignedIn
from app.kit.errors import Invalid
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import redirect
from app.kit.web import Db
from app.marketplace import queries_outside
from app.marketplace.pages_network import requests_page, router
from app.marketplace.service_outside_thread import WriteOutside, write_outside

__all__ = ["router"]

WriteForm = Annotated[Submission[WriteOutside], Depends(submitted(WriteOutside))]


@router.post("/andre/{outside_request_id}/melding", name="outside:write")
def write(
    request: Request, outside_request_id: UUID, form: WriteForm, actor: SignedIn, db: Db
) -> Response:
    """From either side."""
    is_giver = form.raw.get("side") == "giver"
    try:
        command = form.valid(outside_request_id=outside_request_id)
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                [command],
                lambda: [str(write_outside(session, actor, command).id)],
            )
    except Invalid as problem:
        with db.read() as session:
            found = queries_outside.got_requests if is_giver else queries_outside.sent_requests
            return requests_page(
                request,
                session,
                actor,
                found(actor),
                is_giver=is_giver,
                problem=problem,
                refused=outside_request_id,
                form=form.raw,
            )
    back = "outside:got" if is_giver else "outside:sent"
    return redirect(request, back, message=gettext(N_("Meldingen er sendt.")))
