"""What was sold to other organisations as JSON: in no series of the external income (ADR 26)."""

from datetime import date
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, computed_field
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.handovers.models import Handover
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.kit.paging import LIMIT, Cursor, Limit, keyset
from app.kit.web import Db, link_next
from app.ledger.queries_partner import NEWEST_FIRST, partner_sales, sold_pieces

router = APIRouter(prefix="/partner-sales", tags=["ledger"])


class SoldOut(BaseModel):
    """Like pieces; amounts in øre of the giver's currency."""

    model_config = ConfigDict(from_attributes=True)

    what: str
    pieces: int
    net_ore: int
    vat_ore: int


class PartnerSaleOut(BaseModel):
    """A handover that another organisation pays for. ``number`` is the handover's.

    Of ``pieces`` the other organisation has confirmed ``received``.
    """

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    number: int
    sold_on: date
    buyer: str
    pieces: int
    received: int
    net_ore: int
    vat_percent: int
    vat_ore: int

    @computed_field
    def amount_ore(self) -> int:
        return self.net_ore + self.vat_ore


class WholePartnerSaleOut(PartnerSaleOut):
    lines: list[SoldOut]


def sale_of(session: Session, actor: Actor, handover_id: UUID) -> Any:
    """Raises ``NotFound`` for another organisation's, for what was undone, and for what cost nothing."""
    found = session.execute(partner_sales(actor).where(Handover.id == handover_id)).first()
    if found is None:
        raise NotFound(N_("Fant ikke salget."))
    return found


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
    """The newest first; ``first`` and ``last`` are days of handing over, both included."""
    actor.must_everywhere(Permission.EXPORT)
    with db.read() as session:
        found = keyset(
            session,
            partner_sales(actor, first, last),
            NEWEST_FIRST,
            cursor=cursor,
            limit=limit,
            rows=lambda result: result.all(),
            position=lambda row: (row.number, row.id),
        )
        response.headers.update(link_next(request, found.next))
        return [PartnerSaleOut.model_validate(each) for each in found.rows]


@router.get("/{handover_id}", name="api:partner_sales:get")
def show(handover_id: UUID, actor: SignedIn, db: Db) -> WholePartnerSaleOut:
    actor.must_everywhere(Permission.EXPORT)
    with db.read() as session:
        row = sale_of(session, actor, handover_id)
        lines = [SoldOut.model_validate(e) for e in sold_pieces(session, actor, handover_id)]
    return WholePartnerSaleOut.model_validate({**row._asdict(), "lines": lines})
