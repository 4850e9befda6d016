"""Ticking rows of the table: kept page by page, taken from a filter, and let go."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import Field
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.items import queries_list
from app.items.commands import MOST_PIECES, Command
from app.items.models import Item
from app.items.queries import items_visible_to
from app.items.queries_asked import asked_in
from app.items.queries_selection import selected_ids
from app.items.service_selection import Choose, SelectionFull, Unchoose, choose, clear, unchoose
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext, ngettext
from app.kit.page import redirect, redirect_to_path, url
from app.kit.web import Db

router = APIRouter(prefix="/mobler/utvalg")


class KeepPage(Command):
    """A page of the table as it was sent: the rows that were ``shown``, those that are ticked."""

    shown: list[UUID] = Field(default=[], max_length=MOST_PIECES)
    ticked: list[UUID] = Field(default=[], max_length=MOST_PIECES)


KeepForm = Annotated[Submission[KeepPage], Depends(submitted(KeepPage))]


@router.post("", name="selection:keep")
def keep(request: Request, form: KeepForm, actor: SignedIn, db: Db) -> Response:
    """What is ticked of the page's rows is selected, the others of them are not."""
    actor.must(Permission.ITEM_READ)
    command = form.valid(shown=form.raw.get("vist", "").split(), ticked=form.many.get("velg", []))
    back = form.raw.get("back") or url(request, "items:browse")
    try:
        with db.write() as session:
            _keep(session, actor, command)
    except SelectionFull as problem:
        return redirect_to_path(request, back, message=gettext(problem.title))
    if form.raw.get("videre") == "samlet":
        return redirect(request, "bulk:new")
    return redirect_to_path(request, back)


def _keep(session: Session, actor: Actor, command: KeepPage) -> None:
    unticked = [each for each in command.shown if each not in set(command.ticked)]
    if unticked:
        unchoose(session, actor, Unchoose(item_ids=unticked))
    # A row that was merged away or deleted since the page was shown is passed over.
    seen = items_visible_to(actor).with_only_columns(Item.id).where(Item.id.in_(command.ticked))
    there = set(session.scalars(seen))
    ticked = [each for each in command.ticked if each in there]
    if ticked:
        choose(session, actor, Choose(item_ids=ticked))


@router.post("/alle", name="selection:take_all")
def take_all(request: Request, actor: SignedIn, db: Db) -> Response:
    """All that the table's filter finds, as many as there is room for."""
    actor.must(Permission.ITEM_READ)
    asked = asked_in(request.query_params)
    with db.write() as session:
        found = queries_list.ids_in(
            session, actor, asked.wanted, asked.sorting, cursor=None, limit=MOST_PIECES
        )
        there = set(selected_ids(session, actor))
        new = [each for each in found.rows if each not in there]
        room = MOST_PIECES - len(there)
        if new[:room]:
            choose(session, actor, Choose(item_ids=new[:room]))
    is_whole = found.next is None and len(new) <= room
    count = len(there) + len(new[:room])
    message = (
        ngettext("%(num)s møbel er valgt.", "%(num)s møbler er valgt.", count)
        if is_whole
        else gettext(N_("Et utvalg rommer høyst 500 møbler: %(num)s er valgt."), num=count)
    )
    return redirect(request, "items:browse", query=asked.query, message=message)


@router.post("/tom", name="selection:clear")
def empty(request: Request, actor: SignedIn, db: Db) -> Response:
    with db.write() as session:
        clear(session, actor)
    return redirect(request, "items:browse", message=gettext("Ingen møbler er valgt nå."))
