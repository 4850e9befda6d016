"""What is typed into a search, word by word: names of things, sizes, codes, typing errors. No session.

A question is an ``and`` of meanings. Each is met by what it names first, and then by what only holds
the letters or is a little further off.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from app.items.lexicon import SIDES
from app.items.things import Meaning, Way, is_thing, meant, of_sizes, said, words_about
from app.items.words import LONGEST, PARTS, SIZES, WORD, correctable, fold, parts_of, stem
from app.kit import codes

MOST_WORDS = 12
"""Words of a question beyond this many are left out: nobody types them."""

LONGEST_NAME = 4
MOST_WAYS = 60
MOST_LEFT_OUT = 5
METRE, MILLIMETRES = 100, 1000
"""From so many on, a number in a question with one as great is meant in mm."""

_METRES = re.compile(r"\b(\d)[.,](\d)(\d?) ?m\b")
_UNITS = re.compile(r"(\d+) ?(mm|cm)\b")
_NUMBER = re.compile(r"[0-9]{1,9}")
_RUNS = re.compile(r"\d+|\D+")


class Said(NamedTuple):
    """Words of a question that belong together. ``is_known`` says that they are a name of ours."""

    words: tuple[str, ...]
    meaning: Meaning
    is_known: bool


class Asked(NamedTuple):
    """All of ``said`` is met, or ``code``: the question as one word."""

    said: tuple[Said, ...]
    code: str | None

    @property
    def is_wide(self) -> bool:
        """Whether anything is met only further off."""
        return any(each.meaning.far for each in self.said)


class Fewer(NamedTuple):
    """The words of a question that are kept, and those that are left out."""

    words: str
    left_out: tuple[str, ...]


def ways(question: Asked) -> tuple[Sequence[Sequence[Way]], Sequence[Sequence[Way]]]:
    """What meets each meaning: near, and at all."""
    meanings = [each.meaning for each in question.said]
    return [each.near for each in meanings], [(*each.near, *each.far) for each in meanings]


@lru_cache(maxsize=5_000)
def asked(question: str) -> Asked:
    words = _typed(question)
    label = codes.fold(question)
    code = label.lower() if codes.is_code(label) else None
    every = read(words)
    if code is None and len(words) > 1 and not any(_is_name(each) for each in every):
        one = "".join(WORD.findall(fold(question)))[:LONGEST]
        code = one if any(map(str.isdecimal, one)) else None
    return Asked(every, code)


def _is_name(each: Said) -> bool:
    return each.is_known and any(word.isalpha() and len(word) > 3 for word in each.words)


def _typed(question: str) -> tuple[str, ...]:
    """The question's words, each once: sizes as numbers in cm, and nothing that says nothing."""
    text = _METRES.sub(lambda found: f"{found[1]}{found[2]}{found[3] or 0}", fold(question))
    # Beside a number that can only be mm, all are, and ``read`` sees to it.
    is_mm = any(int(each) >= MILLIMETRES for each in _NUMBER.findall(text))
    text = _UNITS.sub(lambda found: f"{found[1] if is_mm else _in_cm(*found.groups())} ", text)
    words: list[str] = []
    for word in WORD.findall(text):
        words += word.split("x") if SIZES.fullmatch(word) else [word[:LONGEST]]
    words = [
        word
        for at, word in enumerate(words)
        if word != "x" or not words[at - 1 : at] or not words[at - 1].isdecimal()
    ]
    if any(map(str.isdecimal, words)):
        words = [word for word in words if word not in SIDES]
    return tuple(dict.fromkeys(said(words)))[:MOST_WORDS]


def _in_cm(number: str, unit: str) -> str:
    is_mm = unit == "mm" and number.endswith("0") and len(number) > 1
    return number[:-1] if is_mm else number


