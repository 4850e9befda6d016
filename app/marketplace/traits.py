"""What a listing is chosen by besides where it stands: its colour, its material, terms and stage.

Colour and material are free text on a piece, in as many spellings as there are people. A search row
holds the family of the first word that one knows. All four stand in one number, so that a search is
grouped by one column more instead of four.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple, TypeVar

from app.items.words import words_of
from app.marketplace.rules import Stage, Terms


class Colour(StrEnum):
    """In the order that their numbers are kept in: new ones come last."""

    OTHER = "other"
    WHITE = "white"
    GREY = "grey"
    BLACK = "black"
    BEIGE = "beige"
    BROWN = "brown"
    WOOD = "wood"
    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    GREEN = "green"
    BLUE = "blue"
    PURPLE = "purple"
    PINK = "pink"
    METAL = "metal"
    CLEAR = "clear"


class Material(StrEnum):
    """In the order that their numbers are kept in: new ones come last."""

    OTHER = "other"
    WOOD = "wood"
    LAMINATE = "laminate"
    METAL = "metal"
    TEXTILE = "textile"
    LEATHER = "leather"
    VINYL = "vinyl"
    PLASTIC = "plastic"
    GLASS = "glass"


_WOODS = "bjørk bjørke eik bøk furu gran ask lønn valnøtt teak mahogni kirsebær tre træ treverk"
_WOODS += " valnøt bok ek al birch oak beech pine ash walnut wood"
_COLOURS: Mapping[Colour, str] = {
    Colour.WHITE: "hvit hvitt hvite kvit kvitt kvite vit vitt vita white offwhite krem kremhvit",
    Colour.GREY: "grå grått gråe graa grey gray antrasitt antracit koks",
    Colour.BLACK: "svart svarte svarta sort sorte black",
    Colour.BEIGE: "beige sand",
    Colour.BROWN: "brun brunt brune bruna brown kastanje konjakk cognac",
    Colour.WOOD: _WOODS,
    Colour.RED: "rød rødt røde røda raud raudt red burgunder vinrød bordeaux",
    Colour.ORANGE: "oransje orange",
    Colour.YELLOW: "gul gult gule gula yellow sennep",
    Colour.GREEN: "grønn grønt grønne grøn grøne grøna green oliven mint",
    Colour.BLUE: "blå blått blåe blaa blue turkis turquoise petrol marine",
    Colour.PURPLE: "lilla fiolett purple violet plomme",
    Colour.PINK: "rosa pink",
    Colour.METAL: "stål krom sølv metall aluminium steel chrome silver messing gull",
    Colour.CLEAR: "klar klart transparent glass gjennomsiktig clear",
}
_MATERIALS: Mapping[Material, str] = {
    Material.WOOD: f"{_WOODS} heltre finer kryssfiner fanér faner massivtræ veneer plywood spon mdf",
    Material.LAMINATE: "laminat laminate melamin melamine hpl linoleum",
    Material.METAL: "stål metall metal aluminium jern krom steel iron plåt blikk",
    Material.TEXTILE: "tekstil tekstiler textil textile stoff ull nett mesh filt bomull tyg"
    " fabric wool felt ylle velur fløyel polyester",
    Material.LEATHER: "skinn lær læder leather",
    Material.VINYL: "kunstskinn kunstlær skai vinyl pu konstlæder galon",
    Material.PLASTIC: "plast plastic akryl polypropylen",
    Material.GLASS: "glass glas",
}
_ROOT = 4
"""From so many letters on, a word may end another: "mørkegrønn" is a green."""

Family = TypeVar("Family", Colour, Material)
Chosen = TypeVar("Chosen", Colour, Material, Terms, Stage)


def _by_word(families: Mapping[Family, str]) -> Mapping[str, Family]:
    return {
        word: family
        for family, words in families.items()
        for each in words.split()
        for word in words_of(each)
    }


_COLOUR_OF, _MATERIAL_OF = _by_word(_COLOURS), _by_word(_MATERIALS)
_SHORT_ENDS = frozenset({"grå", "blå", "rød", "gul", "ull"})


def _family(text: str | None, known: Mapping[str, Family], other: Family) -> Family | None:
    words = words_of(text or "")
    for word in words:
        if word in known:
            return known[word]
        # The longest end that is a word of ours: "kunstskinn" before "skinn".
        for at in range(1, len(word) - 2):
            end = word[at:]
            if end in known and (len(end) >= _ROOT or end in _SHORT_ENDS):
                return known[end]
    return other if words else None


@lru_cache(maxsize=5_000)
def colour_of(text: str | None) -> Colour | None:
    """The family of the first colour that is named, ``OTHER`` when none is known, or nothing."""
    return _family(text, _COLOUR_OF, Colour.OTHER)


@lru_cache(maxsize=5_000)
def material_of(text: str | None) -> Material | None:
    """As ``colour_of``, of materials."""
    return _family(text, _MATERIAL_OF, Material.OTHER)


class Traits(NamedTuple):
    """All four; a colour or material that nobody has said is none."""

    colour: Colour | None
    material: Material | None
    terms: Terms
    stage: Stage


COLOUR_BITS, MATERIAL_BITS, TERMS_BITS, STAGE_BITS = 5, 5, 3, 3
MATERIAL_AT = COLOUR_BITS
TERMS_AT = MATERIAL_AT + MATERIAL_BITS
STAGE_AT = TERMS_AT + TERMS_BITS
WAIT_AT = STAGE_AT + STAGE_BITS
"""Where a search puts how long one has to wait, which no row can keep."""
_COLOUR_LIST, _MATERIAL_LIST = (None, *Colour), (None, *Material)
_TERMS_LIST, _STAGE_LIST = tuple(Terms), tuple(Stage)


def packed(colour: str | None, material: str | None, terms: Terms, stage: Stage) -> int:
    """The number that a search row keeps, of the texts and facts of a listing."""
    return (
        _COLOUR_LIST.index(colour_of(colour))
        | _MATERIAL_LIST.index(material_of(material)) << MATERIAL_AT
        | _TERMS_LIST.index(terms) << TERMS_AT
        | _STAGE_LIST.index(stage) << STAGE_AT
    )


@lru_cache(maxsize=5_000)
def unpacked(traits: int) -> Traits:
    return Traits(
        _COLOUR_LIST[traits & (1 << COLOUR_BITS) - 1],
        _MATERIAL_LIST[traits >> MATERIAL_AT & (1 << MATERIAL_BITS) - 1],
        _TERMS_LIST[traits >> TERMS_AT & (1 << TERMS_BITS) - 1],
        _STAGE_LIST[traits >> STAGE_AT & (1 << STAGE_BITS) - 1],
    )


def mask_of(chosen: Iterable[Chosen], *, is_said: bool) -> int:
    """One bit for each that is chosen, where its number is; ``is_said`` leaves room for "not said"."""
    return sum(1 << (list(type(each)).index(each) + is_said) for each in set(chosen))
