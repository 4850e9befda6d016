"""The verbs for lists of pieces that lie to the left: a new condition, and onto a project."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.fieldwork.models import BulkAction, BulkActionLine
from app.fieldwork.queries_bulk import changed_since
from app.fieldwork.service_bulk import Act, BulkVerb, Did, OfCodes, in_one, said_of
from app.items import service as items
from app.items.models import Item
from app.items.queries import items_visible_to
from app.items.rules import Condition, Fate
from app.kit.errors import Problem
from app.kit.i18n import N_
from app.projects import service as projects
from app.projects.models import Project, Release
from app.projects.queries import projects_visible_to
from app.projects.queries_release import releases_visible_to
from app.projects.rules import UNALLOCATED, ReleaseState

CHANGED_SINCE = N_("Endret av noen etterpå, og står som det er")
WAS_SO = N_("Var slik fra før, så det er ingenting å angre")
ALLOCATED = N_("Er alt tildelt i prosjektet")


class SetCondition(OfCodes):
    """The same condition for all of them."""

    condition: Condition


class PutOnProject(OfCodes):
    """All of them onto one project, as a single piece is."""

    project_id: UUID
    fate: Fate = Fate.OFFER
    free_from: date | None = None
    gone_by: date | None = None


def _edits(
    session: Session, actor: Actor, wanted: Mapping[UUID, Condition]
) -> dict[UUID, Condition]:
    """The single piece's edit, of the version there is now; gives the conditions before."""
    rows = session.execute(
        items_visible_to(actor)
        .with_only_columns(Item.id, Item.version, Item.condition)
        .where(Item.id.in_(wanted))
        .order_by(Item.id)
        .with_for_update(of=Item)
    ).all()
    items.edit(
        session,
        actor,
        [items.Edit(item_id=r.id, version=r.version, condition=wanted[r.id]) for r in rows],
    )
    return {row.id: row.condition for row in rows}


def _set_condition(session: Session, actor: Actor, command: SetCondition) -> Act:
    def act(ids: list[UUID]) -> Mapping[UUID, Did]:
        before = _edits(session, actor, dict.fromkeys(ids, command.condition))
        after = command.condition.value
        return {each: Did(before=was.value, after=after) for each, was in before.items()}

    return Act(lambda ids: _not_editable(session, actor, ids), act)


def _not_editable(session: Session, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Problem]:
    return items.refusals(session, actor, ids, Permission.ITEM_EDIT)


def _undo_condition(
    session: Session, actor: Actor, action: BulkAction, lines: Sequence[BulkActionLine]
) -> Mapping[UUID, str]:
    by_id = {line.item_id: line for line in lines if line.item_id is not None}
    held = (
        items_visible_to(actor)
        .with_only_columns(Item.id, Item.condition)
        .where(Item.id.in_(by_id))
        .order_by(Item.id)
        .with_for_update(of=Item)
    )
    now = {row.id: row.condition for row in session.execute(held)}
    later = changed_since(session, actor, list(by_id), "condition", action.created_at)
    kept: dict[UUID, str] = {}
    back: dict[UUID, Condition] = {}
    for item_id, line in by_id.items():
        if line.before == line.after or line.before is None:
            kept[item_id] = WAS_SO
        elif item_id in later or now.get(item_id) != line.after:
            kept[item_id] = CHANGED_SINCE
        else:
            back[item_id] = Condition(line.before)

    def act(ids: list[UUID]) -> None:
        _edits(session, actor, {each: back[each] for each in ids})

    kept |= said_of(_not_editable(session, actor, list(back)))
    return kept | in_one(session, [each for each in back if each not in kept], act)


def _put_on_project(session: Session, actor: Actor, command: PutOnProject) -> Act:
    named = command.model_dump(include={"project_id", "fate", "free_from", "gone_by"})

    def of(ids: Sequence[UUID]) -> projects.PlanRelease:
        return projects.PlanRelease.model_validate({**named, "item_ids": ids})

    projects.check_plan(session, actor, of([command.project_id]))

    def act(ids: list[UUID]) -> Mapping[UUID, Did]:
        made = projects.plan_release(session, actor, [of(ids)])
        return {row.item_id: Did(made_id=row.id, made_version=row.version) for row in made}

    return Act(lambda ids: projects.release_refusals(session, actor, ids), act)


def _undo_project(
    session: Session, actor: Actor, _action: BulkAction, lines: Sequence[BulkActionLine]
) -> Mapping[UUID, str]:
    """A piece whose day has come meanwhile is taken off too: nobody did that."""
    by_made = {line.made_id: line for line in lines if line.made_id is not None}
    ours = releases_visible_to(actor).where(Release.id.in_(by_made))
    # The projects first, as those do who put pieces on them and take them off; then what is compared.
    held = projects_visible_to(actor).where(
        Project.id.in_(ours.with_only_columns(Release.project_id))
    )
    session.execute(held.order_by(Project.id).with_for_update(of=Project))
    locking = ours.order_by(Release.id).with_for_update(of=Release)
    rows = session.scalars(locking.execution_options(populate_existing=True)).all()
    kept: dict[UUID, str] = {}
    off: dict[UUID, UUID] = {}
    for row in rows:
        if row.state is ReleaseState.ALLOCATED:
            kept[row.item_id] = ALLOCATED
        elif row.state not in UNALLOCATED or row.version != by_made[row.id].made_version:
            kept[row.item_id] = CHANGED_SINCE
        else:
            off[row.item_id] = row.id

    def act(ids: list[UUID]) -> None:
        commands = [projects.CancelRelease(release_id=off[each]) for each in ids]
        projects.cancel_release(session, actor, commands)

    return kept | in_one(session, list(off), act)


SET_CONDITION = BulkVerb(
    "condition", N_("Ny tilstand"), Permission.ITEM_EDIT, _set_condition, _undo_condition
)
PUT_ON_PROJECT = BulkVerb(
    "project", N_("Satt på prosjekt"), Permission.PROJECT_EDIT, _put_on_project, _undo_project
)
