"""A category from words, in three languages; parts and sets stay wide."""

import csv
from pathlib import Path

import pytest

from app.transfer.category_words import OTHER
from app.transfer.classify import classify
from app.transfer.pieces import CODES


@pytest.mark.shared_data
@pytest.mark.parametrize("file", ["categories.csv", "equipment.csv"])
def test_every_category_is_found_by_its_own_name_in_each_language(
    shared_data: Path, file: str
) -> None:
    with (shared_data / "factors" / file).open(encoding="utf-8-sig", newline="") as text:
        rows = list(csv.DictReader(text))
    wrong = [
        (row["category_code"], name, found)
        for row in rows
        for name in (row["name_nb"], row["name_sv"], row["name_en"])
        if (found := classify(name)) != row["category_code"]
    ]
    assert wrong == []
    assert {row["category_code"] for row in rows} <= CODES


@pytest.mark.shared_data
def test_no_rule_names_a_category_the_factor_set_does_not_have(shared_data: Path) -> None:
    known = set()
    for file in ("categories.csv", "equipment.csv"):
        with (shared_data / "factors" / file).open(encoding="utf-8-sig", newline="") as text:
            known |= {row["category_code"] for row in csv.DictReader(text)}
    assert known >= CODES


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Kontorstoler", "CHAIR_TASK"),
        ("Arbeidsstol HÅG Capisco", "CHAIR_TASK"),
        ("Skrivebordsstol", "CHAIR_TASK"),
        ("Hev-senk-pult", "DESK_SITSTAND"),
        ("Hev/senk skrivebord 160x80", "DESK_SITSTAND"),
        ("Skrivebord, hev/senk", "DESK_SITSTAND"),
        ("Desk sit/stand, 160x80 cm", "DESK_SITSTAND"),
        ("Höj- och sänkbart bord", "DESK_SITSTAND"),
        ("Skrivebord", "DESK_FIXED"),
        ("Skrivbord", "DESK_FIXED"),
        ("Pult", "DESK_FIXED"),
        ("Møtebord", "TABLE_MEETING_S"),
        ("Møtebord 12 personer", "TABLE_MEETING_L"),
        ("Møteromsstol", "CHAIR_MEETING"),
        ("Konferensstol", "CHAIR_MEETING"),
        ("Stablestol", "CHAIR_STACK"),
        ("Barkrakk", "STOOL_BAR"),
        ("Sofa, 3-seter", "SOFA_3"),
        ("Tresitssoffa", "SOFA_3"),
        ("Toseter sofa", "SOFA_2"),
        ("Nattbord", "NIGHTSTAND"),
        ("Kjøleskap", "EQUIP_KITCHEN"),
        ("Rullestol", "EQUIP_AID"),
        ("Sykehusseng", "BED_HOSPITAL"),
        ("Garderobeskap", "LOCKER_1"),
        ("Reol", "BOOKCASE"),
        ("Office chair with armrests", "CHAIR_TASK"),
        ("Table", "TABLE_CANTEEN"),
        # Parts, sets and what no category fits.
        ("Cover for 3-seat sofa", OTHER),
        ("Legs for armchair", OTHER),
        ("Chair pad", OTHER),
        ("Bordplate", OTHER),
        ("Stolpute", OTHER),
        ("Table and 4 chairs", OTHER),
        ("Bed frame, 160x200 cm", OTHER),
        ("Bed with mattress, double", OTHER),
        ("Foam mattress, 160x200 cm", OTHER),
        ("Table+4 chairs, outdoor", OTHER),
        ("Table for wall+1 fold chr, outdoor", OTHER),
        ("Bar stool with backrest frame, 74 cm", OTHER),
        ("Drawer unit front", OTHER),
        ("1-seat section", OTHER),
        # What is a piece, whatever it stands on, wherever it stands and however large it is.
        ("Corner sofa, 5-seat", "SOFA_3"),
        ("Hjørnesofa", "SOFA_3"),
        ("2-seat modular sofa, outdoor", "SOFA_2"),
        ("Drawer unit on castors, 45x55 cm", "PEDESTAL"),
        ("Skap på hjul", "CABINET_LOW"),
        ("Glass-door cabinet, 80x80 cm", "CABINET_LOW"),
        ("TV storage combination/glass doors", "CABINET_LOW"),
        ("Vegghengt skap", "CABINET_LOW"),
        ("Wardrobe combination", "WARDROBE"),
        ("Day-bed frame with 2 drawers, 80x200 cm", "BED_SINGLE"),
        ("Dagseng", "BED_SINGLE"),
        ("Chair with armrests, outdoor", "CHAIR_STACK"),
        ("Hagestol", "CHAIR_STACK"),
        ("Stol uten armlener", "CHAIR_VISITOR"),
        ("Easy chair, outdoor", "ARMCHAIR"),
        ("Table, outdoor, 153x73 cm", "TABLE_CANTEEN"),
        ("Hagebord", "TABLE_CANTEEN"),
        ("Bord, 70x70 cm", "TABLE_CAFE"),
        ("Benk, utendørs", "BENCH_OUTDOOR"),
        ("Storage stool, 45 cm", "STOOL_LOW"),
        ("Children's desk chair", "CHAIR_CHILD"),
        ("Room divider for corner", "SCREEN_FLOOR"),
    ],
)
def test_words_tell_the_category(text: str, code: str) -> None:
    assert classify(text) == code
    assert classify("", text) == code


def test_a_clear_category_outweighs_the_name() -> None:
    assert classify("Kontorstol", name="Stol til møtebord") == "CHAIR_TASK"


def test_a_clear_description_outweighs_a_wide_category() -> None:
    assert classify("Stol", "Kontorstol med armlener") == "CHAIR_TASK"


def test_a_cabinet_is_low_or_tall_by_its_height() -> None:
    assert classify("Skap", height_mm=800) == "CABINET_LOW"
    assert classify("Skap", height_mm=1200) == "CABINET_TALL"
    assert classify("Høyt skap") == "CABINET_TALL"
    assert classify("Skap") == "CABINET_LOW"


@pytest.mark.parametrize("text", ["", "Dings", "12345", "…", "a" * 5000])
def test_words_that_tell_nothing_give_no_category(text: str) -> None:
    assert classify(text) is None
