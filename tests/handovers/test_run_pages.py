"""Run sheets as a person meets them, without JavaScript, and as JSON."""

import re
from collections.abc import Callable
from datetime import timedelta

from fastapi.testclient import TestClient

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.items.queries import codes_of
from app.kit.clock import Clock
from tests.databases import RolledBackDatabase
from tests.handovers.orders import an_order
from tests.people import Organised

SignedInAs = Callable[..., TestClient]
ActorOf = Callable[..., Actor]


def planned(client: TestClient, database: RolledBackDatabase, org: Organised, clock: Clock) -> str:
    with database.write() as session:
        ordered = an_order(session, org, 2, width_mm=600, depth_mm=600, height_mm=900)
        ids = [str(each) for each in ordered.reservation_ids]
    asked = client.get("/kjorelister/ny").text
    assert all(each in asked for each in ids)
    day = (clock.today() + timedelta(days=1)).isoformat()
    body = {"key": "k", "driven_on": day, "area": "Bygg A", "reservation_ids": ids, "note": "Ring"}
    made = client.post("/kjorelister/ny", data=body)
    assert made.status_code == 303, made.text
    return made.headers["location"]


def test_a_sheet_is_planned_shown_and_ticked_off_by_plain_forms(
    signed_in_as: SignedInAs,
    org: Organised,
    database: RolledBackDatabase,
    actor: ActorOf,
    clock: Clock,
) -> None:
    mover = signed_in_as(Role.MOVER)
    assert "Ingenting venter på å bli kjørt" in mover.get("/kjorelister/ny").text
    address = planned(mover, database, org, clock)
    shown = mover.get(address).text
    for text in ("Bygg A › Rom 214", "Hent 2 møbler", "Lever 2 møbler", "Ring", "0,6 m³", "30 kg"):
        assert text in shown, text
    assert "har ingen posisjon" in shown
    assert "Bygg A" in mover.get("/kjorelister").text
    scan = re.search(r'href="[^"]*(/overleveringer/hent\?[^"]+)"', shown)
    assert scan
    at_stop = scan[1].replace("&amp;", "&")
    boxes = re.findall(r'name="ticked" value="([^"]+)"', mover.get(at_stop).text)
    assert len(boxes) == 2
    out = mover.post(at_stop, data={"key": "o", "codes": "", "ticked": boxes[:1]})
    receipt = mover.get(out.headers["location"]).text
    assert "1 møbel er hentet" in receipt
    assert address.rsplit("/", 1)[1] in receipt
    assert "/overleveringer/ta-imot?kjoreliste" in mover.get(address).text
    over = mover.post(f"{address}/avslutt", data={"key": "f"})
    assert over.status_code == 303
    assert "Ble ikke med: 1 møbel" in mover.get(address).text
    again = mover.post(f"{address}/avslutt", data={"key": "g"})
    assert again.status_code == 409
    assert "Kjørelisten er avsluttet" in again.text


def test_an_edit_keeps_what_was_typed_and_a_wrong_date_is_said_at_it(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase, clock: Clock
) -> None:
    mover = signed_in_as(Role.MOVER)
    address = planned(mover, database, org, clock)
    form = mover.get(f"{address}/endre").text
    version = re.search(r'name="version" value="(\d+)"', form)
    assert version
    body = {"key": "e", "version": version[1], "driven_on": "2020-01-01", "area": "Lensmannslia"}
    wrong = mover.post(f"{address}/endre", data=body)
    assert wrong.status_code == 422
    assert "Datoen er passert" in wrong.text
    assert "Lensmannslia" in wrong.text
    right = {**body, "key": "f", "driven_on": clock.today().isoformat()}
    assert mover.post(f"{address}/endre", data=right).status_code == 303
    stale = mover.post(f"{address}/endre", data={**right, "key": "g"})
    assert stale.status_code == 412
    assert "Noen andre endret kjørelisten" in stale.text


def test_the_same_over_json_once_for_each_key(
    signed_in_as: SignedInAs,
    org: Organised,
    database: RolledBackDatabase,
    actor: ActorOf,
    clock: Clock,
) -> None:
    mover = signed_in_as(Role.MOVER)
    with database.write() as session:
        ordered = an_order(session, org, 1)
        ids = [str(each) for each in ordered.reservation_ids]
        label = codes_of(session, actor(), [each.id for each in ordered.items])
    body = {"driven_on": clock.today().isoformat(), "reservation_ids": ids}
    headers = {"Idempotency-Key": "r"}
    first = mover.post("/api/v1/run-sheets", json=body, headers=headers)
    assert first.status_code == 201, first.text
    assert mover.post("/api/v1/run-sheets", json=body, headers=headers).json() == first.json()
    run = first.json()
    assert mover.get(f"/api/v1/run-sheets/{run['id']}").json() == run
    assert [each["id"] for each in mover.get("/api/v1/run-sheets").json()] == [run["id"]]
    planned_again = mover.post("/api/v1/run-sheets", json=body)
    assert planned_again.status_code == 409
    assert planned_again.json()["type"].endswith("/piece-planned")
    mover.post("/api/v1/handovers/scan-out", json={"codes": list(label.values())})
    (piece,) = mover.get(f"/api/v1/run-sheets/{run['id']}").json()["pieces"]
    assert piece["handover_line_id"]
    for role in (Role.EMPLOYEE, Role.SURVEYOR):
        assert signed_in_as(role).post("/api/v1/run-sheets", json=body).status_code == 403
