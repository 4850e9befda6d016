"""Which rows of a price list become prices, by which rule, and why the others cannot. Pure."""

from uuid import uuid4

import pytest

from app.catalogue.models import AmountUnit
from app.transfer.price_plan import median
from app.transfer.price_sheet import KnownModel, PriceRows, read_prices, words_of
from app.transfer.reading import read
from app.transfer.sheet_limits import SheetUnreadable

CAPISCO = KnownModel(uuid4(), "CHAIR_TASK", "HÅG", "Capisco 8106")
WORDS = words_of(
    [("CHAIR_TASK", AmountUnit.PIECE, ("Kontorstol", "Kontorsstol", "Task chair")),
     ("DESK_SITSTAND", AmountUnit.PIECE, ("Hev-senk-pult", "Skrivbord", "Sit-stand desk")),
     ("CARPET_TILE", AmountUnit.M2, ("Teppeflis", "Mattplatta", "Carpet tile")),
     ("OTHER_KG", AmountUnit.KG, ("Annet møbel", "Annan möbel", "Other furniture"))],
    [CAPISCO],
    currency="NOK", year=2026, source="Avtale A",
)  # fmt: skip


def read_text(text: str) -> PriceRows:
    return read_prices(read(text.encode()), WORDS)


@pytest.mark.parametrize(
    "text",
    [
        (
            "Artikkel;Kategori;Nettopris eks. mva;Valuta;Prisår;Leverandør;Avtale\n"
            "Stol 1;Kontorstol;3 900,50;NOK;2025;Møbel AS;R-12"
        ),
        (
            "Benämning\tKategori\tStyckpris exkl. moms\tValuta\tBasår\tLeverantör\tAvtal\n"
            "Stol 1\tkontorsstol\t3900,50\tnok\t2025\tMøbel AS\tR-12"
        ),
        (
            "Article,Category,Price excl VAT (NOK),Base year,Supplier,Agreement\n"
            'Stol 1,Task chair,"3,900.50",2025,Møbel AS,R-12'
        ),
    ],
)
def test_the_same_price_is_read_in_three_languages(text: str) -> None:
    found = read_text(text)
    assert (found.bad, found.unknown, found.unused) == ([], [], [])
    (row,) = found.rows
    assert (row.number, row.article, row.category_id, row.is_read) == (
        2,
        "Stol 1",
        "CHAIR_TASK",
        False,
    )
    assert (row.ore, row.currency, row.year, row.source) == (390_050, "NOK", 2025, "Møbel AS, R-12")


def test_a_row_is_known_by_model_by_category_or_by_what_it_is_called() -> None:
    found = read_text(
        "Produsent;Modell;Artikkel;Kategori;Pris\n"
        "håg;capisco 8106;;;9000\n"
        ";;HÅG Capisco 8106;;9000\n"
        ";;Kontorstol med armlene;;4000\n"
        ";;Frakt;;500\n"
    )
    assert [(e.number, e.category_id, e.is_read, e.model_id) for e in found.rows] == [
        (2, "CHAIR_TASK", False, CAPISCO.id),
        (3, "CHAIR_TASK", False, CAPISCO.id),
        (4, "CHAIR_TASK", True, None),
    ]
    assert [(e.number, e.article, e.ore) for e in found.unknown] == [(5, "Frakt", 50_000)]


def test_each_bad_row_says_its_number_column_and_value() -> None:
    found = read_text(
        "Prisliste 2026;;;;;\n"
        "Artikkel;Kategori;Pris;Valuta;Prisår;Enhet\n"
        "A;Kontorstol;4000;;;\n"
        "B;Kontorstol;mye;;;\n"
        "C;Kontorstol;;;;\n"
        "D;Kontorstol;0;;;\n"
        "E;Kontorstol;-5;;;\n"
        "F;Romskip;100;;;\n"
        "G;Kontorstol;100;talere;;\n"
        "H;Kontorstol;100;;19;\n"
        "I;Kontorstol;100;SEK;;\n"
        "J;Kontorstol;100;;2024;\n"
        "K;Teppeflis;100;;;\n"
        "L;Teppeflis;100;;;m2\n"
        "M;Kontorstol;100;;;m2\n"
        "N;Kontorstol;100;;;favner\n"
        "HÅG Capisco 8106;Hev-senk-pult;100;;;\n"
    )  # fmt: skip
    assert [(each.number, each.category_id) for each in found.rows] == [
        (3, "CHAIR_TASK"),
        (14, "CARPET_TILE"),
    ]
    assert [(each.number, each.column, each.value) for each in found.bad] == [
        (4, "C", "mye"),
        (5, "C", ""),
        (6, "C", "0"),
        (7, "C", "-5"),
        (8, "B", "Romskip"),
        (9, "D", "talere"),
        (10, "E", "19"),
        (11, "D", "SEK"),
        (12, "E", "2024"),
        (13, "F", ""),
        (15, "F", "m2"),
        (16, "F", "favner"),
        (17, "B", "Hev-senk-pult"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Artikkel;Pris inkl. mva\nStol;100", "merverdiavgift"),
        ("Artikkel;Listepris\nStol;100", "«Pris»"),
        ("Pris;Farge\n100;rød", "artikkel"),
        ("Navn;Farge\nStol;Rød", "«Pris»"),
    ],
)
def test_a_list_without_a_price_excluding_vat_is_refused(text: str, said: str) -> None:
    with pytest.raises(SheetUnreadable) as refused:
        read_text(text)
    assert said in refused.value.detail


def test_one_model_has_one_price() -> None:
    found = read_text("Modell;Pris\nCapisco 8106;9000\nCapisco 8106;9000\nCapisco 8106;9500\n")
    assert [each.number for each in found.rows] == [2, 3]
    (bad,) = found.bad
    assert (bad.number, bad.value, bad.reason.values) == (4, "9500", {"row": 2})


@pytest.mark.parametrize(
    ("ores", "middle"), [([5], 5), ([9, 1, 5], 5), ([1, 2], 2), ([1, 4], 2), ([10, 20, 30, 41], 25)]
)
def test_the_median_of_two_in_the_middle_is_rounded_half_even(ores: list[int], middle: int) -> None:
    assert median(ores) == middle
