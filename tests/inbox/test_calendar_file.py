"""The calendar file of a site visit, read back line by line."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from app.inbox.calendar_file import LINE_BYTES, Appointment, calendar_file

VISIT = Appointment(
    uid=UUID(int=7),
    sequence=0,
    stamp=datetime(2026, 11, 30, 9, 0, tzinfo=UTC),
    starts_at=datetime(2026, 12, 1, 9, 30, tzinfo=UTC),
    minutes=45,
    title="Befaring: stoler, bord; og \\ mer (2026-0042)",
    place="Bygg A › Rom 214 – " + "lang gang " * 20,
    text="Anne\nSengepost",
    organiser_name='Kari "K" Moe',
    organiser_email="kari@example.no",
    address="https://omlop.example.no/henvendelser/7",
    is_cancelled=False,
)


def lines(text: str) -> dict[str, str]:
    whole = text.replace("\r\n ", "")
    return dict(line.split(":", 1) for line in whole.split("\r\n") if line)


def test_the_file_says_what_the_visit_is_in_lines_a_calendar_can_read() -> None:
    text = calendar_file(VISIT)
    found = lines(text)

    assert found["UID"] == str(UUID(int=7))
    assert found["DTSTART"] == "20261201T093000Z"
    assert found["DTEND"] == "20261201T101500Z"
    assert found["DTSTAMP"] == "20261130T090000Z"
    assert found["SUMMARY"] == r"Befaring: stoler\, bord\; og \\ mer (2026-0042)"
    assert found["DESCRIPTION"] == r"Anne\nSengepost"
    assert found["ORGANIZER;CN=\"Kari 'K' Moe\""] == "mailto:kari@example.no"
    assert (found["METHOD"], found["STATUS"]) == ("PUBLISH", "CONFIRMED")
    assert all(len(line.encode()) <= LINE_BYTES for line in text.split("\r\n"))
    assert found["LOCATION"].endswith("lang gang ")
    assert text == calendar_file(VISIT)


def test_a_cancelled_visit_takes_the_same_entry_out() -> None:
    found = lines(calendar_file(replace(VISIT, sequence=2, is_cancelled=True)))

    assert (found["UID"], found["SEQUENCE"]) == (str(UUID(int=7)), "2")
    assert (found["METHOD"], found["STATUS"]) == ("CANCEL", "CANCELLED")
