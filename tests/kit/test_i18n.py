"""The reader's language, and numbers and dates as it writes them."""

import asyncio
import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from starlette.types import Message, Receive, Scope, Send

from app.kit import i18n

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("header", "finished", "expected"),
    [
        ("nb-NO,nb;q=0.9", ["nb"], "nb"),
        ("no", ["en", "nb"], "nb"),
        ("no-NO,en;q=0.5", ["en", "nb"], "nb"),
        ("nn-NO", ["nb", "nn"], "nn"),
        ("nn-NO", ["nb"], "nb"),
        ("en;q=0.4, sv;q=0.8", ["nb", "en", "sv"], "sv"),
        ("da", ["nb", "en"], "nb"),
        ("", ["nb"], "nb"),
        ("en;q=0", ["nb", "en"], "nb"),
        ("en;q=oops, sv", ["nb", "en", "sv"], "sv"),
        ("*", ["nb", "en"], "nb"),
        (",,;;=,%00", ["nb"], "nb"),
        ("x" * 100_000, ["nb"], "nb"),
        ("sv", [], "nb"),
    ],
)
def test_the_best_finished_language_is_chosen(
    header: str, finished: list[str], expected: str
) -> None:
    assert i18n.negotiate(header, tuple(finished)) == expected


def language_of_a_request(headers: list[tuple[bytes, bytes]], finished: list[str]) -> str:
    seen: list[str] = []

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(i18n.locale())

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        raise AssertionError(message)

    app = i18n.LocaleMiddleware(inner, finished=finished)
    asyncio.run(app({"type": "http", "headers": headers}, receive, send))
    return seen[0]


def test_a_request_is_answered_in_what_the_browser_asks_for() -> None:
    headers = [(b"accept-language", b"sv-SE,sv")]
    assert language_of_a_request(headers, ["nb", "sv"]) == "sv"
    assert i18n.locale() == "nb"


def test_the_reader_s_own_choice_goes_before_the_browser_s() -> None:
    headers = [(b"accept-language", b"sv"), (b"cookie", b"a=b; language=en")]
    assert language_of_a_request(headers, ["nb", "sv", "en"]) == "en"


@pytest.mark.parametrize("cookie", [b"language=xx", b"language=", b"\xff;;=", b'language="../nb"'])
def test_a_choice_that_is_not_offered_counts_as_none(cookie: bytes) -> None:
    headers = [(b"accept-language", b"sv"), (b"cookie", cookie)]
    assert language_of_a_request(headers, ["nb", "sv"]) == "sv"


def test_a_message_without_a_catalogue_is_its_bokmaal_text() -> None:
    with i18n.speaking("fi"):
        assert i18n.gettext("Møbler") == "Møbler"
    assert i18n.gettext("%(n)s av %(all)s", n=2, all=3) == "2 av 3"
    assert i18n.gettext("100 %") == "100 %"
    assert i18n.gettext("") == ""


