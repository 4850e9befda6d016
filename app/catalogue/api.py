"""Product models as JSON."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.catalogue import queries, service
from app.catalogue.declared import Declared, ModelDeclarationOut
from app.catalogue.models import GwpBasis, ProductModel
from app.kit.answers import answered
from app.kit.paging import LIMIT, Cursor, Limit, keyset
from app.kit.text import PRINTABLE, Name
from app.kit.web import Db, IdempotencyKey, IfMatch, etag, link_next, version_of

router = APIRouter(prefix="/product-models", tags=["catalogue"])


class ProductModelOut(BaseModel):
    """Measurements in mm, mass in g, price in øre, GWP A1–A3, A4 and C in g CO2e.

    ``declaration`` is empty where the figures are typed in, or from none.
    """

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
    declaration: ModelDeclarationOut | None = None
    version: int

    @classmethod
    def all(cls, models: Sequence[ProductModel]) -> list["ProductModelOut"]:
        """As they are registered: nothing is declared of them yet."""
        return [cls.model_validate(each) for each in models]

    @classmethod
    def declared(
        cls, request: Request, session: Session, actor: Actor, models: Sequence[ProductModel]
    ) -> list["ProductModelOut"]:
        """With their declarations, in one more statement."""
        of_models: Declared = request.app.state.declared
        found = of_models(session, actor.org_id, models)
        return [
            cls.model_validate(each).model_copy(update={"declaration": found.get(each.id)})
            for each in models
        ]


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
        made = ProductModelOut.declared(request, session, actor, found.rows)
    answer = [each.model_dump(mode="json") for each in made]
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
    request: Request,
    actor: SignedIn,
    db: Db,
    text: Annotated[str, Query(min_length=2, max_length=200)],
) -> JSONResponse:
    """The few whose maker and name hold every word of the text, for who is typing one."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        models = queries.models_like(session, actor, text)
        found = ProductModelOut.declared(request, session, actor, models)
    return JSONResponse([each.model_dump(mode="json") for each in found])


@router.get("/{product_model_id}", response_model=ProductModelOut)
def show_product_model(
    request: Request, product_model_id: UUID, actor: SignedIn, db: Db
) -> JSONResponse:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        found = queries.product_model(session, actor, product_model_id)
        (out,) = ProductModelOut.declared(request, session, actor, [found])
    return JSONResponse(out.model_dump(mode="json"), headers=etag(out.version))


@router.patch("/{product_model_id}", response_model=ProductModelOut)
def edit_product_model(
    request: Request,
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
        (out,) = ProductModelOut.declared(request, session, actor, [model])
    return JSONResponse(out.model_dump(mode="json"), headers=etag(out.version))
