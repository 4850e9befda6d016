"""Listings go from stage to stage, are reminded of, changed, ended by their date and listed again."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, system_actor
from app.accounts.models import Organisation
from app.accounts.rules import Permission
from app.kit.db import clock_of
from app.kit.errors import Conflict, Forbidden, Invalid, Stale
from app.kit.events import publish
from app.kit.i18n import N_
from app.kit.pointing import concerning
from app.kit.states import advance
from app.kit.workdays import after_working_days
from app.marketplace import events
from app.marketplace.commands import ChangeListing, OfListing, Relist, SetListingRules
from app.marketplace.models import Listing, ListingItem, ListingRules, Reservation
from app.marketplace.queries import by_id, givers
from app.marketplace.queries_stages import (
    plan_of,
    plan_of_rules,
    rules_of,
    rules_of_all,
    to_lapse,
    to_remind,
    to_widen,
)
from app.marketplace.rules import (
    GIVEN_UP,
    OPEN_RESERVATIONS,
    ListingState,
    ListingVerb,
    RefusalReason,
)
from app.marketplace.rules_stages import REMIND_DAYS, Plan
from app.marketplace.service_listing import (
    DEADLINE_PASSED,
    ListingClosed,
    PieceOfferedAlready,
    decline_open,
    let_go,
    locked_listings,
    offer_refusals,
)
from app.marketplace.stages import begin, put, require_reachable, skip_reminder

AT_ONCE = 200
"""So many listings are changed in one unit of work of the job."""


class ListingOpen(Conflict):
    title = N_("Annonsen ligger alt ute.")


class NothingToRelist(Conflict):
    title = N_(
        "Ingen av møblene kan legges ut igjen. De er hentet, lovet bort eller lagt ut på nytt."
    )


class LastStageReached(Conflict):
    title = N_("Annonsen er alt på det siste trinnet sitt.")


def set_rules(session: Session, actor: Actor, command: SetListingRules) -> ListingRules:
    """How listings go from stage to stage here. Open ones follow, but never back.

    By those who publish everywhere in the organisation. Raises ``Stale``.
    """
    actor.must(Permission.LISTING_PUBLISH)
    if actor.permissions[Permission.LISTING_PUBLISH] is not None:
        raise Forbidden(N_("Trinnene gjelder hele virksomheten, så rollen må også gjøre det."))
    rules = session.scalar(rules_of(actor.org_id).with_for_update())
    if command.version != (rules.version if rules is not None else 0):
        raise Stale
    require_reachable(session, actor.org_id, [command.last_stage])
    values = command.model_dump(exclude={"version"})
    if rules is None:
        rules = ListingRules(org_id=actor.org_id, **values)
        try:
            with session.begin_nested():
                session.add(rules)
                session.flush()  # meets the unique key: somebody else set the first ones
        except IntegrityError as error:
            raise Stale from error
    else:
        for name, value in values.items():
            setattr(rules, name, value)
        session.flush()  # its new version is the answer's
    _follow(session, plan_of_rules(rules), actor.org_id)
    publish(session, [events.ListingRulesSet.of(rules, actor.person_id)])
    return rules


def _follow(session: Session, usual: Plan, org_id: UUID) -> None:
    """New dates for open listings: one statement for all that began a stage the same day."""
    like = (
        Listing.stage,
        Listing.stage_since,
        Listing.unit_days,
        Listing.organisation_days,
        Listing.network_days,
        Listing.last_stage,
    )
    is_open = (Listing.org_id == org_id, Listing.state == ListingState.OPEN)
    for row in session.execute(select(*like).where(*is_open).distinct()).all():
        plan = plan_of(usual, row)
        same = [column.is_not_distinct_from(getattr(row, column.key)) for column in like]
        session.execute(
            update(Listing)
            .where(*is_open, *same)
            .values(
                next_stage=plan.after(row.stage),
                next_stage_on=plan.next_on(row.stage, row.stage_since),
                version=Listing.version + 1,
            )
            .execution_options(synchronize_session=False)
        )


def change_listing(
    session: Session, actor: Actor, commands: Sequence[ChangeListing]
) -> list[Listing]:
    """Other dates, other days in the stages, another last stage. Raises ``Stale``."""
    actor.must(Permission.LISTING_PUBLISH)
    today = clock_of(session).today()
    listings = _own(session, actor, [each.listing_id for each in commands])
    rules = session.scalar(rules_of(actor.org_id))
    require_reachable(session, actor.org_id, [each.last_stage for each in commands])
    changed = []
    for command in commands:
        listing = listings[command.listing_id]
        if listing.version != command.version:
            raise Stale
        if listing.state is not ListingState.OPEN:
            raise ListingClosed(id=str(listing.id))
        if command.until_date != listing.until_date:
            _require_coming(command, command.until_date, today)
        for name, value in command.model_dump(exclude={"listing_id", "version"}).items():
            setattr(listing, name, value)
        plan = plan_of(plan_of_rules(rules), listing)
        put(listing, plan, listing.stage, listing.stage_since)
        skip_reminder(rules, listing, today)
        changed.append(listing)
    session.flush()  # the new versions
    publish(session, [events.ListingChanged.of(each, actor.person_id) for each in changed])
    due = [each for each in changed if each.next_stage_on and each.next_stage_on <= today]
    _widen(session, due, today, actor.person_id)
    return changed


def widen(session: Session, actor: Actor, commands: Sequence[OfListing]) -> list[Listing]:
    """To the next stage today. Raises ``LastStageReached``."""
    actor.must(Permission.LISTING_PUBLISH)
    listings = list(_own(session, actor, [each.listing_id for each in commands]).values())
    for listing in listings:
        if listing.state is not ListingState.OPEN:
            raise ListingClosed(id=str(listing.id))
        if listing.next_stage is None:
            raise LastStageReached(id=str(listing.id))
    _widen(session, listings, clock_of(session).today(), actor.person_id)
    return listings


def relist(session: Session, actor: Actor, commands: Sequence[Relist]) -> list[Listing]:
    """Ended and withdrawn listings again, with what of their pieces can be offered now.

    From the first stage, with the same texts and terms, and its history. Raises ``ListingOpen``,
    ``NothingToRelist`` and ``PieceOfferedAlready``.
    """
    actor.must(Permission.LISTING_PUBLISH)
    now, today = clock_of(session).now(), clock_of(session).today()
    listings = _own(session, actor, [each.listing_id for each in commands])
    rules = session.scalar(rules_of(actor.org_id))
    rows = list(listings.values())
    advance(session, rows, ListingVerb.RELIST, refused=ListingOpen)
    for command in commands:
        listing = listings[command.listing_id]
        from_date = command.from_date or now.date()
        _require_coming(command, command.until_date, today)
        if command.until_date is not None and command.until_date < from_date:
            with concerning(command):
                raise Invalid(by_field={"until_date": N_("Siste dag må komme etter første dag.")})
        listing.from_date, listing.until_date = from_date, command.until_date
        begin(rules, listing, today)
    pieces = {each.id: _back_on(session, actor, each) for each in rows}
    publish(
        session,
        [events.ListingRelisted.of(each, actor.person_id, pieces=pieces[each.id]) for each in rows],
    )
    return rows


def _back_on(session: Session, actor: Actor, listing: Listing) -> int:
    """Its pieces that can be offered stand on it again; how many these are.

    Not what somebody got from it and kept: the piece serves its new holder.
    """
    given = select(Reservation.item_id).where(
        Reservation.org_id == actor.org_id,
        Reservation.listing_id == listing.id,
        Reservation.item_id.is_not(None),
        Reservation.state.not_in((*GIVEN_UP, *OPEN_RESERVATIONS)),
        Reservation.returned_at.is_(None),
    )
    left = session.scalars(
        select(ListingItem.item_id)
        .where(ListingItem.org_id == actor.org_id, ListingItem.listing_id == listing.id)
        .where(ListingItem.left_at.is_not(None), ListingItem.item_id.not_in(given))
        .order_by(ListingItem.item_id)
    ).all()
    refused = offer_refusals(session, actor, left) if left else {}
    back = [each for each in left if each not in refused]
    if not back:
        raise NothingToRelist(id=str(listing.id))
    try:
        with session.begin_nested():
            session.execute(
                update(ListingItem)
                .where(ListingItem.org_id == actor.org_id, ListingItem.listing_id == listing.id)
                .where(ListingItem.item_id.in_(back))
                .values(left_at=None)
                .execution_options(synchronize_session=False)
            )
    except IntegrityError as error:  # offered by somebody else at this moment
        raise PieceOfferedAlready from error
    return len(back)


def _own(session: Session, actor: Actor, listing_ids: Sequence[UUID]) -> dict[UUID, Listing]:
    """The listings, locked, each of a unit for which the actor may publish."""
    if len(set(listing_ids)) < len(listing_ids):
        raise Invalid(by_field={"listing_id": N_("Hver annonse kan bare stå én gang.")})
    listings = locked_listings(session, actor, listing_ids)
    units = by_id(session, givers(actor, listings))
    for listing_id in listings:
        actor.must(Permission.LISTING_PUBLISH, unit=units.get(listing_id))
    return listings


def _require_coming(command: ChangeListing | Relist, until_date: date | None, today: date) -> None:
    if until_date is not None and until_date < today:
        with concerning(command):
            raise Invalid(by_field={"until_date": DEADLINE_PASSED})


def _widen(
    session: Session, listings: Collection[Listing], today: date, person_id: UUID | None
) -> None:
    """One stage further. Its days are counted from today: while the clock stood nobody saw it."""
    if not listings:
        return
    all_rules = rules_of_all(session, {each.org_id for each in listings})
    for listing in listings:
        plan = plan_of(plan_of_rules(all_rules.get(listing.org_id)), listing)
        further = plan.after(listing.stage)
        if further is None:  # the rules were changed at this moment
            listing.next_stage, listing.next_stage_on = None, None
            continue
        put(listing, plan, further, today)
    session.flush()  # the search rows are written from what is stored
    publish(
        session,
        [
            events.ListingStageReached.of(each, person_id, stage=each.stage)
            for each in listings
            if each.stage_since == today
        ],
    )


def widen_due(session: Session) -> int:
    """Moves some listings on whose next stage begins. By the clock."""
    today = clock_of(session).today()
    rows = _taken(session, to_widen(today))
    _widen(session, rows, today, None)
    return len(rows)


def remind_deadlines(session: Session) -> int:
    """Reminds of some deadlines that come near, once of each. By the clock.

    The mark and the letter's row are of one unit of work: a killed job reminds of all or nothing.
    """
    today = clock_of(session).today()
    known = session.scalars(select(ListingRules.remind_days).distinct()).all()
    for remind_days in sorted({REMIND_DAYS, *known} - {0}):
        last = after_working_days(today, remind_days)
        rows = _taken(session, to_remind(today, last, remind_days))
        if rows:
            for listing in rows:
                listing.reminded_for = listing.until_date
            publish(session, _reminders(rows))
            return len(rows)
    return 0


def _reminders(rows: Iterable[Listing]) -> list[events.ListingDeadlineNear]:
    return [
        events.ListingDeadlineNear.of(each, None, until_date=each.until_date)
        for each in rows
        if each.until_date is not None
    ]


def lapse_due(session: Session) -> int:
    """Ends some listings whose last day has passed. By the clock.

    Who waited is told no; what was promised is still delivered; the other pieces stay in use.
    """
    rows = _taken(session, to_lapse(clock_of(session).today()))
    by_org: dict[UUID, list[Listing]] = defaultdict(list)
    for each in rows:
        by_org[each.org_id].append(each)
    for org_id, own in sorted(by_org.items()):
        actor = system_actor(session.get_one(Organisation, org_id))
        advance(session, own, ListingVerb.END)
        declined = decline_open(session, actor, [each.id for each in own], RefusalReason.LAPSED)
        let_go(session, actor, [each.id for each in own])
        publish(
            session,
            [events.ListingLapsed.of(each, None, declined=declined[each.id]) for each in own],
        )
    return len(rows)


def _taken(session: Session, due: object) -> list[Listing]:
    """Some of what is due, locked; another worker's are looked at again when they are free."""
    query = due.limit(AT_ONCE).with_for_update(of=Listing)  # type: ignore[attr-defined]
    return list(session.scalars(query.execution_options(populate_existing=True)))
