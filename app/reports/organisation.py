"""Makes the organisation's report: reads sums, adds up, changes nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.accounts.rules import Permission
from app.catalogue.models import Category
from app.impact.rules import FIVE_SOURCES, FulfilmentSource
from app.kit.chain import GENESIS
from app.kit.db import clock_of
from app.kit.errors import NotFound
from app.kit.i18n import N_, gettext, locale
from app.kit.prepared import Prepared
from app.ledger import queries_sums as ledger
from app.ledger.models_income import ExternalIncome
from app.ledger.queries_sums import By, Role, Scope
from app.ledger.rules_sums import EMPTY, Sum, total, totals
from app.places.models import Place
from app.projects.models import Project
from app.projects.queries import named
from app.reports import queries
from app.reports.figures import Ranged
from app.reports.organisation_basis import historic, year_rates
from app.reports.organisation_currency import converted, rate_for
from app.reports.organisation_figures import (
    PARTED_BY,
    OrganisationReport,
    Row,
    Saved,
    Wanted,
    YearIncome,
)
from app.reports.rules_tree import Node, Tree, shown_under, start_of
from app.reports.words import month_name, source_name

SOURCES_IN_ORDER = (*FIVE_SOURCES, *(each for each in FulfilmentSource if each not in FIVE_SOURCES))


class UnitNotFound(NotFound):
    title = N_("Fant ikke enheten.")


class PlaceNotFound(NotFound):
    title = N_("Fant ikke stedet.")


def organisation_report(session: Session, actor: Actor, wanted: Wanted) -> OrganisationReport:
    """What the organisation, a unit or a place saved, parted as ``wanted`` says.

    The same number of statements however many entries there are. Raises ``Forbidden``,
    ``UnitNotFound``, ``PlaceNotFound``, ``TwoAtOnce`` and ``ReportRateMissing``.
    """
    actor.must(Permission.REPORT_READ)
    units, places = trees(session, actor, wanted)
    if wanted.unit_id is not None and wanted.unit_id not in units:
        raise UnitNotFound
    if wanted.place_id is not None and wanted.place_id not in places:
        raise PlaceNotFound
    scope = scope_of(wanted)
    by = PARTED_BY[wanted.by]
    has_both = by == By.RECEIVER or wanted.unit_id is not None
    groups = ledger.groups(session, actor, scope, by)
    given = _given(session, actor, scope, by) if has_both else None
    under = _under(wanted, units, places)
    rows = _rows(groups, given, under)
    chain = queries.chain_head(session, actor)
    every_year = replace(scope, first_year=None, last_year=None)
    by_year = ledger.sums(session, actor, every_year, By.YEAR)
    gave_by_year = (
        None
        if wanted.unit_id is None
        else ledger.sums(session, actor, replace(every_year, role=Role.GIVER), By.YEAR)
    )
    rate = rate_for(session, actor, wanted)
    is_whole = not any((wanted.unit_id, wanted.place_id, wanted.source, wanted.category_id))
    pieces_by_year = ledger.pieces_by_year(session, actor)
    report = OrganisationReport(
        organisation=actor.organisation_name,
        currency=actor.currency,
        wanted=wanted,
        total=saved(total(groups)),
        given=saved(total(given)) if wanted.unit_id is not None and given is not None else None,
        pieces=_pieces(session, actor, wanted) if is_whole else None,
        rows=tuple(_named(session, actor, wanted, rows, units, places)),
        years=tuple(
            Row(str(year), str(year), *each)
            for year, each in sorted(_both(by_year, gave_by_year).items())
        ),
        known_years=tuple(pieces_by_year),
        pieces_by_year=pieces_by_year,
        external_income=_income(session, actor, wanted) if is_whole else (),
        rates=year_rates(session, actor, by_year) if is_whole else (),
        historic=historic(session, actor) if is_whole else (),
        factor_sets=tuple(sorted({each.factor_set_id for each in groups if int(each.uses)})),
        chain_seq=chain.seq if chain else 0,
        chain_head=chain.digest if chain else GENESIS,
        made_at=clock_of(session).now(),
    )
    return report if rate is None else converted(report, *rate)


def scope_of(wanted: Wanted) -> Scope:
    """The entries that are asked for; of a unit those that it received."""
    return Scope(
        view=wanted.view,
        first_year=wanted.first_year,
        last_year=wanted.last_year,
        source=wanted.source,
        category_id=wanted.category_id,
        unit_id=wanted.unit_id,
        place_id=wanted.place_id,
    )


def _given(session: Session, actor: Actor, scope: Scope, by: By) -> list[Any]:
    given = By.GIVER if by == By.RECEIVER else by
    return ledger.groups(session, actor, replace(scope, role=Role.GIVER), given)


def saved(found: Sum) -> Saved:
    def ranged(name: str) -> Ranged:
        figure = getattr(found, name)
        return Ranged(figure.value, figure.low, figure.high)

    return Saved(
        waste_g=ranged("waste_g"),
        value_chain_waste_g=ranged("value_chain_waste_g"),
        co2e_g=ranged("co2e_g") if found.is_calculated or not found.uses else None,
        saved_ore=ranged("saved_ore") if found.is_priced or not found.uses else None,
        mass_g=found.mass_g,
        new_price_ore=found.new_price_ore,
        uses=found.uses,
        not_calculated=found.not_calculated,
        unpriced=found.unpriced,
    )


def _rows(
    groups: Iterable[Any], given: Iterable[Any] | None, under: Mapping[UUID, UUID] | None
) -> dict[Any, tuple[Saved, Saved | None]]:
    return _both(totals(groups, under), None if given is None else totals(given, under))


def _both(
    received: Mapping[Any, Sum], given: Mapping[Any, Sum] | None
) -> dict[Any, tuple[Saved, Saved | None]]:
    """What was received and what was given by key; ``given`` is nothing where roles are not asked for."""
    if given is None:
        return {key: (saved(each), None) for key, each in received.items()}
    return {
        key: (saved(received.get(key, EMPTY)), saved(given.get(key, EMPTY)))
        for key in dict.fromkeys((*received, *given))
    }


_UNITS = Prepared(select(Unit.id, Unit.parent_id, Unit.name).where(Unit.org_id == bindparam("org")))
_PLACES = Prepared(
    select(Place.id, Place.parent_id, Place.name).where(Place.org_id == bindparam("org"))
)


@lru_cache
def _categories(language: str) -> Prepared:
    return Prepared(select(Category.id, queries.category_name(language)))


def trees(session: Session, actor: Actor, wanted: Wanted) -> tuple[Tree, Tree]:
    """The organisation's units and places; only what the question needs."""

    def tree(statement: Prepared, *, is_needed: bool) -> Tree:
        rows = statement.rows(session, {"org": actor.org_id}) if is_needed else []
        return {row.id: Node(row.parent_id, row.name) for row in rows}

    return (
        tree(_UNITS, is_needed=wanted.by == "unit" or wanted.unit_id is not None),
        tree(_PLACES, is_needed=wanted.by == "place" or wanted.place_id is not None),
    )


