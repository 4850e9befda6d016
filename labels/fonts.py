"""The fonts of names and organisations: what they can spell, how wide it is, and small copies.

Labels are printed in their thousands, so a document carries only the glyphs it uses. The copy is
made from the font's own tables (a few hundred microseconds), since a general subsetter would cost
more than the whole sheet.
"""

import struct
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import reportlab
from fontTools.ttLib import TTFont, TTLibError
from fontTools.ttLib.sfnt import SFNTWriter

from labels.errors import WrongFontError

# Drawn for what a font cannot spell; every TrueType font has this glyph, usually a box.
UNKNOWN = "\ufffd"
_COPIED = ("cvt ", "fpgm", "prep")
_WORDS, _SCALE, _MORE, _XY_SCALE, _TWO_BY_TWO = 0x1, 0x8, 0x20, 0x40, 0x80
_BUNDLED = Path(reportlab.__file__).with_name("fonts")
# Courier-Bold as a file, for pictures; a PDF names it, since every reader has it.
CODE_FONT = _BUNDLED / "cob_____.pfb"
# Longer texts are cut before they are measured: no label shows more.
LONGEST_TEXT = 300


def cleaned(text: str) -> str:
    """`text` as one line of visible characters: no controls, no direction marks, single spaces."""
    text = unicodedata.normalize("NFC", text[:LONGEST_TEXT])
    if not text.isprintable():
        text = "".join(
            " " if character.isspace() else character
            for character in text
            if character.isspace() or unicodedata.category(character)[0] != "C"
        )
    return " ".join(text.split())


class Font:
    """One TrueType font in memory; raises WrongFontError when the bytes are none."""

    def __init__(self, file: bytes) -> None:
        self.file = file
        try:
            parsed = TTFont(BytesIO(file), lazy=False)
            tables = {tag: bytes(parsed.reader[tag]) for tag in parsed.reader.keys()}  # noqa: SIM118
            self._glyphs: dict[str, int] = {
                chr(point): parsed.getGlyphID(name)
                for point, name in (parsed.getBestCmap() or {}).items()
            }
            self._outlines = tables["glyf"]
            metrics = parsed["hmtx"].metrics
            self._advances: tuple[tuple[int, int], ...] = tuple(
                metrics[name] for name in parsed.getGlyphOrder()
            )
            # Read here, since fontTools warns of every font without a date of birth.
            self.units: int = struct.unpack_from(">H", tables["head"], 18)[0]
            self.box: tuple[int, int, int, int] = struct.unpack_from(">4h", tables["head"], 36)
            self._places = _places(tables["loca"], struct.unpack_from(">h", tables["head"], 50)[0])
            self.ascent, self.descent = struct.unpack_from(">hh", tables["hhea"], 4)
            self.name = str(parsed["name"].getDebugName(6) or "Label")
        except (TTLibError, KeyError, AttributeError, struct.error, AssertionError) as error:
            raise WrongFontError(str(error) or "the font cannot be read") from error
        self._tables = tables
        self._spelled: dict[str, str] = {}
        self._widths: dict[str, float] = {
            c: self._advances[at][0] / self.units for c, at in self._glyphs.items()
        }
        self._widths.setdefault(UNKNOWN, self._advances[0][0] / self.units)

    def missing(self, text: str) -> str:
        """The characters of `text` that this font cannot draw, each once."""
        return "".join(sorted(set(cleaned(text)) - self._glyphs.keys()))

    def spell(self, text: str) -> str:
        """`text` in characters the font has: others by their base letter, else UNKNOWN."""
        if self._glyphs.keys() >= set(text):
            return text
        return "".join(
            [c if c in self._glyphs else self._spelled.get(c) or self._learn(c) for c in text]
        )

    def _learn(self, character: str) -> str:
        base = unicodedata.normalize("NFKD", character)
        known = "".join(c for c in base if c in self._glyphs)
        self._spelled[character] = known or UNKNOWN
        return self._spelled[character]

    def glyph(self, character: str) -> int:
        return self._glyphs.get(character, 0)

    def advance(self, glyph: int) -> int:
        """How far a glyph moves the pen, in 1/1000 of the font's size."""
        return round(self._advances[glyph][0] * 1000 / self.units)

    def width(self, text: str) -> float:
        """How wide spelled text is, as a multiple of the font's size."""
        widths = self._widths
        return sum([widths[c] if c in widths else widths[UNKNOWN] for c in text])

    def copy(self, glyphs: Iterable[int]) -> bytes:
        """A TrueType file of these glyphs, numbered in this order; parts of letters come last."""
        order = list(glyphs)
        number = {glyph: new for new, glyph in enumerate(order)}
        outlines, places = bytearray(), [0]
        for glyph in order:  # grows while composite letters name their parts
            outline = bytearray(self._outlines[self._places[glyph] : self._places[glyph + 1]])
            for at in _parts(outline):
                (part,) = struct.unpack_from(">H", outline, at)
                if part not in number:
                    number[part] = len(order)
                    order.append(part)
                struct.pack_into(">H", outline, at, number[part])
            outlines += outline + b"\0" * (-len(outline) % 4)
            places.append(len(outlines))
        metrics = b"".join([struct.pack(">Hh", *self._advances[glyph]) for glyph in order])
        written = {
            "head": _patched(self._tables["head"], 50, 1),
            "hhea": _patched(self._tables["hhea"], 34, len(order)),
            "maxp": _patched(self._tables["maxp"], 4, len(order)),
            "hmtx": metrics,
            "loca": struct.pack(f">{len(places)}L", *places),
            "glyf": bytes(outlines),
            **{tag: self._tables[tag] for tag in _COPIED if tag in self._tables},
        }
        file = BytesIO()
        writer = SFNTWriter(file, len(written))
        for tag, table in written.items():
            writer[tag] = table
        writer.close()
        return file.getvalue()


