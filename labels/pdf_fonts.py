"""The three kinds of font in a label document, as PDF objects.

`Modules` draws QR codes: a Type-3 font whose 64 glyphs are columns of six modules, so a code of
29×29 is five short strings of vectors. Its character codes all have the high bit set, so none
needs an escape, and the table of `qr.py` can hold the finished strings: a whole code is then six
look-ups. `Embedded` is a TrueType font of which only the used glyphs go along. Courier-Bold, which
every reader has, sets the code in letters.
"""

import zlib
from functools import lru_cache

from labels.fonts import UNKNOWN, Font
from labels.qr import Encoder, Table

BAND = 6
_FIRST = 0x80
# Each module reaches 1/16 over its edges, so that no viewer shows a light seam between two; that
# is 0.03 mm on paper, less than any printer's own spread.
_SPREAD = 1 / 16


def escaped(text: bytes) -> bytes:
    """The inside of a PDF literal string."""
    for special in (b"\\", b"(", b")"):
        text = text.replace(special, b"\\" + special)
    return text.replace(b"\r", b"\\r").replace(b"\n", b"\\n")


def packed(content: bytes, entries: str = "") -> bytes:
    """A compressed stream object's body."""
    small = zlib.compress(content, 9)
    head = f"<</Filter/FlateDecode{entries}/Length {len(small)}>>stream\n"
    return head.encode("ascii") + small + b"\nendstream"


