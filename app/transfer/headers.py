"""Which field a column holds, from its header in Norwegian, Swedish or English.

``Bredde (cm)``, ``vekt kg``, ``Pris eks. mva`` and ``Höjd mm`` are understood without any mapping.
A header we do not know is reported, never dropped in silence.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from app.transfer.numbers import CURRENCIES, LENGTH_MM, MASS_G


class Field(StrEnum):
    """What a column can hold. Lengths end in mm, masses in g, prices in øre (see ``rules``)."""

    KEY = "key"
    NAME = "name"
    CATEGORY = "category"
    DESCRIPTION = "description"
    MAKER = "maker"
    MODEL = "model"
    COLOUR = "colour"
    MATERIAL = "material"
    CONDITION = "condition"
    WIDTH = "width"
    DEPTH = "depth"
    HEIGHT = "height"
    LENGTH = "length"
    DIAMETER = "diameter"
    SEAT_HEIGHT = "seat_height"
    MEASUREMENTS = "measurements"
    MASS = "mass"
    PRICE = "price"
    CURRENCY = "currency"
    QUANTITY = "quantity"
    PROPERTY = "property"
    BUILDING = "building"
    FLOOR = "floor"
    ROOM = "room"
    PLACE = "place"
    UNIT = "unit"
    COST_CENTRE = "cost_centre"
    SERIAL = "serial"
    EAN = "ean"
    ACQUIRED = "acquired"
    NOTE = "note"
    PHOTO = "photo"


LENGTHS = frozenset(
    {Field.WIDTH, Field.DEPTH, Field.HEIGHT, Field.LENGTH, Field.DIAMETER, Field.SEAT_HEIGHT}
)

# Norwegian · Swedish · English, as `plain` writes them, the clearest first: when two columns of a
# sheet claim one field, the header that stands first here wins.
_ALIASES: dict[Field, str] = {
    Field.KEY: (
        "id|nøkkel|møbel id|gjenstands id|objekt id|item id|inventarnummer|inventarnr|inventar nr"
        "|inventar id|asset tag|asset id|asset number|asset no|kode|qr kode|merkenummer|merkelapp"
        "|etikett|eiendelsnummer|eiendelsnr|utstyrsnummer|utstyrsnr|anleggsnummer|løpenummer"
        "|løpenr|lopenummer|key|nyckel|föremåls id|inventarienummer|inventarienr|inventarie id"
        "|märkning|kod|qr kod|tag|code|qr code|label|unique id|item number|item no|itemid"
        "|artikkelnummer|artikkelnr|art nr|varenummer|varenr|artikelnummer|artikelnr|sku|nr|nummer"
    ),
    Field.NAME: (
        "navn|møbelnavn|gjenstand|møbel|betegnelse|benevnelse|produktnavn|tittel|artikkel|vare"
        "|produkt|namn|benämning|föremål|möbel|produktnamn|titel|artikel|name|item|item name"
        "|title|product|product name|furniture"
    ),
    Field.CATEGORY: (
        "kategori|møbelkategori|kategorikode|møbeltype|produkttype|type|varegruppe|produktgruppe"
        "|gruppe|underkategori|möbeltyp|produkttyp|typ|varugrupp|produktgrupp|kategorikod|category"
        "|category code|furniture type|item type|product type|product category|kind|klasse"
    ),
    Field.DESCRIPTION: (
        "beskrivelse|kort beskrivelse|produktbeskrivelse|varetekst|beskrivning|kort beskrivning"
        "|produktbeskrivning|description|short description|item description|product description"
    ),
    Field.MAKER: (
        "produsent|fabrikant|merke|leverandør|merkenavn|tillverkare|fabrikat|märke|leverantör"
        "|varumärke|maker|manufacturer|brand|make|vendor|supplier"
    ),
    Field.MODEL: (
        "modell|modellnavn|produktmodell|serie|modellbetegnelse|modellnamn|model|model name|series"
    ),
    Field.COLOUR: "farge|fargekode|kulør|färg|kulör|colour|color",
    Field.MATERIAL: (
        "materiale|materialer|stoff|trekk|overflate|material|tyg|klädsel|ytskikt|materials|fabric"
        "|finish|upholstery"
    ),
    Field.CONDITION: (
        "tilstand|tilstandsgrad|stand|kvalitet|skick|kondition|tillstånd|condition|grade|state"
    ),
    Field.WIDTH: "bredde|møbelbredde|b|br|bredd|width|w",
    Field.DEPTH: "dybde|djupne|d|djup|depth",
    Field.HEIGHT: "høyde|høgde|h|bordhøyde|höjd|height",
    Field.LENGTH: "lengde|l|lengd|längd|length",
    Field.DIAMETER: "diameter|diam|ø|dia",
    Field.SEAT_HEIGHT: "sittehøyde|setehøyde|sitthöjd|sätets höjd|seat height|sitting height",
    Field.MEASUREMENTS: (
        "mål|dimensjoner|dimensjon|størrelse|mål bxdxh|mål b x d x h|bxdxh|b x d x h|mått|storlek"
        "|dimensioner|dimensions|size|measurements|lxbxh|l x b x h|wxdxh|w x d x h"
    ),
    Field.MASS: "vekt|masse|nettovekt|egenvekt|vikt|massa|nettovikt|weight|mass|net weight",
    Field.PRICE: (
        "nypris|pris|innkjøpspris|innkjøpskostnad|kjøpspris|anskaffelsespris|anskaffelseskost"
        "|anskaffelsesverdi|stykkpris|enhetspris|listepris|ny pris|nyverdi|kostpris|verdi|inköpspris"
        "|styckpris|listpris|anskaffningsvärde|anskaffningspris|nyanskaffningspris|värde|price"
        "|new price|purchase price|unit price|list price|cost|value|beløp"
    ),
    Field.CURRENCY: "valuta|valutakode|valutakod|currency|currency code",
    Field.QUANTITY: "antall|ant|mengde|stk|antal|mängd|quantity|qty|amount|count|pieces|units",
    Field.PROPERTY: "eiendom|fastighet|property|campus|område|site",
    Field.BUILDING: "bygg|bygning|hus|byggnad|building|blokk|fløy",
    Field.FLOOR: "etasje|plan|etg|våning|floor|storey|level",
    Field.ROOM: "rom|romnummer|romnr|rom nr|kontor|rum|rumsnummer|rumsnr|room|room number|room no",
    Field.PLACE: (
        "sted|plassering|lokasjon|lokalisering|lager|adresse|plats|placering|lokal|adress|place"
        "|location|storage|address"
    ),
    Field.UNIT: (
        "enhet|avdeling|avd|seksjon|klinikk|virksomhet|eier|eierenhet|organisasjonsenhet|etat"
        "|avdelning|förvaltning|verksamhet|ägare|organisationsenhet|klinik|department|unit|dept"
        "|division|owner|owner unit|organisation unit"
    ),
    Field.COST_CENTRE: (
        "kostnadssted|koststed|ansvar|ansvarssted|ansvarsnummer|kostnadsställe|kst|cost centre"
        "|cost center|costcentre"
    ),
    Field.SERIAL: "serienummer|serienr|serie nr|s/n|serial|serial number|serial no|sn",
    Field.EAN: "ean|ean kode|ean13|gtin|strekkode|streckkod|barcode|ean code",
    Field.ACQUIRED: (
        "innkjøpsdato|kjøpsdato|anskaffelsesdato|anskaffet|innkjøpt|innkjøpsår|kjøpsår|årsmodell"
        "|anskaffelsesår|produksjonsår|dato|år|inköpsdatum|inköpsår|anskaffningsdatum|inköpt"
        "|anskaffningsår|tillverkningsår|datum|purchase date|acquired|purchased|purchase year"
        "|acquisition date|date of purchase|year|date|bought"
    ),
    Field.NOTE: (
        "merknad|kommentar|notat|anmerkning|merknader|fritekst|anteckning|anmärkning|notering"
        "|note|notes|comment|comments|remark|remarks"
    ),
    Field.PHOTO: (
        "bilde|foto|bildefil|bilder|filnavn|bild|bildfil|filnamn|photo|image|picture|photo file"
        "|image file|file name|filename"
    ),
}

_KNOWN: dict[str, tuple[Field, int]] = {
    alias: (each, rank)
    for each, text in _ALIASES.items()
    for rank, alias in reversed(list(enumerate(text.split("|"))))
}

_BRACKETS = re.compile(r"[(\[{]([^)\]}]*)[)\]}]")
_VAT = re.compile(
    r"\b(?:(?P<without>eks|ekskl|exkl|ex|excl|excluding|uten|utan|exklusive|eksklusive)"
    r"|(?P<with>inkl|incl|inc|including|med|inklusive))\W*(?:mva|moms|vat|tax|mervärdesskatt)\b"
)
_UNIT_WORDS = {*LENGTH_MM, *MASS_G, *CURRENCIES, "kr", "stk", "st"} - {"t", "in", '"'}


class Header(NamedTuple):
    """What a header says: the field if known, how clear the word was (0 best), unit, VAT."""

    field: Field | None
    rank: int
    unit: str
    with_vat: bool


def plain(text: str) -> str:
    """The header as it is compared: composed, lower case, words by one space, no decoration."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.sub(r"[_\s.:*#\-–—]+", " ", text).split())


def without_vat(text: str) -> str:
    """The header, folded, without what it says of VAT."""
    folded = unicodedata.normalize("NFKC", text).casefold().strip()
    return _VAT.sub(" ", folded)


@lru_cache(maxsize=4096)
def recognise(text: str) -> Header:
    """The field a header names, with the unit written in it."""
    folded = unicodedata.normalize("NFKC", text).casefold().strip()
    vat = _VAT.search(folded)
    with_vat = bool(vat and vat["with"])
    if vat:
        folded = folded[: vat.start()] + " " + folded[vat.end() :]
    unit = ""
    for inside in _BRACKETS.findall(folded):
        word = plain(inside).removeprefix("i ")
        if word in _UNIT_WORDS | {"t", "in", '"'}:
            unit = word
    folded = re.sub(r"/(?=\s*(?:mm|cm|m|kg|g)\b)", " ", folded)
    whole = plain(folded.replace(",", " ").replace("/", " "))
    words = plain(_BRACKETS.sub(" ", folded).replace(",", " ")).split()
    if " ".join(words) not in _KNOWN and len(words) > 1 and words[-1] in _UNIT_WORDS:
        unit = unit or words[-1]
        words = words[:-2] if words[-2] in {"i", "in"} else words[:-1]
    for candidate in (" ".join(words), whole, "".join(words)):
        if candidate in _KNOWN:
            field, rank = _KNOWN[candidate]
            return Header(field, rank, unit, with_vat)
    return Header(None, 0, unit, with_vat)


def recognised(cells: Iterable[object]) -> int:
    """How many different fields the cells of a row name, were it the header."""
    found = {
        recognise(cell).field for cell in cells if isinstance(cell, str) and 0 < len(cell) < 80
    }
    return len(found - {None})


def find_header(
    rows: Iterable[Iterable[object]], named: Mapping[str, object] | None = None
) -> int | None:
    """The index of the header among ``rows``: the one that names most known or mapped columns.

    Without any known name it is the first row with two texts or more, else the first in use.
    """
    wanted = {plain(name) for name in named or {}}
    best, best_score = None, 0
    first_texts, first_used = None, None
    for index, row in enumerate(rows):
        texts = [cell for cell in row if isinstance(cell, str) and cell.strip()]
        used = bool(texts) or any(cell != "" for cell in row)
        mapped = sum(plain(text) in wanted for text in texts if len(text) < 80) if wanted else 0
        score = recognised(texts) + 2 * mapped
        if score > best_score:
            best, best_score = index, score
        if first_texts is None and len(texts) > 1:
            first_texts = index
        if first_used is None and used:
            first_used = index
    if best is not None:
        return best
    return first_used if first_texts is None else first_texts


def letter(column: int) -> str:
    """The spreadsheet's name of a column counted from 0: A, B, …, Z, AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name
