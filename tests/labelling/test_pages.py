"""Pages and API that turn pieces and blank codes into files, read back with a decoder."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts.rules import Role
from app.items.models import Code, PrintBatch
from app.items.queries import codes_of
from app.items.queries_codes import find_by_code
from app.items.service_codes import PrintBlank, print_blank
from app.kit.codes import grouped
from tests.databases import RolledBackDatabase
from tests.factories import an_item, some_items
from tests.labelling.sheets import addresses, text_of
from tests.people import ActorOf, Organised, SignedInAs

PREFIX = "HTTPS://TESTSERVER/I/"


@pytest.fixture
def manager(signed_in_as: SignedInAs) -> TestClient:
    return signed_in_as(Role.FURNITURE_MANAGER)


def read(pdf: bytes) -> list[int]:
    return [len(page) for page in addresses(pdf)]


def test_blank_labels_are_made_chosen_and_downloaded(
    database: RolledBackDatabase, manager: TestClient
) -> None:
    made = manager.post("/etiketter", data={"count": "42", "note": "Kjelleren", "key": "k1"})
    again = manager.post("/etiketter", data={"count": "42", "note": "Kjelleren", "key": "k1"})
    assert made.status_code == 303
    assert made.headers["location"] == again.headers["location"]
    job = manager.get(made.headers["location"] + "&paper=L7160&start=7")
    assert "42 etiketter, 3 ark" in job.text

    with database.read() as session:
        batch = session.scalars(select(PrintBatch)).one()
        codes = set(session.scalars(select(Code.code).where(Code.print_batch_id == batch.id)))
    query = {"batch": str(batch.id), "paper": "L7160", "start": "7"}
    file = manager.get("/etiketter/etiketter.pdf", params=query)

    assert file.headers["content-type"] == "application/pdf"
    assert 'filename="etiketter-L7160.pdf"' in file.headers["content-disposition"]
    pages = addresses(file.content)
    assert [len(page) for page in pages] == [15, 21, 6]
    assert {text for page in pages for text in page} == {PREFIX + code for code in codes}
    assert "0 av 42 i bruk" in manager.get("/etiketter").text


def test_pieces_and_whole_lots_are_printed_with_their_names(
    database: RolledBackDatabase, org: Organised, actor: ActorOf, manager: TestClient
) -> None:
    with database.write() as session:
        items = some_items(session, org, 3, name="Kontorstol Kåfjord")
        codes = codes_of(session, actor(), [item.id for item in items])
        lot_id, ids = items[0].lot_id, [item.id for item in items]

    chosen = manager.get(
        "/etiketter/etiketter.pdf",
        params={"item": [str(each) for each in ids[:2]], "paper": "L7651"},
    )
    lot = manager.get("/etiketter/etiketter.pdf", params={"lot": str(lot_id), "paper": "62x29"})

    assert sorted(addresses(chosen.content)[0]) == sorted(PREFIX + codes[each] for each in ids[:2])
    assert [len(page) for page in addresses(lot.content)] == [1, 1, 1]
    assert "Kåfjord" in text_of(lot.content)
    assert "Prøve helseforetak" in text_of(lot.content)


def test_a_label_printer_gets_zpl(
    database: RolledBackDatabase, org: Organised, manager: TestClient
) -> None:
    with database.write() as session:
        item_id = str(an_item(session, org).id)

    roll = manager.get("/etiketter/etiketter.zpl", params={"item": item_id, "paper": "62x29"})
    sheet = manager.get("/etiketter/etiketter.zpl", params={"item": item_id, "paper": "L7160"})

    assert roll.text.startswith("^XA")
    assert sheet.status_code == 422


@pytest.mark.parametrize(
    ("query", "field", "said"),
    [
        ({"start": "22"}, "start", "fra 1 til 21"),
        ({"start": "0"}, "start", "fra 1 til 21"),
        ({"start": "-1"}, "start", "helt tall"),
        ({"start": "²"}, "start", "helt tall"),
        ({"start": "to"}, "start", "helt tall"),
        ({"paper": "X1"}, "paper", "X1"),
        ({"printer": "tull"}, "printer", "skriverne"),
    ],
)
def test_what_cannot_be_printed_is_said_at_the_field_also_by_the_download(
    database: RolledBackDatabase,
    org: Organised,
    manager: TestClient,
    query: dict[str, str],
    field: str,
    said: str,
) -> None:
    with database.write() as session:
        item_id = str(an_item(session, org).id)
    manager.post("/etiketter/skrivere", data={"name": "Kopirom"})

    for path in ("/etiketter", "/etiketter/etiketter.pdf"):
        answer = manager.get(path, params={"item": item_id, **query})

        assert answer.status_code == 422
        assert f'id="field-{field}-error"' in answer.text
        assert said in answer.text


def test_a_number_with_a_thousand_digits_is_refused(
    database: RolledBackDatabase, org: Organised, manager: TestClient
) -> None:
    with database.write() as session:
        item_id = str(an_item(session, org).id)

    answer = manager.get("/etiketter", params={"item": item_id, "start": "9" * 1000})

    assert answer.status_code == 422


@pytest.mark.parametrize("count", ["", "0", "5001", "mange", "1,5"])
def test_a_wrong_count_of_blank_labels_is_said_at_the_field_and_makes_none(
    database: RolledBackDatabase, manager: TestClient, count: str
) -> None:
    answer = manager.post("/etiketter", data={"count": count})

    assert answer.status_code == 422
    assert 'id="field-count-error"' in answer.text
    with database.read() as session:
        assert session.scalars(select(PrintBatch)).all() == []


def test_a_batch_is_cancelled_from_the_page(
    database: RolledBackDatabase, manager: TestClient, actor: ActorOf
) -> None:
    with database.write() as session:
        batch, (code,) = print_blank(session, actor(), PrintBlank(count=1))

    assert manager.post(f"/etiketter/opplag/{batch.id}/trekk").status_code == 303

    assert "Trukket tilbake" in manager.get("/etiketter").text
    with database.read() as session:
        found = find_by_code(session, code)
    assert found is not None
    assert found.is_gone


def test_a_printers_offset_is_kept_changed_removed_and_moves_what_is_printed(
    database: RolledBackDatabase, org: Organised, manager: TestClient
) -> None:
    with database.write() as session:
        item_id = str(an_item(session, org).id)
    form = {"name": "Kopirom", "offset_x_mm": "1,5", "offset_y_mm": "−2"}
    assert manager.post("/etiketter/skrivere", data=form).status_code == 303
    (printer,) = manager.get("/api/v1/printers").json()
    query = {"item": item_id}
    plain = manager.get("/etiketter/etiketter.pdf", params=query)
    moved = manager.get("/etiketter/etiketter.pdf", params={**query, "printer": printer["id"]})

    assert (printer["offset_x_hmm"], printer["offset_y_hmm"]) == (150, -200)
    assert addresses(plain.content) == addresses(moved.content)
    assert plain.content != moved.content
    assert "1,5 mm mot høyre, -2 mm ned" in manager.get("/etiketter/skrivere").text
    edited = {**form, "printer_id": printer["id"], "offset_x_mm": "0"}
    assert manager.post("/etiketter/skrivere", data=edited).status_code == 303
    assert manager.get("/api/v1/printers").json()[0]["offset_x_hmm"] == 0
    assert manager.post(f"/etiketter/skrivere/{printer['id']}/fjern").status_code == 303
    assert manager.get("/api/v1/printers").json() == []


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"name": "A", "offset_x_mm": "11"}, "offset_x_mm"),
        ({"name": "A", "offset_y_mm": "mye"}, "offset_y_mm"),
        ({"name": "A", "offset_y_mm": "1,234"}, "offset_y_mm"),
        ({"name": "Kopirom"}, "name"),
    ],
)
def test_a_wrong_printer_is_said_at_the_field(
    manager: TestClient, form: dict[str, str], field: str
) -> None:
    manager.post("/etiketter/skrivere", data={"name": "Kopirom"})

    answer = manager.post("/etiketter/skrivere", data=form)

    assert answer.status_code in {409, 422}
    assert f'id="field-{field}-error"' in answer.text


def test_the_calibration_page_says_how_to_measure(manager: TestClient) -> None:
    answer = manager.get("/etiketter/kalibrering.pdf", params={"paper": "L7160"})
    roll = manager.get("/etiketter/kalibrering.pdf", params={"paper": "62x29"})

    assert "faktisk størrelse" in text_of(answer.content)
    assert roll.status_code == 422


def test_a_lost_label_is_replaced_by_a_new_or_a_blank_one(
    database: RolledBackDatabase, org: Organised, actor: ActorOf, manager: TestClient
) -> None:
    with database.write() as session:
        item_id = an_item(session, org).id
        old = codes_of(session, actor(), [item_id])[item_id]
        _, (blank,) = print_blank(session, actor(), PrintBlank(count=1))
    path = f"/mobler/{item_id}/etikett"

    assert grouped(old) in manager.get(path).text
    new = manager.post(path, data={"code": ""})
    stuck = manager.post(path, data={"code": grouped(blank).lower()})
    wrong = manager.post(path, data={"code": "7K3QWX9R2M4"})

    assert new.headers["location"] == f"/etiketter?item={item_id}"
    assert stuck.headers["location"] == f"/mobler/{item_id}"
    assert (wrong.status_code, 'id="field-code-error"' in wrong.text) == (404, True)
    with database.read() as session:
        assert codes_of(session, actor(), [item_id]) == {item_id: blank}
    assert grouped(old) in manager.get(path).text


def test_the_api_gives_the_same_file_and_names_what_is_wrong(
    database: RolledBackDatabase, org: Organised, actor: ActorOf, manager: TestClient
) -> None:
    with database.write() as session:
        batch, _ = print_blank(session, actor(), PrintBlank(count=3))
    body = {"print_batch_id": str(batch.id), "paper": "l7160", "start": 20}

    file = manager.post("/api/v1/labels", json=body)
    zpl = manager.post("/api/v1/labels", json={**body, "paper": "62x29", "format": "zpl"})
    no_roll = manager.post("/api/v1/labels", json={**body, "format": "zpl"})
    nothing = manager.post("/api/v1/labels", json={})
    start = manager.post("/api/v1/labels", json={**body, "start": 22})

    assert read(file.content) == [2, 1]
    assert zpl.text.count("^XA") == 3
    assert (no_roll.status_code, nothing.status_code, start.status_code) == (422, 422, 422)
    assert start.json()["errors"][0]["pointer"] == "#/start"


def test_nobody_prints_another_organisations_labels(
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
    actor: ActorOf,
    signed_in_as: SignedInAs,
) -> None:
    with database.write() as session:
        item = an_item(session, org)
        batch, _ = print_blank(session, actor(), PrintBlank(count=1))
    stranger = signed_in_as(where=foreign_org)

    for query in (
        {"item": str(item.id)},
        {"lot": str(item.lot_id)},
        {"batch": str(batch.id)},
    ):
        assert stranger.get("/etiketter/etiketter.pdf", params=query).status_code == 404
        assert stranger.get("/etiketter", params=query).status_code == 404
    assert stranger.get(f"/mobler/{item.id}/etikett").status_code == 404
    assert stranger.post(f"/etiketter/opplag/{batch.id}/trekk").status_code == 404
    assert signed_in_as(Role.EMPLOYEE).get("/etiketter").status_code == 403
