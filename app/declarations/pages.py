"""Declarations for people: send a file, see what it states, answer, and apply it."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.models import Person
from app.accounts.rules import Permission
from app.catalogue.models import ProductModel
from app.catalogue.queries import product_models_visible_to
from app.declarations import service
from app.declarations.api import BODY_BYTES, file_answer, read_upload, stored_reading
from app.declarations.commands import ApplyDeclaration, EndDeclaration
from app.declarations.models import Declaration, DeclarationFile
from app.declarations.outputs import asked_of
from app.declarations.queries import (
    NEWEST_FIRST,
    declaration_files_visible_to,
    declaration_of,
    declarations_visible_to,
    file_of,
)
from app.declarations.rules import Reading, chosen
from app.declarations.shown import UNITS, declared_text, grams_text
from app.items.models import Code, Item
from app.items.queries import items_visible_to
from app.items.uploads import uploaded
from app.kit.codes import CodeMistyped, read_code
from app.kit.errors import Invalid, Problem
from app.kit.files import Files
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext, number, percent
from app.kit.once import once
from app.kit.page import page, redirect, url
from app.kit.paging import Cursor, keyset
from app.kit.units import typed_decimal
from app.kit.validation import by_field
from app.kit.web import Db

router = APIRouter(prefix="/miljodeklarasjoner")

_CODE = 20


class SentFile(BaseModel):
    """Nothing beside the file."""

    model_config = ConfigDict(extra="ignore")


class Choices(BaseModel):
    """Read by hand: target, confirmations, and ``scenario-C3``."""

    model_config = ConfigDict(extra="ignore")


FileForm = Annotated[Submission[SentFile], Depends(uploaded(SentFile))]
ApplyForm = Annotated[Submission[Choices], Depends(submitted(Choices))]


@router.get("", name="declarations:browse")
def browse(request: Request, actor: SignedIn, db: Db, cursor: Cursor = None) -> Response:
    """What counts and what has counted, and the form that takes a file."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        return _browse(request, session, actor, cursor=cursor)


def _browse(
    request: Request,
    session: Session,
    actor: Actor,
    *,
    cursor: str | None = None,
    problem: Problem | None = None,
) -> Response:
    found = keyset(
        session,
        declarations_visible_to(actor),
        NEWEST_FIRST,
        cursor=cursor,
        limit=50,
        rows=lambda result: result.scalars().all(),
        position=lambda row: (row.created_at, row.id),
    )
    waiting = declaration_files_visible_to(actor).where(
        DeclarationFile.id.not_in(
            declarations_visible_to(actor).with_only_columns(Declaration.declaration_file_id)
        )
    )
    newest = waiting.order_by(DeclarationFile.created_at.desc()).limit(10)
    targets = _targets(session, actor, found.rows)
    further = url(request, "declarations:browse", query={"cursor": found.next})
    return page(
        request,
        "declarations/browse.html",
        status=problem.status if problem else 200,
        rows=[{**_shown(each), "target": targets.get(each.id)} for each in found.rows],
        waiting=session.scalars(newest).all() if cursor is None else [],
        errors=_errors(problem),
        may_edit=actor.may(Permission.MODEL_EDIT),
        next_href=further if found.next else None,
        first_href=url(request, "declarations:browse") if cursor else None,
        twin=url(request, "api:declarations:list"),
    )


def _errors(problem: Problem | None) -> dict[str, str]:
    if problem is None:
        return {}
    if isinstance(problem, Invalid) and problem.by_field:
        return {name: gettext(text) for name, text in problem.by_field.items()}
    return {"": gettext(problem.detail or problem.title)}


def _targets(session: Session, actor: Actor, rows: Any) -> dict[UUID, str]:
    models = product_models_visible_to(actor).where(
        ProductModel.id.in_({each.product_model_id for each in rows if each.product_model_id})
    )
    items = select(Item.id, Item.name).where(
        Item.org_id == actor.org_id, Item.id.in_({each.item_id for each in rows if each.item_id})
    )
    names = {each.id: f"{each.maker} {each.name}" for each in session.scalars(models)}
    names |= {row.id: row.name for row in session.execute(items)}
    return {each.id: names.get(each.product_model_id or each.item_id, "") for each in rows}


