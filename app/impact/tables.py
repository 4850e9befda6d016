"""The factor files of one factor set, as exact values.

A factor set is immutable: `checksum` of each file shows a changed byte. Masses, GWP and prices
become whole grams and øre here; every other factor stays a `Decimal` as printed in the file. A file
that breaks a rule stops with the table, row and column.
"""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TypeVar

EQUIPMENT_GROUP = "equipment"
PER_KG_CATEGORY = "OTHER_KG"
FACTOR_SETS = Path(__file__).parent / "factor_sets"
TABLES = ("categories", "equipment", "materials", "transport")
AMOUNT_UNITS = ("piece", "m2", "kg")

_GRAMS_PER_KG = 1000
_ORE_PER_KRONE = 100
_MONTHS_PER_YEAR = 12


Row = TypeVar("Row")


class FactorSetError(ValueError):
    """A factor file that cannot be used, with file, row and column."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A whole-numbered factor with its low and high value."""

    value: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Share:
    """One material's part of the mass."""

    material: str
    share: Decimal


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """One category; mass in g, GWP of A1–A3 in g CO2e, price in øre excl. VAT, per amount unit.

    The group `equipment` has no factors: they are empty, never 0.
    """

    code: str
    group: str
    amount_unit: str
    name_nb: str
    name_sv: str
    name_en: str
    mass_g: Spread | None
    gwp_g: Spread | None
    price_ore: Spread | None
    service_life_months: int | None
    materials: tuple[Share, ...]
    source_mass: str
    source_gwp: str
    source_price: str
    quality: str
    note: str

    @property
    def is_equipment(self) -> bool:
        return self.group == EQUIPMENT_GROUP


@dataclass(frozen=True, slots=True)
class MaterialRow:
    """Production and end of life of a material, kg CO2e per kg."""

    material: str
    production: Decimal
    production_low: Decimal
    production_high: Decimal
    incineration: Decimal
    landfill: Decimal
    recycling: Decimal
    quality: str
    source: str


@dataclass(frozen=True, slots=True)
class TransportRow:
    """Transport or energy; `total` is kg CO2e per `unit`. The A4 rows have no parts."""

    code: str
    name_nb: str
    name_en: str
    unit: str
    tank_to_wheel: Decimal | None
    well_to_tank: Decimal | None
    total: Decimal
    quality: str
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class FactorSet:
    """All rows of one version. Its id is the version, for example `2025.1`."""

    id: str
    categories: Mapping[str, CategoryRow]
    materials: Mapping[str, MaterialRow]
    transport: Mapping[str, TransportRow]


@dataclass(frozen=True, slots=True)
class _Line:
    """One row of a table, which knows where it stands for the error message."""

    table: str
    number: int
    cells: Mapping[str, str]

    def fault(self, column: str, reason: str) -> FactorSetError:
        return FactorSetError(f"{self.table}, row {self.number}, column {column}: {reason}")

    def text(self, column: str) -> str:
        if column not in self.cells:
            raise self.fault(column, "the column is missing")
        return self.cells[column]

    def name(self, column: str) -> str:
        found = self.text(column)
        if not found:
            raise self.fault(column, "is empty")
        return found

    def decimal(self, column: str) -> Decimal:
        try:
            number = Decimal(self.text(column))
        except InvalidOperation:
            raise self.fault(column, f"{self.text(column)!r} is not a number") from None
        if not number.is_finite() or number < 0:
            raise self.fault(column, f"{number} is not a number from 0 upwards")
        return number

    def whole(self, column: str, per: int) -> int:
        """The number in the smaller unit, which must come out whole."""
        scaled = self.decimal(column) * per
        if scaled != scaled.to_integral_value():
            raise self.fault(column, f"{scaled} is not whole in the unit it is stored in")
        return int(scaled)

    def spread(self, column: str, low: str, high: str, per: int) -> Spread:
        found = Spread(self.whole(column, per), self.whole(low, per), self.whole(high, per))
        if not found.low <= found.value <= found.high:
            raise self.fault(column, f"{found.value} is not between {low} and {high}")
        return found


def _lines(tables: Mapping[str, Iterable[Mapping[str, str]]], table: str) -> Iterator[_Line]:
    if table not in tables:
        raise FactorSetError(f"{table}: the table is missing")
    # The names of the columns are row 1 of a file.
    for number, cells in enumerate(tables[table], start=2):
        yield _Line(table, number, cells)


def split_of(text: str) -> tuple[Share, ...]:
    """Reads `steel:0.41;textile:0.59`; raises `ValueError` unless the shares sum to exactly 1."""
    shares = []
    for part in text.split(";"):
        material, _, share = part.partition(":")
        try:
            shares.append(Share(material.strip(), Decimal(share)))
        except InvalidOperation:
            raise ValueError(f"{part!r} is not a material and a share") from None
    if sum(each.share for each in shares) != 1:
        raise ValueError(f"the shares of {text!r} do not sum to 1")
    return tuple(shares)


