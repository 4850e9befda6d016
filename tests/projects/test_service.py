"""Projects and their programme, through the verbs."""

from collections.abc import Callable
from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.impact.rules import FulfilmentSource
from app.kit.errors import Forbidden, Invalid, NotFound, Stale
from app.kit.events import EventRow, Revision
from app.projects import service
from app.projects.models import Fulfilment, Project
from app.projects.rules import LineState, ProjectState
from app.projects.service import AddLine, EditLine, EditProject, Fulfil, StartProject, Unfulfil
from tests.factories import an_item
from tests.people import Organised
from tests.projects.rows import a_line, a_project

ActorOf = Callable[..., Actor]
ON = date(2026, 3, 2)


def kinds(session: Session, subject_id: UUID) -> list[str]:
    return list(session.scalars(select(EventRow.kind).where(EventRow.subject_id == subject_id)))


def test_projects_are_numbered_one_by_one_in_each_organisation(
    session: Session, org: Organised, foreign_org: Organised, actor: ActorOf
) -> None:
    first, second = service.start_project(
        session, actor(), [StartProject(name=n, unit_id=org.unit_id) for n in ("Bygg B", "Bygg C")]
    )
    (foreign,) = service.start_project(
        session,
        actor(where=foreign_org),
        [StartProject(name="Skole", unit_id=foreign_org.unit_id)],
    )
    assert (first.number, second.number, foreign.number) == (1, 2, 1)
    assert first.state is ProjectState.ACTIVE
    assert kinds(session, first.id) == ["project-started"]


def test_a_planned_project_is_set_going_once(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    planned = StartProject(name="Neste år", unit_id=org.unit_id, is_planned=True)
    (project,) = service.start_project(session, actor(), [planned])
    assert project.state == "planned"
    begin = [service.BeginProject(project_id=project.id)]
    service.begin_project(session, actor(), begin)
    assert project.state is ProjectState.ACTIVE
    with pytest.raises(service.ProjectStartedAlready):
        service.begin_project(session, actor(), begin)


def test_an_employee_starts_no_project(session: Session, org: Organised, actor: ActorOf) -> None:
    with pytest.raises(Forbidden):
        service.start_project(
            session, actor(Role.EMPLOYEE), [StartProject(name="X", unit_id=org.unit_id)]
        )


def test_a_foreign_unit_or_place_is_refused_at_its_field(
    session: Session, org: Organised, foreign_org: Organised, actor: ActorOf
) -> None:
    with pytest.raises(Invalid) as refused:
        service.start_project(
            session, actor(), [StartProject(name="X", unit_id=foreign_org.unit_id)]
        )
    assert list(refused.value.by_field) == ["unit_id"]
    with pytest.raises(Invalid) as refused:
        service.start_project(
            session,
            actor(),
            [StartProject(name="X", unit_id=org.unit_id, place_id=foreign_org.room_id)],
        )
    assert list(refused.value.by_field) == ["place_id"]
    assert session.scalars(select(Project)).all() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "  "},
        {"goal_percent": 101},
        {"goal_percent": -1},
        {"budget_ore": -1},
        {"from_date": date(2026, 5, 1), "until_date": date(2026, 4, 30)},
    ],
)
def test_a_project_that_can_not_be_is_refused(org: Organised, wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(reversed(wrong))):
        StartProject.model_validate({"name": "X", "unit_id": org.unit_id, **wrong})


