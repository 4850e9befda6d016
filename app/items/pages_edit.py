"""Changing a piece: its fields, its place and its state."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.items import choices, names, queries, queries_piece, service
from app.items.commands import Command, Edit, Move, OfItem
from app.items.models import Item
from app.items.rules import ItemVerb
from app.items.service_lot import edit_lot
from app.items.steps import STEPS
from app.kit.db import Database
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.forms import FILL_IN, Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import page, redirect
from app.kit.web import Db

router = APIRouter()


class Step(Command):
    """A button of the piece's page."""

    verb: ItemVerb


EditForm = Annotated[Submission[Edit], Depends(submitted(Edit))]
MoveForm = Annotated[Submission[Move], Depends(submitted(Move))]
StepForm = Annotated[Submission[Step], Depends(submitted(Step))]


def editable(session: Session, actor: Actor, item_id: UUID) -> Any:
    """What can be edited: seen, not a mistake."""
    found = session.scalar(queries.items_visible_to(actor).where(Item.id == item_id))
    if found is None:
        raise NotFound(N_("Fant ikke møbelet."))
    return found


def _edit_form(
    request: Request,
    session: Session,
    actor: Actor,
    piece: Item,
    form: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    status: int = 200,
    theirs: list[tuple[str, str, str]] | None = None,
) -> Response:
    return page(
        request,
        "items/edit.html",
        status=status,
        piece=piece,
        form=form,
        errors=errors,
        is_conflict=theirs is not None,
        theirs=theirs or [],
        now=_now(session, actor, piece),
        version=piece.version if theirs is not None else form.get("version", piece.version),
        key=str(uuid4()),
        lot_size=queries_piece.lot_size(session, piece),
        hints=choices.default_hints(session, actor, form),
        category_options=choices.category_options(session),
        place_options=choices.place_options(session, actor),
        unit_options=choices.unit_options(session, actor),
        model_options=choices.model_options(session, actor),
        condition_options=choices.condition_options(),
        measurement_fields=choices.measurement_fields(),
    )


@router.get("/mobler/{item_id}/rediger", name="items:edit")
def show_edit(request: Request, item_id: UUID, actor: SignedIn, db: Db) -> Response:
    with db.read() as session:
        piece = editable(session, actor, item_id)
        actor.must(Permission.ITEM_EDIT, unit=piece.owner_unit_id)
        return _edit_form(request, session, actor, piece, _now(session, actor, piece), {})


def _now(session: Session, actor: Actor, piece: Item) -> dict[str, str]:
    """The piece as its form shows it when nobody has typed anything."""
    measured = queries.measurements_of(session, actor, [piece.id]).get(piece.id, {})
    return choices.typed_from(piece, measured)


@router.post("/mobler/{item_id}/rediger", name="items:do_edit")
def edit(request: Request, item_id: UUID, form: EditForm, actor: SignedIn, db: Db) -> Response:
    """A second editor sees both versions side by side and decides; nothing typed is lost."""
    actor.must(Permission.ITEM_EDIT)
    try:
        command = _command(form, item_id)
        whole_lot = form.raw.get("whole_lot") == "1"
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                [command],
                lambda: _edited(session, actor, command, whole_lot=whole_lot),
            )
    except service.ItemStale:
        with db.read() as session:
            piece = editable(session, actor, item_id)
            theirs = _theirs(session, actor, piece, form.raw)
            return _edit_form(
                request, session, actor, piece, form.raw, {}, status=412, theirs=theirs
            )
    except (Invalid, Conflict) as problem:
        errors = dict(problem.by_field) if isinstance(problem, Invalid) else {}
        with db.read() as session:
            piece = editable(session, actor, item_id)
            shown = {name: gettext(text) for name, text in errors.items()}
            shown = shown or {"": gettext(problem.detail or problem.title)}
            return _edit_form(
                request, session, actor, piece, form.raw, shown, status=problem.status
            )
    return redirect(request, "items:show", message=gettext(N_("Lagret.")), item_id=item_id)


