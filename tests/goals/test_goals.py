"""Goals through their pages and their API: set, added up, compared, switched off."""

import io
import re
from datetime import date
from typing import Any
from uuid import uuid4

from fastapi.testclient import TestClient
from PIL import Image

from app.accounts.models import Unit
from app.accounts.rules import Role
from app.kit.db import clock_of
from tests.databases import RolledBackDatabase
from tests.inbox.cases import a_case, a_note, acting, closed
from tests.ledger.trips import Load, a_declared_model, an_item, handed_over
from tests.people import Organised, SignedInAs
from tests.projects.rows import a_project

YEAR = 2026
DAY = date(YEAR, 2, 20)


def used(database: RolledBackDatabase, org: Organised, count: int = 4, **changes: Any) -> None:
    """Pieces of the example C from the first unit to the second: 61 511 g CO2e gross each."""
    with database.write() as session:
        model = a_declared_model(session, org, name=uuid4().hex)
        loads = [Load(an_item(session, org, product_model_id=model.id)) for _ in range(count)]
        handed_over(session, org, loads, **changes)


def units(client: TestClient, year: int = YEAR) -> dict[str, dict[str, Any]]:
    found = client.get(f"/api/v1/goals/{year}").json()["units"]
    return {
        each["name"]: {line["kind"]: line for line in each["lines"]} | {"id": each["id"]}
        for each in found
    }


def put(client: TestClient, path: str, version: int, **targets: int) -> Any:
    body = {"targets": [{"kind": kind, "target": n} for kind, n in targets.items()]}
    return client.put(
        f"/api/v1/goals/{YEAR}/{path}", json=body, headers={"If-Match": f'"v{version}"'}
    )


