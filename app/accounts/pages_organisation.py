"""The organisation's units and its people."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts import names, queries, service
from app.accounts.actor import Actor, SignedIn
from app.accounts.models import Deputy, Membership, Person, Unit
from app.accounts.rules import Permission, Role
from app.kit.errors import Conflict, Invalid, NotFound, Problem, Stale
from app.kit.forms import Submission, submitted
from app.kit.i18n import gettext
from app.kit.once import once
from app.kit.page import page, redirect
from app.kit.web import Db

router = APIRouter()

UnitForm = Annotated[Submission[service.AddUnit], Depends(submitted(service.AddUnit))]
EditUnitForm = Annotated[Submission[service.EditUnit], Depends(submitted(service.EditUnit))]
MemberForm = Annotated[Submission[service.AddMember], Depends(submitted(service.AddMember))]
ChangeForm = Annotated[Submission[service.ChangeMember], Depends(submitted(service.ChangeMember))]


def _errors(problem: Problem) -> dict[str, str]:
    """The messages for the form; a conflict concerns the form as a whole."""
    if isinstance(problem, Invalid) and problem.by_field:
        return problem.by_field
    text = gettext(problem.detail or problem.title)
    return {"": text % problem.values if problem.values else text}


def _people(session: Session, actor: Actor) -> list[tuple[str, str]]:
    rows = session.execute(queries.people_visible_to(actor).order_by(Person.name))
    return [(str(row.id), row.name) for row in rows]


def _units(session: Session, actor: Actor) -> list[dict[str, Any]]:
    names = dict(_people(session, actor))
    known = {str(unit.id): unit for unit in session.scalars(queries.units_visible_to(actor))}
    rows = []
    for unit_id, label in queries.unit_choices(session, actor):
        unit = known[unit_id]
        rows.append(
            {
                "id": unit.id,
                "name": unit.name,
                "depth": len(label) - len(label.lstrip("\N{EM SPACE}")),
                "cost_centre": unit.cost_centre,
                "leader": names.get(str(unit.leader_id)),
            }
        )
    return rows


def _show_units(
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
        "accounts/units.html",
        status=status,
        units=_units(session, actor),
        parents=queries.unit_choices(session, actor),
        people=_people(session, actor),
        may_edit=actor.may(Permission.ORGANISATION_EDIT),
        key=str(uuid4()),
        form=form,
        errors=errors,
    )


@router.get("/virksomhet", name="accounts:units")
def show_units(request: Request, actor: SignedIn, db: Db) -> Response:
    with db.read() as session:
        return _show_units(request, session, actor, form={}, errors={})


@router.post("/virksomhet", name="accounts:add_unit")
def add_unit(request: Request, form: UnitForm, actor: SignedIn, db: Db) -> Response:
    try:
        command = form.valid()
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                [command],
                lambda: [str(each.id) for each in service.add_units(session, actor, [command])],
            )
    except (Invalid, Conflict) as problem:
        with db.read() as session:
            return _show_units(
                request,
                session,
                actor,
                form=form.raw,
                errors=_errors(problem),
                status=problem.status,
            )
    message = gettext("%(name)s er lagt til.", name=command.name)
    return redirect(request, "accounts:units", message=message)


def _show_unit(
    request: Request,
    session: Session,
    actor: Actor,
    unit_id: UUID,
    *,
    typed: Submission[service.EditUnit] | None = None,
    problem: Problem | None = None,
) -> Response:
    unit = session.scalar(queries.units_visible_to(actor).where(Unit.id == unit_id))
    if unit is None:
        raise NotFound
    people = _people(session, actor)
    deputies = [
        str(each)
        for each in session.scalars(
            queries.deputies_of(actor, unit_id).with_only_columns(Deputy.person_id)
        )
    ]
    kept = {
        "name": unit.name,
        "cost_centre": unit.cost_centre or "",
        "leader_id": str(unit.leader_id or ""),
    }
    form = typed.raw if typed else kept
    chosen = typed.many.get("deputy_ids", []) if typed else deputies
    is_stale = isinstance(problem, Stale)
    theirs = [
        (gettext("Navn"), kept["name"], form.get("name", "")),
        (gettext("Kostnadssted"), kept["cost_centre"], form.get("cost_centre", "")),
        (
            gettext("Leder"),
            _said(people, [kept["leader_id"]]),
            _said(people, [form.get("leader_id", "")]),
        ),
        (gettext("Stedfortredere"), _said(people, deputies), _said(people, chosen)),
    ]
    return page(
        request,
        "accounts/unit.html",
        status=problem.status if problem else 200,
        unit=unit,
        people=people,
        deputies=chosen,
        may_edit=actor.may(Permission.ORGANISATION_EDIT),
        version=unit.version if is_stale else form.get("version", unit.version),
        form=form,
        theirs=_different(theirs) if is_stale else None,
        errors=_errors(problem) if problem and not is_stale else {},
    )


def _said(options: Sequence[tuple[str, str]], chosen: Sequence[str]) -> str:
    """The names of what is chosen, as a person reads them."""
    return ", ".join(name.strip("\N{EM SPACE}") for value, name in options if value in chosen)


def _different(rows: Sequence[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Field, what is stored and what was typed, where the two differ."""
    return [
        (label, stored or "\N{EM DASH}", typed.strip() or "\N{EM DASH}")
        for label, stored, typed in rows
        if stored != typed.strip()
    ]


