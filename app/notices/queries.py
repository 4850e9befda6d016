"""What waits for a person, the oldest of each kind first."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Person
from app.accounts.queries import units_led_by
from app.accounts.rules import Permission
from app.handovers.models import Handover, HandoverLine
from app.handovers.queries import to_receive
from app.inbox.queries_waiting import (
    open_found_reports,
    undecided_needs,
)
from app.items.models import FoundReport, Item
from app.items.queries import items_visible_to
from app.items.rules import ItemState
from app.kit.clock import last_day_of
from app.kit.db import clock_of
from app.kit.i18n import date, gettext, ngettext
from app.marketplace.models import Request, RequestLine, Reservation
from app.marketplace.queries import basket_of, undecided
from app.marketplace.queries_waiting import is_offered
from app.marketplace.rules import ReservationState
from app.needs.models import Need
from app.needs.rules import NeedState
from app.notices.models import Notice
from app.notices.queries_inbox import asked_back, cases_to_handle
from app.notices.queries_leader import to_approve
from app.notices.tasks import OF_EACH_KIND, Task, Waiting


def waiting_for(session: Session, actor: Actor) -> list[Waiting]:
    """What waits for this person, the oldest of each kind first; empty when nothing does.

    First of all an offer, which goes to somebody else when it is not answered.
    """
    return [
        *_offered(session, actor),
        *to_approve(session, actor),
        *_to_decide(session, actor),
        *_to_hand_over(session, actor),
        *_to_receive(session, actor),
        *asked_back(session, actor),
        *cases_to_handle(session, actor),
        *_needed(session, actor),
        *_found(session, actor),
        *_unfinished(session, actor),
        *_not_delivered(session, actor),
    ]


def _claims(actor: Actor, *conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Requests with pieces in some state: whose, how many, since when."""
    pieces, since = func.count(Reservation.id), func.min(Reservation.asked_at)
    return (
        select(
            Request.id,
            Request.number,
            Person.name,
            pieces.label("pieces"),
            since.label("since"),
        )
        .select_from(Reservation)
        .join(
            RequestLine,
            and_(
                RequestLine.org_id == Reservation.receiver_org_id,
                RequestLine.id == Reservation.request_line_id,
            ),
        )
        .join(
            Request,
            and_(Request.org_id == RequestLine.org_id, Request.id == RequestLine.request_id),
        )
        .join(Person, Person.id == Request.person_id)
        .where(Reservation.org_id == actor.org_id, *conditions)
        .group_by(Request.id, Request.number, Person.name)
        .order_by(since, Request.id)
        .limit(OF_EACH_KIND + 1)
    )


def _offered(session: Session, actor: Actor) -> list[Waiting]:
    """What fell free for the actor, or for the units the actor leads, the first to lapse first."""
    if actor.person_id is None or not actor.may(Permission.REQUEST_MAKE):
        return []
    limit = func.min(Reservation.limit_at).label("limit_at")
    offers = _claims(
        actor,
        is_offered(),
        Reservation.limit_at > clock_of(session).now(),
        or_(Request.person_id == actor.person_id, Request.unit_id.in_(units_led_by(actor))),
    )
    query = offers.add_columns(limit).order_by(None).order_by(limit, Request.id)
    rows = session.execute(query).all()
    found = [
        Waiting(
            task=Task.ANSWER_OFFER,
            title=gettext(
                "Ledig for deg: svar senest %(day)s", day=date(last_day_of(row.limit_at))
            ),
            text=_from(row.name, row.pieces),
            since=row.since,
            route="requests:show",
            params={"request_id": row.id},
            icon="clock",
            tone="warning",
        )
        for row in rows[:OF_EACH_KIND]
    ]
    if len(rows) > OF_EACH_KIND:
        text = gettext("Flere tilbud venter på svar")
        found.append(_more(found[0], text, rows, "requests:browse"))
    return found


def _to_decide(session: Session, actor: Actor) -> list[Waiting]:
    if not actor.may(Permission.RESERVATION_APPROVE):
        return []
    rows = session.execute(
        _claims(
            actor,
            Reservation.state == ReservationState.REQUESTED,
            Request.id.in_(undecided(actor)),
        )
    ).all()
    found = [
        Waiting(
            task=Task.ANSWER_REQUEST,
            title=gettext("Svar på bestilling %(number)s", number=row.number),
            text=_from(row.name, row.pieces),
            since=row.since,
            route="approvals:browse",
            icon="order",
        )
        for row in rows[:OF_EACH_KIND]
    ]
    if len(rows) > OF_EACH_KIND:
        found.append(_more(found[0], gettext("Flere bestillinger venter på svar"), rows))
    return found


def _to_hand_over(session: Session, actor: Actor) -> list[Waiting]:
    if not actor.may(Permission.HANDOVER_MAKE):
        return []
    conditions: list[ColumnElement[bool]] = [
        Reservation.state.in_((ReservationState.APPROVED, ReservationState.READY))
    ]
    units = actor.permissions[Permission.HANDOVER_MAKE]
    if units is not None:
        given = select(Item.id).where(Item.org_id == actor.org_id, Item.owner_unit_id.in_(units))
        conditions.append(Reservation.item_id.in_(given))
    rows = session.execute(_claims(actor, *conditions)).all()
    found = [
        Waiting(
            task=Task.HAND_OVER,
            title=gettext("Overlever bestilling %(number)s", number=row.number),
            text=_from(row.name, row.pieces),
            since=row.since,
            route="handovers:browse",
            icon="handover",
        )
        for row in rows[:OF_EACH_KIND]
    ]
    if len(rows) > OF_EACH_KIND:
        found.append(_more(found[0], gettext("Flere skal overleveres"), rows))
    return found


