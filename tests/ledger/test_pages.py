"""A reader can recompute the stored integer from what page and JSON show, and only their own."""

import re
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import panels as panels_of_pages
from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.impact.rules import FulfilmentSource, UserCase, View, WouldHave
from app.items.models import Item
from app.items.queries_piece import piece
from app.ledger import panels, queries, wording
from app.ledger.models import LedgerEntry
from app.projects import rules
from app.reports import words
from tests.databases import RolledBackDatabase
from tests.ledger import trips
from tests.ledger.trips import Load
from tests.people import ActorOf, Organised, SignedInAs

SOURCES = list(FulfilmentSource)


def booked(
    database: RolledBackDatabase, org: Organised, loads: list[dict[str, Any]], **trip: Any
) -> list[UUID]:
    """Hands over one piece per load and gives the ids of all entries."""
    with database.write() as session:
        trips.handed_over(
            session,
            org,
            [
                Load(
                    trips.an_item(session, org, **each.get("item", {})),
                    each.get("source", trips.REUSE),
                    each.get("line", {}),
                )
                for each in loads
            ],
            **trip,
        )
    with database.read() as session:
        return list(session.scalars(select(LedgerEntry.id).order_by(LedgerEntry.view)))


def by_hand(entry: dict[str, Any]) -> dict[str, int | None]:
    """F1, F2 and F3 once more, from the JSON alone and without the program's own code."""
    inputs = entry["inputs"]
    values = {name: Fraction(each["value"]) for name, each in inputs["values"].items()}
    for each in inputs["values"].values():
        if "terms" in each:
            products = []
            for term in each["terms"]:
                product = Fraction(1)
                for factor in term["factors"]:
                    product *= Fraction(factor)
                products.append(product)
            assert sum(products) == Fraction(each["value"])
    scale = Fraction(1)
    if entry["view"] == "net":
        life = min(Fraction(1), values["extra_life"] / values["service_life"])
        scale = values["displacement"] * life
    mass = values.get("built_in_mass", values.get("mass", Fraction(0)) - values["removed_mass"])
    waste = values["own_waste"] * scale * mass
    nothing = entry["source"] in {"new", "recycled", "disposed"}
    leaves = entry["source"] in {"sold", "donated"}
    co2e = None
    if "gwp" in values:
        new = sum(values.get(each, Fraction(0)) for each in ("gwp", "delivery", "end_of_life"))
        spent = values.get("transport", Fraction(0)) + values.get("redesign", Fraction(0))
        co2e = 0 if nothing or leaves else round(scale * new - spent)
    costs = [value for name, value in values.items() if name.startswith("cost_")]
    disposal = waste * values["disposal_price"]
    if nothing:
        saved = Fraction(0)
    elif leaves:
        saved = disposal + values.get("sale_income", Fraction(0)) - sum(costs)
    else:
        least = 0 if inputs["costs_complete"] else Fraction(2, 5) * values["price"]
        known = disposal if costs or inputs["costs_complete"] else 0
        saved = scale * values["price"] - max(sum(costs), least) + known
    sign = 1 if entry["reverses_id"] is None else -1
    return {
        "waste_g": sign * round(waste),
        "co2e_g": None if co2e is None else sign * co2e,
        "saved_ore": sign * round(saved),
    }


@pytest.mark.parametrize("source", SOURCES)
def test_the_integers_can_be_recomputed_from_the_json(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs, source: FulfilmentSource
) -> None:
    loads = [
        {"source": source, "line": {"redesign_level": trips.LEVELS.get(source)}},
        {
            "source": source,
            "line": {"price_ore": 12_345, "costs_complete": True, "removed_g": 700},
            "item": {"mass_g": 17_501},
        },
    ]
    ids = booked(database, org, loads, distance_m=31_000, vehicle="VAN_DIESEL_KM")
    client = signed_in_as(Role.CONTROLLER)
    assert len(ids) == 4
    for entry_id in ids:
        entry = client.get(f"/api/v1/ledger-entries/{entry_id}").json()
        expected = by_hand(entry)
        assert {name: entry[name] for name in expected} == expected
        steps = {each["key"]: each for each in entry["calculations"]}
        assert steps["waste"]["value"] == entry["waste_g"]
        assert (steps["waste"]["low"], steps["waste"]["high"]) == (
            entry["waste_g_low"],
            entry["waste_g_high"],
        )
        assert (steps["co2e"]["value"], steps["co2e"]["low"], steps["co2e"]["high"]) == (
            entry["co2e_g"],
            entry["co2e_g_low"],
            entry["co2e_g_high"],
        )
        assert (steps["saved"]["value"], steps["saved"]["low"], steps["saved"]["high"]) == (
            entry["saved_ore"],
            entry["saved_ore_low"],
            entry["saved_ore_high"],
        )


