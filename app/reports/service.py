"""Makes a project's report: reads, adds up, changes nothing."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.impact.rules import FIVE_SOURCES, FulfilmentSource, View
from app.kit.chain import GENESIS
from app.kit.db import clock_of
from app.kit.errors import Conflict
from app.kit.i18n import N_
from app.ledger import queries_period
from app.ledger.queries_income import Sums, income_of_project
from app.ledger.rules_report import Factor
from app.projects.models import Project
from app.projects.rules import LineState
from app.reports import queries, queries_pieces
from app.reports.errors import ProjectNotFound
from app.reports.figures import (
    EDITION,
    Basis,
    BySource,
    Income,
    Line,
    Piece,
    Programme,
    ProjectReport,
    ProjectSummary,
    ReportedProject,
    Shares,
    Source,
    Total,
    Totals,
)
from app.reports.rules import Group, coverage, savings, scenario, shares, views
from app.reports.service_pictures import shown_pictures
from app.reports.service_plan import planned_of
from app.reports.service_went import routes_of, waste_of
from app.reports.words import kg_number, kr_number, pieces_number
from app.reports.words_share import total


@dataclass(frozen=True, slots=True)
class Met:
    """Pieces that meet one line now, from one source.

    ``gross`` and ``net`` of them have an entry of that view that stands; mass in g and value as new
    in øre are sums of the gross ones.
    """

    programme_line_id: UUID
    source: FulfilmentSource
    pieces: int
    gross: int
    net: int
    mass_g: int
    new_price_ore: int

    @classmethod
    def of(cls, row: Any) -> Self:
        """PostgreSQL adds integers up to decimals, and nothing up to nothing."""
        return cls(row.programme_line_id, row.source, *(int(each or 0) for each in row[2:]))


@dataclass(frozen=True, slots=True)
class SomePieces:
    """Some pieces of a project in their order; ``left`` counts them and all that follow."""

    pieces: tuple[Piece, ...]
    left: int
    next: str | None


class SeveralProjects(Conflict):
    title = N_("Flere prosjekter har dette navnet. Bruk nummeret i stedet.")


def project_summary(session: Session, actor: Actor, project_id: UUID) -> ProjectSummary:
    """What the project's pieces add up to: the sums are the database's, in as many queries always.

    Raises ``ProjectNotFound`` for another organisation's project as for none.
    """
    actor.must(Permission.REPORT_READ)
    head = queries.project_head(session, actor, project_id)
    if head is None:
        raise ProjectNotFound
    groups = queries.project_sums(session, actor, project_id)
    met = [Met.of(row) for row in queries.fulfilled(session, actor, project_id)]
    chain = queries.chain_head(session, actor)
    found_shares, found_totals = _shares(met, actor.currency)
    lines = _lines(queries.programme(session, actor, project_id), met, groups)
    standing = [each for each in groups if int(each.entries)]
    entries = sum(int(each.entries) for each in standing)
    return ProjectSummary(
        project=_project(head, actor),
        currency=actor.currency,
        shares=found_shares,
        reuse=found_totals,
        totals=views(groups),
        scenario=scenario(groups),
        coverage=coverage(groups),
        programme=_programme(lines),
        sources=_sources(met, groups),
        lines=lines,
        external_income=_income(income_of_project(session, actor, project_id)),
        basis=Basis(
            factor_sets=tuple(sorted({each.factor_set_id for each in standing})),
            formula_versions=tuple(sorted({each.formula_version for each in standing})),
            ledger_entries=entries,
            unique_items=queries.booked_pieces(session, actor, project_id),
            without_entry=sum(each.pieces - each.gross for each in met),
            outside_programme=entries - sum(each.gross + each.net for each in met),
            chain_seq=chain.seq if chain else 0,
            chain_head=chain.digest if chain else GENESIS,
            made_at=clock_of(session).now(),
        ),
        edition=EDITION,
        routes=routes_of(session, actor, project_id),
        waste=waste_of(session, actor, project_id, groups),
        plan=planned_of(session, actor, project_id, lines),
        pictures=shown_pictures(session, actor, project_id),
    )


def _income(sums: Sums) -> Income:
    return Income(sums.rows, sums.net_ore, sums.vat_ore)


def project_report(session: Session, actor: Actor, project_id: UUID) -> ProjectReport:
    """The summary and every piece, in the same number of queries whatever the project's size.

    Raises ``ProjectNotFound`` for another organisation's project as for none.
    """
    found = project_summary(session, actor, project_id)
    rows = queries_pieces.fulfilling_pieces(session, actor, project_id)
    pieces = _pieces(rows, queries_pieces.standing_entries(session, actor, project_id))
    summary = {each.name: getattr(found, each.name) for each in fields(found)}
    return ProjectReport(**summary, pieces=pieces)


def factors_behind(session: Session, actor: Actor, report: ProjectReport) -> list[Factor]:
    """The factors that the report's pieces rest on, as they stood when their entries were booked."""
    actor.must(Permission.REPORT_READ)
    ids = [each.gross_entry_id for each in report.pieces if each.gross_entry_id is not None]
    return queries_period.factors_behind(session, actor.org_id, ids)


