"""Pages of pieces, as a person meets them without JavaScript."""

import json
import re
from collections.abc import Callable
from html import unescape
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, func, select

from app.accounts.rules import Role
from app.items import choices
from app.items.models import Item
from app.items.rules import ItemState
from tests.databases import RolledBackDatabase
from tests.factories import CHAIR, an_item, some_items
from tests.people import Organised, SignedInAs


@pytest.fixture
def web(signed_in_as: SignedInAs) -> TestClient:
    client = signed_in_as()
    client.headers["Sec-Fetch-Site"] = "same-origin"
    return client


def _form(org: Organised, **fields: object) -> dict[str, str]:
    form = {
        "key": uuid4().hex,
        "category_id": CHAIR,
        "owner_unit_id": org.unit_id,
        "place_id": org.room_id,
        "condition": "B",
        "quantity": 1,
        **fields,
    }
    return {name: str(value) for name, value in form.items()}


def _error(text: str, field: str) -> str:
    found = re.search(rf'id="field-{field}-error">([^<]+)<', text)
    return found[1] if found else ""


def test_a_piece_is_registered_in_centimetres_and_shown_so(web: TestClient, org: Organised) -> None:
    form = _form(org, name="Stol", width_cm="63,5", m_seat_height_cm="45", mass_kg="")
    answer = web.post("/mobler/ny", data=form)
    assert answer.status_code == 303
    lot = web.get(answer.headers["location"])
    assert "1 møbel er registrert" in lot.text
    href = re.search(r'href="(/mobler/[0-9a-f-]{36})"', lot.text)
    assert href
    text = web.get(href[1]).text
    assert "63,5\xa0cm" in text
    assert "45\xa0cm" in text
    assert "Standard fra kategorien" in text


def test_a_repeated_press_registers_once(
    web: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    form = _form(org, quantity=3)
    first, second = web.post("/mobler/ny", data=form), web.post("/mobler/ny", data=form)
    assert first.headers["location"] == second.headers["location"]
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Item)) == 3


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("width_cm", "bred", "Skriv et tall, for eksempel 63,5."),
        ("m_diameter_cm", "5000", "Skriv mellom 0,1 og 2000 cm."),
        ("width_cm", "5000", "Skriv mellom 0,1 og 2000 cm."),
        ("height_cm", "0", "Skriv mellom 0,1 og 2000 cm."),
        ("mass_kg", "6000", "Skriv mellom 0,001 og 5000 kg."),
        ("new_price_kr", "-1", "Skriv mellom 0 og 1000000000 kr."),
        ("category_id", "", "Fyll ut feltet."),
        ("place_id", "her", "Velg en av mulighetene."),
        ("quantity", "501", "Skriv høyst 500."),
        ("codes", "7K3Q", "Koden 7K3Q er ikke riktig skrevet. Se på etiketten."),
    ],
)
def test_a_refused_form_says_why_at_the_field_and_keeps_what_was_typed(
    web: TestClient, org: Organised, field: str, typed: str, message: str
) -> None:
    answer = web.post("/mobler/ny", data=_form(org, name="Beholdt navn", **{field: typed}))
    assert answer.status_code == 422
    assert _error(answer.text, field) == message
    assert 'value="Beholdt navn"' in answer.text


