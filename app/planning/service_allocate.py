"""Pieces are set aside for the lines of a programme, and let go again."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.items.models import Item
from app.items.service_lifecycle import held
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.events import publish
from app.kit.i18n import N_, gettext
from app.planning.events import PlanAllocated, PlanAllocationEnded
from app.planning.queries_lines import allocated_count
from app.planning.queries_lines import asked_of as asked
from app.planning.queries_ordered import ordered_for
from app.planning.queries_supply import (
    pile_of,
    same_pile,
)
from app.planning.rules_match import Pile, fits
from app.projects.models import ProgrammeLine, Project, Release
from app.projects.models_allocation import PlanAllocation
from app.projects.queries import held_together, standing_count
from app.projects.queries_release import live_of_pieces
from app.projects.rules import UNALLOCATED, PlanEnd
from app.projects.service import open_lines
from app.projects.service_allocation import allocate as allocate_releases
from app.projects.service_allocation import give_back
from app.projects.service_projects import Command

NOT_TO_BE_HAD = N_("Møbelet er ikke å få lenger, eller passer ikke til linjen.")


class PieceAllocatedAlready(Conflict):
    title = N_("Noen andre fikk møbelet først.")


class NotAllocated(Conflict):
    title = N_("Møbelet er ikke satt av lenger.")


class Allocate(Command):
    """``quantity`` pieces like ``item_id``, which stand together with it."""

    programme_line_id: UUID
    item_id: UUID
    quantity: Annotated[int, Field(ge=1, le=500)] = 1


class LetGo(Command):
    """Pieces that the line wants no more; all of them where none is named."""

    programme_line_id: UUID
    item_ids: list[UUID] = Field(default_factory=list, max_length=500)


def allocate(session: Session, actor: Actor, commands: Sequence[Allocate]) -> list[PlanAllocation]:
    """Sets pieces aside, all or none. Nobody else orders, offers or releases them from now on.

    Raises ``Invalid`` at the field where a line lacks fewer, or there are fewer that fit;
    ``PieceAllocatedAlready`` where somebody was first between the look and the lock.
    """
    actor.must(Permission.PROJECT_EDIT)
    taken: set[UUID] = set()
    chosen = []
    for command in commands:
        found = _choose(session, actor, command, taken)
        taken.update(found.item_ids)
        chosen.append(found)
    _lock(session, actor, chosen)
    made: list[PlanAllocation] = []
    for each in chosen:
        releases = _still(session, actor, each)
        missing = _missing(session, actor, each.line)
        if len(each.item_ids) > missing:
            text = gettext(N_("Linjen mangler bare %(count)s."), count=missing)
            raise Invalid(by_field={"quantity": text})
        made += _set_aside(session, actor, each.line, each.item_ids, releases)
    return made


@dataclass(frozen=True, slots=True)
class Chosen:
    """Pieces of one pile that a command is to get, as they were seen before anything is locked."""

    line: ProgrammeLine
    project: Project
    pile: Pile
    item_ids: Sequence[UUID]


def _choose(session: Session, actor: Actor, command: Allocate, taken: Collection[UUID]) -> Chosen:
    line, project = _line_of(session, actor, command.programme_line_id)
    actor.must(Permission.PROJECT_EDIT, project.unit_id)
    today = clock_of(session).today()
    pile = pile_of(session, actor.org_id, project.id, command.item_id, today)
    if pile is None or pile.category_id != line.category_id or not fits(asked(line), pile, today):
        raise Invalid(by_field={"item_id": NOT_TO_BE_HAD})
    found = session.scalars(
        same_pile(actor.org_id, project.id, pile, today, Item.id.expression)
        .where(Item.id.not_in(taken))
        .limit(command.quantity)
    ).all()
    if len(found) < command.quantity:
        text = gettext(N_("Det er bare %(count)s igjen."), count=len(found))
        raise Invalid(by_field={"quantity": text})
    return Chosen(line, project, pile, found)


def _lock(session: Session, actor: Actor, chosen: Sequence[Chosen]) -> None:
    """All pieces, then the lines, the projects and the releases, each by id.

    A receipt meets its line behind the piece, who changes a line holds it before its project, and
    who changes a release holds the project first.
    """
    ids = [item_id for each in chosen for item_id in each.item_ids]
    for item in held(session, actor, ids).values():
        actor.must(Permission.PROJECT_EDIT, unit=item.owner_unit_id)
    open_lines(session, actor, [each.line.id for each in chosen])
    for project_id in sorted({each.project.id for each in chosen}):
        session.scalars(held_together(actor, project_id)).one()
    session.scalars(live_of_pieces(actor.org_id, ids)).all()


def _line_of(session: Session, actor: Actor, line_id: UUID) -> tuple[ProgrammeLine, Project]:
    query = (
        select(ProgrammeLine, Project)
        .join(
            Project,
            (Project.org_id == ProgrammeLine.org_id) & (Project.id == ProgrammeLine.project_id),
        )
        .where(ProgrammeLine.org_id == actor.org_id, ProgrammeLine.id == line_id)
    )
    row = session.execute(query).first()
    if row is None:
        raise NotFound(N_("Fant ikke linjen i behovsprogrammet."))
    return row[0], row[1]


def _still(session: Session, actor: Actor, chosen: Chosen) -> Mapping[UUID, Release]:
    """The releases by their piece, under the lock. Raises where a piece is not to be had any more."""
    ids, pile = chosen.item_ids, chosen.pile
    today = clock_of(session).today()
    still = same_pile(actor.org_id, chosen.project.id, pile, today, Item.id.expression).where(
        Item.id.in_(ids)
    )
    if len(session.scalars(still).all()) < len(ids):
        raise PieceAllocatedAlready
    if pile.project_id is None:
        return {}
    rows = session.scalars(
        select(Release)
        .where(
            Release.org_id == actor.org_id,
            Release.item_id.in_(ids),
            Release.project_id == pile.project_id,
            Release.free_from == pile.free_from,
        )
        .order_by(Release.id)
        .execution_options(populate_existing=True)
    )
    found = {each.item_id: each for each in rows if each.state in UNALLOCATED}
    if len(found) < len(ids):
        raise PieceAllocatedAlready
    return found


def _missing(session: Session, actor: Actor, line: ProgrammeLine) -> int:
    met = {row[0]: row[1] for row in session.execute(standing_count(actor, [line.id]))}
    aside = {row[0]: row[1] for row in session.execute(allocated_count(actor, [line.id]))}
    ordered = sum(ordered_for(session, actor, [line.id]).get(line.id, {}).values())
    missing: int = line.quantity - met.get(line.id, 0) - aside.get(line.id, 0) - ordered
    return max(0, missing)


def _set_aside(
    session: Session,
    actor: Actor,
    line: ProgrammeLine,
    ids: Sequence[UUID],
    releases: Mapping[UUID, Release],
) -> list[PlanAllocation]:
    if releases:
        allocate_releases(session, actor.person_id, list(releases.values()))
    now = clock_of(session).now()
    made = [
        PlanAllocation(
            id=new_id(),
            org_id=actor.org_id,
            programme_line_id=line.id,
            item_id=each,
            release_id=releases[each].id if each in releases else None,
            free_from=releases[each].free_from if each in releases else None,
            person_id=actor.person_id,
            created_at=now,
        )
        for each in ids
    ]
    try:
        with session.begin_nested():
            session.add_all(made)
            session.flush()  # the unique index must answer inside the savepoint
    except IntegrityError as error:
        raise PieceAllocatedAlready from error
    publish(
        session,
        [
            PlanAllocated(
                org_id=actor.org_id,
                subject_id=each.item_id,
                person_id=actor.person_id,
                programme_line_id=line.id,
                project_id=line.project_id,
            )
            for each in made
        ],
    )
    return made


def let_go(session: Session, actor: Actor, commands: Sequence[LetGo]) -> list[PlanAllocation]:
    """The pieces are anybody's again. Raises ``NotAllocated`` for one that is not the line's."""
    actor.must(Permission.PROJECT_EDIT)
    ended: list[PlanAllocation] = []
    for command in commands:
        line, project = _line_of(session, actor, command.programme_line_id)
        actor.must(Permission.PROJECT_EDIT, project.unit_id)
        wanted = PlanAllocation.programme_line_id == line.id
        if command.item_ids:
            wanted &= PlanAllocation.item_id.in_(command.item_ids)
        rows = standing(session, actor.org_id, wanted)
        if len(rows) < max(1, len(set(command.item_ids))):
            raise NotAllocated
        end(session, actor.person_id, rows, PlanEnd.LET_GO)
        ended += rows
    return ended


def standing(
    session: Session, org_id: UUID, condition: ColumnElement[bool]
) -> list[PlanAllocation]:
    """Those that meet the condition, locked behind their releases, as who changes a release does."""
    query = select(PlanAllocation).where(
        PlanAllocation.org_id == org_id, PlanAllocation.ended_at.is_(None), condition
    )
    found = session.execute(
        query.with_only_columns(PlanAllocation.id, PlanAllocation.release_id)
    ).all()
    if not found:
        return []
    _lock_releases(session, org_id, [row.release_id for row in found if row.release_id])
    locking = query.order_by(PlanAllocation.item_id).with_for_update(of=PlanAllocation)
    return list(session.scalars(locking.execution_options(populate_existing=True)))


def _lock_releases(session: Session, org_id: UUID, ids: Sequence[UUID]) -> Sequence[Release]:
    if not ids:
        return ()
    return session.scalars(
        select(Release)
        .where(Release.org_id == org_id, Release.id.in_(ids))
        .order_by(Release.id)
        .with_for_update(of=Release)
        .execution_options(populate_existing=True)
    ).all()


def end(
    session: Session, person_id: UUID | None, rows: Sequence[PlanAllocation], why: PlanEnd
) -> None:
    """Allocations stand no more; what a project still releases is its to give again."""
    if not rows:
        return
    now = clock_of(session).now()
    for each in rows:
        each.ended_at, each.ended_for = now, why
    session.flush()  # who takes the pieces next must find them free
    by_org: dict[UUID, list[UUID]] = defaultdict(list)
    for each in rows:
        if each.release_id is not None:
            by_org[each.org_id].append(each.release_id)
    for org_id, ids in by_org.items():
        give_back(session, person_id, _lock_releases(session, org_id, ids))
    projects = _projects_of(session, rows)
    publish(
        session,
        [
            PlanAllocationEnded(
                org_id=each.org_id,
                subject_id=each.item_id,
                person_id=person_id,
                programme_line_id=each.programme_line_id,
                project_id=projects[each.programme_line_id],
                planner_id=each.person_id,
                why=why,
            )
            for each in rows
        ],
    )


def _projects_of(session: Session, rows: Iterable[PlanAllocation]) -> Mapping[UUID, UUID]:
    ids = {each.programme_line_id for each in rows}
    found = session.execute(
        select(ProgrammeLine.id, ProgrammeLine.project_id).where(ProgrammeLine.id.in_(ids))
    )
    return {row.id: row.project_id for row in found}
