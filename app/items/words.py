"""What a piece is found by: texts cut into words, and a question's words made wider. No session.

Norwegian and Swedish write compounds in one word, so that "stol" stands inside "kontorstol". Words
are cut at the parts furniture is named by when they are indexed; a question's words lose their
ending and meet every word that begins so. The same words serve both databases.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

LEAST_STEM = 3
LONGEST = 40
MOST_WORDS = 12
"""Words of a question beyond this many are left out: nobody types them."""

_WORD = re.compile(r"[^\W_]+")
_SIZES = re.compile(r"\d+(?:x\d+)+")
# å, ø and æ are letters of their own; Swedish spells two of them in another way.
_KEPT = {"å": "å", "ä": "æ", "ö": "ø"}

_ENDING_WORDS = (
    "hetene hetens heten heter endes ande ende edes enes erte ede ane ene ens ers ets het ast"
    " orna arna erna or ar en er et as es a e"
)
_ENDINGS = tuple(_ENDING_WORDS.split())

_PART_WORDS = (
    "arbeid arkiv armatur bar barnehage benk besøk bibliotek bilde bok bord boks bruker byrå dobbelt"
    " elev enkelt flis fot garderobe glass gulv hengende hev heve hjørne hvile hylle høy høyde"
    " institusjon kabinett kafé kantine kasse kateter kjøkken klapp klasse klær kles kommode"
    " konferanse kontor kontroll krakk lager lampe lav len lenestol lese lounge lyd lærer madrass"
    " medisin modul møte natt oppbevaring oppslag pall panel park pasient pause piknik plante pleie"
    " puff pult reol resepsjon ring rom sadel salong seksjon seng senk senke server sett side"
    " sjalusi skap skjerm skilleveg skole skranke skriv skrive skuff skuffe sko sofa spise stable"
    " stativ stell stelle stol stue stål sykehus sykkel systemvegg tak tavle telefon tralle tre"
    " undersøkelse ute vegg vente verktøy vippe vogn vård øye"
    " bænk fåtølj hurts hylla lampa skåp skærm soffa sæng tavla"
)
PARTS = frozenset(_PART_WORDS.split())
"""Parts of compounds, folded as ``words_of`` folds."""

_HEADS = sorted((each for each in PARTS if len(each) >= LEAST_STEM), key=len, reverse=True)

SYNONYMS: Mapping[str, Sequence[str]] = {
    "pult": ("skrivebord", "arbeidsbord"),
    "kontorpult": ("skrivebord",),
    "arbeidspult": ("skrivebord",),
    "skrivebord": ("kontorpult", "arbeidspult"),
    "hyll": ("reol",),
    "bokhyll": ("reol",),
    "reol": ("hylle",),
    "taburett": ("krakk",),
    "løveseng": ("sykehusseng",),
    "sykeseng": ("sykehusseng", "pleieseng"),
    "locker": ("garderobeskap",),
    "couch": ("sofa",),
    "grey": ("grå",),
    "black": ("svart",),
    "sort": ("svart",),
    "svart": ("sort",),
    "white": ("hvit",),
}
"""Other words for the same thing, by the stem that is asked for."""


def fold(text: str) -> str:
    """Lower case; accents gone but for æ, ø and å, and Swedish ä and ö spelt as æ and ø."""
    if text.isascii():  # nothing in it has an accent; foreign codes are nearly always so
        return text.lower()
    plain = []
    for letter in unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).lower()):
        kept = _KEPT.get(letter)
        if kept is None:
            apart = unicodedata.normalize("NFD", letter)
            kept = "".join(each for each in apart if not unicodedata.combining(each))
        plain.append(kept)
    return "".join(plain)


def words_of(text: str) -> list[str]:
    """Runs of letters and digits, in the order of the text; ``160x80`` also as its numbers."""
    found: list[str] = []
    for word in _WORD.findall(fold(text)):
        found.append(word[:LONGEST])
        if _SIZES.fullmatch(word):
            found.extend(word.split("x"))
    return found


def stem(word: str) -> str:
    """The word without its Norwegian or Swedish ending: "stolene" and "stoler" → "stol"."""
    if not word.isalpha():
        return word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= LEAST_STEM:
            return word[: -len(ending)]
    return word


@lru_cache(maxsize=20_000)
def parts_of(word: str) -> tuple[str, ...]:
    """A compound's parts from the last to the first; nothing when it is no compound we know.

    ``kontorstolene`` → ``stol``, ``kontor``; ``hevsenkpult`` → ``pult``, ``senk``, ``hev``.
    """
    for form in (word, stem(word)):
        for head in _HEADS:
            rest = form.removesuffix(head)
            if rest != form and len(rest) >= LEAST_STEM:
                return (head, *_first_parts(rest))
    return ()


def _first_parts(rest: str) -> tuple[str, ...]:
    """What stands before the head, without the s or e that joins them."""
    for form in (rest, rest.removesuffix("s")):
        if form in PARTS:
            return (form,)
        further = parts_of(form)
        if further:
            return further
    return (rest,)


@lru_cache(maxsize=20_000)
def indexed(text: str) -> tuple[str, ...]:
    """Every word a text is found by, each once."""
    found: dict[str, None] = {}
    for word in words_of(text):
        found[word] = None
        for part in parts_of(word):
            found[part] = None
    return tuple(found)


def indexed_texts(*texts: str | None) -> tuple[str, ...]:
    """Every word that alike pieces are found by, from their own texts and their category's."""
    return indexed(" ".join(each for each in texts if each))


def own_words(codes: Iterable[str], identifiers: Iterable[str]) -> list[str]:
    """Words that no other piece has: of its labels and its foreign codes."""
    found = [code.lower() for code in codes]
    for value in identifiers:
        found.extend(words_of(value))
    return found


Meaning = tuple[tuple[str, ...], ...]
"""One word of a question: any of these, each of which is beginnings that must all be met."""


def asked(question: str) -> list[Meaning]:
    """The question's words, each widened by its stem, its compound's parts and its synonyms."""
    return [meaning_of(word) for word in dict.fromkeys(words_of(question)[:MOST_WORDS])]


def meaning_of(word: str) -> Meaning:
    bare = stem(word)
    ways: dict[tuple[str, ...], None] = {(bare,): None}
    parts = parts_of(word)
    if parts:
        first = tuple(stem(part) for part in parts[1:])
        for head in (parts[0], *SYNONYMS.get(parts[0], ())):
            ways[(stem(head), *first)] = None
    for other in SYNONYMS.get(word, SYNONYMS.get(bare, ())):
        ways[(stem(other),)] = None
    return tuple(ways)


def correctable(word: str) -> bool:
    """Whether a typing error in the word can be told from another word."""
    return len(word) >= 4 and word.isalpha()


def nearest(word: str, known: Iterable[str]) -> list[str]:
    """Known words one typing error away, two in words of eight letters or more; nearest first."""
    most = 2 if len(word) >= 8 else 1
    scored = [
        (errors, each)
        for each in known
        if abs(len(each) - len(word)) <= most
        for errors in [errors_between(word, each, most)]
        if errors <= most
    ]
    if not scored:
        return []
    fewest = min(scored)[0]
    return sorted(each for errors, each in scored if errors == fewest)[:5]


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


def vocabulary(words: Iterable[str]) -> Iterator[str]:
    """Which words a typing error may be mended to."""
    return (each for each in words if correctable(each))
