"""The reader's language, and numbers and dates as that language writes them.

Bokmål is the source: a message's id *is* its bokmål text, so a missing catalogue or string
still gives something a Norwegian reader understands. Which languages are finished, and so
offered at all, is the installation's decision and comes in as a parameter.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import negotiate_locale
from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, get_minus_sign_symbol
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

SOURCE_LOCALE = "nb"
LANGUAGE_COOKIE = "language"
DEFAULT_ZONE = "Europe/Oslo"
CATALOGUES = Path(__file__).resolve().parent.parent / "locale"

_current: ContextVar[str] = ContextVar("locale", default=SOURCE_LOCALE)


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "extract, translate later"
    """Marks a message for extraction; it is translated where it is shown."""
    return message


def locale() -> str:
    """The language of what is being answered now, for example ``nb``."""
    return _current.get()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Sets the language for mail and jobs, where no request says what the reader wants."""
    token = _current.set(language)
    try:
        yield
    finally:
        _current.reset(token)


@lru_cache(maxsize=16)
def _catalogue(language: str) -> NullTranslations:
    # Read from the .po itself: one artefact less to build, ship and forget to rebuild.
    path = CATALOGUES / language / "LC_MESSAGES" / "messages.po"
    if language == SOURCE_LOCALE or not path.is_file():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def gettext(message: str, /, **values: object) -> str:
    """The message in the reader's language, with ``%(name)s`` filled in when values are given."""
    text = _catalogue(_current.get()).gettext(message) if message else ""
    return text % values if values else text


def ngettext(singular: str, plural: str, n: int, /, **values: object) -> str:
    """The form that fits `n`; ``%(num)s`` is the number itself."""
    text = _catalogue(_current.get()).ngettext(singular, plural, n)
    return text % {"num": n, **values}


def plain_gettext(message: str) -> str:
    """For Jinja, which fills in the values itself so that each is escaped."""
    return _catalogue(_current.get()).gettext(message) if message else ""


def plain_ngettext(singular: str, plural: str, n: int) -> str:
    """As `plain_gettext`, for plurals."""
    return _catalogue(_current.get()).ngettext(singular, plural, n)


def pgettext(context: str, message: str) -> str:
    """A message that means different things in different places."""
    return _catalogue(_current.get()).pgettext(context, message)


def npgettext(context: str, singular: str, plural: str, n: int) -> str:
    """As `pgettext`, for plurals."""
    return _catalogue(_current.get()).npgettext(context, singular, plural, n)


def _wanted(header: str) -> list[str]:
    """Languages of an Accept-Language header, best first; a malformed part is skipped."""
    weighted: list[tuple[float, int, str]] = []
    for position, part in enumerate(header[:1000].split(",")):
        tag, _, quality = part.strip().partition(";")
        try:
            weight = float(quality.partition("=")[2]) if quality else 1.0
        except ValueError:
            continue
        tag = tag.strip().lower()
        if tag and 0 < weight <= 1:
            # "no" is what older browsers send for Norwegian; Babel does not know it as bokmål.
            tag = SOURCE_LOCALE if tag == "no" or tag.startswith("no-") else tag
            weighted.append((-weight, position, tag))
    return [tag for _, _, tag in sorted(weighted)]


@lru_cache(maxsize=64)
def autonym(language: str) -> str:
    """What a language calls itself: who can not read this page can read that."""
    name = _babel(language).get_language_name(language) or language
    return name[:1].upper() + name[1:]


@lru_cache(maxsize=512)
def negotiate(header: str, finished: tuple[str, ...]) -> str:
    """The finished language that suits an Accept-Language header best; else the first."""
    return suiting(header, finished) or (finished[0] if finished else SOURCE_LOCALE)


def suiting(header: str, finished: Sequence[str]) -> str | None:
    """As `negotiate`, but nothing where none of them suits."""
    try:
        return negotiate_locale(_wanted(header), finished, sep="-")
    except ValueError:
        return None


class LocaleMiddleware:
    """Sets the language for one request: the reader's cookie, else what the browser asks for."""

    def __init__(self, app: ASGIApp, finished: Sequence[str] = (SOURCE_LOCALE,)) -> None:
        self.app = app
        self.finished = tuple(finished)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        chosen = _chosen(headers.get(b"cookie", b""))
        if chosen not in self.finished:
            wanted = headers.get(b"accept-language", b"")[:1000]
            chosen = negotiate(wanted.decode("latin-1"), self.finished)
        token = _current.set(chosen)
        try:
            await self.app(scope, receive, send)
        finally:
            _current.reset(token)


