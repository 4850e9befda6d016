"""Needs: submitting them, adding to them, and how they end. The ladder has a file of its own."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.numbers import next_number
from app.accounts.queries import approvers_of
from app.accounts.rules import Permission
from app.items.service_lifecycle import own_places, own_units
from app.kit.bulk import new_ids
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from app.kit.events import publish
from app.kit.i18n import N_
from app.kit.states import advance
from app.needs import events
from app.needs.commands import (
    AddNeedLine,
    Leave,
    NewNeedLine,
    OfNeed,
    SubmitNeed,
    Take,
)
from app.needs.models import Need, NeedLine
from app.needs.queries import decisions_by_line, lines_of, needs_visible_to
from app.needs.rules import OPEN, NeedState, NeedVerb, missing
from app.needs.service_allocation import let_go
from app.projects.models import Project
from app.projects.queries import projects_visible_to
from app.projects.rules import ProjectState
from app.projects.service import open_lines
from app.projects.service_programme import require_categories

__all__ = ["AddNeedLine", "Leave", "NewNeedLine", "OfNeed", "SubmitNeed", "Take"]


class NeedNotOpen(Conflict):
    title = N_("Behovet er avsluttet.")


class NeedNotClosed(Conflict):
    title = N_("Behovet er ikke avsluttet.")


def submit(session: Session, actor: Actor, commands: Sequence[SubmitNeed]) -> list[Need]:
    """Registers needs with their lines. Raises ``Invalid`` at what is not the organisation's own."""
    actor.must(Permission.REQUEST_MAKE)
    if actor.person_id is None:
        raise Forbidden
    now = clock_of(session).now()
    made = []
    for command in commands:
        actor.must(Permission.REQUEST_MAKE, unit=command.unit_id)
        _check(session, actor, command)
        need = Need(
            **command.model_dump(exclude={"lines"}),
            id=new_id(),
            org_id=actor.org_id,
            number=next_number(session, actor.org_id, "need"),
            state=NeedState.SUBMITTED,
            person_id=actor.person_id,
            created_at=now,
        )
        session.add(need)
        session.flush()  # its row before its lines
        lines = _add(session, actor, need, command.lines, now)
        publish(
            session,
            [
                events.NeedSubmitted.of(
                    need, actor.person_id, unit_id=need.unit_id, lines=len(lines)
                ),
                *_added(need, lines, actor.person_id),
            ],
        )
        made.append(need)
    return made


def add_lines(session: Session, actor: Actor, commands: Sequence[AddNeedLine]) -> list[NeedLine]:
    """Adds to needs that are open. Raises ``NeedNotOpen``."""
    actor.must(Permission.REQUEST_MAKE)
    needs = locked(session, actor, [each.need_id for each in commands])
    now = clock_of(session).now()
    made = []
    for command in commands:
        need = needs[command.need_id]
        must_walk(session, actor, need)
        must_be_open(need)
        plain = NewNeedLine.model_validate(command.model_dump(exclude={"need_id"}))
        lines = _add(session, actor, need, [plain], now)
        publish(session, _added(need, lines, actor.person_id))
        made += lines
    return made


def close(session: Session, actor: Actor, commands: Sequence[OfNeed]) -> list[Need]:
    """Ends needs: fulfilled when every piece was found, else unmet."""
    actor.must(Permission.REQUEST_MAKE)
    needs = _own(session, actor, commands)
    for need in needs:
        must_be_open(need)
        lines = session.scalars(lines_of(actor, [need.id])).all()
        decisions = decisions_by_line(session, actor, [each.id for each in lines])
        left = sum(missing(each.quantity, decisions.get(each.id, ())) for each in lines)
        verb = NeedVerb.GIVE_UP if left else NeedVerb.FULFIL
        advance(session, [need], verb, refused=NeedNotOpen)
        event = (
            events.NeedClosedUnmet.of(need, actor.person_id, missing=left)
            if left
            else events.NeedFulfilled.of(need, actor.person_id)
        )
        publish(session, [event])
    return needs


