"""Plans of floors for people: the list of floors, the plan, and the list by room that prints."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BeforeValidator
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.floorplans import queries, service, views
from app.floorplans.rules import DRAWN, TURNS
from app.items.models import Item
from app.items.queries import main_photo_keys
from app.kit.db import Database
from app.kit.errors import NotFound
from app.kit.files import FileMissing, Files
from app.kit.i18n import N_, gettext
from app.kit.page import page, url
from app.kit.pdf import Picture, as_pdf
from app.kit.units import typed_scaled
from app.kit.web import Db
from app.projects.models import Project
from app.projects.queries import open_projects
from app.projects.rules import ProjectState

router = APIRouter(prefix="/plantegninger")

ForProject = Annotated[
    UUID | None, BeforeValidator(lambda text: text or None), Query(alias="prosjekt")
]
"""Empty where the form asks for the plan as it is now."""
ChosenPiece = Annotated[UUID | None, Query(alias="mobel")]
Words = Annotated[str, Query(alias="q", max_length=120)]

PICTURES = 150
"""So many pictures of pieces in a PDF: each is decoded while the reader waits."""


@router.get("", name="floorplans:browse")
def browse(request: Request, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        rows = views.floors(session, actor)
    return page(
        request,
        "floorplans/browse.html",
        with_plan=[each for each in rows if each["has_plan"]],
        without=[each for each in rows if not each["has_plan"]],
        may_edit=actor.may(Permission.PLACE_EDIT),
    )


@router.get("/{floor_id}", name="floorplans:show")
def show(
    request: Request,
    floor_id: UUID,
    actor: SignedIn,
    db: Db,
    project: ForProject = None,
    chosen: ChosenPiece = None,
    words: Words = "",
) -> Response:
    actor.must(Permission.ITEM_READ)
    return show_plan(request, db, actor, floor_id, project, chosen=chosen, words=words)


def show_plan(
    request: Request,
    db: Database,
    actor: Actor,
    floor_id: UUID,
    project_id: UUID | None,
    *,
    chosen: UUID | None = None,
    words: str = "",
    form: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    at: str = "",
    status: int = 200,
) -> Response:
    """The plan with its forms; ``at`` is the form that was refused, and ``form`` what it held."""
    with db.read() as session:
        floor = queries.floor_of(session, actor, floor_id)
        project = queries.project_of(session, actor, project_id)
        shown = views.shown(session, actor, floor, project, words=words.strip())
        step = session.scalar(queries.last_step(actor, floor.id, project_id))
        editing = _edited(session, actor, shown, chosen) if chosen else None
        if project is None:
            may_put = actor.may(Permission.ITEM_EDIT)
        else:
            is_open = project.state is not ProjectState.CLOSED
            may_put = is_open and actor.may(Permission.PROJECT_EDIT, project.unit_id)
        return page(
            request,
            "floorplans/show.html",
            status=status,
            shown=shown,
            floor=floor,
            project=project,
            query=_query(project_id),
            words=words.strip(),
            projects=_projects(session, actor, project),
            wide=DRAWN,
            may_put=may_put and shown.sheet is not None,
            may_edit=actor.may(Permission.PLACE_EDIT),
            width=typed_scaled(shown.plan.width_mm, 10) if shown.plan else "",
            editing=editing,
            can_undo=step is not None,
            turns=[(str(each), f"{each}°") for each in TURNS],
            rooms=_rooms(shown),
            form=form,
            errors=errors or {},
            at=at,
            key=str(uuid4()),
        )


def _query(project_id: UUID | None) -> dict[str, object]:
    return {"prosjekt": project_id}


def _projects(session: Session, actor: Actor, project: Project | None) -> list[tuple[str, str]]:
    """Open projects, and the one that is shown."""
    found = open_projects(session, actor)
    if project is not None and str(project.id) not in dict(found):
        found = [(str(project.id), project.name), *found]
    return found


def _rooms(shown: views.Shown) -> list[tuple[str, str]]:
    start = f"{shown.floor.label} › "
    return [(str(each.id), each.label.removeprefix(start)) for each in shown.rooms]


def _edited(
    session: Session, actor: Actor, shown: views.Shown, chosen: UUID
) -> dict[str, Any] | None:
    """The piece whose place is typed, as it stands now; nothing for one that is not to be seen."""
    drawn = next((each for each in shown.drawn if each.piece.id == chosen), None)
    if drawn is not None:
        return {
            "piece": drawn.piece,
            "number": drawn.position.number,
            "left": drawn.left,
            "top": drawn.top,
            "turn": str(drawn.position.turn),
            "room_id": str(drawn.room_id or ""),
            "version": drawn.position.version,
        }
    piece = views.piece_of(session, actor, chosen)
    if piece is None:
        return None
    gone = next((row for row, each in shown.gone if each.id == chosen), None)
    return {
        "piece": piece,
        "number": None,
        "left": "",
        "top": "",
        "turn": "0",
        "room_id": "" if shown.project else str(piece.place_id),
        "version": gone.version if gone else 0,
    }


@router.get("/{floor_id}/romliste", name="floorplans:rooms")
def room_list(
    request: Request, floor_id: UUID, actor: SignedIn, db: Db, project: ForProject = None
) -> Response:
    """Room by room what is drawn, under the numbers of the plan; it prints."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        shown = _listed(session, actor, floor_id, project)
    return page(
        request,
        "floorplans/rooms.html",
        shown=shown,
        floor=shown.floor,
        project=shown.project,
        query=_query(project),
        rooms=shown.by_room(),
        wide=DRAWN,
        may_put=False,
        editing=None,
    )


