"""Suppliers: the list, and one with its framework agreements and price lists."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.catalogue import queries_supplier as queries
from app.catalogue import service_supplier as service
from app.catalogue.api_supplier import BY_NAME, SupplierOut
from app.catalogue.models_supplier import Supplier
from app.catalogue.names import WORKS
from app.kit.db import clock_of
from app.kit.errors import Conflict, Invalid, Stale
from app.kit.forms import STALE, Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import page, redirect
from app.kit.paging import LIMIT, Cursor, keyset
from app.kit.units import ore_from_kr, typed_scaled
from app.kit.web import Db

router = APIRouter(prefix="/leverandorer")

RegisterForm = Annotated[
    Submission[service.RegisterSupplier], Depends(submitted(service.RegisterSupplier))
]
EditForm = Annotated[Submission[service.EditSupplier], Depends(submitted(service.EditSupplier))]
AgreeForm = Annotated[Submission[service.MakeAgreement], Depends(submitted(service.MakeAgreement))]

LINE_WRONG = N_("Linje %(n)s: skriv hva det er, semikolon og prisen. For eksempel: Trekk; 1 250")


@router.get("", name="suppliers:browse")
def browse(request: Request, actor: SignedIn, db: Db, cursor: Cursor = None) -> Response:
    actor.must(Permission.SUPPLIER_ORDER)
    with db.read() as session:
        found = keyset(
            session,
            queries.suppliers_visible_to(actor),
            BY_NAME,
            cursor=cursor,
            limit=LIMIT,
            rows=lambda result: list(result.scalars()),
            position=lambda each: (each.name, each.id),
        )
        today = clock_of(session).today()
        return page(
            request,
            "catalogue/suppliers.html",
            rows=[
                {"supplier": each, "works": _works(each, today)}
                for each in SupplierOut.all(session, actor, found.rows)
            ],
            next_cursor=found.next,
            is_first=cursor is None,
        )


@router.get("/ny", name="suppliers:new")
def new(request: Request, actor: SignedIn) -> Response:
    actor.must(Permission.SUPPLIER_ORDER)
    return _new(request, {}, {})


@router.post("", name="suppliers:register")
def register(request: Request, form: RegisterForm, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.SUPPLIER_ORDER)
    try:
        command = form.valid()
        with db.write() as session:
            supplier_id = once(
                session,
                actor,
                form.key,
                [command],
                lambda: str(service.register_supplier(session, actor, command).id),
                UUID,
            )
    except (Invalid, Conflict) as problem:
        return _new(request, form.raw, errors_of(problem), problem.status)
    message = gettext("Leverandøren er lagret. Legg inn rammeavtalene.")
    return redirect(request, "suppliers:show", message=message, supplier_id=supplier_id)


@router.get("/{supplier_id}", name="suppliers:show")
def show(request: Request, supplier_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.SUPPLIER_ORDER)
    with db.read() as session:
        supplier = queries.supplier_of(session, actor, supplier_id)
        return _show(request, session, actor, supplier)


@router.post("/{supplier_id}", name="suppliers:edit")
def edit(request: Request, supplier_id: UUID, form: EditForm, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.SUPPLIER_ORDER)
    try:
        command = form.valid(supplier_id=supplier_id)
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                [command],
                lambda: str(service.edit_supplier(session, actor, command).id),
            )
    except (Invalid, Conflict, Stale) as problem:
        with db.read() as session:
            supplier = queries.supplier_of(session, actor, supplier_id)
            errors = errors_of(problem)
            return _show(
                request, session, actor, supplier, form.raw, errors, "edit", problem.status
            )
    message = gettext("Leverandøren er lagret.")
    return redirect(request, "suppliers:show", message=message, supplier_id=supplier_id)


@router.post("/{supplier_id}/avtaler", name="suppliers:agree")
def agree(
    request: Request, supplier_id: UUID, form: AgreeForm, actor: SignedIn, db: Db
) -> Response:
    """A framework agreement, with its price list one line each."""
    actor.must(Permission.SUPPLIER_ORDER)
    try:
        command = form.valid(supplier_id=supplier_id, prices=_prices(form.raw.get("prices", "")))
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                [command],
                lambda: str(service.make_agreement(session, actor, command).id),
            )
    except (Invalid, Conflict) as problem:
        at = form.raw.get("framework_agreement_id") or "new"
        with db.read() as session:
            supplier = queries.supplier_of(session, actor, supplier_id)
            errors = errors_of(problem)
            return _show(request, session, actor, supplier, form.raw, errors, at, problem.status)
    message = gettext("Rammeavtalen er lagret.")
    return redirect(request, "suppliers:show", message=message, supplier_id=supplier_id)


def errors_of(problem: Invalid | Conflict | Stale) -> dict[str, str]:
    """What was refused, at its field; a conflict concerns the form."""
    if isinstance(problem, Stale):
        return {"": gettext(STALE)}
    if isinstance(problem, Invalid) and problem.by_field:
        return {name.partition("/")[0]: gettext(text) for name, text in problem.by_field.items()}
    return {"": gettext(problem.detail or problem.title)}


def _prices(typed: str) -> list[dict[str, Any]]:
    """«Trekke om kontorstol; 1 250», one on each line."""
    found = []
    lines = [each.strip() for each in typed.splitlines() if each.strip()]
    for n, line in enumerate(lines, 1):
        what, _, price = line.rpartition(";")
        try:
            found.append({"what": what.strip(), "price_ore": ore_from_kr(price.removesuffix("kr"))})
        except ValueError:
            raise Invalid(by_field={"prices": gettext(LINE_WRONG, n=n)}) from None
        if not what.strip():
            raise Invalid(by_field={"prices": gettext(LINE_WRONG, n=n)})
    return found


def _works(supplier: SupplierOut, today: Any) -> list[str]:
    return [
        gettext(N_("%(work)s, nr. %(rank)s"), work=gettext(WORKS[each.work]), rank=each.rank)
        for each in supplier.agreements
        if each.valid_from <= today <= each.valid_until
    ]


def _new(
    request: Request, form: Mapping[str, str], errors: Mapping[str, str], status: int = 200
) -> Response:
    return page(
        request,
        "catalogue/supplier_new.html",
        status=status,
        form=form,
        errors=errors,
        key=str(uuid4()),
    )


def _show(
    request: Request,
    session: Session,
    actor: Actor,
    supplier: Supplier,
    form: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    at: str = "",
    status: int = 200,
) -> Response:
    (shown,) = SupplierOut.all(session, actor, [supplier])
    today = clock_of(session).today()
    return page(
        request,
        "catalogue/supplier.html",
        status=status,
        supplier=shown,
        agreements=[
            {
                "row": each,
                "work": gettext(WORKS[each.work]),
                "is_current": each.valid_from <= today <= each.valid_until,
                "typed": "\n".join(
                    f"{price.what}; {typed_scaled(price.price_ore, 100)}" for price in each.prices
                ),
            }
            for each in shown.agreements
        ],
        works=[(each.value, gettext(text)) for each, text in WORKS.items()],
        today=today,
        form=form,
        errors=errors or {},
        at=at,
        key=str(uuid4()),
    )
