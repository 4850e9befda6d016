"""What reports rest on beside the ledger, as JSON: sizes of years, and figures before Omløp."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.kit.answers import answered
from app.kit.web import Answer, Db, IdempotencyKey
from app.reports.models import HistoricFigure, Quantity, YearSize
from app.reports.service_basis import (
    MOST_AT_ONCE,
    RecordHistoricFigure,
    RecordYearSize,
    RemoveHistoricFigure,
    historic_visible_to,
    record_historic_figures,
    record_year_size,
    remove_historic_figure,
    sizes_visible_to,
)

router = APIRouter(prefix="/reports", tags=["reports"])


class YearSizeOut(BaseModel):
    """Person-years in hundredths, area in m²; what is unknown is empty."""

    model_config = ConfigDict(from_attributes=True)

    year: int
    employees: int | None
    person_years_hundredths: int | None
    area_m2: int | None
    source: str
    recorded_at: datetime

    @classmethod
    def json_of(cls, row: YearSize) -> dict[str, Any]:
        return cls.model_validate(row).model_dump(mode="json")


class HistoricFigureOut(BaseModel):
    """``value`` in øre of ``currency``, in g, or in pieces."""

    model_config = ConfigDict(from_attributes=True)

    year: int
    quantity: Quantity
    value: int
    currency: str | None
    method: str
    recorded_at: datetime

    @classmethod
    def json_of(cls, row: HistoricFigure) -> dict[str, Any]:
        return cls.model_validate(row).model_dump(mode="json")


@router.get("/year-sizes", response_model=list[YearSizeOut], name="api:reports:year_sizes")
def list_sizes(actor: SignedIn, db: Db) -> JSONResponse:
    """The oldest first."""
    actor.must(Permission.REPORT_READ)
    with db.read() as session:
        rows = session.scalars(sizes_visible_to(actor).order_by(YearSize.year))
        return JSONResponse([YearSizeOut.json_of(each) for each in rows])


@router.post("/year-sizes", response_model=YearSizeOut, status_code=201)
def record_size(
    command: RecordYearSize, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """Takes the place of what was recorded of the year before."""
    return answered(
        db,
        actor,
        key,
        [command],
        lambda session: YearSizeOut.json_of(record_year_size(session, actor, command)),
        201,
    )


@router.get(
    "/historic-figures", response_model=list[HistoricFigureOut], name="api:reports:historic"
)
def list_historic(actor: SignedIn, db: Db) -> JSONResponse:
    """The oldest first."""
    actor.must(Permission.REPORT_READ)
    with db.read() as session:
        order = (HistoricFigure.year, HistoricFigure.quantity)
        rows = session.scalars(historic_visible_to(actor).order_by(*order))
        return JSONResponse([HistoricFigureOut.json_of(each) for each in rows])


Figures = Annotated[list[RecordHistoricFigure], Field(min_length=1, max_length=MOST_AT_ONCE)]


@router.post("/historic-figures", response_model=list[HistoricFigureOut], status_code=201)
def record_historic(
    commands: Figures, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """Each takes the place of what was recorded of its year and quantity before."""
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: [
            HistoricFigureOut.json_of(each)
            for each in record_historic_figures(session, actor, commands)
        ],
        201,
    )


@router.post("/historic-figures/remove", response_model=None, status_code=200)
def remove_historic(
    command: RemoveHistoricFigure, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    def remove(session: Any) -> dict[str, Any]:
        remove_historic_figure(session, actor, command)
        return command.model_dump(mode="json")

    return answered(db, actor, key, [command], remove)
