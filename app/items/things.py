"""What a piece is, as words of the index beside those of its texts. No session.

Its category is a word, and so is the noun its own name begins with: "Benk m/skohylle" is a bench and
no shelf, though both words find it. Marked words can not be typed, so no text holds one.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from app.items.lexicon import ALIKE, GROUPS, LITTLE, NAMES, OTHERS, UNLIKE
from app.items.words import correctable, fold, indexed, parts_of, stem, words_of

MARK = "²"
"""Folding makes a plain 2 of it, so it stands in no folded text."""

Way = tuple[str, ...]
"""Words that are all met: each as it stands, or by its beginning where it ends with ``*``."""


class Meaning(NamedTuple):
    """What a word of a question stands for: any way of ``near``, and after them of ``far``."""

    near: tuple[Way, ...]
    far: tuple[Way, ...] = ()


_PLAIN = str.maketrans("åøæ", "aoa")
_DOUBLED = re.compile(r"([^aeiouy])\1+")
"""A doubled vowel is no typing error: "stol" is a chair, and "stool" is none."""


def _bare(words: Sequence[str]) -> str:
    """The words as one, without the last one's ending."""
    return "".join((*words[:-1], stem(words[-1])))


def _forms(words: Sequence[str]) -> Iterator[str]:
    """The words as one, with the last one's endings and without: "chairs" is a chair too."""
    last = words[-1]
    is_long = last.endswith(("bart", "iskt")) or (last.endswith("s") and last[-2:] != "ss")
    short = last[:-1] if is_long else last
    for form in dict.fromkeys((last, short, stem(last), stem(short), stem(stem(last)))):
        yield "".join((*words[:-1], form))


def _loose(form: str) -> str:
    """As it is typed in haste: "kontorsstoll" without what is doubled, "fatolj" without accents."""
    return _DOUBLED.sub(r"\1", form.translate(_PLAIN))


def said(words: Iterable[str]) -> list[str]:
    """The words without the little ones; all of them when there are no others."""
    every = list(words)
    return [each for each in every if each not in LITTLE] or every


def of_category(category_id: str) -> str:
    return MARK + category_id.lower().replace("_", "")


def _phrase(words: Sequence[str]) -> Sequence[str]:
    """What stands before "med", "til" and the like."""
    for at, word in enumerate(words):
        if at and word in UNLIKE:
            return words[:at]
    return words


def _head(name: str) -> str | None:
    """What all like it are called: "kontorstol" and "høy stol" are a "stol"."""
    words = _phrase(words_of(name))
    if any(not each.isalpha() for each in words):
        return None
    parts = parts_of(words[-1])
    if parts:
        return parts[0]
    return words[-1] if len(words) > 1 else None


def _names(text: str) -> Iterator[str]:
    return (each.strip() for each in text.split(",") if each.strip())


def _ways(text: str) -> tuple[Way, ...]:
    """As ``lexicon.ALIKE`` writes them: ``DESK_FIXED hev*+senk*``."""
    return tuple(
        (of_category(each),) if each.isupper() else tuple(fold(each).split("+"))
        for each in text.split()
    )


_GROUPS = {
    (MARK + group,): frozenset((of_category(each),) for each in text.split())
    for group, text in GROUPS.items()
}
_GROUP_OF = {way: group for group, ways in _GROUPS.items() for (way,) in ways}


def _together(ways: Iterable[Way]) -> tuple[Way, ...]:
    """The ways with one word for all the categories of a group: every word costs a look."""
    left = dict.fromkeys(ways)
    for group, members in _GROUPS.items():
        if members <= left.keys():
            left = {group: None} | {way: None for way in left if way not in members}
    return tuple(left)


Ways = dict[str, dict[Way, None]]


