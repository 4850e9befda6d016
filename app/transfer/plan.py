"""How one sheet is read: where its header stands, what each column holds, in which unit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from app.kit.i18n import N_
from app.transfer import numbers
from app.transfer.headers import LENGTHS, Field, find_header, letter, plain, recognise
from app.transfer.mapping import Mapping
from app.transfer.numbers import CURRENCIES, LENGTH_MM, MASS_G, Order, Style
from app.transfer.reading import Cell, Row, Sheet
from app.transfer.sheet_limits import (
    LIMITS,
    PREAMBLE_ROWS,
    ColumnsNotRecognised,
    MappingDoesNotFit,
    SheetWithoutRows,
    TooManyRows,
)
from app.transfer.values import Text, text_of


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the sheet; ``field`` is ``None`` when it is not imported."""

    index: int
    header: str
    field: Field | None
    unit: str = ""
    with_vat: bool = False
    style: Style = Style.COMMA
    order: Order = Order.DAY
    is_mapped: bool = False

    @property
    def letter(self) -> str:
        return letter(self.index)


@dataclass(frozen=True, slots=True)
class Plan:
    """``first_row`` is the index of the first row below the header."""

    header_row: int
    columns: tuple[Column, ...]
    keys: tuple[Column, ...]
    notices: tuple[Text, ...]

    @property
    def first_row(self) -> int:
        return self.header_row + 1

    def used(self) -> Iterator[Column]:
        return (column for column in self.columns if column.field is not None)


def plan(sheet: Sheet, mapping: Mapping | None) -> Plan:
    """Raises ``ColumnsNotRecognised``, ``MappingDoesNotFit``, ``SheetWithoutRows``, ``TooManyRows``."""
    mapping = mapping or Mapping(name="-")
    header_row = _header_row(sheet, mapping)
    below = sheet.rows[header_row + 1 :]
    if not below:
        raise SheetWithoutRows
    if len(below) > LIMITS.rows:
        raise TooManyRows(
            N_("Arket har mer enn %(limit)s rader (rad %(found)s er i bruk). Del det i flere filer."),
            values={"found": len(sheet.rows), "limit": LIMITS.rows},
        )  # fmt: skip
    headers = [text_of(cell) for cell in sheet.rows[header_row]]
    columns, notices = _fields(headers, below, mapping)
    if not any(column.field for column in columns):
        raise ColumnsNotRecognised(
            N_("Ingen av kolonnene er gjenkjent: %(headers)s"),
            values={"headers": ", ".join(text[:40] for text in headers if text)[:400]},
        )
    columns = _with_styles(columns, below, mapping)
    columns, told = _with_units(columns, below, mapping)
    notices.extend(told)
    if sheet.merged:
        notices.append(
            Text(
                N_("%(count)s sammenslåtte felt: verdien gjelder for alle radene i feltet."),
                {"count": sheet.merged},
            )
        )
    return Plan(header_row, tuple(columns), _keys(columns, mapping), tuple(notices))


def _header_row(sheet: Sheet, mapping: Mapping) -> int:
    if mapping.header_row is not None:
        if mapping.header_row > len(sheet.rows):
            raise MappingDoesNotFit(
                N_("Arket har ingen rad %(row)s."), values={"row": mapping.header_row}
            )
        return mapping.header_row - 1
    named = dict.fromkeys([*mapping.key, *mapping.columns])
    found = find_header(sheet.rows[:PREAMBLE_ROWS], named)
    return 0 if found is None else found


def _fields(
    headers: Sequence[str], below: Sequence[Row], mapping: Mapping
) -> tuple[list[Column], list[Text]]:
    """Every column with the field it holds; of two that claim one field the clearer wins."""
    keys = {plain(name) for name in mapping.key}
    silent = keys | {plain(name) for name in mapping.ignore}
    missing = ({plain(name) for name in mapping.columns} | keys) - {plain(each) for each in headers}
    if missing:
        raise MappingDoesNotFit(
            N_("Arket mangler kolonnene %(columns)s, som oppsettet «%(name)s» bruker."),
            values={"columns": ", ".join(sorted(missing)), "name": mapping.name},
        )
    width = max(len(headers), max(map(len, below), default=0))
    columns: list[Column] = []
    claims: dict[Field, list[tuple[int, int]]] = {}
    for index in range(width):
        header = headers[index] if index < len(headers) else ""
        field, rank = _claim(header, mapping, silent)
        if field is not None:
            claims.setdefault(field, []).append((rank, index))
        known = recognise(header)
        columns.append(
            Column(
                index, header, field, known.unit, known.with_vat, is_mapped=plain(header) in silent
            )
        )
    for claimed in claims.values():
        for _, index in sorted(claimed)[1:]:
            columns[index] = replace(columns[index], field=None)
    notices: list[Text] = []
    for column in columns:
        if column.field is None and not column.is_mapped and not mapping.is_complete:
            notices.extend(_unused(column, below, claims))
    return columns, notices


