"""What a letter asks of its reader, as it stands now: the lines of an order, an offer, a purchase.

A link in the letter is good for exactly this. ``Asked.mark`` tells it from any other question: when
a line was answered, added or changed since, it differs, and the link answers nothing.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.accounts.rules import Permission
from app.catalogue.models import Category
from app.catalogue.queries import category_name
from app.items.models import Item
from app.items.rules import Condition
from app.kit.canonical import canonical
from app.kit.db import clock_of
from app.marketplace.models import ListingItem, Request, RequestLine, Reservation
from app.marketplace.models_approval import Approval
from app.marketplace.queries import requests_visible_to
from app.marketplace.queries_approval import approvals_of, awaits_leader, waiting_for_leader
from app.marketplace.queries_waiting import is_offered
from app.marketplace.rules import ReservationState
from app.marketplace.search import Card, cards_of
from app.needs.models import Need
from app.needs.queries import decisions_by_line, lines_of, needs_visible_to
from app.needs.queries_outside import steps_of
from app.needs.queries_prices import price_as_new
from app.needs.rules import OPEN, Step, missing, next_step
from app.needs.service_ladder import may_buy
from app.notices.kinds import Act


@dataclass(frozen=True, slots=True)
class Line:
    """One thing asked. ``id`` is the request's or the need's line, ``number`` how often it was."""

    id: UUID
    name: str
    count: int
    condition: Condition | None = None
    place: str | None = None
    limit_at: datetime | None = None
    decided: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its lines; without any there is nothing to answer.

    ``approval_id`` is the level that a leader is asked at, ``value_ore`` what all lines are worth.
    """

    number: int
    asker_id: UUID
    unit: str
    wanted_date: date | None
    text: str | None
    lines: Sequence[Line]
    approval_id: UUID | None = None
    value_ore: int | None = None

    @property
    def mark(self) -> str:
        """SHA-256 of what is asked: line by line how many, until when, and after how many answers."""
        said: dict[str, Any] = {
            "lines": [
                [
                    str(each.id),
                    each.count,
                    each.limit_at.isoformat() if each.limit_at else "",
                    each.decided,
                ]
                for each in sorted(self.lines, key=lambda line: line.id)
            ]
        }
        if self.approval_id is not None:
            said["approval"] = str(self.approval_id)
        return hashlib.sha256(canonical(said).encode()).hexdigest()

    @property
    def last_moment(self) -> datetime | None:
        """When the first of the lines lapses."""
        return min((each.limit_at for each in self.lines if each.limit_at), default=None)


def asked(session: Session, actor: Actor, act: Act, subject_id: UUID) -> Asked | None:
    """The question as the actor may answer it now; nothing when the actor does not even see it."""
    return _QUESTIONS[act](session, actor, subject_id)


def _request(session: Session, actor: Actor, request_id: UUID) -> Asked | None:
    if not actor.may(Permission.RESERVATION_APPROVE):
        return None
    conditions: list[ColumnElement[bool]] = [
        Reservation.state == ReservationState.REQUESTED,
        ~awaits_leader(RequestLine.org_id, RequestLine.request_id),
    ]
    units = actor.permissions[Permission.RESERVATION_APPROVE]
    if units is not None:
        others = (
            select(ListingItem.listing_id)
            .join(Item, and_(Item.org_id == ListingItem.org_id, Item.id == ListingItem.item_id))
            .where(ListingItem.org_id == actor.org_id, Item.owner_unit_id.not_in(units))
        )
        conditions.append(RequestLine.listing_id.not_in(others))
    return _of_request(session, actor, request_id, *conditions)


def _leader(session: Session, actor: Actor, request_id: UUID) -> Asked | None:
    """All that is ordered, while it is the actor's turn to say yes or no to it."""
    request = session.scalar(requests_visible_to(actor).where(Request.id == request_id))
    if request is None or not actor.may(Permission.REQUEST_MAKE):
        return None
    approvals = session.scalars(approvals_of(actor, [request.id])).all()
    mine = session.scalar(
        waiting_for_leader(actor).where(Approval.request_id == request.id).limit(1)
    )
    if mine is None and not any(each.decided_at for each in approvals):
        still_asked = session.scalar(select(awaits_leader(request.org_id, request.id)))
        if still_asked:
            return None  # it is another one's to answer now
    lines = session.scalars(
        select(RequestLine)
        .where(RequestLine.org_id == actor.org_id, RequestLine.request_id == request.id)
        .order_by(RequestLine.id)
    ).all()
    cards = cards_of(session, actor, [each.listing_id for each in lines])
    return Asked(
        number=request.number or 0,
        asker_id=request.person_id,
        unit=_unit(session, actor, request.unit_id),
        wanted_date=request.wanted_date,
        text=request.note,
        lines=[_line(each.id, each.wanted, None, cards.get(each.listing_id)) for each in lines]
        if mine is not None
        else [],
        approval_id=mine.id if mine is not None else None,
        value_ore=mine.value_ore if mine is not None else None,
    )


