"""A sheet of what a project needs: its rows as programme lines, and why a row cannot be one.

Pure: the sheet, the categories' names and the places go in. A column is known by its header in
Norwegian, Swedish or English; a header we do not know is reported.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from app.items.rules import Suitable
from app.kit.i18n import N_
from app.transfer import values
from app.transfer.classify import classify, is_wide
from app.transfer.headed import BadCell, Column, header, names_of
from app.transfer.headers import letter, plain
from app.transfer.numbers import UNKNOWN, Amount, when
from app.transfer.reading import Cell, Fault, Row, Sheet
from app.transfer.values import Text, Wrong, wrong

MOST_LINES = 2_000
_ALIASES: Mapping[str, str] = {
    "category": (
        "kategori|møbel|møbeltype|type|hva|hva trengs|produkt|artikkel|benevnelse|betegnelse|vare"
        "|möbel|möbeltyp|vad|produkttyp|benämning|category|what|item|furniture|product|kategorikode"
    ),
    "quantity": "antall|ant|stk|behov|antal|quantity|qty|count|pieces|number",
    "requirement": (
        "krav|beskrivelse|merknad|kommentar|spesifikasjon|krav og ønsker|beskrivning|anmärkning"
        "|kommentarer|requirement|requirements|description|note|notes|comment|specification"
    ),
    "width_min": "bredde fra|bredde min|min bredde|bredd från|bredd min|min bredd|width from|width min|min width",
    "width_max": "bredde til|bredde maks|maks bredde|bredd till|bredd max|max bredd|width to|width max|max width",
    "width": "bredde|bredd|width",
    "depth_min": "dybde fra|dybde min|min dybde|djup från|djup min|min djup|depth from|depth min|min depth",
    "depth_max": "dybde til|dybde maks|maks dybde|djup till|djup max|max djup|depth to|depth max|max depth",
    "depth": "dybde|djup|depth",
    "height_min": "høyde fra|høyde min|min høyde|höjd från|höjd min|min höjd|height from|height min|min height",
    "height_max": "høyde til|høyde maks|maks høyde|höjd till|höjd max|max höjd|height to|height max|max height",
    "height": "høyde|höjd|height",
    "condition": "tilstand|dårligste tilstand|skick|sämsta skick|condition|worst condition",
    "suitability": "egnethet|egnet|overflate|lämplighet|lämplig|yta|suitability|suitable|surface",
    "wanted_date": (
        "dato|trengs innen|innen|ønsket dato|leveringsdato|frist|datum|behövs senast|senast"
        "|date|needed by|wanted|wanted date|delivery date|due"
    ),
    "place": "rom|sted|romnummer|romnr|plassering|rum|plats|rumsnummer|room|place|location|room number",
}  # fmt: skip
_KNOWN = names_of(_ALIASES)
_SUITABLES = {
    Suitable.WIPEABLE: "tåler desinfeksjon|desinfeksjon|avtørkbar|vaskbar|tål|desinfektion|avtorkbar|wipeable|disinfection",
    Suitable.BARRIER: "væskesperre|væsketett|vätskespärr|vätsketät|barrier|liquid barrier|waterproof",
}  # fmt: skip
_SUITABLE_OF = {
    word: each for each, text in _SUITABLES.items() for word in (*text.split("|"), each.value)
}
_NO_HEADER = N_(
    "Fant ingen overskrift med både kategori og antall. Kall kolonnene «Kategori» og «Antall»."
)
NO_CATEGORY = N_("Kategorien er ikke kjent. Skriv den som i Omløp, for eksempel «Kontorstol».")
LARGEST_MM = 4_000
"""Above it a size needs its unit."""


class PlanLine(NamedTuple):
    """A row that can be a line: its number in the sheet, and the fields of ``AddLine``."""

    number: int
    fields: Mapping[str, Any]


@dataclass(slots=True)
class Programme:
    """What a sheet holds. ``unused`` are the headers that say nothing we know."""

    lines: list[PlanLine] = field(default_factory=list)
    bad: list[BadCell] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)


class Words(NamedTuple):
    """What cells are looked up in: category names and room names, folded. No day is before today."""

    categories: Mapping[str, str]
    places: Mapping[str, Sequence[UUID]]
    today: date | None = None


def words_of(
    categories: Iterable[tuple[str, Sequence[str]]], places: Iterable[tuple[UUID, str, str]]
) -> Words:
    """By the code and names of categories, and the name and readable path of places."""
    named = {plain(name): code for code, names in categories for name in (code, *names)}
    known: dict[str, list[UUID]] = defaultdict(list)
    for place_id, name, label in places:
        for each in {plain(name), plain(label)}:
            known[each].append(place_id)
    return Words(named, known)


def read_programme(sheet: Sheet, words: Words) -> Programme:
    """Raises ``SheetUnreadable`` where no row is a header with a category and a quantity."""
    at, columns, unused = header(sheet.rows, _KNOWN, {"category", "quantity"}, _NO_HEADER)
    found = Programme(unused=unused)
    for number, row in enumerate(sheet.rows[at + 1 :], at + 2):
        if any(cell != "" for cell in row):
            _judge(number, row, columns, words, found)
    return found


def _judge(
    number: int, row: Row, columns: Sequence[Column], words: Words, found: Programme
) -> None:
    given: dict[str, Any] = {}
    wrongs: list[BadCell] = []
    for column in columns:
        cell = row[column.position] if column.position < len(row) else ""
        said = values.fault(cell) or _READERS[column.field.partition("_m")[0]](cell, column, words)
        if isinstance(said, Wrong):
            wrongs.append(
                BadCell(number, letter(column.position), column.header, said.value, said.reason)
            )
        elif said is not None:
            given |= _fields(column.field, said)
    by_field = {each.field: each for each in columns}
    for name in ("category", "quantity"):
        if not wrongs and f"{name}_id" not in given and name not in given:
            column = by_field[name]
            wrongs.append(
                BadCell(
                    number, letter(column.position), column.header, "", Text(N_("Fyll ut feltet."))
                )
            )
    for side in ("width", "depth", "height"):
        least, most = given.get(f"{side}_min_mm"), given.get(f"{side}_max_mm")
        if least is not None and most is not None and least > most:
            column = by_field.get(f"{side}_max", by_field.get(f"{side}_min", columns[0]))
            text = Text(N_("«Fra» kan ikke være større enn «til»."))
            wrongs.append(BadCell(number, letter(column.position), column.header, str(most), text))
    if wrongs:
        found.bad += wrongs
    else:
        found.lines.append(PlanLine(number, given))


def _fields(name: str, said: Any) -> dict[str, Any]:
    """The command's fields. A size without «from» and «to» is both."""
    if name == "category":
        return {"category_id": said}
    if name == "place":
        return {"place_id": said}
    if name in {"width", "depth", "height"}:
        return {f"{name}_min_mm": said, f"{name}_max_mm": said}
    return {f"{name}_mm" if name.endswith(("_min", "_max")) else name: said}


