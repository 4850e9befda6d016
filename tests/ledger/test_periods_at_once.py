"""Closing a year beside others who close and book, and what verify says of one that was changed."""

import threading
import time
from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.kit.clock import Clock
from app.kit.db import Database
from app.kit.errors import Conflict
from app.ledger.models import Period
from app.ledger.service import verify
from app.ledger.service_period import (
    ClosePeriod,
    EarlierPeriodOpen,
    PeriodClosedAlready,
    close_period,
    print_for_closing,
)
from tests.ledger import trips
from tests.ledger.trips import Load
from tests.ledger.years_closed import LAST_YEAR, acting, closed, kept_year, the_period


def test_two_who_close_at_once_close_it_once(
    new_database: Callable[[], Database], clock: Clock
) -> None:
    database, org = kept_year(new_database, clock)
    ready = threading.Barrier(2)
    answers: list[object] = []

    def close(role: Role) -> None:
        with database.read() as session:
            actor = acting(session, org, role)
            command = ClosePeriod(period_id=the_period(session, org).id)
            made = print_for_closing(session, actor, command)
        ready.wait(timeout=30)
        try:
            with database.write() as session:
                answers.append(close_period(session, actor, command, made).id)
        except Conflict as problem:
            answers.append(type(problem))

    threads = [threading.Thread(target=close, args=(x,)) for x in (Role.CONTROLLER, Role.ADMIN)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert answers.count(PeriodClosedAlready) == 1
    assert len([each for each in answers if isinstance(each, UUID)]) == 1
    with database.read() as session:
        assert verify(session, org.org_id).ok


@pytest.mark.parametrize("is_closed_first", [True, False])
def test_no_year_is_opened_behind_one_that_is_closed_at_the_same_moment(
    new_database: Callable[[], Database], clock: Clock, *, is_closed_first: bool
) -> None:
    database, org = kept_year(new_database, clock)
    begun, answers = threading.Event(), {}
    with database.read() as session:
        actor = acting(session, org)
        command = ClosePeriod(period_id=the_period(session, org).id)
        made = print_for_closing(session, actor, command)

    def close(session: Session) -> None:
        close_period(session, actor, command, made)

    def receive(session: Session) -> None:
        """A piece of the year before, whose receipt comes late."""
        chair = trips.an_item(session, org)
        trips.handed_over(session, org, [Load(chair)], handed_over_on=date(2024, 12, 30))

    def second(act: Callable[[Session], None]) -> None:
        begun.wait(timeout=30)
        try:
            with database.write() as session:
                act(session)
        except Conflict as problem:
            answers["refused"] = type(problem)

    first, other = (close, receive) if is_closed_first else (receive, close)
    thread = threading.Thread(target=second, args=(other,))
    thread.start()
    with database.write() as session:
        first(session)
        begun.set()
        time.sleep(0.5)  # long enough for the other to come to where it has to wait
    thread.join()
    with database.read() as session:
        years = select(Period.year).where(Period.org_id == org.org_id).order_by(Period.year)
        open_years = list(session.scalars(years.where(Period.closed_at.is_(None))))
        assert open_years == ([2026] if is_closed_first else [2024, 2025])
        assert answers == ({} if is_closed_first else {"refused": EarlierPeriodOpen})
        assert verify(session, org.org_id).ok


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("closed_at = NULL", "opened again"),
        ("json_sha256 = csv_sha256", "not as it was closed"),
        ("frozen = replace(frozen, 'Medisin', 'Kirurgi')", "not as it was closed"),
    ],
)
def test_verify_names_a_closed_year_that_was_changed(
    new_database: Callable[[], Database], clock: Clock, change: str, reason: str
) -> None:
    database, org = kept_year(new_database, clock)
    with database.write() as session:
        period_id = closed(session, org).id
    with database.write() as session:
        assert verify(session, org.org_id).ok
        session.execute(text(f"UPDATE period SET {change}"))
    with database.read() as session:
        difference = verify(session, org.org_id).difference
    assert difference is not None
    assert (difference.table, difference.row_id, difference.reason) == (
        "period",
        str(period_id),
        reason,
    )


def test_verify_names_a_year_that_was_booked_in_after_it_was_closed(
    new_database: Callable[[], Database], clock: Clock
) -> None:
    database, org = kept_year(new_database, clock)
    with database.write() as session:
        kept = closed(session, org)
        period_id, at = kept.id, kept.closed_at
    with database.write() as session:
        session.execute(update(Period).values(closed_at=None))
    with database.write() as session:
        chair = trips.an_item(session, org)
        trips.handed_over(session, org, [Load(chair)], handed_over_on=LAST_YEAR)
        session.execute(update(Period).values(closed_at=at))
    with database.read() as session:
        difference = verify(session, org.org_id).difference
    assert difference is not None
    assert (difference.row_id, difference.reason) == (
        str(period_id),
        "booked in after it was closed",
    )
