"""Product models as JSON."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.catalogue import queries, service
from app.catalogue.models import GwpBasis, ProductModel
from app.kit.answers import answered
from app.kit.paging import LIMIT, Cursor, Limit, keyset
from app.kit.text import PRINTABLE, Name
from app.kit.web import Db, IdempotencyKey, IfMatch, etag, link_next, version_of

router = APIRouter(prefix="/product-models", tags=["catalogue"])


class ProductModelOut(BaseModel):
    """Measurements in mm, mass in g, price in øre, GWP A1–A3, A4 and C in g CO2e."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    category_id: str
    maker: str
    name: str
    width_mm: int | None
    depth_mm: int | None
    height_mm: int | None
    mass_g: int | None
    new_price_ore: int | None
    price_year: int | None
    price_source: str | None
    gwp_g: int | None
    delivery_g: int | None
    end_of_life_g: int | None
    service_life_months: int | None
    gwp_basis: GwpBasis | None
    gwp_source: str | None
    epd_number: str | None
    epd_valid_until: date | None
    version: int

    @classmethod
    def all(cls, models: Sequence[ProductModel]) -> list["ProductModelOut"]:
        return [cls.model_validate(each) for each in models]


class ProductModelFields(service.ModelFields):
    """What can be changed; absent stays, null empties. The version comes in ``If-Match``."""

    category_id: service.CategoryId | None = None
    maker: Name | None = None
    name: Name | None = None


@router.get("", response_model=list[ProductModelOut])
def list_product_models(
    request: Request,
    actor: SignedIn,
    db: Db,
    cursor: Cursor = None,
    limit: Limit = LIMIT,
    category_id: Annotated[str | None, Query(max_length=40), PRINTABLE] = None,
) -> JSONResponse:
    actor.must(Permission.ITEM_READ)
    query = queries.product_models_visible_to(actor)
    if category_id is not None:
        query = query.where(ProductModel.category_id == category_id)
    with db.read() as session:
        found = keyset(
            session,
            query,
            queries.BY_NAME,
            cursor=cursor,
            limit=limit,
            rows=lambda result: result.scalars().all(),
            position=lambda row: (row.maker, row.name, row.id),
        )
        answer = [each.model_dump(mode="json") for each in ProductModelOut.all(found.rows)]
    return JSONResponse(answer, headers=link_next(request, found.next))


@router.post("", response_model=list[ProductModelOut])
def register_product_models(
    commands: Annotated[list[service.RegisterModel], Body(min_length=1, max_length=200)],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> JSONResponse:
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: ProductModelOut.all(service.register_model(session, actor, commands)),
    )


@router.get("/suggested", response_model=list[ProductModelOut])
def suggest_product_models(
    actor: SignedIn, db: Db, text: Annotated[str, Query(min_length=2, max_length=200)]
) -> JSONResponse:
    """The few whose maker and name hold every word of the text, for who is typing one."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        found = ProductModelOut.all(queries.models_like(session, actor, text))
    return JSONResponse([each.model_dump(mode="json") for each in found])


@router.get("/{product_model_id}", response_model=ProductModelOut)
def show_product_model(product_model_id: UUID, actor: SignedIn, db: Db) -> JSONResponse:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        found = queries.product_model(session, actor, product_model_id)
        out = ProductModelOut.model_validate(found)
    return JSONResponse(out.model_dump(mode="json"), headers=etag(out.version))


@router.patch("/{product_model_id}", response_model=ProductModelOut)
def edit_product_model(
    product_model_id: UUID,
    fields: ProductModelFields,
    actor: SignedIn,
    db: Db,
    if_match: IfMatch = None,
) -> JSONResponse:
    command = service.EditModel(
        product_model_id=product_model_id,
        version=version_of(if_match),
        **fields.model_dump(exclude_unset=True),
    )
    with db.write() as session:
        (model,) = service.edit_model(session, actor, [command])
        out = ProductModelOut.model_validate(model)
    return JSONResponse(out.model_dump(mode="json"), headers=etag(out.version))