def _under(wanted: Wanted, units: Tree, places: Tree) -> dict[UUID, UUID] | None:
    if wanted.by == "unit":
        return shown_under(units, _start(wanted, units, places))
    if wanted.by == "place":
        return shown_under(places, _start(wanted, units, places))
    return None


def _start(wanted: Wanted, units: Tree, places: Tree) -> UUID | None:
    """The unit or place whose row is without what is below it."""
    if wanted.by == "unit":
        return start_of(units, wanted.unit_id)
    return start_of(places, wanted.place_id) if wanted.by == "place" else None


def _pieces(session: Session, actor: Actor, wanted: Wanted) -> int | None:
    if wanted.first_year is None and wanted.last_year is None:
        return ledger.pieces(session, actor)
    if wanted.first_year == wanted.last_year:
        return ledger.pieces(session, actor, wanted.first_year)
    return None


def _named(
    session: Session,
    actor: Actor,
    wanted: Wanted,
    rows: Mapping[Any, tuple[Saved, Saved | None]],
    units: Tree,
    places: Tree,
) -> list[Row]:
    """The rows with their names, in the order that a reader looks for them."""
    kept = {key: each for key, each in rows.items() if _counts(*each)}
    names: Mapping[Any, str]
    match wanted.by:
        case "source":
            names = {each: source_name(each) for each in SOURCES_IN_ORDER}
        case "category":
            names = {row.id: row.category for row in _categories(locale()).rows(session, {})}
        case "unit" | "place":
            tree = units if wanted.by == "unit" else places
            names = {each: node.name for each, node in tree.items()}
        case "project":
            names = named(session, Project, actor, {each for each in kept if each is not None})
        case "month":
            names = {each: month_name(each) for each in kept}
        case _:
            names = {each: str(each) for each in kept}
    unknown = {
        "unit": N_("Uten enhet"),
        "place": N_("Uten sted"),
        "project": N_("Utenfor prosjekter"),
    }
    start = _start(wanted, units, places)
    found = [
        Row(
            None if key is None else str(key),
            gettext(unknown[wanted.by]) if key is None else names[key],
            *each,
            is_alone=key is not None and key == start,
        )
        for key, each in kept.items()
    ]
    return sorted(found, key=_order(wanted.by))


def _counts(received: Saved, given: Saved | None) -> bool:
    return any(
        each is not None
        and (
            each.uses
            or each.mass_g
            or (each.saved_ore and each.saved_ore.value)
            or each.waste_g.value
        )
        for each in (received, given)
    )


def _order(by: str) -> Any:
    """Sources as a buyer is told to choose, time forwards, all else the largest first."""
    if by == "source":
        place = {each.value: at for at, each in enumerate(SOURCES_IN_ORDER)}
        return lambda row: place[str(row.key)]
    if by in {"year", "month"}:
        return lambda row: int(str(row.key))
    return lambda row: (
        row.key is None,
        -(row.received.co2e_g.value if row.received.co2e_g else 0),
        -(row.given.waste_g.value if row.given else 0),
        row.name.casefold(),
    )


def _income(session: Session, actor: Actor, wanted: Wanted) -> tuple[YearIncome, ...]:
    year = func.extract("year", ExternalIncome.sold_on)
    query = (
        select(year.label("year"), func.sum(ExternalIncome.amount_ore - ExternalIncome.vat_ore))
        .where(ExternalIncome.org_id == actor.org_id)
        .group_by(year)
        .order_by(year)
    )
    if wanted.first_year is not None:
        query = query.where(ExternalIncome.sold_on >= date(wanted.first_year, 1, 1))
    if wanted.last_year is not None:
        query = query.where(ExternalIncome.sold_on <= date(wanted.last_year, 12, 31))
    rows: Sequence[Any] = session.execute(query).all()
    return tuple(YearIncome(int(row[0]), int(row[1])) for row in rows if row[1])
