"""The inventory's table: every column sorts and filters, each person has it their way."""

import csv
import io
import re
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, text

from app.accounts.actor import Actor, actor_of
from app.accounts.rules import Role
from app.catalogue.service import RegisterModel, register_model
from app.items import queries_list
from app.items.filters import InventoryFilter
from app.items.inventory import COLUMNS, DEFAULT_COLUMNS, InventoryColumn
from app.items.queries_list import Sorting
from app.items.rules import PRESENT, Condition
from app.items.service_view import SetView, set_view, view_of
from tests.databases import RolledBackDatabase
from tests.factories import an_item, some_items
from tests.people import Organised, SignedInAs

ROW = r'<th scope="row"><a class="ds-link" href="/mobler/([^"]+)"'


@pytest.fixture
def web(signed_in_as: SignedInAs) -> TestClient:
    client = signed_in_as()
    client.headers["Sec-Fetch-Site"] = "same-origin"
    return client


def _manager(database: RolledBackDatabase, org: Organised) -> Actor:
    with database.read() as session:
        found = actor_of(session, org.org_id, org.person_ids[Role.FURNITURE_MANAGER])
    assert found is not None
    return found


@pytest.fixture
def varied(database: RolledBackDatabase, org: Organised) -> None:
    """Pieces that differ in every column, several of them empty."""
    manager = _manager(database, org)
    with database.write() as session:
        command = RegisterModel(
            category_id="CHAIR_TASK", maker="Ås", name="Ørn", width_mm=640, mass_g=12_000
        )
        (model,) = register_model(session, manager, [command])
        an_item(session, org, name="Ål", product_model_id=model.id, colour="BLÅ", mass_g=900)
        an_item(session, org, name="ære", maker="Æsop", condition=Condition.A, width_mm=300)
        an_item(session, org, name="Zebra", height_mm=700, new_price_ore=10_000)
        an_item(session, org, name="ape", material="100 % eik", place_id=org.storage_id)
        seen = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)  # the third in Norway
        sighting = {"last_seen_place_id": org.storage_id, "last_seen_by_id": manager.person_id}
        an_item(session, org, name="Øre", last_seen_at=seen, **sighting, is_draft=True)
        some_items(session, org, 2, name="ape")


@pytest.mark.usefixtures("varied")
@pytest.mark.parametrize("is_down", [False, True])
def test_every_column_sorts_both_ways_in_pages_that_neither_skip_nor_repeat(
    database: RolledBackDatabase,
    org: Organised,
    is_down: bool,  # noqa: FBT001  (a parameter of the test)
) -> None:
    manager = _manager(database, org)
    wanted = InventoryFilter()
    with database.read() as session:
        for column in InventoryColumn:
            sorting = Sorting(column, is_down)
            whole = queries_list.ids_in(
                session, manager, wanted, sorting, cursor=None, limit=100
            ).rows
            assert len(set(whole)) == 7
            seen, cursor = [], None
            while True:
                found = queries_list.ids_in(
                    session, manager, wanted, sorting, cursor=cursor, limit=2
                )
                seen += found.rows
                cursor = found.next
                if cursor is None:
                    break
            assert seen == whole, column
            jumped = queries_list.cursor_of(session, manager, wanted, sorting, 4)
            found = queries_list.ids_in(session, manager, wanted, sorting, cursor=jumped, limit=9)
            assert found.rows == whole[4:], column
            filed = queries_list.everything(session, manager, wanted, sorting, [column])
            values = [row[0] for row in filed]
            assert len(values) == 7
            if COLUMNS[column].is_nullable:
                empty = [value is None for value in values]
                assert empty == sorted(empty), f"{column}: what is unknown comes last"


@pytest.mark.usefixtures("varied")
def test_names_stand_in_the_norwegian_order(database: RolledBackDatabase, org: Organised) -> None:
    manager = _manager(database, org)
    with database.read() as session:
        found = queries_list.inventory(
            session,
            manager,
            InventoryFilter(),
            Sorting(InventoryColumn.NAME, is_down=False),
            cursor=None,
            limit=50,
        )
    names = [each.row.name for each in found.rows]
    assert names == ["ape", "ape", "ape", "Zebra", "ære", "Øre", "Ål"]


