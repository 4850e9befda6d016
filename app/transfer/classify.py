"""A factor category from words: category column, description and name, in three languages."""

import re
import unicodedata
from functools import lru_cache

from app.transfer.category_words import CABINET, OTHER, RULES

# From this height a cabinet is tall: the factor set's own limit ("lavt, under 120 cm").
TALL_MM = 1200

# What a piece is stands first; patterns over a long text would take time and find accidents.
MOST_CHARACTERS = 120

_PUNCTUATION = re.compile(r"[^\w&+]+")
_AND = re.compile(r"\s*[&+]\s*")
# What follows these tells about the piece, but not what it is.
_TAIL = re.compile(
    r"[,;(]|\s(?:with|without|w|w/|for|f|on|på|med|uten|utan|m/|til|till|för|från|fra|incl|inkl)\s"
)
_TALL = re.compile(r"\bhøy\w*|\bhög\w*|\btall\b|\bhigh\b")
_LOW = re.compile(r"\blav\w*|\blåg\w*|\blow\b")


def normal(text: str) -> str:
    """Lower case, composed, one space between words; ``&`` and ``+`` become ``and``."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return _PUNCTUATION.sub(" ", _AND.sub(" and ", text)).strip()


def classify(
    category: str, description: str = "", name: str = "", height_mm: int | None = None
) -> str | None:
    """The category code the words tell, or ``None`` when they tell nothing.

    A clear word in the category column decides, then one in the description or name; only then a
    wide word ("chair", "table"). Parts, sets and what no category fits are ``OTHER_KG``.
    """
    is_tall = None if height_mm is None else height_mm >= TALL_MM
    first, second, third = (
        text.strip()[:MOST_CHARACTERS] for text in (category, description, name)
    )
    return _classified(first, second, third, is_tall)


@lru_cache(maxsize=32_768)
def _classified(
    category: str,
    description: str,
    name: str,
    is_tall: bool | None,  # noqa: FBT001
) -> str | None:
    texts = (category, description, name)
    found = [_rule(text) for text in texts]
    for is_clear in (True, False):
        for text, rule in zip(texts, found, strict=True):
            if rule is not None and rule[1] is is_clear:
                return _by_height(text, rule[0], is_tall=is_tall)
    return None


def _by_height(text: str, code: str, *, is_tall: bool | None) -> str:
    if code != CABINET:
        return code
    words = normal(text)
    if is_tall is None:
        is_tall = bool(_TALL.search(words)) and not _LOW.search(words)
    return "CABINET_TALL" if is_tall else "CABINET_LOW"


@lru_cache(maxsize=32_768)
def _rule(text: str) -> tuple[str, bool] | None:
    if not text:
        return None
    whole = normal(text)
    folded = unicodedata.normalize("NFKC", text).casefold()
    head = normal(_TAIL.split(folded, maxsplit=1)[0]) or whole
    for subject in (head, whole) if head != whole else (head,):
        for code, is_clear, pattern, anywhere in RULES:
            if pattern.search(subject) and (anywhere is None or anywhere.search(whole)):
                return code, is_clear
    return None


def is_wide(code: str) -> bool:
    """Whether the category says no more than that it is furniture."""
    return code == OTHER
