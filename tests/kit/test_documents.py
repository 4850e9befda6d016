"""A document is known by what it holds, whatever it is called."""

import io
import zipfile

import pytest

from app.kit.documents import MOST_BYTES, DocumentRefused, DocumentTooLarge, kind_of

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def packed(*names: str, **contents: str) -> bytes:
    """A ZIP of these parts, in this order."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name in names:
            archive.writestr(name, contents.get(name.partition(".")[0], ""))
    return held.getvalue()


ODT = packed("mimetype", "content.xml", mimetype="application/vnd.oasis.opendocument.text")
DOCX = packed("[Content_Types].xml", "word/document.xml")


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        (PDF, "pdf"),
        (DOCX, "docx"),
        (packed("[Content_Types].xml", "xl/workbook.xml"), "xlsx"),
        (packed("[Content_Types].xml", "ppt/presentation.xml"), "pptx"),
        (ODT, "odt"),
    ],
)
def test_documents_are_known_by_their_content(content: bytes, suffix: str) -> None:
    assert kind_of(content).suffix == suffix


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 cut off",
        b"<html><script>alert(1)</script>",
        b"%PDF-1.7 without an end",
        b"MZ\x90\x00 a program",
        packed("word/document.xml"),
        packed("anything.txt"),
        packed("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
        packed("mimetype", "content.xml", mimetype="text/html"),
        packed("mimetype", "Basic/script.xml", mimetype="application/vnd.oasis.opendocument.text"),
        packed("mimetype", mimetype="application/vnd.oasis.opendocument.text" + " " * 300),
    ],
)
def test_what_is_no_document_or_holds_a_program_is_refused(content: bytes) -> None:
    with pytest.raises(DocumentRefused):
        kind_of(content)


def test_a_document_of_more_than_10_mb_is_refused() -> None:
    with pytest.raises(DocumentTooLarge):
        kind_of(PDF + b" " * MOST_BYTES)
