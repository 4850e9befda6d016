"""What a scanned or typed text is: our label, somebody else's code, or one of ours gone wrong.

``static/modules/codes.js`` says the same in the browser; ``tests/fieldwork/scanned.py`` holds the
texts that both must read alike.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.items.models import IdentifierKind
from app.kit import codes

LONGEST = 200
"""Characters that an identifier of a piece may have."""


class ReadKind(StrEnum):
    """``piece`` may turn out to be a blank label or another organisation's: only a look-up knows."""

    PIECE = "piece"
    PLACE = "place"
    FOREIGN = "foreign"
    WRONG_CHECK = "wrong-check"


@dataclass(frozen=True, slots=True)
class Read:
    """``code`` is ours, folded, without its check proven when the kind is ``wrong-check``."""

    text: str
    kind: ReadKind
    code: str = ""


# The address on a label, to any host: an installation may have moved. Grouped codes are longer.
_ADDRESS = re.compile(r"HTTPS?://.*/([IP])/([0-9A-Z-]{11,13})/?(?:[?#].*)?", re.DOTALL)
# The same through a hardware scanner that types on a Nordic keyboard: «:» becomes Ø or Ö, «/» «-».
_TYPED_ADDRESS = re.compile(r"HTTPS?[ØÖ:]--.*-([IP])-([0-9A-Z]{11})-?", re.DOTALL)
_ALPHABET = frozenset(codes.ALPHABET)


def read(text: str) -> Read:
    """The text as it came from a camera, a keyboard or a hardware scanner; never raises."""
    text = _clean(text)
    upper = text.upper()
    address = _ADDRESS.fullmatch(upper) or _TYPED_ADDRESS.fullmatch(upper)
    if address is not None:
        code = codes.fold(address[2])
        kind = ReadKind.PLACE if address[1] == "P" else ReadKind.PIECE
        return Read(text, kind if codes.is_code(code) else ReadKind.WRONG_CHECK, code)
    code = codes.fold(text)
    if len(code) == codes.LENGTH and _ALPHABET.issuperset(code):
        return Read(text, ReadKind.PIECE if codes.is_code(code) else ReadKind.WRONG_CHECK, code)
    return Read(text, ReadKind.FOREIGN)


def _clean(text: str) -> str:
    """Without control characters at all: GS1 codes carry separators that no reader shows."""
    return "".join(" " if ord(each) < 32 else each for each in text).strip()


# AI 8004: in an address, in brackets as people read it, and behind the mark of a GS1 symbol.
_GIAI = re.compile(
    r"https?://[^/]+(?:/.*)?/8004/([^/?#]+).*|\(8004\)\s*(\S+)|\]C18004(\S+)", re.IGNORECASE
)
# Most readers give a GS1 symbol's text alone: AI 8004, a company prefix of seven digits or more.
_BARE_GIAI = re.compile(r"8004(\d{7}\S{1,23})")
_EAN_LENGTHS = (8, 12, 13, 14)
_LONGEST_TAG = 40


def identifier_of(text: str) -> tuple[IdentifierKind, str]:
    """What kind of foreign code it looks like, and the value to keep; a person may say otherwise."""
    giai = _GIAI.fullmatch(text)
    if giai is not None:
        return IdentifierKind.GIAI, next(each for each in giai.groups() if each)
    digits = text.replace(" ", "")
    if digits.isascii() and digits.isdecimal() and _is_ean(digits):
        return IdentifierKind.EAN, digits
    giai = _BARE_GIAI.fullmatch(text)
    if giai is not None:
        return IdentifierKind.GIAI, giai[1]
    if len(text) <= _LONGEST_TAG and "://" not in text:
        return IdentifierKind.ASSET_TAG, text
    return IdentifierKind.OTHER, text


def _is_ean(digits: str) -> bool:
    """GS1's check digit: weights 3 and 1 in turn from the right, the sum a multiple of ten."""
    if len(digits) not in _EAN_LENGTHS:
        return False
    weighed = sum(int(each) * (3, 1)[at % 2] for at, each in enumerate(reversed(digits[:-1])))
    return (weighed + int(digits[-1])) % 10 == 0


def spellings(text: str) -> Sequence[str]:
    """The ways in which a piece may already carry this code.

    Twelve American digits are thirteen European ones with a nought before them, and whoever typed
    an asset tag did not mind its case.
    """
    kind, value = identifier_of(text)
    found = [value, text]
    if kind is IdentifierKind.GIAI:
        found += [f"8004{value}", f"(8004){value}"]
    elif text.startswith("8004"):
        found.append(text[4:])  # a reader that does not show what its symbol is
    if kind is IdentifierKind.EAN:
        found.append(value.removeprefix("0") if len(value) == 13 else f"0{value}")
    else:
        found += [value.upper(), value.lower()]
    return list(dict.fromkeys(each for each in found if len(each) <= LONGEST))
