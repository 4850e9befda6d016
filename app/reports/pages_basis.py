"""Where people record what reports rest on: sizes of years, and figures from before Omløp."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.kit.errors import Invalid
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext, number
from app.kit.once import once
from app.kit.page import page, redirect, url
from app.kit.text import Text
from app.kit.units import g_from_kg, ore_from_kr, typed_decimal
from app.kit.validation import by_field
from app.kit.web import Db
from app.reports.models import HistoricFigure, Quantity, YearSize
from app.reports.service_basis import (
    MONEY,
    MOST_AT_ONCE,
    Method,
    RecordHistoricFigure,
    RecordYearSize,
    RemoveHistoricFigure,
    historic_visible_to,
    record_historic_figures,
    record_year_size,
    remove_historic_figure,
    sizes_visible_to,
)
from app.reports.words import QUANTITIES, quantity_amount

router = APIRouter(prefix="/rapporter/grunnlag")


class TypedSize(BaseModel):
    """As it is typed: person-years with a decimal comma."""

    model_config = ConfigDict(extra="ignore")

    year: int
    employees: int | None = None
    person_years: Text | None = None
    area_m2: int | None = None
    source: Text


class TypedFigures(BaseModel):
    """One line a year, such as «2013; 860 000»."""

    model_config = ConfigDict(extra="ignore")

    quantity: Quantity
    lines: Text
    method: Method


SizeForm = Annotated[Submission[TypedSize], Depends(submitted(TypedSize))]
FiguresForm = Annotated[Submission[TypedFigures], Depends(submitted(TypedFigures))]
RemoveForm = Annotated[Submission[RemoveHistoricFigure], Depends(submitted(RemoveHistoricFigure))]


@router.get("", name="reports:basis")
def show(request: Request, actor: SignedIn, db: Db) -> Response:
    actor.must_everywhere(Permission.EXPORT)
    with db.read() as session:
        return _show(request, session, actor)


def _show(
    request: Request,
    session: Session,
    actor: Actor,
    *,
    form: dict[str, str] | None = None,
    problem: Invalid | None = None,
    which: str = "",
) -> Response:
    sizes = session.scalars(sizes_visible_to(actor).order_by(YearSize.year.desc())).all()
    order = (HistoricFigure.quantity, HistoricFigure.year.desc())
    figures = session.scalars(historic_visible_to(actor).order_by(*order)).all()
    errors = {} if problem is None else {n: gettext(t) for n, t in problem.by_field.items()}
    return page(
        request,
        "reports/basis.html",
        status=problem.status if problem else 200,
        sizes=[
            (
                str(each.year),
                _or_dash(each.employees),
                _or_dash(each.person_years_hundredths, 100),
                _or_dash(each.area_m2),
                each.source,
            )
            for each in sizes
        ],
        figures=[
            {
                "year": each.year,
                "quantity": each.quantity.value,
                "name": gettext(QUANTITIES[each.quantity]),
                "amount": quantity_amount(each.quantity, each.value, each.currency),
                "method": each.method,
            }
            for each in figures
        ],
        quantities=[(each.value, gettext(QUANTITIES[each])) for each in Quantity],
        form=form or {},
        errors=errors,
        which=which,
        key=str(uuid4()),
        twin=url(request, "api:reports:year_sizes"),
    )


def _or_dash(value: int | None, per: int = 1) -> str:
    return "–" if value is None else number(Decimal(value) / per)


@router.post("/storrelse", name="reports:record_size")
def record_size(request: Request, form: SizeForm, actor: SignedIn, db: Db) -> Response:
    actor.must_everywhere(Permission.EXPORT)
    try:
        command = _size_of(form.valid())
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                [command],
                lambda: [str(record_year_size(session, actor, command).year)],
            )
    except Invalid as problem:
        with db.read() as session:
            return _show(request, session, actor, form=form.raw, problem=problem, which="size")
    message = gettext(N_("Størrelsen i %(year)s er lagret."), year=command.year)
    return redirect(request, "reports:basis", message=message)


def _size_of(typed: TypedSize) -> RecordYearSize:
    """The command, or ``Invalid`` at the fields as they were typed."""
    hundredths = None
    if typed.person_years is not None:
        try:
            hundredths = int(typed_decimal(typed.person_years) * 100)
        except ValueError as error:
            raise Invalid(by_field={"person_years": str(error)}) from error
    values = typed.model_dump(exclude={"person_years"})
    try:
        return RecordYearSize(**values, person_years_hundredths=hundredths)
    except ValidationError as error:
        typed_as = {"person_years_hundredths": "person_years"}
        found = {typed_as.get(name, name): text for name, text in by_field(error).items()}
        raise Invalid(by_field=found) from error


@router.post("/eldre-tall", name="reports:record_historic")
def record_historic(request: Request, form: FiguresForm, actor: SignedIn, db: Db) -> Response:
    actor.must_everywhere(Permission.EXPORT)
    try:
        commands = _figures_of(form.valid())
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                commands,
                lambda: [
                    str(each.year) for each in record_historic_figures(session, actor, commands)
                ],
            )
    except Invalid as problem:
        if "year" in problem.by_field:
            problem = Invalid(by_field={"lines": problem.by_field["year"]})
        with db.read() as session:
            return _show(request, session, actor, form=form.raw, problem=problem, which="figures")
    message = gettext(N_("%(n)s tall er lagret."), n=len(commands))
    return redirect(request, "reports:basis", message=message)


LINE = N_("Linje %(n)s: skriv år og tall, for eksempel 2013; 860 000.")
TWICE = N_("Linje %(n)s: året står to ganger.")
TOO_MANY = N_("Skriv høyst %(most)s linjer om gangen.")


def _figures_of(typed: TypedFigures) -> Sequence[RecordHistoricFigure]:
    """The typed lines as commands. Raises ``Invalid`` naming the first line that is wrong."""
    lines = [(at, each) for at, each in enumerate(typed.lines.splitlines(), 1) if each.strip()]
    if len(lines) > MOST_AT_ONCE:
        raise Invalid(by_field={"lines": gettext(TOO_MANY, most=MOST_AT_ONCE)})
    found: dict[int, RecordHistoricFigure] = {}
    for at, line in lines:
        year, _, amount = line.replace("\t", ";").partition(";")
        try:
            value = _value_of(typed.quantity, amount)
            values = {"year": int(year), "quantity": typed.quantity, "value": value}
            command = RecordHistoricFigure.model_validate({**values, "method": typed.method})
        except ValueError as error:
            raise Invalid(by_field={"lines": gettext(LINE, n=at)}) from error
        if command.year in found:
            raise Invalid(by_field={"lines": gettext(TWICE, n=at)})
        found[command.year] = command
    return list(found.values())


def _value_of(quantity: Quantity, typed: str) -> int:
    if quantity in MONEY:
        return ore_from_kr(typed)
    if quantity == Quantity.PIECES:
        return int(typed.replace(" ", "").replace("\xa0", ""))
    return g_from_kg(typed)


@router.post("/eldre-tall/fjern", name="reports:remove_historic")
def remove_historic(request: Request, form: RemoveForm, actor: SignedIn, db: Db) -> Response:
    actor.must_everywhere(Permission.EXPORT)
    command = form.valid()

    def remove(session: Session) -> list[str]:
        remove_historic_figure(session, actor, command)
        return [str(command.year)]

    with db.write() as session:
        once(session, actor, form.key, [command], lambda: remove(session))
    return redirect(request, "reports:basis", message=gettext(N_("Tallet er fjernet.")))
