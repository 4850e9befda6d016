"""A price list: its rows as prices of categories and product models, and why a row cannot be one.

Pure: the sheet and what cells are looked up in go in. A row is known by the maker and model that it
names, by its category, or by what its article is called.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from app.catalogue.models import AmountUnit
from app.kit.i18n import N_
from app.kit.text import printable
from app.transfer import values
from app.transfer.classify import classify, is_wide
from app.transfer.headed import BadCell, Column, header, names_of
from app.transfer.headers import letter, plain, recognise
from app.transfer.numbers import CURRENCIES, UNKNOWN, when
from app.transfer.programme_sheet import NO_CATEGORY
from app.transfer.reading import Cell, Fault, Row, Sheet
from app.transfer.sheet_limits import SheetUnreadable
from app.transfer.values import Text, Wrong, wrong

_ALIASES: Mapping[str, str] = {
    "article": (
        "artikkel|artikkelnavn|artikkelbeskrivelse|produkt|produktnavn|vare|varenavn|varetekst|navn"
        "|benevnelse|betegnelse|beskrivelse|tekst|møbel|artikel|artikelnamn|produktnamn|varunamn"
        "|benämning|beskrivning|möbel|article|article name|product|product name|item|item name"
        "|name|description|furniture"
    ),
    "category": (
        "kategori|møbelkategori|kategorikode|møbeltype|produktgruppe|varegruppe|kategorikod"
        "|möbeltyp|produktgrupp|varugrupp|category|category code|furniture type|product group"
    ),
    "maker": "produsent|fabrikant|merke|tillverkare|fabrikat|märke|varumärke|maker|manufacturer|brand",
    "model": "modell|modellnavn|produktmodell|modellnamn|model|model name",
    "price": (
        "pris|nettopris|avtalepris|rammeavtalepris|enhetspris|stykkpris|nypris|innkjøpspris"
        "|avtalspris|ramavtalspris|styckpris|inköpspris|nytt pris|price|net price|agreed price"
        "|contract price|unit price|purchase price"
    ),
    "currency": "valuta|valutakode|valutakod|currency|currency code",
    "year": "prisår|basisår|prisnivå|år|basår|prisnivå år|price year|base year|year|price level",
    "unit": "enhet|prisenhet|pris per|måleenhet|per|enhed|måttenhet|unit|price unit|price per|uom",
    "supplier": "leverandør|leverandørnavn|leverantör|supplier|vendor",
    "agreement": (
        "avtale|rammeavtale|avtalenummer|avtalenr|kontrakt|avtal|ramavtal|avtalsnummer|agreement"
        "|framework agreement|contract|agreement number"
    ),
}  # fmt: skip
_KNOWN = names_of(_ALIASES)
_UNITS: Mapping[str, AmountUnit] = {
    word: unit
    for unit, text in {
        AmountUnit.PIECE: "stk|st|styck|stykk|pcs|pc|piece|pieces|each|ea|enhet|møbel",
        AmountUnit.M2: "m2|m²|kvm|kvadratmeter|sqm|square metre|square meter",
        AmountUnit.KG: "kg|kilo|kilogram",
    }.items()
    for word in text.split("|")
}
_YEARS = (1990, 2100)
_NO_HEADER = N_(
    "Fant ingen overskrift med pris. Kall kolonnen «Pris», og ta med artikkel, modell eller kategori."
)
_WITH_VAT = N_("Prisene er med merverdiavgift («%(header)s»). Vi regner med priser uten.")
_NO_UNIT = N_("Kategorien regnes per %(unit)s. Skriv prisen for det, og enheten i en egen kolonne.")


class PriceRow(NamedTuple):
    """A price excl. VAT per amount unit, in hundredths of ``currency``.

    ``is_read``: the category is by what the article is called, and nobody wrote it.
    """

    number: int
    article: str
    category_id: str | None
    is_read: bool
    model_id: UUID | None
    ore: int
    currency: str
    year: int
    source: str


class UnknownRow(NamedTuple):
    """A price of something that is neither a category nor a model of ours."""

    number: int
    article: str
    ore: int
    currency: str


@dataclass(slots=True)
class PriceRows:
    """What a sheet holds. ``unused`` are the headers that say nothing we know."""

    rows: list[PriceRow] = field(default_factory=list)
    unknown: list[UnknownRow] = field(default_factory=list)
    bad: list[BadCell] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)


class KnownModel(NamedTuple):
    """A product model of the organisation, and the category that it is of."""

    id: UUID
    category_id: str
    maker: str
    name: str


class PriceWords(NamedTuple):
    """What cells are looked up in, and what counts where a row does not say it itself."""

    categories: Mapping[str, str]
    units: Mapping[str, AmountUnit]
    models: Mapping[tuple[str, str], KnownModel]
    named: Mapping[str, Sequence[KnownModel]]
    currency: str
    year: int
    source: str


def words_of(
    categories: Iterable[tuple[str, AmountUnit, Sequence[str]]],
    models: Iterable[KnownModel],
    *,
    currency: str,
    year: int,
    source: str,
) -> PriceWords:
    """Categories by code and names, models by maker and name, and by either name alone."""
    codes: dict[str, str] = {}
    units: dict[str, AmountUnit] = {}
    for code, unit, names in categories:
        units[code] = unit
        codes |= {plain(name): code for name in (code, *names)}
    pairs: dict[tuple[str, str], KnownModel] = {}
    named: dict[str, list[KnownModel]] = defaultdict(list)
    for each in models:
        pairs[plain(each.maker), plain(each.name)] = each
        for name in {plain(each.name), plain(f"{each.maker} {each.name}")}:
            named[name].append(each)
    return PriceWords(codes, units, pairs, named, currency, year, source)


def read_prices(sheet: Sheet, words: PriceWords) -> PriceRows:
    """Raises ``SheetUnreadable`` where no row is a header with a price, or the prices hold VAT."""
    at, columns, unused = header(sheet.rows, _KNOWN, {"price"}, _NO_HEADER)
    by_field = {each.field: each for each in columns}
    if not by_field.keys() & {"article", "category", "model"}:
        raise SheetUnreadable(_NO_HEADER)
    if recognise(by_field["price"].header).with_vat:
        raise SheetUnreadable(_WITH_VAT, values={"header": by_field["price"].header})
    found = PriceRows(unused=[values.shown_of(each) for each in unused])
    for number, row in enumerate(sheet.rows[at + 1 :], at + 2):
        if any(cell != "" for cell in row):
            _Reader(number, row, by_field, words, found).judge()
    _same_of_a_category(found, by_field)
    return found


class _Reader:
    """One row; what is wrong with it is collected on the way."""

    def __init__(
        self,
        number: int,
        row: Row,
        columns: Mapping[str, Column],
        words: PriceWords,
        found: PriceRows,
    ) -> None:
        self.number, self.row, self.columns = number, row, columns
        self.words, self.found = words, found
        self.wrongs: list[BadCell] = []

    def judge(self) -> None:
        self._must_be_readable()
        texts = {name: self._text(name) for name in ("article", "maker", "model")}
        ore, currency = self._price()
        year = self._year()
        source = ", ".join(e for e in (self._text("supplier"), self._text("agreement")) if e)
        model = self._model(**texts)
        category, is_read = self._category(model, texts)
        if category is not None:
            self._must_be_per(category)
        article = " ".join(e for e in (texts["maker"], texts["model"]) if e) or self._text(
            "category"
        )
        article = texts["article"] or article
        if not article and not self.wrongs:
            name = next(each for each in ("article", "category", "model") if each in self.columns)
            self._refuse(name, wrong("", N_("Fyll ut feltet.")))
        if self.wrongs:
            self.found.bad += self.wrongs
        elif category is None:
            self.found.unknown.append(UnknownRow(self.number, article, ore, currency))
        else:
            self.found.rows.append(
                PriceRow(
                    self.number,
                    article,
                    category,
                    is_read,
                    model.id if model else None,
                    ore,
                    currency,
                    year,
                    source or self.words.source,
                )
            )

    def _must_be_readable(self) -> None:
        """No cell that is used holds a control character, or one that turns the text around it."""
        for name, column in self.columns.items():
            cell = self._cell(name)
            try:
                printable(cell if isinstance(cell, str) else "")
            except ValueError as error:
                self._refuse(name, wrong(cell, str(error)))
                self.row = [*self.row]
                self.row[column.position] = ""

    def _cell(self, name: str) -> Cell:
        column = self.columns.get(name)
        if column is None or column.position >= len(self.row):
            return ""
        return self.row[column.position]

    def _refuse(self, name: str, why: Wrong) -> None:
        """The first reason of a cell: the others follow from it."""
        if all(each.column != letter(self.columns[name].position) for each in self.wrongs):
            self.wrongs.append(_bad(self.number, self.columns[name], why))

    def _text(self, name: str) -> str:
        cell = self._cell(name)
        said = values.fault(cell) or values.words(cell, 200)
        if isinstance(said, Wrong):
            self._refuse(name, said)
            return ""
        return said or ""

    def _price(self) -> tuple[int, str]:
        cell, column = self._cell("price"), self.columns["price"]
        said = values.fault(cell) or values.price(cell, column.style, with_vat=False)
        if said is None:
            said = wrong(cell, N_("Fyll ut prisen."))
        elif not isinstance(said, Wrong) and said.minor == 0:
            said = wrong(cell, N_("Skriv en pris over 0. En ukjent pris er aldri 0."))
        if isinstance(said, Wrong):
            self._refuse("price", said)
            return 0, ""
        return said.minor, self._currency(said.currency or CURRENCIES.get(column.unit, ""))

    def _currency(self, beside: str) -> str:
        cell = self._cell("currency")
        text = values.text_of(cell).casefold()
        if text in UNKNOWN:
            return beside or self.words.currency
        code = CURRENCIES.get(text)
        if code is None:
            self._refuse("currency", wrong(cell, N_("Dette er ikke en valuta, som NOK eller SEK.")))
        elif beside and beside != code:
            text = N_("Prisen sier %(beside)s, og kolonnen noe annet.")
            self._refuse("currency", wrong(cell, text, beside=beside))
        return code or ""

    def _year(self) -> int:
        cell = self._cell("year")
        text = values.text_of(cell)
        if text.casefold() in UNKNOWN:
            return self.words.year
        found = None if isinstance(cell, Fault) else when(cell)
        if found is None or not _YEARS[0] <= found.year <= _YEARS[1]:
            self._refuse("year", wrong(cell, N_("Dette er ikke et prisår, som 2026.")))
            return self.words.year
        return found.year

    def _model(self, article: str, maker: str, model: str) -> KnownModel | None:
        """By maker and model; by one of them or the article's name where only one is called so."""
        if maker and model:
            return self.words.models.get((plain(maker), plain(model)))
        for text in (model, article):
            if maker and text:
                pair = self.words.models.get((plain(maker), plain(text)))
                if pair is not None:
                    return pair
            found = self.words.named.get(plain(text), ()) if text else ()
            if len(found) == 1 and (not maker or plain(maker) == plain(found[0].maker)):
                return found[0]
        return None

    def _category(
        self, model: KnownModel | None, texts: Mapping[str, str]
    ) -> tuple[str | None, bool]:
        cell = self._cell("category")
        if values.text_of(cell).casefold() not in UNKNOWN:
            text = values.text_of(cell)
            code = self.words.categories.get(plain(text)) or classify(text)
            if values.fault(cell) or code is None or not self._is_ours(code):
                self._refuse("category", values.fault(cell) or wrong(cell, NO_CATEGORY))
                return None, False
            if model is not None and model.category_id != code:
                text = N_("Modellen er ført i en annen kategori. Rett den ene av dem.")
                self._refuse("category", wrong(cell, text))
            return code, False
        if model is not None:
            return model.category_id, False
        code = classify(texts["article"], "", texts["model"])
        return (code, True) if code is not None and self._is_ours(code) else (None, False)

    def _is_ours(self, code: str) -> bool:
        return code in self.words.units and not is_wide(code)

    def _must_be_per(self, category: str) -> None:
        """A price of a thing that is counted by area or mass says that it is a price of that."""
        wanted = self.words.units[category]
        cell = self._cell("unit")
        text = values.text_of(cell).casefold().strip(" .").removeprefix("per ").removeprefix("kr/")
        said = None if text in UNKNOWN else _UNITS.get(text)
        if said is None and text not in UNKNOWN:
            self._refuse("unit", wrong(cell, N_("Enheten er ikke kjent. Skriv stk, m² eller kg.")))
        elif (said or AmountUnit.PIECE) != wanted:
            name = "unit" if "unit" in self.columns else "price"
            unit = {AmountUnit.M2: "m²", AmountUnit.KG: "kg", AmountUnit.PIECE: "stk"}[wanted]
            self._refuse(name, wrong(self._cell(name), _NO_UNIT, unit=unit))


