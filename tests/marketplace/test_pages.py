"""The market's pages, from the search to the answer; forms as a browser sends them."""

import re
from uuid import uuid4

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.catalogue.service import RegisterModel, register_model
from app.impact.rules import WouldHave
from app.marketplace.models import Listing, Request, RequestLine
from app.marketplace.rules import ListingState, RequestState
from tests.databases import RolledBackDatabase
from tests.factories import some_items
from tests.marketplace.stalls import a_listing, a_request, acting, approved, states, the_line
from tests.people import Organised, SignedInAs


def arranged(database: RolledBackDatabase, org: Organised, pieces: int = 30) -> Listing:
    with database.write() as session:
        return a_listing(
            session, org, pieces, name="Kontorstol RH Logic", width_mm=700, depth_mm=650
        )


def test_the_market_shows_like_pieces_as_one_card_with_a_count(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    arranged(database, org)
    page = signed_in_as(Role.EMPLOYEE).get("/marked")
    assert page.status_code == 200
    assert page.text.count("piece-card") == 1
    assert "30 tilgjengelige" in page.text
    assert "bredde 70\xa0cm, dybde 65\xa0cm" in page.text
    assert "1 treff" in page.text


def test_a_piece_without_measurements_is_found_by_those_of_its_model(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        model = RegisterModel(
            category_id="CHAIR_TASK", maker="Tindebord", name="Hev 160", width_mm=1600
        )
        [registered] = register_model(session, acting(session, org), [model])
        a_listing(session, org, 2, product_model_id=registered.id, depth_mm=800)
    client = signed_in_as(Role.EMPLOYEE)
    page = client.get("/marked?width_min_cm=150&depth_max_cm=80")
    assert "bredde 160\xa0cm, dybde 80\xa0cm" in page.text
    assert "piece-card" not in client.get("/marked?width_max_cm=150").text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("words=stol", True),
        ("words=sofa", False),
        ("category_id=CHAIR_TASK", True),
        ("category_id=SOFA_2", False),
        ("width_min_cm=60&width_max_cm=70", True),
        ("width_min_cm=70,5", False),
        ("depth_max_cm=60", False),
        ("count=30", True),
        ("count=31", False),
        ("condition=B&condition=C", True),
        ("condition=D", False),
    ],
)
def test_each_filter_narrows_the_market(
    database: RolledBackDatabase,
    org: Organised,
    signed_in_as: SignedInAs,
    query: str,
    found: bool,  # noqa: FBT001
) -> None:
    arranged(database, org)
    page = signed_in_as(Role.EMPLOYEE).get(f"/marked?{query}")
    assert page.status_code == 200
    assert ("Kontorstol RH Logic" in page.text) is found
    assert ("Fant ikke det du trenger?" in page.text) is not found