def _shown(row: Declaration) -> dict[str, Any]:
    return {
        "row": row,
        "gwp": grams_text(row.gwp_g),
        "mass": grams_text(row.mass_g),
        "delivery": grams_text(row.delivery_g),
        "end_of_life": grams_text(row.end_of_life_g),
        "declared": declared_text(row),
    }


@router.post("", name="declarations:add_file", max_body_size=BODY_BYTES)
def add_file(request: Request, form: FileForm, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.MODEL_EDIT)
    files: Files = request.app.state.files
    try:
        sent = form.files.get("file", [])
        if not sent:
            raise Invalid(by_field={"file": N_("Velg en fil.")})
        content, reading = read_upload(sent[0])
        stored = service.kept(files, actor, sent[0].filename or "", content, reading)
        with db.write() as session:
            file_id = service.add_file(session, actor, stored).id
    except Problem as problem:
        with db.read() as session:
            return _browse(request, session, actor, problem=problem)
    return redirect(request, "declarations:review", declaration_file_id=file_id)


@router.get("/fil/{declaration_file_id}", name="declarations:review")
def review(request: Request, declaration_file_id: UUID, actor: SignedIn, db: Db) -> Response:
    """What the file states, and what it is to count for."""
    actor.must(Permission.MODEL_EDIT)
    reading = stored_reading(db, request.app.state.files, actor, declaration_file_id)
    with db.read() as session:
        return _review(request, session, actor, declaration_file_id, reading, {})


def _review(
    request: Request,
    session: Session,
    actor: Actor,
    file_id: UUID,
    reading: Reading,
    form: Mapping[str, str],
    problem: Problem | None = None,
) -> Response:
    file = file_of(session, actor, file_id)
    models = session.scalars(
        product_models_visible_to(actor).order_by(ProductModel.maker, ProductModel.name)
    )
    indicator = chosen(reading)
    errors = _errors(problem)
    return page(
        request,
        "declarations/review.html",
        status=problem.status if problem else 200,
        file=file,
        reading=reading,
        indicator=indicator,
        unit=gettext(UNITS[reading.unit]),
        quantity=number(reading.quantity),
        mass=None if reading.mass_kg is None else f"{number(reading.mass_kg)} kg",
        modules=[
            (module, each.scenario or "", f"{number(each.value)} kg")
            for module in ("A1-A3", "A1", "A2", "A3", "A4", "C1", "C2", "C3", "C4")
            for each in indicator.modules.get(module, ())
        ],
        questions=[
            {
                "asked": each.asked,
                "module": each.module,
                "pairs": [(name, name or gettext("uten navn")) for name in each.choices],
            }
            for each in asked_of(reading)
        ],
        asks_outside="outside" in errors or form.get("outside") == "1",
        models=[(str(each.id), f"{each.maker} {each.name}") for each in models],
        form=form,
        errors=errors,
        key=str(uuid4()),
        twin=url(request, "api:declaration_files:get", declaration_file_id=file.id),
    )


@router.post("/fil/{declaration_file_id}", name="declarations:apply")
def apply(
    request: Request, declaration_file_id: UUID, form: ApplyForm, actor: SignedIn, db: Db
) -> Response:
    actor.must(Permission.MODEL_EDIT)
    reading = stored_reading(db, request.app.state.files, actor, declaration_file_id)
    try:
        with db.read() as session:
            command = _command(session, actor, declaration_file_id, form.raw)
        with db.write() as session:
            made = once(
                session,
                actor,
                form.key,
                [command],
                lambda: [str(service.apply_declaration(session, actor, command, reading).id)],
                lambda kept: UUID(kept[0]),
            )
    except Problem as problem:
        with db.read() as session:
            return _review(request, session, actor, declaration_file_id, reading, form.raw, problem)
    message = gettext(N_("Miljødeklarasjonen gjelder fra nå. Det som er bokført, endres ikke."))
    return redirect(request, "declarations:show", message=message, declaration_id=made)