def _offer(session: Session, actor: Actor, request_id: UUID) -> Asked | None:
    if not actor.may(Permission.REQUEST_MAKE):
        return None
    now = clock_of(session).now()
    return _of_request(session, actor, request_id, is_offered(), Reservation.limit_at > now)


def _of_request(
    session: Session, actor: Actor, request_id: UUID, *conditions: ColumnElement[bool]
) -> Asked | None:
    query = requests_visible_to(actor).where(Request.id == request_id)
    request = session.scalar(query)
    if request is None:
        return None
    rows = session.execute(
        select(
            RequestLine.id,
            RequestLine.listing_id,
            func.count().label("pieces"),
            func.min(Reservation.limit_at).label("limit_at"),
        )
        .join(
            Reservation,
            and_(
                Reservation.receiver_org_id == RequestLine.org_id,
                Reservation.request_line_id == RequestLine.id,
            ),
        )
        .where(
            RequestLine.org_id == actor.org_id,
            RequestLine.request_id == request.id,
            RequestLine.giver_org_id == actor.org_id,
            *conditions,
        )
        .group_by(RequestLine.id, RequestLine.listing_id)
        .order_by(RequestLine.id)
    ).all()
    cards = cards_of(session, actor, [row.listing_id for row in rows])
    return Asked(
        number=request.number or 0,
        asker_id=request.person_id,
        unit=_unit(session, actor, request.unit_id),
        wanted_date=request.wanted_date,
        text=request.note,
        lines=[_line(row.id, row.pieces, row.limit_at, cards.get(row.listing_id)) for row in rows],
    )


def _line(line_id: UUID, pieces: int, limit_at: datetime | None, card: Card | None) -> Line:
    if card is None:  # every piece was taken off the listing
        return Line(line_id, "", pieces, limit_at=limit_at)
    return Line(line_id, card.name, pieces, card.condition, card.place_label, limit_at)


def _purchase(session: Session, actor: Actor, need_id: UUID) -> Asked | None:
    need = session.scalar(needs_visible_to(actor).where(Need.id == need_id))
    if need is None or not may_buy(session, actor, need):
        return None
    lines = session.scalars(lines_of(actor, [need.id])).all()
    decisions = decisions_by_line(session, actor, [each.id for each in lines])
    ids = {each.category_id for each in lines}
    found = session.scalars(select(Category).where(Category.id.in_(ids)))
    names = {each.id: category_name(each) for each in found}
    is_open = need.state in OPEN
    steps = steps_of(session, need.org_id)
    asked_now = [
        Line(
            each.id,
            names[each.category_id],
            missing(each.quantity, decided),
            decided=len(decided),
        )
        for each in lines
        if is_open
        and next_step(each.quantity, decided := decisions.get(each.id, []), steps) is Step.NEW
    ]
    of_line = {each.id: each.category_id for each in lines}
    return Asked(
        number=need.number,
        asker_id=need.person_id,
        unit=_unit(session, actor, need.unit_id),
        wanted_date=need.wanted_date,
        text=need.text,
        lines=asked_now,
        value_ore=price_as_new(
            session, need.org_id, [(of_line[each.id], each.count) for each in asked_now]
        ),
    )


def _unit(session: Session, actor: Actor, unit_id: UUID | None) -> str:
    query = select(Unit.name).where(Unit.org_id == actor.org_id, Unit.id == unit_id)
    return session.scalar(query) or ""


_QUESTIONS: Mapping[Act, Callable[[Session, Actor, UUID], Asked | None]] = {
    Act.ANSWER_REQUEST: _request,
    Act.ANSWER_AS_LEADER: _leader,
    Act.ANSWER_OFFER: _offer,
    Act.DECIDE_PURCHASE: _purchase,
}