@pytest.mark.usefixtures("varied")
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("colour=blå", {"Ål"}),
        ("maker=ås", {"Ål"}),
        ("maker=ÆSOP", {"ære"}),
        ("material=100+%25", {"ape"}),
        ("material=1_0", set()),
        ("condition=A", {"ære"}),
        ("condition=A&condition=B&width_max_cm=40", {"ære"}),
        ("width_min_cm=64&width_max_cm=64", {"Ål"}),
        ("mass_max_kg=0,9", {"Ål"}),
        ("new_price_min_kr=100", {"Zebra"}),
        ("state=draft", {"Øre"}),
        ("seen_from=2026-03-03", {"Øre"}),
        ("seen_from=2026-03-04", set()),
        ("unseen_since=2026-03-03", {"Ål", "ære", "Zebra", "ape"}),
        ("seen_place_id={storage_id}", {"Øre"}),
        ("seen_place_id={building_id}", {"Øre"}),
        ("seen_place_id={room_id}", set()),
        ("seen_by=FURNITURE", {"Øre"}),
        ("seen_by=ingen", set()),
        ("has_photo=true", set()),
        ("has_label=false", set()),
        ("q=zebra", {"Zebra"}),
        ("registered_from=9999-12-31", set()),
        ("registered_until=0001-01-01", set()),
    ],
)
def test_every_column_filters(web: TestClient, org: Organised, query: str, names: set[str]) -> None:
    answer = web.get(f"/mobler?{query.format_map(vars(org))}")
    assert answer.status_code == 200
    assert {name for _, name in re.findall(ROW + ">([^<]+)<", answer.text)} == names


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("width_min_cm=bred", "width_min_cm"),
        ("width_min_cm=0", "width_min_cm"),
        ("mass_max_kg=1e9", "mass_max_kg"),
        ("new_price_min_kr=" + "9" * 40, "new_price_min_kr"),
        ("place_id=her", "place_id"),
        ("state=borte", "state"),
        ("registered_from=i+går", "registered_from"),
        ("registered_from=2026-02-30", "registered_from"),
        ("maker=" + "x" * 121, "maker"),
        ("colour=%00", "colour"),
        ("has_photo=kanskje", "has_photo"),
        ("sort=price", "sort"),
        ("sort=name&order=up", "sort"),
    ],
)
def test_what_can_not_be_read_is_said_at_its_field(
    web: TestClient, org: Organised, database: RolledBackDatabase, query: str, field: str
) -> None:
    with database.write() as session:
        an_item(session, org, name="Vises likevel")
    answer = web.get(f"/mobler?{query}")
    assert answer.status_code == 422
    assert f'id="field-{field}-error"' in answer.text
    assert "Vises likevel" in answer.text
    assert web.get(f"/mobler/fil?{query}").status_code == 303, "no file of something else"


@pytest.mark.parametrize("cursor", ["x", "bnVsbA", "WzEsMl0", "W251bGwsbnVsbF0", "a" * 5000])
def test_a_wrong_cursor_is_refused(web: TestClient, cursor: str) -> None:
    for sort in ("name", "width", "registered", "photo", "seen"):
        assert web.get(f"/mobler?sort={sort}&cursor={cursor}").status_code == 422
        answer = web.get(f"/api/v1/items?sort={sort}&cursor={cursor}")
        assert answer.status_code == 422


