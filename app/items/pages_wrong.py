"""Mistaken registrations: merged into the right piece or deleted, after one question."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.items import queries_piece, service
from app.items.commands import Delete, Merge
from app.items.models import Code
from app.items.pages_edit import editable
from app.items.shown import size_text
from app.kit import codes
from app.kit.db import Database
from app.kit.errors import Invalid, NotFound
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import page, redirect
from app.kit.web import Db

router = APIRouter()

MergeForm = Annotated[Submission[Merge], Depends(submitted(Merge))]
DeleteForm = Annotated[Submission[Delete], Depends(submitted(Delete))]


@router.get("/mobler/{item_id}/sla-sammen", name="items:merge")
def show_merge(
    request: Request, item_id: UUID, actor: SignedIn, db: Db, into: str = ""
) -> Response:
    """First the right piece's code, then both side by side with the question."""
    errors: dict[str, str] = {}
    target: UUID | None = None
    if into.strip():
        with db.read() as session:
            try:
                target = _pointed(session, actor, into)
            except (Invalid, NotFound) as problem:
                errors["into"] = gettext(problem.detail or problem.title)
        if target == item_id:
            target = None
            errors["into"] = gettext(N_("Dette er det samme møbelet. Velg et annet."))
    return _merge_form(request, db, actor, item_id, target, {"into": into}, errors)


def _pointed(session: Session, actor: Actor, typed: str) -> UUID:
    """A code as typed or scanned, or the address of the piece's page."""
    last = typed.strip().rstrip("/").rpartition("/")[2]
    try:
        wanted = UUID(last)
    except ValueError:
        code = codes.read_code(typed)
        query = select(Code.item_id).where(Code.code == code, Code.org_id == actor.org_id)
        found = session.scalar(query)
        if found is None:
            raise NotFound(N_("Ingen av møblene har denne koden.")) from None
        wanted = found
    return UUID(str(editable(session, actor, wanted).id))


def _merge_form(
    request: Request,
    db: Database,
    actor: Actor,
    item_id: UUID,
    target: UUID | None,
    form: Mapping[str, str],
    errors: Mapping[str, str],
) -> Response:
    with db.read() as session:
        piece = queries_piece.piece(session, actor, item_id)
        actor.must(Permission.ITEM_MERGE, unit=piece.owner_unit_id)
        into = queries_piece.piece(session, actor, target) if target else None
        return page(
            request,
            "items/merge.html",
            status=422 if errors else 200,
            piece=piece,
            into=into,
            pieces=[_card(session, each) for each in (piece, into) if each is not None],
            form=form,
            errors=errors,
            key=str(uuid4()),
        )


def _card(session: Session, piece: Any) -> dict[str, Any]:
    photos = queries_piece.photo_rows(session, piece)
    return {
        "id": piece.id,
        "name": piece.name,
        "photo_id": photos[0].id if photos else None,
        "size": size_text(piece.width_mm, piece.depth_mm, piece.height_mm),
        "place": piece.place_label,
        "condition": piece.condition.value,
    }


@router.post("/mobler/{item_id}/sla-sammen", name="items:do_merge")
def merge(request: Request, item_id: UUID, form: MergeForm, actor: SignedIn, db: Db) -> Response:
    command = form.valid(item_id=item_id)
    with db.write() as session:
        once(
            session,
            actor,
            form.key,
            [command],
            lambda: [str(each.id) for each in service.merge(session, actor, [command])],
        )
    message = gettext(N_("Slått sammen. Etikettene fører hit nå."))
    return redirect(request, "items:show", message=message, item_id=command.into_id)


@router.get("/mobler/{item_id}/slett", name="items:delete")
def show_delete(request: Request, item_id: UUID, actor: SignedIn, db: Db) -> Response:
    return _delete_form(request, db, actor, item_id, {}, {})


def _delete_form(
    request: Request,
    db: Database,
    actor: Actor,
    item_id: UUID,
    form: Mapping[str, str],
    errors: Mapping[str, str],
) -> Response:
    with db.read() as session:
        piece = editable(session, actor, item_id)
        actor.must(Permission.ITEM_MERGE, unit=piece.owner_unit_id)
        return page(
            request,
            "items/delete.html",
            status=422 if errors else 200,
            piece=piece,
            form=form,
            errors=errors,
            key=str(uuid4()),
        )


@router.post("/mobler/{item_id}/slett", name="items:do_delete")
def delete(request: Request, item_id: UUID, form: DeleteForm, actor: SignedIn, db: Db) -> Response:
    try:
        command = form.valid(item_id=item_id)
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                [command],
                lambda: [str(each.id) for each in service.delete(session, actor, [command])],
            )
    except Invalid as problem:
        return _delete_form(request, db, actor, item_id, form.raw, problem.by_field)
    message = gettext(N_("Slettet. Historikken er beholdt."))
    return redirect(request, "items:browse", message=message)
