"""Untidy files as people have them, each with the exact report it must get."""

from datetime import date, datetime

import pytest

from app.transfer.mapping import Mapping
from app.transfer.rules import Preview
from tests.transfer.sheets import saved, seen, with_cells, workbook

DIRTY_CSV = """\
Møbelregister 2026;;;;;;;;
;;;;;;;;
Inventarnr;Navn;Kategori;Bredde (cm);Høyde cm;Vekt kg;Pris eks. mva;Antall;Ukjent kolonne
1;Kontorstol HÅG;Kontorstol;60;110,5;15,2;4 500,00;1;x
2;Pult;Skrivebord;160;abc;40;kr 3000,-;2;
3;Bord;Møtebord;0;75;35;5000;1;
4;Skap;Skap;2500;200;60;5000;1;
5;Stol;Stol;50;80;-4;900;1;
6;Dings;Romskip;10;10;1;10;1;
;;;;;;;;
8;Krakk;Krakk;40;45;4;1.100;2,5;
9;;;;;;;;
1;Kontorstol HÅG;Kontorstol;60;110,5;15,2;4500;1;
2;Pult;Skrivebord;160;72;40;3000;2;
11;Hylle;Reol;#REF!;180;20;0;1;
12;Sofa;Sofa;;;;;;
"""

# A workbook knows no zone.
MARCH_5 = datetime(2019, 3, 5)  # noqa: DTZ001


def bad_of(found: Preview) -> list[tuple[int, str, str, str]]:
    return [(each.number, each.column, each.value, each.reason.shown()) for each in found.bad]


def warned(found: Preview) -> list[tuple[int, str, str]]:
    return [(each.number, each.kind, each.value) for each in found.warnings]


def test_a_dirty_csv_gets_exactly_this_report() -> None:
    found = seen(DIRTY_CSV)
    assert bad_of(found) == [
        (5, "E", "abc", "Dette er ikke et tall."),
        (
            6,
            "D",
            "0",
            "Målet blir 0 mm; det må være fra 1 mm til 20 m. La feltet stå tomt når målet er ukjent.",
        ),
        (
            7,
            "D",
            "2500",
            "Målet blir 25000 mm; det må være fra 1 mm til 20 m. La feltet stå tomt når målet er ukjent.",
        ),
        (
            8,
            "F",
            "-4",
            "Vekten blir -4000 g; den må være fra 1 g til 5 tonn. La feltet stå tomt når den er ukjent.",
        ),
        (11, "H", "2,5", "Antallet må være et helt tall fra 1 til 10 000."),
        (12, "", "", "Raden har verken navn, kategori eller modell."),
        (15, "D", "#REF!", "Cellen inneholder en feilverdi fra regnearket."),
    ]
    report = found.as_json()
    assert {name: report[name] for name in ("rows", "created", "repeated", "header_row")} == {
        "rows": 12,
        "created": 4,
        "repeated": 1,
        "header_row": 3,
    }
    assert [good.number for good in found.good] == [4, 9, 14, 16]
    assert [(each.number, each.first_number, each.differs) for each in found.repeated] == [
        (13, 4, False)
    ]
    assert warned(found) == [(9, "unknown_category", "Romskip"), (16, "no_measurements", "")]
    assert report["notices"] == ["Kolonne I «Ukjent kolonne» er ikke gjenkjent og ikke brukt."]


def test_its_good_rows_are_in_the_units_of_an_item() -> None:
    chair = seen(DIRTY_CSV).good[0].piece
    assert chair.as_values() == {
        "name": "Kontorstol HÅG",
        "category_code": "CHAIR_TASK",
        "category_text": "Kontorstol",
        "width_mm": 600,
        "height_mm": 1105,
        "mass_g": 15_200,
        "new_price_ore": 450_000,
        "quantity": 1,
        "measurements": {},
    }


def test_a_row_repeated_with_other_contents_says_so() -> None:
    found = seen("id;navn;bredde cm\n1;Stol;50\n1;Stol;55\n")
    assert [(each.number, each.first_number, each.differs) for each in found.repeated] == [
        (3, 2, True)
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [";", "\t", ",", "|"])
def test_encoding_and_separator_do_not_change_the_report(encoding: str, delimiter: str) -> None:
    rows = [["Navn", "Høyde cm", "Antall"], ["Lenestol på hjul", "80", "1"], ["Bøk", "120", "3"]]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    found = seen(text.encode(encoding))
    assert [(good.piece.name, good.piece.height_mm) for good in found.good] == [
        ("Lenestol på hjul", 800),
        ("Bøk", 1200),
    ]


@pytest.mark.parametrize("header", ["Innkjøpsdato", "Inköpsdatum", "Purchase date"])
def test_three_styles_of_date_in_one_column_mean_the_same_day(header: str) -> None:
    text = f"navn;{header}\nA;05.03.2019\nB;2019-03-05\nC;5/3/2019\nD;2019\nE;31.02.2019\nF;2099\n"
    found = seen(text)
    assert [(g.piece.acquired_year, g.piece.acquired_on) for g in found.good] == [
        (2019, date(2019, 3, 5)),
        (2019, date(2019, 3, 5)),
        (2019, date(2019, 3, 5)),
        (2019, None),
    ]
    assert bad_of(found) == [
        (6, "B", "31.02.2019", "Dette er ikke en dato eller et årstall."),
        (7, "B", "2099", "Datoen ligger i framtiden."),
    ]