def test_a_page_is_reached_by_its_number_and_a_wrong_number_is_the_nearest(
    web: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        for part in range(3):
            some_items(session, org, 50, name=f"Stol {part}")
    third = web.get("/mobler?sort=name&order=asc&side=3").text
    assert "101–150 av 150 møbler" in third
    assert "Stol 2" in third
    assert "Stol 1" not in third
    assert 'rel="next"' not in third
    for wrong in ("4", "9999999", "99999999999"):
        number = "101–150" if len(wrong) < 8 else "1–50"
        assert number in web.get(f"/mobler?sort=name&order=asc&side={wrong}").text
    for wrong in ("0", "-1", "", "to", "²"):
        assert "1–50 av 150" in web.get(f"/mobler?sort=name&order=asc&side={wrong}").text


def test_each_person_has_the_table_their_own_way(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        an_item(session, org, name="Stol", colour="svart")
    kari, per = signed_in_as(Role.FURNITURE_MANAGER), signed_in_as(Role.SURVEYOR)
    kari.headers["Sec-Fetch-Site"] = per.headers["Sec-Fetch-Site"] = "same-origin"
    form = {"columns": ["colour", "width"], "page_size": "25", "back": "/mobler?q=stol"}
    for _ in range(2):
        answer = kari.post("/mobler/visning", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, "/mobler?q=stol")
    headings = re.findall(r'<th scope="col"[^>]*><a[^>]*>([^<]+)', kari.get("/mobler").text)
    assert headings == ["Møbel", "Farge", "Bredde"]
    assert "svart" not in per.get("/mobler").text
    assert kari.post("/mobler/visning", data={"columns": ["hemmelig"]}).status_code == 422
    assert kari.post("/mobler/visning", data={"page_size": "9999"}).status_code == 422
    away = kari.post("/mobler/visning", data={**form, "back": "//ond.example/"})
    assert away.headers["location"] == "/"


def test_a_view_with_columns_of_another_version_still_opens(
    database: RolledBackDatabase, org: Organised
) -> None:
    manager = _manager(database, org)
    with database.write() as session:
        assert view_of(session, manager).columns == list(DEFAULT_COLUMNS)
        set_view(session, manager, SetView(columns=[InventoryColumn.WIDTH], page_size=200))
        assert view_of(session, manager).columns == [InventoryColumn.NAME, InventoryColumn.WIDTH]


@pytest.mark.usefixtures("varied")
def test_table_and_file_say_when_where_and_by_whom_a_piece_was_last_seen(web: TestClient) -> None:
    columns = ["name", "seen", "seen_place", "seen_by"]
    web.post("/mobler/visning", data={"columns": columns, "page_size": "25"})
    asked = "sort=seen_place&order=desc"
    answer = web.get(f"/mobler/fil?format=csv&{asked}")
    heads, first, *others = csv.reader(
        io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"
    )
    assert heads == ["Møbel", "Sist sett", "Sist sett i", "Sist sett av"]
    assert first[0] == "Øre"
    assert first[2:] == ["Bygg A › Lager", "Prøve furniture_manager"]
    assert all(row[2:] == ["", ""] for row in others)
    page = web.get(f"/mobler?{asked}").text
    assert "Bygg A › Lager" in page[page.index("Øre") :]
    assert "Sist sett av: furn" in web.get("/mobler?seen_by=furn").text


@pytest.mark.usefixtures("varied")
def test_a_file_holds_what_the_table_shows(web: TestClient) -> None:
    columns = ["name", "colour", "width", "mass", "new_price", "registered"]
    web.post("/mobler/visning", data={"columns": columns, "page_size": "25"})
    answer = web.get("/mobler/fil?format=csv&sort=name&order=desc&width_min_cm=1")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == [
        "Møbel",
        "Farge",
        "Bredde (mm)",
        "Vekt (kg)",
        "Nypris (kr)",
        "Registrert",
        "Valuta",
        "Verdier fra modellen",
    ]
    assert [row[0] for row in rows[1:]] == ["Ål", "ære"]
    assert rows[1][1:5] == ["BLÅ", "640", "0,9", ""]
    assert rows[1][-1] == "bredde", "a default is not passed off as measured"
    for form in ("xlsx", "json"):
        assert web.get(f"/mobler/fil?format={form}").status_code == 200
    assert web.get("/mobler/fil?format=exe").status_code == 422


def test_filters_by_another_organisation_s_rows_find_nothing(
    web: TestClient, org: Organised, foreign_org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        an_item(session, org, name="Vår")
        an_item(session, foreign_org, name="Deres")
    assert "Deres" not in web.get("/mobler").text
    for field, value in (
        ("place_id", foreign_org.room_id),
        ("seen_place_id", foreign_org.room_id),
        ("owner_unit_id", foreign_org.unit_id),
        ("holder_unit_id", foreign_org.unit_id),
        ("lot_id", uuid4()),
    ):
        text = web.get(f"/mobler?{field}={value}").text
        assert "Ingen møbler passer" in text
        assert web.get(f"/api/v1/items?{field}={value}").json() == []


def test_the_api_sorts_and_goes_on_by_the_link(
    web: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        for name in ("C", "A", "B"):
            an_item(session, org, name=name, width_mm=500)
    found, path = [], "/api/v1/items?sort=name&order=asc&limit=1&width_min_mm=500"
    while path:
        answer = web.get(path)
        found += [each["name"] for each in answer.json()]
        link = re.match(r"<([^>]+)>", answer.headers.get("Link", ""))
        path = link[1] if link else ""
    assert found == ["A", "B", "C"]
    assert web.get("/api/v1/items?sort=farge").status_code == 422
    assert web.get("/api/v1/items?state=borte").status_code == 422
    assert web.get("/api/v1/items?ukjent=1").status_code == 422


def test_the_index_by_name_is_there_and_spelt_as_the_query_is(
    database: RolledBackDatabase, org: Organised
) -> None:
    """A migration that writes the table anew on SQLite would lose it in silence."""
    manager = _manager(database, org)
    statements: list[str] = []

    def note(*call: Any) -> None:
        statements.append(call[2])

    with database.read() as session:
        connection = session.connection()
        event.listen(connection.engine, "before_cursor_execute", note)
        try:
            sorting = Sorting(InventoryColumn.NAME, is_down=False)
            queries_list.ids_in(session, manager, InventoryFilter(), sorting, cursor=None, limit=5)
        finally:
            event.remove(connection.engine, "before_cursor_execute", note)
        is_sqlite = connection.dialect.name == "sqlite"
        kept = text(
            "SELECT sql FROM sqlite_master WHERE name = 'ix_item_name'"
            if is_sqlite
            else "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_item_name'"
        )
        found = session.execute(kept).scalar_one()

    def plain(sql: str) -> str:
        return re.sub(r"::[a-z]+|item\.|[\s()]", "", sql)

    (expression,) = {
        plain(each) for each in re.findall(r"ORDER BY (.+) ASC, item\.id", statements[0])
    }
    assert expression in plain(found)


@pytest.mark.usefixtures("varied")
@pytest.mark.parametrize("column", sorted(queries_list.WALKED))
@pytest.mark.parametrize("is_down", [False, True])
def test_a_whole_inventory_walked_by_a_shared_name_stands_as_a_narrowed_one_that_is_sorted(
    database: RolledBackDatabase,
    org: Organised,
    column: InventoryColumn,
    is_down: bool,  # noqa: FBT001  (a parameter of the test)
) -> None:
    manager = _manager(database, org)
    sorting, everywhere = Sorting(column, is_down), InventoryFilter(state=sorted(PRESENT))
    with database.read() as session:
        walked, narrowed = (
            queries_list.ids_in(session, manager, wanted, sorting, cursor=None, limit=100).rows
            for wanted in (InventoryFilter(), everywhere)
        )
    assert queries_list.is_narrowed(everywhere)
    assert len(walked) > 5
    assert walked == narrowed


@pytest.mark.parametrize("column", sorted(queries_list.WALKED))
def test_the_first_page_by_a_shared_name_reads_no_piece_behind_it(
    database: RolledBackDatabase, org: Organised, column: InventoryColumn
) -> None:
    """SQLite sorts within one name only; a plan that sorts all rows costs 200 ms at 100,000."""
    manager = _manager(database, org)
    asked: list[tuple[str, Any]] = []

    def note(*call: Any) -> None:
        asked.append((call[2], call[3]))

    with database.read() as session:
        connection = session.connection()
        if connection.dialect.name != "sqlite":
            return
        event.listen(connection.engine, "before_cursor_execute", note)
        try:
            sorting = Sorting(column, is_down=False)
            queries_list.ids_in(session, manager, InventoryFilter(), sorting, cursor=None, limit=5)
        finally:
            event.remove(connection.engine, "before_cursor_execute", note)
        (statement, values), *_ = asked
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    steps = [row[3] for row in plan]
    assert "USE TEMP B-TREE FOR LAST TERM OF ORDER BY" in steps
    assert any(f"{sorting.by.value}_id=?" in each for each in steps), steps