def _category(cell: Cell, _column: Column, words: Words) -> str | Wrong | None:
    text = values.text_of(cell)
    if not text:
        return None
    code = words.categories.get(plain(text)) or classify(text)
    known = code if code in words.categories.values() else None
    return wrong(cell, NO_CATEGORY) if known is None or is_wide(known) else known


def _quantity(cell: Cell, column: Column, _words: Words) -> int | Wrong | None:
    return values.quantity(cell, column.style)


def _requirement(cell: Cell, _column: Column, _words: Words) -> str | Wrong | None:
    return values.words(cell, 400)


def _length(cell: Cell, column: Column, _words: Words) -> int | Wrong | None:
    found = values.length(cell, column.style, column.unit)
    if column.is_guessed and isinstance(found, int) and found > LARGEST_MM:
        said = values.number(cell, column.style)
        if isinstance(said, Amount) and not said.unit:
            return wrong(
                cell, N_("Skriv enheten, for eksempel «700 mm». Over 4 m er vi ikke sikre.")
            )
    return found


def _condition(cell: Cell, _column: Column, _words: Words) -> str | Wrong | None:
    return values.condition(cell, {})


def _suitability(cell: Cell, _column: Column, _words: Words) -> str | Wrong | None:
    text = values.text_of(cell).casefold()
    if text in UNKNOWN:
        return None
    said = _SUITABLE_OF.get(text)
    if said is None:
        return wrong(
            cell, N_("Skriv «desinfeksjon» eller «væskesperre», eller la feltet stå tomt.")
        )
    return said.value


def _date(cell: Cell, column: Column, words: Words) -> date | Wrong | None:
    if values.text_of(cell).casefold() in UNKNOWN:
        return None
    found = None if isinstance(cell, Fault) else when(cell, column.order)
    if found is None or found.day is None:
        return wrong(cell, N_("Dette er ikke en dato."))
    if words.today is not None and found.day < words.today:
        return wrong(cell, N_("Datoen er passert. Velg i dag eller senere."))
    return found.day


def _place(cell: Cell, _column: Column, words: Words) -> UUID | Wrong | None:
    text = values.text_of(cell)
    if text.casefold() in UNKNOWN:
        return None
    found = words.places.get(plain(text), ())
    if len(found) == 1:
        return found[0]
    if found:
        return wrong(cell, N_("Flere steder heter dette. Skriv bygget foran, som i Omløp."))
    return wrong(cell, N_("Stedet finnes ikke. Opprett det først, eller la feltet stå tomt."))


_READERS: Mapping[str, Callable[[Cell, Column, Words], Any]] = {
    "category": _category,
    "quantity": _quantity,
    "requirement": _requirement,
    "width": _length,
    "depth": _length,
    "height": _length,
    "condition": _condition,
    "suitability": _suitability,
    "wanted_date": _date,
    "place": _place,
}
