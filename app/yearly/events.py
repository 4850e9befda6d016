"""What happens to the comment of a year. The subject is the comment; its text is not told."""

from dataclasses import dataclass

from app.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class YearNoteWritten(Event):
    year: int
