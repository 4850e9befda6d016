"""A saved way of reading one kind of sheet: key columns, fields, units, currency, value tables.

Everything is optional: headers that a mapping does not name are recognised by their words. A
mapping is data, kept as JSON by name; those in ``mappings/`` come with the program.
"""

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic import Field as Member

from app.kit.text import PRINTABLE, STRIPPED
from app.transfer.headers import Field
from app.transfer.numbers import Style

_FOLDER = Path(__file__).resolve().parent / "mappings"

Header = str


class Skip(BaseModel):
    """Rows whose ``column`` holds one of the texts (any case) are left out, and counted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: Header = Member(min_length=1, max_length=200)
    equals: tuple[str, ...] = Member(min_length=1, max_length=100)


class Mapping(BaseModel):
    """How to read a sheet.

    ``rate`` is the price of one unit of ``currency`` in the organisation's own; without it, prices
    in a foreign currency are left out with one notice. ``header_row`` counts from 1. In ``values``
    a word of the sheet stands before ours (category code; condition A-D). ``broad_categories`` are
    words too wide to decide alone: they count only when name and description say nothing; an empty
    code means that they never do. ``constants`` are values for fields without a column.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, STRIPPED, Member(max_length=80), PRINTABLE]
    key: tuple[Header, ...] = Member(default=(), max_length=8)
    columns: dict[Header, Field] = Member(default_factory=dict, max_length=256)
    ignore: tuple[Header, ...] = Member(default=(), max_length=256)
    is_complete: bool = False
    length_unit: Literal["mm", "cm", "dm", "m", "in"] | None = None
    mass_unit: Literal["g", "hg", "kg", "t", "lb"] | None = None
    currency: str | None = Member(default=None, pattern=r"^[A-Z]{3}$")
    rate: Decimal | None = Member(default=None, gt=0, le=100_000)
    with_vat: bool | None = None
    decimals: Style | None = None
    values: dict[Field, dict[str, str]] = Member(default_factory=dict)
    broad_categories: dict[str, str] = Member(default_factory=dict, max_length=1000)
    unknown_category: Literal["warn", "bad"] = "warn"
    constants: dict[Field, str] = Member(default_factory=dict)
    header_row: int | None = Member(default=None, ge=1, le=1000)
    skip: tuple[Skip, ...] = Member(default=(), max_length=20)
    sheet: str = Member(default="", max_length=31)

    @model_validator(mode="after")
    def _one_column_per_field(self) -> Self:
        fields = list(self.columns.values())
        twice = {each for each in fields if fields.count(each) > 1}
        if twice:
            raise ValueError("twice: " + ", ".join(sorted(twice)))
        return self


def built_in(name: str) -> Mapping | None:
    """The mapping that comes with the program by this name (any case), if there is one."""
    return _all_built_in().get(name.casefold())


def built_in_names() -> list[str]:
    return sorted(_all_built_in())


@cache
def _all_built_in() -> dict[str, Mapping]:
    found = (
        Mapping.model_validate_json(path.read_text("utf-8")) for path in _FOLDER.glob("*.json")
    )
    return {mapping.name.casefold(): mapping for mapping in found}
