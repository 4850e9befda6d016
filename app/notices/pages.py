"""The page everybody lands on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.accounts.actor import MaybeSignedIn
from app.accounts.rules import Permission
from app.kit.clock import OSLO
from app.kit.i18n import cm, date, gettext, ngettext
from app.kit.page import page, panels, url
from app.kit.web import Db
from app.marketplace.search import Tile, newest_on_offer, pieces_on_offer
from app.notices import queries, queries_notices
from app.notices.tasks import Waiting

router = APIRouter()

CARDS = 8


@router.get("/", name="home:show")
def home(request: Request, actor: MaybeSignedIn, db: Db) -> Response:
    """A stranger sees what this is and where to go in; a member what to do next."""
    if actor is None:
        return page(request, "notices/welcome.html")
    with db.read() as session:
        now, today = db.clock.now(), db.clock.today()
        cards = newest_on_offer(session, actor, today, CARDS)
        return page(
            request,
            "home.html",
            first_name=actor.person_name.split()[0],
            on_offer=pieces_on_offer(session, actor, today),
            cards=[_card(request, each) for each in cards],
            waiting=[_task(request, each, now) for each in queries.waiting_for(session, actor)],
            unread=queries_notices.unread(session, actor),
            panels=panels(request, "home", session, actor, None),
            may_register=actor.may(Permission.ITEM_REGISTER),
        )


def _card(request: Request, card: Tile) -> dict[str, Any]:
    return {
        "href": url(request, "marketplace:show", listing_id=card.listing_id),
        "name": card.name,
        "image": card.photo_id
        and url(request, "photos:show", photo_id=card.photo_id, size="medium"),
        "measurements": _measured((card.width_mm, card.depth_mm, card.height_mm)),
        "condition": card.condition.value,
        "place": card.place_label,
        "count": card.count,
    }


def _measured(sides: Sequence[int | None]) -> str | None:
    """``160 × 80 × 74 cm``, as width, depth and height; those that are known."""
    known = [cm(each).rsplit("\N{NO-BREAK SPACE}", 1)[0] for each in sides if each is not None]
    return f"{' × '.join(known)} cm" if known else None


def _task(request: Request, waiting: Waiting, now: datetime) -> dict[str, Any]:
    return {
        "href": url(request, waiting.route, query=waiting.query, **waiting.params),
        "title": waiting.title,
        "text": waiting.text,
        "when": age(waiting.since, now),
        "icon_name": waiting.icon,
        "tone": waiting.tone,
    }


def age(since: datetime, now: datetime) -> str:
    """How long something has waited, in days of the wall clock; the date beyond four weeks."""
    there = since.astimezone(OSLO).date()
    days = (now.astimezone(OSLO).date() - there).days
    if days <= 0:
        return gettext("I dag")
    if days == 1:
        return gettext("I går")
    if days > 28:
        return date(there)
    return ngettext("For %(num)s dag siden", "For %(num)s dager siden", days)
