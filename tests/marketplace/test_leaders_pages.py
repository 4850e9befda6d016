"""The leaders' yes and no on pages and as JSON, and the rules' own pages."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts.models import Unit
from app.accounts.rules import Role
from app.kit.files import Files
from app.kit.jobs import Queue
from app.kit.mail import Mail
from app.marketplace.models import Request
from app.marketplace.models_approval import Approval, ApprovalRule
from tests.databases import RolledBackDatabase
from tests.marketplace.stalls import a_listing, a_request, states
from tests.marketplace.test_leaders import a_rule, levels
from tests.notices.post import Sink, a_server, sending
from tests.notices.test_pages import opened
from tests.notices.test_sending import email_of
from tests.notices.test_waiting_letters import sent
from tests.people import Organised, SignedInAs


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def queue(database: RolledBackDatabase, files: Files, sink: Sink) -> Iterator[Queue]:
    with a_server(sink) as mail:
        assert isinstance(mail, Mail)
        yield sending(database, files, mail)


def a_waiting_request(database: RolledBackDatabase, org: Organised) -> tuple[UUID, UUID]:
    """A request of the employee's that waits for the mover, who leads the asking unit."""
    with database.write() as session:
        session.get_one(Unit, org.other_unit_id).leader_id = org.person_ids[Role.MOVER]
        a_rule(session, org, (None, 0))
        request = a_request(session, org, a_listing(session, org, 2), 2)
        session.flush()
        query = select(Approval.id).where(Approval.request_id == request.id)
        return request.id, session.scalars(query).one()


def now(database: RolledBackDatabase, request_id: UUID) -> tuple[object, dict[str, int]]:
    with database.write() as session:
        request = session.get_one(Request, request_id)
        return levels(session, request), states(session, request)


