"""The waiting list in words: one's place in the queue, an offer with its limit, the giver's list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from fastapi import Request as WebRequest
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.kit import i18n
from app.kit.clock import last_day_of
from app.kit.db import clock_of
from app.kit.i18n import N_, gettext
from app.kit.page import url
from app.marketplace import names, queries_waiting, waiting
from app.marketplace.models import RequestLine
from app.marketplace.rules import ReservationState

NOTHING_LEFT = N_("Alle er hentet. Kommer en tilbake, går køen videre.")
"""Of who waits on a listing whose last piece has left: an undone handover may bring it back."""


@dataclass(frozen=True, slots=True)
class Offered:
    """Pieces that stand for who waited, until the end of a day."""

    pieces: int
    last_day: date


def queue_texts(session: Session, actor: Actor, lines: Sequence[RequestLine]) -> dict[UUID, str]:
    """``Nr. 2 i køen, 3 stykk foran`` of each waiting line."""
    return {
        line_id: _place_text(place.place, place.ahead)
        for line_id, place in waiting.places_of(session, actor, lines).items()
    }


def _place_text(place: int, ahead: int) -> str:
    if not ahead:
        return gettext(N_("Først i køen"))
    return i18n.ngettext(
        "Nr. %(place)s i køen, %(num)s stykk foran",
        "Nr. %(place)s i køen, %(num)s stykk foran",
        ahead,
        place=place,
    )


def offers_shown(session: Session, actor: Actor, line_ids: Sequence[UUID]) -> dict[UUID, Offered]:
    """What can still be said yes to on each line. An offer that has lapsed is passed on shortly."""
    if not line_ids:
        return {}
    now = clock_of(session).now()
    return {
        row.request_line_id: Offered(row.pieces, last_day_of(row.limit_at))
        for row in session.execute(queries_waiting.offers_of_lines(actor, line_ids, now))
    }


def waiting_text(session: Session, actor: Actor, listing_id: UUID) -> str | None:
    """How many wait for the listing's pieces, for everybody to see."""
    count = waiting.sums_of(session, actor, listing_id).waiting
    if not count:
        return None
    return gettext(N_("Venteliste: %(pieces)s stykk"), pieces=i18n.number(count))


def queue_shown(
    request: WebRequest, session: Session, actor: Actor, listing_id: UUID
) -> list[dict[str, Any]]:
    """The whole list for the giver: what is offered, and then who is next."""
    return [
        {
            "line_id": each.request_line_id,
            "request_id": each.request_id,
            "href": url(request, "requests:show", request_id=each.request_id),
            "number": each.request_number,
            "place": each.place,
            "pieces": each.pieces,
            "who": each.who,
            "unit": each.unit,
            "priority": gettext(names.PRIORITIES[each.priority]),
            "wanted_by": each.wanted_by,
            "asked_at": each.asked_at,
            "is_offered": each.state is ReservationState.OFFERED,
            "last_day": last_day_of(each.limit_at) if each.limit_at is not None else None,
        }
        for each in waiting.queue_of(session, actor, listing_id)
    ]