def cancel(session: Session, actor: Actor, commands: Sequence[OfNeed]) -> list[Need]:
    """Nobody needs it any more. What was ordered for it stands and is cancelled as an order is.

    What was set aside of planned releases is anybody's again.
    """
    actor.must(Permission.REQUEST_MAKE)
    needs = _own(session, actor, commands)
    advance(session, needs, NeedVerb.CANCEL, refused=NeedNotOpen)
    publish(session, [events.NeedCancelled.of(each, actor.person_id) for each in needs])
    let_go(session, actor.person_id, needs)
    return needs


def reopen(session: Session, actor: Actor, commands: Sequence[OfNeed]) -> list[Need]:
    """Takes up again what was closed. Raises ``NeedNotClosed``."""
    actor.must(Permission.REQUEST_MAKE)
    needs = _own(session, actor, commands)
    advance(session, needs, NeedVerb.REOPEN, refused=NeedNotClosed)
    publish(session, [events.NeedReopened.of(each, actor.person_id) for each in needs])
    return needs


def may_walk(session: Session, actor: Actor, need: Need) -> bool:
    """Whoever needs it, leads the unit, decides for it or runs its projects."""
    if need.person_id == actor.person_id or any(
        actor.may(each, need.unit_id)
        for each in (Permission.RESERVATION_APPROVE, Permission.PROJECT_EDIT)
    ):
        return True
    return actor.person_id in approvers_of(session, need.org_id, need.unit_id)


def must_walk(session: Session, actor: Actor, need: Need) -> None:
    """Raises ``Forbidden``."""
    if not may_walk(session, actor, need):
        raise Forbidden


def must_be_open(need: Need) -> None:
    """Raises ``NeedNotOpen``."""
    if need.state not in OPEN:
        raise NeedNotOpen(state=need.state.value)


def locked(session: Session, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Need]:
    """The needs by id, one decision at a time for each. Raises ``NotFound``."""
    wanted = set(ids)
    query = needs_visible_to(actor).where(Need.id.in_(wanted)).order_by(Need.id)
    rows = session.scalars(query.with_for_update(of=Need).execution_options(populate_existing=True))
    found = {each.id: each for each in rows}
    if len(found) < len(wanted):
        raise NotFound(N_("Fant ikke behovet."))
    return found


def _own(session: Session, actor: Actor, commands: Sequence[OfNeed]) -> list[Need]:
    needs = locked(session, actor, [each.need_id for each in commands])
    for each in needs.values():
        must_walk(session, actor, each)
    return [needs[each.need_id] for each in commands]


def _check(session: Session, actor: Actor, command: SubmitNeed) -> None:
    own_units(session, actor, {command.unit_id}, "unit_id")
    if command.place_id is not None:
        own_places(session, actor, {command.place_id})
    if command.wanted_date and command.wanted_date < clock_of(session).now().date():
        raise Invalid(by_field={"wanted_date": N_("Datoen er passert.")})
    if command.project_id is not None:
        project = session.scalar(projects_visible_to(actor).where(Project.id == command.project_id))
        if project is None or project.state is ProjectState.CLOSED:
            raise Invalid(by_field={"project_id": N_("Velg et åpent prosjekt.")})


def _add(
    session: Session, actor: Actor, need: Need, commands: Sequence[NewNeedLine], now: datetime
) -> list[NeedLine]:
    require_categories(session, [each.category_id for each in commands])
    named = {each.programme_line_id for each in commands if each.programme_line_id is not None}
    lines = open_lines(session, actor, sorted(named)) if named else {}
    if any(each.project_id != need.project_id for each in lines.values()):
        raise Invalid(by_field={"programme_line_id": N_("Linjen hører til et annet prosjekt.")})
    made = [
        NeedLine(
            **command.model_dump(),
            id=line_id,
            org_id=actor.org_id,
            need_id=need.id,
            created_at=now,
        )
        # Rising ids: lines of one moment stay in the order they were added.
        for command, line_id in zip(commands, new_ids(len(commands)), strict=True)
    ]
    session.add_all(made)
    return made


def _added(
    need: Need, lines: Sequence[NeedLine], person_id: UUID | None
) -> list[events.NeedLineAdded]:
    return [
        events.NeedLineAdded.of(
            need,
            person_id,
            need_line_id=each.id,
            category_id=each.category_id,
            quantity=each.quantity,
        )
        for each in lines
    ]
