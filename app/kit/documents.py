"""Documents that people attach: known by their content, never by their name, and kept as they are.

They are only ever handed back for download. What may run as a program in somebody's office suite
(macros) is refused, and so is whatever is none of the kinds below.
"""

import io
import zipfile
from dataclasses import dataclass

from app.kit.errors import NotSupported, TooLarge
from app.kit.i18n import N_

MOST_BYTES = 10_000_000
ACCEPTED = ".pdf,.docx,.xlsx,.pptx,.odt,.ods,.odp"
_PDF_HEAD, _PDF_END = b"%PDF-", b"%%EOF"
_END_WITHIN = 2048
_OOXML = "application/vnd.openxmlformats-officedocument."
_OFFICE = {
    "word/document.xml": ("docx", f"{_OOXML}wordprocessingml.document"),
    "xl/workbook.xml": ("xlsx", f"{_OOXML}spreadsheetml.sheet"),
    "ppt/presentation.xml": ("pptx", f"{_OOXML}presentationml.presentation"),
}
_OPEN = {
    f"application/vnd.oasis.opendocument.{name}": suffix
    for name, suffix in (("text", "odt"), ("spreadsheet", "ods"), ("presentation", "odp"))
}
_MOST_PARTS = 5_000


class DocumentRefused(NotSupported):
    title = N_("Filen må være et bilde, en PDF eller et kontordokument uten makroer.")


class DocumentTooLarge(TooLarge):
    title = N_("Filen er for stor: høyst 10 MB.")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a document is: the suffix of its name in the store, and what it is served as."""

    suffix: str
    media_type: str


def kind_of(content: bytes) -> Kind:
    """What the content is. Raises ``DocumentRefused`` and ``DocumentTooLarge``."""
    if len(content) > MOST_BYTES:
        raise DocumentTooLarge
    if content.startswith(_PDF_HEAD) and _PDF_END in content[-_END_WITHIN:]:
        return Kind("pdf", "application/pdf")
    if content.startswith(b"PK\x03\x04"):
        return _packed(content)
    raise DocumentRefused


def _packed(content: bytes) -> Kind:
    """An office document is a ZIP with parts of known names. Nothing of it is unpacked but one."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if len(names) > _MOST_PARTS or any("vbaproject" in each.lower() for each in names):
                raise DocumentRefused
            found = next((_OFFICE[each] for each in names if each in _OFFICE), None)
            if found is not None and "[Content_Types].xml" in names:
                return Kind(*found)
            if names[:1] == ["mimetype"] and archive.getinfo("mimetype").file_size < 200:
                media_type = archive.read("mimetype").decode("ascii", "replace")
                is_scripted = any(each.startswith(("Basic/", "Scripts/")) for each in names)
                if media_type in _OPEN and not is_scripted:
                    return Kind(_OPEN[media_type], media_type)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError) as error:
        raise DocumentRefused from error
    raise DocumentRefused