def test_the_page_shows_every_value_with_tier_source_and_version(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    ids = booked(database, org, [{"line": {"would_have": WouldHave.WOULD_BUY_NEW}}], distance_m=0)
    answer = signed_in_as(Role.CONTROLLER).get(f"/besparelser/{ids[0]}")
    assert answer.status_code == 200
    text = answer.text.replace("\xa0", " ")
    for expected in (
        "Slik er tallet regnet ut",
        "F2: Unngått utslipp",
        "60 000 + 2 137,95 + 11 208,045",
        "73 345,995",
        "73 346",
        "CHAIR_TASK.gwp",
        "benchmark: HÅG Credo EPD",
        "Faktorsett 2025.1",
        "T3",
        "Ikke trukket fra i klimaregnskapet.",
        "Kontrollsum (SHA-256)",
    ):
        assert expected in text, expected
    assert re.search(r'<ol[^>]* lang="en">\s*<li id="source-1">', text)


def test_a_bound_that_is_a_fraction_has_its_size_beside_it_and_no_range_is_shown_as_none(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    ids = booked(database, org, [{"item": {"mass_g": 22000, "new_price_ore": 450000}}])
    text = signed_in_as(Role.CONTROLLER).get(f"/besparelser/{ids[0]}").text.replace("\xa0", " ")
    assert re.search(r"\d+/\d+ ≈ [\d ]+,\d{6} – ", text)
    assert "ca. 22 kg" in text
    assert "22 – 22 kg" not in text
    assert not re.search(r"([\d ]+ kr) – \1", text)


def test_a_source_of_furniture_has_one_name_everywhere() -> None:
    assert {
        each: wording.SOURCES[FulfilmentSource(each)] for each in rules.SOURCES
    } == rules.SOURCES
    assert "gjenværende levetid" in wording.VIEW_MEANING[View.NET]
    assert "gjenværende levetid" in words.VIEWS[View.NET]


def test_equipment_is_shown_as_not_calculated(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    ids = booked(database, org, [{"item": {"category_id": "EQUIP_AID"}}])
    client = signed_in_as()
    text = client.get(f"/besparelser/{ids[0]}").text
    assert "ikke beregnet" in text
    assert "Beregnet unngått utslipp: ca." not in text
    assert client.get(f"/api/v1/ledger-entries/{ids[0]}").json()["co2e_g"] is None


def test_a_reversal_and_what_it_reverses_lead_to_each_other(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        (line,) = trips.a_handover(session, org, [Load(trips.an_item(session, org))])
        (event,) = trips.receive(session, [line])
    with database.write() as session:
        trips.give_back(session, line, event.id)
    with database.read() as session:
        rows = list(session.scalars(select(LedgerEntry)))
    client = signed_in_as()
    for row in rows:
        page = client.get(f"/besparelser/{row.id}").text
        entry = client.get(f"/api/v1/ledger-entries/{row.id}").json()
        assert by_hand(entry)["co2e_g"] == row.co2e_g
        if row.reverses_id:
            assert f"/besparelser/{row.reverses_id}" in page
        else:
            assert f"/besparelser/{entry['reversed_by_id']}" in page


def test_another_organisations_entry_is_not_found(
    database: RolledBackDatabase, org: Organised, foreign_org: Organised, signed_in_as: SignedInAs
) -> None:
    ids = booked(database, org, [{}])
    stranger = signed_in_as(Role.ADMIN, foreign_org)
    for path in (f"/besparelser/{ids[0]}", f"/api/v1/ledger-entries/{ids[0]}"):
        assert stranger.get(path).status_code == 404
    assert stranger.get("/api/v1/ledger-entries").json() == []
    assert signed_in_as().get(f"/besparelser/{uuid4()}").status_code == 404
    assert signed_in_as().get("/besparelser/not-an-id").status_code == 404


def test_the_list_goes_on_where_it_stopped_and_can_be_narrowed(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    ids = booked(database, org, [{}] * 5)
    client = signed_in_as()
    seen: list[str] = []
    path = "/api/v1/ledger-entries?limit=3"
    while path:
        answer = client.get(path)
        seen += [each["id"] for each in answer.json()]
        link = answer.headers.get("link", "")
        path = link.split(">")[0].strip("<") if link else ""
    assert sorted(seen) == sorted(str(each) for each in ids)
    only = client.get("/api/v1/ledger-entries?view=net").json()
    assert {each["view"] for each in only} == {"net"}
    assert client.get("/api/v1/ledger-entries?view=other").status_code == 422
    assert client.get("/api/v1/ledger-entries?cursor=x").status_code == 422


def panel_of(session: Session, actor: Actor, item: Item) -> tuple[str, dict[str, Any]] | None:
    """As the piece's page asks for it."""
    return panels.piece(session, actor, piece(session, actor, item.id, panels_of_pages.SIGNS))


def test_the_pieces_panel_adds_up_what_stands(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    chair = trips.an_item(session, org)
    for day in (date(2025, 1, 5), date(2026, 1, 5)):
        trips.handed_over(session, org, [Load(chair)], handed_over_on=day)
    answer = panel_of(session, actor(Role.EMPLOYEE), chair)
    assert answer is not None
    template, shown = answer
    assert template == "ledger/piece_panel.html"
    gross, net = shown["totals"]
    assert (gross["view"], gross["waste"], net["view"]) == ("Brutto", "ca. 30 kg", "Netto")
    assert len(shown["uses"]) == 4


def test_a_piece_that_was_never_handed_over_has_no_panel(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    assert panel_of(session, actor(), trips.an_item(session, org)) is None


def test_totals_leave_out_what_is_reversed_and_count_what_is_not_calculated(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    aid = trips.an_item(session, org, category_id="EQUIP_AID")
    line, other = trips.a_handover(
        session, org, [Load(trips.an_item(session, org)), Load(aid)], distance_m=0
    )
    events = trips.receive(session, [line, other])
    entries = queries.entries_visible_to(actor())
    before = queries.totals(session, entries)[View.GROSS]
    assert (before.uses, before.pieces, before.not_calculated) == (2, 2, 1)
    assert (before.co2e_g.low, before.co2e_g.value, before.co2e_g.high) == (44_346, 73_346, 155_346)
    trips.give_back(session, line, events[0].id)
    after = queries.totals(session, entries)[View.GROSS]
    assert (after.uses, after.co2e_g.value, after.co2e_g.high) == (1, 0, 0)
    standing = queries.totals(session, queries.standing_entries(actor()))
    assert standing[View.GROSS] == after


@pytest.mark.parametrize("column", ["item_id", "project_id"])
def test_what_stands_of_one_thing_is_not_looked_for_in_the_whole_ledger(
    session: Session, actor: ActorOf, column: str
) -> None:
    of_one = getattr(LedgerEntry, column) == uuid4()
    query = queries.standing_entries(actor()).where(of_one).with_only_columns(LedgerEntry.id)
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        pytest.skip("PostgreSQL goes by its statistics")
    compiled = query.compile(connection, compile_kwargs={"literal_binds": True})
    plan = [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}")]
    assert f"(org_id=? AND {column}=?)" in plan[0]


def test_nothing_booked_is_nothing_saved(session: Session, actor: ActorOf) -> None:
    found = queries.totals(session, queries.entries_visible_to(actor()))
    assert found == dict.fromkeys(View, queries.NOTHING)


def test_what_moves_along_has_no_page(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    assert booked(database, org, [{"line": {"user_case": UserCase.MOVES_ALONG}}]) == []