def _listed(session: Session, actor: Actor, floor_id: UUID, project_id: UUID | None) -> views.Shown:
    floor = queries.floor_of(session, actor, floor_id)
    project = queries.project_of(session, actor, project_id)
    return views.shown(session, actor, floor, project)


@router.get("/{floor_id}/romliste/pdf", name="floorplans:rooms_pdf")
def room_list_as_pdf(
    request: Request, floor_id: UUID, actor: SignedIn, db: Db, project: ForProject = None
) -> Response:
    """The list with the plan and the first pictures, for those who carry."""
    listed = room_list(request, floor_id, actor, db, project)
    with db.read() as session:
        shown = _listed(session, actor, floor_id, project)
        first = [each.piece.id for each in shown.drawn][:PICTURES]
        pieces = session.query(Item).where(Item.org_id == actor.org_id, Item.id.in_(first)).all()
        keys = main_photo_keys(session, actor, pieces, "small")
    files: Files = request.app.state.files
    pictures: dict[str, Picture] = {}
    if shown.image is not None:
        path = url(request, "floorplans:image", floor_image_id=shown.image.id)
        _lend(pictures, files, path, shown.image.key, shown.image.media_type)
    for each in shown.drawn:
        if each.piece.id in keys and each.piece.photo_id:
            path = url(request, "photos:show", photo_id=each.piece.photo_id, size="small")
            _lend(pictures, files, path, keys[each.piece.id], "image/webp")
    return as_pdf(request, listed, pictures)


def _lend(pictures: dict[str, Picture], files: Files, path: str, key: str, media_type: str) -> None:
    """A file that is away leaves a gap in the document, as it does on the page."""
    try:
        pictures[path] = media_type, files.get(key)
    except FileMissing:
        return


@router.get("/bilde/{floor_image_id}", name="floorplans:image")
def image(request: Request, floor_image_id: UUID, actor: SignedIn, db: Db) -> Response:
    """The picture of a floor, kept by the reader's browser for good: it never changes."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        found = service.image_file(session, actor, floor_image_id)
    tag = f'"{found.sha256}"'
    headers = {"ETag": tag, "Cache-Control": "private, max-age=31536000, immutable"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    files: Files = request.app.state.files
    try:
        content = files.get(found.key)
    except FileMissing as error:
        raise NotFound(gettext(N_("Fant ikke bildet."))) from error
    return Response(content, 200, headers, found.media_type)
