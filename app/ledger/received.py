"""Reads what is known about the pieces of received handover lines, for many lines at once.

The rows it reads are those of the moment: what is booked keeps its own copy of every value.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from app.accounts.models import Organisation
from app.catalogue.models import GwpBasis, ProductModel
from app.declarations.models import Declaration
from app.declarations.queries import epd_of, holding
from app.handovers.models import Handover, HandoverLine
from app.handovers.queries_loads import Run, RunLoads, has_travelled, run_loads_of
from app.impact.rules import (
    Epd,
    Factors,
    Facts,
    FulfilmentSource,
    Money,
    SharedBy,
    Transport,
    TripPiece,
    TripShares,
    find_mass,
    price_source,
    trip_shares,
)
from app.items.models import Donor, Item
from app.ledger.worked import Worked, as_entered, worked_on
from app.projects.models import ProgrammeLine, Project

IDS_A_QUERY = 5_000
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Received:
    """One received piece: its facts, and where its entries belong.

    ``shares`` are the parts of the trip by the line of each piece that went along, this one among
    them, always in the same order: so whole øre can be shared out without one left over.
    """

    line_id: UUID
    item_id: UUID
    category_id: str
    facts: Facts
    place_id: UUID | None
    giver_unit_id: UUID | None
    receiver_unit_id: UUID | None
    project_id: UUID | None
    programme_line_id: UUID | None
    shares: Mapping[UUID, Fraction]


@dataclass(frozen=True, slots=True)
class _Trip:
    """A handover with every line that travelled in the same load: its own, or a whole run's."""

    handover: Handover
    lines: Sequence[HandoverLine]
    run: Run | None = None


@dataclass(frozen=True, slots=True)
class _Rows:
    """Everything the lines lead to, by id."""

    currency: str
    trips: Mapping[UUID, _Trip]
    run_loads: RunLoads
    items: Mapping[UUID, Item]
    models: Mapping[UUID, ProductModel]
    declared: Mapping[UUID, Declaration]
    built_in: Mapping[UUID, int]
    worked: Mapping[UUID, Worked]
    project_of_line: Mapping[UUID, UUID]
    all_new: Collection[UUID]


def received(
    session: Session, org_id: UUID, line_ids: Sequence[UUID], factors: Factors
) -> list[Received]:
    """The pieces of these lines, in the order of the ids."""
    lines = {
        each.id: each
        for each in _by_ids(
            session,
            lambda ids: select(HandoverLine).where(
                HandoverLine.org_id == org_id, HandoverLine.id.in_(ids)
            ),
            line_ids,
        )
    }
    rows = _rows(session, org_id, list(lines.values()), factors)
    known: dict[UUID, Received] = {}
    for handover_id, trip in rows.trips.items():
        own = [each for each in lines.values() if each.handover_id == handover_id]
        for run in {rows.run_loads.run_of(each.id) for each in own}:
            wanted = [each for each in own if rows.run_loads.run_of(each.id) == run]
            known |= _of_trip(_load(trip, run, rows), wanted, rows, factors)
    return [known[line_id] for line_id in line_ids]


def _load(trip: _Trip, run_id: UUID | None, rows: _Rows) -> _Trip:
    """What the trip's emission and cost are shared over: all that the vehicle carried that day."""
    loads = rows.run_loads
    if run_id is None:
        return _Trip(trip.handover, [x for x in trip.lines if loads.run_of(x.id) is None])
    return _Trip(trip.handover, loads.lines[run_id], loads.runs[run_id])


def _by_ids(
    session: Session, query: Callable[[Sequence[UUID]], Select[Any]], ids: Iterable[UUID]
) -> list[Any]:
    """Rows by id, in parts that every database takes as parameters."""
    wanted = list(ids)
    return [
        row
        for start in range(0, len(wanted), IDS_A_QUERY)
        for row in session.scalars(query(wanted[start : start + IDS_A_QUERY]))
    ]


