"""Suppliers and their framework agreements as JSON."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.catalogue import queries_supplier as queries
from app.catalogue import service_supplier as service
from app.catalogue.models_supplier import FrameworkAgreement, Supplier
from app.catalogue.rules import Work
from app.kit.answers import answered
from app.kit.paging import LIMIT, Cursor, Limit, keyset
from app.kit.web import Answer, Db, IdempotencyKey, link_next

router = APIRouter(prefix="/suppliers", tags=["suppliers"])

BY_NAME: Any = ((Supplier.name, False), (Supplier.id, False))


class PriceOut(BaseModel):
    what: str
    price_ore: int


class AgreementOut(BaseModel):
    """Rank 1 is asked first; prices are for one piece, excl. VAT."""

    id: UUID
    work: Work
    reference: str
    rank: int
    valid_from: date
    valid_until: date
    prices: list[PriceOut]


class SupplierOut(BaseModel):
    """Somebody to order from; nothing more once ``ended_on`` is set."""

    id: UUID
    version: int
    name: str
    org_number: str | None
    contact: str | None
    email: str | None
    phone: str | None
    note: str | None
    ended_on: date | None
    agreements: list[AgreementOut]

    @classmethod
    def all(
        cls, session: Session, actor: Actor, suppliers: Sequence[Supplier]
    ) -> "list[SupplierOut]":
        """In two queries more, however many there are."""
        session.flush()  # what a verb has just written is answered with
        agreements = list(
            session.scalars(queries.agreements_of(actor, [each.id for each in suppliers]))
        )
        prices: dict[UUID, list[PriceOut]] = defaultdict(list)
        for price in session.scalars(queries.prices_of(actor, [each.id for each in agreements])):
            out = PriceOut.model_validate(price, from_attributes=True)
            prices[price.framework_agreement_id].append(out)
        of: dict[UUID, list[AgreementOut]] = defaultdict(list)
        for each in agreements:
            of[each.supplier_id].append(_agreement(each, prices[each.id]))
        return [
            cls(
                **{n: getattr(each, n) for n in cls.model_fields if n != "agreements"},
                agreements=of[each.id],
            )
            for each in suppliers
        ]


def _agreement(row: FrameworkAgreement, prices: list[PriceOut]) -> AgreementOut:
    names = set(AgreementOut.model_fields) - {"prices"}
    return AgreementOut(**{name: getattr(row, name) for name in names}, prices=prices)


@router.get("", name="suppliers:list", response_model=list[SupplierOut])
def browse(
    request: Request, actor: SignedIn, db: Db, cursor: Cursor = None, limit: Limit = LIMIT
) -> Answer:
    actor.must(Permission.SUPPLIER_ORDER)
    with db.read() as session:
        found = keyset(
            session,
            queries.suppliers_visible_to(actor),
            BY_NAME,
            cursor=cursor,
            limit=limit,
            rows=lambda result: list(result.scalars()),
            position=lambda each: (each.name, each.id),
        )
        body = [
            each.model_dump(mode="json") for each in SupplierOut.all(session, actor, found.rows)
        ]
    return JSONResponse(body, headers=link_next(request, found.next))


@router.get("/{supplier_id}", name="suppliers:get", response_model=SupplierOut)
def show(supplier_id: UUID, actor: SignedIn, db: Db) -> Answer:
    actor.must(Permission.SUPPLIER_ORDER)
    with db.read() as session:
        found = queries.supplier_of(session, actor, supplier_id)
        (body,) = SupplierOut.all(session, actor, [found])
    return JSONResponse(body.model_dump(mode="json"))


@router.post("", name="suppliers:register_one", response_model=SupplierOut, status_code=201)
def register(
    command: service.RegisterSupplier, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    def call(session: Session) -> SupplierOut:
        made = service.register_supplier(session, actor, command)
        return SupplierOut.all(session, actor, [made])[0]

    return answered(db, actor, key, [command], call, 201)


@router.post("/edit", name="suppliers:edit_one", response_model=SupplierOut)
def edit(
    command: service.EditSupplier, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """All fields as they are to be; ``version`` is the one that was seen."""

    def call(session: Session) -> SupplierOut:
        edited = service.edit_supplier(session, actor, command)
        return SupplierOut.all(session, actor, [edited])[0]

    return answered(db, actor, key, [command], call)


@router.post("/agreements", name="suppliers:agree_one", response_model=SupplierOut)
def agree(
    command: service.MakeAgreement, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """One supplier has a rank for a kind of work at a time."""

    def call(session: Session) -> SupplierOut:
        service.make_agreement(session, actor, command)
        supplier = queries.supplier_of(session, actor, command.supplier_id)
        return SupplierOut.all(session, actor, [supplier])[0]

    return answered(db, actor, key, [command], call)
