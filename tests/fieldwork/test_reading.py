"""What a scanned text is, and what kind of foreign code."""

import pytest

from app.fieldwork.reading import ReadKind, identifier_of, read, spellings
from app.items.models import IdentifierKind
from app.kit.codes import is_code, mint
from tests.fieldwork.scanned import CASES


@pytest.mark.parametrize(("text", "kind", "code"), CASES)
def test_a_text_is_read_as_what_it_is(text: str, kind: str, code: str) -> None:
    found = read(text)

    assert (found.kind, found.code) == (ReadKind(kind), code)


def test_every_single_wrong_character_of_a_code_is_told() -> None:
    code = mint()
    for at, right in enumerate(code):
        wrong = code[:at] + ("2" if right != "2" else "3") + code[at + 1 :]
        assert not is_code(wrong)
        assert read(wrong).kind is ReadKind.WRONG_CHECK


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("7070000000006", IdentifierKind.EAN, "7070000000006"),
        ("96385074", IdentifierKind.EAN, "96385074"),
        ("036000291452", IdentifierKind.EAN, "036000291452"),
        ("7070000000009", IdentifierKind.ASSET_TAG, "7070000000009"),
        ("INV-004711", IdentifierKind.ASSET_TAG, "INV-004711"),
        ("https://id.gs1.org/8004/70712345-A7", IdentifierKind.GIAI, "70712345-A7"),
        ("https://kommune.no/x/8004/7071?linkType=all", IdentifierKind.GIAI, "7071"),
        ("(8004)70712345", IdentifierKind.GIAI, "70712345"),
        ("]C1800470712345", IdentifierKind.GIAI, "70712345"),
        ("800470712345A7", IdentifierKind.GIAI, "70712345A7"),
        # Italian EANs begin so too; their check digit tells.
        ("8004000000000", IdentifierKind.EAN, "8004000000000"),
        ("8004-7", IdentifierKind.ASSET_TAG, "8004-7"),
        ("http://google.com/gwt/n?u=bluenile.com", IdentifierKind.OTHER, None),
        ("MEBKM:URL:http\\://en.wikipedia.org/wiki/Main_Page;;", IdentifierKind.OTHER, None),
    ],
)
def test_a_foreign_code_is_kept_as_what_it_looks_like(
    text: str, kind: IdentifierKind, value: str | None
) -> None:
    assert identifier_of(text) == (kind, value or text)


def test_a_piece_is_found_by_the_other_spellings_of_its_code() -> None:
    assert "0036000291452" in spellings("036000291452")
    assert "036000291452" in spellings("0036000291452")
    assert "INV-7A" in spellings("inv-7a")
    assert "70712345A7" in spellings("800470712345A7")
    assert "800470712345A7" in spellings("(8004)70712345A7")
    assert spellings("x" * 201) == []
