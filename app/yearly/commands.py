"""What is written about a year."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.kit.text import PRINTABLE

MOST_TEXT = 10_000


class YearNoteFields(BaseModel):
    """An empty text takes the comment away."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=MOST_TEXT), PRINTABLE]


class WriteYearNote(YearNoteFields):
    """``version`` is the one that was seen, 0 when there was none."""

    year: int = Field(ge=2000, le=2999)
    version: int = Field(ge=0)
