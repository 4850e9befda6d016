"""Text that people write: names, addresses, notes. One meaning of it for every command."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from app.kit.i18n import N_

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\u202a-\u202e\u2066-\u2069]")
"""Also what turns the direction of writing, and with it a label or the text that follows."""
UNPRINTABLE = N_("Teksten har ugyldige tegn.")


def printable(text: str) -> str:
    """The text, unless it holds control characters: PostgreSQL keeps no NUL, and we mean none."""
    if _CONTROL.search(text):
        raise ValueError(UNPRINTABLE)
    return text


def sayable(name: str) -> str:
    """A file's name as far as it can be shown: it may be bytes that are no text, or hold controls."""
    try:
        readable = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    except UnicodeEncodeError:
        readable = name  # half a character stands for no byte, and is not printable either
    return "".join(each if each.isprintable() else "�" for each in readable)


STRIPPED = StringConstraints(strip_whitespace=True, min_length=1)
PRINTABLE = AfterValidator(printable)
"""After the length: a bound that follows it would not reach the schema of the text."""

Text = Annotated[str, STRIPPED, PRINTABLE]
Name = Annotated[str, STRIPPED, Field(max_length=120), PRINTABLE]
"""Of a unit, a place, a maker: one that is only blanks is none."""
FullName = Annotated[str, STRIPPED, Field(min_length=2, max_length=120), PRINTABLE]
"""Of a person or an organisation."""
ShortText = Annotated[str, STRIPPED, Field(max_length=40), PRINTABLE]
Line = Annotated[str, STRIPPED, Field(max_length=200), PRINTABLE]
