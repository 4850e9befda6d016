"""The waiting list on its pages: the place in the queue, the offer and its limit, the giver's list."""

import re
from datetime import timedelta
from uuid import UUID

import pytest

from app.accounts.rules import Role
from app.handovers.service import HandOver, hand_over
from app.kit.clock import MovedClock
from app.marketplace.models import Request
from tests.databases import RolledBackDatabase
from tests.handovers.orders import ON
from tests.marketplace.queues import freed, taken, waits
from tests.marketplace.stalls import acting, reservations, states, the_line
from tests.people import Organised, SignedInAs


def queued(
    database: RolledBackDatabase, org: Organised, clock: MovedClock, pieces: int = 1
) -> tuple[UUID, UUID, list[UUID]]:
    """Listing, the request that holds all its pieces, and two requests that wait for them."""
    with database.write() as session:
        listing, holder = taken(session, org, pieces)
        waiting = [waits(session, org, listing, clock, pieces).id for _ in range(2)]
        return listing.id, holder.id, waiting


def offered(
    database: RolledBackDatabase, org: Organised, clock: MovedClock, pieces: int = 1
) -> tuple[UUID, UUID]:
    """The request that is offered the pieces, and its line."""
    _, holder_id, (request_id, _) = queued(database, org, clock, pieces)
    with database.write() as session:
        freed(session, org, session.get_one(Request, holder_id))
        return request_id, the_line(session, session.get_one(Request, request_id)).id


def states_of(database: RolledBackDatabase, request_id: UUID) -> dict[str, int]:
    with database.write() as session:
        return states(session, session.get_one(Request, request_id))


def test_the_place_in_the_queue_stands_on_the_request_and_the_count_on_the_listing(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs, clock: MovedClock
) -> None:
    listing_id, _, (first, second) = queued(database, org, clock, 2)
    employee = signed_in_as(Role.EMPLOYEE)
    assert "Først i køen" in employee.get(f"/bestillinger/{first}").text
    assert "Nr. 2 i køen, 2 stykk foran" in employee.get(f"/bestillinger/{second}").text
    assert "Nr. 2 i køen" in employee.get("/bestillinger").text
    listing = employee.get(f"/marked/{listing_id}").text
    assert "Venteliste: 4 stykk" in listing
    assert "queue-row" not in listing


def test_who_waits_for_what_has_all_been_fetched_is_told_so(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs, clock: MovedClock
) -> None:
    _, holder_id, (first, _) = queued(database, org, clock)
    with database.write() as session:
        held = reservations(session, session.get_one(Request, holder_id))
        command = HandOver(reservation_ids=[each.id for each in held], handed_over_on=ON)
        hand_over(session, acting(session, org), [command])
    page = signed_in_as(Role.EMPLOYEE).get(f"/bestillinger/{first}").text
    assert "Alle er hentet. Kommer en tilbake, går køen videre." in page
    assert "Først i køen" not in page


def test_the_giver_sees_the_whole_queue_with_class_and_time_and_can_say_no(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs, clock: MovedClock
) -> None:
    listing_id, holder_id, (first, second) = queued(database, org, clock)
    with database.write() as session:
        freed(session, org, session.get_one(Request, holder_id))
    manager = signed_in_as()
    page = manager.get(f"/marked/{listing_id}").text
    rows = page.split('class="queue-row"')[1:]
    assert len(rows) == 2
    assert "Tilbudt, svar senest 5. mars 2026" in rows[0]
    assert all("Egen virksomhet" in each and "2. mars 2026, 10:" in each for each in rows)
    assert "Prøve employee, Kirurgi" in rows[1]
    [(action, body)] = re.findall(
        r'action="(/godkjenning/[^"]+)">(.*?)</form>', rows[0], flags=re.DOTALL
    )
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', body))
    assert "De er lovet bort" in body
    assert manager.post(action, data={**fields, "reason": "promised"}).status_code == 303
    assert states_of(database, first) == {"declined": 1}
    assert states_of(database, second) == {"offered": 1}


