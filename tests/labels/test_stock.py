"""The sheets' geometry."""

from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from labels import stock as stock_module
from labels.errors import UnknownStockError, WrongOffsetError, WrongStartError, WrongStockError
from labels.place import Inset, Offset, Place, boxes, pages, place, places
from labels.stock import Stock, size, sizes, stock, stocks


def test_all_48_sheets_are_read_with_exact_hundredths_and_their_source() -> None:
    assert len(stocks()) == 48
    assert all(one.source.startswith("LibreOffice") for one in stocks())
    l7651 = stock("l7651")
    assert (l7651.label_width, l7651.label_height, l7651.pitch_x) == (3810, 2117, 4064)
    assert (l7651.margin_left, l7651.margin_top, l7651.per_page) == (467, 1090, 65)


@pytest.mark.shared_data
def test_the_table_is_the_checked_file_of_the_real_data(shared_data: Path) -> None:
    ours = Path(stock_module.__file__).with_name("stock.csv")
    assert ours.read_bytes() == (shared_data / "label_sheets.csv").read_bytes()


@pytest.mark.parametrize("sheet", stocks(), ids=lambda sheet: sheet.name)
def test_no_two_boxes_of_a_sheet_overlap_and_none_leaves_the_page(sheet: Stock) -> None:
    page = boxes(sheet)
    assert len(page) == sheet.per_page
    for box in page:
        assert 0 <= box.x <= sheet.page_width - box.width
        assert 0 <= box.y <= sheet.page_height - box.height
    for a, b in combinations(page, 2):
        beside = a.x + a.width <= b.x or b.x + b.width <= a.x
        above = a.y + a.height <= b.y or b.y + b.height <= a.y
        assert beside or above


@pytest.mark.parametrize(
    "changes",
    [
        {"margin_left": 1500},
        {"margin_top": -1},
        {"pitch_x": 6000},
        {"pitch_y": 3809},
        {"columns": 0},
        {"label_height": 0},
        {"page_height": 20000},
    ],
)
def test_a_sheet_with_impossible_geometry_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(WrongStockError):
        replace(stock("L7160"), **changes)


def test_an_unknown_sheet_or_size_is_named_in_the_error() -> None:
    with pytest.raises(UnknownStockError) as caught:
        stock("../../etc/passwd")
    assert caught.value.name == "../../etc/passwd"
    with pytest.raises(UnknownStockError):
        size("1x1")


def test_label_printers_have_four_sizes_and_print_to_the_edge() -> None:
    assert [one.name for one in sizes()] == ["62x29", "57x32", "50x30", "100x50"]
    sheet = size("62×29").as_stock()
    assert (sheet.page_width, sheet.page_height, sheet.per_page) == (6200, 2900, 1)
    assert boxes(sheet)[0].inset == Inset()


def test_labels_fill_the_first_sheet_from_the_start_and_go_on_at_the_next() -> None:
    sheet = stock("L7160")
    assert place(sheet, 0) == Place(0, 0)
    assert place(sheet, 0, start=7) == Place(0, 6)
    assert place(sheet, 14, start=7) == Place(0, 20)
    assert place(sheet, 15, start=7) == Place(1, 0)
    some = places(sheet, start=21)
    assert [next(some), next(some)] == [Place(0, 20), Place(1, 0)]


@pytest.mark.parametrize(
    ("labels", "start", "expected"),
    [(0, 1, 0), (1, 21, 1), (2, 21, 2), (15, 7, 1), (42, 1, 2), (42, 7, 3)],
)
def test_the_number_of_sheets_counts_the_labels_skipped(
    labels: int, start: int, expected: int
) -> None:
    assert pages(stock("L7160"), labels, start) == expected


@pytest.mark.parametrize("start", [0, -1, 22])
def test_a_start_outside_the_sheet_is_refused(start: int) -> None:
    with pytest.raises(WrongStartError) as caught:
        place(stock("L7160"), 0, start)
    assert (caught.value.start, caught.value.per_page) == (start, 21)


def test_boxes_lie_at_margin_plus_pitch_moved_by_the_printers_offset() -> None:
    moved = boxes(stock("L7160"), Offset(120, -40))[5]
    assert (moved.x, moved.y) == (720 + 2 * 6604 + 120, 1515 + 3810 - 40)


@pytest.mark.parametrize(("x", "y"), [(1001, 0), (0, -1001)])
def test_an_offset_of_more_than_ten_millimetres_is_refused(x: int, y: int) -> None:
    with pytest.raises(WrongOffsetError):
        Offset(x, y)


def test_content_keeps_from_the_papers_edge_only_where_the_sheet_has_no_margin() -> None:
    full = boxes(stock("3474"))
    assert full[0].inset == Inset(left=500, top=500)
    assert full[4].inset == Inset()
    assert full[23].inset == Inset(right=500, bottom=500)
    sides_only = boxes(stock("3475"))
    assert sides_only[0].inset == Inset(left=500)
    assert all(box.inset == Inset() for box in boxes(stock("L7160")))
