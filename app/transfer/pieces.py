"""One row of a sheet → one piece in an item's units, or the cells that stand in the way."""

from collections import Counter
from collections.abc import Callable
from collections.abc import Mapping as Map
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from hashlib import blake2b
from operator import itemgetter
from typing import Any, NamedTuple

from app.kit.i18n import N_
from app.transfer.category_words import CABINET, RULES
from app.transfer.classify import TALL_MM, classify
from app.transfer.headers import LENGTHS, Field
from app.transfer.mapping import Mapping
from app.transfer.plan import Column, Plan
from app.transfer.reading import Cell, Row
from app.transfer.sheet_limits import MappingDoesNotFit
from app.transfer.values import (
    Money,
    Wrong,
    acquired,
    condition,
    fault,
    length,
    mass,
    price,
    quantity,
    text_of,
    three_lengths,
    words,
)

MOST_CHARACTERS = 200
MOST_NOTE_CHARACTERS = 4_000
MOST_KEY_CHARACTERS = 200
_LONG = frozenset({Field.NOTE, Field.DESCRIPTION})
CODES = frozenset(rule.code for rule in RULES) - {CABINET} | {"CABINET_LOW", "CABINET_TALL"}


class Piece(NamedTuple):
    """A good row, in the units of an item. ``None`` is unknown, never 0.

    Lengths in mm, mass in g, price excluding VAT in the smallest unit of the organisation's own
    currency. ``measurements`` are the further ones as (kind, mm).
    """

    name: str
    category_code: str | None = None
    category_text: str | None = None
    description: str | None = None
    maker: str | None = None
    model: str | None = None
    colour: str | None = None
    material: str | None = None
    condition: str | None = None
    width_mm: int | None = None
    depth_mm: int | None = None
    height_mm: int | None = None
    measurements: tuple[tuple[str, int], ...] = ()
    mass_g: int | None = None
    new_price_ore: int | None = None
    quantity: int = 1
    property: str | None = None
    building: str | None = None
    floor: str | None = None
    room: str | None = None
    place: str | None = None
    unit: str | None = None
    cost_centre: str | None = None
    serial: str | None = None
    ean: str | None = None
    acquired_year: int | None = None
    acquired_on: date | None = None
    note: str | None = None
    photo: str | None = None

    def as_values(self) -> dict[str, Any]:
        """What is known, as JSON holds it: dates in ISO, measurements as ``{kind: mm}``."""
        values = {name: value for name, value in self._asdict().items() if value is not None}
        values["measurements"] = dict(self.measurements)
        if self.acquired_on is not None:
            values["acquired_on"] = self.acquired_on.isoformat()
        return values


_FURTHER = frozenset({Field.MEASUREMENTS, Field.LENGTH, Field.DIAMETER, Field.SEAT_HEIGHT})
_SIDES = itemgetter(Field.WIDTH, Field.DEPTH, Field.HEIGHT)
# In the order of Piece.
_LOOKS = itemgetter(
    Field.CATEGORY, Field.DESCRIPTION, Field.MAKER, Field.MODEL,
    Field.COLOUR, Field.MATERIAL, Field.CONDITION,
)  # fmt: skip
_WHERE = itemgetter(
    Field.PROPERTY, Field.BUILDING, Field.FLOOR, Field.ROOM, Field.PLACE,
    Field.UNIT, Field.COST_CENTRE, Field.SERIAL, Field.EAN,
)  # fmt: skip
_NEVER = (None, None)
_Reader = Callable[[Cell], Any]
# What a row says, by field; each field's reader decides the type.
Values = dict[Field, Any]


def _reader(column: Column, mapping: Mapping, last_year: int) -> _Reader:  # noqa: PLR0911
    """How the cells of a column become values."""
    style, unit = column.style, column.unit
    field = column.field
    if field in LENGTHS:
        return lambda cell: length(cell, style, unit)
    match field:
        case Field.MEASUREMENTS:
            return lambda cell: three_lengths(cell, style, unit)
        case Field.MASS:
            return lambda cell: mass(cell, style, unit)
        case Field.PRICE:
            with_vat = column.with_vat
            return lambda cell: price(cell, style, with_vat=with_vat)
        case Field.QUANTITY:
            return lambda cell: quantity(cell, style)
        case Field.ACQUIRED:
            return lambda cell: acquired(cell, column.order, last_year)
        case Field.CONDITION:
            table = _table(mapping, Field.CONDITION)
            return lambda cell: condition(cell, table)
        case _:
            most = MOST_NOTE_CHARACTERS if field in _LONG else MOST_CHARACTERS
            table = _table(mapping, field) if field and field is not Field.CATEGORY else {}
            return lambda cell: _translated(words(cell, most), table)


