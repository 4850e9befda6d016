"""Makes a year's report: reads, adds up, changes nothing."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.impact.rules import FIVE_SOURCES, View
from app.inbox import queries_figures as inbox
from app.kit.chain import GENESIS
from app.kit.db import clock_of
from app.ledger.queries_income import incomes_between, sums_of
from app.ledger.queries_sums import pieces
from app.reports.queries import chain_head
from app.reports.rules import savings, views
from app.yearly import queries
from app.yearly.figures import (
    Days,
    Enquiries,
    Ground,
    Saved,
    SoldOutside,
    YearlyReport,
    YearProject,
)
from app.yearly.rules import WAYS, days_of


def yearly_report(session: Session, actor: Actor, year: int) -> YearlyReport:
    """A year of the whole organisation, for who reports for all of it. Raises ``Forbidden``.

    Savings are those of the year's accounts, so that a closed year never changes; enquiries,
    projects and pictures are what the program knows today.
    """
    actor.must_everywhere(Permission.EXPORT)
    groups = queries.year_sums(session, actor, year)
    standing = [each for each in groups if int(each.entries)]
    chain = chain_head(session, actor)
    income = sums_of(session, incomes_between(actor, *days_of(year)))
    return YearlyReport(
        year=year,
        organisation=actor.organisation_name,
        currency=actor.currency,
        enquiries=_enquiries(inbox.figures(session, actor, year, is_whole=True)),
        orders=queries.orders_of(session, actor, year),
        needs=queries.needs_of(session, actor, year),
        projects=_projects(session, actor, year),
        ways=_ways(groups),
        totals=views(groups),
        external_income=SoldOutside(income.net_ore, income.vat_ore),
        mended=queries.mended_in(session, actor, year),
        basis=Ground(
            is_closed=queries.is_closed(session, actor, year),
            ledger_entries=sum(int(each.entries) for each in standing),
            unique_items=pieces(session, actor, year),
            factor_sets=tuple(sorted({each.factor_set_id for each in standing})),
            chain_seq=chain.seq if chain else 0,
            chain_head=chain.digest if chain else GENESIS,
            made_at=clock_of(session).now(),
        ),
    )


def _enquiries(found: inbox.Figures) -> Enquiries:
    def days(of: inbox.Days) -> Days:
        return Days(of.count, of.median, of.most)

    return Enquiries(
        total=found.total,
        open=found.open,
        closed=found.closed,
        withdrawn=found.withdrawn,
        pieces=found.pieces,
        visits=found.visits,
        days_to_reply=days(found.to_reply),
        days_to_end=days(found.to_end),
        by_kind={each.value: count for each, count in found.by_kind.items()},
        by_outcome={each.value: count for each, count in found.by_outcome.items()},
    )


def _ways(groups: Sequence[Any]) -> tuple[Saved, ...]:
    """All of them, in their order; those with nothing too."""
    found = []
    for way, sources in WAYS.items():
        own = [each for each in groups if each.source in sources]
        both = views(own)
        found.append(Saved(way.value, tuple(each.value for each in sources), both.gross, both.net))
    return tuple(found)


def _projects(session: Session, actor: Actor, year: int) -> tuple[YearProject, ...]:
    met: dict[UUID, Counter[str]] = defaultdict(Counter)
    for row in queries.met_by_project(session, actor, year):
        met[row.project_id][row.source.value] += row.pieces
    booked: dict[UUID | None, list[Any]] = defaultdict(list)
    for group in queries.project_sums(session, actor, year):
        booked[group.of_id].append(group)
    found = []
    for project, began, ended in queries.projects_of(session, actor, year):
        own = booked[project.id]
        found.append(
            YearProject(
                id=project.id,
                number=project.number,
                name=project.name,
                kind=project.kind.value,
                state=project.state.value,
                began_on=began,
                ended_on=ended,
                pieces=met[project.id].total(),
                by_source={each.value: met[project.id][each.value] for each in FIVE_SOURCES},
                gross=savings(each for each in own if each.view == View.GROSS),
                net=savings(each for each in own if each.view == View.NET),
            )
        )
    return tuple(found)
