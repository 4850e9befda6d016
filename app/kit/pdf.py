"""A page as a tagged PDF, where the extra ``[pdf]`` is installed; elsewhere browsers print it.

The PDF is the page itself: what stands in its ``main``, with ``static/document.css`` as its only
style sheet. So there is no second template that could say something else.
"""

import base64
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Mapping
from ctypes.util import find_library
from functools import cache, lru_cache
from html import unescape
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from app.kit import i18n
from app.kit.errors import NotFound, Unavailable
from app.kit.i18n import N_
from app.kit.pdf_child import is_installed

__all__ = ["Picture", "as_pdf", "has_libraries", "is_there"]

Picture = tuple[str, bytes]
"""A picture's media type and content."""

ROOT = Path(__file__).resolve().parents[2]
MEMORY_BYTES = 1024 * 1024 * 1024
SECONDS = 30
WAIT_SECONDS = 20.0
LIBRARIES = ("pango-1.0", "pangoft2-1.0")
"""What the extra needs of the system; Debian's packages are libpango-1.0-0 and libpangoft2-1.0-0."""
FONTS = ("Inter-Regular.ttf", "Inter-Bold.ttf")
# Two at once, however many ask: each takes a core.
_places = threading.Semaphore(2)


class PdfNotHere(NotFound):
    title = N_("Denne serveren lager ikke PDF. Skriv ut siden, og velg å lagre som PDF.")


class PdfFailed(Unavailable):
    title = N_("PDF-en ble ikke ferdig. Prøv igjen, eller skriv ut siden.")


@cache
def is_there() -> bool:
    return is_installed() and has_libraries() and all(each.is_file() for each in _font_files())


def has_libraries() -> bool:
    return all(find_library(name) for name in LIBRARIES)


def as_pdf(
    request: Request, shown: Response, pictures: Mapping[str, Picture] | None = None
) -> Response:
    """The page that ``shown`` answers, as a file that is called as the page is.

    ``pictures`` are the ones the page may show, by the path it asks for them with; others are left
    out. Raises ``PdfNotHere`` without the extra, ``PdfFailed`` when it is too much or too busy.
    """
    if not is_there():
        raise PdfNotHere
    base_url = str(request.app.state.settings.public_url).rstrip("/")
    files = {**_fonts(), **{f"{base_url}{path}": each for path, each in (pictures or {}).items()}}
    html = bytes(shown.body).decode()
    content = _made(
        {
            "html": document_of(html, i18n.locale()),
            "css": _sheet("document.css"),
            "base_url": base_url,
            "files": {
                address: [media_type, base64.b64encode(content).decode()]
                for address, (media_type, content) in files.items()
            },
        }
    )
    headers = {"Content-Disposition": f"inline; filename*=UTF-8''{quote(name_of(html))}.pdf"}
    return Response(content, media_type="application/pdf", headers=headers)


_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_MAIN = re.compile(r"<main\b[^>]*>(.*)</main>", re.DOTALL)
# What a reader of paper has no use for, and what would be spoken as a heap of words.
_NOT_ON_PAPER = re.compile(
    r"<script\b.*?</script>|<form\b.*?</form>|<nav\b.*?</nav>|<button\b.*?</button>"
    r"|<svg class=\"icon.*?</svg>",
    re.DOTALL,
)
_DRAWN = re.compile(r"(<svg\b[^>]*>)(.*?</svg>)", re.DOTALL)
_PATTERN = re.compile(r'<pattern id="([^"]+)".*?</pattern>', re.DOTALL)
_USED = re.compile(r"url\(#([^)]+)\)")


def name_of(html: str) -> str:
    """``Kvittering 3 – Omløp`` → ``kvittering-3``."""
    found = _TITLE.search(html)
    words = unescape(found[1]) if found else ""
    first, *_ = words.split(" – ")
    return "-".join(re.findall(r"\w+", first.lower()))[:80] or "omlop"


def document_of(html: str, language: str) -> str:
    """The page's main part as a document of its own."""
    title, main = _TITLE.search(html), _MAIN.search(html)
    assert title is not None  # every page of ours has both
    assert main is not None
    body = _NOT_ON_PAPER.sub("", main[1])
    patterns = {each[1]: each[0] for each in _PATTERN.finditer(body)}
    body = _DRAWN.sub(lambda found: _self_contained(found, patterns), body)
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f"<title>{title[1]}</title></head><body>{body}</body></html>"
    )


def _self_contained(found: re.Match[str], patterns: Mapping[str, str]) -> str:
    """A drawing with its own colours and patterns: in a PDF, it sees nothing outside itself."""
    start, rest = found[1], found[2]
    own = {each[1] for each in _PATTERN.finditer(rest)}
    borrowed = sorted({each for each in _USED.findall(rest) if each in patterns} - own)
    lent = "".join(patterns[each] for each in borrowed)
    return f"{start}<style>{_sheet('document_charts.css')}</style><defs>{lent}</defs>{rest}"


@lru_cache(maxsize=4)
def _sheet(name: str) -> str:
    return (ROOT / "static" / name).read_text(encoding="utf-8")


@cache
def _fonts() -> dict[str, Picture]:
    """By the addresses that ``document.css`` asks for them with."""
    try:
        return {f"font:{each.name}": ("font/ttf", each.read_bytes()) for each in _font_files()}
    except FileNotFoundError as fault:  # taken away since the server was started
        raise PdfNotHere from fault


def _font_files() -> list[Path]:
    """Made by ``make assets``, like the program's other packaged files."""
    return [ROOT / "static" / "vendor" / "fonts" / name for name in FONTS]


def _made(document: Mapping[str, object]) -> bytes:
    if not _places.acquire(timeout=WAIT_SECONDS):
        raise PdfFailed(headers={"Retry-After": "10"})
    try:
        done = subprocess.run(  # noqa: S603 - our own module, our own numbers
            [
                *(sys.executable, "-P", "-c", "from app.kit.pdf_child import main; main()"),
                *(str(MEMORY_BYTES), str(SECONDS)),
            ],
            input=json.dumps(document).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            timeout=SECONDS * 3,  # on a busy machine a second of work takes longer by the wall
            check=False,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired as fault:
        raise PdfFailed(headers={"Retry-After": "10"}) from fault
    finally:
        _places.release()
    if done.returncode != 0 or not done.stdout.startswith(b"%PDF-"):
        raise PdfFailed(headers={"Retry-After": "10"})
    return done.stdout


def _environment() -> dict[str, str]:
    """Only what a Python needs to start, and where the fonts' cache is."""
    kept = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TZ", "HOME", "XDG_CACHE_HOME")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
