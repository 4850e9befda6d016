"""The rules of section 15, each by its number, on documents of our own and on the real ones."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.declarations.rules import (
    Answers,
    Asked,
    DeclarationRefused,
    Declared,
    DeclaredUnit,
    Method,
    chosen,
    decided,
    questions,
    read,
)
from tests.declarations.documents import (
    AREA,
    FOSSIL31,
    GHG31,
    GOOD,
    ITEMS,
    LULUC31,
    MASS,
    TOTAL31,
    desk,
    flow,
    mean,
    openepd,
    process,
    result,
    zipped,
)


def of(content: bytes, unit: str = "piece", known: int | None = None, **answers: Any) -> Declared:
    return decided(read(content), Answers(**answers), unit, known)


def refused(content: bytes, unit: str = "piece", **answers: Any) -> int:
    with pytest.raises(DeclarationRefused) as found:
        of(content, unit, **answers)
    return found.value.rule


def test_an_openepd_gives_exact_grams_of_one_piece() -> None:
    found = of(openepd())
    assert found == Declared(
        indicator="EF 3.1 GWP-GHG",
        gwp_g=Decimal(48_500),
        mass_g=Decimal(16_000),
        delivery_g=Decimal(2_250),
        end_of_life_g=Decimal(2_500),
        relative_deviation=Decimal("0.1"),
        valid_until=date(2029, 5, 1),
        service_life_months=180,
    )


def test_an_ilcd_with_its_flow_gives_exact_grams_of_one_piece() -> None:
    found = of(desk())
    # Two desks: 90/2 kg, 60/2 kg, 4.5/2 kg and C3 alone 6/2 kg; C4 is ND, which is not 0.
    assert found.gwp_g == 45_000
    assert found.mass_g == 30_000
    assert found.delivery_g == 2_250
    assert found.end_of_life_g == 3_000
    assert found.valid_until == date(2029, 12, 31)


# ---- (1) ------------------------------------------------------------------------------------


def test_rule_1_takes_ghg_before_fossil_and_luluc_before_a1_before_total() -> None:
    rows = {
        "GWP_GHG": {"A1A2A3": mean(48)},
        "gwp-fossil": {"A1A2A3": mean(40)},
        "gwp-luluc": {"A1A2A3": mean(2)},
        "gwp": {"A1A2A3": mean(20)},
    }
    impacts: dict[str, Any] = {"EF 3.1": rows, "CML 2012": {"gwp": {"A1A2A3": mean(35)}}}
    expected = [
        (48_000, Method.GHG, "GWP_GHG"),
        (42_000, Method.FOSSIL_LULUC, "gwp-luluc"),
        (35_000, Method.A1, None),
        (20_000, Method.TOTAL, None),
    ]
    for gwp, method, drop in expected:
        found = read(openepd(impacts=impacts))
        assert chosen(found).method is method
        assert decided(found, Answers(no_wood=True), "piece").gwp_g == gwp
        if drop:
            del rows[drop]
        else:
            impacts.pop("CML 2012", None)


def test_rule_1_holds_total_alone_until_somebody_says_that_there_is_no_wood() -> None:
    only_total = openepd(impacts={"EF 3.1": {"gwp": {"A1A2A3": mean(20)}}})
    assert [each.asked for each in questions(read(only_total), Answers(), "piece")] == [
        Asked.NO_WOOD
    ]
    assert refused(only_total) == 1
    assert of(only_total, no_wood=True).gwp_g == 20_000
    wooden = openepd(
        impacts={"EF 3.1": {"gwp": {"A1A2A3": mean(20)}}},
        kg_C_biogenic_per_declared_unit={"qty": 3.5, "unit": "kg"},
    )
    assert refused(wooden, no_wood=True) == 1
    assert refused(openepd(impacts={})) == 1
    # Fossil without land use is not the pair.
    half = {"EF 3.1": {"gwp-fossil": {"A1A2A3": mean(20)}}}
    assert refused(openepd(impacts=half)) == 1


# ---- (2) ------------------------------------------------------------------------------------


def test_rule_2_uses_one_indicator_for_all_modules() -> None:
    impacts = {
        "EF 3.1": {"GWP_GHG": {"A1A2A3": mean(48)}, "gwp": {"A4": mean(9), "C3": mean(9)}},
    }
    found = of(openepd(impacts=impacts))
    assert found.delivery_g is None
    assert found.end_of_life_g is None


# ---- (3) ------------------------------------------------------------------------------------


def test_rule_3_divides_by_the_quantity_and_by_the_pieces_in_it() -> None:
    ten = openepd(
        declared_unit={"qty": 10, "unit": "item"}, kg_per_declared_unit={"qty": 160, "unit": "kg"}
    )
    assert of(ten, outside=True).gwp_g == 4_850
    assert of(ten, outside=True).mass_g == 16_000
    assert of(openepd(), pieces=Decimal(4)).gwp_g == 12_125
    square = openepd(declared_unit={"qty": 2, "unit": "m^2"})
    assert of(square, "m2").gwp_g == 24_250
    assert refused(square, "piece") == 3
    assert refused(openepd(), "m2") == 3
    assert refused(openepd(declared_unit={"qty": 0, "unit": "item"})) == 3
    assert refused(openepd(declared_unit={})) == 3
    # Declared by mass, with the pieces beside it: 60 kg are two desks.
    by_mass = desk(amount="60", properties=((MASS, "30"), (ITEMS, "1")))
    assert read(by_mass).pieces == 2
    assert of(by_mass).gwp_g == 45_000
    thirds = of(openepd(declared_unit={"qty": 3, "unit": "item"}), outside=True)
    assert thirds.gwp_g == Decimal("16166.666667")


# ---- (4) ------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["ND", "MND", "", "-"])
def test_rule_4_takes_what_is_not_declared_as_unknown(word: str) -> None:
    found = of(desk(result(GHG31, ("A1-A3", "90", None), ("A4", word, None), ("C3", word, None))))
    assert found.delivery_g is None
    assert found.end_of_life_g is None
    assert refused(desk(result(GHG31, ("A1-A3", word, None)))) == 4


def test_rule_4_wants_all_three_parts_and_the_end_to_have_an_end() -> None:
    parts = [("A1", "80", None), ("A2", "4", None), ("A3", "6", None)]
    assert of(desk(result(GHG31, *parts))).gwp_g == 45_000
    assert refused(desk(result(GHG31, *parts[:2]))) == 4
    only_ways = result(GHG31, ("A1-A3", "90", None), ("C1", "1", None), ("C2", "2", None))
    assert of(desk(only_ways)).end_of_life_g is None
    zero = of(desk(result(GHG31, ("A1-A3", "90", None), ("C3", "0.0", None))))
    assert zero.end_of_life_g == 0
    null = openepd(impacts={"EF 3.1": {"GWP_GHG": {"A1A2A3": mean(None)}}})
    assert refused(null) == 4
    # A better indicator without A1–A3 gives way to the next one.
    lame = result(GHG31, ("A4", "1", None)) + result(FOSSIL31, ("A1-A3", "80", None))
    found = of(desk(lame + result(LULUC31, ("A1-A3", "2", None))))
    assert found.gwp_g == 41_000
    assert found.delivery_g is None


# ---- (5) ------------------------------------------------------------------------------------


def _matml(name: str, value: str) -> str:
    return (
        '<m:MatML_Doc xmlns:m="http://www.matml.org/"><m:Material><m:BulkDetails>'
        f'<m:PropertyData property="p1"><m:Data format="float">{value}</m:Data></m:PropertyData>'
        "</m:BulkDetails></m:Material><m:Metadata>"
        f'<m:PropertyDetails id="p1"><m:Name>{name}</m:Name></m:PropertyDetails>'
        "</m:Metadata></m:MatML_Doc>"
    )


def test_rule_5_keeps_packaging_out_of_the_mass() -> None:
    assert of(openepd(), packaging_kg=Decimal("1.5")).mass_g == 14_500
    assert refused(openepd(), packaging_kg=Decimal(16)) == 5
    only_items = ((ITEMS, "1"),)
    assert of(desk(properties=only_items, matml=_matml("packaging weight", "3"))).mass_g is None


def test_the_mass_is_read_from_the_properties_written_as_text() -> None:
    only_items = ((ITEMS, "1"),)
    by_piece = desk(properties=only_items, matml=_matml("weight per piece", "28.5"))
    assert of(by_piece).mass_g == 28_500
    by_factor = desk(properties=only_items, matml=_matml("conversion factor to 1 kg", "0.04"))
    assert of(by_factor).mass_g == 25_000  # 2 pieces ÷ 0.04 per kg = 50 kg


# ---- (6) ------------------------------------------------------------------------------------


def test_rule_6_refuses_a_functional_unit() -> None:
    years = "<functionalUnitOrOther>One seat for 15 years</functionalUnitOrOther>"
    assert refused(desk(unit=years)) == 6
    assert refused(desk(kind="Functional unit")) == 6
    assert refused(openepd(declared_unit={"qty": 15, "unit": "yr"})) == 6
    one = "<functionalUnitOrOther>One chair</functionalUnitOrOther>"
    assert of(desk(unit=one)).gwp_g == 45_000


# ---- (7) ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kg", "is_held"), [("6.4", False), ("6.399", True), ("480", False), ("480.1", True)]
)
def test_rule_7_holds_what_is_outside_the_band(kg: str, *, is_held: bool) -> None:
    # Two desks of 32 kg: 0.2 and 15 kg CO2e per kg are 6.4 and 480 each, 12.8 and 960 together.
    both = str(Decimal(kg) * 2)
    content = desk(result(GHG31, ("A1-A3", both, None)), properties=((ITEMS, "1"), (MASS, "32")))
    asked = questions(read(content), Answers(), "piece")
    assert [each.asked for each in asked] == ([Asked.OUTSIDE] if is_held else [])
    if is_held:
        assert refused(content) == 7
    assert of(content, outside=True).gwp_g == Decimal(kg) * 1000


def test_rule_7_uses_the_products_own_mass_where_the_file_has_none() -> None:
    content = openepd(kg_per_declared_unit=None)
    assert of(content).mass_g is None
    asked = questions(read(content), Answers(), "piece", 1_000)
    assert [each.rule for each in asked] == [7]


# ---- scenarios, days, safety ----------------------------------------------------------------

TWO = result(
    GHG31,
    ("A1-A3", "90", None),
    ("C3", "6", "Recycling"),
    ("C3", "10", "Incineration"),
    ("A4", "4", None),
)
MARKED = (
    '<epd:scenarios><epd:scenario epd:name="Recycling"><epd:description>R</epd:description>'
    '</epd:scenario><epd:scenario epd:default="true" epd:name="Incineration">'
    "<epd:description>I</epd:description></epd:scenario></epd:scenarios>"
)


def test_the_marked_scenario_is_taken_and_an_unmarked_one_is_asked_for() -> None:
    assert of(desk(TWO, scenarios=MARKED)).end_of_life_g == 5_000
    assert of(desk(TWO, scenarios=MARKED), scenarios={"C3": "Recycling"}).end_of_life_g == 3_000
    [asked] = questions(read(desk(TWO)), Answers(), "piece")
    assert (asked.asked, asked.module, asked.choices) == (
        Asked.SCENARIO,
        "C3",
        ("Recycling", "Incineration"),
    )
    with pytest.raises(DeclarationRefused):
        of(desk(TWO))
    assert of(desk(TWO), scenarios={"C3": "Recycling"}).end_of_life_g == 3_000
    with pytest.raises(DeclarationRefused):
        of(desk(TWO), scenarios={"C3": "Landfill"})


def test_the_day_of_the_extension_wins_over_the_year_and_text_is_read_last() -> None:
    extended = (
        "<common:dataSetValidUntil>2029</common:dataSetValidUntil><common:other>"
        "<epd2:publicationDateOfEPD>2024-02-03</epd2:publicationDateOfEPD>"
        "<epd24:expirationDateOfEPD>2028-02-03</epd24:expirationDateOfEPD></common:other>"
    )
    found = read(desk(time=extended))
    assert (found.issued_on, found.valid_until) == (date(2024, 2, 3), date(2028, 2, 3))
    text = (
        "<common:timeRepresentativenessDescription>Godkjent dato: 03.02.2024\n"
        "Gyldig til: 03.02.2029</common:timeRepresentativenessDescription>"
    )
    found = read(desk(time=text))
    assert (found.issued_on, found.valid_until) == (date(2024, 2, 3), date(2029, 2, 3))


BOMB = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]>
<a>&c;</a>"""
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"\x00\x01",
        b"{",
        b"[1]",
        b'{"impacts": 3}',
        b'{"impacts": {"EF 3.1": {"GWP_GHG": {"A1A2A3": {"mean": "x"}}}}}',
        b"[" * 100_000,
        b"{" + b'"a":{' * 100_000,
        b"<a>",
        b"<a/>",
        BOMB,
        OUTSIDE,
        b"<a>" * 100 + b"</a>" * 100,
        b"PK\x03\x04nothing",
        zipped(("a.txt", b"x")),
        zipped(("a.xml", process()), ("b.xml", process())),
        zipped(("a.xml", b"<a>" + b" " * 4_000_000 + b"</a>")),
        zipped(*((f"{n}.xml", b"<a/>") for n in range(2_001))),
        process().replace(b"<meanAmount>2<", b"<meanAmount>1e999999<"),
        process().replace(b"<meanAmount>2<", b"<meanAmount>NaN<"),
        process().replace(b'"UTF-8"', b'"nothing"'),
    ],
    ids=range(22),
)
def test_what_is_no_declaration_is_refused_by_a_rule_and_never_breaks(content: bytes) -> None:
    with pytest.raises(DeclarationRefused):
        of(content)


def test_numbers_stay_exact_decimals() -> None:
    found = of(openepd(impacts={"EF 3.1": {"GWP_GHG": {"A1A2A3": mean(0.1)}}}), outside=True)
    assert found.gwp_g == Decimal(100)
    # Two declared deviations of one sum: (0.1·40 + 0.5·2) ÷ 42.
    pair = {
        "gwp-fossil": {"A1A2A3": mean(40, rsd=0.1)},
        "gwp-luluc": {"A1A2A3": mean(2, rsd=0.5)},
    }
    assert of(openepd(impacts={"EF 3.1": pair})).relative_deviation == Decimal("0.119048")


def test_an_ilcd_alone_has_the_amount_but_not_what_it_is_of() -> None:
    found = read(process())
    assert (found.unit, found.mass_kg) == (DeclaredUnit.OTHER, None)
    assert refused(process()) == 3
    assert of(process(), pieces=Decimal(2)).gwp_g == 45_000
    assert read(zipped(("p.xml", process(GOOD)), ("f.xml", flow(((AREA, "1"),))))).unit is (
        DeclaredUnit.M2
    )
    assert TOTAL31 not in GOOD
