"""Units, members, roles and tokens through pages and API."""

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.accounts import service
from app.accounts.actor import actor_of
from app.accounts.rules import Role
from app.kit.db import Database
from tests.people import ActorOf, Organised, SignedInAs, a_member, organised


def test_every_page_of_the_organisation_opens_for_an_administrator(
    signed_in_as: SignedInAs, org: Organised
) -> None:
    client = signed_in_as(Role.ADMIN)
    member = org.person_ids[Role.SURVEYOR]

    for path in (
        "/virksomhet",
        f"/virksomhet/{org.unit_id}",
        "/personer",
        f"/personer/{member}",
        "/tilgang",
    ):
        assert client.get(path).status_code == 200, path


def test_an_administrator_adds_a_unit_with_a_leader_and_deputies(
    signed_in_as: SignedInAs, org: Organised
) -> None:
    client = signed_in_as(Role.ADMIN)
    leader, deputy = (str(org.person_ids[role]) for role in (Role.APPROVER, Role.CONTROLLER))

    form = {"name": "Barn", "parent_id": str(org.unit_id), "cost_centre": "4300"}
    assert client.post("/virksomhet", data=form).status_code == 303
    same = client.post("/virksomhet", data=form)
    version = client.get(f"/api/v1/units/{org.unit_id}").json()["version"]
    edit = {
        "version": str(version),
        "name": "Indremedisin",
        "leader_id": leader,
        "deputy_ids": [deputy],
    }
    edited = client.post(f"/virksomhet/{org.unit_id}", data=edit)

    assert same.status_code == 409
    assert "Navnet er alt i bruk her." in same.text
    assert edited.status_code == 303
    assert "Indremedisin" in client.get("/virksomhet").text


def test_the_last_administrator_can_not_leave(signed_in_as: SignedInAs, org: Organised) -> None:
    client = signed_in_as(Role.ADMIN)

    answer = client.delete(f"/api/v1/people/{org.person_ids[Role.ADMIN]}")

    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/last-administrator"


def test_nobody_but_an_administrator_sees_or_changes_people(
    signed_in_as: SignedInAs, org: Organised
) -> None:
    client = signed_in_as(Role.FURNITURE_MANAGER)
    me = org.person_ids[Role.FURNITURE_MANAGER]

    assert client.get("/personer").status_code == 403
    assert client.get("/api/v1/people").status_code == 403
    assert client.put(f"/api/v1/people/{me}", json={"roles": ["admin"]}).status_code == 403
    assert "admin" not in client.get("/api/v1/me").json()["roles"]


def test_a_foreign_person_is_no_member_and_no_leader(
    signed_in_as: SignedInAs, org: Organised, foreign_org: Organised
) -> None:
    client = signed_in_as(Role.ADMIN)
    stranger = foreign_org.person_ids[Role.EMPLOYEE]

    assert client.get(f"/personer/{stranger}").status_code == 404
    known = {"If-Match": '"v1"'}
    other = f"/api/v1/people/{stranger}"
    assert client.get(other).status_code == 404
    assert client.put(other, json={"roles": ["employee"]}, headers=known).status_code == 404
    unit = {"name": "X", "leader_id": str(stranger)}
    assert client.post("/api/v1/units", json=[unit]).status_code == 422
    own = f"/api/v1/units/{foreign_org.unit_id}"
    answer = client.put(own, json={"name": "X"}, headers={"If-Match": '"v1"'})
    assert answer.status_code == 404


def test_a_token_works_until_it_is_revoked(signed_in_as: SignedInAs) -> None:
    client = signed_in_as(Role.EMPLOYEE)
    made = client.post("/api/v1/tokens", json={"name": "skript"}).json()
    header = {"Authorization": f"Bearer {made['secret']}"}

    assert client.get("/api/v1/me", headers=header).status_code == 200
    assert client.delete(f"/api/v1/tokens/{made['id']}").status_code == 204
    assert client.get("/api/v1/me", headers=header).status_code == 401


def test_a_role_for_one_unit_does_not_hold_beside_it(
    signed_in_as: SignedInAs, org: Organised, actor: ActorOf
) -> None:
    client = signed_in_as(Role.ADMIN)
    person = org.person_ids[Role.SURVEYOR]
    body = {"roles": ["surveyor"], "role_unit_id": str(org.unit_id)}

    url = f"/api/v1/people/{person}"
    answer = client.put(url, json=body, headers={"If-Match": client.get(url).headers["ETag"]})
    assert answer.json() == client.get(url).json()
    assert answer.json()["role_unit_id"] == str(org.unit_id)
    limited = actor(Role.SURVEYOR)

    assert limited.may("item:register", org.unit_id)
    assert not limited.may("item:register", org.other_unit_id)