def _category(line: _Line, materials: Mapping[str, MaterialRow]) -> CategoryRow:
    try:
        split = split_of(line.text("materials_split"))
    except ValueError as reason:
        raise line.fault("materials_split", str(reason)) from None
    for each in split:
        if each.material not in materials:
            raise line.fault("materials_split", f"{each.material} is not in the table of materials")
    return CategoryRow(
        **_names(line),
        mass_g=line.spread("typical_mass_kg", "mass_low", "mass_high", _GRAMS_PER_KG),
        gwp_g=line.spread("gwp_new_kgco2e", "gwp_low", "gwp_high", _GRAMS_PER_KG),
        price_ore=line.spread("new_price_nok", "price_low", "price_high", _ORE_PER_KRONE),
        service_life_months=line.whole("service_life_years", _MONTHS_PER_YEAR),
        materials=split,
        source_mass=line.name("source_mass"),
        source_gwp=line.name("source_gwp"),
        source_price=line.name("source_price"),
        quality=line.name("quality"),
        note="",
    )


def _equipment(line: _Line) -> CategoryRow:
    return CategoryRow(
        **_names(line),
        mass_g=None,
        gwp_g=None,
        price_ore=None,
        service_life_months=None,
        materials=(),
        source_mass="",
        source_gwp="",
        source_price="",
        quality="",
        note=line.text("note"),
    )


def _names(line: _Line) -> dict[str, str]:
    if line.text("amount_unit") not in AMOUNT_UNITS:
        raise line.fault("amount_unit", f"{line.text('amount_unit')!r} is not an amount unit")
    return {
        "code": line.name("category_code"),
        "group": line.name("category_group"),
        "amount_unit": line.name("amount_unit"),
        "name_nb": line.name("name_nb"),
        "name_sv": line.name("name_sv"),
        "name_en": line.name("name_en"),
    }


def _material(line: _Line) -> MaterialRow:
    return MaterialRow(
        material=line.name("material"),
        production=line.decimal("production_kgco2e_per_kg"),
        production_low=line.decimal("production_low"),
        production_high=line.decimal("production_high"),
        incineration=line.decimal("incineration_kgco2e_per_kg"),
        landfill=line.decimal("landfill_kgco2e_per_kg"),
        recycling=line.decimal("recycling_kgco2e_per_kg"),
        quality=line.name("quality"),
        source=line.name("source"),
    )


def _transport(line: _Line) -> TransportRow:
    row = TransportRow(
        code=line.name("code"),
        name_nb=line.name("name_nb"),
        name_en=line.name("name_en"),
        unit=line.name("unit"),
        tank_to_wheel=line.decimal("ttw_kgco2e") if line.text("ttw_kgco2e") else None,
        well_to_tank=line.decimal("wtt_kgco2e") if line.text("wtt_kgco2e") else None,
        total=line.decimal("total_kgco2e"),
        quality=line.name("quality"),
        source=line.name("source"),
        note=line.text("note"),
    )
    parts = (row.tank_to_wheel, row.well_to_tank)
    if None not in parts and sum(part for part in parts if part is not None) != row.total:
        raise line.fault("total_kgco2e", "is not the sum of its two parts")
    return row


def parse_factor_set(version: str, tables: Mapping[str, Iterable[Mapping[str, str]]]) -> FactorSet:
    """The factor set in these tables, each a list of rows as the files spell them.

    Raises `FactorSetError` with the place of the first fault.
    """
    materials: dict[str, MaterialRow] = {}
    for line in _lines(tables, "materials"):
        _add(materials, line, "material", _material(line))
    transport: dict[str, TransportRow] = {}
    for line in _lines(tables, "transport"):
        _add(transport, line, "code", _transport(line))
    categories: dict[str, CategoryRow] = {}
    for line in _lines(tables, "categories"):
        _add(categories, line, "category_code", _category(line, materials))
    for line in _lines(tables, "equipment"):
        _add(categories, line, "category_code", _equipment(line))
    return FactorSet(version, categories, materials, transport)


def _add(rows: dict[str, Row], line: _Line, column: str, row: Row) -> None:
    key = line.name(column)
    if key in rows:
        raise line.fault(column, f"{key} stands twice")
    rows[key] = row


def rows_of(table: str, content: bytes) -> list[dict[str, str]]:
    """The rows of a factor file as text; raises `FactorSetError` where a row is torn."""
    found = list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))
    for number, cells in enumerate(found, start=2):
        if None in cells or None in cells.values():
            raise FactorSetError(f"{table}, row {number}: the number of cells differs from row 1")
    return found


def factor_files(version: str, folder: Path = FACTOR_SETS) -> dict[str, bytes]:
    """The files of a built-in factor set by table, byte for byte."""
    return {table: (folder / version / f"{table}.csv").read_bytes() for table in TABLES}


def checksum(content: bytes) -> str:
    """SHA-256 of a factor file, by which a changed byte shows."""
    return hashlib.sha256(content).hexdigest()


def read_factor_set(version: str, folder: Path = FACTOR_SETS) -> FactorSet:
    """The built-in factor set of this version, for example `2025.1`."""
    files = factor_files(version, folder)
    return parse_factor_set(version, {name: rows_of(name, files[name]) for name in TABLES})