def test_an_edit_keeps_before_and_after_and_leaves_the_rest(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project = a_project(session, actor(), org, goal_percent=60)
    edit = EditProject(project_id=project.id, version=project.version, goal_percent=80)
    service.edit_project(session, actor(), [edit])
    assert (project.goal_percent, project.name) == (80, "Lensmannslia")
    (revision,) = session.scalars(select(Revision).where(Revision.subject_id == project.id))
    assert (revision.field, revision.before, revision.after) == ("goal_percent", 60, 80)


def test_an_edit_of_an_old_version_is_stale(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project = a_project(session, actor(), org)
    edit = EditProject(project_id=project.id, version=project.version, name="Nytt navn")
    service.edit_project(session, actor(), [edit])
    with pytest.raises(Stale):
        service.edit_project(session, actor(), [edit])


def test_an_edit_can_not_end_before_the_start_that_stands(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project = a_project(session, actor(), org, from_date=date(2026, 5, 1))
    edit = EditProject(project_id=project.id, version=project.version, until_date=date(2026, 4, 1))
    with pytest.raises(Invalid) as refused:
        service.edit_project(session, actor(), [edit])
    assert list(refused.value.by_field) == ["until_date"]


def test_another_organisations_project_is_not_found_and_not_changed(
    session: Session, org: Organised, foreign_org: Organised, actor: ActorOf
) -> None:
    foreign = a_project(session, actor(where=foreign_org), foreign_org)
    line = a_line(session, actor(where=foreign_org), foreign)
    with pytest.raises(NotFound):
        service.edit_project(
            session, actor(), [EditProject(project_id=foreign.id, version=1, name="Tatt")]
        )
    with pytest.raises(NotFound):
        service.add_lines(
            session,
            actor(),
            [AddLine(project_id=foreign.id, category_id="CHAIR_TASK", quantity=1)],
        )
    with pytest.raises(NotFound):
        service.cancel_line(session, actor(), [service.CancelLine(programme_line_id=line.id)])
    assert (foreign.name, line.state) == ("Lensmannslia", LineState.OPEN)


def test_a_closed_project_takes_no_line(session: Session, org: Organised, actor: ActorOf) -> None:
    project = a_project(session, actor(), org)
    project.state = ProjectState.CLOSED
    session.flush()
    with pytest.raises(service.ProjectClosed):
        a_line(session, actor(), project)


def test_an_unknown_category_is_refused_at_its_field(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project = a_project(session, actor(), org)
    with pytest.raises(Invalid) as refused:
        a_line(session, actor(), project, category_id="NO_SUCH")
    assert list(refused.value.by_field) == ["category_id"]


@pytest.mark.parametrize("side", ["width", "depth", "height"])
def test_a_line_whose_least_is_above_its_most_is_refused(side: str) -> None:
    with pytest.raises(ValueError, match=f"{side}_max_mm"):
        AddLine.model_validate(
            {
                "project_id": uuid4(),
                "category_id": "CHAIR_TASK",
                "quantity": 1,
                f"{side}_min_mm": 900,
                f"{side}_max_mm": 800,
            }
        )


def test_a_line_is_fulfilled_when_its_quantity_is_met_and_opens_again_by_undo(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    line = a_line(session, actor(), a_project(session, actor(), org), quantity=2)
    pieces = [an_item(session, org) for _ in range(2)]
    reused = FulfilmentSource.INTERNAL_REUSE
    fulfils = [
        Fulfil(programme_line_id=line.id, item_id=each.id, source=reused, fulfilled_on=ON)
        for each in pieces
    ]
    service.fulfil(session, actor(), fulfils[:1])
    assert line.state == "open"
    service.fulfil(session, actor(), fulfils[1:])
    assert line.state == "fulfilled"
    service.unfulfil(session, actor(), [Unfulfil(programme_line_id=line.id, item_id=pieces[0].id)])
    assert line.state is LineState.OPEN
    standing = session.scalars(select(Fulfilment).where(Fulfilment.undone_at.is_(None))).all()
    assert [each.item_id for each in standing] == [pieces[1].id]
    assert kinds(session, line.id).count("line-fulfilled") == 2
    assert kinds(session, line.id).count("line-unfulfilled") == 1


def test_a_piece_meets_a_line_once_but_again_after_an_undo(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    line = a_line(session, actor(), a_project(session, actor(), org), quantity=5)
    piece = an_item(session, org)
    command = Fulfil(
        programme_line_id=line.id,
        item_id=piece.id,
        source=FulfilmentSource.INTERNAL_REUSE,
        fulfilled_on=ON,
    )
    service.fulfil(session, actor(), [command])
    with pytest.raises(service.PieceMeetsLineAlready):
        service.fulfil(session, actor(), [command])
    service.unfulfil(session, actor(), [Unfulfil(programme_line_id=line.id, item_id=piece.id)])
    assert len(service.fulfil(session, actor(), [command])) == 1


def test_what_leaves_the_organisation_fulfils_no_line(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    line = a_line(session, actor(), a_project(session, actor(), org))
    command = Fulfil(
        programme_line_id=line.id,
        item_id=an_item(session, org).id,
        source=FulfilmentSource.SOLD,
        fulfilled_on=ON,
    )
    with pytest.raises(Invalid):
        service.fulfil(session, actor(), [command])


def test_a_cancelled_line_is_not_met_until_it_is_reopened(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    line = a_line(session, actor(), a_project(session, actor(), org), quantity=1)
    command = Fulfil(
        programme_line_id=line.id,
        item_id=an_item(session, org).id,
        source=FulfilmentSource.NEW,
        fulfilled_on=ON,
    )
    service.cancel_line(session, actor(), [service.CancelLine(programme_line_id=line.id)])
    with pytest.raises(service.LineCancelled):
        service.fulfil(session, actor(), [command])
    reopen = [service.ReopenLine(programme_line_id=line.id)]
    service.reopen_line(session, actor(), reopen)
    service.fulfil(session, actor(), [command])
    assert line.state is LineState.FULFILLED
    with pytest.raises(service.LineNotCancelled):
        service.reopen_line(session, actor(), reopen)
    with pytest.raises(service.LineNotOpen):
        service.cancel_line(session, actor(), [service.CancelLine(programme_line_id=line.id)])


def test_a_changed_quantity_moves_the_lines_state(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    line = a_line(session, actor(), a_project(session, actor(), org), quantity=1)
    service.fulfil(
        session,
        actor(),
        [
            Fulfil(
                programme_line_id=line.id,
                item_id=an_item(session, org).id,
                source=FulfilmentSource.NEW,
                fulfilled_on=ON,
            )
        ],
    )
    more = EditLine(programme_line_id=line.id, version=line.version, quantity=3)
    service.edit_line(session, actor(), [more])
    assert (line.quantity, line.state) == (3, LineState.OPEN)
    fewer = EditLine(programme_line_id=line.id, version=line.version, quantity=1)
    service.edit_line(session, actor(), [fewer])
    assert line.state is LineState.FULFILLED


def test_an_edit_can_not_turn_a_measurement_that_stands_around(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    line = a_line(session, actor(), a_project(session, actor(), org), width_min_mm=1200)
    with pytest.raises(Invalid) as refused:
        service.edit_line(
            session,
            actor(),
            [EditLine(programme_line_id=line.id, version=line.version, width_max_mm=800)],
        )
    assert list(refused.value.by_field) == ["width_max_mm"]