def _patched(table: bytes, at: int, value: int) -> bytes:
    return table[:at] + struct.pack(">H", value) + table[at + 2 :]


def _places(loca: bytes, is_long: int) -> tuple[int, ...]:
    """Where each glyph's outline begins, and where the last ends (OpenType, loca table)."""
    if is_long:
        return struct.unpack(f">{len(loca) // 4}L", loca)
    return tuple(2 * half for half in struct.unpack(f">{len(loca) // 2}H", loca))


def _parts(outline: bytearray) -> Iterable[int]:
    """Where a composite glyph names its parts (OpenType, glyf table)."""
    if len(outline) < 10 or struct.unpack_from(">h", outline)[0] >= 0:
        return
    at, flags = 10, _MORE
    while flags & _MORE:
        (flags,) = struct.unpack_from(">H", outline, at)
        yield at + 2
        at += 4 + (4 if flags & _WORDS else 2)
        at += 8 if flags & _TWO_BY_TWO else 4 if flags & _XY_SCALE else 2 if flags & _SCALE else 0


@dataclass(frozen=True, slots=True, eq=False)
class Fonts:
    """The two weights a label is set in."""

    regular: Font
    bold: Font
    is_fallback: bool = False

    @classmethod
    def from_files(cls, regular: Path, bold: Path) -> "Fonts":
        return cls(Font(regular.read_bytes()), Font(bold.read_bytes()))

    @classmethod
    def find(cls, folder: Path) -> "Fonts":
        """Inter from `folder`, or the fallback where the assets were not installed."""
        regular, bold = folder / "Inter-Regular.ttf", folder / "Inter-Bold.ttf"
        if regular.is_file() and bold.is_file():
            return cls.from_files(regular, bold)
        return cls.fallback()

    @classmethod
    def fallback(cls) -> "Fonts":
        """Vera, which comes with reportlab: Western letters, but no ŋ, ŧ or Đ."""
        return _fallback()

    def missing(self, text: str) -> str:
        """What of `text` would be drawn otherwise than it is written, each character once."""
        return "".join(sorted(set(self.regular.missing(text)) | set(self.bold.missing(text))))


@lru_cache(maxsize=1)
def _fallback() -> Fonts:
    return Fonts(
        Font((_BUNDLED / "Vera.ttf").read_bytes()),
        Font((_BUNDLED / "VeraBd.ttf").read_bytes()),
        is_fallback=True,
    )
