"""What a plan counts on when a line asks for something else, or a piece leaves a supplier."""

from collections import Counter
from collections.abc import Callable

from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.handovers.models import Handover
from app.handovers.service import HandOver, hand_over
from app.impact.rules import FulfilmentSource
from app.items.rules import Condition, ItemState
from app.notices.models import Notice
from app.planning.queries_ordered import ordered_for
from app.planning.service_allocate import Allocate, allocate
from app.projects.models import ProgrammeLine
from app.projects.models_allocation import PlanAllocation
from app.projects.rules import PlanEnd
from app.projects.service import EditLine, StartProject, edit_line, start_project
from tests.databases import RolledBackDatabase
from tests.factories import some_items
from tests.people import Organised
from tests.planning.test_allocate import TODAY, ends, free_pieces
from tests.projects.rows import a_line, a_project
from tests.workshop.orders import confirmed, drafted, ids_of

ActorOf = Callable[..., Actor]
SignedInAs = Callable[..., TestClient]


def edit(session: Session, actor: Actor, line: ProgrammeLine, **changes: object) -> None:
    session.refresh(line)
    command = {"programme_line_id": line.id, "version": line.version, **changes}
    edit_line(session, actor, [EditLine.model_validate(command)])


def test_what_no_longer_fits_its_line_is_let_go_and_who_planned_with_it_is_told(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    planner, manager = actor(Role.PROJECT_MANAGER), actor()
    line = a_line(session, manager, a_project(session, manager, org), quantity=5)
    good = free_pieces(session, org, 2, condition=Condition.B, width_mm=700)
    worn = free_pieces(session, org, 2, condition=Condition.C, width_mm=700)
    wide = free_pieces(session, org, 1, condition=Condition.B, width_mm=900)
    for some in (good, worn, wide):
        command = Allocate(programme_line_id=line.id, item_id=some[0].id, quantity=len(some))
        allocate(session, planner, [command])
    edit(session, manager, line, requirement="Hjul")  # they fit as before
    assert ends(session) == [None] * 5
    trip = HandOver(
        item_ids=[worn[0].id], to_unit_id=org.other_unit_id, to_place_id=org.room_id,
        programme_line_id=line.id, handed_over_on=TODAY,
    )  # fmt: skip
    hand_over(session, manager, [trip])
    edit(session, manager, line, condition="B")
    standing = select(PlanAllocation.item_id).where(PlanAllocation.ended_at.is_(None))
    assert set(session.scalars(standing)) == {*ids_of(good), *ids_of(wide), worn[0].id}
    edit(session, manager, line, width_max_mm=800)
    assert set(session.scalars(standing)) == {*ids_of(good), worn[0].id}
    edit(session, manager, line, quantity=2)  # one is on its way, so there is room for one
    left = set(session.scalars(standing))
    assert worn[0].id in left
    assert len(left) == 2
    why = select(PlanAllocation.ended_for).where(PlanAllocation.ended_at.is_not(None))
    assert set(session.scalars(why)) == {PlanEnd.LINE_CHANGED}
    told = session.scalars(select(Notice).where(Notice.kind == "plan_ended")).all()
    assert {each.person_id for each in told} == {planner.person_id}
    assert session.scalar(select(Handover.project_id)) == line.project_id


def test_what_a_supplier_has_for_a_line_stays_and_what_is_no_other_wish_lets_nothing_go(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    line = a_line(session, manager, a_project(session, manager, org), quantity=2)
    away, here = free_pieces(session, org, 2, condition=Condition.B)
    for item in (away, here):
        allocate(session, manager, [Allocate(programme_line_id=line.id, item_id=item.id)])
    order = drafted(session, manager, org, item_ids=[away.id], programme_line_id=line.id)
    confirmed(session, manager, order, 100_000)
    here.condition = Condition.C
    line.condition = Condition.B
    session.flush()
    edit(session, manager, line, requirement="Hjul")
    assert ends(session) == [None] * 2
    edit(session, manager, line, quantity=1)
    standing = select(PlanAllocation.item_id).where(PlanAllocation.ended_at.is_(None))
    assert session.scalars(standing).all() == [away.id]


def test_a_piece_that_left_while_a_supplier_had_it_is_not_coming(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    line = a_line(session, manager, a_project(session, manager, org), quantity=3)
    items = some_items(session, org, 3)
    order = drafted(session, manager, org, item_ids=ids_of(items), programme_line_id=line.id)
    confirmed(session, manager, order, 300_000)

    def coming() -> int:
        found = ordered_for(session, manager, [line.id]).get(line.id, Counter())
        return found.get(FulfilmentSource.REDESIGNED, 0)

    assert coming() == 3
    items[0].state = ItemState.DONATED
    session.flush()
    assert coming() == 2


def test_what_is_wrong_with_a_number_leads_to_its_field_and_a_budget_of_nothing_is_told(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> None:
    with database.write() as session:
        plan = StartProject(name="P", unit_id=org.unit_id, budget_ore=0, budget_is_limit=True)
        (project,) = start_project(session, actor(), [plan])
        line = a_line(session, actor(), project, quantity=3)
        item_id = str(free_pieces(session, org, 2)[0].id)
        project_id, line_id = project.id, line.id
    client = signed_in_as(Role.PROJECT_MANAGER)
    asked = {"key": "1", "item_id": item_id, "quantity": "9"}
    many = client.post(f"/prosjekter/linjer/{line_id}/sett-av", data=asked)
    assert many.status_code == 422
    assert f'href="#q-inventory-{item_id}"' in many.text
    assert f'id="q-inventory-{item_id}" name="quantity" type="text" value="9"' in many.text
    shown = client.get(f"/prosjekter/{project_id}").text
    panel = shown.partition('id="project-budget"')[2].partition("</section>")[0]
    assert "kjøp over dette blir avvist" in panel
    assert "None" not in panel
