"""Rows of a year, scoped by the actor. Every number of statements is the same whatever the size."""

from datetime import date
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.inbox.models import Case
from app.kit.clock import OSLO
from app.kit.events import EventRow
from app.kit.work import write_last
from app.ledger import queries_period
from app.ledger.models import Period
from app.ledger.models_sums import LedgerSum
from app.ledger.rules_report import Factor
from app.ledger.rules_sums import Cut
from app.marketplace.models import Request
from app.needs.models import Need
from app.projects.events import ProjectEnded
from app.projects.models import Fulfilment, ProgrammeLine, Project
from app.projects.queries import projects_visible_to
from app.projects.rules import ProjectState
from app.reports.figures import Mended
from app.reports.queries import RANGED
from app.reports.queries_pictures import one_of_each_lot, pairs
from app.yearly.rules import days_of, is_of_year, moments_of

MOST_PAIRS = 6
"""Pictures of before and after that are shown of a year: the newest."""


def year_sums(session: Session, actor: Actor, year: int) -> list[Any]:
    """The year's accounts by view, source, category and basis, from the sums beside the ledger.

    Years are those of account: a late receipt is the open year's.
    """
    return _sums(session, actor, year, Cut.WHOLE)


def project_sums(session: Session, actor: Actor, year: int) -> list[Any]:
    """As ``year_sums``, for each project, whose id is ``of_id``."""
    return _sums(session, actor, year, Cut.PROJECT)


def _sums(session: Session, actor: Actor, year: int, cut: Cut) -> list[Any]:
    write_last(session)
    grouped = (
        LedgerSum.of_id,
        LedgerSum.view,
        LedgerSum.source,
        LedgerSum.category_id,
        LedgerSum.mass_tier,
        LedgerSum.co2e_tier,
        LedgerSum.price_tier,
        LedgerSum.factor_set_id,
    )
    query = (
        select(
            *grouped,
            *(func.sum(getattr(LedgerSum, name)).label(name) for name in (*RANGED, "mass_g")),
            func.sum(LedgerSum.uses).label("entries"),
            func.sum(LedgerSum.not_calculated).label("not_calculated"),
        )
        .where(LedgerSum.org_id == actor.org_id, LedgerSum.cut == cut, LedgerSum.year == year)
        .group_by(*grouped)
    )
    return list(session.execute(query).all())


def is_closed(session: Session, actor: Actor, year: int) -> bool:
    """Whether nothing more is booked in the year."""
    query = select(Period.closed_at).where(Period.org_id == actor.org_id, Period.year == year)
    return session.scalar(query) is not None


def factors_of(session: Session, actor: Actor, year: int) -> list[Factor]:
    """What the year's entries rest on, as it was stored with each of them."""
    of_year = select(Period.id).where(Period.org_id == actor.org_id, Period.year == year)
    period_id = session.scalar(of_year)
    return [] if period_id is None else queries_period.factors(session, actor.org_id, period_id)


def known_years(session: Session, actor: Actor) -> list[int]:
    """Years with something in the accounts or in the inbox, the newest first."""
    booked = session.scalars(select(Period.year).where(Period.org_id == actor.org_id)).all()
    cases = select(Case.year).where(Case.org_id == actor.org_id).distinct()
    return sorted({*booked, *session.scalars(cases)}, reverse=True)


def orders_of(session: Session, actor: Actor, year: int) -> int:
    """Requests sent to the market in the year, whatever became of them."""
    first, after = moments_of(year)
    query = select(func.count(Request.id)).where(
        Request.org_id == actor.org_id,
        Request.submitted_at >= first,
        Request.submitted_at < after,
    )
    return session.scalar(query) or 0


def needs_of(session: Session, actor: Actor, year: int) -> int:
    """Needs that were written down in the year."""
    first, after = moments_of(year)
    query = select(func.count(Need.id)).where(
        Need.org_id == actor.org_id, Need.created_at >= first, Need.created_at < after
    )
    return session.scalar(query) or 0


def projects_of(
    session: Session, actor: Actor, year: int
) -> list[tuple[Project, date, date | None]]:
    """Those that ran in the year by number, each with the days it began and ended.

    A project begins on its own first day, else on the day it was written down. It ends when it is
    closed, which its history says.
    """
    last = days_of(year)[1]
    began = or_(Project.from_date <= last, Project.from_date.is_(None))
    query = projects_visible_to(actor).where(began).order_by(Project.number)
    ends = session.execute(
        select(EventRow.subject_id, func.max(EventRow.at).label("at"))
        .where(EventRow.org_id == actor.org_id, EventRow.kind == ProjectEnded.kind)
        .group_by(EventRow.subject_id)
    )
    ended = {row.subject_id: row.at for row in ends}
    found = []
    for each in session.scalars(query):
        first = each.from_date or each.created_at.astimezone(OSLO).date()
        closed = ended.get(each.id) if each.state is ProjectState.CLOSED else None
        end = closed.astimezone(OSLO).date() if closed else None
        if is_of_year(first, end, year):
            found.append((each, first, end))
    return found


def met_by_project(session: Session, actor: Actor, year: int) -> list[Any]:
    """Pieces that met a programme in the year and still do: project, source, how many."""
    first, last = days_of(year)
    return list(
        session.execute(
            select(ProgrammeLine.project_id, Fulfilment.source, func.count().label("pieces"))
            .join(
                ProgrammeLine,
                (ProgrammeLine.org_id == Fulfilment.org_id)
                & (ProgrammeLine.id == Fulfilment.programme_line_id),
            )
            .where(Fulfilment.org_id == actor.org_id, Fulfilment.undone_at.is_(None))
            .where(Fulfilment.fulfilled_on >= first, Fulfilment.fulfilled_on <= last)
            .group_by(ProgrammeLine.project_id, Fulfilment.source)
        ).all()
    )


def mended_in(session: Session, actor: Actor, year: int) -> tuple[Mended, ...]:
    """Pieces with a picture of after from the year and one of before, the newest first.

    Of a lot's like pieces one is shown.
    """
    found = pairs(session, actor, most=MOST_PAIRS * 10, taken=moments_of(year))
    return one_of_each_lot(found, MOST_PAIRS)