def some_pieces(
    session: Session, actor: Actor, project_id: UUID, *, cursor: str | None
) -> SomePieces:
    """A page of the pieces of ``project_report``. Raises ``CursorUnknown``."""
    actor.must(Permission.REPORT_READ)
    found = queries_pieces.page_of_pieces(session, actor, project_id, cursor)
    shown = [row.item_id for row in found.rows]
    entries = queries_pieces.standing_entries_of(session, actor, project_id, shown)
    left = found.rows[0].left if found.rows else 0
    return SomePieces(_pieces(found.rows, entries), left, found.next)


def project_named(session: Session, actor: Actor, name: str) -> Project:
    """The project of this name or number. Raises ``ProjectNotFound``, ``SeveralProjects``."""
    found = queries.projects_named(session, actor, name)
    if not found:
        raise ProjectNotFound(N_("Fant ikke prosjektet «%(name)s»."), values={"name": name})
    if len(found) > 1:
        raise SeveralProjects(
            N_("Flere prosjekter heter «%(name)s», blant dem nummer %(one)s og %(two)s."),
            values={"name": name, "one": found[0].number, "two": found[1].number},
        )
    return found[0]


def _project(row: Any, actor: Actor) -> ReportedProject:
    return ReportedProject(
        id=row.id,
        number=row.number,
        name=row.name,
        state=row.state.value,
        kind=row.kind.value,
        organisation=actor.organisation_name,
        unit=row.unit,
        place=row.place,
        from_date=row.from_date,
        until_date=row.until_date,
        goal_percent=row.goal_percent,
    )


def _pieces(rows: Iterable[Any], standing: Iterable[Any]) -> tuple[Piece, ...]:
    """The newest entry wins where a piece was handed over twice for the same line."""
    found: dict[tuple[UUID | None, UUID], dict[View, Any]] = defaultdict(dict)
    for entry in standing:
        found[entry.programme_line_id, entry.item_id][entry.view] = entry
    return tuple(_piece(row, found[row.programme_line_id, row.item_id]) for row in rows)


def _piece(row: Any, own: Mapping[View, Any]) -> Piece:
    gross, net = own.get(View.GROSS), own.get(View.NET)
    return Piece(
        item_id=row.item_id,
        code=row.code,
        name=row.name,
        category_id=row.category_id,
        category=row.category,
        programme_line_id=row.programme_line_id,
        source=row.source.value,
        fulfilled_on=row.fulfilled_on,
        mass_g=gross.mass_g if gross else None,
        new_price_ore=gross.new_price_ore if gross else None,
        gross_entry_id=gross.id if gross else None,
        gross_waste_g=gross.waste_g if gross else None,
        gross_co2e_g=gross.co2e_g if gross else None,
        gross_saved_ore=gross.saved_ore if gross else None,
        net_entry_id=net.id if net else None,
        net_waste_g=net.waste_g if net else None,
        net_co2e_g=net.co2e_g if net else None,
        net_saved_ore=net.saved_ore if net else None,
        co2e_tier=gross.co2e_tier if gross else None,
        factor_set_id=gross.factor_set_id if gross else None,
    )