def _rows(session: Session, org_id: UUID, lines: Sequence[HandoverLine], factors: Factors) -> _Rows:
    handover_ids = {each.handover_id for each in lines}
    handovers = _by_ids(
        session,
        lambda ids: select(Handover).where(Handover.org_id == org_id, Handover.id.in_(ids)),
        handover_ids,
    )
    loads: dict[UUID, list[HandoverLine]] = defaultdict(list)
    for each in _by_ids(
        session,
        lambda ids: (
            select(HandoverLine)
            .where(HandoverLine.org_id == org_id, HandoverLine.handover_id.in_(ids))
            .where(has_travelled())
            .order_by(HandoverLine.id)
        ),
        handover_ids,
    ):
        loads[each.handover_id].append(each)
    run_loads = run_loads_of(session, org_id, [x.id for load in loads.values() for x in load])
    item_ids = {each.item_id for load in loads.values() for each in load} | run_loads.item_ids
    items = {
        each.id: each
        for each in _by_ids(
            session,
            lambda ids: select(Item).where(Item.org_id == org_id, Item.id.in_(ids)),
            item_ids | {each.item_id for each in lines},
        )
    }
    project_of_line, all_new = _projects(session, org_id, lines, handovers)
    models = _models(session, org_id, items.values())
    return _Rows(
        currency=session.scalars(
            select(Organisation.currency).where(Organisation.id == org_id)
        ).one(),
        trips={each.id: _Trip(each, loads[each.id]) for each in handovers},
        run_loads=run_loads,
        items=items,
        models=models,
        declared=holding(session, org_id, list(items), list(models)),
        built_in=_built_in(session, org_id, lines),
        worked=worked_on(session, org_id, lines, factors),
        project_of_line=project_of_line,
        all_new=all_new,
    )


def _models(session: Session, org_id: UUID, items: Iterable[Item]) -> dict[UUID, ProductModel]:
    wanted = {each.product_model_id for each in items if each.product_model_id is not None}
    found = _by_ids(
        session,
        lambda ids: select(ProductModel).where(
            ProductModel.org_id == org_id, ProductModel.id.in_(ids)
        ),
        wanted,
    )
    return {each.id: each for each in found}


def _built_in(session: Session, org_id: UUID, lines: Sequence[HandoverLine]) -> dict[UUID, int]:
    """Surplus built in, in g by piece; a piece without a recorded donor is not there."""
    made = [
        each.item_id for each in lines if each.source == FulfilmentSource.REDESIGNED_FROM_SURPLUS
    ]
    found: dict[UUID, int] = {}
    for start in range(0, len(made), IDS_A_QUERY):
        part = made[start : start + IDS_A_QUERY]
        rows = session.execute(
            select(Donor.item_id, func.sum(Donor.built_in_g))
            .where(Donor.org_id == org_id, Donor.item_id.in_(part))
            .group_by(Donor.item_id)
        )
        found |= {item_id: int(grams) for item_id, grams in rows}
    return found


def _projects(
    session: Session,
    org_id: UUID,
    lines: Sequence[HandoverLine],
    handovers: Sequence[Handover],
) -> tuple[dict[UUID, UUID], set[UUID]]:
    """Programme line → project, and the projects whose brief was all new furniture."""

    def own(model: Any, ids: Collection[UUID]) -> ColumnElement[bool]:
        condition: ColumnElement[bool] = (model.org_id == org_id) & model.id.in_(ids)
        return condition

    programme = {each.programme_line_id for each in lines if each.programme_line_id is not None}
    project_of_line = {
        each.id: each.project_id
        for each in _by_ids(
            session, lambda ids: select(ProgrammeLine).where(own(ProgrammeLine, ids)), programme
        )
    }
    wanted = {each.project_id for each in handovers if each.project_id is not None}
    projects = _by_ids(
        session,
        lambda ids: select(Project).where(own(Project, ids)),
        wanted | set(project_of_line.values()),
    )
    return project_of_line, {each.id for each in projects if each.all_new_brief}


def _of_trip(
    trip: _Trip, wanted: Sequence[HandoverLine], rows: _Rows, factors: Factors
) -> dict[UUID, Received]:
    # A line that was undone meanwhile still travelled when it is itself asked for.
    load = list({each.id: each for each in (*trip.lines, *wanted)}.values())
    plain = {each.id: _facts(each, trip.handover, rows, None) for each in load}
    masses = {line_id: find_mass(facts, factors) for line_id, facts in plain.items()}
    pieces = [
        _trip_piece(
            rows.items[each.item_id], rows, mass.value if (mass := masses[each.id]) else None
        )
        for each in load
    ]
    shares = trip_shares(pieces)
    share_of = dict(zip([each.id for each in load], shares.shares, strict=True))
    trip_mass = _trip_mass(shares, pieces)
    found: dict[UUID, Received] = {}
    for line in wanted:
        handover = trip.handover
        by = trip.run or handover
        transport = Transport(
            distance_m=by.measured_m if by.distance_m is None else by.distance_m,
            factor_key=by.vehicle or handover.vehicle,
            share=share_of[line.id],
            trip_mass_g=trip_mass,
            cost_ore=by.transport_ore,
            is_measured=by.distance_m is None and by.measured_m is not None,
        )
        facts = _facts(line, handover, rows, transport)
        found[line.id] = _received(line, handover, facts, rows, share_of)
    return found


