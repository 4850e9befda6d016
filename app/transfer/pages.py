"""Importing on pages: choose a file, see what it would do, choose columns, apply, undo."""

from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.queries import unit_choices
from app.accounts.rules import Permission
from app.kit import downloads
from app.kit.errors import Conflict, Invalid, NotFound, Problem
from app.kit.exports import Format, export
from app.kit.files import FileMissing, Files
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext, ngettext, number
from app.kit.once import once
from app.kit.page import page, redirect
from app.kit.paging import Cursor
from app.kit.web import Db
from app.places.queries import place_choices
from app.transfer import (
    choosing,
    inventory,
    queries,
    service,
    service_apply,
    service_staging,
    service_undo,
    shown,
)
from app.transfer.mapping import Mapping as SheetMapping
from app.transfer.models import ImportRun
from app.transfer.service import How
from app.transfer.sheet_limits import LIMITS
from app.transfer.states import ImportState
from app.transfer.upload import previewed

router = APIRouter(prefix="/import")

BODY_BYTES = LIMITS.file_bytes + 200_000
"""One file at its limit, and the form around it."""
KEPT_AS = "sheet"


class Choose(BaseModel):
    """The fields beside the file."""

    mapping: str | None = None
    rate: str | None = None
    unit_id: UUID | None = None
    place_id: UUID | None = None


class Decide(BaseModel):
    skip_bad: bool = False


_read_form = submitted(Choose)


async def _uploaded(request: Request) -> AsyncIterator[Submission[Choose]]:
    """The form with its file, whose temporary file is closed with the answer."""
    try:
        yield await _read_form(request)
    finally:
        await request.close()


ChooseForm = Annotated[Submission[Choose], Depends(_uploaded)]
DecideForm = Annotated[Submission[Decide], Depends(submitted(Decide))]


@router.get("", name="transfer:browse")
def browse(request: Request, actor: SignedIn, db: Db, cursor: Cursor = None) -> Response:
    if not actor.may(Permission.IMPORT):
        actor.must(Permission.EXPORT)
    with db.read() as session:
        return _browse(request, session, actor, cursor=cursor)


def _browse(
    request: Request,
    session: Session,
    actor: Actor,
    *,
    form: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
    cursor: str | None = None,
) -> Response:
    runs = queries.newest_runs(session, actor, cursor)
    return page(
        request,
        "transfer/browse.html",
        status=status,
        form=form or {},
        errors=errors or {},
        key=str(uuid4()),
        may_import=actor.may(Permission.IMPORT),
        may_export=actor.may(Permission.EXPORT),
        mapping_options=shown.mapping_options(session, actor),
        unit_options=unit_choices(session, actor),
        place_options=place_choices(session, actor),
        runs=[shown.run_line(each) for each in runs.rows],
        next_cursor=runs.next,
        saved=shown.saved_mappings(session, actor),
        formats=[each.value for each in Format],
    )


@router.post("", name="transfer:upload", max_body_size=BODY_BYTES)
def upload(request: Request, form: ChooseForm, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.IMPORT)
    files: Files = request.app.state.files
    try:
        choice = form.valid()
        sent = form.files.get("file")
        if not sent:
            raise Invalid(by_field={"file": N_("Velg en fil.")})
        content = sent[0].file.read(LIMITS.file_bytes + 1)
        with db.read() as session:
            how = _how(session, actor, choice)
        name = sent[0].filename or ""
        run_id = previewed(db, actor, content, name, how, form.key)
        files.put(actor.org_id, content, KEPT_AS)
    except Problem as problem:
        with db.read() as session:
            errors = shown.errors_of(problem, "file")
            return _browse(
                request, session, actor, form=form.raw, errors=errors, status=problem.status
            )
    return redirect(request, "transfer:show", run_id=run_id)


def _how(session: Session, actor: Actor, choice: Choose) -> How:
    mapping = queries.mapping_named(session, actor, choice.mapping) if choice.mapping else None
    errors: dict[str, str] = {}
    rate = choosing.rate_in(choice.rate or "", errors)
    if rate is not None and (mapping is None or mapping.currency is None):
        errors["rate"] = N_("En kurs krever et oppsett som sier hvilken valuta prisene står i.")
    if errors:
        raise Invalid(by_field=errors)
    if mapping is not None and rate is not None:
        mapping = mapping.model_copy(update={"rate": rate})
    return How(mapping=mapping, unit_id=choice.unit_id, place_id=choice.place_id)


@router.get("/inventar", name="transfer:export")
def download(
    actor: SignedIn, db: Db, form: Annotated[Format, Query(alias="format")] = Format.XLSX
) -> Response:
    actor.must(Permission.EXPORT)
    with downloads.written() as file, db.read() as session:
        rows = inventory.rows(session, actor)
        for piece in export(form, inventory.columns(), rows, title=actor.organisation_name):
            file.write(piece)
    return downloads.sent(file, form, "inventar")


@router.get("/{run_id}", name="transfer:show")
def show(request: Request, run_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.IMPORT)
    with db.read() as session:
        run = queries.run(session, actor, run_id)
        return _show(request, session, actor, run)