def test_a_catalogue_translates_and_what_it_lacks_stays_bokmaal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "sv" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    header = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    plural = '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
    (folder / "messages.po").write_text(
        header
        + plural
        + 'msgid "møbel"\nmsgstr "möbel"\n\n'
        + 'msgid "%(num)s stykk"\nmsgid_plural "%(num)s stykker"\n'
        + 'msgstr[0] "%(num)s stycke"\nmsgstr[1] "%(num)s stycken"\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(i18n, "CATALOGUES", tmp_path)
    i18n._catalogue.cache_clear()
    try:
        with i18n.speaking("sv"):
            assert i18n.gettext("møbel") == "möbel"
            assert i18n.gettext("enhet") == "enhet"
            assert i18n.ngettext("%(num)s stykk", "%(num)s stykker", 3) == "3 stycken"
        assert i18n.gettext("møbel") == "møbel"
    finally:
        i18n._catalogue.cache_clear()


def test_bokmaal_counts_one_and_many() -> None:
    assert i18n.ngettext("%(num)s stykk", "%(num)s stykker", 1) == "1 stykk"
    assert i18n.ngettext("%(num)s stykk", "%(num)s stykker", 0) == "0 stykker"


def test_numbers_have_hard_spaces_and_a_comma() -> None:
    assert i18n.number(1234567.5) == f"1{NBSP}234{NBSP}567,5"
    assert i18n.number(Decimal("2.5"), 2) == "2,50"
    assert i18n.number(-3) == "\u22123"
    assert i18n.number(1234, 0) == f"1{NBSP}234"
    with i18n.speaking("en"):
        assert i18n.number(1234567.5) == "1,234,567.5"


def test_money_is_written_in_whole_units_of_its_currency() -> None:
    assert i18n.money_ore(125_000) == f"1{NBSP}250{NBSP}kr"
    assert i18n.money_ore(125_050, digits=2) == f"1{NBSP}250,50{NBSP}kr"
    assert i18n.money_ore(125_000, "SEK") == f"1{NBSP}250{NBSP}SEK"
    assert i18n.money_ore(-100) == f"\u22121{NBSP}kr"
    with i18n.speaking("sv"):
        assert i18n.money_ore(125_000) == f"1{NBSP}250{NBSP}NOK"
        assert i18n.money_ore(125_000, "SEK") == f"1{NBSP}250{NBSP}kr"


@pytest.mark.parametrize(
    ("grams", "expected"),
    [
        (0, f"0{NBSP}kg"),
        (450, f"450{NBSP}g"),
        (1_000, f"1,0{NBSP}kg"),
        (14_520, f"14,5{NBSP}kg"),
        (123_400, f"123{NBSP}kg"),
        (1_820_000, f"1{NBSP}820{NBSP}kg"),
        (12_345_000, f"12,3{NBSP}t"),
        (-14_520, f"\u221214,5{NBSP}kg"),
    ],
)
def test_a_mass_is_written_in_the_unit_that_fits_it(grams: int, expected: str) -> None:
    assert i18n.mass_g(grams) == expected
    assert i18n.co2e_g(grams) == f"{expected} CO2e"


def test_measurements_are_shown_in_centimetres() -> None:
    assert i18n.cm(805) == f"80,5{NBSP}cm"
    assert i18n.cm(800) == f"80{NBSP}cm"


def test_shares_are_shown_as_percentages() -> None:
    assert i18n.percent(0.62) == f"62{NBSP}%"
    assert i18n.percent(Decimal("0.0715"), 1) == f"7,2{NBSP}%"


def test_what_is_unknown_is_said_and_never_shown_as_nothing() -> None:
    assert {i18n.number(None), i18n.money_ore(None), i18n.mass_g(None), i18n.cm(None)} == {"ukjent"}
    assert {i18n.date(None), i18n.datetime_(None), i18n.percent(None)} == {"ukjent"}
    assert i18n.co2e_g(None) == "ikke beregnet"


def test_days_and_moments_have_the_month_in_letters() -> None:
    assert i18n.date(dt.date(2026, 11, 3)) == "3. nov. 2026"
    with i18n.speaking("sv"):
        assert i18n.date(dt.date(2026, 11, 3)) == "3 nov. 2026"


def test_a_moment_is_shown_on_the_clock_of_its_zone() -> None:
    noon = dt.datetime(2026, 7, 1, 12, 0, 59, tzinfo=dt.UTC)
    assert i18n.datetime_(noon) == "1. juli 2026, 14:00"
    assert i18n.datetime_(noon, "UTC") == "1. juli 2026, 12:00"
    assert i18n.datetime_(noon.replace(tzinfo=None)) == "1. juli 2026, 14:00"
    late = dt.datetime(2026, 12, 31, 23, 30, tzinfo=dt.UTC)
    assert i18n.datetime_(late) == "1. jan. 2027, 00:30"
    with i18n.speaking("en"):
        assert i18n.datetime_(noon).startswith("Jul 1, 2026, 2:00")