def _amounts(met: Iterable[Met], of: Callable[[Met], int]) -> dict[FulfilmentSource, int]:
    found: Counter[FulfilmentSource] = Counter()
    for each in met:
        found[each.source] += of(each)
    return dict(found)


def _shares(met: Sequence[Met], currency: str) -> tuple[Shares, Totals]:
    """F5 by pieces, by the finished piece's mass and by its value as new."""

    def one(
        of: Callable[[Met], int], spelled: Callable[[int], str], unit: str
    ) -> tuple[BySource, Total] | tuple[None, None]:
        amounts = _amounts(met, of)
        found = shares(amounts)
        if found is None:
            return None, None
        exact, by_source = found
        return by_source, total(exact, amounts, spelled, unit)

    by_pieces = one(lambda each: each.pieces, pieces_number, "")
    by_kg = one(lambda each: each.mass_g, kg_number, "kg")
    by_nok = one(
        lambda each: each.new_price_ore, kr_number, "kr" if currency == "NOK" else currency
    )
    return (
        Shares(by_pieces[0], by_kg[0], by_nok[0]),
        Totals(by_pieces[1], by_kg[1], by_nok[1]),
    )


def _sources(met: Sequence[Met], groups: Sequence[Group]) -> tuple[Source, ...]:
    """The five sources, those with nothing too, in the order a buyer is told to choose."""
    count = _amounts(met, lambda each: each.pieces)
    mass = _amounts(met, lambda each: each.mass_g)
    price = _amounts(met, lambda each: each.new_price_ore)
    found = []
    for source in FIVE_SOURCES:
        both = views(each for each in groups if each.source == source)
        found.append(
            Source(
                source=source.value,
                pieces=count.get(source, 0),
                mass_g=mass.get(source, 0),
                new_price_ore=price.get(source, 0),
                gross=both.gross,
                net=both.net,
            )
        )
    return tuple(found)


def _lines(
    programme: Sequence[Any], met: Sequence[Met], groups: Sequence[Group]
) -> tuple[Line, ...]:
    counts: dict[UUID, Counter[str]] = defaultdict(Counter)
    for each in met:
        counts[each.programme_line_id][each.source] += each.pieces
    booked: dict[UUID | None, list[Group]] = defaultdict(list)
    for group in groups:
        booked[group.programme_line_id].append(group)
    found = []
    for row in programme:
        own = booked[row.id]
        found.append(
            Line(
                id=row.id,
                category_id=row.category_id,
                category=row.category,
                requirement=row.requirement,
                state=row.state.value,
                quantity=row.quantity,
                fulfilled=counts[row.id].total(),
                by_source={each.value: counts[row.id][each.value] for each in FIVE_SOURCES},
                gross=savings(each for each in own if each.view == View.GROSS),
                net=savings(each for each in own if each.view == View.NET),
            )
        )
    return tuple(found)


def _programme(lines: Sequence[Line]) -> Programme:
    still_open = [each for each in lines if each.state == LineState.OPEN]
    cancelled = [each for each in lines if each.state == LineState.CANCELLED]
    return Programme(
        lines=len(lines),
        quantity=sum(each.quantity for each in lines),
        fulfilled_pieces=sum(each.fulfilled for each in lines),
        open_lines=len(still_open),
        open_pieces=sum(max(0, each.quantity - each.fulfilled) for each in still_open),
        cancelled_lines=len(cancelled),
        cancelled_pieces=sum(max(0, each.quantity - each.fulfilled) for each in cancelled),
    )
