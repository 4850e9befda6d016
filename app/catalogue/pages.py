"""Product models: the list, and the form that registers or edits one."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.catalogue import queries, service
from app.catalogue.api import ProductModelOut
from app.catalogue.models import Category, GwpBasis, ProductModel
from app.kit.errors import Invalid, Stale
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import page, panels, redirect
from app.kit.paging import LIMIT, Cursor, keyset
from app.kit.units import typed_scaled
from app.kit.web import Db

router = APIRouter(prefix="/modeller")

RegisterForm = Annotated[
    Submission[service.RegisterModel], Depends(submitted(service.RegisterModel))
]
EditForm = Annotated[Submission[service.EditModel], Depends(submitted(service.EditModel))]

BASES: Mapping[GwpBasis, str] = {
    GwpBasis.EPD: N_("Miljødeklarasjon (EPD)"),
    GwpBasis.MAKER: N_("Produsentens egen verdi"),
}
TYPED_AS: Mapping[str, str] = {
    "width_mm": "width_cm",
    "depth_mm": "depth_cm",
    "height_mm": "height_cm",
    "mass_g": "mass_kg",
    "new_price_ore": "new_price_kr",
    "gwp_g": "gwp_kg",
    "delivery_g": "delivery_kg",
    "end_of_life_g": "end_of_life_kg",
}
"""Field of the command → field of the form, which has the unit people use."""


def category_choices(session: Session) -> list[tuple[str, list[tuple[str, str]]]]:
    """The categories by group, as options of a select."""
    groups: dict[str, list[tuple[str, str]]] = {name: [] for name in queries.GROUP_NAMES}
    for each in session.scalars(queries.categories()):
        groups.setdefault(each.group, []).append((each.id, queries.category_name(each)))
    return [
        (gettext(queries.GROUP_NAMES.get(key, key)), options)
        for key, options in groups.items()
        if options
    ]


@router.get("", name="catalogue:browse")
def browse(request: Request, actor: SignedIn, db: Db, cursor: Cursor = None) -> Response:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        found = keyset(
            session,
            queries.product_models_visible_to(actor),
            queries.BY_NAME,
            cursor=cursor,
            limit=LIMIT,
            rows=lambda result: result.scalars().all(),
            position=lambda row: (row.maker, row.name, row.id),
        )
        names = {
            each.id: queries.category_name(each) for each in session.scalars(queries.categories())
        }
        return page(
            request,
            "catalogue/browse.html",
            models=[_listed(each, names) for each in found.rows],
            next_cursor=found.next,
            is_first=cursor is None,
            may_edit=actor.may(Permission.MODEL_EDIT),
        )


def _listed(model: ProductModel, names: Mapping[str, str]) -> dict[str, Any]:
    sides = (model.width_mm, model.depth_mm, model.height_mm)
    typed = [typed_scaled(each, 10) if each else "–" for each in sides]
    return {
        "model": model,
        "category": names[model.category_id],
        "measurements": f"{' × '.join(typed)} cm" if any(sides) else None,
        "basis": gettext(BASES[model.gwp_basis]) if model.gwp_basis else None,
    }


@router.get("/ny", name="catalogue:register")
def new(request: Request, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.MODEL_EDIT)
    with db.read() as session:
        return _form(request, session, actor, None, {}, {})


@router.post("", name="catalogue:register_model")
def register(request: Request, form: RegisterForm, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.MODEL_EDIT)
    try:
        commands = [form.valid()]
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                commands,
                lambda: ProductModelOut.all(service.register_model(session, actor, commands)),
            )
    except (Invalid, service.ProductModelTaken) as problem:
        with db.read() as session:
            return _form(request, session, actor, None, form.raw, _errors(problem), problem.status)
    message = gettext("%(name)s er registrert.", name=commands[0].name)
    return redirect(request, "catalogue:browse", message=message)


@router.get("/{product_model_id}", name="catalogue:show")
def show(request: Request, product_model_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        model = queries.product_model(session, actor, product_model_id)
        return _form(request, session, actor, model, _typed(model), {})


@router.post("/{product_model_id}", name="catalogue:edit")
def edit(
    request: Request, product_model_id: UUID, form: EditForm, actor: SignedIn, db: Db
) -> Response:
    actor.must(Permission.MODEL_EDIT)
    try:
        command = form.valid(product_model_id=product_model_id)
        with db.write() as session:
            service.edit_model(session, actor, [command])
    except (Invalid, service.ProductModelTaken, Stale) as problem:
        with db.read() as session:
            model = queries.product_model(session, actor, product_model_id)
            raw = form.raw | {"version": str(model.version)}
            return _form(request, session, actor, model, raw, _errors(problem), problem.status)
    return redirect(request, "catalogue:browse", message=gettext("Modellen er lagret."))


def _errors(problem: Invalid | service.ProductModelTaken | Stale) -> dict[str, str]:
    """Messages under the names the form uses."""
    if isinstance(problem, Invalid):
        return {TYPED_AS.get(name, name): gettext(text) for name, text in problem.by_field.items()}
    field = "name" if isinstance(problem, service.ProductModelTaken) else ""
    return {field: gettext(problem.title)}


def _typed(model: ProductModel) -> dict[str, str]:
    """The model as its form would have been typed."""
    per = {"width_mm": 10, "depth_mm": 10, "height_mm": 10, "new_price_ore": 100}
    typed = {
        form: typed_scaled(getattr(model, kept), per.get(kept, 1000))
        for kept, form in TYPED_AS.items()
    }
    plain: Sequence[str] = (
        "category_id",
        "maker",
        "name",
        "price_year",
        "price_source",
        "service_life_months",
        "gwp_basis",
        "gwp_source",
        "epd_number",
        "epd_valid_until",
        "version",
    )
    for name in plain:
        value = getattr(model, name)
        typed[name] = "" if value is None else str(value)
    return typed


def _form(
    request: Request,
    session: Session,
    actor: Actor,
    model: ProductModel | None,
    form: dict[str, str],
    errors: dict[str, str],
    status: int = 200,
) -> Response:
    category = session.get(Category, model.category_id) if model else None
    return page(
        request,
        "catalogue/form.html",
        status=status,
        model=model,
        category=queries.category_name(category) if category else None,
        categories=category_choices(session),
        bases=[(key.value, gettext(name)) for key, name in BASES.items()],
        may_edit=actor.may(Permission.MODEL_EDIT),
        panels=panels(request, "model", session, actor, model) if model else [],
        key=str(uuid4()),
        form=form,
        errors=errors,
    )
