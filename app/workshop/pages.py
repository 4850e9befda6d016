"""Orders to suppliers as pages: the list, a new one, and the order as a document."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.queries import unit_choices
from app.accounts.rules import Permission
from app.catalogue.names import WORKS
from app.catalogue.rules import Work
from app.fieldwork.queries import read_texts
from app.fieldwork.rules import Lead
from app.items.models import Item
from app.items.queries import codes_of, items_visible_to
from app.kit import codes
from app.kit.db import Database
from app.kit.errors import Conflict, Invalid
from app.kit.forms import FILL_IN, Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import page, panels, redirect
from app.kit.paging import Cursor, keyset
from app.kit.pdf import as_pdf
from app.kit.web import Db
from app.places.queries import place_choices
from app.projects.queries import category_choices
from app.workshop import service, views
from app.workshop.api import NEWEST_FIRST
from app.workshop.commands import DraftOrder
from app.workshop.models import SupplierOrder
from app.workshop.outputs import SupplierOrderOut
from app.workshop.queries import order_of, orders_visible_to
from app.workshop.queries_planned import planned_for, planned_pieces
from app.workshop.rules import ON_PIECES, OPEN

router = APIRouter(prefix="/oppdrag")

DraftForm = Annotated[Submission[DraftOrder], Depends(submitted(DraftOrder))]
LineId = Annotated[UUID | None, Query(alias="linje")]
NeedLineId = Annotated[UUID | None, Query(alias="behov")]
CaseId = Annotated[UUID | None, Query(alias="sak")]

A_PAGE = 20
NOT_FOUND = N_("Ingen av våre møbler har koden %(code)s.")


@router.get("", name="supplier_orders:browse")
def browse(
    request: Request,
    actor: SignedIn,
    db: Db,
    cursor: Cursor = None,
    *,
    is_open: Annotated[bool, Query(alias="apne")] = False,
) -> Response:
    actor.must(Permission.ITEM_READ)
    query = orders_visible_to(actor)
    if is_open:
        query = query.where(SupplierOrder.state.in_(OPEN))
    with db.read() as session:
        found = keyset(
            session,
            query,
            NEWEST_FIRST,
            cursor=cursor,
            limit=A_PAGE,
            rows=lambda result: list(result.scalars()),
            position=lambda each: (each.number, each.id),
        )
        return page(
            request,
            "workshop/browse.html",
            rows=views.rows(session, actor, found.rows),
            next_cursor=found.next,
            is_first=cursor is None,
            is_open=is_open,
            may_order=actor.may(Permission.SUPPLIER_ORDER),
        )


@router.get("/ny", name="supplier_orders:new")
def new(
    request: Request,
    actor: SignedIn,
    db: Db,
    work: Annotated[Work, Query(alias="arbeid")] = Work.CLEAN_OR_REPAIR,
    item_ids: Annotated[list[UUID], Query(alias="mobel", max_length=500)] = [],  # noqa: B006
    line_id: LineId = None,
    need_line_id: NeedLineId = None,
    case_id: CaseId = None,
    category_id: Annotated[str, Query(alias="planlagt", max_length=40)] = "",
) -> Response:
    """``planlagt`` takes what the line's project has planned for the work, of that category."""
    actor.must(Permission.SUPPLIER_ORDER)
    with db.read() as session:
        if category_id:
            item_ids = planned_pieces(session, actor, line_id, work, category_id)
        own = items_visible_to(actor).where(Item.id.in_(item_ids)).order_by(Item.name, Item.id)
        items = list(session.scalars(own))
        found = codes_of(session, actor, [each.id for each in items])
        form = {"codes": "\n".join(codes.grouped(each) for each in found.values())}
        form |= views.suggested(session, actor, items, line_id, need_line_id)
        return _new(
            request, session, actor, work, (line_id, need_line_id, case_id), form=form, errors={}
        )


@router.post("/ny", name="supplier_orders:draft")
def draft(
    request: Request,
    form: DraftForm,
    actor: SignedIn,
    db: Db,
    work: Annotated[Work, Query(alias="arbeid")] = Work.CLEAN_OR_REPAIR,
    line_id: LineId = None,
    need_line_id: NeedLineId = None,
    case_id: CaseId = None,
) -> Response:
    actor.must(Permission.SUPPLIER_ORDER)
    try:
        with db.read() as session:
            item_ids = pieces_typed(session, actor, form) if work in ON_PIECES else []
        command = form.valid(
            work=work,
            item_ids=item_ids,
            programme_line_id=line_id,
            need_line_id=need_line_id,
            case_id=case_id,
        )
        order_id = written(db, actor, form, command, service.draft_order)
    except (Invalid, Conflict) as problem:
        of = (line_id, need_line_id, case_id)
        with db.read() as session:
            errors = errors_of(problem)
            return _new(
                request,
                session,
                actor,
                work,
                of,
                form=form.raw,
                errors=errors,
                status=problem.status,
            )
    message = gettext("Oppdraget er laget. Hent inn tilbud, og velg ett.")
    return redirect(request, "supplier_orders:show", message=message, supplier_order_id=order_id)