@pytest.mark.parametrize("email", [5, None, [], {}, True, "kari", "a@b@c.no", "x@y.no\n.z"])
def test_an_address_that_is_none_is_refused_at_its_field_whatever_it_is(
    email: object, signed_in_as: SignedInAs
) -> None:
    new = {"name": "Kari Moe", "email": email, "roles": ["employee"]}
    refused = signed_in_as(Role.ADMIN).post("/api/v1/people", json=[new])
    assert refused.status_code == 422
    assert [each["pointer"] for each in refused.json()["errors"]] == ["#/0/email"]


def test_a_misspelt_field_of_a_unit_or_a_member_is_refused(
    signed_in_as: SignedInAs, org: Organised
) -> None:
    client = signed_in_as(Role.ADMIN)
    unit = f"/api/v1/units/{org.unit_id}"
    member = f"/api/v1/people/{org.person_ids[Role.SURVEYOR]}"

    answers = [
        client.put(unit, json={"name": "X", "cost_center": "1"}, headers={"If-Match": '"v1"'}),
        client.put(member, json={"roles": ["employee"], "unit": None}),
        client.post("/api/v1/units", json=[{"name": "X", "cost_center": "1"}]),
    ]

    assert [each.status_code for each in answers] == [422] * 3
    assert all("Feltet er ukjent." in each.text for each in answers)
    assert client.get(unit).json()["name"] == "Medisin"


def test_of_two_who_change_a_person_the_second_is_told(
    signed_in_as: SignedInAs, org: Organised
) -> None:
    client = signed_in_as(Role.ADMIN)
    url = f"/api/v1/people/{org.person_ids[Role.SURVEYOR]}"
    seen = client.get(url).headers["ETag"]

    assert client.put(url, json={"roles": ["mover"]}).status_code == 428
    first = client.put(url, json={"roles": ["mover"]}, headers={"If-Match": seen})
    second = client.put(url, json={"roles": ["approver"]}, headers={"If-Match": seen})

    assert (first.status_code, second.status_code) == (200, 412)
    assert first.headers["ETag"] != seen
    assert client.get(url).json()["roles"] == ["mover"]


def test_the_second_editor_of_a_person_sees_both_and_decides(
    signed_in_as: SignedInAs, org: Organised
) -> None:
    client = signed_in_as(Role.ADMIN)
    person = org.person_ids[Role.SURVEYOR]
    page = f"/personer/{person}"
    (seen,) = re.findall(r'name="version" value="(\d+)"', client.get(page).text)
    client.post(page, data={"version": seen, "roles": "mover"})

    answer = client.post(page, data={"version": seen, "roles": "approver"})

    assert answer.status_code == 412
    assert "Personen er endret i mellomtiden" in answer.text
    assert "Flytter</td>" in answer.text.replace("</span>", "")
    (newest,) = re.findall(r'name="version" value="(\d+)"', answer.text)
    again = client.post(page, data={"version": newest, "roles": "approver"})
    assert again.status_code == 303
    assert client.get(f"/api/v1/people/{person}").json()["roles"] == ["approver"]


def test_other_deputies_are_a_new_version_of_the_unit(
    signed_in_as: SignedInAs, org: Organised
) -> None:
    client = signed_in_as(Role.ADMIN)
    page = f"/virksomhet/{org.unit_id}"
    (seen,) = re.findall(r'name="version" value="(\d+)"', client.get(page).text)
    deputy = str(org.person_ids[Role.APPROVER])
    sent = {"version": seen, "name": "Medisin", "cost_centre": "", "leader_id": ""}

    assert client.post(page, data={**sent, "deputy_ids": deputy}).status_code == 303
    answer = client.post(page, data=sent)

    assert answer.status_code == 412
    assert "Enheten er endret i mellomtiden" in answer.text
    assert "Stedfortredere" in answer.text


def test_what_the_api_reads_of_a_unit_can_be_sent_back_without_losing_its_deputies(
    signed_in_as: SignedInAs, org: Organised
) -> None:
    client = signed_in_as(Role.ADMIN)
    deputy = str(org.person_ids[Role.APPROVER])
    path = f"/api/v1/units/{org.unit_id}"
    unit = client.get(path).json()
    fields = {name: unit[name] for name in ("name", "cost_centre", "leader_id", "deputy_ids")}
    match = {"If-Match": f'"v{unit["version"]}"'}

    changed = client.put(path, json={**fields, "deputy_ids": [deputy]}, headers=match)

    assert unit["deputy_ids"] == []
    assert changed.json()["deputy_ids"] == [deputy]
    listed = {each["id"]: each for each in client.get("/api/v1/units").json()}
    assert listed[str(org.unit_id)] == client.get(path).json() == changed.json()


