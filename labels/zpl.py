"""Labels for Zebra printers and those that understand them: ZPL II as text.

The printer draws letters and QR codes from its own memory. `^CI28` says that texts are UTF-8 and
`^FH` that `_C3_B8` is ø, so the file itself is ASCII and no name can end a field or start a
command. The code is set in font D, the one every printer has with cells of one width.
"""

import string
from collections.abc import Iterable

from labels.draw import LEADING, POINT, Drawing, Label, Style, drawn_alone, grouped
from labels.fonts import Fonts
from labels.qr import QUIET_ZONE, Encoder, side_for
from labels.stock import LabelSize

_PLAIN = frozenset(string.ascii_letters + string.digits + " .,:;/()+-")
# Font D: cells of 12 × 20 dots (letters 10 × 18), enlarged by whole numbers only.
_CELL_WIDTH, _CELL_HEIGHT, _LETTER_WIDTH, _LETTER_HEIGHT = 12, 20, 10, 18
# 9 points in 1/100 mm.
_LEAST_LETTER = 318
DOTS_PER_MM = (6, 8, 12, 24)
MOST_MAGNIFIED = 10


def zpl(labels: Iterable[Label], size: LabelSize, *, fonts: Fonts, dots: int = 8) -> str:
    """One ticket per label at `dots` per mm (8 is 203 dpi); raises LabelError or ValueError.

    `fonts` only measures where lines end: the printer's own font is narrower.
    """
    if dots not in DOTS_PER_MM:
        raise ValueError(f"printers have {DOTS_PER_MM} dots per mm, not {dots}")
    return "".join([_ticket(label, size, fonts, dots) for label in labels])


def field(text: str) -> str:
    """`text` as field data behind ^FH: all but plain letters as hexadecimal UTF-8."""
    return "".join(
        c if c in _PLAIN else "".join(f"_{byte:02X}" for byte in c.encode("utf-8", "replace"))
        for c in text
    )


def _ticket(label: Label, size: LabelSize, fonts: Fonts, dots: int) -> str:
    qr, drawn = drawn_alone(label, size.width, size.height, fonts)
    # Asking the table refuses what is no code.
    Encoder.for_prefix(label.url_prefix, qr.level).matrix(label.code)
    module = min(qr.module * dots // 100, MOST_MAGNIFIED)
    margin = (size.height * dots // 100 - side_for(qr.version) * module) // 2
    parts = [
        f"^XA^CI28^PW{size.width * dots // 100}^LL{size.height * dots // 100}",
        f"^FO{QUIET_ZONE * module},{margin}^BQN,2,{module}^FD{qr.level}A,{label.address}^FS",
    ]
    left = qr.side * dots // 100
    parts += _texts(label, drawn, left, size, dots)
    return "\n".join([*parts, "^XZ\n"])


def _texts(label: Label, drawn: Drawing, left: int, size: LabelSize, dots: int) -> list[str]:
    """The column beside the QR code: name, code, organisation, as far as the height goes."""
    letters = grouped(label.code)
    times = -(-_LEAST_LETTER * dots // (100 * _LETTER_HEIGHT))
    is_one_line = left + len(letters) * _CELL_WIDTH * times <= size.width * dots // 100
    code = [letters] if is_one_line else letters.split("-")
    code_font = f"^ADN,{_LETTER_HEIGHT * times},{_LETTER_WIDTH * times}"
    code_height = _CELL_HEIGHT * times

    free = size.height * dots // 100 - len(code) * code_height
    above: list[tuple[str, int]] = []
    below: list[tuple[str, int]] = []
    for line in drawn.lines:
        height = round(line.size * POINT * dots / 100)
        free -= round(height * LEADING)
        if free >= 0:
            (above if line.style is Style.BOLD else below).append((line.text, height))
    y = max(free, 0) // 2
    parts: list[str] = []
    rows = [(text, f"^A0N,{height},{height}", round(height * LEADING)) for text, height in above]
    rows += [(text, code_font, code_height) for text in code]
    rows += [(text, f"^A0N,{height},{height}", round(height * LEADING)) for text, height in below]
    for text, font, height in rows:
        parts.append(f"^FO{left},{y}{font}^FH^FD{field(text)}^FS")
        y += height
    return parts
