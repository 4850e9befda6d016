"""Handovers as a person meets them, without JavaScript."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.accounts.rules import Role
from app.items.queries import codes_of
from app.kit.codes import grouped
from tests.databases import RolledBackDatabase
from tests.factories import some_items
from tests.handovers.orders import an_order
from tests.people import Organised
from tests.projects.rows import a_line, a_project

SignedInAs = Callable[..., TestClient]
ActorOf = Callable[..., Any]
ON = "2026-03-02"


def typed(text: str, name: str) -> list[str]:
    """The values of the hidden fields and boxes of this name, in the first form that has them."""
    form = next(each for each in re.findall(r"(?s)<form.*?</form>", text) if f'"{name}"' in each)
    inputs = re.findall(rf'<input[^>]*name="{name}"[^>]*>', form)
    return [found.group(1) for each in inputs if (found := re.search(r'value="([^"]*)"', each))]


def on_the_way(
    client: TestClient, org: Organised, database: RolledBackDatabase, key: str = "k1"
) -> str:
    """An order handed over by form; gives the handover's address."""
    with database.write() as session:
        ordered = an_order(session, org, 2)
        request_id = ordered.order_line(session).request_id
    asked = client.get("/overleveringer/ny", params={"bestilling": str(request_id)}).text
    made = client.post(
        f"/overleveringer/ny?bestilling={request_id}",
        data={
            "key": key,
            "reservation_ids": typed(asked, "reservation_ids"),
            "to_place_id": str(org.storage_id),
            "handed_over_on": ON,
            "vehicle": "VAN_DIESEL_KM",
            "distance_km": "12,5",
            "transport_kr": "800",
        },
    )
    assert made.status_code == 303, made.text
    return made.headers["location"]


