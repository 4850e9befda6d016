"""Run sheets: planning a day, the sheet on paper and on the driver's phone."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.handovers import (
    queries_run,
    service_run,
    views,
    views_planned,
    views_run,
    views_runs,
    views_waiting,
)
from app.handovers.api_run import NEWEST_FIRST, run_of
from app.handovers.models_run import RunSheet
from app.handovers.pages import Pieces, errors_of
from app.handovers.queries_pool import pooled
from app.handovers.rules_run import RunState
from app.handovers.views_run import RunSheetOut
from app.kit.db import Database
from app.kit.errors import Conflict, Invalid, Stale
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import page, redirect
from app.kit.paging import Cursor, keyset
from app.kit.pdf import as_pdf
from app.kit.units import typed_scaled
from app.kit.web import Db
from app.places.queries import place_choices

router = APIRouter(prefix="/kjorelister")

PlanForm = Annotated[Submission[service_run.PlanRun], Depends(submitted(service_run.PlanRun))]
EditForm = Annotated[Submission[service_run.EditRun], Depends(submitted(service_run.EditRun))]
AddForm = Annotated[Submission[service_run.AddToRun], Depends(submitted(service_run.AddToRun))]
OffForm = Annotated[Submission[service_run.TakeOffRun], Depends(submitted(service_run.TakeOffRun))]
OfForm = Annotated[Submission[service_run.OfRun], Depends(submitted(service_run.OfRun))]

LineId = Annotated[UUID | None, Query(alias="linje")]

A_PAGE = 20


@router.get("", name="runs:browse")
def browse(request: Request, actor: SignedIn, db: Db, cursor: Cursor = None) -> Response:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        planned = list(session.scalars(queries_run.open_runs(actor).limit(50)))
        found = keyset(
            session,
            queries_run.runs_visible_to(actor).where(RunSheet.state != RunState.PLANNED),
            NEWEST_FIRST,
            cursor=cursor,
            limit=A_PAGE,
            rows=lambda result: list(result.scalars()),
            position=lambda each: (each.number, each.id),
        )
        return page(
            request,
            "handovers/runs.html",
            planned=views_runs.rows(session, actor, planned),
            rows=views_runs.rows(session, actor, found.rows),
            next_cursor=found.next,
            is_first=cursor is None,
            today=db.clock.today(),
            may_make=actor.may(Permission.HANDOVER_MAKE),
        )


@router.get("/ny", name="runs:new")
def new(
    request: Request,
    actor: SignedIn,
    db: Db,
    area_id: Annotated[UUID | None, Query(alias="omrade")] = None,
    item_ids: Pieces = (),
    line_id: LineId = None,
) -> Response:
    """With ``omrade`` what the next van there holds is chosen, else everything that was ordered.

    ``linje`` is a line of a programme: what its plan has set aside goes. ``mobel`` are pieces that
    nobody ordered: those go. Of the orders none goes then.
    """
    actor.must(Permission.HANDOVER_MAKE)
    today = db.clock.today()
    with db.read() as session:
        form, left = {"driven_on": today.isoformat()}, 0
        chosen: list[str] | None = [] if item_ids or line_id else None
        if line_id is not None:
            aside = views_waiting.of_line(session, actor, line_id, today)
            chosen, item_ids, left = aside.chosen, aside.without_place, aside.left
            form["driven_on"] = aside.first_day.isoformat()
        if area_id is not None:
            found = pooled(session, actor, today)
            pool = next((each for each in found.pools if each.area_id == area_id), None)
            form["area"] = found.areas[area_id] if pool else ""
            first = [*pool.first_ids, *pool.first_planned_ids] if pool else []
            chosen = [str(each) for each in first]
            left = pool.load.pieces - len(chosen) if pool else 0
        return _new(
            request,
            session,
            actor,
            form=form,
            chosen=chosen,
            others=item_ids,
            left=left,
            errors={},
            line_id=line_id,
        )


@router.post("/ny", name="runs:plan")
def plan(request: Request, form: PlanForm, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.HANDOVER_MAKE)
    try:
        command = form.valid()
        run_id = _written(db, actor, form, command, service_run.plan_run)
    except (Invalid, Conflict) as problem:
        with db.read() as session:
            return _new(
                request,
                session,
                actor,
                form=form.raw,
                chosen=views_waiting.ticked(form),
                others=form.many.get("item_ids", []),
                errors=errors_of(problem),
                status=problem.status,
            )
    return redirect(
        request, "runs:show", message=gettext("Kjørelisten er laget."), run_sheet_id=run_id
    )


@router.get("/{run_sheet_id}", name="runs:show")
def show(
    request: Request,
    run_sheet_id: UUID,
    actor: SignedIn,
    db: Db,
    item_ids: Pieces = (),
    line_id: LineId = None,
) -> Response:
    """On the phone each stop leads to the scanner; on paper it is the driver's sheet.

    ``mobel`` are pieces to put on it that nobody ordered, ``linje`` what a plan has set aside.
    """
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        run = run_of(session, actor, run_sheet_id)
        chosen: list[str] = []
        if line_id is not None:
            aside = views_waiting.of_line(session, actor, line_id, db.clock.today())
            chosen, item_ids = aside.chosen, aside.without_place
        return _show(request, session, actor, run, others=item_ids, chosen=chosen, errors={})


@router.get("/{run_sheet_id}/pdf", name="runs:pdf")
def show_as_pdf(request: Request, run_sheet_id: UUID, actor: SignedIn, db: Db) -> Response:
    return as_pdf(request, show(request, run_sheet_id, actor, db))


@router.get("/{run_sheet_id}/endre", name="runs:ask_edit")
def ask_edit(request: Request, run_sheet_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.HANDOVER_MAKE)
    with db.read() as session:
        run = run_of(session, actor, run_sheet_id)
        form = {
            "driven_on": run.driven_on.isoformat(),
            "area": run.area or "",
            "vehicle": run.vehicle or "",
            "driver_id": str(run.driver_id or ""),
            "base_place_id": str(run.base_place_id or ""),
            "distance_km": typed_scaled(run.distance_m, 1000),
            "transport_kr": typed_scaled(run.transport_ore, 100),
            "note": run.note or "",
            "version": str(run.version),
        }
        return _edit(request, session, actor, run, form=form, errors={})


@router.post("/{run_sheet_id}/endre", name="runs:edit")
def edit(request: Request, run_sheet_id: UUID, form: EditForm, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.HANDOVER_MAKE)
    try:
        command = form.valid(run_sheet_id=run_sheet_id)
        _written(db, actor, form, command, service_run.edit_run)
    except (Invalid, Conflict, Stale) as problem:
        errors = (
            {
                "": gettext(
                    N_("Noen andre endret kjørelisten mens du skrev. Se over og lagre igjen.")
                )
            }
            if isinstance(problem, Stale)
            else errors_of(problem)
        )
        with db.read() as session:
            run = run_of(session, actor, run_sheet_id)
            raw = {**form.raw, "version": str(run.version)}
            return _edit(
                request, session, actor, run, form=raw, errors=errors, status=problem.status
            )
    message = gettext("Kjørelisten er endret.")
    return redirect(request, "runs:show", message=message, run_sheet_id=run_sheet_id)


@router.post("/{run_sheet_id}/legg-til", name="runs:add")
def add(request: Request, run_sheet_id: UUID, form: AddForm, actor: SignedIn, db: Db) -> Response:
    return _changed(
        request, db, actor, run_sheet_id, form, service_run.add_to_run, N_("Lagt på kjørelisten.")
    )


@router.post("/{run_sheet_id}/ta-av", name="runs:take_off")
def take_off(
    request: Request, run_sheet_id: UUID, form: OffForm, actor: SignedIn, db: Db
) -> Response:
    text = N_("Tatt av kjørelisten. Det kan planlegges på en annen.")
    return _changed(request, db, actor, run_sheet_id, form, service_run.take_off_run, text)


@router.post("/{run_sheet_id}/avslutt", name="runs:finish")
def finish(request: Request, run_sheet_id: UUID, form: OfForm, actor: SignedIn, db: Db) -> Response:
    text = N_("Turen er avsluttet.")
    return _changed(request, db, actor, run_sheet_id, form, service_run.finish_run, text)


@router.post("/{run_sheet_id}/avlys", name="runs:cancel")
def cancel(request: Request, run_sheet_id: UUID, form: OfForm, actor: SignedIn, db: Db) -> Response:
    text = N_("Turen er avlyst. Møblene kan planlegges på en annen.")
    return _changed(request, db, actor, run_sheet_id, form, service_run.cancel_run, text)


def _written(
    db: Database,
    actor: Actor,
    form: Submission[Any],
    command: BaseModel,
    verb: Callable[[Session, Actor, Any], RunSheet],
) -> UUID:
    with db.write() as session:
        run_id: UUID = once(
            session,
            actor,
            form.key,
            [command],
            lambda: RunSheetOut.all(session, actor, [verb(session, actor, command)])[0],
            lambda answer: UUID(answer["id"]),
        )
    return run_id


def _changed(
    request: Request,
    db: Database,
    actor: Actor,
    run_id: UUID,
    form: Submission[Any],
    verb: Callable[[Session, Actor, Any], RunSheet],
    said: str,
) -> Response:
    actor.must(Permission.HANDOVER_MAKE)
    try:
        _written(db, actor, form, form.valid(run_sheet_id=run_id), verb)
    except (Invalid, Conflict) as problem:
        with db.read() as session:
            run = run_of(session, actor, run_id)
            others = form.many.get("item_ids", [])
            ticked = views_waiting.ticked(form)
            # The choice stands among others on the page: what is wrong is said of the whole form.
            chosen = isinstance(problem, Invalid) and problem.by_field and not others
            errors = {"": gettext(service_run.NOTHING)} if chosen else errors_of(problem)
            status, raw = problem.status, form.raw
            return _show(
                request,
                session,
                actor,
                run,
                others=others,
                chosen=ticked,
                form=raw,
                errors=errors,
                status=status,
            )
    return redirect(request, "runs:show", message=gettext(said), run_sheet_id=run_id)


def _fields(session: Session, actor: Actor) -> dict[str, Any]:
    return {
        "places": place_choices(session, actor),
        "vehicles": views.vehicle_choices(session),
        "drivers": views_run.driver_choices(session, actor),
        "key": str(uuid4()),
    }


def _new(
    request: Request,
    session: Session,
    actor: Actor,
    *,
    form: Mapping[str, str],
    chosen: list[str] | None,
    others: Sequence[UUID | str] = (),
    left: int = 0,
    errors: dict[str, str],
    status: int = 200,
    line_id: UUID | None = None,
) -> Response:
    pieces = views_waiting.rows(session, actor, chosen or ())
    alone = views_planned.for_run(session, actor, others, form)
    # Somebody else planned the last of them meanwhile: there is no form to mend.
    gone = {"": gettext("Det du valgte, venter ikke lenger på å bli kjørt.")} if errors else {}
    return page(
        request,
        "handovers/run_new.html",
        status=status,
        pieces=pieces,
        chosen=chosen,
        left=left,
        form=form,
        errors=errors if pieces or alone["others"] else gone,
        runs=list(session.scalars(queries_run.open_runs(actor).limit(20)))
        if others or line_id
        else [],
        further={"linje": line_id} if line_id else {"mobel": alone.get("other_ids")},
        **(alone | _fields(session, actor)),
    )


def _edit(
    request: Request,
    session: Session,
    actor: Actor,
    run: RunSheet,
    *,
    form: Mapping[str, str],
    errors: dict[str, str],
    status: int = 200,
) -> Response:
    return page(
        request,
        "handovers/run_edit.html",
        status=status,
        run=run,
        form=form,
        errors=errors,
        **_fields(session, actor),
    )


def _show(
    request: Request,
    session: Session,
    actor: Actor,
    run: RunSheet,
    *,
    others: Sequence[UUID | str] = (),
    chosen: list[str] | None = None,
    form: Mapping[str, str] | None = None,
    errors: dict[str, str],
    status: int = 200,
) -> Response:
    is_open = run.state is RunState.PLANNED
    may_make = actor.may(Permission.HANDOVER_MAKE)
    vehicles = {code: text for _, group in views.vehicle_choices(session) for code, text in group}
    return page(
        request,
        "handovers/run.html",
        status=status,
        sheet=views_run.sheet(session, actor, run),
        run=run,
        vehicle=vehicles.get(run.vehicle or ""),
        is_open=is_open,
        may_make=may_make,
        pieces=views_waiting.rows(session, actor, chosen or ()) if is_open and may_make else [],
        chosen=chosen or [],
        **views_planned.for_run(session, actor, others if is_open and may_make else (), form or {}),
        key=str(uuid4()),
        errors=errors,
    )