def _to_receive(session: Session, actor: Actor) -> list[Waiting]:
    pieces, since = func.count(HandoverLine.id), func.min(HandoverLine.picked_up_at)
    rows = session.execute(
        to_receive(actor)
        .with_only_columns(
            Handover.id, Handover.number, pieces.label("pieces"), since.label("since")
        )
        .group_by(Handover.id, Handover.number)
        .order_by(since, Handover.id)
        .limit(OF_EACH_KIND + 1)
    ).all()
    found = [
        Waiting(
            task=Task.RECEIVE,
            title=gettext("Bekreft mottak av overlevering %(number)s", number=row.number),
            text=ngettext(
                "%(num)s møbel er på vei til deg", "%(num)s møbler er på vei til deg", row.pieces
            ),
            since=row.since,
            route="handovers:show",
            params={"handover_id": row.id},
            icon="check",
            tone="success",
        )
        for row in rows[:OF_EACH_KIND]
    ]
    if len(rows) > OF_EACH_KIND:
        found.append(
            _more(found[0], gettext("Flere overleveringer er på vei"), rows, "handovers:browse")
        )
    return found


def _found(session: Session, actor: Actor) -> list[Waiting]:
    if not actor.may(Permission.FOUND_REPORT_HANDLE):
        return []
    found = open_found_reports(actor)
    row = session.execute(
        found.with_only_columns(func.count(FoundReport.id), func.min(FoundReport.created_at))
    ).one()
    if not row[0]:
        return []
    title = ngettext("%(num)s funnmelding", "%(num)s funnmeldinger", row[0])
    text = gettext("Noen har funnet et møbel og skrevet til dere.")
    task = Task.HANDLE_FOUND_REPORT
    return [Waiting(task, title, text, row[1], "codes:found_reports", "scan", tone="warning")]


def _needed(session: Session, actor: Actor) -> list[Waiting]:
    """Needs of others that nobody has begun to look for."""
    if not actor.may(Permission.RESERVATION_APPROVE):
        return []
    begun = undecided_needs(actor)
    row = session.execute(
        begun.with_only_columns(func.count(Need.id), func.min(Need.created_at))
    ).one()
    if not row[0]:
        return []
    title = ngettext("%(num)s nytt behov", "%(num)s nye behov", row[0])
    text = gettext("Se hva som finnes før noe kjøpes.")
    new = {"status": NeedState.SUBMITTED.value}
    return [Waiting(Task.EXAMINE_NEED, title, text, row[1], "needs:browse", "list", query=new)]


def _unfinished(session: Session, actor: Actor) -> list[Waiting]:
    """What the person began: pieces half registered, and a basket not sent."""
    found = []
    if actor.may(Permission.ITEM_REGISTER):
        row = session.execute(
            items_visible_to(actor)
            .where(Item.state == ItemState.DRAFT)
            .with_only_columns(func.count(Item.id), func.min(Item.created_at))
        ).one()
        if row[1] is not None:
            title = ngettext(
                "%(num)s møbel er ikke ferdig registrert",
                "%(num)s møbler er ikke ferdig registrert",
                row[0],
            )
            drafts = {"state": ItemState.DRAFT.value}
            task, since = Task.COMPLETE_DRAFT, row[1]
            found.append(Waiting(task, title, None, since, "items:browse", "edit", query=drafts))
    basket = session.execute(
        basket_of(actor)
        .join(
            RequestLine,
            and_(RequestLine.org_id == Request.org_id, RequestLine.request_id == Request.id),
        )
        .with_only_columns(func.sum(RequestLine.wanted), func.min(RequestLine.created_at))
    ).one()
    if basket[0]:
        text = ngettext("%(num)s møbel", "%(num)s møbler", int(basket[0]))
        title = gettext("Kurven din er ikke sendt")
        found.append(Waiting(Task.SEND_BASKET, title, text, basket[1], "basket:show", "order"))
    return found


def _not_delivered(session: Session, actor: Actor) -> list[Waiting]:
    """E-mails that gave up: somebody has to look, and only the administrator can."""
    if not actor.may(Permission.ORGANISATION_EDIT):
        return []
    row = session.execute(
        select(func.count(Notice.id), func.min(Notice.gave_up_at)).where(
            Notice.org_id == actor.org_id, Notice.gave_up_at.is_not(None)
        )
    ).one()
    if row[1] is None:
        return []
    title = ngettext("%(num)s e-post kom ikke frem", "%(num)s e-poster kom ikke frem", row[0])
    query = {"vis": "alle"}
    return [
        Waiting(
            Task.MEND_MAIL,
            title,
            None,
            row[1],
            "notices:browse",
            "message",
            query=query,
            tone="danger",
        )
    ]


def _from(name: str, pieces: int) -> str:
    return ngettext("%(num)s møbel til %(name)s", "%(num)s møbler til %(name)s", pieces, name=name)


def _more(one: Waiting, title: str, rows: Any, route: str | None = None) -> Waiting:
    """The row that leads to the rest of what is like ``one``."""
    return Waiting(one.task, title, None, rows[OF_EACH_KIND].since, route or one.route, "list")
