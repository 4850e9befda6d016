"""Orders to suppliers as a person meets them, without JavaScript, and as JSON."""

import re
from collections.abc import Callable
from datetime import timedelta

from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.catalogue.rules import Work
from app.inbox.commands import Ask
from app.inbox.rules import Kind
from app.inbox.service import ask
from app.items.queries import codes_of
from app.marketplace.models_approval import ApprovalLevel, ApprovalRule
from app.notices.models import Notice
from app.workshop import commands as do
from app.workshop.models import SupplierOrder
from app.workshop.rules import OrderState
from app.workshop.service import send_order
from app.workshop.service_deliver import deliver_order
from app.workshop.service_quote import choose_quote
from tests.databases import RolledBackDatabase
from tests.factories import some_items
from tests.people import Organised
from tests.workshop.orders import a_supplier, chosen, delivery, drafted, of, quoted

SignedInAs = Callable[..., TestClient]
ActorOf = Callable[..., Actor]


def supplier(client: TestClient, name: str, rank: int, day: str, until: str) -> str:
    made = client.post("/leverandorer", data={"key": f"s{name}", "name": name})
    assert made.status_code == 303, made.text
    address: str = made.headers["location"]
    body = {
        "key": f"a{name}",
        "work": "reupholster_or_redesign",
        "reference": "Ramme 7",
        "rank": str(rank),
        "valid_from": day,
        "valid_until": until,
        "prices": "Trekke om kontorstol; 1 250\nNy gassfjær; 400",
    }
    agreed = client.post(f"{address}/avtaler", data=body)
    assert agreed.status_code == 303, agreed.text
    return address.rsplit("/", 1)[1]


def test_an_order_goes_from_a_case_by_two_quotes_to_a_delivery(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase, actor: ActorOf
) -> None:
    with database.write() as session:
        items = some_items(session, org, 2)
        codes = codes_of(session, actor(), [each.id for each in items])
        asked = Ask(kind=Kind.MEND, text="Slitt trekk", unit_id=org.unit_id)
        (case,) = ask(session, actor(Role.EMPLOYEE), [asked])
        ids, case_id = [str(each.id) for each in items], str(case.id)
    today = database.clock.today()
    manager = signed_in_as(Role.FURNITURE_MANAGER)
    until = (today + timedelta(days=90)).isoformat()
    first = supplier(manager, "Først verksted", 1, today.isoformat(), until)
    second = supplier(manager, "Nest verksted", 2, today.isoformat(), until)
    taken = manager.post(
        f"/leverandorer/{second}/avtaler",
        data={
            "key": "x",
            "work": "reupholster_or_redesign",
            "reference": "R",
            "rank": "1",
            "valid_from": today.isoformat(),
            "valid_until": until,
            "prices": "uten pris",
        },
    )
    assert taken.status_code == 422
    assert "Linje 1" in taken.text
    assert f"/oppdrag/ny?sak={case_id}" in manager.get(f"/henvendelser/{case_id}").text
    asked_for = f"/oppdrag/ny?arbeid=reupholster_or_redesign&sak={case_id}"
    assert "Koder på møblene" in manager.get(f"{asked_for}&mobel={ids[0]}").text
    body = {
        "key": "o",
        "title": "Trekke om to stoler",
        "codes": "\n".join(codes.values()),
        "unit_id": str(org.unit_id),
    }
    empty = manager.post(asked_for, data={**body, "key": "e", "codes": ""})
    assert empty.status_code == 422
    made = manager.post(asked_for, data=body)
    assert made.status_code == 303, made.text
    address = made.headers["location"]
    assert "Oppdrag 1" in manager.get(f"/henvendelser/{case_id}").text
    assert "Trekke om to stoler" in manager.get("/innboks?kind=supplier_order").text
    for at, price in ((first, "3 000"), (second, "2 500")):
        quote = {"key": f"q{at}", "supplier_id": at, "price_kr": price, "claim": "Sparer alt"}
        assert manager.post(f"{address}/tilbud", data=quote).status_code == 303
    shown = manager.get(address).text
    assert "Lavest pris" in shown
    assert "Trekke om kontorstol" in shown
    assert "ikke regnet med: Sparer alt" in shown
    quotes = re.findall(r'name="quote_id" value="([^"]+)"', shown)
    cheap = {"key": "c", "quote_id": quotes[0]}
    refused = manager.post(f"{address}/velg", data=cheap)
    assert refused.status_code == 422
    assert "Skriv hvorfor den velges" in refused.text
    why = {**cheap, "key": "d", "why": "Lavest pris."}
    assert manager.post(f"{address}/velg", data=why).status_code == 303
    assert signed_in_as(Role.EMPLOYEE).get(address).status_code == 404
    assert re.search(r"<dt>Rammeavtale</dt>\s*<dd[^>]*>\s*Ramme 7", manager.get(address).text)
    assert manager.post(f"{address}/send", data={"key": "h"}).status_code == 303
    assert manager.get(f"/api/v1/items/{ids[0]}").json()["state"] == "in_workshop"
    assert "Oppdrag 1" in manager.get(f"/mobler/{ids[0]}").text
    confirm = {"key": "i", "due_on": (today + timedelta(days=9)).isoformat()}
    assert manager.post(f"{address}/bekreft", data=confirm).status_code == 303
    assert "Satt inn" in manager.get(f"{address}/levert").text
    half = {"key": "j", "delivered_on": today.isoformat(), "materials_1": "textile"}
    assert manager.post(f"{address}/levert", data=half).status_code == 422
    whole = {
        **half,
        "key": "k",
        "materials_1_kg": "1,2",
        "energy_kwh": "3",
        "removed_1": "textile",
        "removed_1_kg": "0,9",
        "dismantled_ids": ids[1],
        "offcut_metal_kg": "8",
    }
    done = manager.post(f"{address}/levert", data=whole)
    assert done.status_code == 303, done.text
    text = manager.get(address).text
    assert "Kapp og rester: Metall" in text
    assert "3,0 kWh" in text
    states = [manager.get(f"/api/v1/items/{each}").json()["state"] for each in ids]
    assert states == ["in_use", "dismantled"]
    told = manager.get(f"/api/v1/supplier-orders/{address.rsplit('/', 1)[1]}").json()
    assert (told["state"], told["price_ore"], told["energy_wh"]) == ("done", 250_000, 3000)
    assert {each["outcome"] for each in told["pieces"]} == {
        "reupholstered_or_redesigned",
        "dismantled",
    }