def read(words: Sequence[str], *, is_loose: bool = False) -> tuple[Said, ...]:
    """The longest names first, then words alone.

    ``is_loose`` cuts what ends like a compound even where nobody knows how it begins.
    """
    found: list[Said] = []
    is_mm = any(each.isdecimal() and int(each) >= MILLIMETRES for each in words)
    at = 0
    while at < len(words):
        next_said = (
            _name_at(words, at)
            or _size(words, at, is_mm)
            or _number_pair(words, at)
            or _alone(words[at], is_mm, is_loose)
        )
        found.append(next_said)
        at += len(next_said.words)
    return tuple(found)


def _name_at(words: Sequence[str], at: int) -> Said | None:
    for length in range(min(LONGEST_NAME, len(words) - at), 0, -1):
        some = tuple(words[at : at + length])
        meaning = meant(some)
        if meaning is not None:
            plain = tuple(f"{stem(each)}*" for each in some)
            far = [*meaning.far, plain]
            if length == 1:
                far += _in_parts(some[0])
            return Said(some, _distinct(meaning.near, far), is_known=True)
    return None


def _size(words: Sequence[str], at: int, is_mm: bool) -> Said | None:  # noqa: FBT001
    """Two sides, as in 160x80 and 160 x 80."""
    pair = tuple(words[at : at + 2])
    if len(pair) < 2 or not all(each.isdecimal() and 1 < len(each) < 5 for each in pair):
        return None
    one, other = map(int, pair)
    near = [(of_sizes(one, other),)]
    if is_mm:
        near.append((of_sizes(one // 10, other // 10),))
    far = [pair, tuple(f"{each}*" for each in pair)]
    return Said(pair, _distinct(near, far), is_known=True)


def _number_pair(words: Sequence[str], at: int) -> Said | None:
    """A model's letters and number, apart: "K 52" and "K52" are the same."""
    pair = tuple(words[at : at + 2])
    if len(pair) < 2 or len(pair[0]) > 3 or not (pair[0].isalpha() and pair[1].isdecimal()):
        return None
    one = "".join(pair)
    far = [tuple(f"{each}*" for each in pair), (f"{one}*",)]
    return Said(pair, _distinct([pair, (one,)], far), is_known=True)


def _alone(word: str, is_mm: bool, is_loose: bool) -> Said:  # noqa: FBT001
    if word.isdecimal():
        near: list[Way] = [(word,)]
        if is_mm and word.endswith("0") and int(word) >= METRE:
            near.append((word[:-1],))
        return Said((word,), _distinct(near, [(f"{word}*",)]), is_known=True)
    runs = tuple(_RUNS.findall(word))
    if len(runs) > 1:
        far: list[Way] = [(f"{word}*",), tuple(f"{each}*" for each in runs)]
        return Said((word,), _distinct([(word,), runs], far), is_known=True)
    bare = stem(word)
    near = [(word,), (bare,)]
    far = [(f"{bare}*",)]
    parts = parts_of(word)
    if parts and (is_loose or PARTS.issuperset(parts)):
        near += _crossed([each.meaning.near for each in read(parts[::-1])])
        far += _in_parts(word)
    return Said((word,), _distinct(near, far), is_known=False)


def _in_parts(word: str) -> list[Way]:
    parts = parts_of(word)
    return [tuple(f"{stem(part)}*" for part in parts)] if parts else []


def _crossed(meanings: Sequence[Sequence[Way]]) -> list[Way]:
    """The ways to meet all of them at once."""
    found = [sum(ways, ()) for ways in product(*meanings)]
    return found[:MOST_WAYS]


def _distinct(near: Iterable[Way], far: Iterable[Way]) -> Meaning:
    first = dict.fromkeys(near)
    return Meaning(tuple(first), tuple(dict.fromkeys(each for each in far if each not in first)))


def mended(question: Asked, better: dict[str, list[str]], *, is_loose: bool = True) -> Asked:
    """The question with other words for some of its own, the best first; or what all like it are.

    Where ``is_loose``, a word without a better one that is a compound stands for its last part: a
    bench that nobody has is asked for, and other benches are shown.
    """
    words = [each for some in question.said for each in some.words]
    best = [(better.get(each) or [each])[0] for each in words]
    found: list[Said] = []
    at = 0
    for each in read(best, is_loose=is_loose):
        before = words[at : at + len(each.words)]
        at += len(each.words)
        far = list(each.meaning.far)
        if len(before) == 1:
            for other in better.get(before[0], [])[1:]:
                for same in read([other]):
                    far += [*same.meaning.near, *same.meaning.far]
            if is_loose and not each.is_known and not better.get(before[0]):
                far += _like(each.words[0])
        found.append(Said(each.words, _distinct(each.meaning.near, far), each.is_known))
    return Asked(tuple(found), question.code)


def _like(word: str) -> Sequence[Way]:
    parts = parts_of(word)
    thing = meant(parts[:1]) if parts else None
    return thing.near if thing else ()


def without_some(question: Asked) -> tuple[Sequence[Fewer], Sequence[Fewer]]:
    """The question with one of its first meanings left out, and with one of them alone.

    A question for a single thing has none.
    """
    parts = [" ".join(each.words) for each in question.said]
    if len(parts) < 2:
        return (), ()
    first = parts[:MOST_LEFT_OUT]
    each_out = [Fewer(" ".join(_but(parts, at)), (out,)) for at, out in enumerate(first)]
    if len(parts) == 2:
        return each_out, ()
    return each_out, [Fewer(kept, tuple(_but(parts, at))) for at, kept in enumerate(first)]


def _but(parts: Sequence[str], at: int) -> list[str]:
    return [*parts[:at], *parts[at + 1 :]]


def most_errors(word: str) -> int:
    return 2 if len(word) >= 8 else 1


def nearest(word: str, known: Iterable[str]) -> list[str]:
    """Known words and words of ours one typing error away, two in long words; nearest first."""
    scored = {*_scored(word, known), *_ours(word)}
    if not scored:
        return []
    fewest = min(scored)[0]
    close = [each for errors, each in scored if errors == fewest]
    return sorted(close, key=lambda each: (not is_thing(each), each))[:5]


def others(word: str, known: Iterable[str]) -> list[str]:
    """As ``nearest``, of words that are not this one in another form; it may itself be in use."""
    bare = stem(word)
    unlike = [each for each in known if not each.startswith(bare) and stem(each) != bare]
    scored = {*_scored(word, unlike)}
    scored |= {(errors, each) for errors, each in _ours(word) if not each.startswith(bare)}
    return [
        each for _, each in sorted(scored, key=lambda one: (one[0], not is_thing(one[1]), one[1]))
    ]


def _scored(word: str, known: Iterable[str]) -> list[tuple[int, str]]:
    most, letters, length = most_errors(word), set(word), len(word)
    return [
        (errors, each)
        for each in known
        # Each error changes two letters at most: most words are left out without a closer look.
        if abs(len(each) - length) <= most and len(letters.symmetric_difference(each)) <= 2 * most
        for errors in [errors_between(word, each, most)]
        if errors <= most
    ]


@lru_cache(maxsize=5_000)
def _ours(word: str) -> tuple[tuple[int, str], ...]:
    most = most_errors(word)
    return tuple(_scored(word, words_about(len(word) - most, len(word) + most)))


def errors_between(one: str, other: str, most: int) -> int:
    """Letters wrong, missing, added or swapped with their neighbour; above ``most`` it stops."""
    earlier: list[int] = []
    before = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        now = [i]
        for j, against in enumerate(other, 1):
            cost = min(before[j] + 1, now[j - 1] + 1, before[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, earlier[j - 2] + 1)
            now.append(cost)
        if min(now) > most:
            return most + 1
        earlier, before = before, now
    return before[-1]


def unsure(question: Asked) -> list[str]:
    """Words that may hold a typing error, if nobody uses them."""
    return [
        each.words[0]
        for each in question.said
        if len(each.words) == 1 and not each.is_known and correctable(each.words[0])
    ]
