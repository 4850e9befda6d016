"""The page everybody lands on, and the list of what one was told by e-mail."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from app.accounts.actor import MaybeSignedIn, SignedIn
from app.accounts.rules import Permission
from app.kit.clock import OSLO
from app.kit.i18n import cm, date, gettext, ngettext
from app.kit.page import page, panels, url
from app.kit.paging import Cursor, keyset
from app.kit.web import Db
from app.marketplace.search import Tile, newest_on_offer, pieces_on_offer
from app.notices import queries
from app.notices.models import Notice
from app.notices.tasks import Waiting

router = APIRouter()

CARDS = 8
ROWS = 50
LEADS_TO: Mapping[str, tuple[str, str | None]] = {
    "case_assigned": ("cases:show", "case_id"),
    "case_closed": ("cases:show", "case_id"),
    "case_new": ("cases:show", "case_id"),
    "case_received": ("cases:show", "case_id"),
    "case_replied": ("cases:show", "case_id"),
    "case_written": ("cases:show", "case_id"),
    "hold_ending": ("requests:show", "request_id"),
    "hold_expired": ("requests:show", "request_id"),
    "hold_extended": ("requests:show", "request_id"),
    "leader_approved": ("requests:show", "request_id"),
    "leader_asked": ("requests:show", "request_id"),
    "leader_refused": ("requests:show", "request_id"),
    "listing_deadline": ("marketplace:show", "listing_id"),
    "message_posted": ("requests:show", "request_id"),
    "network_news": ("networks:browse", None),
    "offer_accepted": ("requests:show", "request_id"),
    "offer_declined": ("requests:show", "request_id"),
    "offer_expired": ("requests:show", "request_id"),
    "piece_exchanged": ("requests:show", "request_id"),
    "outside_answered": ("outside:sent", None),
    "outside_asked": ("outside:got", None),
    "piece_found": ("codes:found_reports", None),
    "piece_offered": ("requests:show", "request_id"),
    "pieces_on_the_way": ("handovers:show", "handover_id"),
    "pieces_received": ("handovers:show", "handover_id"),
    "request_answered": ("requests:show", "request_id"),
    "request_cancelled": ("requests:show", "request_id"),
    "request_ready": ("requests:show", "request_id"),
    "request_submitted": ("approvals:browse", None),
    "visit_cancelled": ("cases:show", "case_id"),
    "visit_moved": ("cases:show", "case_id"),
    "visit_planned": ("cases:show", "case_id"),
}
"""Kind of notice → the page it is about, and the parameter that takes its subject."""


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


@router.get("/varsler", name="notices:browse")
def browse(
    request: Request,
    actor: SignedIn,
    db: Db,
    shown: Annotated[str, Query(alias="vis", max_length=10)] = "",
    cursor: Cursor = None,
) -> Response:
    """What one was told, and whether the e-mail went out; for administrators everybody's."""
    may_see_all = actor.may(Permission.ORGANISATION_EDIT)
    everybody = may_see_all and shown == "alle"
    with db.read() as session:
        found = keyset(
            session,
            queries.notices_visible_to(actor, everybody=everybody),
            queries.NEWEST_FIRST,
            cursor=cursor,
            limit=ROWS,
            rows=lambda result: result.scalars().all(),
            position=lambda row: (row.created_at, row.id),
        )
        query = {"vis": "alle" if everybody else None}
        further = url(request, "notices:browse", query={**query, "cursor": found.next})
        names = queries.names_of(session, found.rows) if everybody else {}
        return page(
            request,
            "notices/browse.html",
            rows=[_notice(request, each, names) for each in found.rows],
            next_href=further if found.next else None,
            first_href=url(request, "notices:browse", query=query) if cursor else None,
            may_see_all=may_see_all,
            everybody=everybody,
            has_mail=bool(request.app.state.settings.mail_host),
        )


def _notice(request: Request, notice: Notice, names: Mapping[UUID, str]) -> dict[str, Any]:
    env = request.app.state.templates
    slots = {**notice.values, "name": "", "home": "", "subject_id": notice.subject_id}
    subject = env.get_template(f"email/{notice.kind}/subject.txt").render(slots)
    return {
        "subject": subject.strip(),
        "href": _leads_to(request, notice),
        "name": names.get(notice.person_id),
        "at": notice.created_at,
        "sent_at": notice.sent_at,
        "gave_up_at": notice.gave_up_at,
        "attempts": notice.attempts,
        "next_try_at": notice.next_try_at,
        "last_error": notice.last_error,
    }


def _leads_to(request: Request, notice: Notice) -> str:
    route, parameter = LEADS_TO[notice.kind]
    if parameter is None:
        return url(request, route)
    return url(request, route, query=None, **{parameter: notice.subject_id})