def _show(
    request: Request,
    session: Session,
    actor: Actor,
    run: ImportRun,
    *,
    form: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    return page(
        request,
        "transfer/show.html",
        status=status,
        **shown.run_page(session, actor, run, form),
        errors=errors or {},
        key=str(uuid4()),
    )


@router.post("/{run_id}/oppsett", name="transfer:remap")
def remap(request: Request, run_id: UUID, form: ChooseForm, actor: SignedIn, db: Db) -> Response:
    """Reads the same file anew with other choices; keeps the mapping where a name is given."""
    actor.must(Permission.IMPORT)
    files: Files = request.app.state.files
    with db.read() as session:
        run = queries.run(session, actor, run_id)
    before = How.model_validate(run.mapping)
    try:
        if run.state is not ImportState.PREVIEWED:  # a page that is no longer so
            raise service_apply.ImportFinished(state=run.state.value)
        if form.raw.get("save") and not form.raw.get("name", "").strip():
            raise Invalid(by_field={"name": N_("Skriv navnet oppsettet skal lagres under.")})
        mapping: SheetMapping = choosing.chosen(run.report["columns"], form.raw, before.mapping)
        how = How(
            mapping=mapping,
            unit_id=_id(form.raw, "unit_id") or before.unit_id,
            place_id=_id(form.raw, "place_id") or before.place_id,
        )
        key = f"{actor.org_id}/{run.sha256[:2]}/{run.sha256[2:4]}/{run.sha256}.{KEPT_AS}"
        new_id = previewed(db, actor, files.get(key), run.file_name, how, form.key)
        with db.write(is_long=True) as session:
            if form.raw.get("save"):
                service.save_mappings(session, actor, [service.SaveMapping(mapping=mapping)])
            if new_id != run_id:
                with suppress(NotFound):  # the first of two clicks has taken it away
                    service_staging.discard(session, actor, run_id)
    except FileMissing:
        text = gettext(N_("Filen er ikke lenger lagret. Last den opp på nytt."))
        return redirect(request, "transfer:browse", message=text)
    except Problem as problem:
        with db.read() as session:
            run = queries.run(session, actor, run_id)
            errors = shown.errors_of(problem, "")
            return _show(
                request, session, actor, run, form=form.raw, errors=errors, status=problem.status
            )
    return redirect(request, "transfer:show", run_id=new_id, message=gettext(N_("Lest på nytt.")))


def _id(raw: Mapping[str, str], name: str) -> UUID | None:
    try:
        return UUID(raw[name]) if raw.get(name) else None
    except ValueError as error:
        raise Invalid(by_field={name: N_("Velg en av mulighetene.")}) from error


@router.post("/{run_id}/gjennomfor", name="transfer:apply")
def apply(request: Request, run_id: UUID, form: DecideForm, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.IMPORT)
    try:
        command = form.valid()
        with db.read() as session:
            ready = service_apply.prepare(session, actor, run_id)
        with db.write(is_long=True) as session:
            count = once(
                session,
                actor,
                form.key,
                [service_apply.OfRun(run_id=run_id, verb="apply", skip_bad=command.skip_bad)],
                lambda: _count(
                    service_apply.apply(session, actor, ready, skip_bad=command.skip_bad)
                ),
                int,
            )
    except NotFound:
        raise
    except Problem as problem:
        return _refused(request, db, actor, run_id, problem)
    message = ngettext("Importert: 1 rad.", "Importert: %(rows)s rader.", count, rows=number(count))
    return redirect(request, "transfer:show", run_id=run_id, message=message)


def _count(run: ImportRun) -> int:
    return int(run.report["created"] + run.report["updated"])


@router.post("/{run_id}/angre", name="transfer:undo")
def undo(request: Request, run_id: UUID, form: DecideForm, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.IMPORT)
    asked = service_apply.OfRun(run_id=run_id, verb="undo")
    try:
        with db.write(is_long=True) as session:
            once(
                session,
                actor,
                form.key,
                [asked],
                lambda: _count(service_undo.undo(session, actor, run_id)),
            )
    except NotFound:
        raise
    except Problem as problem:
        return _refused(request, db, actor, run_id, problem)
    message = gettext(N_("Importen er angret."))
    return redirect(request, "transfer:show", run_id=run_id, message=message)


def _refused(request: Request, db: Db, actor: Actor, run_id: UUID, problem: Problem) -> Response:
    with db.read() as session:
        run = queries.run(session, actor, run_id)
        errors = shown.errors_of(problem, "")
        return _show(request, session, actor, run, errors=errors, status=problem.status)


@router.post("/{run_id}/forkast", name="transfer:discard")
def discard(request: Request, run_id: UUID, form: DecideForm, actor: SignedIn, db: Db) -> Response:
    asked = service_apply.OfRun(run_id=run_id, verb="discard")
    try:
        with db.write(is_long=True) as session:
            once(
                session,
                actor,
                form.key,
                [asked],
                lambda: service_staging.discard(session, actor, run_id),
            )
    except Conflict as problem:
        return _refused(request, db, actor, run_id, problem)
    text = gettext(N_("Forhåndsvisningen er forkastet."))
    return redirect(request, "transfer:browse", message=text)


@router.post("/oppsett/{mapping_id}/slett", name="transfer:delete_mapping")
def delete_mapping(
    request: Request, mapping_id: UUID, form: DecideForm, actor: SignedIn, db: Db
) -> Response:
    asked = service.OfMapping(mapping_id=mapping_id)
    with db.write() as session:
        once(
            session,
            actor,
            form.key,
            [asked],
            lambda: service.delete_mapping(session, actor, mapping_id),
        )
    return redirect(request, "transfer:browse", message=gettext(N_("Oppsettet er slettet.")))
