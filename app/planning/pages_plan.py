"""A project's plan: supply for every line, what is set aside, alternatives side by side, result."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.catalogue.models import Category
from app.catalogue.queries import category_name
from app.handovers.queries_run import runs_of_pieces
from app.handovers.rules import MOST_PIECES
from app.items import names as item_names
from app.items.rules import MACHINE, ItemVerb
from app.kit.db import Database
from app.kit.errors import Conflict, Invalid, NotFound, Problem
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext, ngettext
from app.kit.once import once
from app.kit.page import page, redirect
from app.kit.states import allows
from app.kit.units import typed_scaled
from app.kit.web import Db
from app.planning import service_allocate as service
from app.planning import shown_plan
from app.planning.names import NOW
from app.planning.queries_lines import open_lines
from app.planning.queries_ordered import ordered_for
from app.planning.queries_plan import allocated_pieces, fixed_of
from app.planning.queries_supply import fitting
from app.planning.rules_match import ALLOCATED, Origin, Pile
from app.planning.service_fix import FixPlan, fix_plan
from app.planning.views_plan import plan_of
from app.projects import names
from app.projects.models import ProgrammeLine, Project
from app.projects.queries import lines_visible_to, place_labels, projects_visible_to
from app.projects.rules import LineState, ProjectState

router = APIRouter(prefix="/prosjekter")

A_PAGE = 100
MOST_PILES = 100
AllocateForm = Annotated[Submission[service.Allocate], Depends(submitted(service.Allocate))]
LetGoForm = Annotated[Submission[service.LetGo], Depends(submitted(service.LetGo))]
FixForm = Annotated[Submission[FixPlan], Depends(submitted(FixPlan))]


@router.get("/{project_id}/plan", name="plans:show")
def show(
    request: Request,
    project_id: UUID,
    actor: SignedIn,
    db: Db,
    start: Annotated[int, Query(alias="fra", ge=0, le=1_000_000)] = 0,
) -> Response:
    actor.must(Permission.PROJECT_READ)
    with db.read() as session:
        project = _project(session, actor, project_id)
        return _show(request, session, actor, project, start)


@router.post("/{project_id}/plan", name="plans:fix")
def fix(request: Request, project_id: UUID, form: FixForm, actor: SignedIn, db: Db) -> Response:
    try:
        command = form.valid(project_id=project_id)
        _done(db, actor, form.key, command, lambda s: str(fix_plan(s, actor, [command])[0].id))
    except (Invalid, Conflict) as problem:
        with db.read() as session:
            project = _project(session, actor, project_id)
            return _show(request, session, actor, project, 0, problem)
    message = gettext("Planen er fastsatt. Resultatet måles mot den.")
    return redirect(request, "plans:show", message=message, project_id=project_id)


@router.get("/linjer/{programme_line_id}/plan", name="plans:line")
def line(request: Request, programme_line_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.PROJECT_READ)
    with db.read() as session:
        return _line(request, session, actor, programme_line_id)


@router.post("/linjer/{programme_line_id}/sett-av", name="plans:allocate")
def allocate(
    request: Request, programme_line_id: UUID, form: AllocateForm, actor: SignedIn, db: Db
) -> Response:
    try:
        command = form.valid(programme_line_id=programme_line_id)
        count = _done(
            db, actor, form.key, command, lambda s: len(service.allocate(s, actor, [command]))
        )
    except (Invalid, Conflict) as problem:
        with db.read() as session:
            return _line(request, session, actor, programme_line_id, form.raw, problem)
    message = ngettext("%(num)s møbel er satt av.", "%(num)s møbler er satt av.", count)
    return redirect(request, "plans:line", message=message, programme_line_id=programme_line_id)


@router.post("/linjer/{programme_line_id}/fri", name="plans:let_go")
def let_go(
    request: Request, programme_line_id: UUID, form: LetGoForm, actor: SignedIn, db: Db
) -> Response:
    try:
        command = form.valid(programme_line_id=programme_line_id, item_ids=_ticked(form))
        count = _done(
            db, actor, form.key, command, lambda s: len(service.let_go(s, actor, [command]))
        )
    except (Invalid, Conflict) as problem:
        with db.read() as session:
            return _line(request, session, actor, programme_line_id, form.raw, problem)
    message = ngettext("%(num)s møbel er frigitt.", "%(num)s møbler er frigitt.", count)
    return redirect(request, "plans:line", message=message, programme_line_id=programme_line_id)


def _ticked(form: Submission[service.LetGo]) -> list[str]:
    ids = form.many.get("item_ids", [])
    if not ids:
        raise Invalid(by_field={"item_ids": N_("Kryss av for minst ett møbel.")})
    return ids


def _done(
    db: Database,
    actor: Actor,
    key: str | None,
    command: BaseModel,
    call: Callable[[Session], Any],
) -> Any:
    with db.write() as session:
        return once(session, actor, key, [command], lambda: call(session))


def _project(session: Session, actor: Actor, project_id: UUID) -> Project:
    found = session.scalar(projects_visible_to(actor).where(Project.id == project_id))
    if found is None:
        raise NotFound(N_("Fant ikke prosjektet."))
    return found


def _show(
    request: Request,
    session: Session,
    actor: Actor,
    project: Project,
    start: int,
    problem: Problem | None = None,
) -> Response:
    plan = plan_of(session, actor, project, request.app.state.db.clock.today())
    fixed = fixed_of(session, actor, project.id)
    # What still lacks something first: that is what there is to do.
    ordered = sorted(plan.lines, key=lambda each: plan.open[each.id] == 0)
    some = ordered[start : start + A_PAGE]
    codes = {each.category_id for each in some}
    found = session.scalars(select(Category).where(Category.id.in_(codes)))
    heads, rows = shown_plan.alternative_rows(plan, actor.currency)
    (now,) = [each for each in plan.alternatives if each.key == NOW]
    return page(
        request,
        "planning/plan.html",
        status=problem.status if problem else 200,
        project=project,
        plan=plan,
        lines=shown_plan.line_rows(
            plan,
            {each.id: category_name(each) for each in found},
            place_labels(session, actor, {each.place_id for each in some}),
            some,
        ),
        start=start,
        further=start + A_PAGE if start + A_PAGE < len(ordered) else None,
        now={
            "share": shown_plan.percent(now, with_used=False),
            "co2e": shown_plan.co2e(now.figures.net.co2e_g),
            "saved": shown_plan.money(now.figures.net.saved_ore, actor.currency)
            if now.figures.has_money
            else shown_plan.uncounted(),
            "transport": shown_plan.grams(now.figures.transport_g),
            "open": now.open,
            "aside": sum(plan.aside.values()),
            "is_all_here": not (now.open or plan.aside or any(plan.ordered.values())),
        },
        heads=heads,
        rows=rows,
        fixed=fixed,
        results=shown_plan.result_rows(session, actor, project, plan, fixed) if fixed else [],
        may_edit=project.state is not ProjectState.CLOSED
        and actor.may(Permission.PROJECT_EDIT, project.unit_id),
        may_see_report=actor.may(Permission.REPORT_READ),
        key=str(uuid4()),
        errors=_said(problem),
    )


def _line(
    request: Request,
    session: Session,
    actor: Actor,
    programme_line_id: UUID,
    form: dict[str, str] | None = None,
    problem: Problem | None = None,
) -> Response:
    query = lines_visible_to(actor).where(ProgrammeLine.id == programme_line_id)
    row = session.scalar(query)
    if row is None:
        raise NotFound(N_("Fant ikke linjen i behovsprogrammet."))
    project = _project(session, actor, row.project_id)
    found = fitting(session, actor, project.id, row, request.app.state.db.clock.today())
    waiting = open_lines(session, actor, [row], ordered_for(session, actor, [row.id]))
    missing = waiting[0].open if waiting else 0
    category = session.get_one(Category, row.category_id)
    places = place_labels(session, actor, {each.place_id for each in found})
    projects = {each.project_id for each in found if each.project_id}
    called = session.execute(
        projects_visible_to(actor)
        .where(Project.id.in_(projects))
        .with_only_columns(Project.id, Project.name)
    )
    from_project = {each.id: each.name for each in called}
    pieces = session.execute(allocated_pieces(actor, [row.id])).all()
    on_runs = runs_of_pieces(session, actor, [each.item_id for each in pieces])
    deliverable = [
        each.item_id
        for each in pieces
        if actor.may(Permission.HANDOVER_MAKE, each.owner_unit_id)
        and allows(MACHINE, each.state, ItemVerb.PICK_UP)
    ]
    is_open = project.state is not ProjectState.CLOSED and row.state is not LineState.CANCELLED
    chosen = (form or {}).get("item_id")
    piles = [_pile(each, places, from_project) for each in found[:MOST_PILES]]
    said = _said(problem)
    if "item_id" in said:  # it stands in the form unseen
        said["item_id"] = gettext(NOT_HERE)
    fields = {"item_ids": f"i-{pieces[0].item_id}"} if pieces else {}
    for each in piles:
        if str(each["pile"].item_id) == chosen:
            fields["quantity"] = f"q-{each['id']}"
    return page(
        request,
        "planning/line.html",
        status=problem.status if problem else 200,
        project=project,
        line=row,
        category=category_name(category),
        asked=names.asked_of(row),
        missing=missing,
        piles=piles,
        more=max(0, len(found) - MOST_PILES),
        origins={each: gettext(text) for each, text in ORIGINS.items()},
        pieces=pieces,
        deliverable=deliverable[:MOST_PIECES],
        on_runs=on_runs,
        drivable=sum(each not in on_runs for each in deliverable),
        conditions={each: gettext(text) for each, text in item_names.CONDITIONS.items()},
        may_edit=is_open and actor.may(Permission.PROJECT_EDIT, project.unit_id),
        key=str(uuid4()),
        form=form or {},
        # What is gone meanwhile has no field to lead to.
        errors={name if name in fields else "": text for name, text in said.items()},
        fields=fields,
    )


NOT_HERE = N_("Det du valgte, står ikke på siden lenger. Velg på nytt.")


def _pile(
    each: Pile, places: Mapping[UUID | None, str], from_project: Mapping[UUID, str]
) -> dict[str, Any]:
    return {
        "pile": each,
        "size": _size(each),
        "place": places.get(each.place_id),
        "project": from_project.get(each.project_id) if each.project_id else None,
        "may_allocate": each.origin in ALLOCATED,
        "id": f"{each.origin}-{each.item_id or each.listing_id}",
    }


ORIGINS = {
    Origin.INVENTORY: N_("Ledig"),
    Origin.RELEASE: N_("Frigis av prosjekt"),
    Origin.MARKET: N_("På markedet"),
    Origin.NETWORK: N_("I nettverket"),
}


def _size(pile: Pile) -> str:
    """«120 × 60 × 72 cm», as far as it is known."""
    sizes = [typed_scaled(each, 10) for each in (pile.width_mm, pile.depth_mm, pile.height_mm)]
    return (
        gettext("%(sizes)s cm", sizes=" × ".join(each or "?" for each in sizes))
        if any(sizes)
        else ""
    )


def _said(problem: Problem | None) -> dict[str, str]:
    if problem is None:
        return {}
    if isinstance(problem, Invalid) and problem.by_field:
        return dict(problem.by_field)
    return {"": gettext(problem.detail or problem.title, **problem.values)}
