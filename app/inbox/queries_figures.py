"""The figures of the year: how many cases, of what, how they ended, and how long they took."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.inbox.models import Case, SiteVisit
from app.inbox.queries import handled_by
from app.inbox.rules import OPEN, CaseState, Kind, Outcome, VisitState, percentile


@dataclass(frozen=True, slots=True)
class Days:
    """Of ``count`` cases: half of them took no more than ``median`` days, nine of ten ``most``."""

    count: int
    median: float | None
    most: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Of cases that came in one year, by the calendar in Norway. Every sum adds up to ``total``.

    ``pieces`` counts those of closed cases; ``visits`` are the ones done for the year's cases.
    """

    year: int
    total: int
    open: int
    closed: int
    withdrawn: int
    pieces: int
    visits: int
    to_reply: Days
    to_end: Days
    by_kind: Mapping[Kind, int]
    by_outcome: Mapping[Outcome, int]
    by_unit: Mapping[UUID | None, int]
    by_month: Sequence[int]


def years(session: Session, actor: Actor) -> list[int]:
    """The years that have cases, the newest first."""
    handled = handled_by(actor)
    if handled is None:
        return []
    query = select(Case.year).where(Case.org_id == actor.org_id, handled).distinct()
    return list(session.scalars(query.order_by(Case.year.desc())))


def figures(session: Session, actor: Actor, year: int, *, is_whole: bool = False) -> Figures:
    """One row a case is read: they are as many as the furniture manager can handle in a year.

    ``is_whole`` counts every case of the organisation, for who reports for all of it and need not
    handle any.
    """
    handled = Case.org_id == actor.org_id if is_whole else handled_by(actor)
    assert handled is not None
    rows = session.execute(
        select(
            Case.kind,
            Case.state,
            Case.outcome,
            Case.unit_id,
            Case.pieces,
            Case.received_on,
            Case.first_reply_on,
            Case.closed_on,
        ).where(Case.org_id == actor.org_id, handled, Case.year == year)
    ).all()
    visits = session.scalar(
        select(func.count(SiteVisit.id))
        .join(Case, (Case.org_id == SiteVisit.org_id) & (Case.id == SiteVisit.case_id))
        .where(Case.org_id == actor.org_id, handled, Case.year == year)
        .where(SiteVisit.state == VisitState.DONE)
    )
    months = Counter(row.received_on.month for row in rows)
    closed = [row for row in rows if row.state is CaseState.CLOSED]
    return Figures(
        year=year,
        total=len(rows),
        open=sum(1 for row in rows if row.state in OPEN),
        closed=len(closed),
        withdrawn=sum(1 for row in rows if row.state is CaseState.WITHDRAWN),
        pieces=sum(row.pieces or 0 for row in closed),
        visits=visits or 0,
        to_reply=_days(rows, lambda row: row.first_reply_on),
        to_end=_days(closed, lambda row: row.closed_on),
        by_kind=_ordered(Kind, (row.kind for row in rows)),
        by_outcome=_ordered(Outcome, (row.outcome for row in closed)),
        by_unit=dict(Counter(row.unit_id for row in rows).most_common()),
        by_month=[months[month] for month in range(1, 13)],
    )


def _ordered(kinds: Iterable[Any], values: Iterable[Any]) -> Mapping[Any, int]:
    counts = Counter(values)
    return {each: counts[each] for each in kinds if counts[each]}


def _days(rows: Sequence[Any], until: Callable[[Any], Any]) -> Days:
    taken = [(end - row.received_on).days for row in rows if (end := until(row)) is not None]
    return Days(len(taken), percentile(taken, 50), percentile(taken, 90))


def as_document(found: Figures) -> dict[str, Any]:
    """The figures as JSON: parts by their codes and ids, days as numbers."""
    return {
        "year": found.year,
        "total": found.total,
        "open": found.open,
        "closed": found.closed,
        "withdrawn": found.withdrawn,
        "pieces": found.pieces,
        "visits": found.visits,
        "days_to_reply": _as_json(found.to_reply),
        "days_to_end": _as_json(found.to_end),
        "by_kind": {each.value: count for each, count in found.by_kind.items()},
        "by_outcome": {each.value: count for each, count in found.by_outcome.items()},
        "by_unit": {str(each) if each else "": count for each, count in found.by_unit.items()},
        "by_month": list(found.by_month),
    }


def _as_json(days: Days) -> dict[str, float | None]:
    return {"count": days.count, "median": days.median, "p90": days.most}
