"""The parts of a piece, put on, taken off and swapped by their codes."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.fieldwork.queries import read_texts
from app.fieldwork.rules import Lead
from app.items.models import Item
from app.items.queries import codes_of, items_visible_to
from app.kit import codes
from app.kit.db import Database
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.forms import FILL_IN, Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import page, redirect
from app.kit.web import Db
from app.workshop import commands as do
from app.workshop import service_component
from app.workshop.queries import parts_of

router = APIRouter(prefix="/deler")

AttachForm = Annotated[Submission[do.AttachPart], Depends(submitted(do.AttachPart))]
DetachForm = Annotated[Submission[do.DetachPart], Depends(submitted(do.DetachPart))]
SwapForm = Annotated[Submission[do.SwapPart], Depends(submitted(do.SwapPart))]

NOT_FOUND = N_("Ingen av våre møbler har koden %(code)s.")


@router.get("/{item_id}", name="components:show")
def show(request: Request, item_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.ITEM_READ)
    return _show(request, db, actor, item_id)


@router.post("/{item_id}/sett-pa", name="components:attach")
def attach(request: Request, item_id: UUID, form: AttachForm, actor: SignedIn, db: Db) -> Response:
    verb = service_component.attach_part
    text = N_("Delen sitter på møbelet.")

    def given(session: Session) -> dict[str, Any]:
        return {"item_id": _named(session, actor, form.raw, "code"), "parent_id": item_id}

    return _changed(request, db, actor, item_id, form, given, verb, text, "attach")


@router.post("/{item_id}/ta-av", name="components:detach")
def detach(request: Request, item_id: UUID, form: DetachForm, actor: SignedIn, db: Db) -> Response:
    verb = service_component.detach_part
    text = N_("Delen er tatt av.")
    at = form.raw.get("item_id", "")
    return _changed(request, db, actor, item_id, form, lambda _: {}, verb, text, at)


@router.post("/{item_id}/bytt", name="components:swap")
def swap(request: Request, item_id: UUID, form: SwapForm, actor: SignedIn, db: Db) -> Response:
    verb = service_component.swap_part
    text = N_("Delen er byttet.")

    def given(session: Session) -> dict[str, Any]:
        return {"new_item_id": _named(session, actor, form.raw, "code")}

    at = form.raw.get("item_id", "")
    return _changed(request, db, actor, item_id, form, given, verb, text, at)


def _named(session: Session, actor: Actor, raw: Mapping[str, str], field: str) -> UUID:
    """The piece whose code was scanned or typed."""
    typed = raw.get(field, "").strip()
    if not typed:
        raise Invalid(by_field={field: FILL_IN})
    (scan,) = read_texts(session, actor, [typed[:200]])
    if scan.lead is not Lead.PIECE or scan.item_id is None:
        raise Invalid(by_field={field: gettext(NOT_FOUND, code=typed[:40])})
    return scan.item_id


def _changed(
    request: Request,
    db: Database,
    actor: Actor,
    item_id: UUID,
    form: Submission[Any],
    given: Callable[[Session], dict[str, Any]],
    verb: Callable[[Session, Actor, Any], Item],
    said: str,
    at: str,
) -> Response:
    actor.must(Permission.ITEM_EDIT)
    try:
        with db.read() as session:
            _whole(session, actor, item_id)
            command: BaseModel = form.valid(**given(session))
        with db.write() as session:
            once(session, actor, form.key, [command], lambda: str(verb(session, actor, command).id))
    except (Invalid, Conflict) as problem:
        errors = {"": gettext(problem.detail or problem.title)}
        if isinstance(problem, Invalid) and problem.by_field:
            errors = {"code": gettext(next(iter(problem.by_field.values())))}
        return _show(
            request, db, actor, item_id, form=form.raw, errors=errors, at=at, status=problem.status
        )
    return redirect(request, "components:show", message=gettext(said), item_id=item_id)


def _whole(session: Session, actor: Actor, item_id: UUID) -> Item:
    found = session.scalar(items_visible_to(actor).where(Item.id == item_id))
    if found is None:
        raise NotFound(N_("Fant ikke møbelet."))
    return found


def _show(
    request: Request,
    db: Database,
    actor: Actor,
    item_id: UUID,
    *,
    form: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    at: str = "",
    status: int = 200,
) -> Response:
    with db.read() as session:
        whole = _whole(session, actor, item_id)
        parts = list(session.scalars(parts_of(actor.org_id, [whole.id])))
        found = codes_of(session, actor, [each.id for each in parts])
        on = (
            session.scalar(items_visible_to(actor).where(Item.id == whole.parent_id))
            if whole.parent_id
            else None
        )
        return page(
            request,
            "workshop/parts.html",
            status=status,
            whole=whole,
            on=on,
            rows=[
                {"part": each, "code": codes.grouped(found[each.id]) if each.id in found else ""}
                for each in parts
            ],
            may_edit=actor.may(Permission.ITEM_EDIT, whole.owner_unit_id),
            form=form,
            errors=errors or {},
            at=at,
            key=str(uuid4()),
        )
