"""Records what reports rest on beside the ledger; a year that is recorded again is replaced."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Select, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.kit.db import clock_of
from app.kit.errors import Invalid, NotFound
from app.kit.events import publish
from app.kit.i18n import N_
from app.kit.text import PRINTABLE, STRIPPED, Line
from app.reports.events import (
    HistoricFigureRecorded,
    HistoricFigureRemoved,
    YearSizeRecorded,
)
from app.reports.models import HistoricFigure, Quantity, YearSize

MOST = 10**15
MOST_PEOPLE, MOST_M2 = 10**7, 10**9
MOST_AT_ONCE = 200
MONEY = frozenset({Quantity.SALES, Quantity.SAVED})
Year = Annotated[int, Field(ge=1900, le=2999)]
Method = Annotated[str, STRIPPED, Field(max_length=400), PRINTABLE]
Row = TypeVar("Row", YearSize, HistoricFigure)


class Command(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RecordYearSize(Command):
    """What is unknown is left out; a number is above 0. Person-years in hundredths."""

    year: Year
    employees: Annotated[int, Field(ge=1, le=MOST_PEOPLE)] | None = None
    person_years_hundredths: Annotated[int, Field(ge=1, le=100 * MOST_PEOPLE)] | None = None
    area_m2: Annotated[int, Field(ge=1, le=MOST_M2)] | None = None
    source: Line


class RecordHistoricFigure(Command):
    """``value`` in øre of the organisation's currency, in g, or in pieces."""

    year: Year
    quantity: Quantity
    value: int = Field(ge=-MOST, le=MOST)
    method: Method


class RemoveHistoricFigure(Command):
    year: Year
    quantity: Quantity


def sizes_visible_to(actor: Actor) -> Select[YearSize]:
    return select(YearSize).where(YearSize.org_id == actor.org_id)


def historic_visible_to(actor: Actor) -> Select[HistoricFigure]:
    return select(HistoricFigure).where(HistoricFigure.org_id == actor.org_id)


def record_year_size(session: Session, actor: Actor, command: RecordYearSize) -> YearSize:
    """People and area of a year. Raises ``Forbidden`` and ``Invalid``."""
    actor.must_everywhere(Permission.EXPORT)
    if command.employees is command.person_years_hundredths is command.area_m2 is None:
        raise Invalid(by_field={"employees": N_("Fyll ut minst ett av tallene.")})
    _not_after(session, command.year)
    values = command.model_dump(exclude={"year"})
    query = sizes_visible_to(actor).where(YearSize.year == command.year)
    new = YearSize(org_id=actor.org_id, year=command.year, **values, **_by(session, actor))
    row = _kept(session, actor, query, new, values)
    facts = command.model_dump()
    publish(session, [YearSizeRecorded.of(row, actor.person_id, **facts)])
    return row


def record_historic_figures(
    session: Session, actor: Actor, commands: Sequence[RecordHistoricFigure]
) -> list[HistoricFigure]:
    """Figures of years before Omløp. Raises ``Forbidden`` and ``Invalid``."""
    actor.must_everywhere(Permission.EXPORT)
    found = []
    for command in sorted(commands, key=lambda each: (each.year, each.quantity)):
        _not_after(session, command.year)
        values: dict[str, Any] = {
            "value": command.value,
            "currency": actor.currency if command.quantity in MONEY else None,
            "method": command.method,
        }
        query = historic_visible_to(actor).where(
            HistoricFigure.year == command.year, HistoricFigure.quantity == command.quantity
        )
        new = HistoricFigure(
            org_id=actor.org_id,
            year=command.year,
            quantity=command.quantity,
            **values,
            **_by(session, actor),
        )
        row = _kept(session, actor, query, new, values)
        facts = {**values, "year": command.year, "quantity": command.quantity.value}
        publish(session, [HistoricFigureRecorded.of(row, actor.person_id, **facts)])
        found.append(row)
    return found


def remove_historic_figure(session: Session, actor: Actor, command: RemoveHistoricFigure) -> None:
    """Takes a figure that was recorded away. Raises ``NotFound`` where there is none."""
    actor.must_everywhere(Permission.EXPORT)
    row = session.scalar(
        historic_visible_to(actor)
        .where(HistoricFigure.year == command.year, HistoricFigure.quantity == command.quantity)
        .with_for_update()
    )
    if row is None:
        raise NotFound(N_("Fant ikke tallet."))
    session.execute(delete(HistoricFigure).where(HistoricFigure.id == row.id))
    facts: dict[str, Any] = {"year": row.year, "quantity": row.quantity.value, "value": row.value}
    publish(session, [HistoricFigureRemoved.of(row, actor.person_id, **facts)])


def _not_after(session: Session, year: int) -> None:
    today: date = clock_of(session).today()
    if year > today.year:
        raise Invalid(by_field={"year": N_("Velg i år eller et tidligere år.")})


def _by(session: Session, actor: Actor) -> dict[str, Any]:
    return {"person_id": actor.person_id, "recorded_at": clock_of(session).now()}


def _kept(
    session: Session, actor: Actor, query: Select[Row], new: Row, values: dict[str, Any]
) -> Row:
    """The row of the key with these values: the new one, or the one that stands there already."""
    known = session.scalar(query.with_for_update())
    if known is None:
        try:
            with session.begin_nested():
                session.add(new)
                session.flush()
        except IntegrityError:
            # Somebody else recorded it at the same moment.
            known = session.scalars(query.with_for_update()).one()
        else:
            return new
    for name, value in {**values, **_by(session, actor)}.items():
        setattr(known, name, value)
    session.flush()
    return known
