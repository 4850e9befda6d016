"""What is approved is held for some days: reminded of, made longer by the giver, let go at the end.

The clock lets go of nothing that is on its way: only what is approved or ready has a limit, and
whoever hands over locks the same rows.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, system_actor
from app.accounts.models import Organisation
from app.accounts.rules import Permission
from app.kit.chance import new_id
from app.kit.clock import end_of
from app.kit.db import clock_of
from app.kit.errors import Conflict, Invalid, Stale
from app.kit.events import publish
from app.kit.i18n import N_
from app.kit.states import advance
from app.marketplace import events_hold
from app.marketplace.commands_hold import ExtendHold, SetHoldRule
from app.marketplace.models import RequestLine, Reservation
from app.marketplace.models_hold import HoldRule
from app.marketplace.queries_hold import HELD, ending, is_held
from app.marketplace.rules import ReservationVerb
from app.marketplace.rules_hold import LONGEST, reminded_from
from app.marketplace.service_approval import decidable
from app.marketplace.service_claims import by_line, claims_of, close_finished, counted
from app.marketplace.service_listing import locked_listings
from app.marketplace.service_request import off_closed_listings
from app.marketplace.service_waiting import pass_on

AT_ONCE = 200
"""So many holds are ended, or reminded of, in one unit of work of the job."""


class NothingHeld(Conflict):
    title = N_("Det er ingenting som holdes av på denne linjen.")


def extend_hold(
    session: Session, actor: Actor, commands: Sequence[ExtendHold]
) -> list[RequestLine]:
    """The giver holds the pieces of each line longer. Only later than now, within a year.

    Pieces of one line may be held to different days: what is held longer already keeps its day.
    """
    actor.must(Permission.RESERVATION_APPROVE)
    answers = by_line(commands)
    lines = decidable(session, actor, list(answers))
    held = claims_of(session, actor, lines, *HELD)
    today = clock_of(session).today()
    told = []
    for line in lines:
        rows, until = held[line.id], answers[line.id].until
        if not rows:
            raise NothingHeld(id=str(line.id))
        if until < today:
            raise _refused(line, N_("Velg i dag eller en senere dag."))
        if until > today + timedelta(days=LONGEST):
            raise _refused(line, N_("Velg en dag innen et år."))
        sooner = [each for each in rows if each.limit_at is None or each.limit_at < end_of(until)]
        if not sooner:
            raise _refused(line, N_("Velg en dag etter den som gjelder nå."))
        for row in sooner:
            row.limit_at, row.reminded_at = end_of(until), None
        told.append(
            events_hold.RequestLineHoldExtended.of(
                line,
                actor.person_id,
                request_id=line.request_id,
                pieces=len(sooner),
                limit_at=end_of(until),
            )
        )
    publish(session, told)
    return lines


def _refused(line: RequestLine, text: str) -> Invalid:
    return Invalid(by_field={"until": text}, where={"request_line_id": {line.id}})


def set_hold_rule(session: Session, actor: Actor, command: SetHoldRule) -> HoldRule:
    """For how many working days the organisation holds what it approves from now on."""
    actor.must(Permission.ORGANISATION_EDIT)
    rule = session.scalar(
        select(HoldRule).where(HoldRule.org_id == actor.org_id).with_for_update(of=HoldRule)
    )
    if (rule.version if rule else 0) != command.version:
        raise Stale
    if rule is None:
        rule = HoldRule(id=new_id(), org_id=actor.org_id, working_days=command.working_days)
        try:
            with session.begin_nested():
                session.add(rule)
                session.flush()  # meets the unique key: one rule an organisation
        except IntegrityError as error:  # two who made it at once
            raise Stale from error
    rule.working_days = command.working_days
    publish(
        session,
        [events_hold.HoldRuleSet.of(rule, actor.person_id, working_days=rule.working_days)],
    )
    return rule


def release_due(session: Session) -> int:
    """Lets go of what nobody fetched in time, some of every organisation. By the clock."""
    now = clock_of(session).now()
    released = 0
    for actor, listing_ids, ids in _due(session, Reservation.limit_at <= now):
        locked_listings(session, actor, listing_ids)
        lines = _locked_lines(session, actor, ids)
        rows = [
            each
            for each in _locked_rows(session, actor, ids)
            if each.state in HELD and each.limit_at is not None and each.limit_at <= now
        ]
        advance(session, rows, ReservationVerb.EXPIRE)
        counts = counted(rows)
        for line in lines:
            line.approved -= counts[line.id]
        off_closed_listings(
            session, actor, [each.item_id for each in rows if each.item_id is not None]
        )
        publish(
            session,
            [
                events_hold.RequestLineHoldExpired.of(
                    each, None, request_id=each.request_id, pieces=counts[each.id]
                )
                for each in lines
                if counts[each.id]
            ],
        )
        close_finished(session, actor, {each.request_id for each in lines})
        pass_on(session, actor, {each.listing_id for each in rows})
        released += len(rows)
    return released


def remind_due(session: Session) -> int:
    """Says once, some days before, that a hold ends. By the clock."""
    clock = clock_of(session)
    soon = reminded_from(clock.today())
    reminded = 0
    conditions = (
        Reservation.limit_at <= soon,
        Reservation.limit_at > clock.now(),
        Reservation.reminded_at.is_(None),
    )
    for actor, _, ids in _due(session, *conditions):
        lines = _locked_lines(session, actor, ids)
        rows = [
            each
            for each in _locked_rows(session, actor, ids)
            if each.state in HELD and each.limit_at is not None and each.reminded_at is None
        ]
        limits: dict[UUID, list[datetime]] = defaultdict(list)
        for row in rows:
            row.reminded_at = clock.now()
            assert row.limit_at is not None
            limits[row.request_line_id].append(row.limit_at)
        publish(
            session,
            [
                events_hold.RequestLineHoldEnding.of(
                    each,
                    None,
                    request_id=each.request_id,
                    pieces=len(limits[each.id]),
                    limit_at=min(limits[each.id]),
                )
                for each in lines
                if limits[each.id]
            ],
        )
        reminded += len(rows)
    return reminded


def _due(session: Session, *conditions: object) -> list[tuple[Actor, list[UUID], list[UUID]]]:
    """By organisation: its actor, the listings and the reservations, in the order of locking."""
    listings: dict[UUID, set[UUID]] = defaultdict(set)
    ids: dict[UUID, list[UUID]] = defaultdict(list)
    for org_id, listing_id, reservation_id in session.execute(ending(*conditions).limit(AT_ONCE)):
        listings[org_id].add(listing_id)
        ids[org_id].append(reservation_id)
    return [
        (
            system_actor(session.get_one(Organisation, org_id)),
            sorted(listings[org_id]),
            some,
        )
        for org_id, some in sorted(ids.items())
    ]


def _locked_lines(session: Session, actor: Actor, ids: Collection[UUID]) -> Sequence[RequestLine]:
    of_rows = select(Reservation.request_line_id).where(
        Reservation.org_id == actor.org_id, Reservation.id.in_(ids)
    )
    return session.scalars(
        select(RequestLine)
        .where(RequestLine.id.in_(of_rows))
        .order_by(RequestLine.id)
        .with_for_update(of=RequestLine)
        .execution_options(populate_existing=True)
    ).all()


def _locked_rows(session: Session, actor: Actor, ids: Collection[UUID]) -> Sequence[Reservation]:
    return session.scalars(
        select(Reservation)
        .where(Reservation.org_id == actor.org_id, Reservation.id.in_(ids), is_held())
        .order_by(Reservation.id)
        .with_for_update(of=Reservation)
        .execution_options(populate_existing=True)
    ).all()
