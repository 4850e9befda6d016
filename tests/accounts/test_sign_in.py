"""Signing in and out, the one-time set-up, and being out at once when removed."""

from datetime import timedelta

from fastapi.testclient import TestClient

from app.accounts import service, sign_in
from app.accounts.actor import SESSION_COOKIE, Actor
from app.accounts.jobs import TOUCH
from app.accounts.rules import Role
from app.kit.clock import MovedClock
from tests.databases import RolledBackDatabase
from tests.people import ActorOf, Organised, SignedInAs

PASSWORD = "riktig hest batteri stift"
SAME_ORIGIN = {"Origin": "https://testserver"}


def a_person_with_password(database: RolledBackDatabase, actor: Actor, email: str) -> None:
    command = service.AddMember(
        name="Kari Nordmann", email=email, roles=[Role.EMPLOYEE], password=PASSWORD
    )
    with database.write() as session:
        service.add_members(session, actor, [command])


def sign_in_as(client: TestClient, email: str, password: str = PASSWORD) -> int:
    form = {"email": email, "password": password, "til": "/bytt-virksomhet"}
    return client.post("/logg-inn", data=form, headers=SAME_ORIGIN).status_code


def test_a_person_signs_in_sees_a_page_and_signs_out(
    client: TestClient, database: RolledBackDatabase, actor: ActorOf
) -> None:
    a_person_with_password(database, actor(Role.ADMIN), "kari@example.no")

    assert sign_in_as(client, " Kari@Example.no ") == 303
    assert client.get("/bytt-virksomhet").status_code == 200
    stolen = client.cookies[SESSION_COOKIE]
    assert client.post("/logg-ut", headers=SAME_ORIGIN).status_code == 303
    client.cookies.set(SESSION_COOKIE, stolen)
    assert "/logg-inn" in client.get("/bytt-virksomhet").headers["location"]


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(
    client: TestClient, database: RolledBackDatabase, actor: ActorOf
) -> None:
    a_person_with_password(database, actor(Role.ADMIN), "kari@example.no")

    answers = [
        client.post("/logg-inn", data={"email": email, "password": "x"}, headers=SAME_ORIGIN)
        for email in ("kari@example.no", "ukjent@example.no")
    ]

    assert [each.status_code for each in answers] == [422, 422]
    assert answers[0].text.replace("kari", "") == answers[1].text.replace("ukjent", "")


def test_the_eleventh_try_in_a_quarter_of_an_hour_is_not_evaluated(
    client: TestClient, database: RolledBackDatabase, actor: ActorOf, clock: MovedClock
) -> None:
    a_person_with_password(database, actor(Role.ADMIN), "kari@example.no")
    for _ in range(sign_in.TRIES_PER_ACCOUNT):
        assert sign_in_as(client, "kari@example.no", "feil") == 422

    form = {"email": "kari@example.no", "password": PASSWORD}
    refused = client.post("/logg-inn", data=form, headers=SAME_ORIGIN)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 16 * 60
    clock.move(timedelta(minutes=16))
    assert sign_in_as(client, "kari@example.no") == 303


def test_an_idle_session_ends(
    client: TestClient, database: RolledBackDatabase, actor: ActorOf, clock: MovedClock
) -> None:
    a_person_with_password(database, actor(Role.ADMIN), "kari@example.no")
    sign_in_as(client, "kari@example.no")

    clock.move(timedelta(hours=9))

    assert client.get("/bytt-virksomhet").status_code == 303


def test_the_way_back_after_sign_in_never_leaves_the_host(client: TestClient) -> None:
    for back in ("//evil.example", "https://evil.example", "/\\evil.example", "/a\nb"):
        page = client.get("/logg-inn", params={"til": back})

        assert 'name="til" value="/"' in page.text, back


def test_the_set_up_page_makes_the_first_organisation_once(
    client: TestClient, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        token = sign_in.new_set_up(session)
    form = {
        "nokkel": token,
        "organisation": "Nytt helseforetak",
        "name": "Ola Nordmann",
        "email": "ola@example.no",
        "password": PASSWORD,
    }

    assert client.get("/kom-i-gang", params={"nokkel": token}).status_code == 200
    weak = client.post("/kom-i-gang", data=form | {"password": "kort"}, headers=SAME_ORIGIN)
    assert weak.status_code == 422
    assert "minst 12 tegn" in weak.text
    assert client.post("/kom-i-gang", data=form, headers=SAME_ORIGIN).status_code == 303
    assert client.get("/bytt-virksomhet").status_code == 200
    used = client.get("/kom-i-gang", params={"nokkel": token})
    assert used.status_code == 410
    assert "Logg inn i stedet." in used.text
    assert client.post("/kom-i-gang", data=form, headers=SAME_ORIGIN).status_code == 410


def test_a_removed_member_is_out_at_the_next_request(
    database: RolledBackDatabase, actor: ActorOf, org: Organised, signed_in_as: SignedInAs
) -> None:
    client = signed_in_as(Role.SURVEYOR)
    assert client.get("/bytt-virksomhet").status_code == 200

    command = service.RemoveMember(person_id=org.person_ids[Role.SURVEYOR])
    with database.write() as session:
        service.remove_member(session, actor(Role.ADMIN), command)

    assert client.get("/bytt-virksomhet").status_code == 303


def test_whoever_goes_on_working_stays_signed_in_for_a_day_and_no_longer(
    client: TestClient, database: RolledBackDatabase, actor: ActorOf, clock: MovedClock
) -> None:
    a_person_with_password(database, actor(Role.ADMIN), "kari@example.no")
    sign_in_as(client, "kari@example.no")
    database.woken.clear()

    def is_in() -> bool:
        return client.get("/bytt-virksomhet").status_code == 200

    clock.move(timedelta(minutes=4))
    assert is_in()
    assert database.woken == []  # not each request writes
    for _ in range(3):
        clock.move(timedelta(hours=7))
        assert is_in()
        ((job, session_id),) = database.woken
        assert job == TOUCH.name
        with database.write() as session:
            sign_in.touch_session(session, session_id)
        database.woken.clear()
    clock.move(timedelta(hours=3))
    assert not is_in()