def _bad(number: int, column: Column, why: Wrong) -> BadCell:
    header = values.shown_of(column.header)
    return BadCell(number, letter(column.position), header, why.value, why.reason)


def _same_of_a_category(found: PriceRows, columns: Mapping[str, Column]) -> None:
    """Prices in two currencies or of two years have no middle; one model has one price."""
    first: dict[str, PriceRow] = {}
    models: dict[UUID, PriceRow] = {}
    good = []
    for row in found.rows:
        assert row.category_id is not None
        like = first.setdefault(row.category_id, row)
        text: str | None = None
        name = "price"
        if like.currency != row.currency:
            text, name = (
                N_("Kategorien har alt en pris i en annen valuta, i rad %(row)s."),
                "currency",
            )
        elif like.year != row.year:
            text, name = N_("Kategorien har alt en pris fra et annet år, i rad %(row)s."), "year"
        elif row.model_id is not None:
            like = models.setdefault(row.model_id, row)
            if like.ore != row.ore:
                text = N_("Modellen har alt en annen pris, i rad %(row)s.")
        if text is None:
            good.append(row)
            continue
        column = columns.get(name, columns["price"])
        shown = {"currency": row.currency, "year": str(row.year)}.get(name, _kroner(row.ore))
        reason = Text(text, {"row": like.number})
        found.bad.append(BadCell(row.number, letter(column.position), column.header, shown, reason))
    found.rows[:] = good
    found.bad.sort(key=lambda each: each.number)


def _kroner(ore: int) -> str:
    whole, rest = divmod(ore, 100)
    return f"{whole},{rest:02}" if rest else str(whole)
