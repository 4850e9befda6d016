"""One label in one box: where its QR code and its lines of text stand.

Knows no page and no file format. Lengths are 1/100 mm from the box's top left corner, type sizes
are points. What a label says is data with fixed slots; nothing in it is ever a template.
"""

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from labels.errors import TooSmallError
from labels.fonts import Font, Fonts, cleaned
from labels.place import Inset
from labels.qr import CODE_LENGTH, QUIET_ZONE, side_for, version_for

POINT = 2540 / 72
COURIER_ADVANCE = 0.6
GROUPED_LENGTH = CODE_LENGTH + 2
LEAST_CODE_SIZE = 9.0
GOOD_MODULE, LEAST_MODULE, LARGEST_MODULE = 50, 40, 120
PADDING = 150
# How much of a wide label the QR code takes.
QR_SHARE = 0.42
LEADING = 1.15
# Where the baseline stands in a line, as a share of the size.
BASELINE = 0.86
# A line may end after a space, which stays with its word, and after a hyphen.
_PIECE = re.compile(r"[^\s/–-]*[\s/–-]|[^\s/–-]+")
_NARROWEST_TEXT = round(4 * COURIER_ADVANCE * LEAST_CODE_SIZE * POINT) + PADDING


class Style(Enum):
    REGULAR = "regular"
    BOLD = "bold"


@dataclass(frozen=True, slots=True)
class Label:
    """What is printed: a blank label has no name. `code` is the bare code of 11 characters."""

    code: str
    url_prefix: str
    name: str = ""
    organisation: str = ""

    @property
    def address(self) -> str:
        return self.url_prefix + self.code


