"""Who takes part in a project, its timeline, its end, and a programme copied from another."""

from collections.abc import Callable
from datetime import date
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.kit.errors import Forbidden, Invalid, NotFound
from app.projects import service
from app.projects.models import ProgrammeLine, ProjectMember, ProjectMilestone, Release
from app.projects.rules import LineState, ProjectRole, ProjectState, ReleaseState
from app.projects.service import CopyLines, PlanRelease, SetMember, SetMilestone
from tests.databases import RolledBackDatabase
from tests.factories import some_items
from tests.people import Organised
from tests.projects.rows import a_line, a_project
from tests.projects.test_service import kinds

ActorOf = Callable[..., Actor]
SignedInAs = Callable[..., TestClient]
DAY = date(2026, 5, 4)


def test_a_member_who_is_set_again_has_the_new_role(
    session: Session, org: Organised, foreign_org: Organised, actor: ActorOf
) -> None:
    project = a_project(session, actor(), org)
    person_id = org.person_ids[Role.EMPLOYEE]
    for role in (ProjectRole.UNIT, ProjectRole.ARCHITECT):
        command = SetMember(project_id=project.id, person_id=person_id, role=role)
        service.set_member(session, actor(), [command])
    assert [each.role for each in session.scalars(select(ProjectMember))] == ["architect"]
    stranger = foreign_org.person_ids[Role.EMPLOYEE]
    with pytest.raises(Invalid) as refused:
        service.set_member(
            session,
            actor(),
            [SetMember(project_id=project.id, person_id=stranger, role=ProjectRole.UNIT)],
        )
    assert list(refused.value.by_field) == ["person_id"]
    gone = service.RemoveMember(project_id=project.id, person_id=person_id)
    service.remove_member(session, actor(), [gone])
    session.flush()
    with pytest.raises(NotFound):
        service.remove_member(session, actor(), [gone])


def test_another_projects_milestone_is_not_found(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project, other = a_project(session, actor(), org), a_project(session, actor(), org, name="Nr 2")
    (row,) = service.set_milestone(
        session, actor(), [SetMilestone(project_id=project.id, name="Tømming", day=DAY)]
    )
    session.flush()
    with pytest.raises(NotFound):
        service.set_milestone(
            session,
            actor(),
            [SetMilestone(project_id=other.id, milestone_id=row.id, name="X", day=DAY)],
        )
    assert session.scalars(select(ProjectMilestone.name)).all() == ["Tømming"]


def test_an_ended_project_lets_go_of_its_pieces_and_takes_no_line_until_it_is_reopened(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project = a_project(session, actor(), org)
    pieces = [each.id for each in some_items(session, org, 2)]
    plan = PlanRelease(project_id=project.id, item_ids=pieces, free_from=DAY)
    service.plan_release(session, actor(), [plan])
    with pytest.raises(Forbidden):
        service.close_project(
            session, actor(Role.EMPLOYEE), [service.CloseProject(project_id=project.id)]
        )
    service.close_project(session, actor(), [service.CloseProject(project_id=project.id)])
    assert project.state is ProjectState.CLOSED
    assert set(session.scalars(select(Release.state))) == {ReleaseState.CANCELLED}
    with pytest.raises(service.ProjectClosed):
        a_line(session, actor(), project)
    service.reopen_project(session, actor(), [service.ReopenProject(project_id=project.id)])
    a_line(session, actor(), project)
    assert kinds(session, project.id) == ["project-started", "project-ended", "project-reopened"]
    with pytest.raises(service.ProjectNotClosed):
        service.reopen_project(session, actor(), [service.ReopenProject(project_id=project.id)])


def test_a_project_with_pieces_set_aside_or_not_yet_begun_is_not_ended(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    planned = a_project(session, actor(), org, name="Senere", is_planned=True)
    with pytest.raises(service.ProjectNotActive):
        service.close_project(session, actor(), [service.CloseProject(project_id=planned.id)])
    project = a_project(session, actor(), org)
    (piece,) = some_items(session, org)
    plan = PlanRelease(project_id=project.id, item_ids=[piece.id], free_from=DAY)
    (release,) = service.plan_release(session, actor(), [plan])
    release.state, release.state_before = ReleaseState.ALLOCATED, ReleaseState.PLANNED
    session.flush()
    with pytest.raises(service.PiecesStillAllocated):
        service.close_project(session, actor(), [service.CloseProject(project_id=project.id)])
    assert project.state is ProjectState.ACTIVE


def test_a_programme_is_copied_without_places_dates_and_cancelled_lines(
    session: Session, org: Organised, foreign_org: Organised, actor: ActorOf
) -> None:
    source = a_project(session, actor(), org)
    a_line(session, actor(), source, quantity=7, condition="B", suitability="wipeable",
           width_min_mm=1200, place_id=org.room_id, wanted_date=DAY)  # fmt: skip
    a_line(session, actor(), source).state = LineState.CANCELLED
    session.flush()
    project = a_project(session, actor(), org, name="Bygg B")
    copy = CopyLines(project_id=project.id, from_project_id=source.id)
    service.copy_lines(session, actor(), [copy])
    query = select(ProgrammeLine).where(ProgrammeLine.project_id == project.id)
    (line,) = session.scalars(query).all()
    assert (line.quantity, line.condition, line.suitability) == (7, "B", "wipeable")
    assert (line.width_min_mm, line.place_id, line.wanted_date) == (1200, None, None)
    foreign = a_project(session, actor(where=foreign_org), foreign_org)
    refusals = ((foreign.id, NotFound), (uuid4(), NotFound), (project.id, Invalid))
    for project_id, refusal in refusals:
        with pytest.raises(refusal):
            service.copy_lines(
                session, actor(), [CopyLines(project_id=project.id, from_project_id=project_id)]
            )


def test_the_frame_is_kept_by_plain_forms_and_a_refusal_stands_at_its_section(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> None:
    with database.write() as session:
        project_id = a_project(session, actor(), org).id
    client = signed_in_as(Role.PROJECT_MANAGER)
    address = f"/prosjekter/{project_id}"
    day = client.post(
        f"{address}/milepaeler", data={"key": "1", "name": "Innflytting", "day": "2026-06-01"}
    )
    member = {"key": "2", "person_id": str(org.person_ids[Role.EMPLOYEE]), "role": "unit"}
    assert day.status_code == client.post(f"{address}/deltakere", data=member).status_code == 303
    shown = client.get(f"{address}/rammer").text
    assert "Innflytting" in shown
    assert "Fra enheten" in shown
    refused = client.post(f"{address}/deltakere", data={"key": "3", "role": "unit"})
    assert refused.status_code == 422
    assert "Velg" in refused.text or "Fyll ut" in refused.text
    assert client.post(f"{address}/avslutt", data={"key": "4"}).status_code == 303
    assert "Åpne prosjektet igjen" in client.get(f"{address}/rammer").text