def test_a_key_to_the_api_is_made_and_shown_once(signed_in_as: SignedInAs) -> None:
    client = signed_in_as(Role.EMPLOYEE)
    first, again = (
        client.post("/api/v1/tokens", json={"name": "skript"}, headers={"Idempotency-Key": "one"})
        for _ in range(2)
    )

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["secret"].startswith("omlop_")
    assert again.json() == {**first.json(), "secret": None}
    assert [each["name"] for each in client.get("/api/v1/tokens").json()].count("skript") == 1
    form = {"name": "form", "days": "30", "key": "two"}
    assert "Kopier nøkkelen nå" in client.post("/tilgang", data=form).text
    assert "Nøkkelen er alt laget" in client.post("/tilgang", data=form).text
    assert [each["name"] for each in client.get("/api/v1/tokens").json()].count("form") == 1


def test_the_organisations_forms_do_a_thing_once_for_two_clicks(signed_in_as: SignedInAs) -> None:
    client = signed_in_as(Role.ADMIN)
    unit = {"name": "Radiologi", "key": "unit"}
    person = {"name": "Ny", "email": "ny@x.example", "roles": "employee", "key": "person"}

    answers = [client.post("/virksomhet", data=unit) for _ in range(2)]
    answers += [client.post("/personer", data=person) for _ in range(2)]

    assert [each.status_code for each in answers] == [303] * 4
    assert [each["name"] for each in client.get("/api/v1/units").json()].count("Radiologi") == 1


def test_whoever_comes_back_has_the_new_roles_and_no_old_ones(
    signed_in_as: SignedInAs, org: Organised
) -> None:
    client = signed_in_as(Role.ADMIN)
    add = {"name": "Ny", "email": "ny@x.example", "role_unit_id": str(org.unit_id)}
    (person,) = client.post("/api/v1/people", json=[{**add, "roles": ["admin", "mover"]}]).json()
    url = f"/api/v1/people/{person['id']}"
    assert client.delete(url).status_code == 204

    assert client.post("/api/v1/people", json=[{**add, "roles": ["mover"]}]).status_code == 200

    assert client.get(url).json()["roles"] == ["mover"]


def test_two_administrators_cannot_put_each_other_out_at_once(
    new_database: Callable[[], Database],
) -> None:
    database = new_database()
    with database.write() as session:
        org = organised(session, database.clock)
        other = a_member(session, database.clock, org.org_id, org.unit_id, Role.ADMIN)
    administrators = [org.person_ids[Role.ADMIN], other]
    both = threading.Barrier(2)

    def take_from(one: int) -> bool:
        with database.read() as session:
            actor = actor_of(session, org.org_id, administrators[one])
        assert actor is not None
        command = service.ChangeMember(
            person_id=administrators[1 - one], version=1, roles=[Role.EMPLOYEE]
        )
        both.wait()
        try:
            with database.write() as session:
                service.change_member(session, actor, command)
        except service.LastAdministrator:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(take_from, range(2)))
    assert sorted(done) == [False, True]


def test_the_same_new_person_added_many_times_at_once_is_one_member(
    new_database: Callable[[], Database],
) -> None:
    database = new_database()
    with database.write() as session:
        org = organised(session, database.clock)
    with database.read() as session:
        admin = actor_of(session, org.org_id, org.person_ids[Role.ADMIN])
    assert admin is not None
    at_once = threading.Barrier(6)

    def add(_number: int) -> str:
        command = service.AddMember(name="Ny", email="ny@x.example", roles=[Role.EMPLOYEE])
        at_once.wait()
        try:
            with database.write() as session:
                service.add_members(session, admin, [command])
        except service.AlreadyMember:
            return "known"
        return "added"

    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(add, range(6)))
    assert sorted(done) == ["added", *["known"] * 5]


def test_equal_names_at_the_top_are_refused_as_below_a_unit(signed_in_as: SignedInAs) -> None:
    client = signed_in_as(Role.ADMIN)
    sent = [{"name": "Radiologi"}]

    answers = [client.post("/api/v1/units", json=sent) for _ in range(2)]

    assert [each.status_code for each in answers] == [200, 409]
    assert client.post("/api/v1/units", json=[{"name": "To"}, {"name": "To"}]).status_code == 409
