"""Survey mode: a building is walked with a phone; what stays from piece to piece is kept for one."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.queries import unit_choices
from app.accounts.rules import Permission
from app.catalogue.queries import models_like
from app.fieldwork import modes, queries_survey, views_survey
from app.fieldwork import service_survey as service
from app.fieldwork.models_survey import Survey
from app.fieldwork.pages_scan import with_reader
from app.fieldwork.service_survey import BeginSurvey, OfSurvey, RegisterInSurvey
from app.fieldwork.shown import modes_shown
from app.items import choices
from app.items.commands import Register
from app.items.registering import errors_of, registration_in
from app.items.service_codes import CodeCancelled, CodeUnknown
from app.items.service_photos import AddPhoto, add_photos
from app.items.uploads import PHOTO_BYTES, stored_photos, uploaded
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext, ngettext
from app.kit.images import PhotoRefused, reads_heic
from app.kit.once import DoneBefore, once
from app.kit.page import page, redirect
from app.kit.web import Db
from app.places.queries import place_choices, places_with_codes
from app.projects.queries import open_projects

router = APIRouter(prefix="/kartlegging")

ROWS = 50
BeginForm = Annotated[Submission[BeginSurvey], Depends(submitted(BeginSurvey))]
RegisterForm = Annotated[Submission[Register], Depends(uploaded(Register))]


def _is_known(session: Session, actor: Actor, survey_id: UUID) -> bool:
    visible = queries_survey.surveys_visible_to(actor)
    return session.scalar(visible.where(Survey.id == survey_id)) is not None


def _survey(session: Session, actor: Actor, survey_id: UUID) -> Survey:
    row = session.scalar(queries_survey.surveys_visible_to(actor).where(Survey.id == survey_id))
    if row is None:
        raise NotFound(N_("Fant ikke kartleggingen."))
    return row


def _browse(
    request: Request,
    session: Session,
    actor: Actor,
    *,
    form: Mapping[str, str],
    errors: Mapping[str, str],
    status: int = 200,
) -> Response:
    rows = session.scalars(
        queries_survey.surveys_visible_to(actor)
        .order_by(Survey.started_at.desc(), Survey.id)
        .limit(ROWS)
    )
    return page(
        request,
        "fieldwork/surveys.html",
        status=status,
        surveys=views_survey.summaries(session, actor, list(rows)),
        places=place_choices(session, actor),
        projects=open_projects(session, actor),
        may_register=actor.may(Permission.ITEM_REGISTER),
        form=form,
        errors={name: gettext(text) for name, text in errors.items()},
        key=str(uuid4()),
    )


@router.get("", name="surveys:browse")
def browse(request: Request, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        return _browse(request, session, actor, form={}, errors={})


@router.post("", name="surveys:begin")
def begin(request: Request, form: BeginForm, actor: SignedIn, db: Db) -> Response:
    """Straight to the first piece, at the address that a phone keeps."""
    actor.must(Permission.ITEM_REGISTER)
    try:
        command = form.valid()
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                [command],
                lambda: str(service.begin(session, actor, command).id),
            )
    except Invalid as problem:
        errors = problem.by_field or {"": problem.detail or problem.title}
        with db.read() as session:
            return _browse(request, session, actor, form=form.raw, errors=errors, status=422)
    return redirect(request, "surveys:go_on")


@router.get("/videre", name="surveys:go_on")
def go_on(
    request: Request,
    actor: SignedIn,
    db: Db,
    named: Annotated[UUID | None, Query(alias="kartlegging")] = None,
) -> Response:
    """The survey that the person is in the middle of, at an address that a phone can keep.

    A phone without a network names the one whose page it keeps here.
    """
    actor.must(Permission.ITEM_REGISTER)
    with db.read() as session:
        if named is not None and _is_known(session, actor, named):
            return redirect(request, "surveys:register", survey_id=named)
        survey_id = queries_survey.last_survey_id(session, actor)
        if survey_id is None:
            return redirect(request, "surveys:browse")
        return _start(request, session, actor, survey_id)


@router.get("/ny", name="surveys:start")
def start(
    request: Request,
    actor: SignedIn,
    db: Db,
    begun: Annotated[UUID | None, Query(alias="kartlegging")] = None,
) -> Response:
    """The first piece of a survey that a phone has begun and the server has not heard of yet.

    The phone's script says which, and its queue takes what is registered.
    """
    actor.must(Permission.ITEM_REGISTER)
    with db.read() as session:
        if begun is not None and _is_known(session, actor, begun):
            return redirect(request, "surveys:register", survey_id=begun)
        form = {"owner_unit_id": str(actor.home_unit_id or "")}
        return _form(request, session, actor, None, form=form, errors={})


@router.get("/{survey_id}", name="surveys:show")
def show(request: Request, survey_id: UUID, actor: SignedIn, db: Db) -> Response:
    """How far it has come: pieces, and what is known of them, by room and person."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        row = _survey(session, actor, survey_id)
        return page(
            request,
            "fieldwork/survey.html",
            survey=views_survey.summaries(session, actor, [row])[0],
            progress=queries_survey.progress(session, actor, row.id),
            may_register=actor.may(Permission.ITEM_REGISTER),
            key=str(uuid4()),
        )