@router.get("/virksomhet/{unit_id}", name="accounts:unit")
def show_unit(request: Request, unit_id: UUID, actor: SignedIn, db: Db) -> Response:
    with db.read() as session:
        return _show_unit(request, session, actor, unit_id)


@router.post("/virksomhet/{unit_id}", name="accounts:edit_unit")
def edit_unit(
    request: Request, unit_id: UUID, form: EditUnitForm, actor: SignedIn, db: Db
) -> Response:
    try:
        command = form.valid(unit_id=unit_id)
        with db.write() as session:
            service.edit_unit(session, actor, command)
    except (Invalid, Conflict, Stale) as problem:
        with db.read() as session:
            return _show_unit(request, session, actor, unit_id, typed=form, problem=problem)
    return redirect(request, "accounts:units", message=gettext("Endringen er lagret."))


def _members(session: Session, actor: Actor) -> list[dict[str, Any]]:
    rows = list(session.execute(queries.people_visible_to(actor).order_by(Person.name)))
    roles: dict[UUID, list[str]] = {}
    for grant in session.execute(queries.roles_of(actor, [row.membership_id for row in rows])):
        roles.setdefault(grant.membership_id, []).append(gettext(names.ROLES[grant.role]))
    return [
        {
            "id": row.id,
            "name": row.name,
            "email": row.email,
            "home_unit": row.home_unit,
            "roles": ", ".join(sorted(roles.get(row.membership_id, []))),
        }
        for row in rows
    ]


def _role_choices() -> list[tuple[str, str]]:
    return [(role.value, gettext(name)) for role, name in names.ROLES.items()]


def _show_people(
    request: Request,
    session: Session,
    actor: Actor,
    *,
    form: Submission[service.AddMember] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    shown = {k: v for k, v in form.raw.items() if k != "password"} if form else {}
    return page(
        request,
        "accounts/people.html",
        status=status,
        members=_members(session, actor),
        units=queries.unit_choices(session, actor),
        roles=_role_choices(),
        chosen=form.many.get("roles", []) if form else [Role.EMPLOYEE.value],
        key=str(uuid4()),
        form=shown,
        errors=errors or {},
    )


@router.get("/personer", name="accounts:people")
def show_people(request: Request, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.PERSON_EDIT)
    with db.read() as session:
        return _show_people(request, session, actor)


@router.post("/personer", name="accounts:add_member")
def add_member(request: Request, form: MemberForm, actor: SignedIn, db: Db) -> Response:
    try:
        command = form.valid()
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                [command],
                lambda: [str(each.id) for each in service.add_members(session, actor, [command])],
            )
    except (Invalid, Conflict) as problem:
        with db.read() as session:
            return _show_people(
                request, session, actor, form=form, errors=_errors(problem), status=problem.status
            )
    message = gettext("%(name)s er lagt til.", name=command.name)
    return redirect(request, "accounts:people", message=message)


def _show_member(
    request: Request,
    session: Session,
    actor: Actor,
    person_id: UUID,
    *,
    typed: Submission[service.ChangeMember] | None = None,
    problem: Problem | None = None,
) -> Response:
    row = session.execute(
        queries.people_visible_to(actor).where(Membership.person_id == person_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    grants = list(session.execute(queries.roles_of(actor, [row.membership_id])))
    kept = {
        "home_unit_id": str(row.home_unit_id or ""),
        "role_unit_id": next((str(grant.unit_id) for grant in grants if grant.unit_id), ""),
    }
    granted = [grant.role.value for grant in grants]
    form = typed.raw if typed else kept
    chosen = typed.many.get("roles", []) if typed else granted
    units, roles = queries.unit_choices(session, actor), _role_choices()
    is_stale = isinstance(problem, Stale)
    theirs = [
        (
            label,
            _said(units, [kept[name]]),
            _said(units, [form.get(name, "")]),
        )
        for label, name in (
            (gettext("Hjemmeenhet"), "home_unit_id"),
            (gettext("Rollene gjelder"), "role_unit_id"),
        )
    ]
    theirs.append((gettext("Roller"), _said(roles, granted), _said(roles, chosen)))
    return page(
        request,
        "accounts/member.html",
        status=problem.status if problem else 200,
        member=row,
        units=units,
        roles=roles,
        chosen=chosen,
        version=row.version if is_stale else form.get("version", row.version),
        form=form,
        theirs=_different(theirs) if is_stale else None,
        errors=_errors(problem) if problem and not is_stale else {},
    )


@router.get("/personer/{person_id}", name="accounts:member")
def show_member(request: Request, person_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.PERSON_EDIT)
    with db.read() as session:
        return _show_member(request, session, actor, person_id)


@router.post("/personer/{person_id}", name="accounts:change_member")
def change_member(
    request: Request, person_id: UUID, form: ChangeForm, actor: SignedIn, db: Db
) -> Response:
    try:
        command = form.valid(person_id=person_id)
        with db.write() as session:
            service.change_member(session, actor, command)
    except (Invalid, Conflict, Stale) as problem:
        with db.read() as session:
            return _show_member(request, session, actor, person_id, typed=form, problem=problem)
    return redirect(request, "accounts:people", message=gettext("Endringen er lagret."))


@router.post("/personer/{person_id}/fjern", name="accounts:remove_member")
def remove_member(request: Request, person_id: UUID, actor: SignedIn, db: Db) -> Response:
    with db.write() as session:
        service.remove_member(session, actor, service.RemoveMember(person_id=person_id))
    return redirect(request, "accounts:people", message=gettext("Personen er ute av virksomheten."))