def test_one_american_date_turns_the_whole_column() -> None:
    found = seen("navn;date\nA;5/3/2019\nB;3/25/2019\n")
    assert [good.piece.acquired_on for good in found.good] == [date(2019, 5, 3), date(2019, 3, 25)]


def test_a_dirty_workbook_gets_exactly_this_report() -> None:
    book, sheet = workbook(
        [
            ["Registrering i C-bygget"],
            [],
            ["Bygg", "ID", "Møbel", "", "Bredde mm", "Innkjøpt", "Antall"],
            ["C-bygget", 1001, "Kontorstol", None, 600, MARCH_5, 1],
            [None, 1002, "Møtebord", None, "=800*2", date(2020, 1, 2), 1],
            [None, 1003, "Skap", None, 800, "05.03.2019", "=1+1"],
            [None, 1004, "Hylle", None, None, 2018, 1],
            ["D-bygget", 1005, "Reol", None, 900.4, None, True],
        ]
    )
    sheet.merge_cells("A4:A7")
    sheet.merge_cells("A1:F1")
    sheet["E7"].value = "#DIV/0!"
    sheet["E7"].data_type = "e"
    found = seen(saved(book))
    no_value = "Formelen har ingen lagret verdi. Åpne arket, la det regne ut og lagre."
    assert bad_of(found) == [
        (5, "E", "", no_value),
        (6, "G", "", no_value),
        (7, "E", "#DIV/0!", "Cellen inneholder en feilverdi fra regnearket."),
        (8, "G", "TRUE", "Dette er ikke et tall."),
    ]
    assert [(good.number, good.key, good.piece.building) for good in found.good] == [
        (4, "1001", "C-bygget")
    ]
    assert [each.shown() for each in found.notices] == [
        "1 sammenslåtte felt: verdien gjelder for alle radene i feltet."
    ]


def test_a_value_merged_down_holds_for_each_of_its_rows() -> None:
    book, sheet = workbook(
        [["Bygg", "Navn"], ["A", "Stol"], [None, "Bord"], [None, "Skap"], ["B", "Sofa"]]
    )
    sheet.merge_cells("A2:A4")
    found = seen(saved(book))
    assert [good.piece.building for good in found.good] == ["A", "A", "A", "B"]


def test_the_stored_value_of_a_formula_is_used() -> None:
    from_formula = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>Navn</t></is></c>'
        '<c r="B1" t="inlineStr"><is><t>Bredde cm</t></is></c></row>'
        '<row r="2"><c r="A2" t="inlineStr"><is><t>Bord</t></is></c>'
        '<c r="B2"><f>80*2</f><v>160</v></c></row>'
    )
    found = seen(with_cells(from_formula))
    assert (found.bad, found.good[0].piece.width_mm) == ([], 1600)


def test_empty_columns_and_rows_change_nothing() -> None:
    found = seen(";;Navn;;Bredde cm;;\n;;;;;;\n;;Stol;;50;;\n;;;;;;\n;;Bord;;160;;\n")
    assert [(good.number, good.piece.width_mm) for good in found.good] == [(3, 500), (5, 1600)]
    assert [each.shown() for each in found.notices] == [
        "Arket har ingen nøkkelkolonne: en rad kjennes bare igjen så lenge den er uendret."
    ]


def test_a_header_that_stands_twice_is_used_once_and_told() -> None:
    found = seen("id;navn;bredde cm;bredde cm\n1;Stol;50;60\n")
    assert found.good[0].piece.width_mm == 500
    assert [each.shown() for each in found.notices] == [
        "Kolonne D «bredde cm» er ikke brukt: kolonne C gir det samme."
    ]


def test_a_cell_of_a_megabyte_is_a_bad_row_with_a_short_value() -> None:
    found = seen("id;navn\n1;" + "x" * 1_000_000 + "\n2;Stol\n")
    assert [good.key for good in found.good] == ["2"]
    (bad,) = found.bad
    assert len(bad.value) == 80
    assert bad.reason.shown() == "Teksten har 1000000 tegn; det høyeste er 200."


def test_equal_rows_without_a_key_are_as_many_pieces_and_the_second_run_changes_nothing() -> None:
    text = "navn;kategori\nStol;Stol\nStol;Stol\n"
    first = seen(text)
    assert first.as_json()["created"] == 2
    existing = {good.key: good.fingerprint for good in first.good}
    assert len(existing) == 2


def test_an_unknown_category_can_be_made_a_bad_row() -> None:
    strict = Mapping(name="streng", unknown_category="bad")
    found = seen("id;navn;kategori\n1;Dings;Romskip\n", strict)
    assert bad_of(found) == [(2, "C", "Romskip", "Fant ingen kategori.")]


def test_a_roles_or_e_mail_column_is_never_imported() -> None:
    found = seen("id;navn;rolle;e-post\n1;Stol;admin;a@example.org\n")
    assert [each.shown() for each in found.notices] == [
        "Kolonne C «rolle» er ikke gjenkjent og ikke brukt.",
        "Kolonne D «e-post» er ikke gjenkjent og ikke brukt.",
        "Arket har ingen kolonner med mål.",
    ]