@router.post("/{survey_id}/avslutt", name="surveys:finish")
def finish(request: Request, survey_id: UUID, actor: SignedIn, db: Db) -> Response:
    with db.write() as session:
        service.finish(session, actor, OfSurvey(survey_id=survey_id))
    message = gettext("Kartleggingen er avsluttet.")
    return redirect(request, "surveys:show", message=message, survey_id=survey_id)


@router.post("/{survey_id}/gjenapne", name="surveys:reopen")
def reopen(request: Request, survey_id: UUID, actor: SignedIn, db: Db) -> Response:
    with db.write() as session:
        service.reopen(session, actor, OfSurvey(survey_id=survey_id))
    message = gettext("Kartleggingen er åpnet igjen.")
    return redirect(request, "surveys:show", message=message, survey_id=survey_id)


def _form(
    request: Request,
    session: Session,
    actor: Actor,
    survey_id: UUID | None,
    *,
    form: Mapping[str, str],
    errors: Mapping[str, str],
    status: int = 200,
) -> Response:
    row = _survey(session, actor, survey_id) if survey_id else None
    places = places_with_codes(session, actor)
    response = page(
        request,
        "fieldwork/survey_register.html",
        status=status,
        survey=views_survey.summaries(session, actor, [row])[0] if row else None,
        modes=modes_shown(request, actor, modes.SURVEY),
        last=views_survey.last_shown(session, actor, row.id) if row else None,
        form=form,
        errors=errors,
        key=form.get("key") or str(uuid4()),
        hints=choices.default_hints(session, actor, form),
        category_options=choices.category_options(session),
        places=[(place_id, label) for place_id, label, _ in places],
        place_codes=" ".join(code for _, _, code in places),
        units=unit_choices(session, actor),
        conditions=choices.condition_options(),
        identifier_options=choices.identifier_options(),
        asked_by_category=views_survey.asked_by_category(),
        reads_heic=reads_heic(),
        **choices.measurements_by_category(form, errors),
    )
    return with_reader(response)


@router.get("/{survey_id}/registrer", name="surveys:register")
def show_register(request: Request, survey_id: UUID, actor: SignedIn, db: Db) -> Response:
    """Place, category and unit are those of the last piece; ``som=forrige`` keeps all the rest."""
    actor.must(Permission.ITEM_REGISTER)
    with db.read() as session:
        return _start(request, session, actor, survey_id)


def _start(request: Request, session: Session, actor: Actor, survey_id: UUID) -> Response:
    given = {name: text.replace("\x00", "") for name, text in request.query_params.items()}
    is_like = given.pop("som", "") == "forrige"
    survey = _survey(session, actor, survey_id)
    kept = views_survey.kept_from_last(session, actor, survey, is_like=is_like)
    return _form(request, session, actor, survey_id, form=kept | given, errors={})


@router.post("/{survey_id}/registrer", name="surveys:do_register", max_body_size=PHOTO_BYTES)
def register(
    request: Request, survey_id: UUID, form: RegisterForm, actor: SignedIn, db: Db
) -> Response:
    """As many pieces as there are codes, unless a number is named; then on to the next."""
    actor.must(Permission.ITEM_REGISTER)
    with db.read() as session:
        _survey(session, actor, survey_id)
        wanted = _with_defaults(session, actor, form)
    try:
        command = RegisterInSurvey(survey_id=survey_id, pieces=[registration_in(wanted)])
        photos = stored_photos(request, actor, form)
        with db.write() as session:
            count = once(
                session,
                actor,
                form.key,
                [command],
                lambda: _registered(session, actor, command, photos),
                lambda answer: len(answer["item_ids"]),
            )
    except DoneBefore as problem:
        # Nothing is lost and nothing to mend: on to the next piece.
        message = gettext(problem.title)
        return redirect(request, "surveys:register", message=message, survey_id=survey_id)
    except (Invalid, PhotoRefused, Conflict, CodeUnknown, CodeCancelled) as problem:
        with db.read() as session:
            status = 422 if isinstance(problem, Invalid) else problem.status
            errors = errors_of(problem)
            return _form(
                request, session, actor, survey_id, form=form.raw, errors=errors, status=status
            )
    message = ngettext("%(num)s møbel registrert.", "%(num)s møbler registrert.", count)
    return redirect(request, "surveys:register", message=message, survey_id=survey_id)


def _with_defaults(
    session: Session, actor: Actor, form: Submission[Register]
) -> Submission[Register]:
    """An empty number counts the codes, and a product model that is typed is looked for.

    A name that no model has is kept as the piece's own.
    """
    raw = dict(form.raw)
    codes = raw.get("codes", "").replace(",", " ").replace(";", " ").split()
    raw["quantity"] = raw.get("quantity", "").strip() or str(max(1, len(codes)))
    typed = raw.pop("product_model", "").strip()
    found = models_like(session, actor, typed, most=2)
    exact = [each for each in found if f"{each.maker} {each.name}".casefold() == typed.casefold()]
    if exact or len(found) == 1:
        raw["product_model_id"] = str((exact or found)[0].id)
    elif typed and not raw.get("model", "").strip():
        raw["model"] = typed
    return Submission(form.command, raw, form.many, form.files)


def _registered(
    session: Session, actor: Actor, command: RegisterInSurvey, photos: list[Any]
) -> dict[str, Any]:
    items = service.register(session, actor, command).items
    if photos:
        first = AddPhoto(item_id=items[0]["id"], of_lot=len(items) > 1)
        add_photos(session, actor, first, photos)
    return {"item_ids": [str(item["id"]) for item in items]}