def test_the_journey_from_order_to_receipt_and_back_by_plain_forms(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    mover, taker = signed_in_as(Role.MOVER), signed_in_as(Role.EMPLOYEE)
    address = on_the_way(mover, org, database)
    assert "2 møbler er på vei til deg" in taker.get("/overleveringer").text
    shown = taker.get(address).text
    assert "Alle 2 er mottatt" in shown
    assert "12,5 km" in shown
    assert "Angre overleveringen" not in shown
    line_ids = typed(shown, "handover_line_ids")
    some = taker.post(f"{address}/mottatt", data={"key": "r1", "handover_line_ids": line_ids[:1]})
    assert some.status_code == 303
    rest = taker.get(address).text
    assert typed(rest, "handover_line_ids") == line_ids[1:]
    taker.post(f"{address}/mottatt", data={"key": "r2", "handover_line_ids": line_ids[1:]})
    assert "button-receive" not in taker.get(address).text
    undone = mover.post(f"{address}/angre", data={"key": "u", "handover_line_ids": line_ids})
    assert undone.status_code == 303
    assert mover.get(address).text.count("Angret") >= 2


def test_a_second_click_on_received_is_harmless(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    taker = signed_in_as(Role.EMPLOYEE)
    address = on_the_way(signed_in_as(Role.MOVER), org, database)
    line_ids = typed(taker.get(address).text, "handover_line_ids")
    body = {"key": "same", "handover_line_ids": line_ids}
    assert taker.post(f"{address}/mottatt", data=body).status_code == 303
    assert taker.post(f"{address}/mottatt", data=body).status_code == 303
    other = taker.post(f"{address}/mottatt", data={**body, "key": "other"})
    assert other.status_code == 409
    assert "alt bekreftet mottatt" in other.text


def test_choosing_nothing_is_said_at_the_choice(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    mover = signed_in_as(Role.MOVER)
    address = on_the_way(mover, org, database)
    for step in ("mottatt", "angre"):
        refused = mover.post(f"{address}/{step}", data={"key": "k"})
        assert refused.status_code == 422
        assert "Velg minst ett møbel." in refused.text


def checked(text: str) -> list[str]:
    """The values of the boxes that are ticked."""
    return re.findall(r'type="checkbox"[^>]*value="([^"]*)" checked', text)


def test_what_was_left_out_stays_left_out_when_the_rest_is_refused(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    mover = signed_in_as(Role.MOVER)
    address = on_the_way(mover, org, database)
    line_ids = typed(mover.get(address).text, "handover_line_ids")
    nothing = mover.post(f"{address}/mottatt", data={"key": "a"}).text
    assert not set(checked(nothing.split('id="undo"')[0])) & set(line_ids)
    first = {"key": "b", "handover_line_ids": line_ids[:1]}
    assert mover.post(f"{address}/angre", data=first).status_code == 303
    both = mover.post(f"{address}/mottatt", data={"key": "c", "handover_line_ids": line_ids})
    assert both.status_code == 409
    rest = mover.post(f"{address}/angre", data={"key": "d", "handover_line_ids": line_ids})
    assert rest.status_code == 409
    assert "Noe av dette er alt angret. Se over, og angre resten." in rest.text
    assert checked(rest.text) == line_ids[1:]


def test_undoing_a_part_says_that_the_rest_stands(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    mover = signed_in_as(Role.MOVER)
    address = on_the_way(mover, org, database)
    for line_id, said in zip(
        typed(mover.get(address).text, "handover_line_ids"),
        ("ett møbel er angret. Resten står.", "Alt er som før."),
        strict=True,
    ):
        body = {"key": line_id, "handover_line_ids": [line_id]}
        assert mover.post(f"{address}/angre", data=body).status_code == 303
        assert said in mover.get(address).text


def test_one_handovers_page_takes_no_piece_of_another(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    mover = signed_in_as(Role.MOVER)
    other, address = (on_the_way(mover, org, database, key=key) for key in ("k1", "k2"))
    body = {"key": "x", "handover_line_ids": typed(mover.get(other).text, "handover_line_ids")}
    for step in ("mottatt", "angre"):
        assert mover.post(f"{address}/{step}", data=body).status_code == 404
    assert "Alle 2 er mottatt" in mover.get(other).text


def test_a_refused_trip_keeps_what_was_typed(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    client = signed_in_as(Role.MOVER)
    with database.write() as session:
        ordered = an_order(session, org, 2)
        request_id = ordered.order_line(session).request_id
        chosen = str(ordered.reservation_ids[0])
    refused = client.post(
        f"/overleveringer/ny?bestilling={request_id}",
        data={
            "reservation_ids": [chosen],
            "to_place_id": str(org.storage_id),
            "handed_over_on": "2026-12-24",
            "distance_km": "langt",
        },
    )
    assert refused.status_code == 422
    assert 'value="langt"' in refused.text
    assert 'value="2026-12-24"' in refused.text
    assert refused.text.count(" checked") == 1


def a_line_in(database: RolledBackDatabase, org: Organised, actor: ActorOf) -> str:
    with database.write() as session:
        project = a_project(session, actor(), org, place_id=org.room_id)
        return str(a_line(session, actor(), project, quantity=5).id)


@pytest.mark.parametrize("source", ["bought_used", "new"])
def test_bought_pieces_are_entered_on_the_line(
    signed_in_as: SignedInAs,
    org: Organised,
    database: RolledBackDatabase,
    actor: ActorOf,
    source: str,
) -> None:
    line_id = a_line_in(database, org, actor)
    client = signed_in_as(Role.PROJECT_MANAGER)
    address = f"/overleveringer/for-hand?linje={line_id}&kilde={source}"
    assert client.get(address).status_code == 200
    made = client.post(
        f"/overleveringer/for-hand?linje={line_id}",
        data={
            "key": "k",
            "source": source,
            "quantity": "5",
            "category_id": "CHAIR_TASK",
            "to_unit_id": str(org.unit_id),
            "to_place_id": str(org.room_id),
            "handed_over_on": ON,
            "price_kr": "1 250,50",
            "supplier": "Bruktbua",
        },
    )
    assert made.headers["location"] == f"/prosjekter/linjer/{line_id}"
    assert "Dekket" in client.get(made.headers["location"]).text


def test_donors_are_typed_as_codes_and_kilos(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase, actor: ActorOf
) -> None:
    line_id = a_line_in(database, org, actor)
    with database.write() as session:
        items = some_items(session, org, 2)
        typed_codes = [
            grouped(each)
            for each in codes_of(session, actor(), [item.id for item in items]).values()
        ]
    client = signed_in_as()
    body = {
        "source": "redesigned_from_surplus",
        "quantity": "1",
        "category_id": "CHAIR_TASK",
        "to_unit_id": str(org.unit_id),
        "to_place_id": str(org.room_id),
        "handed_over_on": ON,
    }
    address = f"/overleveringer/for-hand?linje={line_id}"
    for donors, message in (
        (f"{typed_codes[0]} 18 \n{typed_codes[1]} 3", "kan ikke bygges inn"),
        (f"{typed_codes[0]} 3\n{typed_codes[1]}", "Linje 2:"),
        (f"{typed_codes[0]} 3\nABCD 3", "Linje 2:"),
        (f"{typed_codes[0]} 3\n{typed_codes[0]} 3", "flere ganger"),
        ("", "Oppgi minst ett donormøbel."),
    ):
        refused = client.post(address, data={**body, "donors": donors})
        assert refused.status_code == 422
        assert message in refused.text
    good = "\n".join(f"{code} 7,5 kg".replace(" kg", "kg") for code in typed_codes)
    assert client.post(address, data={**body, "key": "k", "donors": good}).status_code == 303


def test_redesigned_pieces_are_typed_as_codes(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase, actor: ActorOf
) -> None:
    with database.write() as session:
        item = some_items(session, org, 1)[0]
        code = codes_of(session, actor(), [item.id])[item.id]
    client = signed_in_as()
    body = {
        "source": "redesigned",
        "to_unit_id": str(org.unit_id),
        "to_place_id": str(org.room_id),
        "handed_over_on": ON,
        "redesign_level": "reupholstery",
        "redesign_kr": "1800",
        "key": "k",
    }
    unknown = client.post("/overleveringer/for-hand", data={**body, "codes": "0000-0000-000"})
    assert unknown.status_code == 422
    made = client.post("/overleveringer/for-hand", data={**body, "codes": code})
    assert made.status_code == 303
    shown = client.get(made.headers["location"]).text
    assert "Redesignet" in shown
    assert "Trukket om" in shown


def test_the_piece_shows_its_handovers_and_home_what_to_receive(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    mover, taker = signed_in_as(Role.MOVER), signed_in_as(Role.EMPLOYEE)
    address = on_the_way(mover, org, database)
    shown = mover.get(address).text
    item = next(iter(re.findall(r"/mobler/[0-9a-f-]{36}", shown)))
    assert address in mover.get(item).text
    assert address in taker.get("/").text


def test_another_organisations_handover_is_not_found(
    signed_in_as: SignedInAs, org: Organised, foreign_org: Organised, database: RolledBackDatabase
) -> None:
    address = on_the_way(signed_in_as(where=foreign_org), foreign_org, database)
    ours = signed_in_as(Role.ADMIN)
    assert ours.get(address).status_code == 404
    body = {"handover_line_ids": [str(org.unit_id)]}
    assert ours.post(f"{address}/mottatt", data=body).status_code == 404
    assert ours.post(f"{address}/angre", data=body).status_code == 404
    for query in (f"bestilling={foreign_org.org_id}", f"mobel={foreign_org.org_id}"):
        assert ours.get(f"/overleveringer/ny?{query}").status_code == 404
    unknown = f"/overleveringer/for-hand?linje={foreign_org.org_id}"
    assert ours.get(unknown).status_code == 404
