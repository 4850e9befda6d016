"""What was sold to other organisations as JSON: in no series of the external income (ADR 26)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, computed_field
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.kit.paging import LIMIT, Cursor, Limit, keyset
from app.kit.web import Db, link_next
from app.ledger.queries_partner import (
    SaleKind,
    booked_on,
    partner_sales,
    position,
    sold_pieces,
)

router = APIRouter(prefix="/partner-sales", tags=["ledger"])


class SoldOut(BaseModel):
    """Like pieces; amounts in øre of the giver's currency."""

    model_config = ConfigDict(from_attributes=True)

    what: str
    pieces: int
    net_ore: int
    vat_ore: int


class PartnerSaleOut(BaseModel):
    """A handover that another organisation pays for, or a credit: what was taken back of one.

    ``id`` and ``number`` are the handover's, of both. A sale keeps its amounts when pieces are
    taken back; a credit has them negative, and is of the day ``booked_on`` on which they were. Of a
    sale's ``pieces`` so many are ``taken_back`` by now, and the other organisation has confirmed
    ``received`` of the rest.
    """

    model_config = ConfigDict(from_attributes=True)

    kind: SaleKind
    id: UUID
    number: int
    sold_on: date
    buyer: str
    pieces: int
    received: int
    taken_back: int
    net_ore: int
    vat_percent: int
    vat_ore: int

    at: datetime = Field(exclude=True)

    @computed_field
    def booked_on(self) -> date:
        return booked_on(self)

    @computed_field
    def amount_ore(self) -> int:
        return self.net_ore + self.vat_ore


class WholePartnerSaleOut(PartnerSaleOut):
    """With what was sold, and what was taken back of it; ``left_ore`` is to be paid after that."""

    lines: list[SoldOut]
    credits: list[PartnerSaleOut]

    @computed_field
    def left_ore(self) -> int:
        taken_back = sum(each.net_ore + each.vat_ore for each in self.credits)
        return self.net_ore + self.vat_ore + taken_back


def sale_of(session: Session, actor: Actor, handover_id: UUID) -> tuple[Any, Sequence[Any]]:
    """A sale and its credits, the first one first.

    Raises ``NotFound`` for another organisation's, and for what cost nothing.
    """
    query, order = partner_sales(actor, handover_id=handover_id)
    found = session.execute(query.order_by(*(each for each, _ in order[2:]))).all()
    if not found:
        raise NotFound(N_("Fant ikke salget."))
    return found[0], found[1:]


@router.get("", name="api:partner_sales:list")
def browse(
    request: Request,
    response: Response,
    actor: SignedIn,
    db: Db,
    first: date | None = None,
    last: date | None = None,
    cursor: Cursor = None,
    limit: Limit = LIMIT,
) -> list[PartnerSaleOut]:
    """The newest handover first, credits after their sale.

    ``first`` and ``last`` are days of handing over or, for a credit, of taking back, both included.
    """
    actor.must_everywhere(Permission.EXPORT)
    with db.read() as session:
        query, order = partner_sales(actor, first, last)
        found = keyset(
            session,
            query,
            order,
            cursor=cursor,
            limit=limit,
            rows=lambda result: result.all(),
            position=position,
        )
        response.headers.update(link_next(request, found.next))
        return [PartnerSaleOut.model_validate(each) for each in found.rows]


@router.get("/{handover_id}", name="api:partner_sales:get")
def show(handover_id: UUID, actor: SignedIn, db: Db) -> WholePartnerSaleOut:
    actor.must_everywhere(Permission.EXPORT)
    with db.read() as session:
        row, credits_of = sale_of(session, actor, handover_id)
        lines = [SoldOut.model_validate(e) for e in sold_pieces(session, actor, handover_id)]
    taken_back = [PartnerSaleOut.model_validate(each) for each in credits_of]
    return WholePartnerSaleOut.model_validate(
        {**row._asdict(), "lines": lines, "credits": taken_back}
    )
