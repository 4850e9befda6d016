"""The factor files: complete, unchanged, and refused with the place of a fault."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from app.impact.lookup import production
from app.impact.rules import (
    FactorSetError,
    Share,
    checksum,
    factor_files,
    parse_factor_set,
    rows_of,
)
from app.impact.snapshot import known
from app.impact.tables import TABLES, CategoryRow, split_of
from tests.impact.pieces import factors

# A factor set never changes: a correction is a new set beside it.
CHECKSUMS = {
    "categories": "b766e65ee79f884442a186c8fecd362f9e0fb64e3635003c2599313fd1309c5f",
    "equipment": "b9a2b87e884d54e6ded601e5e0f1699c366fcd1cba30008a8fefcde5824dc06e",
    "materials": "24798aaef2c115f9f7baa8ecc4592f061477c5cb57826df74a60394feaafd21e",
    "transport": "1aed4134516107e347a290aa555e530445f4f862c15d0e5ede00afe61d710ebc",
}
MODELLED = [
    row for row in factors().factor_set.categories.values() if "model 1.15 x mass" in row.source_gwp
]


def test_the_files_of_2025_1_are_unchanged() -> None:
    files = factor_files("2025.1")
    assert {table: checksum(files[table]) for table in TABLES} == CHECKSUMS


@pytest.mark.shared_data
def test_the_files_are_those_of_the_published_data(shared_data: Path) -> None:
    for table, content in factor_files("2025.1").items():
        assert (shared_data / "factors" / f"{table}.csv").read_bytes() == content


def test_the_set_holds_78_categories_six_of_equipment_21_materials_and_18_transport_rows() -> None:
    found = factors().factor_set
    equipment = [row for row in found.categories.values() if row.is_equipment]
    assert len(found.categories) - len(equipment) == 78
    assert len(equipment) == 6
    assert len(found.materials) == 21
    assert len(found.transport) == 18
    assert all(row.gwp_g is row.mass_g is row.price_ore is None for row in equipment)


def _printed(exact: Fraction, digits: str) -> Decimal:
    """The exact number with as many decimals as the printed one."""
    exponent = Decimal(digits).as_tuple().exponent
    assert isinstance(exponent, int)
    places = max(0, -exponent)
    return Decimal(round(exact * 10**places)).scaleb(-places)


def test_fifty_rows_come_from_the_model() -> None:
    assert len(MODELLED) == 50


@pytest.mark.parametrize("row", MODELLED, ids=lambda row: row.code)
def test_the_model_gives_the_rows_marked_with_it_to_the_printed_digits(row: CategoryRow) -> None:
    cells = next(
        each
        for each in rows_of("categories", factor_files("2025.1")["categories"])
        if each["category_code"] == row.code
    )
    assert row.mass_g is not None
    model = production(row.materials, Fraction(row.mass_g.value), factors())
    printed = cells["gwp_new_kgco2e"]
    assert _printed(model.value / 1000, printed) == Decimal(printed)
    if row.code != "BENCH_OUTDOOR":
        assert _printed(model.low / 1000, cells["gwp_low"]) == Decimal(cells["gwp_low"])
        assert _printed(model.high / 1000, cells["gwp_high"]) == Decimal(cells["gwp_high"])


@pytest.mark.parametrize(
    ("code", "mass_g", "kg"),
    [
        ("CHAIR_TASK", 17_500, "65.9"),
        ("CHAIR_SCHOOL", None, "14.2"),
        ("DESK_FIXED", None, "44.2"),
        ("CABINET_LOW", None, "31.8"),
        ("CABINET_TAMBOUR", None, "64.3"),
        ("PEDESTAL", None, "38.5"),
        ("TABLE_MEETING_S", None, "51.9"),
        ("TABLE_CANTEEN", None, "38.1"),
        ("ARMCHAIR", 16_800, "50.3"),
        ("SOFA_2", 28_200, "81.3"),
        ("SOFA_3", 39_800, "114.7"),
        ("SOFA_3", 43_000, "123.9"),
        ("MATTRESS", None, "73.3"),
    ],
)
def test_the_back_test_table_comes_out_as_printed(code: str, mass_g: int | None, kg: str) -> None:
    row = factors().factor_set.categories[code]
    assert row.mass_g is not None
    model = production(row.materials, Fraction(mass_g or row.mass_g.value), factors())
    assert _printed(model.value / 1000, kg) == Decimal(kg)


def test_back_test_of_products_with_materials_of_their_own() -> None:
    steel = production((Share("steel", Decimal(1)),), Fraction(22_000), factors())
    assert _printed(steel.value / 1000, "59.3") == Decimal("59.3")
    polypropylene = production((Share("plastic_pp", Decimal(1)),), Fraction(2_725), factors())
    legs = production((Share("steel", Decimal(1)),), Fraction(2_381), factors())
    assert _printed((polypropylene.value + legs.value) / 1000, "14.5") == Decimal("14.5")


def test_the_uplift_is_not_added_to_a_factor_of_a_finished_product() -> None:
    carpet = production((Share("carpet_tile", Decimal(1)),), Fraction(1_000), factors())
    assert carpet.value == known(2_952, "g CO2e").value


def _tables() -> dict[str, list[dict[str, str]]]:
    return {table: rows_of(table, content) for table, content in factor_files("2025.1").items()}


@pytest.mark.parametrize(
    ("table", "row", "column", "cell", "complaint"),
    [
        ("categories", 0, "typical_mass_kg", "15,5", r"row 2.*typical_mass_kg.*not a number"),
        ("categories", 0, "typical_mass_kg", "15.0001", r"row 2.*typical_mass_kg.*not whole"),
        ("categories", 1, "gwp_low", "400", r"row 3.*gwp_new_kgco2e.*not between"),
        ("categories", 2, "materials_split", "steel:0.5", r"row 4.*do not sum to 1"),
        ("categories", 2, "materials_split", "gold:1", r"gold is not in the table of materials"),
        ("categories", 2, "materials_split", "steel", r"not a material and a share"),
        ("categories", 3, "amount_unit", "pair", r"'pair' is not an amount unit"),
        ("categories", 3, "source_gwp", "", r"source_gwp: is empty"),
        ("equipment", 1, "category_code", "CHAIR_TASK", r"CHAIR_TASK stands twice"),
        ("materials", 0, "recycling_kgco2e_per_kg", "-1", r"not a number from 0 upwards"),
        ("materials", 0, "recycling_kgco2e_per_kg", "NaN", r"not a number from 0 upwards"),
        ("transport", 0, "wtt_kgco2e", "0.15096", r"not the sum of its two parts"),
    ],
)
def test_a_faulty_cell_is_refused_with_its_place(
    table: str, row: int, column: str, cell: str, complaint: str
) -> None:
    tables = _tables()
    tables[table][row][column] = cell
    with pytest.raises(FactorSetError, match=complaint):
        parse_factor_set("2025.1", tables)


def test_a_missing_table_a_missing_column_and_a_torn_row_are_refused() -> None:
    tables = _tables()
    del tables["equipment"]
    with pytest.raises(FactorSetError, match="equipment: the table is missing"):
        parse_factor_set("2025.1", tables)
    tables = _tables()
    del tables["materials"][4]["source"]
    with pytest.raises(FactorSetError, match="row 6, column source: the column is missing"):
        parse_factor_set("2025.1", tables)
    with pytest.raises(FactorSetError, match="materials, row 3: the number of cells"):
        rows_of("materials", b"a,b\n1,2\n1\n")


def test_a_material_split_is_read_exactly() -> None:
    assert split_of("steel:0.97;plastic_mixed:0.03") == (
        Share("steel", Decimal("0.97")),
        Share("plastic_mixed", Decimal("0.03")),
    )
