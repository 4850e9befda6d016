"""A network's savings as JSON: its members' together, each event once."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from app.accounts.actor import SignedIn
from app.impact.rules import View
from app.kit.web import Db
from app.ledger.api_period import RangedOut
from app.ledger.queries_network import network_savings

router = APIRouter(prefix="/networks", tags=["networks"])

Year = Annotated[int | None, Query(ge=1900, le=2999)]


class NetworkTotalOut(BaseModel):
    """Masses and CO2e in g, money in øre by currency. ``uses`` counts each event once."""

    model_config = ConfigDict(from_attributes=True)

    waste_g: RangedOut
    value_chain_waste_g: RangedOut
    co2e_g: RangedOut
    saved_ore: dict[str, RangedOut]
    uses: int
    not_calculated: int
    unpriced: int


class NetworkSavingsOut(BaseModel):
    """``members`` are those whose savings are in it. ``internal_ore`` is in no sum."""

    members: list[str]
    years: list[int]
    views: dict[View, NetworkTotalOut]
    internal_uses: int
    internal_sales: int
    internal_ore: dict[str, int]


@router.get(
    "/{network_id}/savings", name="api:network_savings:get", response_model=NetworkSavingsOut
)
def show(network_id: UUID, actor: SignedIn, db: Db, year: Year = None) -> JSONResponse:
    """Of the members that share their savings, of all years of account or of one; for members."""
    with db.read() as session:
        found = network_savings(session, actor, network_id, year)
        body = NetworkSavingsOut(
            members=list(found.members),
            years=list(found.years),
            views={
                view: NetworkTotalOut.model_validate(each) for view, each in found.views.items()
            },
            internal_uses=found.internal_uses,
            internal_sales=found.internal_sales,
            internal_ore=dict(found.internal_ore),
        ).model_dump(mode="json")
    return JSONResponse(body)
