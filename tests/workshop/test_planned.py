"""From a line of a programme to an order: what the project has planned for the work comes along."""

import re
from collections.abc import Callable

from fastapi.testclient import TestClient

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.items.rules import Fate
from app.projects.service import PlanRelease, plan_release
from tests.databases import RolledBackDatabase
from tests.factories import some_items
from tests.people import Organised
from tests.projects.rows import a_line, a_project

ActorOf = Callable[..., Actor]
SignedInAs = Callable[..., TestClient]


def test_what_is_to_be_redesigned_is_taken_along_once_and_goes_to_the_projects_place(
    signed_in_as: SignedInAs,
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
    actor: ActorOf,
) -> None:
    with database.write() as session:
        project = a_project(session, actor(), org, place_id=org.storage_id)
        line_id = a_line(session, actor(), project, quantity=9).id
        worn, parts = some_items(session, org, 4), some_items(session, org, 2)
        for some, fate in ((worn, Fate.REDESIGN), (parts, Fate.PARTS)):
            command = {
                "project_id": project.id, "item_ids": [each.id for each in some],
                "fate": fate, "free_from": database.clock.today(),
            }  # fmt: skip
            plan_release(session, actor(), [PlanRelease.model_validate(command)])
        theirs = a_project(session, actor(where=foreign_org), foreign_org)
        foreign_line = a_line(session, actor(where=foreign_org), theirs).id
    client = signed_in_as(Role.FURNITURE_MANAGER)

    def new(work: str, line: object = line_id) -> str:
        return client.get(f"/oppdrag/ny?linje={line}&arbeid={work}").text

    form = new("reupholster_or_redesign")
    assert "Ta med 4 × " in form
    assert "Ta med 2 × " in new("build_from_surplus")
    assert 'value="9"' in new("build_from_surplus")
    assert "Ta med" not in new("buy_used")
    assert "Ta med" not in new("reupholster_or_redesign", foreign_line)
    (link,) = re.findall(r'href="([^"]+planlagt=[^"]+)"', form)
    taken = client.get(link.replace("&amp;", "&")).text
    assert "Ta med" not in taken
    codes = re.search(r"<textarea[^>]* name=\"codes\"[^>]*>([^<]*)<", taken)
    assert codes
    assert len(codes[1].split()) == 4
    assert re.search(rf'value="{org.storage_id}" selected', taken), "not back to where they stood"
    draft = {
        "key": "1", "title": "Trekke om", "codes": codes[1], "unit_id": str(org.unit_id),
    }  # fmt: skip
    address = f"/oppdrag/ny?linje={line_id}&arbeid=reupholster_or_redesign"
    assert client.post(address, data=draft).status_code == 303
    assert "Ta med" not in new("reupholster_or_redesign"), "they are on an order"
    assert 'value="5"' in new("build_from_surplus"), "four of nine are ordered"
    unknown = client.get(f"{address}&planlagt=NO_SUCH_CATEGORY")
    assert unknown.status_code == 200