@router.get("/{supplier_order_id}", name="supplier_orders:show")
def show(request: Request, supplier_order_id: UUID, actor: SignedIn, db: Db) -> Response:
    """The order as a document: the same address from the first draft to the delivery."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        order = order_of(session, actor, supplier_order_id)
        return show_order(request, session, actor, order, errors={})


@router.get("/{supplier_order_id}/pdf", name="supplier_orders:pdf")
def show_as_pdf(request: Request, supplier_order_id: UUID, actor: SignedIn, db: Db) -> Response:
    return as_pdf(request, show(request, supplier_order_id, actor, db))


def show_order(
    request: Request,
    session: Session,
    actor: Actor,
    order: SupplierOrder,
    *,
    errors: Mapping[str, str],
    form: Mapping[str, str] | None = None,
    at: str = "",
    status: int = 200,
) -> Response:
    """``at`` names the form that was refused."""
    return page(
        request,
        "workshop/show.html",
        status=status,
        order=order,
        shown=views.document(request, session, actor, order),
        panels=panels(request, "supplier_order", session, actor, order),
        **views.acts(session, actor, order),
        form=form,
        errors=errors,
        at=at,
        key=str(uuid4()),
    )


def errors_of(problem: Invalid | Conflict) -> dict[str, str]:
    """What was refused, at its field; a conflict concerns the form."""
    if isinstance(problem, Invalid) and problem.by_field:
        renamed = {"item_ids": "codes", "transport_ore": "transport_kr"}
        return {
            renamed.get(name, name.partition("/")[0]): gettext(text)
            for name, text in problem.by_field.items()
        }
    return {"": gettext(problem.detail or problem.title)}


def written(
    db: Database,
    actor: Actor,
    form: Submission[Any],
    command: BaseModel,
    verb: Callable[[Session, Actor, Any], SupplierOrder],
) -> UUID:
    """The order's id, once under the form's key."""
    with db.write() as session:
        order_id: UUID = once(
            session,
            actor,
            form.key,
            [command],
            lambda: SupplierOrderOut.all(session, actor, [verb(session, actor, command)])[0],
            lambda answer: UUID(answer["id"]),
        )
    return order_id


def pieces_typed(session: Session, actor: Actor, form: Submission[Any]) -> list[UUID]:
    """The pieces whose codes were scanned or typed, one a line. Raises ``Invalid`` at ``codes``."""
    lines = [each.strip() for each in form.raw.get("codes", "").splitlines() if each.strip()]
    if not lines:
        raise Invalid(by_field={"codes": FILL_IN})
    if len(lines) > 500 or any(len(each) > 200 for each in lines):
        raise Invalid(by_field={"codes": N_("Skann høyst 500 om gangen.")})
    found = []
    for scan in read_texts(session, actor, lines):
        if scan.lead is not Lead.PIECE or scan.item_id is None:
            raise Invalid(by_field={"codes": gettext(NOT_FOUND, code=scan.text)})
        found.append(scan.item_id)
    return list(dict.fromkeys(found))


def _new(
    request: Request,
    session: Session,
    actor: Actor,
    work: Work,
    of: tuple[UUID | None, UUID | None, UUID | None],
    *,
    form: Mapping[str, str],
    errors: Mapping[str, str],
    status: int = 200,
) -> Response:
    actor.must(Permission.SUPPLIER_ORDER)
    query = {"linje": of[0], "behov": of[1], "sak": of[2]}
    return page(
        request,
        "workshop/new.html",
        status=status,
        work=work.value,
        work_name=gettext(WORKS[work]),
        works=[(each.value, gettext(text)) for each, text in WORKS.items()],
        query={name: str(value) for name, value in query.items() if value is not None},
        is_on_pieces=work in ON_PIECES,
        planned=planned_for(session, actor, of[0], work),
        units=unit_choices(session, actor),
        places=place_choices(session, actor),
        categories=category_choices(session),
        form=form,
        errors=errors,
        key=str(uuid4()),
    )
