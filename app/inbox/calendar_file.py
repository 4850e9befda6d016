"""A site visit as a calendar file: iCalendar (RFC 5545) with the methods of RFC 5546. No session.

``UID`` is the visit's id and never changes; a calendar that has the entry replaces it when
``SEQUENCE`` is higher, and takes it out when the method is ``CANCEL``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

MEDIA_TYPE = "text/calendar; charset=utf-8"
LINE_BYTES = 75


@dataclass(frozen=True, slots=True)
class Appointment:
    """``stamp`` is when it was last changed: the same facts give the same file."""

    uid: UUID
    sequence: int
    stamp: datetime
    starts_at: datetime
    minutes: int
    title: str
    place: str | None
    text: str
    organiser_name: str
    organiser_email: str
    address: str | None
    is_cancelled: bool


def calendar_file(visit: Appointment) -> str:
    """The file with one entry, lines ended and folded as the standard asks."""
    method = "CANCEL" if visit.is_cancelled else "PUBLISH"
    name = visit.organiser_name.replace('"', "'").replace("\n", " ")
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Omløp//Befaringer//NO",
        f"METHOD:{method}",
        "BEGIN:VEVENT",
        f"UID:{visit.uid}",
        f"SEQUENCE:{visit.sequence}",
        f"DTSTAMP:{_utc(visit.stamp)}",
        f"DTSTART:{_utc(visit.starts_at)}",
        f"DTEND:{_utc(visit.starts_at + timedelta(minutes=visit.minutes))}",
        f"SUMMARY:{_text(visit.title)}",
        *([f"LOCATION:{_text(visit.place)}"] if visit.place else []),
        *([f"DESCRIPTION:{_text(visit.text)}"] if visit.text else []),
        *([f"URL:{visit.address}"] if visit.address else []),
        f'ORGANIZER;CN="{name}":mailto:{visit.organiser_email}',
        f"STATUS:{'CANCELLED' if visit.is_cancelled else 'CONFIRMED'}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(text: str) -> str:
    """Backslash, semicolon, comma and line breaks have a meaning of their own."""
    plain = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return plain.replace("\r\n", "\\n").replace("\r", "\\n").replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """Lines of at most 75 bytes, never cut inside a character; those that go on begin with a blank."""
    part, size = "", 0
    for letter in line:
        length = len(letter.encode())
        if size + length > LINE_BYTES:
            yield part
            part, size = " ", 1
        part += letter
        size += length
    yield part
