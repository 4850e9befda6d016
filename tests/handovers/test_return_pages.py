"""Giving back and exchanging, on pages without JavaScript and as JSON."""

from app.accounts.rules import Role
from tests.databases import RolledBackDatabase
from tests.handovers.test_return import delivered, one_delivered, other_of
from tests.people import ActorOf, Organised, SignedInAs


def test_pieces_go_back_by_plain_forms(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase, actor: ActorOf
) -> None:
    with database.write() as session:
        ordered, lines = delivered(session, actor(), org)
        request_id, handover_id = ordered.order_line(session).request_id, lines[0].handover_id
        line_id = str(lines[0].id)
    taker, manager = signed_in_as(Role.EMPLOYEE), signed_in_as()
    assert "Lever noe tilbake" in taker.get(f"/bestillinger/{request_id}").text
    assert "Lever noe tilbake" in taker.get(f"/overleveringer/{handover_id}").text
    path = f"/overleveringer/tilbake?bestilling={request_id}"
    assert "Hva leveres tilbake?" in taker.get(path).text
    nothing = taker.post(path, data={"reason": ""})
    assert nothing.status_code == 422
    assert 'href="#field-reason"' in nothing.text
    form = {"key": "k", "handover_line_ids": line_id, "reason": "not_needed"}
    done = taker.post(path, data=form)
    assert (done.status_code, done.headers["location"]) == (
        303,
        f"/bestillinger/{request_id}",
    )
    assert taker.post(path, data=form).status_code == 303  # the same click again
    shown = taker.get(done.headers["location"]).text
    assert "1 levert tilbake" in shown
    assert "Levert tilbake: 1 stykk" in shown
    assert "Levert tilbake" in manager.get(f"/overleveringer/{handover_id}").text
    again = taker.post(path, data={**form, "key": "k2"})
    assert again.status_code == 409
    assert "Noe av dette er alt levert tilbake" in again.text


def test_a_piece_is_exchanged_by_plain_forms(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase, actor: ActorOf
) -> None:
    with database.write() as session:
        listing, request, line = one_delivered(session, actor(), org)
        form = {
            "key": "k",
            "handover_line_id": str(line.id),
            "item_id": str(other_of(session, listing, line)),
            "reason": "damaged",
        }
        path = f"/overleveringer/tilbake/bytt?overlevering={line.handover_id}"
    manager, taker = signed_in_as(), signed_in_as(Role.EMPLOYEE)
    asked = manager.get(path.replace("/bytt", ""))
    assert form["item_id"] in asked.text
    assert form["item_id"] not in taker.get(path.replace("/bytt", "")).text
    assert taker.post(path, data=form).status_code == 403
    assert manager.post(path, data={**form, "reason": ""}).status_code == 422
    assert manager.post(path, data=form).status_code == 303
    assert "1 godkjent" in taker.get(f"/bestillinger/{request.id}").text


def test_another_organisations_pieces_are_not_found(
    signed_in_as: SignedInAs,
    org: Organised,
    foreign_org: Organised,
    database: RolledBackDatabase,
    actor: ActorOf,
) -> None:
    with database.write() as session:
        ordered, lines = delivered(session, actor(where=foreign_org), foreign_org)
        request_id, handover_id = ordered.order_line(session).request_id, lines[0].handover_id
        form = {"handover_line_ids": [str(lines[0].id)], "reason": "damaged"}
    client = signed_in_as()
    for query in (f"bestilling={request_id}", f"overlevering={handover_id}", ""):
        assert client.get(f"/overleveringer/tilbake?{query}").status_code == 404
    assert client.post("/api/v1/handovers/give-back", json=[form]).status_code == 404
    assert org.org_id != foreign_org.org_id


def test_the_api_gives_back_and_says_so(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase, actor: ActorOf
) -> None:
    with database.write() as session:
        _, lines = delivered(session, actor(), org)
        body = {"handover_line_ids": [str(each.id) for each in lines], "reason": "wrong_piece"}
    client = signed_in_as()
    odd = client.post("/api/v1/handovers/give-back", json=[{**body, "reason": "sold"}])
    assert odd.status_code == 422
    done = client.post("/api/v1/handovers/give-back", json=[body])
    assert done.status_code == 200, done.text
    assert {each["return_reason"] for each in done.json()[0]["lines"]} == {"wrong_piece"}
    again = client.post("/api/v1/handovers/give-back", json=[body])
    assert (again.status_code, again.json()["type"]) == (409, "/problems/handover-undone")
