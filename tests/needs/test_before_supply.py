"""A need that is there before its supply, over HTTP: matched, refused, bought used, and on record."""

from datetime import UTC, datetime
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts.rules import Role
from app.kit.clock import MovedClock
from app.needs.found import found_since
from app.needs.service_watch import keep, tell_found
from app.notices.models import Notice
from tests.databases import RolledBackDatabase
from tests.factories import CHAIR, some_items
from tests.people import ActorOf, Organised, SignedInAs
from tests.projects.rows import a_project

TUESDAY_AT_SIX = datetime(2026, 3, 3, 5, tzinfo=UTC)


def posted(client: TestClient, path: str, body: Any) -> Any:
    answer = client.post(f"/api/v1{path}", json=body)
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()


def watched(database: RolledBackDatabase, org: Organised) -> None:
    """As the job does, and for one organisation."""
    while True:
        with database.read() as session:
            found = found_since(session, org.org_id)
        with database.write() as session:
            if found.is_done or not keep(session, org.org_id, found):
                tell_found(session, org.org_id)
                return


def test_a_need_waits_for_a_release_refuses_it_and_buys_used_and_the_record_says_so(
    signed_in_as: SignedInAs,
    org: Organised,
    database: RolledBackDatabase,
    actor: ActorOf,
    clock: MovedClock,
) -> None:
    nurse, planner = signed_in_as(Role.EMPLOYEE), signed_in_as(Role.PROJECT_MANAGER)
    line = {"category_id": CHAIR, "quantity": 3}
    wanted = {"unit_id": str(org.unit_id), "wanted_date": "2026-05-01", "lines": [line]}
    [need] = posted(nurse, "/needs", [wanted])
    of_line: dict[str, Any] = {"need_line_id": need["lines"][0]["id"]}
    posted(nurse, "/need-lines/leave", [{**of_line, "step": "own_unit"}])
    matches = f"/api/v1/need-lines/{of_line['need_line_id']}/matches?step=organisation"
    assert nurse.get(matches).json()["matches"] == [], "there is nothing yet"

    watched(database, org)
    with database.write() as session:
        items = some_items(
            session, org, 4, name="Stol fra flyttingen", owner_unit_id=org.other_unit_id
        )
        project = a_project(session, actor(Role.PROJECT_MANAGER), org)
        ids, project_id = [str(each.id) for each in items], project.id
    release = {"item_ids": ids, "free_from": "2026-04-01"}
    posted(planner, f"/projects/{project_id}/releases", release)
    clock.at = TUESDAY_AT_SIX
    watched(database, org)
    with database.read() as session:
        told = session.scalars(select(Notice).where(Notice.kind == "need_matched")).all()
    assert [each.person_id for each in told] == [org.person_ids[Role.EMPLOYEE]]
    page = nurse.get(f"/behov/{need['id']}").text
    assert "Stol fra flyttingen" in page

    seen = nurse.get(matches).json()
    assert [(each["count"], each["from_date"]) for each in seen["matches"]] == [(4, "2026-04-01")]
    without = [{**of_line, "step": "organisation", "seen": seen["seen"]}]
    refused = nurse.post("/api/v1/need-lines/leave", json=without)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/0/reason")
    why = {"reason": "hygiene", "reason_text": "Setet kan ikke vaskes."}
    posted(nurse, "/need-lines/leave", [{**without[0], **why}])
    too_few = {"step": "repair_or_redesign", "reason": "too_few"}
    posted(nurse, "/need-lines/leave", [{**of_line, **too_few}])
    used = {"step": "buy_used", "quantity": 3, "reason_text": "Tre hos Brukom, 900 kr stykket."}
    posted(nurse, "/need-lines/take", [{**of_line, **used}])
    with database.write() as session:
        some_items(session, org, 1, name="Kom etterpå", is_free=True)

    ladder = nurse.get(f"/api/v1/needs/{need['id']}/ladder").json()
    assert [(each["step"], each["outcome"]) for each in ladder] == [
        ("own_unit", "none"),
        ("organisation", "refused"),
        ("repair_or_redesign", "refused"),
        ("buy_used", "taken"),
    ]
    assert [each["count"] for each in ladder[1]["matches"]] == [4]
    record = nurse.get(f"/behov/{need['id']}/protokoll").text
    for text in (
        "Stol fra flyttingen",
        "Setet kan ikke vaskes.",
        "Tre hos Brukom",
        "Prøve employee",
    ):
        assert text in record, text
    assert "Kom etterpå" not in record