def _table(mapping: Mapping, field: Field) -> dict[str, str]:
    return {word.casefold(): ours for word, ours in mapping.values.get(field, {}).items()}


def _translated(text: str | Wrong | None, table: Map[str, str]) -> str | Wrong | None:
    return table.get(text.casefold(), text) if isinstance(text, str) and table else text


class RowReader:
    """The state of one preview: what each column's cells mean, remembered cell by cell."""

    def __init__(
        self,
        layout: Plan,
        mapping: Mapping,
        *,
        home_currency: str,
        category_names: Map[str, str],
        last_year: int,
    ) -> None:
        self.mapping = mapping
        self.home = home_currency
        self.layout = layout
        # A sheet says the same again and again: what a column's cell means is found once.
        self.readers: list[tuple[int, Field, dict[Cell, Any], _Reader, Column]] = [
            (column.index, column.field, {"": None}, _reader(column, mapping, last_year), column)
            for column in layout.used()
            if column.field is not None and column.field is not Field.KEY
        ]
        self.known_categories: dict[tuple[str, str, str, bool | None], str | None] = {}
        self.categories = {name.casefold(): code for name, code in category_names.items()}
        self.categories |= _table(mapping, Field.CATEGORY)
        self.broad = {text.casefold(): code for text, code in mapping.broad_categories.items()}
        by_field = {field: column for _, field, _, _, column in self.readers}
        self.is_measured = bool(by_field.keys() & (LENGTHS | {Field.MEASUREMENTS}))
        self.has_further = bool(by_field.keys() & _FURTHER)
        self.price_unit = by_field[Field.PRICE].unit if Field.PRICE in by_field else ""
        self.category_column = by_field.get(Field.CATEGORY)
        self.left_out: Counter[str] = Counter()
        self.skips = [
            (column.index, {text.casefold() for text in skip.equals})
            for skip in mapping.skip
            for column in layout.columns
            if column.header.casefold() == skip.column.casefold()
        ]
        self.blank: Values = dict.fromkeys(Field)
        for field, text in mapping.constants.items():
            column = Column(-1, "", field)
            self.blank[field] = checked_constant(_reader(column, mapping, last_year)(text), field)

    def is_skipped(self, row: Row) -> bool:
        return any(
            index < len(row) and text_of(row[index]).casefold() in texts
            for index, texts in self.skips
        )

    def key(self, row: Row, bad: list[tuple[Column, Wrong]]) -> str:
        """The key columns' texts; ``""`` when all are empty."""
        if len(self.layout.keys) == 1:
            index = self.layout.keys[0].index
            cell = row[index] if index < len(row) else ""
            # Nearly all keys are plain digits, or letters and digits, and need no cleaning.
            if type(cell) is str and len(cell) < 40 and cell.isalnum() and not cell.isalpha():
                return cell
        parts = []
        for column in self.layout.keys:
            cell = row[column.index] if column.index < len(row) else ""
            found = fault(cell) or words(cell, MOST_KEY_CHARACTERS // len(self.layout.keys) - 3)
            if isinstance(found, Wrong):
                bad.append((column, found))
            else:
                parts.append(found or "")
        return " / ".join(parts) if any(parts) else ""

    def values(self, row: Row, bad: list[tuple[Column, Wrong]]) -> Values:
        """The row's values by field; what cannot be used goes to ``bad``."""
        values = self.blank.copy()
        for index, field, known, read, column in self.readers:
            try:
                value = known[row[index]]
            except KeyError:
                cell = row[index]
                value = known[cell] = fault(cell) or read(cell)
            except IndexError:
                continue  # the row ends before this column
            if value is None:
                continue
            if type(value) is Wrong:
                bad.append((column, value))
            else:
                values[field] = value
        return values

    def category(self, values: Values, height: int | None) -> str | None:
        text = values[Field.CATEGORY] or ""
        description = values[Field.DESCRIPTION] or ""
        name = values[Field.NAME] or ""
        question = (text, description, name, None if height is None else height >= TALL_MM)
        try:
            return self.known_categories[question]
        except KeyError:
            found = self._category(text, description, name, height)
            self.known_categories[question] = found
            return found

    def _category(self, text: str, description: str, name: str, height: int | None) -> str | None:
        folded = text.casefold()
        if known := self.categories.get(folded):
            return known
        if text in CODES:
            return text
        found = classify("" if folded in self.broad else text, description, name, height)
        return found or self.broad.get(folded) or None

    def price(self, values: Values) -> int | None:
        """The price in the organisation's currency; none when it is 0 or no rate is known."""
        found: Money | None = values[Field.PRICE]
        if found is None or not found.minor:
            return None
        written = (values[Field.CURRENCY] or "").upper()
        currency = found.currency or written or self.price_unit or self.home
        if currency == self.home:
            return found.minor
        if self.mapping.rate is None or currency != self.mapping.currency:
            self.left_out[currency] += 1
            return None
        own = Decimal(found.minor) * self.mapping.rate
        return int(own.to_integral_value(ROUND_HALF_EVEN))

    def piece(self, values: Values) -> Piece | None:
        """The row as an item; ``None`` when nothing says what it is."""
        name = (
            values[Field.NAME]
            or values[Field.DESCRIPTION]
            or values[Field.CATEGORY]
            or values[Field.MODEL]
        )
        if name is None:
            return None
        width, depth, height = _SIDES(values)
        further: tuple[tuple[str, int], ...] = ()
        if self.has_further:
            width, depth, height, further = _extent(values)
        year, day = values[Field.ACQUIRED] or _NEVER
        return Piece._make(
            (
                name if len(name) <= MOST_CHARACTERS else name[:MOST_CHARACTERS],
                self.category(values, height),
                *_LOOKS(values),
                width,
                depth,
                height,
                further,
                values[Field.MASS],
                self.price(values),
                values[Field.QUANTITY] or 1,
                *_WHERE(values),
                year,
                day,
                values[Field.NOTE],
                values[Field.PHOTO],
            )
        )


def checked_constant(value: Any, field: Field) -> Any:
    """The constant's value; raises ``MappingDoesNotFit`` when the field cannot hold it."""
    if isinstance(value, Wrong):
        raise MappingDoesNotFit(
            N_("Oppsettets faste verdi for «%(field)s» kan ikke brukes: %(value)s"),
            values={"field": field.value, "value": value.value},
        )
    return value


def _extent(
    values: Values,
) -> tuple[int | None, int | None, int | None, tuple[tuple[str, int], ...]]:
    """Width, depth, height in mm and the further measurements, from what the row has.

    A length beside no width is the width, beside a width and no depth it is the width and the
    width the depth; a diameter is both where neither stands.
    """
    width, depth, height = _SIDES(values)
    if together := values[Field.MEASUREMENTS]:
        width, depth = width or together[0], depth or together[1]
        height = height or (together[2] if len(together) > 2 else None)
    further: list[tuple[str, int]] = []
    if (long := values[Field.LENGTH]) is not None:
        if width is None:
            width = long
        elif depth is None:
            width, depth = long, width
        else:
            further.append(("length", long))
    if (across := values[Field.DIAMETER]) is not None:
        further.append(("diameter", across))
        if width is None and depth is None:
            width = depth = across
    if (seat := values[Field.SEAT_HEIGHT]) is not None:
        further.append(("seat_height", seat))
    return width, depth, height, tuple(further)


def is_unmeasured(piece: Piece) -> bool:
    return piece.width_mm is None and piece.depth_mm is None and piece.height_mm is None


def fingerprint(piece: Piece) -> str:
    """Equal for equal contents, in every process and version of Python."""
    # As a plain tuple spells itself: without the fields' names, and without making one.
    return blake2b(tuple.__repr__(piece).encode(), digest_size=16).hexdigest()
