"""Label sheets as PDF, page by page, at a hundredth of a general PDF engine's cost.

A sheet is one stream of text operators: QR codes are letters of a Type-3 font (vectors, sharp at
every size), so a label is some 150 compressed bytes and 10 microseconds. Pages leave as soon as
they are full; fonts, of which only the used glyphs are embedded, and the page tree follow at the
end. The document says that readers must not scale it when printing. It holds no date, so the same
labels give the same bytes.
"""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from labels.draw import (
    POINT,
    CodeLine,
    Drawing,
    Label,
    Line,
    Square,
    Style,
    drawing,
    grouped,
    square_for_all,
)
from labels.fonts import Fonts, cleaned
from labels.pdf_fonts import BAND, Embedded, Modules, escaped, modules, modules_font, number
from labels.place import NO_OFFSET, Box, Offset, areas, boxes, check_start
from labels.stock import LabelSize, Stock

_CATALOG, _PAGES, _RESOURCES, _INFO, _COURIER = 1, 2, 3, 4, 5
RULER = 10_000
_HAIR = 20


def check(url_prefix: str, stock: Stock) -> Square:
    """How the codes of this prefix will be drawn; raises WrongAddressError or TooSmallError."""
    return square_for_all(url_prefix, areas(stock))


def sheets(
    labels: Iterable[Label],
    stock: Stock,
    *,
    start: int = 1,
    offset: Offset = NO_OFFSET,
    fonts: Fonts,
    title: str = "",
) -> bytes:
    """The labels on sheets of `stock`, the first in box `start` (from 1); raises LabelError.

    No labels give one empty page, since a PDF without pages cannot be opened.
    """
    return b"".join(stream(labels, stock, start=start, offset=offset, fonts=fonts, title=title))


def stream(
    labels: Iterable[Label],
    stock: Stock,
    *,
    start: int = 1,
    offset: Offset = NO_OFFSET,
    fonts: Fonts,
    title: str = "",
) -> Iterator[bytes]:
    """`sheets` in pieces: each page leaves as soon as it is full.

    A wrong start is refused at once. What is wrong with a label shows when its page is made, so
    whoever answers a browser this way checks codes and addresses first.
    """
    check_start(stock, start)
    return _Document(stock, offset, fonts, title).written(labels, start)


def single(labels: Iterable[Label], size: LabelSize, *, fonts: Fonts, title: str = "") -> bytes:
    """One label per page of exactly the label's size, for label printers; raises LabelError."""
    return sheets(labels, size.as_stock(), fonts=fonts, title=title)


def calibration(
    stock: Stock,
    *,
    offset: Offset = NO_OFFSET,
    fonts: Fonts,
    text: str,
    title: str = "",
) -> bytes:
    """A page to hold against a sheet: each label's outline, rulers of 100 mm, and `text`."""
    document = _Document(stock, offset, fonts, title)
    return b"".join([*document.begin(), document.calibration(text), *document.end()])


@dataclass(slots=True)
class _Page:
    """A page's operators, gathered by font so that each font is chosen once."""

    codes: dict[tuple[int, int], list[bytes]] = field(default_factory=dict)
    letters: dict[float, list[bytes]] = field(default_factory=dict)
    lines: dict[tuple[Style, float], list[bytes]] = field(default_factory=dict)


