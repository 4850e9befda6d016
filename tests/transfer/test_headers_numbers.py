"""Headers in three languages, and numbers and dates as people write them."""

from datetime import date
from decimal import Decimal

import pytest

from app.transfer.headers import Field, find_header, letter, recognise
from app.transfer.numbers import Style, amount, is_ambiguous, style_of, when

HEADERS = {
    Field.KEY: ["ID", "Inventarnr.", "Inventarienummer", "Asset tag", "item_id", "Møbel-ID"],
    Field.NAME: ["Navn", "Benevnelse", "Benämning", "Item name"],
    Field.CATEGORY: ["Kategori", "Møbeltype", "Möbeltyp", "Category"],
    Field.DESCRIPTION: ["Beskrivelse", "Beskrivning", "short_description"],
    Field.MAKER: ["Produsent", "Tillverkare", "Manufacturer"],
    Field.MODEL: ["Modell", "Model"],
    Field.COLOUR: ["Farge", "Färg", "Color", "Colour"],
    Field.MATERIAL: ["Materiale", "Material"],
    Field.CONDITION: ["Tilstand", "Skick", "Condition"],
    Field.WIDTH: ["Bredde (cm)", "Bredd mm", "Width [in]", "B (mm)", "Bredde/cm", "BREDDE, cm"],
    Field.DEPTH: ["Dybde cm", "Djup (mm)", "Depth", "D"],
    Field.HEIGHT: ["Høyde", "Höjd mm", "Height (cm)", "H"],
    Field.LENGTH: ["Lengde", "Längd", "Length"],
    Field.DIAMETER: ["Diameter", "Ø"],
    Field.SEAT_HEIGHT: ["Sittehøyde cm", "Sitthöjd", "Seat height"],
    Field.MEASUREMENTS: ["Mål (BxDxH)", "Mått", "Dimensions"],
    Field.MASS: ["vekt kg", "Vikt (kg)", "Weight", "Masse"],
    Field.PRICE: ["Pris eks. mva", "Nypris", "Inköpspris", "Purchase price", "Pris inkl. mva"],
    Field.CURRENCY: ["Valuta", "Currency"],
    Field.QUANTITY: ["Antall", "Antall stk", "Antal", "Qty"],
    Field.PROPERTY: ["Eiendom", "Fastighet", "Property"],
    Field.BUILDING: ["Bygg", "Byggnad", "Building"],
    Field.FLOOR: ["Etasje", "Våning", "Floor"],
    Field.ROOM: ["Rom nr.", "Rum", "Room"],
    Field.PLACE: ["Plassering", "Plats", "Location"],
    Field.UNIT: ["Avdeling", "Avdelning", "Department"],
    Field.COST_CENTRE: ["Kostnadssted", "Kostnadsställe", "Cost centre"],
    Field.SERIAL: ["Serienummer", "Serial no."],
    Field.EAN: ["EAN", "Strekkode", "GTIN"],
    Field.ACQUIRED: ["Innkjøpsår", "Inköpsdatum", "Purchase date"],
    Field.NOTE: ["Merknad", "Anteckning", "Notes"],
    Field.PHOTO: ["Bilde", "Bild", "Photo file"],
}


@pytest.mark.parametrize(
    ("header", "field"), [(text, field) for field, texts in HEADERS.items() for text in texts]
)
def test_a_header_is_recognised_in_three_languages(header: str, field: Field) -> None:
    assert recognise(header).field is field


def test_every_field_has_a_header_in_this_test() -> None:
    assert set(HEADERS) == set(Field)


@pytest.mark.parametrize("header", ["", "X1", "Rolle", "E-post", "old_price", "Personnummer", "?"])
def test_an_unknown_header_is_not_guessed(header: str) -> None:
    assert recognise(header).field is None


@pytest.mark.parametrize(
    ("header", "unit", "with_vat"),
    [
        ("Bredde (cm)", "cm", False),
        ("Høyde i mm", "mm", False),
        ("Vekt kg", "kg", False),
        ("Pris (SEK)", "sek", False),
        ("Pris inkl. mva", "", True),
        ("Pris ekskl. mva", "", False),
        ("Price incl. VAT (EUR)", "eur", True),
    ],
)
def test_the_unit_and_the_tax_stand_in_the_header(header: str, unit: str, with_vat: bool) -> None:  # noqa: FBT001
    found = recognise(header)
    assert (found.unit, found.with_vat) == (unit, with_vat)


def test_the_header_may_stand_below_a_title() -> None:
    rows = [["Register 2026", ""], [], ["Navn", "Antall", "Bygg"], ["Stol", "1", "A"]]
    assert find_header(rows) == 2
    assert find_header([["Kode 1"], ["foo", "bar"]]) == 1
    assert find_header([]) is None


def test_columns_are_named_as_in_the_spreadsheet() -> None:
    assert [letter(number) for number in (0, 25, 26, 255)] == ["A", "Z", "AA", "IV"]


@pytest.mark.parametrize(
    ("text", "comma", "point"),
    [
        ("12", "12", "12"),
        ("12,5", "12.5", "12.5"),
        ("12.5", "12.5", "12.5"),
        ("1 250,50", "1250.50", "1250.50"),
        ("1\u00a0250", "1250", "1250"),
        ("1.250,50", "1250.50", "1250.50"),
        ("1,250.50", "1250.50", "1250.50"),
        ("1.234.567", "1234567", "1234567"),
        ("1.250", "1250", "1.250"),
        ("1,250", "1.250", "1250"),
        ("0,125", "0.125", "0.125"),
        ("0.125", "0.125", "0.125"),
        ("1'250", "1250", "1250"),
        ("kr 500,-", "500", "500"),
        ("-5", "-5", "-5"),
        ("−5", "-5", "-5"),
        ("80 cm", "80", "80"),
        ("1,2,3", None, None),
        ("1.23.4", None, None),
        ("12 eller 13", None, None),
        ("ca 80", None, None),
        ("12-14", None, None),
        ("1e5", None, None),
        ("٣", None, None),
        ("9" * 40, None, None),
    ],
)
def test_a_number_means_what_its_column_says(
    text: str, comma: str | None, point: str | None
) -> None:
    for style, expected in ((Style.COMMA, comma), (Style.POINT, point)):
        found = amount(text, style)
        assert (found and found.value) == (expected and Decimal(expected))


def test_a_column_tells_its_decimal_sign() -> None:
    assert style_of(["1.250", "12.5"]) is Style.POINT
    assert style_of(["1.250", "12,5"]) is Style.COMMA
    assert style_of(["1.234.567"]) is Style.COMMA
    assert style_of(["1,250.5"]) is Style.POINT
    assert style_of(["1.250", "80"]) is None
    assert is_ambiguous("1.250")
    assert not is_ambiguous("12.5")


@pytest.mark.parametrize(
    "text",
    ["2019-03-05", "05.03.2019", "5.3.2019", "5/3/2019", "5-3-19", "5. mars 2019", "20190305"],
)
def test_a_day_is_read_in_any_common_style(text: str) -> None:
    found = when(text)
    assert found is not None
    assert found.day == date(2019, 3, 5)


@pytest.mark.parametrize("text", ["mars", "32.01.2019", "2019-13-01", "99", "0001-01-01", "x"])
def test_what_is_no_day_is_none(text: str) -> None:
    assert when(text) is None
