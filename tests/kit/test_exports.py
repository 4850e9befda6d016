"""One writer for all exports: no formula gets out, the exact text comes back."""

import csv
import io
import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.exports import (
    Column,
    Format,
    Value,
    as_csv,
    as_json,
    as_xlsx,
    export,
    sheet_title,
    with_guard,
    without_guard,
)

PAYLOADS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "a;=1+1",
    "a\n=1+1",
    "a\r\n@x",
    "'=1",
    "''=1",
]
COLUMNS = [Column("name", "Navn", 30), Column("count", "Antall"), Column("=x", "=Overskrift")]


def csv_rows(rows: list[list[Value]]) -> list[list[str]]:
    content = b"".join(as_csv(COLUMNS, rows))
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), ""), delimiter=";"))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_text_that_looks_like_a_formula_is_guarded_in_csv(payload: str) -> None:
    cell = csv_rows([[payload, 1, ""]])[1][0]
    for line in cell.replace("\r", "\n").replace(";", "\n").split("\n"):
        assert line[:1] not in tuple("=+-@＝＋－＠")
    assert cell[0] not in "\t\r\n"
    assert without_guard(cell) == payload


def test_headings_are_guarded_too() -> None:
    assert csv_rows([])[0] == ["Navn", "Antall", "'=Overskrift"]


@given(st.text(alphabet="'=+-@;\t\r\n＝a ", max_size=12))
def test_taking_the_guard_away_gives_back_the_exact_text(text: str) -> None:
    assert without_guard(with_guard(text)) == text


def test_numbers_stay_numbers_and_are_never_guarded() -> None:
    rows: list[list[Value]] = [[-5, Decimal("-12.50"), -0.5]]
    assert csv_rows(rows)[1] == ["-5", "-12,50", "-0,5"]


def test_other_values_have_one_way_of_being_written_in_csv() -> None:
    moment = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
    rows: list[list[Value]] = [[None, True, date(2026, 1, 2)], [False, UUID(int=1), moment]]
    assert csv_rows(rows)[1:] == [
        ["", "ja", "2026-01-02"],
        ["nei", "00000000-0000-0000-0000-000000000001", "2026-11-21T12:30:00+00:00"],
    ]


def test_many_rows_leave_in_pieces() -> None:
    rows: Iterable[list[str | int]] = ([f"møbel {n}", n, ""] for n in range(20_000))
    pieces = list(as_csv(COLUMNS, rows))
    assert len(pieces) > 3
    assert b"".join(pieces).count(b"\r\n") == 20_001


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_workbook_holds_texts_and_no_formulas(payload: str) -> None:
    content = b"".join(as_xlsx(COLUMNS, [[payload, -5, "https://example.org"]]))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert sheet["C1"].value == "=Overskrift"
    assert sheet["C1"].data_type == "s"
    assert sheet["C2"].hyperlink is None


def test_a_workbook_keeps_numbers_dates_and_truth() -> None:
    rows: list[list[Value]] = [[Decimal("12.5"), True, date(2026, 1, 2)], [None, 7, ""]]
    content = b"".join(as_xlsx(COLUMNS, rows, title="Møbler: [alle]"))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    midnight = datetime(2026, 1, 2)  # noqa: DTZ001  (a workbook knows no zone)
    assert sheet.title == "Møbler   alle"
    assert [cell.value for cell in sheet[2]] == [12.5, True, midnight]
    assert sheet["B3"].value == 7


def test_the_same_rows_give_the_same_bytes() -> None:
    rows: list[list[Value]] = [["stol", 1, date(2026, 1, 2)]]
    assert b"".join(as_xlsx(COLUMNS, rows)) == b"".join(as_xlsx(COLUMNS, rows))


@pytest.mark.parametrize("title", ["", "'x'", "a" * 40, "[]:*?/\\"])
def test_a_sheet_title_is_one_excel_accepts(title: str) -> None:
    assert 0 < len(sheet_title(title)) <= 31
    assert b"".join(as_xlsx(COLUMNS, [], title=title))


def test_json_is_a_list_of_objects_by_key() -> None:
    rows: list[list[Value]] = [["=1", Decimal("2.5"), None], ["ø", Decimal(3), date(2026, 1, 2)]]
    assert json.loads(b"".join(as_json(COLUMNS, rows))) == [
        {"name": "=1", "count": 2.5, "=x": None},
        {"name": "ø", "count": 3, "=x": "2026-01-02"},
    ]
    assert json.loads(b"".join(as_json(COLUMNS, []))) == []


@pytest.mark.parametrize("form", list(Format))
def test_one_call_writes_every_format(form: Format) -> None:
    assert b"".join(export(form, COLUMNS, [["stol", 1, None]]))


def test_odd_values_far_to_the_right_read_back_as_what_they_are() -> None:
    moment = datetime(2026, 3, 2, 8, 30)  # noqa: DTZ001  (as a spreadsheet has it)
    row: list[Value] = [
        *range(26),
        " ' <&> \n æ😀",
        "\r\x01",
        True,
        date(2026, 3, 2),
        moment,
        Decimal("0.1"),
        float("nan"),
        None,
        UUID(int=1),
    ]
    columns = [Column(str(number), f"K{number}") for number in range(len(row))]
    content = b"".join(as_xlsx(columns, [row] * 501, title="Ark"))
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["Ark"]
    assert (sheet.max_row, sheet.max_column, sheet.freeze_panes) == (502, len(row), "A2")
    for index in (2, 502):
        found = [cell.value for cell in sheet[index]]
        assert found[:26] == list(range(26))
        assert sheet[f"AA{index}"].value == " ' <&> \n æ😀"
        assert found[27] == "_x000D__x0001_"  # as the format spells them
        assert (found[28], found[31], found[32], found[33]) == (True, 0.1, "#NUM!", None)
        assert found[29].date() == date(2026, 3, 2)
        assert found[30] == moment
        assert sheet[f"AD{index}"].number_format == "yyyy-mm-dd"
        assert sheet[f"AE{index}"].number_format == "yyyy-mm-dd hh:mm"
        assert found[34] == str(UUID(int=1))
