"""Stages on pages and in JSON: what is said of who sees it, the rules, the dates, listing again."""

import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from fastapi.testclient import TestClient

from app.accounts.rules import Role
from app.kit.clock import MovedClock
from app.marketplace import service
from app.marketplace.models import Listing
from tests.databases import RolledBackDatabase
from tests.marketplace.stalls import a_listing
from tests.marketplace.test_stages import at_home_in, rules, withdrawn
from tests.people import Organised, SignedInAs


def a_listing_of(
    database: RolledBackDatabase, org: Organised, pieces: int = 1, **changes: Any
) -> UUID:
    with database.write() as session:
        return a_listing(session, org, pieces, **changes).id


def with_rules(database: RolledBackDatabase, org: Organised) -> None:
    with database.write() as session:
        rules(session, org)


def text_of(client: TestClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return re.sub(r"\s+", " ", answer.text)


def test_card_and_page_say_who_sees_it_and_what_comes_next(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with_rules(database, org)
    listing_id = a_listing_of(database, org)
    said = "Vises bare for egen enhet, hele virksomheten ser den fra 9. mars 2026"
    employee = signed_in_as(Role.EMPLOYEE)
    assert said in text_of(employee, "/marked")
    page = text_of(employee, f"/marked/{listing_id}")
    assert said in page
    assert "Møblene blir stående der de er" in page
    assert "Historikk" not in page
    manager = text_of(signed_in_as(), f"/marked/{listing_id}")
    assert "Lagt ut på markedet: 1 stykk" in manager
    assert "Vis for hele virksomheten nå" in manager


def test_who_is_not_meant_finds_neither_page_nor_link(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with_rules(database, org)
    listing_id = a_listing_of(database, org)
    with database.write() as session:
        at_home_in(session, org, Role.EMPLOYEE, org.other_unit_id)
    employee = signed_in_as(Role.EMPLOYEE)
    for path in (f"/marked/{listing_id}", f"/api/v1/listings/{listing_id}"):
        assert employee.get(path).status_code == 404
    assert employee.get("/api/v1/listings").json() == []
    assert employee.get("/api/v1/market").json()["total"] == 0
    item_id = signed_in_as().get(f"/api/v1/listings/{listing_id}").json()["item_id"]
    assert str(listing_id) not in text_of(employee, f"/mobler/{item_id}")
    assert str(listing_id) in text_of(signed_in_as(), f"/mobler/{item_id}")


def test_the_rules_are_set_on_their_page_and_say_what_is_wrong_at_the_field(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    manager = signed_in_as()
    typed = {
        "unit_days": "5",
        "organisation_days": "10",
        "network_days": "10",
        "last_stage": "organisation",
        "remind_days": "3",
        "version": "0",
    }
    refused = manager.post("/marked/trinn", data=typed | {"unit_days": "999"})
    assert refused.status_code == 422
    assert 'value="999"' in refused.text
    assert manager.post("/marked/trinn", data=typed).status_code == 303
    assert manager.post("/marked/trinn", data=typed).status_code == 412
    page = text_of(manager, "/marked/trinn")
    assert "Trinnene ble endret" in page
    assert signed_in_as(Role.EMPLOYEE).get("/marked/trinn").status_code == 403


def test_the_rules_by_json_need_the_version_they_were_read_with(
    org: Organised, signed_in_as: SignedInAs
) -> None:
    manager = signed_in_as()
    read = manager.get("/api/v1/listing-rules")
    assert read.headers["etag"] == '"v0"'
    fields = {key: value for key, value in read.json().items() if key != "version"}
    path = "/api/v1/listing-rules"
    assert manager.put(path, json=fields).status_code == 428
    put = manager.put(path, json=fields | {"unit_days": 4}, headers={"If-Match": '"v0"'})
    assert (put.status_code, put.json()["unit_days"]) == (200, 4)
    assert manager.put(path, json=fields, headers={"If-Match": '"v0"'}).status_code == 412
    for wrong in ({"unit_days": -1}, {"last_stage": "moon"}, {"remind_days": 61}):
        again = manager.put(path, json=fields | wrong, headers={"If-Match": put.headers["etag"]})
        assert again.status_code == 422
    employee = signed_in_as(Role.EMPLOYEE)
    assert employee.put(path, json=fields, headers={"If-Match": '"v1"'}).status_code == 403


def test_dates_and_stages_of_one_listing_are_changed_on_its_page(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with_rules(database, org)
    listing_id = a_listing_of(database, org)
    manager = signed_in_as()
    assert "Vanlig: 5" in text_of(manager, f"/marked/{listing_id}/endre")
    typed = {
        "from_date": "2026-03-02",
        "until_date": "2026-04-01",
        "unit_days": "10",
        "last_stage": "",
        "version": "1",
    }
    path = f"/marked/{listing_id}/endre"
    refused = manager.post(path, data=typed | {"until_date": "2026-02-01"})
    assert refused.status_code == 422
    assert manager.post(path, data=typed).status_code == 303
    stale = manager.post(path, data=typed | {"unit_days": "7"})
    assert stale.status_code == 412
    assert "Annonsen er endret i mellomtiden" in stale.text
    page = text_of(manager, f"/marked/{listing_id}")
    assert "16. mars 2026" in page
    assert "Frist eller trinn ble endret" in page


def test_what_is_wrong_with_a_listing_stands_at_its_field_and_is_seen(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    path = f"/marked/{a_listing_of(database, org)}/endre"
    manager = signed_in_as()
    typed = {"from_date": "2026-05-01", "until_date": "2026-04-01", "version": "1"}
    dates = manager.post(path, data=typed)
    assert dates.status_code == 422
    assert 'id="field-until_date-error"' in dates.text
    days = {"from_date": "2026-03-02", "organisation_days": "999", "version": "1"}
    refused = manager.post(path, data=days)
    assert 'id="field-organisation_days-error"' in refused.text
    folded = refused.text[: refused.text.index('id="field-organisation_days"')]
    assert " open" in folded[folded.rindex("<details") :].partition(">")[0]


def test_what_somebody_else_saved_is_read_as_people_read_it(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    path = f"/marked/{a_listing_of(database, org)}/endre"
    manager = signed_in_as()
    typed = {"from_date": "2026-03-02", "until_date": "2026-04-01", "version": "1"}
    assert manager.post(path, data=typed | {"last_stage": "unit"}).status_code == 303
    stale = re.sub(r"\s+", " ", manager.post(path, data=typed | {"until_date": "2026-05-01"}).text)
    assert "1. apr. 2026" in stale
    assert "1. mai 2026" in stale
    assert "Egen enhet" in stale
    assert ">2026-04-01<" not in stale
    assert ">unit<" not in stale


def test_an_old_page_of_a_listing_says_how_it_stands_on_the_listings_own_page(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    path = f"/marked/{a_listing_of(database, org)}"
    manager = signed_in_as()
    open_already = manager.post(f"{path}/igjen", data={"key": "a"})
    assert open_already.status_code == 409
    assert "Annonsen ligger alt ute." in open_already.text
    last = manager.post(f"{path}/videre", data={"key": "b"})
    assert (last.status_code, "Trekk annonsen tilbake" in last.text) == (409, True)
    assert manager.post(f"{path}/trekk", data={"key": "c"}).status_code == 303
    for verb in ("trekk", "videre"):
        gone = manager.post(f"{path}/{verb}", data={"key": verb})
        assert gone.status_code == 409
        assert "Annonsen er trukket tilbake eller avsluttet." in gone.text
        assert "Legg ut igjen" in gone.text


def test_widening_and_listing_again_by_page_do_it_once_for_one_key(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with_rules(database, org)
    listing_id = a_listing_of(database, org)
    manager = signed_in_as()
    for _ in range(2):
        answer = manager.post(f"/marked/{listing_id}/videre", data={"key": "wide"})
        assert answer.status_code == 303
    assert manager.post(f"/marked/{listing_id}/videre", data={"key": "more"}).status_code == 409
    manager.post(f"/marked/{listing_id}/trekk", data={"key": "off"})
    assert "Legg ut igjen" in text_of(manager, f"/marked/{listing_id}")
    past = manager.post(f"/marked/{listing_id}/igjen", data={"until_date": "2026-02-01"})
    assert past.status_code == 422
    for _ in range(2):
        answer = manager.post(f"/marked/{listing_id}/igjen", data={"key": "again"})
        assert answer.status_code == 303
    assert "Lagt ut på nytt: 1 stykk" in text_of(manager, f"/marked/{listing_id}")


def test_the_givers_list_shows_what_is_out_what_ended_and_what_was_withdrawn(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    manager = signed_in_as()
    assert "Ingenting ligger ute" in text_of(manager, "/marked/annonser")
    listing_id = a_listing_of(database, org, until_date=date(2026, 3, 20))
    assert "Til 20. mars 2026" in text_of(manager, "/marked/annonser")
    with database.write() as session:
        listing = session.get_one(Listing, listing_id)
        withdrawn(session, org, listing)
    assert str(listing_id) not in text_of(manager, "/marked/annonser")
    assert str(listing_id) in text_of(manager, "/marked/annonser?status=withdrawn")
    assert "kan legges ut igjen" in text_of(manager, "/marked/annonser?status=ended")
    assert signed_in_as(Role.EMPLOYEE).get("/marked/annonser").status_code == 403
    listed = manager.get("/api/v1/listings?state=withdrawn").json()
    assert [each["id"] for each in listed] == [str(listing_id)]


def test_an_offer_may_go_another_way_than_the_usual_one(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs, clock: MovedClock
) -> None:
    listing_id = a_listing_of(database, org, unit_days=3)
    clock.move(timedelta(days=3))
    with database.write() as session:
        assert service.widen_due(session) == 1
    out = signed_in_as().get(f"/api/v1/listings/{listing_id}").json()
    assert (out["stage"], out["next_stage"]) == ("organisation", None)
