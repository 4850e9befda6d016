"""Texts cut into words, and what Norwegian and Swedish do with words. No session.

Both write compounds in one word, so that "stol" stands inside "kontorstol". Words are cut at the
parts furniture is named by when they are indexed. The same words serve both databases.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

LEAST_STEM = 3
LONGEST = 40
WORD = re.compile(r"[^\W_]+")
SIZES = re.compile(r"\d+(?:x\d+)+")
# å, ø and æ are letters of their own; Swedish spells two of them in another way.
_KEPT = {"å": "å", "ä": "æ", "ö": "ø"}

_ENDING_WORDS = (
    "hetene hetens heten heter endes ande ende edes enes erte ede ane ene ens ers ets het ast"
    " orna arna erna one or ar en an er et as es a e"
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
    " blå brun grå grønn gul hvit metall plast rød skinn svart"
)
PARTS = frozenset(_PART_WORDS.split())
"""Parts of compounds, folded as ``words_of`` folds."""

_HEADS = sorted((each for each in PARTS if len(each) >= LEAST_STEM), key=len, reverse=True)


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
    for word in WORD.findall(fold(text)):
        found.append(word[:LONGEST])
        if SIZES.fullmatch(word):
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


def indexed(text: str) -> list[str]:
    """Every word of a text and every part of its compounds, each once."""
    found: dict[str, None] = {}
    for word in words_of(text):
        found[word] = None
        for part in parts_of(word):
            found[part] = None
    return list(found)


def own_words(codes: Iterable[str], identifiers: Iterable[str]) -> list[str]:
    """Words that no other piece has: of its labels and its foreign codes, which are also one word.

    ``NV-2019-0457`` → ``nv``, ``2019``, ``0457``, ``nv20190457``.
    """
    found = [code.lower() for code in codes]
    for value in identifiers:
        words = words_of(value)
        found += words
        if len(words) > 1:
            found.append("".join(words)[:LONGEST])
    return found


def vocabulary(words: Iterable[str]) -> Iterator[str]:
    """Which words a typing error may be mended to."""
    return (each for each in words if correctable(each))


def correctable(word: str) -> bool:
    """Whether a typing error in the word can be told from another word."""
    return len(word) >= 4 and word.isalpha()
