"""What a PDF says of itself and to readers that speak: language, words, tags, pictures' words."""

import ctypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pypdfium2  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium  # type: ignore[import-untyped]


@dataclass
class Read:
    pages: int
    text: str
    is_tagged: bool
    language: str
    title: str
    tags: list[str] = field(default_factory=list)
    spoken: list[str] = field(default_factory=list)
    """The words that stand for pictures."""
    pictures: int = 0


def read(content: bytes) -> Read:
    document = pypdfium2.PdfDocument(content)
    try:
        pages = [document[at] for at in range(len(document))]
        found = Read(
            pages=len(pages),
            text="\n".join(page.get_textpage().get_text_range() for page in pages),
            is_tagged=bool(pdfium.FPDFCatalog_IsTagged(document.raw)),
            language=_text(lambda *into: pdfium.FPDFCatalog_GetLanguage(document.raw, *into)),
            title=document.get_metadata_dict()["Title"],
        )
        for page in pages:
            tree = pdfium.FPDF_StructTree_GetForPage(page.raw)
            for element in _elements(tree):
                found.tags.append(
                    _text(lambda *into, e=element: pdfium.FPDF_StructElement_GetType(e, *into))
                )
                said = _text(
                    lambda *into, e=element: pdfium.FPDF_StructElement_GetAltText(e, *into)
                )
                found.spoken += [said] if said else []
            pdfium.FPDF_StructTree_Close(tree)
            pictures = page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE])
            found.pictures += len(list(pictures))
        return found
    finally:
        document.close()


def _elements(tree: Any) -> Iterator[Any]:
    waiting = [
        pdfium.FPDF_StructTree_GetChildAtIndex(tree, at)
        for at in range(pdfium.FPDF_StructTree_CountChildren(tree))
    ]
    while waiting:
        element = waiting.pop(0)
        if not element:
            continue
        yield element
        waiting[:0] = [
            pdfium.FPDF_StructElement_GetChildAtIndex(element, at)
            for at in range(pdfium.FPDF_StructElement_CountChildren(element))
        ]


def _text(call: Callable[..., int]) -> str:
    length = call(None, 0)
    into = ctypes.create_string_buffer(length)
    call(ctypes.cast(into, ctypes.POINTER(ctypes.c_ushort)), length)
    return into.raw.decode("utf-16-le").rstrip("\0")
