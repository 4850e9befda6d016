"""The month's basis as page, file and JSON, and the rule as a form."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from sqlalchemy import event, select, update

from app.accounts.models import Membership, RoleGrant, Unit
from app.accounts.rules import Role
from app.costs.queries import rule_on, rules_of
from app.costs.rules import InternalPrice, Kind
from app.handovers.service import Undo, undo
from app.kit.clock import MovedClock
from tests.costs.arranged import TODAY, a_rule, booked
from tests.costs.test_received import received
from tests.databases import RolledBackDatabase
from tests.factories import CHAIR
from tests.marketplace.stalls import acting
from tests.people import Organised, SignedInAs

SHARES = {Kind.FREIGHT: (50, 50, 0), Kind.INTERNAL_PRICE: (0, 100, 0)}
PRICED: dict[str, Any] = {
    "price_kind": InternalPrice.FIXED,
    "prices": [{"category_id": CHAIR, "price_ore": 30_050}],
}


@pytest.fixture
def arranged(database: RolledBackDatabase, org: Organised) -> None:
    """One piece from the first unit (4100) to the second (4200): 50 kr each, and 300.50 kr."""
    with database.write() as session:
        a_rule(session, org, SHARES, **PRICED)
        received(session, org, transport_ore=10_000)


def sums(client: TestClient, **query: str) -> list[tuple[str, str, int]]:
    found = client.get("/api/v1/cost-entries/sums", params=query).json()
    return [
        (each["payer_cost_centre"], each["payee_cost_centre"], each["amount_ore"]) for each in found
    ]


@pytest.mark.usefixtures("arranged")
def test_the_page_sums_cost_centres_and_each_line_leads_to_what_it_rests_on(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    client = signed_in_as(Role.CONTROLLER)
    text = client.get("/kostnader").text
    assert "4200 Kirurgi" in text
    assert "350,50" in text
    assert "Bæres selv" in text
    with database.read() as session:
        row = booked(session, org, Kind.INTERNAL_PRICE)[0]
    shown = client.get(f"/kostnader/{row.id}").text
    for path in (f"/mobler/{row.item_id}", "/overleveringer/", f"/bestillinger/{row.request_id}"):
        assert path in shown
    assert "Kostnadsregel 1" in shown
    assert sums(client) == [("4200", "4100", 35_050), ("4100", "4100", 5_000)]
    body = client.get(f"/api/v1/cost-entries/{row.id}").json()
    assert (body["amount_ore"], body["percent"]) == (30_050, 100)


@pytest.mark.usefixtures("arranged")
def test_the_files_hold_numbers_that_add_up_and_the_rules_that_applied(
    signed_in_as: SignedInAs,
) -> None:
    client = signed_in_as()
    answer = client.get("/kostnader/fil.csv?maned=2026-03")
    assert "kostnadsdeling-2026-03.csv" in answer.headers["content-disposition"]
    lines = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff")), delimiter=";"))
    assert sum(float(each["Beløp (NOK)"].replace(",", ".")) for each in lines) == 400.5
    assert {each["Betalers kostnadssted"] for each in lines} == {"4100", "4200"}
    book = load_workbook(io.BytesIO(client.get("/kostnader/fil.xlsx").content))
    assert book.sheetnames == ["Grunnlag", "Linjer", "Regler"]
    amount = [cell.value for cell in book["Grunnlag"]["E"]]
    assert amount == ["Beløp (NOK)", 350.5, 50]
    assert [cell.value for cell in book["Grunnlag"]["H"]] == ["Faktureres", True, False]
    heads = [cell.value for cell in book["Linjer"][1]]
    column = heads.index("Beløp (NOK)")
    assert sum(row[column].value for row in book["Linjer"].iter_rows(min_row=2)) == 400.5
    rules = [[cell.value for cell in row] for row in book["Regler"].iter_rows(min_row=2)]
    assert [row[4:8] for row in rules] == [
        [50, 50, 0, None],
        [0, 100, 0, None],
        [None, None, None, 300.5],
    ]
    assert client.get("/kostnader/fil.csv?maned=2026-04").text.count("\r\n") == 1


@pytest.mark.usefixtures("arranged")
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("maned=0001-01", "maned"),
        ("maned=2026-13", "maned"),
        ("maned=%00", "maned"),
        ("enhet=kirurgi", "enhet"),
    ],
)
def test_what_is_mistyped_is_said_at_its_field_and_widens_nothing(
    signed_in_as: SignedInAs, query: str, field: str
) -> None:
    client = signed_in_as()
    page = client.get(f"/kostnader?{query}")
    assert page.status_code == 422
    assert f'href="#field-{field}"' in page.text
    assert "350,50" not in page.text
    for name in ("csv", "xlsx"):
        file = client.get(f"/kostnader/fil.{name}?{query}")
        assert file.status_code == 422
        assert "attachment" not in file.headers.get("content-disposition", "")


@pytest.mark.usefixtures("arranged")
def test_empty_fields_are_no_bounds_and_the_json_is_of_the_same_lines(
    org: Organised, signed_in_as: SignedInAs
) -> None:
    client = signed_in_as()
    assert "350,50" in client.get("/kostnader?maned=&enhet=").text
    text = client.get(f"/kostnader?maned=2026-03&enhet={org.other_unit_id}").text
    assert f"/api/v1/cost-entries?month=2026-03&amp;unit_id={org.other_unit_id}" in text


def test_a_month_ends_at_midnight_where_the_organisation_is_and_a_reversal_stands_in_its_own(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs, clock: MovedClock
) -> None:
    with database.write() as session:
        a_rule(session, org, {Kind.HANDLING: (0, 100, 0)})
        clock.at = datetime(2026, 3, 31, 21, 59, tzinfo=UTC)  # 23:59 in Oslo
        [line] = received(session, org, handling_ore=700)
        clock.move(timedelta(minutes=1))
        received(session, org, handling_ore=900)
    with database.write() as session:
        undo(session, acting(session, org), [Undo(handover_line_ids=[line.id])])
    client = signed_in_as()
    assert sums(client, month="2026-03") == [("4200", "4100", 700)]
    assert sums(client, month="2026-04") == [("4200", "4100", 200)]
    assert sums(client, month="2026-05") == []
    assert client.get("/api/v1/cost-entries/sums?month=2026-13").status_code == 422
    later = client.get("/kostnader?maned=2026-04").text
    assert "tilbakeføring" in later
    assert "får tilbake av" in later


@pytest.mark.usefixtures("arranged")
def test_who_leads_or_reports_for_a_unit_sees_its_costs_and_others_none(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    for path in ("/kostnader", "/kostnader/fil.csv", "/kostnader/fil.xlsx"):
        assert signed_in_as(Role.EMPLOYEE).get(path).status_code == 403
    with database.write() as session:
        led = update(Unit).where(Unit.id == org.other_unit_id)
        session.execute(led.values(leader_id=org.person_ids[Role.EMPLOYEE]))
        # The controller's role is limited to the second unit.
        grant = session.scalars(
            select(RoleGrant)
            .join(Membership, Membership.id == RoleGrant.membership_id)
            .where(Membership.person_id == org.person_ids[Role.CONTROLLER])
        ).one()
        grant.unit_id = org.other_unit_id
    for role in (Role.EMPLOYEE, Role.CONTROLLER):
        client = signed_in_as(role)
        assert sums(client) == [("4200", "4100", 35_050)]
        assert client.get("/kostnader").status_code == 200
    everything = signed_in_as()
    assert len(sums(everything, unit_id=str(org.unit_id))) == 2
    assert len(sums(everything, unit_id=str(org.other_unit_id))) == 1
    page = everything.get(f"/kostnader?maned=&enhet={org.other_unit_id}").text
    assert "Bæres selv" not in page


def test_another_organisation_sees_nothing_of_it(
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
    signed_in_as: SignedInAs,
    arranged: None,
) -> None:
    with database.read() as session:
        row = booked(session, org)[0]
    client = signed_in_as(Role.ADMIN, foreign_org)
    assert sums(client) == []
    assert client.get("/api/v1/cost-rules").json() == []
    for path in (
        f"/kostnader/{row.id}",
        f"/api/v1/cost-entries/{row.id}",
        f"/api/v1/cost-rules/{row.cost_rule_id}",
    ):
        assert client.get(path).status_code == 404


def test_a_page_takes_as_many_statements_for_many_lines_as_for_one(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    client = signed_in_as()
    engine = database._connection.engine

    def statements(path: str) -> int:
        seen: list[str] = []

        def note(*call: object) -> None:
            seen.append(str(call[2]))

        event.listen(engine, "before_cursor_execute", note)
        try:
            assert client.get(path).status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len([each for each in seen if "SAVEPOINT" not in each])

    with database.write() as session:
        a_rule(session, org, SHARES, **PRICED)
        received(session, org, transport_ore=10_000)
    paths = ("/kostnader", "/kostnader/fil.csv", "/kostnader/fil.xlsx", "/kostnadsregler")
    few = [statements(each) for each in paths]
    with database.write() as session:
        received(session, org, 30, transport_ore=10_000)
    assert [statements(each) for each in paths] == few
    assert max(few) <= 10
    assert 'rel="next"' in client.get("/kostnader").text


def form(org: Organised, **changes: str) -> dict[str, str]:
    return {
        "version": "0",
        "valid_from": TODAY.isoformat(),
        "common_unit_id": str(org.unit_id),
        "giver-freight": "40",
        "receiver-freight": "60",
        "price_kind": "fixed",
        "receiver-internal_price": "100",
        f"price_kr-{CHAIR}": "250,50",
        **changes,
    }


def test_a_rule_is_set_by_the_form_and_bad_input_is_said_at_its_field(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    client = signed_in_as(Role.ADMIN)
    assert "version" in client.get("/kostnadsregler/ny").text
    for changes, field in (
        ({"receiver-freight": "50"}, "receiver-freight"),
        ({"giver-freight": "1,5"}, "giver-freight"),
        ({"giver-purchase": "100"}, "receiver-purchase"),
        ({"valid_from": "2026-03-01"}, "valid_from"),
        ({"valid_from": ""}, "valid_from"),
        ({"valid_from": "2062-03-02"}, "valid_from"),
        ({f"price_kr-{CHAIR}": "100000000,01"}, f"price_kr-{CHAIR}"),
        ({"common_unit_id": ""}, "common_unit_id"),
        ({f"price_kr-{CHAIR}": "mye"}, f"price_kr-{CHAIR}"),
        ({f"price_kr-{CHAIR}": "-1"}, f"price_kr-{CHAIR}"),
        ({"price_kind": "percent"}, "price_percent"),
        ({"price_kind": "none"}, "price_kind"),
        ({"price_kind": "odd"}, "price_kind"),
    ):
        answer = client.post("/kostnadsregler/ny", data=form(org, **changes))
        assert answer.status_code == 422, changes
        assert f'href="#field-{field}"' in answer.text, changes
        assert 'value="40"' in answer.text or "giver-freight" in changes
    assert client.post("/kostnadsregler/ny", data=form(org)).status_code == 303
    late = client.post("/kostnadsregler/ny", data=form(org))
    assert late.status_code == 412
    assert 'name="version" value="1"' in late.text
    with database.read() as session:
        [rule] = rules_of(session, org.org_id)
    assert rule.shares == {Kind.FREIGHT: (40, 60, 0), Kind.INTERNAL_PRICE: (0, 100, 0)}
    assert rule.prices == {CHAIR: 25_050}
    text = client.get("/kostnadsregler").text
    assert "Giveren 40 %, mottakeren 60 %" in text
    assert "Gjelder nå" in text
    assert 'value="250,5"' in client.get("/kostnadsregler/ny").text
    manager = signed_in_as()
    assert manager.get("/kostnadsregler").status_code == 200
    assert manager.get("/kostnadsregler/ny").status_code == 403
    assert manager.post("/kostnadsregler/ny", data=form(org)).status_code == 403


def test_a_rule_that_is_planned_is_not_begun_by_who_opens_the_form(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    """Its parts stand in the form, and so does its day; a rule from today on ends with it."""
    later = (TODAY + timedelta(days=30)).isoformat()
    client = signed_in_as(Role.ADMIN)
    assert client.post("/kostnadsregler/ny", data=form(org, valid_from=later)).status_code == 303
    text = client.get("/kostnadsregler/ny").text
    assert f'value="{later}"' in text
    assert "En regel er planlagt" in text
    now = form(org, version="1", **{"giver-freight": "10", "receiver-freight": "90"})
    assert client.post("/kostnadsregler/ny", data=now).status_code == 303
    text = client.get("/kostnadsregler/ny").text
    assert f'value="{TODAY.isoformat()}"' in text
    assert "En regel er planlagt" in text
    with database.read() as session:
        rules = rules_of(session, org.org_id)
    held = [rule_on(rules, TODAY + timedelta(days=days)) for days in (0, 29, 30)]
    assert [each and each.row.number for each in held] == [2, 2, 1]


def test_who_leads_a_unit_finds_its_costs_from_the_first_page(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    leader = signed_in_as(Role.APPROVER)
    told = "Kostnader for enheten din"
    assert told not in leader.get("/").text, "there is no rule yet"
    with database.write() as session:
        a_rule(session, org, {Kind.FREIGHT: (30, 70, 0)})
        received(session, org, 1, transport_ore=10_000)
    text = leader.get("/").text
    assert told in text
    assert "30,00" in text.partition(told)[2][:300]  # the giver's part: it leads the first unit
    assert leader.get("/kostnader").status_code == 200
    assert told not in signed_in_as(Role.EMPLOYEE).get("/").text
    assert told not in signed_in_as().get("/").text, "it stands in the menu"


def test_a_rule_is_set_as_json_with_the_version_that_was_seen(
    org: Organised, signed_in_as: SignedInAs
) -> None:
    client = signed_in_as(Role.ADMIN)
    body: dict[str, Any] = {
        "valid_from": TODAY.isoformat(),
        "common_unit_id": str(org.unit_id),
        "shares": [{"kind": "freight", "giver_percent": 40, "receiver_percent": 60}],
    }
    path = "/api/v1/cost-rules"
    assert client.put(path, json=body).status_code == 428
    made = client.put(path, json=body, headers={"If-Match": '"v0"'})
    assert made.status_code == 200, made.text
    assert made.headers["etag"] == '"v1"'
    assert client.put(path, json=body, headers={"If-Match": '"v0"'}).status_code == 412
    assert client.get(f"{path}/{made.json()['id']}").json() == made.json()
    body["shares"] = [{"kind": "freight", "giver_percent": 40}]
    wrong = client.put(path, json=body, headers={"If-Match": '"v1"'})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["pointer"].startswith("#/shares/0")
    body["shares"] = [{"kind": "freight", "common_percent": 100}] * 2
    assert client.put(path, json=body, headers={"If-Match": '"v1"'}).status_code == 422