def test_waste_is_the_givers_and_the_rest_the_receivers_and_the_organisation_has_it_once(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    used(database, org)
    found = units(signed_in_as(Role.EMPLOYEE))
    giver, receiver, whole = found["Medisin"], found["Kirurgi"], found["Prøve helseforetak"]
    assert (giver["waste_g"]["part"], receiver["waste_g"]["part"]) == (4 * 25_408, 0)
    assert (giver["co2e_g"]["part"], receiver["co2e_g"]["part"]) == (0, 4 * 61_511)
    assert receiver["saved_ore"]["part"] == 4 * 257_359
    assert (receiver["reuse_share"]["part"], receiver["reuse_share"]["of"]) == (4, 4)
    assert whole["waste_g"]["part"] == 4 * 25_408
    assert whole["co2e_g"]["part"] == 4 * 61_511
    # Day 61 of 365, and a tenth more.
    assert whole["co2e_g"]["forecast"] == round(4 * 61_511 * 365 / 61)
    assert whole["co2e_g"]["next_goal"] == 1_600_000
    assert giver["reuse_share"]["so_far"] is None


def test_goals_of_units_add_up_to_the_organisations_and_shares_are_weighted(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    used(database, org, 3, handed_over_on=date(YEAR - 1, 5, 1))
    used(
        database,
        org,
        1,
        handed_over_on=date(YEAR - 1, 5, 1),
        receiver_unit_id=org.unit_id,
    )
    client = signed_in_as()
    found = units(client)
    root = found["Prøve helseforetak"]["id"]
    assert put(client, f"units/{root}", 0, waste_g=9_000, reuse_share=80).status_code == 200
    first = put(client, f"units/{org.unit_id}", 0, waste_g=5_000, reuse_share=60)
    assert first.headers["ETag"] == '"v1"'
    put(client, f"units/{org.other_unit_id}", 0, waste_g=3_000, reuse_share=80)
    whole = units(client)["Prøve helseforetak"]
    assert (whole["waste_g"]["target"], whole["waste_g"]["promised"]) == (9_000, 8_000)
    # Last year 3 pieces came to the one and 1 to the other: (60 · 1 + 80 · 3) ÷ 4.
    assert whole["reuse_share"]["promised"] == 75
    page = signed_in_as(Role.EMPLOYEE).get(f"/mal/{YEAR}").text
    assert "Enhetene under har mål på 8,0\xa0kg til sammen." in page or "Det er mindre" in page
    assert page.count("<progress") == 6


def test_a_goal_is_typed_kept_shown_and_taken_away_again(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    used(database, org)
    client = signed_in_as()
    path = f"/mal/{YEAR}/enhet/{org.other_unit_id}"
    page = client.get(path).text
    assert "300 × 365 ÷ 273 = 401" in page
    form = {"version": "0", "goal-co2e_g": "0,2", "goal-saved_ore": "20 000", "goal-waste_g": ""}
    assert client.post(path, data=form).status_code == 303
    kirurgi = units(client)["Kirurgi"]
    assert (kirurgi["co2e_g"]["target"], kirurgi["saved_ore"]["target"]) == (200, 2_000_000)
    assert kirurgi["co2e_g"]["standing"] == "reached"
    assert kirurgi["waste_g"]["target"] is None
    page = client.get(path).text
    assert "Nådd" in page
    assert re.search(r'name="goal-saved_ore"[^>]*value="20000"', page)
    # Who saw an older version is told, and what was typed stays.
    late = client.post(path, data={**form, "goal-saved_ore": "1"})
    assert late.status_code == 412
    assert 'name="goal-saved_ore"' in late.text
    assert client.post(path, data={"version": "1"}).status_code == 303
    assert units(client)["Kirurgi"]["co2e_g"]["target"] is None


def test_what_is_no_goal_is_refused_at_its_field(signed_in_as: SignedInAs, org: Organised) -> None:
    client = signed_in_as()
    path = f"/mal/{YEAR}/enhet/{org.unit_id}"
    for field, typed in (
        ("goal-reuse_share", "101"),
        ("goal-reuse_share", "0"),
        ("goal-waste_g", "-3"),
        ("goal-saved_ore", "mye"),
        ("goal-co2e_g", "9" * 15),
    ):
        refused = client.post(path, data={"version": "0", field: typed})
        assert refused.status_code == 422, (field, typed)
        assert f'href="#field-{field}"' in refused.text
        assert typed in refused.text
    base = f"units/{org.unit_id}"
    assert put(client, base, 0, reuse_share=101).status_code == 422
    assert put(client, base, 0, waste_g=0).status_code == 422
    assert put(client, base, 7, waste_g=5).status_code == 412
    bare = client.put(f"/api/v1/goals/{YEAR}/{base}", json={"targets": []})
    assert bare.status_code == 428
    twice = {"targets": [{"kind": "waste_g", "target": 1}] * 2}
    headers = {"If-Match": '"v0"'}
    answer = client.put(f"/api/v1/goals/{YEAR}/{base}", json=twice, headers=headers)
    assert answer.status_code == 422
    assert client.get("/mal/1066").status_code == 404


def test_a_leader_sets_goals_of_the_own_unit_and_others_need_the_permission(
    signed_in_as: SignedInAs, org: Organised
) -> None:
    leader, employee = signed_in_as(Role.APPROVER), signed_in_as(Role.EMPLOYEE)
    assert put(leader, f"units/{org.unit_id}", 0, waste_g=5_000).status_code == 200
    assert put(leader, f"units/{org.other_unit_id}", 0, waste_g=5_000).status_code == 403
    assert put(employee, f"units/{org.unit_id}", 1, waste_g=5_000).status_code == 403
    assert put(signed_in_as(Role.ADMIN), f"units/{org.unit_id}", 1, waste_g=7).status_code == 200
    own = leader.get(f"/mal/{YEAR}/enhet/{org.unit_id}").text
    assert "Lagre målene" in own
    assert "Lagre målene" not in employee.get(f"/mal/{YEAR}/enhet/{org.unit_id}").text


def test_a_project_has_goals_of_its_own_but_none_for_enquiries(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        project_id = a_project(session, acting(session, org), org).id
    used(database, org, 2, project_id=project_id)
    client = signed_in_as(Role.PROJECT_MANAGER)
    found = put(client, f"projects/{project_id}", 0, co2e_g=100_000).json()
    lines = {each["kind"]: each for each in found["lines"]}
    assert "answered_share" not in lines
    assert (lines["co2e_g"]["part"], lines["co2e_g"]["standing"]) == (2 * 61_511, "reached")
    assert put(client, f"projects/{project_id}", 1, answered_share=5).status_code == 422
    assert put(signed_in_as(Role.EMPLOYEE), f"projects/{project_id}", 1).status_code == 403
    assert "Lensmannslia" in client.get(f"/mal/{YEAR}").text


def test_enquiries_are_answered_when_somebody_has_replied_or_closed_them(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        closed(session, org, a_case(session, org))
        a_case(session, org)
        a_note(session, org)
    found = units(signed_in_as())
    medisin, whole = found["Medisin"], found["Prøve helseforetak"]
    assert (medisin["answered_share"]["part"], medisin["answered_share"]["of"]) == (1, 2)
    # What is in no unit's name is the organisation's.
    assert (whole["answered_share"]["part"], whole["answered_share"]["of"]) == (1, 3)


def test_the_leader_board_shares_places_and_can_be_switched_off(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    used(database, org, 2)
    used(database, org, 2, receiver_unit_id=org.unit_id)
    client, admin = signed_in_as(Role.EMPLOYEE), signed_in_as(Role.ADMIN)
    board = client.get(f"/api/v1/goals/{YEAR}/leader-board").json()
    assert [(each["place"], each["name"]) for each in board["places"]] == [
        (1, "Kirurgi"),
        (1, "Medisin"),
    ]
    by_waste = client.get(f"/api/v1/goals/{YEAR}/leader-board?kind=waste_g").json()
    assert by_waste["without"] == ["Kirurgi"]
    assert "1. plass" in client.get(f"/mal/{YEAR}/tavle").text
    assert client.get(f"/mal/{YEAR}/tavle?mal=tull").status_code == 422
    assert client.post("/mal-innstillinger", data={"version": "0"}).status_code == 403
    assert admin.post("/mal-innstillinger", data={"version": "0"}).status_code == 303
    assert admin.get("/api/v1/goal-rule").json() == {
        "has_leader_board": False,
        "has_own_savings": False,
        "version": 1,
    }
    for path in (f"/mal/{YEAR}/tavle", f"/api/v1/goals/{YEAR}/leader-board", "/mine-besparelser"):
        assert client.get(path).status_code == 404
    assert "Ledertavle" not in client.get(f"/mal/{YEAR}").text
    assert admin.post("/mal-innstillinger", data={"version": "0"}).status_code == 412


def test_where_several_units_stand_highest_the_summary_is_of_all_of_them(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        now = clock_of(session).now()
        session.add(Unit(org_id=org.org_id, name="Aller først", created_at=now))
    used(database, org)
    client = signed_in_as()
    top = units(client)["Aller først"]["id"]
    put(client, f"units/{top}", 0, co2e_g=1_000_000)
    found = client.get(f"/api/v1/goals/{YEAR}").json()
    whole = {line["kind"]: line for line in found["whole"]}
    assert (whole["co2e_g"]["part"], whole["waste_g"]["part"]) == (4 * 61_511, 4 * 25_408)
    assert (whole["co2e_g"]["target"], whole["co2e_g"]["promised"]) == (None, 1_000_000)
    page = client.get(f"/mal/{YEAR}/oppsummering").text
    alt = re.search(r'<img class="goal-picture"[^>]* alt="([^"]+)"', page)
    assert alt is not None
    assert "ca. 250 kg CO2e" in alt[1].replace("\xa0", " ")
    assert "Aller først" in page


def test_equipment_without_factors_is_not_calculated(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        handed_over(session, org, [Load(an_item(session, org, category_id="EQUIP_AID"))])
    client = signed_in_as()
    found = units(client)["Kirurgi"]
    assert found["co2e_g"]["so_far"] is None
    put(client, f"units/{found['id']}", 0, co2e_g=1_000_000)
    page = client.get(f"/mal/{YEAR}/enhet/{found['id']}").text
    assert "ikke beregnet" in page.lower()


def test_the_picture_is_a_slide_and_its_text_says_what_it_shows(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    used(database, org)
    client = signed_in_as()
    root = units(client)["Prøve helseforetak"]["id"]
    empty = client.get("/mal/2001/bilde")
    put(client, f"units/{root}", 0, co2e_g=1_000_000, reuse_share=80)
    shown = client.get(f"/mal/{YEAR}/bilde")
    assert shown.headers["content-type"] == "image/png"
    for each in (empty, shown):
        assert Image.open(io.BytesIO(each.content)).size == (1920, 1080)
    assert empty.content != shown.content
    page = client.get(f"/mal/{YEAR}/oppsummering").text
    alt = re.search(r'<img class="goal-picture"[^>]* alt="([^"]+)"', page)
    assert alt is not None
    assert "Ombruk av møbler i 2026" in alt[1]
    assert "24 %" in alt[1]
