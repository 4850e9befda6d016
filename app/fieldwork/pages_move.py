"""Moving by scanning: one field that takes places and pieces, and what became of each."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.fieldwork import queries, service_move, views
from app.fieldwork.models import Relocation
from app.fieldwork.modes import MOVE
from app.fieldwork.pages_scan import with_reader
from app.fieldwork.service_move import Relocate, UndoRelocation
from app.fieldwork.shown import modes_shown
from app.items.commands import MOST_PIECES
from app.kit.errors import Invalid, NotFound
from app.kit.forms import FILL_IN, Submission, submitted
from app.kit.i18n import N_, gettext, ngettext
from app.kit.once import once
from app.kit.page import page, redirect
from app.kit.web import Db
from app.places.queries import place_choices

router = APIRouter(prefix="/flytt")

RECENT = 8
RelocateForm = Annotated[Submission[Relocate], Depends(submitted(Relocate))]


def lines_in(form: Submission[Any]) -> list[str]:
    """The codes of the field, one a line: what a scanner that types sends. Raises ``Invalid``."""
    found = [each.strip() for each in form.raw.get("codes", "").splitlines() if each.strip()]
    if not found:
        raise Invalid(by_field={"codes": FILL_IN})
    if len(found) > MOST_PIECES:
        raise Invalid(by_field={"codes": N_("Skann høyst 500 om gangen.")})
    if any(len(each) > 200 for each in found):
        raise Invalid(by_field={"codes": N_("En av linjene er for lang til å være en kode.")})
    return found


def _show(
    request: Request,
    session: Session,
    actor: Actor,
    *,
    form: Mapping[str, str],
    errors: Mapping[str, str],
    status: int = 200,
) -> Response:
    recent = session.scalars(
        queries.relocations_visible_to(actor)
        .where(Relocation.person_id == actor.person_id)
        .order_by(Relocation.created_at.desc(), Relocation.id)
        .limit(RECENT)
    ).all()
    response = page(
        request,
        "fieldwork/move.html",
        status=status,
        modes=modes_shown(request, actor, MOVE),
        form=form,
        errors={name: gettext(text) for name, text in errors.items()},
        places=place_choices(session, actor),
        recent=views.recent(session, actor, recent),
        key=str(uuid4()),
    )
    return with_reader(response)


@router.get("", name="moves:new")
def new(
    request: Request,
    actor: SignedIn,
    db: Db,
    place: Annotated[UUID | None, Query(alias="sted")] = None,
) -> Response:
    actor.must(Permission.ITEM_EDIT)
    with db.read() as session:
        form = {"place_id": str(place)} if place else {}
        return _show(request, session, actor, form=form, errors={})


@router.post("", name="moves:relocate")
def relocate(request: Request, form: RelocateForm, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.ITEM_EDIT)
    try:
        command = form.valid(codes=lines_in(form))
        with db.write() as session:
            relocation_id = once(
                session,
                actor,
                form.key,
                [command],
                lambda: str(service_move.relocate(session, actor, command).id),
                UUID,
            )
    except Invalid as problem:
        errors = {name.partition("/")[0]: text for name, text in problem.by_field.items()}
        with db.read() as session:
            return _show(
                request,
                session,
                actor,
                form=form.raw,
                errors=errors or {"": problem.detail or problem.title},
                status=problem.status,
            )
    return redirect(request, "moves:show", relocation_id=relocation_id)


@router.get("/{relocation_id}", name="moves:show")
def show(request: Request, relocation_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        row = session.scalar(
            queries.relocations_visible_to(actor).where(Relocation.id == relocation_id)
        )
        if row is None:
            raise NotFound(N_("Fant ikke flyttingen."))
        return page(
            request,
            "fieldwork/moved.html",
            moved=views.moved(session, actor, row),
            may_edit=actor.may(Permission.ITEM_EDIT),
            places=place_choices(session, actor),
            key=str(uuid4()),
        )


@router.post("/{relocation_id}/angre", name="moves:undo")
def undo(
    request: Request,
    relocation_id: UUID,
    form: Annotated[Submission[UndoRelocation], Depends(submitted(UndoRelocation))],
    actor: SignedIn,
    db: Db,
) -> Response:
    command = form.valid(relocation_id=relocation_id)
    with db.write() as session:
        count = once(
            session,
            actor,
            form.key,
            [command],
            lambda: _taken_back(session, actor, service_move.undo(session, actor, command)),
            int,
        )
    message = ngettext(
        "%(num)s møbel er flyttet tilbake.", "%(num)s møbler er flyttet tilbake.", count
    )
    return redirect(request, "moves:show", message=message, relocation_id=relocation_id)


def _taken_back(session: Session, actor: Actor, row: Relocation) -> int:
    return sum(line.is_undone for line in session.scalars(queries.lines_of(actor, row.id)))
