"""The plan as a person meets it, without JavaScript, and as JSON."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts.rules import Role
from app.handovers.models import Handover, HandoverLine
from app.handovers.service import Receive, receive
from app.items.rules import Fate
from app.planning.service_allocate import Allocate, allocate
from app.projects.models import ProgrammeLine
from app.projects.rules import LineState, PlanEnd
from tests.databases import RolledBackDatabase
from tests.people import Organised
from tests.planning.test_allocate import ends, free_pieces, releases
from tests.projects.rows import a_line, a_project

SignedInAs = Callable[..., TestClient]
ActorOf = Callable[..., Any]


def test_a_line_is_met_by_plain_forms_and_the_plan_follows(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> None:
    with database.write() as session:
        project = a_project(session, actor(), org, goal_percent=80)
        line = a_line(session, actor(), project, quantity=3)
        item_id = free_pieces(session, org, 2, name="Rød stol")[0].id
        project_id, line_id = project.id, line.id
    client = signed_in_as(Role.PROJECT_MANAGER)
    supply = client.get(f"/prosjekter/linjer/{line_id}/plan")
    assert supply.status_code == 200, supply.text[:400]
    assert "2 × Rød stol" in supply.text
    address = f"/prosjekter/linjer/{line_id}/sett-av"
    many = client.post(address, data={"key": "1", "item_id": str(item_id), "quantity": "9"})
    assert many.status_code == 422
    assert "Det er bare 2 igjen." in many.text
    done = client.post(address, data={"key": "2", "item_id": str(item_id), "quantity": "2"})
    assert done.status_code == 303
    shown = client.get(f"/prosjekter/{project_id}/plan")
    assert shown.status_code == 200, shown.text[:400]
    assert "2 satt av" in shown.text
    assert "1 mangler" in shown.text
    fixed = client.post(f"/prosjekter/{project_id}/plan", data={"key": "3", "alternative": "used"})
    assert fixed.status_code == 303
    assert "Plan mot resultat" in client.get(f"/prosjekter/{project_id}/plan").text
    plan = client.get(f"/api/v1/projects/{project_id}/plan").json()
    assert plan["lines"][0] | {"fit": 0, "got": 0} == {
        "programme_line_id": str(line_id), "quantity": 3, "met": 0, "allocated": 2, "ordered": 0, "open": 1,
        "fit": 0, "got": 0,
    }  # fmt: skip
    gone = {"key": "4", "item_ids": [str(item_id)]}
    assert client.post(f"/prosjekter/linjer/{line_id}/fri", data=gone).status_code == 303
    assert client.get(f"/prosjekter/linjer/{line_id}/plan").status_code == 200


def test_what_is_set_aside_is_handed_over_from_its_line_and_meets_it(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> None:
    with database.write() as session:
        project, rows = releases(
            session, actor(), org, 2, fate=Fate.MOVE_ALONG, free_from=database.clock.today()
        )
        line = a_line(session, actor(), project, quantity=2, place_id=org.room_id)
        project_id, line_id, items = project.id, line.id, [each.item_id for each in rows]
        allocate(
            session, actor(), [Allocate(programme_line_id=line_id, item_id=items[0], quantity=2)]
        )
    client = signed_in_as(Role.FURNITURE_MANAGER)
    links = re.findall(
        r'href="(/overleveringer/ny\?[^"]+)"', client.get(f"/prosjekter/linjer/{line_id}/plan").text
    )
    plan = f"/prosjekter/{project_id}/plan"
    assert "Alternativer side om side" in client.get(plan).text
    address = max(links, key=len).replace("&amp;", "&")
    assert address.count("mobel=") == 2
    form = client.get(address).text
    assert re.search(r'value="moves_along" checked', form)
    assert re.search(rf'value="{org.room_id}" selected', form)
    sent = {
        "key": "1", "item_ids": [str(each) for each in items], "user_case": "moves_along",
        "to_unit_id": str(org.unit_id), "to_place_id": str(org.room_id),
        "handed_over_on": database.clock.today().isoformat(),
    }  # fmt: skip
    done = client.post(address, data=sent)
    assert done.status_code == 303, done.text[:600]
    handover_id = done.headers["location"].rpartition("/")[2].partition("?")[0]
    with database.write() as session:
        gone = session.scalars(select(HandoverLine)).all()
        assert {each.programme_line_id for each in gone} == {line_id}
        handover = session.get_one(Handover, UUID(handover_id))
        assert handover.project_id == project.id
        receive(session, actor(), [Receive(handover_line_ids=[each.id for each in gone])])
        assert session.get_one(ProgrammeLine, line_id).state is LineState.FULFILLED
        assert set(ends(session)) == {PlanEnd.DELIVERED}
    done_with = client.get(plan).text
    assert "Alt er levert" in done_with
    assert f'href="/prosjekter/{project_id}/rapport"' in done_with
    assert "Alternativer side om side" not in done_with


def test_what_is_set_aside_goes_on_a_run_sheet_from_its_line_with_other_lines_pieces(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> None:
    with database.write() as session:
        project = a_project(session, actor(), org, unit_id=org.other_unit_id)
        lines = [
            a_line(session, actor(), project, quantity=2, place_id=org.storage_id) for _ in "12"
        ]
        items = [free_pieces(session, org, 2, name=name) for name in ("Rød stol", "Blå stol")]
        for line, some in zip(lines, items, strict=True):
            command = Allocate(programme_line_id=line.id, item_id=some[0].id, quantity=2)
            allocate(session, actor(), [command])
        line_ids = [each.id for each in lines]
        ids = [[str(piece.id) for piece in some] for some in items]
    client = signed_in_as(Role.FURNITURE_MANAGER)

    def form_of(line_id: UUID) -> str:
        plan = client.get(f"/prosjekter/linjer/{line_id}/plan").text
        (link,) = re.findall(r'href="(/kjorelister/ny\?linje=[^"]+)"', plan)
        return client.get(link).text

    form = form_of(line_ids[0])
    assert [
        each in form for each in (f'value="{ids[0][0]}" checked', f'"{ids[1][0]}" checked')
    ] == [
        True,
        False,
    ]
    day = database.clock.today().isoformat()
    whole = {"driven_on": day, "planned_ids": ids[0]}
    wrong = client.post("/kjorelister/ny", data={**whole, "key": "1", "driven_on": ""})
    assert wrong.status_code == 422
    assert f'value="{ids[0][0]}" checked' in wrong.text, "nothing that was chosen is lost"
    made = client.post("/kjorelister/ny", data={**whole, "key": "2"})
    assert made.status_code == 303, made.text[:600]
    run = made.headers["location"].partition("?")[0]
    pieces = client.get(f"/api/v1/run-sheets/{run.rpartition('/')[2]}").json()["pieces"]
    ends = {(each["to_unit_id"], each["to_place_id"]) for each in pieces}
    assert ends == {(str(org.other_unit_id), str(org.storage_id))}, "as the plan has it"
    plan = client.get(f"/prosjekter/linjer/{line_ids[0]}/plan").text
    assert plan.count(f'href="{run}"') == 2
    assert "/kjorelister/ny" not in plan, "all of it is on a sheet"
    form = form_of(line_ids[1])
    (onto,) = re.findall(rf'href="({run}\?linje=[^"]+)"', form)
    assert f'value="{ids[1][0]}" checked' in client.get(onto).text
    more = {"planned_ids": ids[1]}
    added = client.post(f"{run}/legg-til", data={**more, "key": "4"})
    assert added.status_code == 303, added.text[:600]
    assert "Hent 4 møbler" in client.get(run).text
    twice = client.post(f"{run}/legg-til", data={**more, "key": "5"})
    assert twice.status_code == 409
    assert "Møbelet står alt på en kjøreliste." in twice.text
    for wrong_id in (org.unit_id, uuid4()):
        none = client.post("/kjorelister/ny", data={**whole, "key": "6", "planned_ids": wrong_id})
        assert none.status_code == 404
    assert client.get(f"/kjorelister/ny?mobel={org.unit_id}").status_code == 404, "no piece of ours"
