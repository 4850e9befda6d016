"""The tree of places."""

from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.kit import codes
from app.kit.errors import Conflict, Invalid, NotFound, Problem, Stale
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import page, panels, redirect
from app.kit.units import typed_scaled
from app.kit.web import Db
from app.places import queries, service
from app.places.api import PlaceOut
from app.places.models import Place, PlaceKind

router = APIRouter(prefix="/steder")
labels = APIRouter()
"""Where a place's label leads."""

KINDS = {
    PlaceKind.PROPERTY: N_("Eiendom"),
    PlaceKind.BUILDING: N_("Bygg"),
    PlaceKind.FLOOR: N_("Etasje"),
    PlaceKind.ROOM: N_("Rom"),
    PlaceKind.STORAGE: N_("Lager"),
}

AddForm = Annotated[Submission[service.AddPlace], Depends(submitted(service.AddPlace))]
EditForm = Annotated[Submission[service.EditPlace], Depends(submitted(service.EditPlace))]


def _rows(session: Session, actor: Actor) -> list[dict[str, Any]]:
    found = session.scalars(queries.places_visible_to(actor).order_by(Place.label))
    return [
        {
            "id": place.id,
            "name": place.name,
            "kind": gettext(KINDS[place.kind]),
            "address": place.address,
            "depth": place.label.count(" › "),
        }
        for place in found
    ]


def _show(
    request: Request,
    session: Session,
    actor: Actor,
    *,
    form: dict[str, str],
    errors: dict[str, str],
    status: int = 200,
) -> Response:
    return page(
        request,
        "places/browse.html",
        status=status,
        places=_rows(session, actor),
        kinds=[(kind.value, gettext(name)) for kind, name in KINDS.items()],
        parents=queries.place_choices(session, actor),
        may_edit=actor.may(Permission.PLACE_EDIT),
        key=str(uuid4()),
        form=form,
        errors=errors,
    )


@router.get("", name="places:browse")
def browse(
    request: Request,
    actor: SignedIn,
    db: Db,
    below: Annotated[str, Query(alias="under", max_length=40)] = "",
) -> Response:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        form = {"parent_id": below} if below else {}
        return _show(request, session, actor, form=form, errors={})


@router.post("", name="places:add")
def add(request: Request, form: AddForm, actor: SignedIn, db: Db) -> Response:
    try:
        commands = [form.valid()]
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                commands,
                lambda: PlaceOut.all(service.add_places(session, actor, commands)),
            )
    except (Invalid, Conflict) as problem:
        errors = _errors(problem)
        with db.read() as session:
            return _show(
                request, session, actor, form=form.raw, errors=errors, status=problem.status
            )
    message = gettext("%(name)s er lagt til.", name=commands[0].name)
    return redirect(
        request, "places:browse", message=message, query={"under": form.raw.get("parent_id")}
    )


@labels.get("/P/{code}", name="places:open")
@labels.get("/p/{code}")
def open_code(request: Request, code: str, actor: SignedIn, db: Db) -> Response:
    """A room says nothing to strangers, so whoever is not signed in is asked to sign in first."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        place = queries.place_by_code(session, actor, code[:200])
    return redirect(request, "places:show", place_id=place.id)


def _place(session: Session, actor: Actor, place_id: UUID) -> Place:
    place = session.scalar(queries.places_visible_to(actor).where(Place.id == place_id))
    if place is None:
        raise NotFound
    return place


def _as_typed(place: Place) -> dict[str, str]:
    return {
        "name": place.name,
        "address": place.address or "",
        "latitude": typed_scaled(place.latitude_udeg, 1_000_000),
        "longitude": typed_scaled(place.longitude_udeg, 1_000_000),
    }


def _show_one(
    request: Request,
    session: Session,
    actor: Actor,
    place: Place,
    *,
    typed: dict[str, str] | None = None,
    problem: Problem | None = None,
) -> Response:
    stored = _as_typed(place)
    form = stored if typed is None else typed
    is_stale = isinstance(problem, Stale)
    labels = {
        "name": gettext("Navn"),
        "address": gettext("Adresse"),
        "latitude": gettext("Breddegrad"),
        "longitude": gettext("Lengdegrad"),
    }
    dash = "\N{EM DASH}"
    theirs = [
        (label, stored[name] or dash, form.get(name, "").strip() or dash)
        for name, label in labels.items()
        if stored[name] != form.get(name, "").strip()
    ]
    return page(
        request,
        "places/show.html",
        status=problem.status if problem else 200,
        place=place,
        stored=stored,
        kind=gettext(KINDS[place.kind]),
        code=codes.grouped(place.code) if place.code else None,
        form=form,
        errors=_errors(problem) if problem and not is_stale else {},
        theirs=theirs if is_stale else None,
        may_edit=actor.may(Permission.PLACE_EDIT),
        version=place.version if is_stale else form.get("version", place.version),
        panels=panels(request, "place", session, actor, place),
    )


def _errors(problem: Problem) -> dict[str, str]:
    return problem.by_field if isinstance(problem, Invalid) else {"name": gettext(problem.title)}


@router.get("/{place_id}", name="places:show")
def show(request: Request, place_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        return _show_one(request, session, actor, _place(session, actor, place_id))


@router.post("/{place_id}", name="places:edit")
def edit(request: Request, place_id: UUID, form: EditForm, actor: SignedIn, db: Db) -> Response:
    try:
        command = form.valid(place_id=place_id)
        with db.write() as session:
            service.edit_place(session, actor, command)
    except (Invalid, Conflict, Stale) as problem:
        with db.read() as session:
            place = _place(session, actor, place_id)
            return _show_one(request, session, actor, place, typed=form.raw, problem=problem)
    return redirect(request, "places:browse", message=gettext("Endringen er lagret."))