def test_a_leader_is_told_says_yes_and_is_no_orderer(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase, actor: ActorOf
) -> None:
    with database.write() as session:
        rule = ApprovalRule(org_id=org.org_id)
        session.add(rule)
        session.flush()
        session.add(ApprovalLevel(org_id=org.org_id, rule_id=rule.id, level=1, above_ore=10_000))
    with database.write() as session:
        order = drafted(session, actor(), org, item_ids=[some_items(session, org)[0].id])
        chosen(session, actor(), order, 5_000_000)
        address = f"/oppdrag/{order.id}"
        asked = select(Notice.person_id).where(Notice.kind == "supplier_order_asked")
        told = list(session.scalars(asked))
    assert told == [org.person_ids[Role.APPROVER]]
    manager, leader = signed_in_as(Role.FURNITURE_MANAGER), signed_in_as(Role.APPROVER)
    assert "Venter på et ja" in manager.get(address).text
    assert manager.post(f"{address}/send", data={"key": "s"}).status_code == 409
    assert "Si ja til" in leader.get(address).text
    assert leader.post(f"{address}/godkjenn", data={"key": "y"}).status_code == 303
    assert manager.post(f"{address}/send", data={"key": "t"}).status_code == 303


def test_what_was_bought_is_received_with_its_labels(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase, actor: ActorOf
) -> None:
    with database.write() as session:
        manager = actor()
        order = drafted(
            session,
            manager,
            org,
            work=Work.BUY_USED,
            category_id="CHAIR_TASK",
            quantity=3,
            place_id=org.room_id,
        )
        supplier_id = a_supplier(session, manager, "Brukthandelen", 1, Work.BUY_USED)
        quote = quoted(session, manager, order, supplier_id, 300_000)
        choose_quote(
            session, manager, do.ChooseQuote(supplier_order_id=order.id, quote_id=quote.id)
        )
        send_order(session, manager, of(order))
        order.state = OrderState.CONFIRMED
        order_id = order.id
    reader = signed_in_as(Role.FURNITURE_MANAGER)
    page = f"/oppdrag/{order_id}"
    assert "Skriv ut etiketter" not in reader.get(page).text
    with database.write() as session:
        order = session.get_one(SupplierOrder, order_id)
        handover_id = deliver_order(session, actor(), delivery(session, order)).handover_id
    for address in (page, f"/overleveringer/{handover_id}"):
        (labels,) = re.findall(r'href="(/etiketter\?lot=[^"]+)"', reader.get(address).text)
        assert "3 etiketter" in reader.get(labels).text