def _claim(header: str, mapping: Mapping, silent: set[str]) -> tuple[Field | None, int]:
    """The field a header is mapped to, else the one its words name, with how clear they are."""
    name = plain(header)
    for mapped, field in mapping.columns.items():
        if plain(mapped) == name:
            return field, -1
    if name in silent or mapping.is_complete:
        return None, 0
    known = recognise(header)
    is_taken = known.field in mapping.columns.values()
    if is_taken or (known.field is Field.KEY and mapping.key):
        return None, 0
    return known.field, known.rank


def _unused(
    column: Column, below: Sequence[Row], claims: dict[Field, list[tuple[int, int]]]
) -> Iterator[Text]:
    is_used = any(len(row) > column.index and row[column.index] != "" for row in below)
    values = {"column": column.letter, "header": column.header}
    rival = next((c for c in claims.values() if column.index in {index for _, index in c}), None)
    if rival is not None:
        yield Text(
            N_("Kolonne %(column)s «%(header)s» er ikke brukt: kolonne %(other)s gir det samme."),
            {**values, "other": letter(min(rival)[1])},
        )
    elif column.header:
        yield Text(N_("Kolonne %(column)s «%(header)s» er ikke gjenkjent og ikke brukt."), values)
    elif is_used:
        yield Text(N_("Kolonne %(column)s har ingen overskrift og er ikke brukt."), values)


def _texts(column: Column, below: Sequence[Row]) -> list[str]:
    index = column.index
    found = {row[index] for row in below if len(row) > index}
    return [cell for cell in found if isinstance(cell, str) and cell]


def _with_styles(columns: Sequence[Column], below: Sequence[Row], mapping: Mapping) -> list[Column]:
    """Each column by its own evidence, else by the other columns', else decimal comma."""
    measured = LENGTHS | {Field.MASS, Field.PRICE, Field.QUANTITY, Field.MEASUREMENTS}
    own: dict[int, Style] = {}
    for column in columns:
        if column.field in measured and mapping.decimals is None:
            style = numbers.style_of(_texts(column, below))
            if style is not None:
                own[column.index] = style
    seen = list(own.values())
    points = seen.count(Style.POINT)
    usual = mapping.decimals or (Style.POINT if points > len(seen) - points else Style.COMMA)
    made = []
    for column in columns:
        order = Order.DAY
        if column.field is Field.ACQUIRED:
            order = numbers.order_of(text.strip() for text in _texts(column, below))
        made.append(replace(column, style=own.get(column.index, usual), order=order))
    return made


def _with_units(
    columns: Sequence[Column], below: Sequence[Row], mapping: Mapping
) -> tuple[list[Column], list[Text]]:
    """The mapping's unit, else the header's, else for lengths the one that makes sense."""
    lengths = LENGTHS | {Field.MEASUREMENTS}
    told: list[Text] = []
    guessed = ""
    if mapping.length_unit is None and any(
        column.field in lengths and column.unit not in LENGTH_MM for column in columns
    ):
        bare = [column for column in columns if column.field in LENGTHS and not column.unit]
        guessed = _usual_unit([size for column in bare for size in _sizes(column, below)])
        told.append(Text(N_("Mål uten enhet er lest som %(unit)s."), {"unit": guessed}))
    made = []
    for column in columns:
        unit, with_vat = "", False
        if column.field in lengths:
            unit = mapping.length_unit or (column.unit if column.unit in LENGTH_MM else guessed)
        elif column.field is Field.MASS:
            unit = mapping.mass_unit or (column.unit if column.unit in MASS_G else "kg")
        elif column.field is Field.PRICE:
            unit = mapping.currency or CURRENCIES.get(column.unit, "")
            with_vat = column.with_vat if mapping.with_vat is None else mapping.with_vat
            if with_vat:
                told.append(Text(N_("Prisene er med mva; 25 % er trukket fra.")))
        made.append(replace(column, unit=unit, with_vat=with_vat))
    return made, told


def _sizes(column: Column, below: Sequence[Row]) -> Iterator[float]:
    for row in below[:2000]:
        cell: Cell = row[column.index] if len(row) > column.index else ""
        if isinstance(cell, str) and cell:
            found = numbers.amount(cell.strip(), column.style)
            if found is not None and not found.unit:
                yield float(found.value)
        elif isinstance(cell, (int, float)):
            yield float(cell)


def _usual_unit(sizes: Sequence[float]) -> str:
    """Furniture is mostly 40 cm to 2 m: the middle value tells which unit was meant."""
    if not sizes:
        return "cm"
    middle = median(sizes)
    if middle >= 250:
        return "mm"
    return "m" if middle < 5 else "cm"


def _keys(columns: Sequence[Column], mapping: Mapping) -> tuple[Column, ...]:
    if mapping.key:
        by_name = {plain(column.header): column for column in reversed(columns)}
        return tuple(by_name[plain(name)] for name in mapping.key)
    return tuple(column for column in columns if column.field is Field.KEY)