def _trip_mass(shares: TripShares, pieces: Sequence[TripPiece]) -> Fraction | None:
    """The load's mass, by which a trip per tonne-km is shared; empty where a mass is unknown.

    Shared by mass, each piece's part is its own mass, so the sum need not be known.
    """
    if shares.by == SharedBy.MASS or any(each.mass_g is None for each in pieces):
        return None
    return sum((Fraction(each.mass_g or 0) for each in pieces), Fraction(0))


def _trip_piece(item: Item, rows: _Rows, mass_g: Fraction | None) -> TripPiece:
    model = rows.models.get(item.product_model_id) if item.product_model_id else None

    def own_or_models(name: str) -> int | None:
        own: int | None = getattr(item, name)
        return own if own is not None or model is None else getattr(model, name)

    return TripPiece(
        own_or_models("width_mm"), own_or_models("depth_mm"), own_or_models("height_mm"), mass_g
    )


def _project_of(line: HandoverLine, handover: Handover, rows: _Rows) -> UUID | None:
    if line.programme_line_id is not None:
        return rows.project_of_line.get(line.programme_line_id)
    return handover.project_id


def _facts(
    line: HandoverLine, handover: Handover, rows: _Rows, transport: Transport | None
) -> Facts:
    item = rows.items[line.item_id]
    work = rows.worked.get(line.id) or as_entered(line)
    model = rows.models.get(item.product_model_id) if item.product_model_id else None
    is_declared = model is not None and model.gwp_basis == GwpBasis.EPD
    price = None if item.new_price_ore is None else Money(item.new_price_ore, item.currency)
    return Facts(
        handed_over_on=handover.handed_over_on,
        source=line.source,
        category_code=item.category_id,
        user_case=line.user_case,
        would_have=line.would_have,
        would_discard=line.would_discard,
        need_recorded=line.need_recorded_before,
        purchase_cancelled=line.purchase_cancelled,
        all_new_brief=_project_of(line, handover, rows) in rows.all_new,
        warranted_as_new=line.warranted_as_new,
        extra_life_months=line.extra_life_months,
        amount=item.amount,
        item_mass_g=item.mass_g,
        item_price=price,
        item_epd=epd_of(declared) if (declared := rows.declared.get(item.id)) else None,
        model_mass_g=model.mass_g if model else None,
        model_gwp_g=model.gwp_g if model and not is_declared else None,
        model_price=_model_price(model, rows.currency) if model else None,
        model_epd=_epd(model, rows.declared.get(model.id)) if model and is_declared else None,
        service_life_months=model.service_life_months if model else None,
        currency=rows.currency,
        costs_currency=rows.currency,
        price_ore=line.price_ore,
        redesign_ore=work.cost_ore,
        cleaning_ore=line.cleaning_ore,
        handling_ore=line.handling_ore,
        costs_complete=line.costs_complete,
        redesign_level=work.level,
        redesign_inputs=work.inputs,
        removed_g=work.removed_g,
        built_in_g=rows.built_in.get(line.item_id),
        transport=transport,
    )


def _model_price(model: ProductModel, currency: str) -> Money | None:
    if model.new_price_ore is None:
        return None
    source = price_source(model.price_source, model.price_year)
    return Money(model.new_price_ore, currency, source)


def _epd(model: ProductModel, declared: Declaration | None) -> Epd:
    """The model's declaration. Its mass stays the maker's own value, entered beside it.

    The file's deviation counts as long as the model has the file's number.
    """
    is_same = declared is not None and declared.number == model.epd_number
    delivery, end = model.delivery_g, model.end_of_life_g
    return Epd(
        gwp_g=Decimal(model.gwp_g or 0),
        source=" ".join(part for part in (model.epd_number, model.gwp_source) if part),
        valid_until=model.epd_valid_until,
        delivery_g=None if delivery is None else Decimal(delivery),
        end_of_life_g=None if end is None else Decimal(end),
        relative_deviation=declared.relative_deviation if declared and is_same else None,
    )


def _received(
    line: HandoverLine,
    handover: Handover,
    facts: Facts,
    rows: _Rows,
    shares: Mapping[UUID, Fraction],
) -> Received:
    """Entries of a piece that went to another organisation name none of its units or places."""
    is_ours = line.receiver_org_id == line.org_id
    from_outside = handover.supplier is not None
    return Received(
        line_id=line.id,
        item_id=line.item_id,
        category_id=rows.items[line.item_id].category_id,
        facts=facts,
        place_id=handover.to_place_id if is_ours else None,
        giver_unit_id=None if from_outside else handover.giver_unit_id or line.owner_unit_before_id,
        receiver_unit_id=handover.receiver_unit_id if is_ours else None,
        project_id=_project_of(line, handover, rows) if is_ours else None,
        programme_line_id=line.programme_line_id if is_ours else None,
        shares=shares,
    )
