"""The address on a label, and what is wrong with a print job, said to people."""

import ipaddress
from urllib.parse import urlsplit

from app.kit.errors import Invalid
from app.kit.i18n import N_, gettext
from labels.errors import (
    LabelError,
    TooSmallError,
    UnknownStockError,
    WrongAddressError,
    WrongOffsetError,
    WrongStartError,
)
from labels.stock import LabelSize, Stock, sizes, stocks

FIRST_SHEETS = ("L7160", "L7651")
"""The two most offices have stand first."""

DEFAULT_SHEET = "L7160"

_LOCAL_NAMES = (".local", ".localhost", ".internal", ".lan")


def url_prefix(public_url: str, kind: str = "I") -> str:
    """What stands before the code: capitals, so that the QR code is a third smaller.

    ``kind`` is ``I`` for a piece or a blank label, ``P`` for a place: both are equally long.
    """
    return f"{public_url.rstrip('/')}/{kind}/".upper()


def address_warnings(public_url: str, host: str | None = None) -> list[str]:
    """What to know before this address is printed for decades; ``host`` is where one is now."""
    parts = urlsplit(public_url)
    name = parts.hostname or ""
    found: list[str] = []
    if _is_only_here(name):
        found.append(
            N_("Adressen virker bare på denne maskinen eller i dette nettet, ikke på en telefon.")
        )
    if parts.scheme != "https":
        found.append(N_("Adressen er ikke kryptert (http). Telefoner vil advare mot den."))
    if host and host.lower() != name.lower():
        found.append(N_("Du bruker Omløp på en annen adresse enn den som trykkes på etikettene."))
    return found


def _is_only_here(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.lower().endswith(_LOCAL_NAMES)


def paper(name: str) -> Stock | LabelSize:
    """A sheet ("L7160") or a label printer's size ("62x29"). Raises ``Invalid`` at ``paper``."""
    wanted = name.strip().lower().replace("×", "x")
    known: tuple[Stock | LabelSize, ...] = (*stocks(), *sizes())
    for each in known:
        if each.name.lower() == wanted:
            return each
    raise said(UnknownStockError(name))


def by_vendor() -> list[tuple[str, list[Stock]]]:
    """All sheets but the first two, under their makers, in alphabetical order."""
    found: dict[str, list[Stock]] = {}
    for each in stocks():
        if each.name not in FIRST_SHEETS:
            found.setdefault(each.vendor, []).append(each)
    return [(vendor, found[vendor]) for vendor in sorted(found, key=str.lower)]


def said(error: LabelError) -> Invalid:
    """The label package's finding as a message at the field it concerns, in the reader's words."""
    field, text = _said(error)
    return Invalid(text, by_field={field: text})


def _said(error: LabelError) -> tuple[str, str]:
    if isinstance(error, WrongStartError):
        return "start", gettext(
            "Skriv et tall fra 1 til %(most)s: så mange etiketter har arket.", most=error.per_page
        )
    if isinstance(error, WrongOffsetError):
        return "offset", gettext("Forskyvningen kan høyst være %(mm)s mm.", mm=error.limit // 100)
    if isinstance(error, TooSmallError):
        text = gettext("Etiketten er for liten for en kode som kan leses. Velg en større.")
        return "paper", text
    if isinstance(error, WrongAddressError):
        return "paper", gettext(
            "Adressen passer ikke i en kode: %(address)s. Be driften endre den.",
            address=error.prefix[:100],
        )
    if isinstance(error, UnknownStockError):
        return "paper", gettext(
            "Det finnes ikke noe etikettark som heter %(name)s.", name=error.name[:40]
        )
    return "paper", gettext("Etikettene kan ikke lages slik.")