def _command(form: Submission[Edit], item_id: UUID) -> Edit:
    errors: dict[str, str] = {}
    if not form.raw.get("name", "").strip():
        errors["name"] = gettext(FILL_IN)
    try:
        measurements = choices.measurements_in(form.raw)
    except Invalid as problem:
        measurements = {}
        errors |= problem.by_field
    try:
        command = form.valid(item_id=item_id, measurements=measurements)
    except Invalid as problem:
        raise Invalid(by_field={**problem.by_field, **errors}) from problem
    if errors:
        raise Invalid(by_field=errors)
    return command


def _edited(session: Session, actor: Actor, command: Edit, *, whole_lot: bool) -> list[str]:
    if whole_lot:
        return [str(item.id) for item in edit_lot(session, actor, command)]
    return [str(item.id) for item in service.edit(session, actor, [command])]


def _theirs(
    session: Session, actor: Actor, piece: Item, mine: Mapping[str, str]
) -> list[tuple[str, str, str]]:
    """Field, what stands now, what the editor typed: only where the two differ."""
    now = _now(session, actor, piece)
    labels = {
        **names.FIELDS,
        **{f"{each}_cm": names.FIELDS[f"{each}_mm"] for each in ("width", "depth", "height")},
        "mass_kg": names.FIELDS["mass_g"],
        "new_price_kr": names.FIELDS["new_price_ore"],
    }
    labels |= dict(choices.measurement_fields())
    readable: dict[str, str] = {}
    for options in (
        choices.place_options(session, actor),
        choices.unit_options(session, actor),
        choices.model_options(session, actor),
        *(group for _, group in choices.category_options(session)),
    ):
        readable |= {str(key): text.strip("\xa0") for key, text in options}
    return [
        (
            gettext(labels.get(name, name)),
            readable.get(now.get(name, ""), now.get(name, "")) or "—",
            readable.get(mine[name], mine[name]) or "—",
        )
        for name in labels
        if name in mine and mine[name].strip() != now.get(name, "")
    ]


@router.get("/mobler/{item_id}/flytt", name="items:move")
def show_move(request: Request, item_id: UUID, actor: SignedIn, db: Db) -> Response:
    return _move_form(request, db, actor, item_id, None, {})


def _move_form(
    request: Request,
    db: Database,
    actor: Actor,
    item_id: UUID,
    form: Mapping[str, str] | None,
    errors: Mapping[str, str],
    status: int = 200,
) -> Response:
    with db.read() as session:
        piece = editable(session, actor, item_id)
        actor.must(Permission.ITEM_EDIT, unit=piece.owner_unit_id)
        return page(
            request,
            "items/move.html",
            status=status,
            piece=piece,
            form=form or {"place_id": str(piece.place_id), "unit_id": str(piece.holder_unit_id)},
            errors=errors,
            key=str(uuid4()),
            place_options=choices.place_options(session, actor),
            unit_options=choices.unit_options(session, actor),
        )


@router.post("/mobler/{item_id}/flytt", name="items:do_move")
def move(request: Request, item_id: UUID, form: MoveForm, actor: SignedIn, db: Db) -> Response:
    try:
        command = form.valid(item_id=item_id)
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                [command],
                lambda: [str(each.id) for each in service.move(session, actor, [command])],
            )
    except Invalid as problem:
        errors = {name: gettext(text) for name, text in problem.by_field.items()}
        return _move_form(request, db, actor, item_id, form.raw, errors, 422)
    return redirect(request, "items:show", message=gettext(N_("Flyttet.")), item_id=item_id)


@router.post("/mobler/{item_id}/steg", name="items:do_step")
def step(request: Request, item_id: UUID, form: StepForm, actor: SignedIn, db: Db) -> Response:
    """One step of the state machine, by the button that names it."""
    verb = form.valid().verb
    if verb not in STEPS:
        raise Invalid(by_field={"verb": N_("Velg en av mulighetene.")})
    command = OfItem(item_id=item_id)
    with db.write() as session:
        once(
            session,
            actor,
            form.key,
            [command],
            lambda: [each.state.value for each in STEPS[verb](session, actor, [command])],
        )
    return redirect(request, "items:show", message=gettext(N_("Lagret.")), item_id=item_id)
