"""The public page over HTTP: nothing but what is meant for strangers, and a whole purchase."""

import re

from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts.models import Unit
from app.marketplace import service_buyers
from app.marketplace.models_public import BuyerAsk
from app.places.models import Place
from tests.databases import RolledBackDatabase
from tests.marketplace.openings import SLUG, a_public_listing, a_public_page
from tests.marketplace.stalls import a_listing
from tests.people import Organised, SignedInAs

PAGE = f"/ombruk/{SLUG}"


def test_nothing_of_the_givers_own_is_shown_to_strangers(
    database: RolledBackDatabase, org: Organised, client: TestClient
) -> None:
    with database.write() as session:
        session.get_one(Place, org.room_id).label = "Bygg X › Pasientrom"
        session.get_one(Unit, org.unit_id).name = "Psykiatri"
        listing_id = a_public_listing(
            session, org, 3, name="Stolen til Per", note="Hemmelig", text="Hentes på rom 12"
        ).id
    for path in ("/ombruk", PAGE, f"{PAGE}/{listing_id}"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "Sola kommune" in answer.text or "Prøve helseforetak" in answer.text
        assert answer.headers["X-Robots-Tag"] == "noindex"
        for own in ("Bygg X", "Pasientrom", "Psykiatri", "Hemmelig", "Stolen til Per", "rom 12"):
            assert own not in answer.text, (path, own)
    for path in (f"/marked/{listing_id}", f"/api/v1/listings/{listing_id}"):
        assert client.get(path).status_code in {303, 401}


def test_search_engines_come_where_the_organisation_asked_for_them(
    database: RolledBackDatabase, org: Organised, client: TestClient
) -> None:
    with database.write() as session:
        a_public_page(session, org, is_indexed=True)
        listing_id = a_public_listing(session, org).id
    for path in ("/ombruk", PAGE, f"{PAGE}/{listing_id}"):
        assert "X-Robots-Tag" not in client.get(path).headers
    assert client.get(f"{PAGE}/{listing_id}?sendt=1").headers["X-Robots-Tag"] == "noindex"


def test_what_is_gone_and_what_never_was_look_the_same_and_lead_on(
    database: RolledBackDatabase, org: Organised, client: TestClient
) -> None:
    with database.write() as session:
        a_public_page(session, org)
        inside = a_listing(session, org).id
    never = client.get(f"{PAGE}/{org.org_id}")
    for answer in (client.get(f"{PAGE}/{inside}"), never):
        assert answer.status_code == 404
        assert "Dette er borte" in answer.text
        assert f'href="{PAGE}"' in answer.text
    assert client.get("/ombruk/finnes-ikke").status_code == 404
    assert client.post(f"{PAGE}/{inside}", data={"name": "Kari"}).status_code == 404
    assert client.get(f"{PAGE}/{inside}/bilde/medium").status_code == 404


def test_a_stranger_asks_confirms_and_fetches_over_http(
    database: RolledBackDatabase, org: Organised, client: TestClient, signed_in_as: SignedInAs
) -> None:
    manager = signed_in_as()
    market = {"slug": SLUG, "area": "Sola kommune", "vat_percent": "25", "version": "0"}
    saved = manager.post("/marked/apen-side", data=market | {"is_open": "1"})
    assert saved.status_code == 303
    with database.write() as session:
        listing_id = a_public_listing(session, org, 3).id
    terms = f"/marked/{listing_id}/vilkar"
    price = {"terms": "price", "price_kr": "250", "offers_until": "2026-03-09", "version": "0"}
    assert manager.post(terms, data=price | {"price_kr": ""}).status_code == 422
    assert manager.post(terms, data=price).status_code == 303
    page = f"{PAGE}/{listing_id}"
    assert "250" in client.get(page).text
    wish = {"name": "Kari Nordmann", "email": "Kari@example.no", "wanted": "2", "message": "Hei"}
    assert client.post(page, data=wish | {"wanted": "9"}).status_code == 422
    assert client.post(page, data=wish | {"email": "kari"}).status_code == 422
    for _ in range(2):
        assert client.post(page, data=wish | {"key": "one"}).status_code == 303
    assert "Se i e-posten din" in client.get(f"{page}?sendt=1").text
    assert manager.get("/api/v1/buyer-asks").json() == []
    with database.write() as session:
        [ask] = session.scalars(select(BuyerAsk)).all()
        token = service_buyers.mint(session, ask)
    link = f"/ombruk/lenke?lenke={token}"
    assert "Ja, bekreft" in client.get(link).text
    assert manager.get("/api/v1/buyer-asks").json() == []
    sent = client.post("/ombruk/lenke/bekreft", data={"lenke": token})
    assert sent.status_code == 303
    # A second press of the same link, as from another tab: it is confirmed, and that is all.
    assert client.post("/ombruk/lenke/bekreft", data={"lenke": token}).status_code == 303
    [row] = manager.get("/api/v1/buyer-asks").json()
    assert (row["email"], row["wanted"], row["price_ore"]) == ("kari@example.no", 2, 25_000)
    own = f"/marked/kjopere/{row['id']}"
    assert "Kari Nordmann" in manager.get(own).text
    assert manager.post(f"{own}/svar", data={"quantity": "3"}).status_code == 422
    said = manager.post(f"{own}/svar", data={"quantity": "2", "answer": "Kom fredag"})
    assert said.status_code == 303
    assert "Kom fredag" in client.get(link).text
    assert manager.post(f"{own}/hentet", data={"vat_percent": "25"}).status_code == 303
    assert "Hentet" in client.get(link).text
    assert "1 tilgjengelig" in client.get(page).text
    history = re.findall(r'timeline-what">([^<]+)', manager.get(own).text)
    assert "Hentet: 2 stykk" in history


def test_what_is_asked_and_offered_reads_to_the_ore(
    database: RolledBackDatabase, org: Organised, client: TestClient, signed_in_as: SignedInAs
) -> None:
    """The basis for the invoice says 499,50: the agreement must not say 500."""
    with database.write() as session:
        listing_id = a_public_listing(session, org, 2).id
    manager = signed_in_as()
    terms = {"terms": "price", "price_kr": "249,75", "version": "0"}
    assert manager.post(f"/marked/{listing_id}/vilkar", data=terms).status_code == 303
    assert "249,75\xa0kr" in client.get(f"{PAGE}/{listing_id}").text
    wish = {"name": "Kari Nordmann", "email": "kari@example.no", "wanted": "2"}
    assert client.post(f"{PAGE}/{listing_id}", data=wish).status_code == 303
    with database.write() as session:
        [ask] = session.scalars(select(BuyerAsk)).all()
        token = service_buyers.mint(session, ask)
    link = client.get(f"/ombruk/lenke?lenke={token}").text
    assert "249,75\xa0kr" in link
    assert "499,50\xa0kr" in link


def test_a_price_that_is_missing_and_a_last_day_too_many_stand_at_their_fields(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        listing_id = a_public_listing(session, org).id
    manager = signed_in_as()
    terms = {"terms": "price", "price_kr": "", "version": "0"}
    refused = manager.post(f"/marked/{listing_id}/vilkar", data=terms)
    assert refused.status_code == 422
    assert 'id="field-price_kr-error"' in refused.text
    for wrong, field in (
        ({"terms": "price"}, "price_ore"),
        ({"terms": "free", "price_ore": 100}, "price_ore"),
        ({"terms": "free", "offers_until": "2026-04-01"}, "offers_until"),
    ):
        path = f"/api/v1/listings/{listing_id}/public-terms"
        answer = manager.put(path, json=wrong, headers={"If-Match": '"v0"'})
        assert answer.status_code == 422
        assert field in answer.text