def test_each_side_sees_where_the_request_stands_and_what_comes(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    request_id, _ = a_waiting_request(database, org)
    page = f"/bestillinger/{request_id}"
    employee, leader, manager = (
        signed_in_as(Role.EMPLOYEE),
        signed_in_as(Role.MOVER),
        signed_in_as(),
    )
    asker = employee.get(page).text
    assert "Venter på leder" in asker
    assert "Leder for Kirurgi" in asker
    assert "do_approve" not in asker
    assert "leder-ja" not in asker
    assert "leder-ja" in leader.get(page).text
    assert "Svar på bestillingen" not in manager.get(page).text
    assert "Ingenting venter på deg" in manager.get("/godkjenning").text
    assert str(request_id) in leader.get("/godkjenning/leder").text
    assert "Si ja eller nei som leder" in leader.get("/").text
    assert "Venter på leder" in employee.get("/").text
    assert "Ingenting venter på deg" in employee.get("/godkjenning/leder").text


def test_the_leader_answers_on_the_page_and_the_giver_is_asked(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    request_id, approval_id = a_waiting_request(database, org)
    leader, manager = signed_in_as(Role.MOVER), signed_in_as()
    form = {"key": "k", "approval_id": str(approval_id), "note": "Fint for oss."}
    for _ in range(2):  # a form that is sent twice has one effect
        answer = leader.post(f"/bestillinger/{request_id}/leder-ja", data=form)
        assert answer.status_code == 303
    page = manager.get(f"/bestillinger/{request_id}").text
    assert "Venter på giver" in page
    assert page.count("Fint for oss.") == 1
    assert f"request-{request_id}" in manager.get("/godkjenning").text
    late = leader.post(f"/bestillinger/{request_id}/leder-ja", data={**form, "key": "other"})
    assert late.status_code == 409
    assert "alt avgjort" in late.text


def test_a_refusal_without_a_reason_stands_at_the_field_and_changes_nothing(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    request_id, approval_id = a_waiting_request(database, org)
    leader = signed_in_as(Role.MOVER)
    before = now(database, request_id)
    form = {"key": "k", "approval_id": str(approval_id), "reason": "  "}
    answer = leader.post(f"/bestillinger/{request_id}/leder-nei", data=form)
    assert answer.status_code == 422
    assert 'id="field-reason-error"' in answer.text
    refuse = "/api/v1/approvals/refuse"
    json = leader.post(refuse, json=[{"approval_id": str(approval_id), "reason": ""}])
    assert json.status_code == 422
    assert json.json()["errors"][0]["pointer"].endswith("reason")
    missing = leader.post(refuse, json=[{"approval_id": str(approval_id)}])
    assert missing.status_code == 422
    assert now(database, request_id) == before
    no = {**form, "key": "k2", "reason": "Ikke i år."}
    assert leader.post(f"/bestillinger/{request_id}/leder-nei", data=no).status_code == 303
    asker = signed_in_as(Role.EMPLOYEE).get(f"/bestillinger/{request_id}").text
    assert "Ikke i år." in asker
    assert "Avslått av leder: 2 stykk" in asker


def test_ones_own_request_is_refused_as_a_problem(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    request_id, approval_id = a_waiting_request(database, org)
    before = now(database, request_id)
    employee = signed_in_as(Role.EMPLOYEE)
    json = employee.post("/api/v1/approvals/approve", json=[{"approval_id": str(approval_id)}])
    assert (json.status_code, json.json()["type"]) == (403, "/problems/own-request")
    form = {"key": "k", "approval_id": str(approval_id)}
    page = employee.post(f"/bestillinger/{request_id}/leder-ja", data=form)
    assert page.status_code == 403
    assert "din egen bestilling" in page.text
    assert now(database, request_id) == before


def test_the_leaders_levels_and_the_standing_are_json_too(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    request_id, approval_id = a_waiting_request(database, org)
    leader, manager = signed_in_as(Role.MOVER), signed_in_as()
    shown = leader.get(f"/api/v1/requests/{request_id}").json()
    assert shown["standing"] == "awaits_leader"
    assert [(each["level"], each["state"]) for each in shown["approvals"]] == [(1, "waiting")]
    assert [each["id"] for each in leader.get("/api/v1/approvals").json()] == [str(approval_id)]
    assert manager.get("/api/v1/approvals").json() == []
    line = shown["lines"][0]["id"]
    early = manager.post(
        "/api/v1/reservations/approve", json=[{"request_line_id": line, "quantity": 1}]
    )
    assert (early.status_code, early.json()["type"]) == (409, "/problems/awaits-leader")
    body = [{"approval_id": str(approval_id)}]
    assert leader.post("/api/v1/approvals/approve", json=body).status_code == 200
    again = leader.post("/api/v1/approvals/approve", json=body)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/approval-decided")
    assert leader.get(f"/api/v1/requests/{request_id}").json()["standing"] == "awaits_giver"


def version_in(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    return found[1]


def test_the_rules_are_set_on_their_page_and_a_wrong_amount_stands_at_its_field(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    admin = signed_in_as(Role.ADMIN)
    edit = "/bestillingsregler/virksomhet"
    form = {"version": version_in(admin.get(edit).text), "above_kr-1": "20 000"}
    wrong = admin.post(edit, data={**form, "above_pieces-1": "mange", "above_kr-2": "x"})
    assert wrong.status_code == 422
    assert 'id="field-above_pieces-1-error"' in wrong.text
    assert 'id="field-above_kr-2-error"' in wrong.text
    assert "20 000" in wrong.text
    with database.read() as session:
        assert session.scalars(select(ApprovalRule)).all() == []
    chosen = {**form, "above_kr-2": "50000", "category_ids": ["CHAIR_TASK"]}
    assert admin.post(edit, data=chosen).status_code == 303
    page = admin.get("/bestillingsregler").text
    assert "over 20\xa0000\xa0kr" in page
    assert "kan ikke godkjenne egne" in page  # the box was not ticked
    stale = admin.post(edit, data=form)
    assert stale.status_code == 412
    assert admin.get(edit).text.count("checked") == 1


def test_a_units_own_rule_is_made_and_removed_on_its_page(
    org: Organised, foreign_org: Organised, signed_in_as: SignedInAs
) -> None:
    admin = signed_in_as(Role.ADMIN)
    chosen = admin.get("/bestillingsregler/enhet", params={"unit_id": str(org.unit_id)})
    page = f"/bestillingsregler/enhet/{org.unit_id}"
    assert chosen.headers["location"].endswith(page)
    assert admin.post(page, data={"version": "0", "above_pieces-1": "3"}).status_code == 303
    assert "over 3 møbler" in admin.get("/bestillingsregler").text
    assert admin.post(f"{page}/fjern").status_code == 303
    assert "Alle enheter følger regelen" in admin.get("/bestillingsregler").text
    assert admin.get(f"/bestillingsregler/enhet/{foreign_org.unit_id}").status_code == 404
    assert signed_in_as().get("/bestillingsregler").status_code == 200
    assert signed_in_as().get(page).status_code == 403


def put(
    client: TestClient, path: str, version: str, **body: object
) -> tuple[int, dict[str, object]]:
    answer = client.put(path, json=body, headers={"If-Match": version})
    return answer.status_code, answer.json()


def test_the_rules_are_set_as_json_by_version(org: Organised, signed_in_as: SignedInAs) -> None:
    admin, path = signed_in_as(Role.ADMIN), "/api/v1/approval-rules"
    rule = {"levels": [{"level": 1, "above_ore": 100}]}
    assert admin.put(path, json=rule).status_code == 428
    status, made = put(admin, path, '"v0"', **rule)
    assert (status, made["version"], made["unit_id"]) == (200, 1, None)
    assert put(admin, path, '"v0"', **rule)[0] == 412
    assert put(admin, path, '"v1"', levels=[])[1]["version"] == 2
    assert put(signed_in_as(), path, '"v2"', **rule)[0] == 403
    of_unit = f"{path}/{org.unit_id}"
    assert put(admin, of_unit, '"v0"', **rule)[1]["unit_id"] == str(org.unit_id)
    assert len(admin.get(path).json()) == 2
    assert admin.delete(of_unit).status_code == 204
    assert admin.delete(of_unit).status_code == 404
    wrong = put(admin, path, '"v2"', levels=[{"level": 1}])
    assert wrong[0] == 422


def test_leader_asker_and_giver_are_told_each_in_turn(
    database: RolledBackDatabase,
    org: Organised,
    queue: Queue,
    sink: Sink,
    signed_in_as: SignedInAs,
) -> None:
    assert queue is not None
    request_id, approval_id = a_waiting_request(database, org)
    leader, asker, giver = (
        email_of(database, org, each) for each in (Role.MOVER, Role.EMPLOYEE, Role.APPROVER)
    )
    assert sent(sink) == [("Bestilling 1 venter på at du sier ja", leader)]
    body = [{"approval_id": str(approval_id)}]
    signed_in_as(Role.MOVER).post("/api/v1/approvals/approve", json=body)
    approved, new = sent(sink)
    assert approved == ("Bestilling 1 er godkjent av leder", asker)
    assert new[1] == giver
    assert opened(signed_in_as(Role.EMPLOYEE)) == f"/bestillinger/{request_id}"

    refused_id, approval_id = a_waiting_request(database, org)
    sent(sink)
    no = [{"approval_id": str(approval_id), "reason": "Ikke i år."}]
    signed_in_as(Role.MOVER).post("/api/v1/approvals/refuse", json=no)
    assert sent(sink) == [("Bestilling 2 er avslått av leder", asker)]
    assert now(database, refused_id)[1] == {"declined": 2}