def test_an_offer_is_the_first_thing_on_the_request_and_at_home_and_is_accepted(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs, clock: MovedClock
) -> None:
    request_id, line_id = offered(database, org, clock, 2)
    employee = signed_in_as(Role.EMPLOYEE)
    home = employee.get("/").text
    assert "Ledig for deg: svar senest 5. mars 2026" in home
    (first, *_) = employee.get("/api/v1/waiting").json()
    assert first["task"] == "answer_offer"
    page = employee.get(f"/bestillinger/{request_id}").text
    assert page.index("Ledig for deg: 2 × ") < page.index('id="lines-title"')
    assert "Svar senest 5. mars 2026. Ellers går det til neste i køen." in page

    path = f"/bestillinger/{request_id}/ta-imot"
    one = {"key": "a", "request_line_id": str(line_id), "quantity": "1"}
    done = employee.post(path, data=one)
    assert (done.status_code, done.headers["location"]) == (303, f"/bestillinger/{request_id}")
    assert employee.post(path, data=one).status_code == 303  # a second click has no second effect
    assert states_of(database, request_id) == {"approved": 1, "offered": 1}
    assert "Ledig for deg: 1 × " in employee.get(f"/bestillinger/{request_id}").text
    no = {"key": "b", "request_line_id": str(line_id), "quantity": "1"}
    answer = employee.post(f"/bestillinger/{request_id}/nei-takk", data=no)
    assert answer.status_code == 303
    assert states_of(database, request_id) == {"approved": 1, "declined": 1}
    page = employee.get(f"/bestillinger/{request_id}").text
    assert "Ledig for deg" not in page
    assert "Tilbudet ble tatt imot: 1 stykk" in page
    # What was declined is offered to the next in the queue, which is the same person's.
    (first, *_) = employee.get("/api/v1/waiting").json()
    assert (first["task"], str(request_id) in str(first)) == ("answer_offer", False)


@pytest.mark.parametrize("typed", ["3", "0", "to", ""])
def test_a_number_that_was_not_offered_is_said_at_the_field(
    database: RolledBackDatabase,
    org: Organised,
    signed_in_as: SignedInAs,
    clock: MovedClock,
    typed: str,
) -> None:
    request_id, line_id = offered(database, org, clock, 2)
    data = {"key": "a", "request_line_id": str(line_id), "quantity": typed}
    refused = signed_in_as(Role.EMPLOYEE).post(f"/bestillinger/{request_id}/ta-imot", data=data)
    assert refused.status_code == 422
    assert f'id="field-quantity-{line_id}-error"' in refused.text
    assert f'href="#field-quantity-{line_id}"' in refused.text
    assert states_of(database, request_id) == {"offered": 2}


@pytest.mark.parametrize("line", ["", "her", None])
def test_a_form_that_names_no_line_is_refused_in_words(
    database: RolledBackDatabase,
    org: Organised,
    signed_in_as: SignedInAs,
    clock: MovedClock,
    line: str | None,
) -> None:
    request_id, _ = offered(database, org, clock)
    data = {"key": "a", "quantity": "1"} | ({} if line is None else {"request_line_id": line})
    for verb in ("ta-imot", "nei-takk"):
        answer = signed_in_as(Role.EMPLOYEE).post(f"/bestillinger/{request_id}/{verb}", data=data)
        assert answer.status_code == 422
        assert 'id="error-summary"' in answer.text


def test_too_late_is_said_in_words_and_the_offer_is_not_shown_any_more(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs, clock: MovedClock
) -> None:
    request_id, line_id = offered(database, org, clock)
    clock.move(timedelta(days=4))
    employee = signed_in_as(Role.EMPLOYEE)
    data = {"key": "a", "request_line_id": str(line_id), "quantity": "1"}
    late = employee.post(f"/bestillinger/{request_id}/ta-imot", data=data)
    assert late.status_code == 409
    assert "Fristen for å svare er ute" in late.text
    assert "Ledig for deg" not in late.text
    assert "Ledig for deg" not in employee.get("/").text


def test_who_may_not_answer_sees_no_offer_to_answer(
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
    signed_in_as: SignedInAs,
    clock: MovedClock,
) -> None:
    request_id, line_id = offered(database, org, clock)
    data = {"key": "a", "request_line_id": str(line_id), "quantity": "1"}
    path = f"/bestillinger/{request_id}/ta-imot"
    reader = signed_in_as(Role.CONTROLLER)
    assert "Ledig for deg" not in reader.get(f"/bestillinger/{request_id}").text
    assert reader.post(path, data=data).status_code == 403
    assert signed_in_as(where=foreign_org).post(path, data=data).status_code == 404
    assert states_of(database, request_id) == {"offered": 1}