def test_a_place_includes_what_lies_below_it(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    arranged(database, org)
    client = signed_in_as(Role.EMPLOYEE)
    assert "RH Logic" in client.get(f"/marked?place_id={org.building_id}").text
    assert "RH Logic" not in client.get(f"/marked?place_id={org.storage_id}").text


@pytest.mark.parametrize(
    "query",
    [
        "width_min_cm=bred",
        "count=mange",
        "count=0",
        "place_id=her",
        "condition=E",
        "height_max_cm=999999",
    ],
)
def test_a_filter_that_can_not_be_read_is_said_at_its_field(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs, query: str
) -> None:
    arranged(database, org)
    page = signed_in_as(Role.EMPLOYEE).get(f"/marked?{query}")
    assert page.status_code == 422
    assert f'id="field-{query.partition("=")[0]}-error"' in page.text
    assert "RH Logic" in page.text


def test_another_organisations_listing_is_not_there(
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
    signed_in_as: SignedInAs,
) -> None:
    theirs = arranged(database, foreign_org)
    client = signed_in_as(Role.FURNITURE_MANAGER)
    assert "RH Logic" not in client.get("/marked").text
    assert client.get(f"/marked/{theirs.id}").status_code == 404
    assert client.post(f"/marked/{theirs.id}/trekk", data={}).status_code == 404
    put = client.post("/kurv", data={"listing_id": str(theirs.id), "wanted": "1"})
    assert put.status_code == 404
    with database.read() as session:
        assert session.get_one(Listing, theirs.id).state is ListingState.OPEN
        assert session.scalars(select(RequestLine)).all() == []


def test_from_the_card_to_an_answered_request(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    listing = arranged(database, org)
    employee, manager = signed_in_as(Role.EMPLOYEE), signed_in_as()
    assert "Legg i kurven" in employee.get(f"/marked/{listing.id}").text
    put = employee.post("/kurv", data={"listing_id": str(listing.id), "wanted": "20"})
    assert put.headers["location"] == "/kurv"
    assert 'value="20"' in employee.get("/kurv").text
    sent = employee.post(
        "/kurv/send",
        data={
            "key": "k1",
            f"wanted-{listing.id}": "12",
            f"would_have-{listing.id}": "would_buy_new",
            "unit_id": str(org.other_unit_id),
            "place_id": str(org.storage_id),
            "wanted_date": "2026-04-01",
            "note": "Til nye lokaler",
        },
    )
    assert sent.status_code == 303
    where = sent.headers["location"]
    assert "12 venter på svar" in employee.get(where).text
    waiting = manager.get("/godkjenning").text
    assert "Til nye lokaler" in waiting
    [quantity] = re.findall(r'name="(quantity-[^"]+)"', waiting)
    request_id = where.rpartition("/")[2]
    answer = {"key": "k2", quantity: "10", "note": "Ti kan dere få", "answer": "yes"}
    unsaid = manager.post(f"/godkjenning/{request_id}", data={**answer, "key": "k1"})
    assert unsaid.status_code == 422
    assert 'href="#field-reason"' in unsaid.text
    answer["reason"] = "promised"
    assert manager.post(f"/godkjenning/{request_id}", data=answer).status_code == 303
    assert manager.post(f"/godkjenning/{request_id}", data=answer).status_code == 303
    seen = employee.get(where).text
    assert "10 godkjent" in seen
    assert "2 avslått" in seen
    assert "Ti kan dere få" in seen
    assert "Hvorfor ikke: De er lovet bort" in seen
    assert "Ingenting venter på deg" in manager.get("/godkjenning").text
    with database.read() as session:
        line = session.scalars(select(RequestLine)).one()
        assert (line.wanted, line.approved, line.declined) == (12, 10, 2)
        assert line.would_have is WouldHave.WOULD_BUY_NEW


def test_a_refused_basket_shows_what_was_typed_and_says_why(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    listing = arranged(database, org)
    client = signed_in_as(Role.EMPLOYEE)
    client.post("/kurv", data={"listing_id": str(listing.id), "wanted": "2"})
    page = client.post(
        "/kurv/send",
        data={f"wanted-{listing.id}": "x", "unit_id": "", "note": "Husk heisen"},
    )
    assert page.status_code == 422
    assert f'id="field-wanted-{listing.id}-error"' in page.text
    assert "Husk heisen" in page.text
    page = client.post("/kurv/send", data={f"wanted-{listing.id}": "2", "unit_id": ""})
    assert page.status_code == 422
    assert 'id="field-unit_id-error"' in page.text
    with database.read() as session:
        assert session.scalars(select(Request.state)).all() == [RequestState.DRAFT]


def test_the_basket_is_changed_and_emptied(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    listing = arranged(database, org, 5)
    client = signed_in_as(Role.EMPLOYEE)
    client.post("/kurv", data={"listing_id": str(listing.id), "wanted": "1"})
    client.post("/kurv/endre", data={f"wanted-{listing.id}": "4"})
    assert 'value="4"' in client.get("/kurv").text
    page = client.post("/kurv/endre", data={f"wanted-{listing.id}": "6"})
    assert page.status_code == 422
    assert f'id="field-wanted-{listing.id}-error"' in page.text
    client.post("/kurv/endre", data={"remove": str(listing.id), f"wanted-{listing.id}": "4"})
    assert "Kurven er tom" in client.get("/kurv").text


def test_chosen_pieces_are_offered_and_a_wrong_date_is_said_at_its_field(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        items = some_items(session, org, 3, name="Møtebord")
    client = signed_in_as()
    assert client.get("/marked/ny").text.count('name="item_ids"') == 3
    named = client.get(f"/marked/ny?item_id={items[0].id}").text
    assert named.count(" checked") >= 1
    chosen = {"item_ids": [str(item.id) for item in items], "terms": "free", "price_kr": "100"}
    page = client.post("/marked/ny", data={**chosen, "until_date": "2026-01-01"})
    assert page.status_code == 422
    assert 'id="field-until_date-error"' in page.text
    assert "Velg minst ett møbel." in client.post("/marked/ny", data={"terms": "free"}).text
    done = client.post("/marked/ny", data=chosen)
    assert done.status_code == 303
    assert "3 tilgjengelige" in client.get(done.headers["location"]).text


def test_buttons_follow_who_may_and_what_the_state_allows(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        listing = a_listing(session, org, 2)
        request = a_request(session, org, listing)
    employee, manager = signed_in_as(Role.EMPLOYEE), signed_in_as()
    where = f"/bestillinger/{request.id}"
    assert "Trekk tilbake" not in employee.get(f"/marked/{listing.id}").text
    assert "Svar på bestillingen" not in employee.get(where).text
    assert "Svar på bestillingen" in manager.get(where).text
    with database.write() as session:
        line = approved(session, org, request, 1)
    ready = {"key": "r1", "request_line_id": str(line.id)}
    assert "klart" in manager.get(where).text
    assert manager.post(f"/godkjenning/{request.id}/klar", data=ready).status_code == 303
    assert "1 klar til henting" in employee.get(where).text
    assert employee.post(f"{where}/avbestill", data={"key": "c"}).status_code == 303
    assert "Avbestill det" not in employee.get(where).text
    assert employee.post(f"{where}/avbestill", data={"key": "d"}).status_code == 409
    manager.post(f"/marked/{listing.id}/trekk", data={"key": "w"})
    assert "Legg i kurven" not in employee.get(f"/marked/{listing.id}").text


def test_declining_everything_closes_the_request(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        request = a_request(session, org, a_listing(session, org, 3), 3)
        line = the_line(session, request)
    answer = {f"quantity-{line.id}": "3", "answer": "no", "reason": "other"}
    answer["note"] = "Vi trenger dem selv"
    assert signed_in_as().post(f"/godkjenning/{request.id}", data=answer).status_code == 303
    with database.write() as session:
        assert states(session, request) == {"declined": 3}


@pytest.mark.parametrize("typed", ["", "x", "-1", "9999", "4"])
def test_a_wrong_count_of_an_approval_changes_nothing(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs, typed: str
) -> None:
    with database.write() as session:
        request = a_request(session, org, a_listing(session, org, 3), 3)
        line = the_line(session, request)
    page = signed_in_as().post(
        f"/godkjenning/{request.id}", data={f"quantity-{line.id}": typed, "answer": "yes"}
    )
    assert page.status_code == 422
    assert "Dette må rettes" in page.text
    with database.write() as session:
        assert states(session, request) == {"requested": 3}


def test_pages_of_requests_are_not_for_strangers(
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
    signed_in_as: SignedInAs,
) -> None:
    with database.write() as session:
        request = a_request(session, foreign_org, a_listing(session, foreign_org))
        line = the_line(session, request)
    client = signed_in_as()
    where = f"/bestillinger/{request.id}"
    assert client.get(where).status_code == 404
    assert client.post(f"{where}/melding", data={"text": "Hei"}).status_code == 404
    assert client.post(f"{where}/avbestill", data={}).status_code == 404
    answer = {f"quantity-{line.id}": "1", "answer": "yes"}
    assert client.post(f"/godkjenning/{request.id}", data=answer).status_code == 404
    assert str(request.id) not in client.get("/godkjenning").text
    with database.write() as session:
        assert states(session, request) == {"requested": 1}


def test_an_empty_message_is_said_at_its_field(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        request = a_request(session, org, a_listing(session, org))
    client = signed_in_as(Role.EMPLOYEE)
    page = client.post(f"/bestillinger/{request.id}/melding", data={"text": "  "})
    assert page.status_code == 422
    assert 'id="field-text-error"' in page.text
    sent = client.post(f"/bestillinger/{request.id}/melding", data={"text": "<b>Hei</b>"})
    assert sent.status_code == 303
    assert "&lt;b&gt;Hei" in client.get(f"/bestillinger/{request.id}").text


def test_the_piece_and_its_request_point_to_each_other(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        [item] = some_items(session, org)
    manager = signed_in_as()
    assert f"/marked/ny?item_id={item.id}" in manager.get(f"/mobler/{item.id}").text
    manager.post("/marked/ny", data={"item_ids": str(item.id), "terms": "free"})
    assert "Se annonsen" in manager.get(f"/mobler/{item.id}").text
    with database.write() as session:
        listing = session.scalars(select(Listing)).one()
        request = a_request(session, org, listing)
        approved(session, org, request, 1)
    assert f"/bestillinger/{request.id}" in manager.get(f"/mobler/{item.id}").text


def test_lists_cost_the_same_number_of_queries_however_long_they_are(
    database: RolledBackDatabase, session: Session, org: Organised, signed_in_as: SignedInAs
) -> None:
    listings = [a_listing(session, org, 2, name=f"Stol {n}") for n in range(2)]
    for each in listings[:1]:
        a_request(session, org, each)
    client = signed_in_as()
    paths = ("/marked", "/godkjenning", "/bestillinger?vis=alle")
    client.get("/marked")  # like filters are drawn once, and with them the categories' names read
    few = [_queries(session, client, path) for path in paths]
    for n in range(6):
        a_request(session, org, a_listing(session, org, 2, name=f"Bord {n} {uuid4().hex[:4]}"))
    client.get("/marked")
    assert [_queries(session, client, path) for path in paths] == few


def _queries(session: Session, client: object, path: str) -> int:
    seen: list[str] = []
    engine = session.connection().engine

    def note(*call: object) -> None:
        if not str(call[2]).startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            seen.append(str(call[2]))

    event.listen(engine, "before_cursor_execute", note)
    try:
        assert client.get(path).status_code == 200  # type: ignore[attr-defined]
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def test_a_kept_card_changes_with_what_it_shows(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        listing = a_listing(session, org, 2, name="Stol")
    client = signed_in_as(Role.EMPLOYEE)
    assert "2 tilgjengelige" in client.get("/marked").text
    assert client.get("/marked").text == client.get("/marked").text
    with database.write() as session:
        request = a_request(session, org, listing, 1)
        approved(session, org, request, 1)
    assert "1 tilgjengelig<" in client.get("/marked").text


def test_kept_filters_show_what_is_chosen_and_nothing_of_others(
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
    signed_in_as: SignedInAs,
) -> None:
    with database.write() as session:
        for each in (org, foreign_org):
            a_listing(session, each, 1, place_id=each.room_id)
    client = signed_in_as(Role.EMPLOYEE)
    for condition in ("A", "B", "A"):
        page = client.get(f"/marked?condition={condition}").text
        assert f'value="{condition}" checked' in page
        assert page.count(" checked") == 1
    other = signed_in_as(Role.EMPLOYEE, foreign_org).get("/marked").text
    assert str(foreign_org.room_id) in other
    assert str(org.room_id) not in other