class _Document:
    def __init__(self, stock: Stock, offset: Offset, fonts: Fonts, title: str) -> None:
        self.stock = stock
        self.fonts = fonts
        self.title = title
        self.boxes = boxes(stock, offset)
        self.embedded = {Style.REGULAR: Embedded(fonts.regular), Style.BOLD: Embedded(fonts.bold)}
        self._qr: dict[str, tuple[Square, Modules]] = {}
        self._moves: dict[tuple[float, float], bytes] = {}
        self._drawings: dict[tuple[int, str, str, str], Drawing] = {}
        self._places: dict[int, int] = {}
        self._kids: list[int] = []
        self._next = _COURIER + 1
        self._length = 0

    def written(self, labels: Iterable[Label], start: int) -> Iterator[bytes]:
        yield from self.begin()
        page, index = _Page(), start - 1
        for label in labels:
            if index == len(self.boxes):
                yield self._finished(page)
                page, index = _Page(), 0
            self._put(page, index, label)
            index += 1
        yield self._finished(page)
        yield from self.end()

    def begin(self) -> Iterator[bytes]:
        head = b"%PDF-1.6\n%\xe2\xe3\xcf\xd3\n"
        self._length = len(head)
        yield head

    def _put(self, page: _Page, index: int, label: Label) -> None:
        prefix = label.url_prefix
        qr, strings = self._qr.get(prefix) or self._learn(prefix)
        key = (index, prefix, label.name, label.organisation)
        drawn = self._drawings.get(key) or self._draw(key)
        box = self.boxes[index]
        # The operator ' moves down before it shows, so the pen starts one band above.
        top = box.y + drawn.qr_y - BAND * qr.module
        codes = page.codes.setdefault((qr.module, BAND * qr.module), [])
        codes.append(self._move(box.x + drawn.qr_x, top) + strings.shown(label.code))
        letters = grouped(label.code).encode("ascii")
        for part in drawn.code:
            page.letters.setdefault(part.size, []).append(self._letters(box, part, letters))
        for line in drawn.lines:
            texts = page.lines.setdefault((line.style, line.size), [])
            texts.append(self._line(box, line))

    def _learn(self, prefix: str) -> tuple[Square, Modules]:
        qr = square_for_all(prefix, areas(self.stock))
        self._qr[prefix] = qr, modules(prefix, qr.level)
        return self._qr[prefix]

    def _draw(self, key: tuple[int, str, str, str]) -> Drawing:
        index, prefix, name, organisation = key
        box, qr = self.boxes[index], self._qr[prefix][0]
        drawn = drawing(box.width, box.height, box.inset, qr, self.fonts, name, organisation)
        if len(self._drawings) >= 4096:  # a document of many thousand names must not keep them all
            self._drawings.clear()
        self._drawings[key] = drawn
        return drawn

    def _move(self, x: float, y: float) -> bytes:
        """Sets the pen at x, y from the page's top left."""
        try:
            return self._moves[x, y]
        except KeyError:
            right, up = number(x / POINT), number((self.stock.page_height - y) / POINT)
            self._moves[x, y] = f"1 0 0 1 {right} {up} Tm".encode("ascii")
            return self._moves[x, y]

    def _letters(self, box: Box, part: CodeLine, letters: bytes) -> bytes:
        return self._move(box.x + part.x, box.y + part.y) + b"(" + letters[part.cut] + b")Tj"

    def _line(self, box: Box, line: Line) -> bytes:
        string = self.embedded[line.style].string(line.text)
        return self._move(box.x + line.x, box.y + line.y) + string + b"Tj"

    def _finished(self, page: _Page) -> bytes:
        parts = [b"BT"]
        for (module, leading), codes in page.codes.items():
            # A module is a hundredth of a mm exactly: four decimals keep 29 of them in place.
            parts.append(f"/Q {module / POINT:.4f} Tf {leading / POINT:.4f} TL".encode("ascii"))
            parts += codes
        for size, letters in page.letters.items():
            parts.append(f"/C {number(size)} Tf".encode("ascii"))
            parts += letters
        for (style, size), lines in page.lines.items():
            parts.append(f"/{_NAMES[style]} {number(size)} Tf".encode("ascii"))
            parts += lines
        parts.append(b"ET")
        return self._page(b"\n".join(parts))

    def _page(self, content: bytes) -> bytes:
        small = zlib.compress(content, 6)
        stream_number, page_number = self._next, self._next + 1
        self._kids.append(page_number)
        head = f"<</Filter/FlateDecode/Length {len(small)}>>stream\n".encode("ascii")
        page = f"<</Type/Page/Parent {_PAGES} 0 R/Contents {stream_number} 0 R>>".encode("ascii")
        return self._object(head + small + b"\nendstream") + self._object(page)

    def _object(self, body: bytes, at: int = 0) -> bytes:
        """The object numbered `at`, or the next free number."""
        if not at:
            at, self._next = self._next, self._next + 1
        written = b"%d 0 obj\n%b\nendobj\n" % (at, body)
        self._places[at] = self._length
        self._length += len(written)
        return written

    def calibration(self, text: str) -> bytes:
        """Outlines and rulers are drawn where a label printed with the same offset would be."""
        scale = number(_HAIR / POINT)
        outlines = [self._rectangle(b.x, b.y, b.width, b.height, "S") for b in self.boxes]
        parts = [f"{scale} w", *outlines]
        x, y = (self.stock.page_width - RULER) // 2, self.stock.page_height // 2
        font, size, leading = self.embedded[Style.REGULAR], 10.0, 14 * POINT
        lines = [font.font.spell(cleaned(line)) for line in text.splitlines()[:12]]
        below = 1_000 + round(leading * len(lines))
        parts.append("1 g " + self._rectangle(x - 300, y - 800, RULER + 600, below, "f") + " 0 g")
        for tick in range(0, RULER + 1, 100):
            long = 500 if tick % 1000 == 0 else 350 if tick % 500 == 0 else 200
            parts.append(self._stroke(x + tick, y - long, x + tick, y))
        parts.append(self._stroke(x, y, x + RULER, y))
        drawn = [part.encode("ascii") for part in parts]
        drawn.append(f"BT /{_NAMES[Style.REGULAR]} {number(size)} Tf".encode("ascii"))
        for at, line in enumerate(lines, start=1):
            drawn.append(self._move(x, y + leading * at) + font.string(line) + b"Tj")
        return self._page(b"\n".join([*drawn, b"ET"]))

    def _rectangle(self, x: float, y: float, width: float, height: float, paint: str) -> str:
        corner = number(x / POINT), number((self.stock.page_height - y - height) / POINT)
        return f"{' '.join(corner)} {number(width / POINT)} {number(height / POINT)} re {paint}"

    def _stroke(self, x: float, y: float, to_x: float, to_y: float) -> str:
        a, b = number(x / POINT), number((self.stock.page_height - y) / POINT)
        c, d = number(to_x / POINT), number((self.stock.page_height - to_y) / POINT)
        return f"{a} {b} m {c} {d} l S"

    def end(self) -> Iterator[bytes]:
        fonts = [f"/C {_COURIER} 0 R"]
        if self._qr:
            fonts.append(f"/Q {self._next} 0 R")
            yield b"".join([self._object(body) for body in modules_font(self._next)])
        for style, embedded in self.embedded.items():
            if embedded.is_used:
                fonts.append(f"/{_NAMES[style]} {self._next} 0 R")
                yield b"".join([self._object(body) for body in embedded.objects(self._next)])
        kids = " ".join([f"{kid} 0 R" for kid in self._kids])
        width, height = self.stock.page_width / POINT, self.stock.page_height / POINT
        tail = {
            _COURIER: "<</Type/Font/Subtype/Type1/BaseFont/Courier-Bold>>",
            _RESOURCES: f"<</Font<<{''.join(fonts)}>>>>",
            _PAGES: f"<</Type/Pages/Count {len(self._kids)}/Kids[{kids}]"
            f"/MediaBox[0 0 {width:.4f} {height:.4f}]/Resources {_RESOURCES} 0 R>>",
            _CATALOG: f"<</Type/Catalog/Pages {_PAGES} 0 R"
            "/ViewerPreferences<</PrintScaling/None/DisplayDocTitle true>>>>",
        }
        for at, body in tail.items():
            yield self._object(body.encode("ascii"), at)
        title = b"\xfe\xff" + cleaned(self.title).encode("utf-16-be")
        yield self._object(b"<</Producer(Oml\xf8p)/Title(" + escaped(title) + b")>>", _INFO)
        yield self._index()

    def _index(self) -> bytes:
        places = "".join([f"{self._places[at]:010d} 00000 n \n" for at in range(1, self._next)])
        return (
            f"xref\n0 {self._next}\n0000000000 65535 f \n{places}"
            f"trailer\n<</Size {self._next}/Root {_CATALOG} 0 R/Info {_INFO} 0 R>>\n"
            f"startxref\n{self._length}\n%%EOF\n"
        ).encode("ascii")


_NAMES = {Style.REGULAR: "R", Style.BOLD: "B"}
