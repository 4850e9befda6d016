"""A year of account with something in it, to close and to look at."""

from collections.abc import Callable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, actor_of
from app.accounts.rules import Role
from app.impact.rules import FulfilmentSource
from app.kit.clock import Clock
from app.kit.db import Database
from app.ledger.models import Period
from app.ledger.service_period import (
    ClosePeriod,
    close_period,
    print_for_closing,
)
from tests.ledger import trips
from tests.ledger.trips import Load
from tests.people import Organised, organised

LAST_YEAR = date(2025, 12, 30)


def acting(session: Session, org: Organised, role: Role = Role.CONTROLLER) -> Actor:
    found = actor_of(session, org.org_id, org.person_ids[role])
    assert found is not None
    return found


def the_period(session: Session, org: Organised, year: int = 2025) -> Period:
    query = select(Period).where(Period.org_id == org.org_id, Period.year == year)
    return session.scalars(query).one()


def last_year(session: Session, org: Organised) -> Period:
    """Two pieces received in 2025, one of them redesigned."""
    chair, sofa = (
        trips.an_item(session, org, category_id=each) for each in ("CHAIR_TASK", "SOFA_2")
    )
    loads = [Load(chair), Load(sofa, FulfilmentSource.REDESIGNED)]
    trips.handed_over(session, org, loads, handed_over_on=LAST_YEAR)
    return the_period(session, org)


def closed(session: Session, org: Organised, role: Role = Role.CONTROLLER) -> Period:
    actor = acting(session, org, role)
    command = ClosePeriod(period_id=the_period(session, org).id)
    return close_period(session, actor, command, print_for_closing(session, actor, command))


def kept_year(new_database: Callable[[], Database], clock: Clock) -> tuple[Database, Organised]:
    database = new_database()
    with database.write() as session:
        org = organised(session, clock)
    with database.write() as session:
        last_year(session, org)
    return database, org