def _chosen(cookies: bytes) -> str:
    return cookie_parser(cookies.decode("latin-1")).get(LANGUAGE_COOKIE, "") if cookies else ""


@lru_cache(maxsize=16)
def _babel(language: str) -> Locale:
    return Locale.parse(language)


def _here() -> Locale:
    return _babel(_current.get())


def number(x: Decimal | float | None, digits: int | None = None) -> str:
    """A number with this language's separators.

    `digits` fixes the decimals; without it at most three are shown. Nothing known is said as
    such: an empty value is never a 0.
    """
    if x is None:
        return gettext("ukjent")
    return _number(x, digits, _current.get())


# Babel reads the pattern anew for each number: 11 µs, and the same numbers come again and again.
# So do the days below.
@lru_cache(maxsize=8192, typed=True)
def _number(x: Decimal | float, digits: int | None, language: str) -> str:
    pattern = "#,##0.###" if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
    # Babel writes a hyphen where a pattern is given, not the language's own minus sign.
    text = format_decimal(x, format=pattern, locale=_babel(language))
    return text.replace("-", get_minus_sign_symbol(_babel(language)))


def percent(share: Decimal | float | None, digits: int = 0) -> str:
    """A share between 0 and 1 as a percentage: 0.62 → ``62 %``."""
    if share is None:
        return gettext("ukjent")
    return number(Decimal(str(share)) * 100, digits) + "\xa0%"


def money_ore(ore: int | None, currency: str = "NOK", digits: int = 0) -> str:
    """An amount given in øre (hundredths), in whole units unless `digits` says more."""
    if ore is None:
        return gettext("ukjent")
    home = {"sv": "SEK"}.get(_current.get(), "NOK")
    unit = "kr" if currency == home else currency
    return f"{number(Decimal(ore) / 100, digits)}\xa0{unit}"


def money_exact(ore: int, currency: str = "NOK") -> str:
    """To the øre where it is no whole amount: what is compared must not read as the same."""
    return money_ore(ore, currency, 2 if ore % 100 else 0)


def mass_g(g: int | None) -> str:
    """A mass given in grams: g under one kilogram, kg to ten tonnes, then t."""
    if g is None:
        return gettext("ukjent")
    size = abs(g)
    if size < 1_000:
        return f"{number(g)}\xa0g" if g else "0\xa0kg"
    if size < 100_000:
        return f"{number(Decimal(g) / 1_000, 1)}\xa0kg"
    if size < 10_000_000:
        return f"{number(Decimal(g) / 1_000, 0)}\xa0kg"
    return f"{number(Decimal(g) / 1_000_000, 1)}\xa0t"


def co2e_g(g: int | None) -> str:
    """Grams of CO2e as plain text, for mail and files; pages write it with ``ui.co2e``."""
    if g is None:
        return gettext("ikke beregnet")
    return f"{mass_g(g)} CO2e"


def cm(mm: int | None) -> str:
    """A measurement kept in millimetres, shown in centimetres."""
    if mm is None:
        return gettext("ukjent")
    return f"{number(Decimal(mm) / 10)}\xa0cm"


def date(d: dt.date | None) -> str:
    """A day as this language writes it, the month in letters so that nobody reads it wrong."""
    return _date(d, _current.get()) if d else gettext("ukjent")


def iso_date(text: str) -> str:
    """A day that is kept as text, as in a notice's values."""
    return date(dt.date.fromisoformat(text))


def iso_datetime(text: str) -> str:
    """A moment kept as ISO text, as `datetime_` writes it."""
    return datetime_(dt.datetime.fromisoformat(text))


@lru_cache(maxsize=2048)
def _date(d: dt.date, language: str) -> str:
    return format_date(d, "medium", locale=_babel(language))


def datetime_(moment: dt.datetime | None, zone: str | ZoneInfo = DEFAULT_ZONE) -> str:
    """A moment on the wall clock of `zone`; moments are kept in UTC."""
    if moment is None:
        return gettext("ukjent")
    tz = ZoneInfo(zone) if isinstance(zone, str) else zone
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    local = moment.astimezone(tz)
    return f"{date(local.date())}, {format_time(local.timetz(), 'short', locale=_here())}"
