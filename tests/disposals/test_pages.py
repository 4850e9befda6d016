"""Disposal decisions as a person meets them, without JavaScript, and as JSON."""

import ast
import re
from collections.abc import Callable
from pathlib import Path

from fastapi.testclient import TestClient

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.items.queries import codes_of
from tests.databases import RolledBackDatabase
from tests.factories import some_items
from tests.people import Organised

SignedInAs = Callable[..., TestClient]
ActorOf = Callable[..., Actor]
APP = Path(__file__).resolve().parents[2] / "app"


def two(
    database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> tuple[list[str], list[str]]:
    """Ids and codes of two worn chairs."""
    with database.write() as session:
        items = some_items(session, org, 2, mass_g=12_500)
        found = codes_of(session, actor(), [each.id for each in items])
        return [str(each.id) for each in items], [found[each.id] for each in items]


def body(codes: list[str], key: str = "p") -> dict[str, str]:
    return {
        "key": key,
        "codes": "\n".join(codes),
        "reason": "worn_out",
        "fate": "recycle",
        "not_offered_why": "For slitt",
        "receiver": "Ragn-Sells",
    }


def test_a_decision_is_proposed_refused_signed_delivered_and_keeps_its_address(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase, actor: ActorOf
) -> None:
    ids, codes = two(database, org, actor)
    surveyor, manager = signed_in_as(Role.SURVEYOR), signed_in_as(Role.FURNITURE_MANAGER)
    piece = surveyor.get(f"/mobler/{ids[0]}").text
    assert f"/kassasjon/ny?mobel={ids[0]}" in piece
    assert "Koder" in surveyor.get(f"/kassasjon/ny?mobel={ids[0]}").text
    made = surveyor.post("/kassasjon/ny", data=body(codes))
    assert made.status_code == 303, made.text
    address = made.headers["location"]
    shown = surveyor.get(address).text
    assert "Signer vedtaket" not in shown
    assert re.search(r'class="num">25(,0)?<', shown)
    assert "Aldri tilbudt på markedet." in shown
    assert surveyor.post(f"{address}/signer", data={"key": "s"}).status_code == 403
    wrong = manager.post(f"{address}/fraksjoner", data={"key": "w", "kg_metal": "tung"})
    assert wrong.status_code == 422
    assert "Skriv et tall" in wrong.text
    weighed = manager.post(f"{address}/fraksjoner", data={"key": "x", "kg_metal": "20,5"})
    assert weighed.status_code == 303
    assert "20,5" in manager.get(address).text
    signed = manager.post(f"{address}/signer", data={"key": "y", "receiver": "Ragn-Sells"})
    assert signed.status_code == 303
    assert manager.get(f"/api/v1/items/{ids[0]}").json()["state"] == "recycled"
    assert "Signert" in manager.get(address).text
    again = manager.post(f"{address}/signer", data={"key": "z", "receiver": "Andre"})
    assert again.status_code == 409
    day = manager.get(address).text.split('name="delivered_on"')[1].split('value="')[1][:10]
    done = manager.post(f"{address}/levert", data={"key": "d", "delivered_on": day})
    assert done.status_code == 303
    late = manager.post(f"{address}/omgjor", data={"key": "o", "why": "Angret"})
    assert late.status_code == 409
    assert "Avfallet er levert" in late.text
    assert "Kassasjonsvedtak 1" in manager.get(f"/mobler/{ids[0]}").text
    assert "Ragn-Sells" in manager.get(address).text


def test_codes_that_lead_nowhere_are_said_and_what_was_typed_stays(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase, actor: ActorOf
) -> None:
    _, codes = two(database, org, actor)
    surveyor = signed_in_as(Role.SURVEYOR)
    wrong = surveyor.post("/kassasjon/ny", data=body([codes[0], "INV-404"]))
    assert wrong.status_code == 422
    assert "INV-404" in wrong.text
    assert "For slitt" in wrong.text
    empty = surveyor.post("/kassasjon/ny", data={"key": "q", "codes": ""})
    assert empty.status_code == 422
    twice = surveyor.post("/kassasjon/ny", data=body([codes[0], codes[0]], "r"))
    assert twice.status_code == 303


def test_the_same_over_json(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase, actor: ActorOf
) -> None:
    ids, _ = two(database, org, actor)
    manager = signed_in_as(Role.FURNITURE_MANAGER)
    sent = {
        "item_ids": ids,
        "fate": "dispose",
        "reason": "unsafe",
        "not_offered_why": "Farlig",
        "receiver": "Norsk Gjenvinning",
    }
    headers = {"Idempotency-Key": "j"}
    first = manager.post("/api/v1/disposals", json=sent, headers=headers)
    assert first.status_code == 201, first.text
    assert manager.post("/api/v1/disposals", json=sent, headers=headers).json() == first.json()
    disposal = first.json()
    assert disposal["fractions"][0] | {"mass_g": 0} == {
        "fraction": "mixed",
        "mass_g": 0,
        "is_entered": False,
        "ns_code": "9912",
        "eal_code": "20 03 01",
    }
    employee = signed_in_as(Role.EMPLOYEE)
    named = {"disposal_id": disposal["id"]}
    refused = employee.post("/api/v1/disposals/decide", json=named)
    assert refused.status_code == 403
    assert manager.post("/api/v1/disposals/decide", json=named).json()["state"] == "decided"
    back = manager.post("/api/v1/disposals/withdraw", json={**named, "why": "Feil"})
    assert back.json()["state"] == "withdrawn"
    assert manager.get(f"/api/v1/items/{ids[0]}").json()["state"] == "in_use"
    assert [each["id"] for each in manager.get("/api/v1/disposals").json()] == [disposal["id"]]


def test_a_code_is_corrected_by_who_may_sign(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    manager = signed_in_as(Role.FURNITURE_MANAGER)
    asked = manager.get("/kassasjon/fraksjoner").text
    assert "Må sjekkes" in asked
    day = asked.split('name="verified_on"')[1].split('value="')[1][:10]
    sent = {"key": "c", "fraction": "glass", "ns_code": "1322", "eal_code": "20 01 02"}
    saved = manager.post("/kassasjon/fraksjoner", data={**sent, "verified_on": day})
    assert saved.status_code == 303, saved.text
    assert "1322" in manager.get("/kassasjon/fraksjoner").text
    wrong = manager.post(
        "/kassasjon/fraksjoner", data={**sent, "key": "e", "verified_on": "2999-01-01"}
    )
    assert wrong.status_code == 422
    surveyor = signed_in_as(Role.SURVEYOR)
    assert surveyor.post("/kassasjon/fraksjoner", data={**sent, "key": "d"}).status_code == 403


def test_nothing_else_in_the_program_throws_a_piece_away() -> None:
    """``leave`` with these verbs, and the states themselves, are set by the decision alone."""
    found = {
        (path.relative_to(APP).as_posix(), ast.unparse(node))
        for path in APP.rglob("*.py")
        if path.parts[len(APP.parts)] != "disposals" and path.name != "rules.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and ast.unparse(node) in {"ItemVerb.RECYCLE", "ItemVerb.DISPOSE"}
    }
    # The gate of the verbs, which the decision calls.
    assert found == {
        ("items/service_lifecycle.py", "ItemVerb.RECYCLE"),
        ("items/service_lifecycle.py", "ItemVerb.DISPOSE"),
    }
