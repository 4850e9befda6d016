"""The start page and the notices, as each person sees them."""

from fastapi.testclient import TestClient

from app.accounts.rules import Role
from app.kit.i18n import gettext
from app.marketplace import service as market
from app.marketplace.models import Request
from app.marketplace.rules import RefusalReason
from tests.databases import RolledBackDatabase
from tests.factories import an_item
from tests.marketplace.stalls import a_listing, a_request, acting, the_line
from tests.people import Organised, SignedInAs


def test_a_stranger_sees_the_way_in_and_nothing_of_the_furniture(
    client: TestClient, database: RolledBackDatabase, org: Organised
) -> None:
    with database.write() as session:
        a_listing(session, org, 2, name="Kontorstol Bris")
    answer = client.get("/")
    assert answer.status_code == 200
    assert 'href="/logg-inn"' in answer.text
    assert 'action="/I"' in answer.text
    assert "Kontorstol Bris" not in answer.text
    assert "Prøve helseforetak" not in answer.text


def test_a_member_sees_the_one_button_and_what_is_new(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised
) -> None:
    with database.write() as session:
        a_listing(session, org, 2, name="Kontorstol Bris", width_mm=600, depth_mm=550)
    text = signed_in_as(Role.EMPLOYEE).get("/").text
    assert gettext("Jeg trenger møbler") in text
    assert "Kontorstol Bris" in text
    assert "60 × 55 cm" in text
    assert "2 møbler i Prøve helseforetak" in text
    assert gettext("Ingenting venter på deg nå.") in text


def test_an_empty_organisation_is_told_what_to_do(signed_in_as: SignedInAs) -> None:
    text = signed_in_as(Role.FURNITURE_MANAGER).get("/").text
    assert gettext("Ingen møbler er lagt ut ennå") in text
    assert 'href="/mobler/ny"' in text


def test_each_step_waits_for_the_one_who_can_do_it(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised
) -> None:
    with database.write() as session:
        listing = a_listing(session, org, 2)
        request = a_request(session, org, listing, 2)
    ask = f"Svar på bestilling {request.number}"
    give = f"Overlever bestilling {request.number}"
    manager, employee = signed_in_as(Role.FURNITURE_MANAGER), signed_in_as(Role.EMPLOYEE)
    assert ask in manager.get("/").text
    assert ask not in employee.get("/").text
    with database.write() as session:
        line = the_line(session, session.get_one(Request, request.id))
        command = market.Approve(request_line_id=line.id, quantity=2)
        market.approve(session, acting(session, org), [command])
    text = manager.get("/").text
    assert ask not in text
    assert give in text


def test_another_organisation_waits_for_nothing_of_ours(
    signed_in_as: SignedInAs,
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
) -> None:
    with database.write() as session:
        request = a_request(session, org, a_listing(session, org, 2, name="Vår stol"), 2)
    text = signed_in_as(Role.ADMIN, foreign_org).get("/").text
    assert "Vår stol" not in text
    assert f"Svar på bestilling {request.number}" not in text


def test_more_than_five_of_a_kind_end_in_one_row(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised
) -> None:
    with database.write() as session:
        for _ in range(7):
            a_request(session, org, a_listing(session, org), 1)
    text = signed_in_as(Role.FURNITURE_MANAGER).get("/").text
    assert text.count("Svar på bestilling") == 5
    assert gettext("Flere bestillinger venter på svar") in text


def test_half_registered_pieces_wait(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised
) -> None:
    with database.write() as session:
        an_item(session, org, is_draft=True)
    text = signed_in_as(Role.SURVEYOR).get("/").text
    assert "1 møbel er ikke ferdig registrert" in text
    assert "/mobler?state=draft" in text


def test_notices_are_seen_by_who_they_are_for_and_by_administrators(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised
) -> None:
    with database.write() as session:
        request = a_request(session, org, a_listing(session, org), 1)
    title = f"Bestilling {request.number} venter på svar"
    assert title in signed_in_as(Role.APPROVER).get("/varsler").text
    assert title not in signed_in_as(Role.EMPLOYEE).get("/varsler").text
    assert title not in signed_in_as(Role.EMPLOYEE).get("/varsler?vis=alle").text
    assert title in signed_in_as(Role.ADMIN).get("/varsler?vis=alle").text


def opened(client: TestClient) -> str:
    """Where the newest notice leads to."""
    newest = client.get("/api/v1/notices").json()[0]["id"]
    answer = client.post(f"/varsler/{newest}/apne", follow_redirects=False)
    return str(answer.headers["location"])


def test_every_notice_leads_to_a_page_its_reader_may_open(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised
) -> None:
    with database.write() as session:
        request = a_request(session, org, a_listing(session, org), 1)
    with database.write() as session:
        line = the_line(session, session.get_one(Request, request.id))
        command = market.Decline(request_line_id=line.id, reason=RefusalReason.GONE)
        market.decline(session, acting(session, org), [command])
    approver, employee = signed_in_as(Role.APPROVER), signed_in_as(Role.EMPLOYEE)
    assert opened(approver) == "/godkjenning"
    assert approver.get("/godkjenning").status_code == 200
    assert 'href="/godkjenning"' in approver.get("/varsler").text
    link = f"/bestillinger/{request.id}"
    assert opened(employee) == link
    assert employee.get(link).status_code == 200


def test_a_program_is_told_the_same_as_the_start_page(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised
) -> None:
    with database.write() as session:
        request = a_request(session, org, a_listing(session, org, 2), 2)
    manager = signed_in_as(Role.FURNITURE_MANAGER)

    (first, *_) = manager.get("/api/v1/waiting").json()

    assert first["task"] == "answer_request"
    assert first["title"] == f"Svar på bestilling {request.number}"
    assert manager.get(first["page"]).status_code == 200
    assert signed_in_as(Role.EMPLOYEE).get("/api/v1/waiting").json() == []


def test_a_program_reads_its_own_notices_and_nobody_elses(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised
) -> None:
    with database.write() as session:
        request = a_request(session, org, a_listing(session, org, 2), 2)
        line = the_line(session, session.get_one(Request, request.id))
        command = market.Approve(request_line_id=line.id, quantity=2)
        market.approve(session, acting(session, org, Role.FURNITURE_MANAGER), [command])
    told = signed_in_as(Role.EMPLOYEE).get("/api/v1/notices").json()
    stranger, admin = signed_in_as(Role.SURVEYOR), signed_in_as(Role.ADMIN)

    assert [(each["kind"], each["subject_id"]) for each in told] == [
        ("request_answered", str(request.id))
    ]
    assert stranger.get("/api/v1/notices").json() == []
    assert stranger.get("/api/v1/notices", params={"everybody": True}).status_code == 403
    everybody = admin.get("/api/v1/notices", params={"everybody": True}).json()
    assert str(request.id) in {each["subject_id"] for each in everybody}