class _Names:
    """What names stand for, by their bare forms, while they are read."""

    def __init__(self) -> None:
        self.near: Ways = defaultdict(dict)
        self.far: Ways = defaultdict(dict)
        self.heads: Ways = defaultdict(dict)
        self.forms: dict[str, str] = {}
        self.things: frozenset[str] = frozenset()

    def bare(self, words: Sequence[str]) -> str:
        bare = _bare(words)
        self.forms |= {"".join(words): bare, bare: bare}
        return bare

    def read_category(self, category_id: str, text: str) -> None:
        mine = (of_category(category_id),)
        first, _, later = text.partition(";")
        for name in _names(first):
            bare = self.bare(said(words_of(name)))
            self.near[bare] |= {mine: None, (MARK + _loose(bare),): None}
            head = _head(name)
            if head:
                self.heads[self.bare([head])][mine] = None
        for name in _names(later):
            self.far[self.bare(said(words_of(name)))][mine] = None

    def read_others(self, line: str) -> None:
        names, _, found = line.partition(":")
        every = [self.bare(words_of(name)) for name in _names(names)]
        for bare in every:
            self.near[bare] |= {(MARK + _loose(each),): None for each in every}
            self.far[bare] |= dict.fromkeys(_ways(found))

    def read_alike(self, line: str) -> None:
        names, _, found = line.partition(":")
        for name in _names(names):
            self.near[self.bare(said(words_of(name)))] |= dict.fromkeys(_ways(found))

    def meanings(self) -> dict[str, Meaning]:
        for head, ways in self.heads.items():
            self.near[head][(MARK + _loose(head),)] = None
            self.near[head] |= {way: None for way in ways if way not in self.far[head]}
        return {
            bare: Meaning(_together(ways), tuple(self.far[bare]))
            for bare, ways in self.near.items()
        }


def _read() -> _Names:
    names = _Names()
    for category_id, text in NAMES.items():
        names.read_category(category_id, text)
    for line in OTHERS:
        names.read_others(line)
    names.things = frozenset(names.near) | frozenset(names.heads)
    for line in ALIKE:
        names.read_alike(line)
    return names


_NAMES = _read()
_MEANINGS = _NAMES.meanings()
_LOOSE: dict[str, list[str]] = defaultdict(list)
for _form, _of in _NAMES.forms.items():
    if _of not in _LOOSE[_loose(_form)]:
        _LOOSE[_loose(_form)].append(_of)
_OTHERS = frozenset(
    _bare(words_of(name)) for line in OTHERS for name in _names(line.partition(":")[0])
)

_WORDS = frozenset(
    word
    for text in (*NAMES.values(), *(line.partition(":")[0] for line in (*ALIKE, *OTHERS)))
    for word in words_of(text)
)
_BY_LENGTH: dict[int, list[str]] = defaultdict(list)
for _word in sorted(_WORDS):
    if correctable(_word):
        _BY_LENGTH[len(_word)].append(_word)


def words_about(least: int, most: int) -> Iterator[str]:
    """All words above of such a length, folded: a typing error may be mended to one of them."""
    return (word for length in range(least, most + 1) for word in _BY_LENGTH.get(length, ()))


def meant(words: Sequence[str]) -> Meaning | None:
    """What the words are the name of, if they are one."""
    forms = list(_forms(words))
    for form in forms:
        if form in _NAMES.forms:
            return _MEANINGS.get(_NAMES.forms[form])
    for form in forms:
        alike = [_MEANINGS[each] for each in _LOOSE.get(_loose(form), ()) if each in _MEANINGS]
        if alike:
            return Meaning(
                tuple(dict.fromkeys(way for each in alike for way in each.near)),
                tuple(dict.fromkeys(way for each in alike for way in each.far)),
            )
    return None


def is_thing(word: str) -> bool:
    """Whether the word is a noun of ours and no colour or the like."""
    return any(_NAMES.forms.get(form) in _NAMES.things for form in _forms([word]))


@lru_cache(maxsize=20_000)
def piece_words(
    category_id: str, name: str, texts: tuple[str | None, ...], sides: tuple[int | None, ...]
) -> tuple[str, ...]:
    """Every word that alike pieces are found by: of name and texts, category and sides in cm."""
    found = dict.fromkeys(indexed(" ".join(each for each in (name, *texts) if each)))
    category = of_category(category_id)
    found[category] = None
    found |= dict.fromkeys(_GROUP_OF.get(category, ()))
    found |= dict.fromkeys(_own_noun(name))
    wide, *others = [round(each / 10) if each else 0 for each in sides]
    found |= {str(each): None for each in (wide, *others) if each}
    found |= {of_sizes(wide, each): None for each in others if wide and each}
    return tuple(found)


def of_sizes(one: int, other: int) -> str:
    """Two sides in cm, whichever was said first: of a table seen from above, of a board from ahead."""
    return f"{MARK}{max(one, other)}x{min(one, other)}"


def _own_noun(name: str) -> tuple[str, ...]:
    """The first thing that a name speaks of, and what all like it are called."""
    for word in _phrase(words_of(name)):
        parts = parts_of(word)
        head = parts[0] if parts else word
        if is_thing(word) or is_thing(head):
            own = _bare([word])
            alike = own if own in _OTHERS else _bare([head])
            return (MARK + _loose(own), MARK + _loose(alike))
    return ()
