"""The scanner: one page for a phone in one hand, in several modes; the first looks a label up.

Everything works as a form without scripts and without a camera: the same address answers what is
typed, what a camera read and what a hardware scanner typed.
"""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.fieldwork import modes
from app.fieldwork.queries_found import Hit, Outcome, looked_up
from app.fieldwork.reading import Read, read
from app.fieldwork.shown import hit_shown, may_register, modes_shown
from app.items import service_found
from app.kit.db import Database
from app.kit.page import page, redirect
from app.kit.web import READER_CSP, Db

router = APIRouter(prefix="/skann")

LONGEST_SHOWN = 60
LONGEST_READ = 4_000
"""No symbol holds more; what is typed beyond it is cut before it is looked at."""

Typed = Annotated[str, Query(max_length=LONGEST_READ)]


@router.get("", name="scan:show")
async def show(
    request: Request,
    actor: SignedIn,
    db: Db,
    modus: Annotated[str, Query(max_length=40)] = "",
    kode: Typed = "",
) -> Response:
    """The page, and with ``kode`` what that code leads to; a script asks for that part alone."""
    actor.must(Permission.ITEM_READ)
    mode = modes.chosen(actor, modus)
    if mode.route is not None:
        return redirect(request, mode.route, query=mode.query)
    hit = await look_up(request, actor, db, read(kode)) if kode.strip() else None
    if hit is not None and hit.outcome is Outcome.BLANK and may_register(actor):
        return redirect(request, "items:register", query={"code": hit.read.code})
    with db.read() as session:
        more = mode.context(session, actor, request.query_params)
        response = page(
            request,
            mode.template,
            block="hit",
            mode=mode,
            modes=modes_shown(request, actor, mode),
            typed=kode.strip()[:LONGEST_SHOWN],
            hit=None if hit is None else hit_shown(request, actor, hit),
            **more,
        )
    return with_reader(response)


def with_reader(response: Response) -> Response:
    """Lets this page, and no other, compile the wasm that reads labels."""
    response.headers["Content-Security-Policy"] = READER_CSP
    return response


async def look_up(request: Request, actor: Actor, db: Database, found: Read) -> Hit:
    """As a label's address answers it: who guesses at codes is stopped here too."""
    with db.read() as session:
        hit = looked_up(session, actor, found)
        if hit.outcome in (Outcome.UNKNOWN, Outcome.ELSEWHERE):
            service_found.may_look_up(session, _address(request))
    if hit.outcome is Outcome.UNKNOWN:
        await run_in_threadpool(_count_wrong, db, _address(request))
    return hit


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _count_wrong(db: Database, address: str) -> None:
    with db.write() as session:
        service_found.count_wrong_code(session, address)