def test_without_a_place_the_form_says_what_to_add_first(
    web: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = "Legg til et bygg eller et lager først."
    assert lead not in web.get("/mobler/ny").text
    monkeypatch.setattr(choices, "place_options", lambda *_: [])
    text = web.get("/mobler/ny").text
    assert lead in text
    assert 'href="/steder"' in text


def test_the_form_shows_the_category_s_defaults(web: TestClient) -> None:
    text = web.get(f"/mobler/ny?category_id={CHAIR}").text
    assert "Standard fra kategorien: " in text
    part = web.get(
        f"/mobler/ny?category_id={CHAIR}&width_cm=63", headers={"HX-Request": "true"}
    ).text
    assert part.strip().startswith("<section")
    assert 'value="63"' in part
    # Put into the page by a script, the button for readers without one would answer Enter.
    assert "<noscript>" in text
    assert 'formmethod="get"' not in part


def test_one_more_like_it_starts_from_the_piece(
    web: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        item = an_item(session, org, name="Høyrygget", width_mm=635)
    text = web.get(f"/mobler/ny?like={item.id}").text
    assert 'value="Høyrygget"' in text
    assert 'value="63,5"' in text


def test_the_inventory_is_filtered_and_wrong_filters_say_so(
    web: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        an_item(session, org, name="Blå stol", place_id=org.room_id)
        an_item(session, org, name="Rød pall", place_id=org.storage_id, is_free=True)
    assert "Blå stol" in web.get("/mobler").text
    found = web.get(f"/mobler?place_id={org.storage_id}&state=available").text
    assert "Rød pall" in found
    assert "Blå stol" not in found
    inside = web.get(f"/mobler?place_id={org.building_id}&q=blå").text
    assert "Blå stol" in inside
    assert "Rød pall" not in inside
    wrong = web.get("/mobler?condition=Z")
    assert wrong.status_code == 422
    assert _error(wrong.text, "condition") == "Velg en av mulighetene."
    assert web.get("/mobler?cursor=x").status_code == 422


def test_the_inventory_goes_on_where_the_page_ended(
    web: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        some_items(session, org, 60)
    seen: list[str] = []
    href: str | None = "/mobler"
    while href:
        text = web.get(href).text
        seen += re.findall(r'<th scope="row"><a class="ds-link" href="/mobler/([^"]+)"', text)
        more = re.search(r'href="([^"]+)"[^>]*rel="next"', text)
        href = more[1].replace("&amp;", "&") if more else None
    assert len(seen) == len(set(seen)) == 60


Counted = Callable[[str], int]


@pytest.fixture
def queries_of(web: TestClient, database: RolledBackDatabase) -> Counted:
    """How many statements a page costs, sign-in included."""

    def count(path: str) -> int:
        seen: list[str] = []

        def note(*call: object) -> None:
            seen.append(str(call[2]))

        web.get(path)
        engine = database._connection.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            assert web.get(path).status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len([each for each in seen if "SAVEPOINT" not in each])

    return count


def test_the_list_costs_as_many_queries_for_forty_pieces_as_for_one(
    queries_of: Counted, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        an_item(session, org)
    one = queries_of("/mobler")
    with database.write() as session:
        some_items(session, org, 40)
    assert queries_of("/mobler") == one <= 12


def test_the_piece_s_page_costs_few_queries(
    queries_of: Counted, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        items = some_items(session, org, 20, measurements={"seat_height": 450})
    assert queries_of(f"/mobler/{items[0].id}") <= 4


def test_the_page_offers_what_the_state_allows_and_does_it(
    web: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        item = an_item(session, org)
    text = web.get(f"/mobler/{item.id}").text
    assert "Meld ledig" in text
    assert "Ta i bruk" not in text
    key = {"key": uuid4().hex, "verb": "free"}
    assert web.post(f"/mobler/{item.id}/steg", data=key).status_code == 303
    assert "Ta i bruk" in web.get(f"/mobler/{item.id}").text
    assert web.post(f"/mobler/{item.id}/steg", data={"verb": "free"}).status_code == 409
    assert web.post(f"/mobler/{item.id}/steg", data={"verb": "sell"}).status_code == 422


def test_an_employee_sees_the_piece_without_buttons(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        item = an_item(session, org, note="Merk!")
    text = signed_in_as(Role.EMPLOYEE).get(f"/mobler/{item.id}").text
    assert "Merk!" in text
    assert "Rediger" not in text
    assert "Slett feilregistrering" not in text


def test_the_second_editor_sees_both_versions_and_loses_nothing(
    web: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        item = an_item(session, org, name="Stol")
    form = _form(org, holder_unit_id=org.unit_id, version=1, name="Min stol")
    theirs = form | {"name": "Din stol", "key": uuid4().hex}
    assert web.post(f"/mobler/{item.id}/rediger", data=theirs).status_code == 303
    answer = web.post(f"/mobler/{item.id}/rediger", data=form)
    assert answer.status_code == 412
    assert "Din stol" in answer.text
    assert 'value="Min stol"' in answer.text
    version = re.search(r'name="version" value="(\d+)"', answer.text)
    assert version
    again = form | {"version": version[1], "key": uuid4().hex}
    assert web.post(f"/mobler/{item.id}/rediger", data=again).status_code == 303
    assert "Min stol" in web.get(f"/mobler/{item.id}").text


def test_a_refused_edit_still_says_what_is_stored_for_a_phone_that_loses_its_network(
    web: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        item = an_item(session, org, name="Lagret", width_mm=635)
    form = _form(org, holder_unit_id=org.unit_id, version=1, name="Skrevet", width_cm="bred")
    answer = web.post(f"/mobler/{item.id}/rediger", data=form)
    now = json.loads(unescape(answer.text.partition('data-now="')[2].partition('"')[0]))
    assert answer.status_code == 422
    assert (now["name"], now["width_cm"]) == ("Lagret", "63,5")
    assert 'value="Skrevet"' in answer.text


def test_a_change_reaches_the_whole_lot_when_asked(
    web: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        items = some_items(session, org, 3, name="Stol")
    form = _form(
        org, holder_unit_id=org.unit_id, version=1, name="Stol", colour="grønn", whole_lot=1
    )
    form["place_id"] = str(org.storage_id)
    assert web.post(f"/mobler/{items[0].id}/rediger", data=form).status_code == 303
    with database.read() as session:
        kept = session.execute(select(Item.colour, Item.place_id)).all()
    assert [row.colour for row in kept] == ["grønn"] * 3
    assert sorted(row.place_id == org.storage_id for row in kept) == [False, False, True]


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("category_id", "NO_SUCH", "Velg en av kategoriene."),
        ("depth_cm", "2000,1", "Skriv mellom 0,1 og 2000 cm."),
        ("mass_kg", "0", "Skriv mellom 0,001 og 5000 kg."),
    ],
)
def test_an_impossible_edit_says_why_at_the_field(
    web: TestClient,
    org: Organised,
    database: RolledBackDatabase,
    field: str,
    typed: str,
    message: str,
) -> None:
    with database.write() as session:
        item = an_item(session, org)
    form = _form(org, holder_unit_id=org.unit_id, version=1, name="Stol", **{field: typed})
    answer = web.post(f"/mobler/{item.id}/rediger", data=form)
    assert (answer.status_code, _error(answer.text, field)) == (422, message)


def test_an_edit_without_a_name_is_refused_at_the_name(
    web: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        item = an_item(session, org)
    form = _form(org, holder_unit_id=org.unit_id, version=1, name=" ")
    answer = web.post(f"/mobler/{item.id}/rediger", data=form)
    assert (answer.status_code, _error(answer.text, "name")) == (422, "Fyll ut feltet.")


def test_a_mistake_is_merged_after_a_question_and_its_address_leads_on(
    web: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        twice, right = an_item(session, org, name="To"), an_item(session, org, name="En")
    code = re.search(r'<span class="code">([^<]+)</span>', web.get(f"/mobler/{right.id}").text)
    assert code
    question = web.get(f"/mobler/{twice.id}/sla-sammen", params={"into": code[1].lower()})
    assert f'value="{right.id}"' in question.text
    form = {"key": uuid4().hex, "into_id": str(right.id)}
    answer = web.post(f"/mobler/{twice.id}/sla-sammen", data=form)
    assert answer.headers["location"] == f"/mobler/{right.id}"
    assert f"/mobler/{right.id}" in web.get(f"/mobler/{twice.id}").text


@pytest.mark.parametrize("typed", ["7K3Q", "00000000000", "dfe35307-b840-4856-8023-355fb62bb96a"])
def test_a_wrong_code_to_merge_into_is_said_at_the_field(
    web: TestClient, org: Organised, database: RolledBackDatabase, typed: str
) -> None:
    with database.write() as session:
        item = an_item(session, org)
    answer = web.get(f"/mobler/{item.id}/sla-sammen", params={"into": typed})
    assert answer.status_code == 422
    assert _error(answer.text, "into")


def test_a_deletion_wants_a_reason_and_leaves_the_history(
    web: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        item = an_item(session, org)
    refused = web.post(f"/mobler/{item.id}/slett", data={"reason": ""})
    assert (refused.status_code, _error(refused.text, "reason")) == (422, "Fyll ut feltet.")
    answer = web.post(f"/mobler/{item.id}/slett", data={"reason": "Sto hos naboen"})
    assert answer.headers["location"] == "/mobler"
    gone = web.get(f"/mobler/{item.id}")
    assert gone.status_code == 410
    assert "Sto hos naboen" in gone.text


def test_the_history_names_who_and_what(
    web: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        item = an_item(session, org)
    form = {"place_id": str(org.storage_id), "unit_id": str(org.unit_id)}
    web.post(f"/mobler/{item.id}/flytt", data=form)
    text = web.get(f"/mobler/{item.id}/historikk").text
    assert "Flyttet" in text
    assert "Bygg A › Rom 214" in text
    assert "Prøve furniture_manager" in text


def test_another_organisation_s_piece_is_not_found_on_any_page(
    web: TestClient, foreign_org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        item = an_item(session, foreign_org, name="Hemmelig")
    for path in ("", "/historikk", "/rediger", "/flytt", "/bilder", "/sla-sammen", "/slett"):
        answer = web.get(f"/mobler/{item.id}{path}")
        assert (answer.status_code, "Hemmelig" in answer.text) == (404, False)
    for path in ("rediger", "flytt", "sla-sammen", "slett", "steg"):
        form = {
            "version": "1",
            "name": "X",
            "reason": "Feil",
            "into_id": str(item.id),
            "place_id": str(foreign_org.room_id),
            "verb": "free",
        }
        assert web.post(f"/mobler/{item.id}/{path}", data=form).status_code in {404, 422}
    assert web.get(f"/mobler/ny?like={item.id}").text.count("Hemmelig") == 0
    with database.read() as session:
        assert session.scalar(select(Item.state).where(Item.id == item.id)) is ItemState.IN_USE
