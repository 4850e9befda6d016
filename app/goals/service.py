"""Sets what units and projects aim for, and whether units are compared."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.accounts.queries import units_visible_to
from app.accounts.rules import Permission
from app.goals.commands import SetGoalRule, SetGoals
from app.goals.events import GoalRuleSet, GoalsSet
from app.goals.models import Goal, GoalRule, GoalSheet
from app.goals.queries import sheets_visible_to, units_settable_by
from app.goals.rules import OF_PROJECTS
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Forbidden, Invalid, NotFound, Stale
from app.kit.events import publish
from app.kit.i18n import N_
from app.projects.models import Project
from app.projects.queries import projects_visible_to


def set_goals(session: Session, actor: Actor, command: SetGoals) -> GoalSheet:
    """All goals of a unit or project for a year, in place of those it had.

    Raises ``NotFound`` for what is not seen, ``Forbidden``, ``Invalid`` at the field, and ``Stale``
    when somebody has set others in the meantime.
    """
    actor.must(Permission.REPORT_READ)
    _require_right(session, actor, command)
    sheet = _sheet(session, actor, command)
    if sheet is None:
        sheet = GoalSheet(
            id=new_id(),
            org_id=actor.org_id,
            year=command.year,
            unit_id=command.unit_id,
            project_id=command.project_id,
            person_id=actor.person_id,
            changed_at=clock_of(session).now(),
        )
        try:
            with session.begin_nested():
                session.add(sheet)
                session.flush()  # meets the unique index: of two at once one sees the other's first
        except IntegrityError as error:
            raise Stale from error
    else:
        sheet.person_id, sheet.changed_at = actor.person_id, clock_of(session).now()
        flag_modified(sheet, "changed_at")  # a new version also within one moment
        session.execute(
            delete(Goal).where(Goal.org_id == actor.org_id, Goal.goal_sheet_id == sheet.id)
        )
    session.add_all(
        Goal(org_id=actor.org_id, goal_sheet_id=sheet.id, kind=each.kind, target=each.target)
        for each in command.targets
    )
    session.flush()  # the answer names the version
    publish(
        session,
        [
            GoalsSet.of(
                sheet,
                actor.person_id,
                year=sheet.year,
                unit_id=sheet.unit_id,
                project_id=sheet.project_id,
                aims=[each.kind for each in command.targets],
                targets=[each.target for each in command.targets],
            )
        ],
    )
    return sheet


def _sheet(session: Session, actor: Actor, command: SetGoals) -> GoalSheet | None:
    """The one there is, locked; nothing for the first. Raises ``Stale``."""
    found = session.scalar(
        sheets_visible_to(actor)
        .where(
            GoalSheet.year == command.year,
            GoalSheet.unit_id == command.unit_id
            if command.unit_id
            else GoalSheet.project_id == command.project_id,
        )
        .with_for_update(of=GoalSheet)
        .execution_options(populate_existing=True)
    )
    if (found.version if found else 0) != command.version:
        raise Stale
    return found


def _require_right(session: Session, actor: Actor, command: SetGoals) -> None:
    if command.unit_id is not None:
        if session.scalar(units_visible_to(actor).where(Unit.id == command.unit_id)) is None:
            raise NotFound(N_("Fant ikke enheten."))
        if not may_set(session, actor, command.unit_id):
            raise Forbidden(permission=Permission.GOAL_SET.value)
        return
    project = session.scalar(projects_visible_to(actor).where(Project.id == command.project_id))
    if project is None:
        raise NotFound(N_("Fant ikke prosjektet."))
    actor.must(Permission.PROJECT_EDIT, project.unit_id)
    if any(each.kind not in OF_PROJECTS for each in command.targets):
        raise Invalid(by_field={"targets": N_("Henvendelser er enhetenes, ikke prosjektenes.")})


def may_set(session: Session, actor: Actor, unit_id: UUID) -> bool:
    units = units_settable_by(session, actor)
    return units is None or unit_id in units


def set_goal_rule(session: Session, actor: Actor, command: SetGoalRule) -> GoalRule:
    """Switches the leader board and own savings on or off for everybody. Raises ``Stale``."""
    actor.must_everywhere(Permission.ORGANISATION_EDIT)
    wanted: Mapping[str, bool] = command.model_dump(exclude={"version"})
    query = select(GoalRule).where(GoalRule.org_id == actor.org_id).with_for_update()
    rule = session.scalar(query)
    if (rule.version if rule else 0) != command.version:
        raise Stale
    if rule is None:
        rule = GoalRule(id=new_id(), org_id=actor.org_id, **wanted)
        try:
            with session.begin_nested():
                session.add(rule)
                session.flush()  # meets the unique organisation
        except IntegrityError as error:
            raise Stale from error
    elif any(getattr(rule, name) != value for name, value in wanted.items()):
        for name, value in wanted.items():
            setattr(rule, name, value)
        session.flush()  # the answer names the version
    publish(session, [GoalRuleSet.of(rule, actor.person_id, **wanted)])
    return rule
