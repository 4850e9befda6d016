"""Makes a project's report: reads, adds up, changes nothing."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.impact.rules import FIVE_SOURCES, FulfilmentSource, View
from app.kit.chain import GENESIS
from app.kit.db import clock_of
from app.kit.errors import Conflict, NotFound
from app.kit.i18n import N_
from app.projects.models import Project
from app.projects.rules import LineState
from app.reports import queries
from app.reports.figures import (
    Basis,
    BySource,
    Line,
    Piece,
    Programme,
    ProjectReport,
    ReportedProject,
    Shares,
    Source,
    Total,
    Totals,
)
from app.reports.formulas import total
from app.reports.rules import Group, coverage, savings, scenario, shares, views
from app.reports.words import kg_number, kr_number, pieces_number

Entries = Mapping[tuple[UUID | None, UUID], Mapping[View, Any]]
"""(programme line, piece) → view → the standing entry."""


class ProjectNotFound(NotFound):
    title = N_("Fant ikke prosjektet.")


class SeveralProjects(Conflict):
    title = N_("Flere prosjekter har dette navnet. Bruk nummeret i stedet.")


def project_report(session: Session, actor: Actor, project_id: UUID) -> ProjectReport:
    """The whole report, in the same number of queries whatever the project's size.

    Raises ``ProjectNotFound`` for another organisation's project as for none.
    """
    actor.must(Permission.REPORT_READ)
    head = session.execute(queries.project_head(actor, project_id)).one_or_none()
    if head is None:
        raise ProjectNotFound
    groups: Sequence[Any] = session.execute(queries.project_sums(actor, project_id)).all()
    programme = session.execute(queries.programme(actor, project_id)).all()
    fulfilling = session.execute(queries.fulfilling_pieces(actor, project_id)).all()
    standing = queries.standing_entries(session, actor, project_id)
    codes: dict[UUID, str] = {}
    for item_id, code in session.execute(queries.codes(actor, project_id)):
        codes.setdefault(item_id, code)
    chain = session.execute(queries.chain_head(actor)).one_or_none()
    entries = _by_piece(standing)
    pieces = tuple(_piece(row, entries, codes) for row in fulfilling)
    found_shares, found_totals = _shares(pieces, actor.currency)
    lines = _lines(programme, pieces, groups)
    return ProjectReport(
        project=_project(head, actor),
        currency=actor.currency,
        shares=found_shares,
        reuse=found_totals,
        totals=views(groups),
        scenario=scenario(groups),
        coverage=coverage(groups),
        programme=_programme(lines),
        sources=_sources(pieces, groups),
        lines=lines,
        pieces=pieces,
        basis=Basis(
            factor_sets=tuple(sorted({row.factor_set_id for row in standing})),
            formula_versions=tuple(sorted({row.formula_version for row in standing})),
            ledger_entries=len(standing),
            unique_items=len({row.item_id for row in standing}),
            without_entry=sum(each.gross_entry_id is None for each in pieces),
            outside_programme=_outside(standing, pieces),
            chain_seq=chain.seq if chain else 0,
            chain_head=chain.digest if chain else GENESIS,
            made_at=clock_of(session).now(),
        ),
    )


def project_named(session: Session, actor: Actor, name: str) -> Project:
    """The project of this name or number. Raises ``ProjectNotFound``, ``SeveralProjects``."""
    found = list(session.scalars(queries.projects_named(actor, name).limit(2)))
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


def _by_piece(standing: Iterable[Any]) -> Entries:
    """The newest entry wins where a piece was handed over twice for the same line."""
    found: dict[tuple[UUID | None, UUID], dict[View, Any]] = defaultdict(dict)
    for row in standing:
        found[row.programme_line_id, row.item_id][row.view] = row
    return found


def _piece(row: Any, entries: Entries, codes: Mapping[UUID, str]) -> Piece:
    own = entries.get((row.programme_line_id, row.item_id), {})
    gross, net = own.get(View.GROSS), own.get(View.NET)
    return Piece(
        item_id=row.item_id,
        code=codes.get(row.item_id),
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


def _outside(standing: Sequence[Any], pieces: Sequence[Piece]) -> int:
    counted = {entry_id for each in pieces for entry_id in (each.gross_entry_id, each.net_entry_id)}
    return sum(row.id not in counted for row in standing)


def _amounts(
    pieces: Iterable[Piece], of: Callable[[Piece], int | None]
) -> dict[FulfilmentSource, int]:
    found: Counter[FulfilmentSource] = Counter()
    for each in pieces:
        found[FulfilmentSource(each.source)] += of(each) or 0
    return dict(found)


def _shares(pieces: Sequence[Piece], currency: str) -> tuple[Shares, Totals]:
    """F5 by pieces, by the finished piece's mass and by its value as new."""

    def one(
        of: Callable[[Piece], int | None], spelled: Callable[[int], str], unit: str
    ) -> tuple[BySource, Total] | tuple[None, None]:
        amounts = _amounts(pieces, of)
        found = shares(amounts)
        if found is None:
            return None, None
        exact, by_source = found
        return by_source, total(exact, amounts, spelled, unit)

    by_pieces = one(lambda _: 1, pieces_number, "")
    by_kg = one(lambda each: each.mass_g, kg_number, "kg")
    by_nok = one(
        lambda each: each.new_price_ore, kr_number, "kr" if currency == "NOK" else currency
    )
    return (
        Shares(by_pieces[0], by_kg[0], by_nok[0]),
        Totals(by_pieces[1], by_kg[1], by_nok[1]),
    )


def _sources(pieces: Sequence[Piece], groups: Sequence[Group]) -> tuple[Source, ...]:
    """The five sources, those with nothing too, in the order a buyer is told to choose."""
    count = _amounts(pieces, lambda _: 1)
    mass = _amounts(pieces, lambda each: each.mass_g)
    price = _amounts(pieces, lambda each: each.new_price_ore)
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
    programme: Sequence[Any], pieces: Sequence[Piece], groups: Sequence[Group]
) -> tuple[Line, ...]:
    met: dict[UUID, Counter[str]] = defaultdict(Counter)
    for each in pieces:
        met[each.programme_line_id][each.source] += 1
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
                fulfilled=met[row.id].total(),
                by_source={each.value: met[row.id][each.value] for each in FIVE_SOURCES},
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