@dataclass(frozen=True, slots=True)
class Square:
    """A QR code's level, version and module in 1/100 mm."""

    level: str
    version: int
    module: int

    @property
    def side(self) -> int:
        """With its quiet zone, in 1/100 mm."""
        return (side_for(self.version) + 2 * QUIET_ZONE) * self.module


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    style: Style
    size: float
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A stretch of the grouped code, in Courier-Bold or another font with cells of 0.6 em."""

    cut: slice
    size: float
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """`qr_x`, `qr_y`: the corner of the first dark module; `y` of lines is their baseline."""

    qr_x: int
    qr_y: int
    code: tuple[CodeLine, ...]
    lines: tuple[Line, ...]


def grouped(code: str) -> str:
    """7K3QWX9R2M4 as people read it: 7K3Q-WX9R-2M4."""
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def drawn_alone(label: Label, width: int, height: int, fonts: Fonts) -> tuple[Square, Drawing]:
    """A label with a page, ticket or picture of its own; raises LabelError."""
    qr = square(label.url_prefix, width, height)
    return qr, drawing(width, height, Inset(), qr, fonts, label.name, label.organisation)


@lru_cache(maxsize=256)
def square(url_prefix: str, width: int, height: int) -> Square:
    """The QR code for a free area of this size; raises TooSmallError or WrongAddressError.

    Level Q survives worn furniture and modules of 0.5 mm survive poor printers. Where both do not
    fit, M is taken if it needs fewer modules, then modules down to 0.4 mm.
    """
    room = min(height, width - _NARROWEST_TEXT)
    for least in (GOOD_MODULE, LEAST_MODULE):
        for level in ("Q", "M"):
            version = version_for(url_prefix, level)
            modules = side_for(version) + 2 * QUIET_ZONE
            if modules * least <= room:
                wanted = min(room, max(round(QR_SHARE * width), modules * GOOD_MODULE))
                return Square(level, version, min(wanted // modules, LARGEST_MODULE))
    raise TooSmallError(width, height)


def square_for_all(url_prefix: str, areas: frozenset[tuple[int, int]]) -> Square:
    """One QR size for boxes with different insets, so that a sheet looks of a piece."""
    return min((square(url_prefix, *area) for area in areas), key=lambda one: one.side)


@lru_cache(maxsize=4096)
def drawing(
    width: int,
    height: int,
    inset: Inset,
    qr: Square,
    fonts: Fonts,
    name: str,
    organisation: str,
) -> Drawing:
    """Everything but the letters of the code, which differ on every label."""
    free_height = height - inset.top - inset.bottom
    left = inset.left + qr.side
    text_width = width - inset.right - PADDING - left
    text_height = free_height - 2 * (PADDING // 2)
    cuts, code_size = _code(text_width, text_height)
    code_height = len(cuts) * code_size * LEADING * POINT
    is_small = text_height < 2_400

    rest = text_height - code_height
    size = 6.0 if is_small else 7.0
    most = 1 if is_small and name else 2
    organisation_lines = _fit_often(organisation, fonts.regular, text_width, rest, (size,), most)
    rest -= _height(organisation_lines)
    sizes = (8.0, 7.0, 6.0) if is_small else (12.0, 11.0, 10.0, 9.0, 8.0, 7.0)
    name_lines = _fit(name, fonts.bold, text_width, rest, sizes, 3)

    gap = 0.0
    if rest > _height(name_lines):
        gap = min(rest - _height(name_lines), 2 * PADDING) / 2
    used = code_height + _height(name_lines) + _height(organisation_lines)
    used += gap * (bool(name_lines) + bool(organisation_lines))
    y = inset.top + (free_height - used) / 2
    lines, code = [], []
    for text, points in name_lines:
        lines.append(Line(text, Style.BOLD, points, left, y + BASELINE * points * POINT))
        y += points * LEADING * POINT
    y += gap * bool(name_lines)
    for cut in cuts:
        code.append(CodeLine(cut, code_size, left, y + BASELINE * code_size * POINT))
        y += code_size * LEADING * POINT
    y += gap * bool(organisation_lines)
    for text, points in organisation_lines:
        lines.append(Line(text, Style.REGULAR, points, left, y + BASELINE * points * POINT))
        y += points * LEADING * POINT
    return Drawing(
        qr_x=inset.left + QUIET_ZONE * qr.module,
        qr_y=inset.top + (free_height - qr.side) // 2 + QUIET_ZONE * qr.module,
        code=tuple(code),
        lines=tuple(lines),
    )


@lru_cache(maxsize=64)
def _code(width: int, height: int) -> tuple[tuple[slice, ...], float]:
    """The grouped code in one line, or in three short ones where the label is narrow."""
    size = _half_points(width / (GROUPED_LENGTH * COURIER_ADVANCE * POINT), 13)
    if size >= LEAST_CODE_SIZE:
        return (slice(0, GROUPED_LENGTH),), size
    cuts = slice(0, 4), slice(5, 9), slice(10, GROUPED_LENGTH)
    across = width / (4 * COURIER_ADVANCE * POINT)
    down = 0.6 * height / (len(cuts) * LEADING * POINT)
    size = max(_half_points(min(across, down), 11), LEAST_CODE_SIZE)
    if size > across or size * LEADING * POINT * len(cuts) > height:
        raise TooSmallError(width, height)
    return cuts, size


def _half_points(size: float, most: float) -> float:
    return min(int(size * 2) / 2, most)


def _height(lines: tuple[tuple[str, float], ...]) -> float:
    return sum(size * LEADING * POINT for _, size in lines)


def _fit(
    text: str, font: Font, width: float, height: float, sizes: tuple[float, ...], most: int
) -> tuple[tuple[str, float], ...]:
    """`text` in the largest size that holds all of it; in the smallest, cut with an ellipsis."""
    pieces = [
        (piece, font.width(piece), font.width(piece.rstrip()))
        for piece in _PIECE.findall(font.spell(cleaned(text)))
    ]
    if not pieces:
        return ()
    whole, longest = sum([long for _, long, _ in pieces]), max([seen for _, _, seen in pieces])
    for size in sizes:
        room = min(most, int(height / (size * LEADING * POINT) + 0.01))
        across = width / (size * POINT)
        if size != sizes[-1] and (longest > across or whole > (across + 1) * room):
            continue  # cannot fit, whichever way it is broken
        lines = _wrap(pieces, font, across)
        if len(lines) <= room:
            return tuple([(line, size) for line in lines])
    lines = lines[:room]
    if lines:
        lines[-1] = _shortened(lines[-1], font, across)
    return tuple([(line, size) for line in lines])


# For texts that stand on every label: names that differ must not push them out of the cache.
_fit_often = lru_cache(maxsize=256)(_fit)


def _wrap(pieces: list[tuple[str, float, float]], font: Font, width: float) -> list[str]:
    """Greedy lines of at most `width` (in font sizes); a word that is wider is broken.

    Each piece comes with its width, and its width without the space it may end with.
    """
    lines: list[str] = []
    line, used = "", 0.0
    for whole, whole_long, whole_seen in pieces:
        piece, long, seen = whole, whole_long, whole_seen
        if used + seen <= width:
            line, used = line + piece, used + long
            continue
        if line:
            lines.append(line.rstrip())
        while seen > width:
            end = max(1, _longest_start(piece, font, width))
            lines.append(piece[:end])
            piece = piece[end:]
            long, seen = font.width(piece), font.width(piece.rstrip())
        line, used = piece, long
    if line.strip():
        lines.append(line.rstrip())
    return lines


def _longest_start(text: str, font: Font, width: float) -> int:
    """How many characters of `text` fit into `width` (in font sizes)."""
    for end, character in enumerate(text):
        width -= font.width(character)
        if width < 0:
            return end
    return len(text)


def _shortened(text: str, font: Font, width: float) -> str:
    mark = font.spell("…")
    return text[: _longest_start(text, font, width - font.width(mark))].rstrip() + mark
