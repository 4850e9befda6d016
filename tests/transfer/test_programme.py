"""A programme from a spreadsheet: which rows become lines, why the others cannot, added once."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts.rules import Role
from app.projects.models import ProgrammeLine
from app.transfer.programme_sheet import Programme, read_programme, words_of
from app.transfer.reading import read
from app.transfer.sheet_limits import SheetUnreadable
from tests.databases import RolledBackDatabase
from tests.people import Organised
from tests.projects.rows import a_project

SignedInAs = Callable[..., TestClient]
ActorOf = Callable[..., Any]
ROOM, TWIN, OTHER = uuid4(), uuid4(), uuid4()
WORDS = words_of(
    [("CHAIR_TASK", ("Kontorstol", "Kontorsstol", "Task chair")),
     ("DESK_SITSTAND", ("Hev-senk-pult", "Höj- och sänkbart skrivbord", "Sit-stand desk")),
     ("OTHER_KG", ("Annet møbel", "Annan möbel", "Other furniture"))],
    [(ROOM, "Rom 214", "Bygg A › Rom 214"), (TWIN, "Kopi", "Bygg A › Kopi"),
     (OTHER, "Kopi", "Bygg B › Kopi")],
)  # fmt: skip


def read_text(text: str) -> Programme:
    return read_programme(read(text.encode()), WORDS)


@pytest.mark.parametrize(
    "text",
    [
        (
            "Kategori;Antall;Bredde fra (cm);Bredde til (cm);Tilstand;Trengs innen;Rom;Krav;Egnethet\n"
            "Kontorstol;12;60;70,5;god;01.06.2026;Rom 214;Sort;desinfeksjon"
        ),
        (
            "Category,Quantity,Min width (mm),Width max (mm),Condition,Needed by,Room,Requirement,Surface\n"
            "Task chair,12,600,705,good,2026-06-01,Bygg A › Rom 214,Sort,wipeable"
        ),
        (
            "Vad\tAntal\tBredd från\tBredd till\tSkick\tBehövs senast\tPlats\tBeskrivning\tYta\n"
            "kontorsstol\t12 st\t60\t70,5\tgott\t1 jun 2026\trom 214\tSort\tdesinfektion"
        ),
    ],
)
def test_the_same_line_is_read_in_three_languages(text: str) -> None:
    found = read_text(text)
    assert (found.bad, found.unused) == ([], [])
    (line,) = found.lines
    assert line.number == 2
    assert line.fields == {
        "category_id": "CHAIR_TASK",
        "quantity": 12,
        "width_min_mm": 600,
        "width_max_mm": 705,
        "condition": "B",
        "wanted_date": date(2026, 6, 1),
        "place_id": ROOM,
        "requirement": "Sort",
        "suitability": "wipeable",
    }


def test_each_bad_row_says_its_number_column_and_value_and_the_others_are_lines() -> None:
    found = read_text(
        "Møbler til bygg B;;;;;\n"
        "Kategori;Antall;Bredde;Rom;Dato;Farge\n"
        "Kontorstol;4;60;;;rød\n"
        "Romskip;4;;;;\n"
        "Kontorstol;mange;;;;\n"
        "Kontorstol;;;;;\n"
        "Hev-senk-pult;0;;;;\n"
        "Kontorstol;2;;Kopi;;\n"
        "Kontorstol;2;;Rom 999;;\n"
        "Kontorstol;2;;;i morgen;\n"
    )
    assert [(each.number, each.fields["quantity"]) for each in found.lines] == [(3, 4)]
    assert found.lines[0].fields["width_min_mm"] == found.lines[0].fields["width_max_mm"] == 600
    assert found.unused == ["Farge"]
    assert [(each.number, each.column, each.value) for each in found.bad] == [
        (4, "A", "Romskip"),
        (5, "B", "mange"),
        (6, "B", ""),
        (7, "B", "0"),
        (8, "D", "Kopi"),
        (9, "D", "Rom 999"),
        (10, "E", "i morgen"),
    ]


def test_sizes_of_a_csv_without_a_unit_are_guessed_as_those_of_a_workbook() -> None:
    found = read_text(
        "Kategori;Antall;Bredde til;Høyde\nKontorstol;2;700;90\nKontorstol;1;9000;72\n"
    )
    assert [each.fields for each in found.lines] == [
        {
            "category_id": "CHAIR_TASK", "quantity": 2, "width_max_mm": 700,
            "height_min_mm": 900, "height_max_mm": 900,
        }
    ]  # fmt: skip
    assert [(each.number, each.value) for each in found.bad] == [(3, "9000")]


def test_a_sheet_without_category_and_quantity_says_what_to_call_them() -> None:
    with pytest.raises(SheetUnreadable) as refused:
        read_text("Navn;Farge\nStol;Rød")
    assert "«Kategori» og «Antall»" in refused.value.detail


def test_a_programme_is_previewed_and_added_once_by_plain_forms(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> None:
    with database.write() as session:
        project_id = a_project(session, actor(), org).id
    client = signed_in_as(Role.PROJECT_MANAGER)
    sheet = "Kategori;Antall;Rom\nKontorstol;6;Rom 214\nRomskip;1;\n"
    sent = client.post(
        f"/prosjekter/{project_id}/regneark",
        data={"key": "s1"},
        files={"file": ("behov.csv", sheet.encode(), "text/csv")},
    )
    assert sent.status_code == 303, sent.text
    address = sent.headers["location"]
    shown = client.get(address).text
    assert "Romskip" in shown
    assert "Legg inn 1 linje" in shown
    assert client.post(address, data={"key": "s2"}).status_code == 409
    assert client.post(address, data={"key": "s3", "skip_bad": "1"}).status_code == 303
    again = client.post(address, data={"key": "s4", "skip_bad": "1"})
    assert again.status_code == 409
    assert "alt lagt inn" in again.text
    with database.read() as session:
        query = select(ProgrammeLine).where(ProgrammeLine.project_id == UUID(str(project_id)))
        (line,) = session.scalars(query).all()
    assert (line.quantity, line.place_id) == (6, org.room_id)
    empty = client.post(f"/prosjekter/{project_id}/regneark", data={"key": "s5"})
    assert empty.status_code == 422