def _command(
    session: Session, actor: Actor, file_id: UUID, raw: Mapping[str, str]
) -> ApplyDeclaration:
    """The form as the command. Raises ``Invalid`` at the fields of the form."""
    errors: dict[str, str] = {}
    values: dict[str, Any] = {
        "declaration_file_id": file_id,
        "no_wood": raw.get("no_wood") == "1",
        "outside": raw.get("outside") == "1",
        "scenarios": {
            name.removeprefix("scenario-"): text.replace("\x00", "")
            for name, text in raw.items()
            if name.startswith("scenario-") and text
        },
    }
    for name in ("pieces", "packaging_kg"):
        text = raw.get(name, "").replace("\x00", "").strip()
        try:
            values[name] = typed_decimal(text) if text else None
        except ValueError as error:
            errors[name] = gettext(str(error))
    values["product_model_id"] = raw.get("product_model_id", "").strip() or None
    code = raw.get("code", "").replace("\x00", "").strip()[:_CODE]
    if code:
        values["item_id"] = _item_of(session, actor, code)
        if values["item_id"] is None:
            errors["code"] = gettext(N_("Fant ikke noe møbel med denne koden."))
    if bool(code) == bool(values["product_model_id"]):
        errors["product_model_id"] = gettext(N_("Velg enten en modell eller et møbel."))
    if errors:
        raise Invalid(by_field=errors)
    try:
        return ApplyDeclaration.model_validate(values)
    except ValidationError as error:
        raise Invalid(by_field=by_field(error)) from error


def _item_of(session: Session, actor: Actor, typed: str) -> UUID | None:
    try:
        code = read_code(typed)
    except CodeMistyped:
        return None
    query = items_visible_to(actor).join(
        Code, (Code.org_id == Item.org_id) & (Code.item_id == Item.id)
    )
    return session.scalar(query.where(Code.code == code).with_only_columns(Item.id))


@router.get("/{declaration_id}", name="declarations:show")
def show(request: Request, declaration_id: UUID, actor: SignedIn, db: Db) -> Response:
    """One declaration: what counts, what was confirmed and by whom, and the file."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        return _show(request, session, actor, declaration_id)


def _show(
    request: Request,
    session: Session,
    actor: Actor,
    declaration_id: UUID,
    problem: Problem | None = None,
) -> Response:
    row = declaration_of(session, actor, declaration_id)
    who = session.scalar(select(Person.name).where(Person.id == row.person_id))
    return page(
        request,
        "declarations/show.html",
        status=problem.status if problem else 200,
        **_shown(row),
        file=file_of(session, actor, row.declaration_file_id),
        target=_targets(session, actor, [row])[row.id],
        who=who or "",
        deviation=None if row.relative_deviation is None else percent(row.relative_deviation),
        errors=_errors(problem),
        may_edit=actor.may(Permission.MODEL_EDIT),
        twin=url(request, "api:declarations:get", declaration_id=row.id),
    )


@router.post("/{declaration_id}/avslutt", name="declarations:end")
def end(request: Request, declaration_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.MODEL_EDIT)
    try:
        with db.write() as session:
            command = EndDeclaration(declaration_id=declaration_id)
            ended = service.end_declaration(session, actor, command)
    except service.DeclarationOver as problem:
        with db.read() as session:
            return _show(request, session, actor, declaration_id, problem)
    message = gettext(N_("Miljødeklarasjonen teller ikke lenger for det som bokføres fra nå."))
    if ended.product_model_id is not None:
        message += " " + gettext(N_("Modellens felt er slik de var før den."))
    return redirect(request, "declarations:show", message=message, declaration_id=declaration_id)


@router.get("/{declaration_id}/fil", name="declarations:file")
def download(request: Request, declaration_id: UUID, actor: SignedIn, db: Db) -> Response:
    """The file as it came, only for download."""
    return file_answer(request, declaration_id, actor, db)
