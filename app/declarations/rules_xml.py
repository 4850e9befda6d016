"""Reads XML from strangers: no document type, no entities, and limits on size, depth and count.

A document type is refused before anything of it is used, so that nothing is ever expanded or
fetched. A ZIP is unpacked only as far as its declared and its real sizes allow.
"""

import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from app.declarations.rules_reading import DeclarationRefused
from app.kit.i18n import N_

MOST_BYTES = 5_000_000
MOST_UNPACKED = 30_000_000
MOST_PARTS = 2_000
MOST_RATIO = 200
MOST_ELEMENTS = 200_000
"""Of one file, or of all the files of one ZIP."""

MOST_DEPTH = 60
_BROKEN = N_("Filen er ikke lesbar XML.")
_TYPE = N_("Filen har en dokumenttype eller egne entiteter. Slike filer leser vi ikke.")
_LARGE = N_("Filen er for stor, for dyp eller pakket for hardt.")
_ZIP = N_("ZIP-filen er ikke hel.")
_PACKINGS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""Those that declarations come in; each further one would be one more reader of strangers' bytes."""

_TORN = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    OSError,
    EOFError,
)


def parsed(content: bytes) -> Element:
    """The document's root; names are ``{namespace}local``. Raises ``DeclarationRefused``."""
    return _parsed(content, {"depth": 0, "elements": 0})


def all_parsed(contents: Iterable[bytes]) -> list[Element]:
    """The roots of documents that came together, within one count: many small ones are one large.

    Raises ``DeclarationRefused``.
    """
    counts = {"depth": 0, "elements": 0}
    return [_parsed(each, counts) for each in contents]


def _parsed(content: bytes, counts: dict[str, int]) -> Element:
    if len(content) > MOST_BYTES:
        raise DeclarationRefused(0, _LARGE)
    builder = TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")

    def refuse(*_: object) -> None:
        raise DeclarationRefused(0, _TYPE)

    def start(name: str, attributes: Mapping[str, str]) -> None:
        counts["depth"] += 1
        counts["elements"] += 1
        if counts["depth"] > MOST_DEPTH or counts["elements"] > MOST_ELEMENTS:
            raise DeclarationRefused(0, _LARGE)
        builder.start(_named(name), {_named(key): value for key, value in attributes.items()})

    def end(name: str) -> None:
        counts["depth"] -= 1
        builder.end(_named(name))

    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse  # type: ignore[assignment]
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(content, True)
        return builder.close()
    except (expat.ExpatError, AssertionError, ValueError, LookupError) as error:
        if isinstance(error, DeclarationRefused):
            raise
        raise DeclarationRefused(0, _BROKEN) from error


def _named(name: str) -> str:
    return "{" + name if "}" in name else name


def unpacked(content: bytes) -> dict[str, bytes]:
    """The XML files of a ZIP by name. Nothing else of it is read. Raises ``DeclarationRefused``."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS:
                raise DeclarationRefused(0, _LARGE)
            wanted = [each for each in parts if each.filename.lower().endswith(".xml")]
            if sum(each.file_size for each in wanted) > MOST_UNPACKED or any(
                each.file_size > MOST_RATIO * max(1, each.compress_size) for each in wanted
            ):
                raise DeclarationRefused(0, _LARGE)
            if any(each.compress_type not in _PACKINGS for each in wanted):
                raise DeclarationRefused(0, _ZIP)
            found: dict[str, bytes] = {}
            total = 0
            for each in wanted:
                with archive.open(each) as part:
                    # What the list of contents says may be a lie; what comes out is counted.
                    found[each.filename] = part.read(MOST_BYTES + 1)
                total += len(found[each.filename])
                if len(found[each.filename]) > MOST_BYTES or total > MOST_UNPACKED:
                    raise DeclarationRefused(0, _LARGE)
            return found
    except _TORN as error:
        raise DeclarationRefused(0, _ZIP) from error
    except ValueError as error:
        if isinstance(error, DeclarationRefused):
            raise
        raise DeclarationRefused(0, _ZIP) from error