def number(value: float) -> str:
    """At most two decimals (0.004 mm in points), and no zeros behind them."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


class Modules:
    """The operators that draw one code, for an encoder: `shown(code)`."""

    __slots__ = ("_length", "_table")

    def __init__(self, encoder: Encoder) -> None:
        side = encoder.side
        bands = -(-side // BAND)
        blank = bytes([_FIRST]) * side
        frame = b"(" + (b")'(").join([blank] * bands) + b")'"
        self._length = len(frame)
        last = 8 * self._length - 1
        # Bit `side·row + column` from the top left goes to its glyph's place in the string.
        places = [
            last - 8 * (1 + (row // BAND) * (side + 3) + column) - 7 + (BAND - 1 - row % BAND)
            for row in range(side)
            for column in range(side)
        ]

        def move(matrix: int) -> int:
            bits = f"{matrix:0{side * side}b}"
            return sum(1 << place for place, bit in zip(places, bits, strict=True) if bit == "1")

        self._table: Table = encoder.table(move, int.from_bytes(frame, "big"))

    def shown(self, code: str) -> bytes:
        """Strings to show with the leading at six modules, from one band above the corner."""
        return self._table.value(code).to_bytes(self._length, "big")


@lru_cache(maxsize=16)
def modules(prefix: str, level: str) -> Modules:
    """The drawing table of a prefix, made once per process."""
    return Modules(Encoder.for_prefix(prefix, level))


def modules_font(first: int) -> list[bytes]:
    """The Type-3 font as objects numbered from `first`: font, its text map, its glyphs."""
    names = "".join(f"/m{pattern}" for pattern in range(1 << BAND))
    glyphs = "".join(f"/m{pattern} {first + 2 + pattern} 0 R" for pattern in range(1 << BAND))
    widths = " ".join(["1"] * (1 << BAND))
    font = (
        f"<</Type/Font/Subtype/Type3/FontBBox[0 -6 1 0]/FontMatrix[1 0 0 1 0 0]/Resources<<>>"
        f"/FirstChar {_FIRST}/LastChar {_FIRST + (1 << BAND) - 1}/Widths[{widths}]"
        f"/Encoding<</Type/Encoding/Differences[{_FIRST}{names}]>>"
        f"/CharProcs<<{glyphs}>>/ToUnicode {first + 1} 0 R>>"
    )
    # Copied text shows spaces where the code is, not letters that mean nothing.
    spaces = {_FIRST + pattern: " " for pattern in range(1 << BAND)}
    return [font.encode("ascii"), packed(_text_map(spaces, digits=2)), *_module_glyphs()]


@lru_cache(maxsize=1)
def _module_glyphs() -> tuple[bytes, ...]:
    return tuple(_module_glyph(pattern) for pattern in range(1 << BAND))


def _module_glyph(pattern: int) -> bytes:
    """A column of six modules below the baseline, the topmost in the highest bit."""
    drawn, row = "1 0 0 -6 1 0 d1", 0
    while row < BAND:
        run = 0
        while row + run < BAND and pattern >> (BAND - 1 - row - run) & 1:
            run += 1
        if run:
            low, high = -row - run - _SPREAD, run + 2 * _SPREAD
            drawn += f" {-_SPREAD:g} {low:g} {1 + 2 * _SPREAD:g} {high:g} re"
        row += run or 1
    content = (drawn + (" f" if pattern else "")).encode("ascii")
    return f"<</Length {len(content)}>>stream\n".encode("ascii") + content + b"\nendstream"


def _text_map(texts: dict[int, str], digits: int) -> bytes:
    """A ToUnicode map from character codes of `digits` hexadecimal digits."""
    lines = [
        f"<{code:0{digits}X}><{text.encode('utf-16-be').hex().upper()}>"
        for code, text in texts.items()
    ]
    blocks = [lines[at : at + 100] for at in range(0, len(lines), 100)]
    body = "\n".join(
        f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks
    )
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "/CIDSystemInfo <</Registry(Adobe)/Ordering(UCS)/Supplement 0>> def\n"
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
        f"1 begincodespacerange <{'0' * digits}><{'F' * digits}> endcodespacerange\n{body}\n"
        "endcmap CMapName currentdict /CMap defineresource pop end end"
    ).encode("ascii")


class Embedded:
    """A font's glyphs in one document, numbered in the order they are first used."""

    def __init__(self, font: Font) -> None:
        self.font = font
        self._codes: dict[str, bytes] = {}
        self._glyphs: list[int] = [0]
        self._strings: dict[str, bytes] = {}

    @property
    def is_used(self) -> bool:
        return bool(self._strings)

    def string(self, text: str) -> bytes:
        """`text`, spelled for this font, as a PDF string with its parentheses."""
        try:
            return self._strings[text]
        except KeyError:
            code = b"".join([self._codes.get(c) or self._numbered(c) for c in text])
            self._strings[text] = b"(" + escaped(code) + b")"
            return self._strings[text]

    def _numbered(self, character: str) -> bytes:
        glyph = self.font.glyph(character)
        code = (len(self._glyphs) if glyph else 0).to_bytes(2, "big")
        if glyph:
            self._glyphs.append(glyph)
        self._codes[character] = code
        return code

    def objects(self, first: int) -> list[bytes]:
        """Font, descendant, descriptor, font file and text map, numbered from `first`."""
        font, file = self.font, self.font.copy(self._glyphs)
        # Six letters for the subset, as PDF asks; the same document gives the same letters.
        tag = f"{zlib.crc32(file):032b}"[:24]
        name = "".join(chr(65 + int(tag[at : at + 4], 2)) for at in range(0, 24, 4))
        name += "+" + "".join(c for c in font.name if c.isascii() and (c.isalnum() or c == "-"))
        widths = " ".join(str(font.advance(glyph)) for glyph in self._glyphs)
        box = " ".join(str(round(edge * 1000 / font.units)) for edge in font.box)
        ascent, descent = (round(v * 1000 / font.units) for v in (font.ascent, font.descent))
        texts = {int.from_bytes(code, "big"): text for text, code in self._codes.items()}
        if 0 in texts:
            texts[0] = UNKNOWN
        root = (
            f"<</Type/Font/Subtype/Type0/BaseFont/{name}/Encoding/Identity-H"
            f"/DescendantFonts[{first + 1} 0 R]/ToUnicode {first + 4} 0 R>>"
        )
        descendant = (
            f"<</Type/Font/Subtype/CIDFontType2/BaseFont/{name}"
            "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
            f"/FontDescriptor {first + 2} 0 R/CIDToGIDMap/Identity/DW 0/W[0[{widths}]]>>"
        )
        descriptor = (
            f"<</Type/FontDescriptor/FontName/{name}/Flags 4/FontBBox[{box}]/ItalicAngle 0"
            f"/Ascent {ascent}/Descent {descent}/CapHeight {ascent}/StemV 80"
            f"/FontFile2 {first + 3} 0 R>>"
        )
        return [
            *(part.encode("ascii") for part in (root, descendant, descriptor)),
            packed(file, f"/Length1 {len(file)}"),
            packed(_text_map(texts, digits=4)),
        ]
