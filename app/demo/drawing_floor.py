"""The plan of a floor as an architect draws it: walls, doors, windows and the rooms' names."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

PER_METRE = 66
"""Pixels, so that a floor of 24 m is about as wide as pictures are kept."""
EDGE_M = 0.5
WALL, THIN = 14, 7
INK, GLASS, PAPER, FLOOR = "#2b3533", "#7fa7c4", "#ffffff", "#f4f1ea"

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
Span = tuple[float, float, float, float]
"""x and y of one corner and of the opposite one, in metres."""


@dataclass(frozen=True)
class RoomDrawn:
    name: str
    corners: Span


@dataclass(frozen=True)
class FloorDrawn:
    """A floor in metres. Doors are gaps in walls: where they begin, and how far they reach."""

    width: float
    depth: float
    rooms: Sequence[RoomDrawn]
    doors: Sequence[Span]
    windows: Sequence[Span]

    @property
    def width_mm(self) -> int:
        """Of the whole picture, its edges among it."""
        return round((self.width + 2 * EDGE_M) * 1000)

    def part(self, x: float, y: float) -> tuple[int, int]:
        """A place in metres, as ten-thousandths of the picture's width and height."""
        wide, high = self.width + 2 * EDGE_M, self.depth + 2 * EDGE_M
        return round((x + EDGE_M) / wide * 10_000), round((y + EDGE_M) / high * 10_000)


FIRST_FLOOR = FloorDrawn(
    width=24,
    depth=14,
    rooms=(
        RoomDrawn("Kantinen", (0, 0, 11, 8)),
        RoomDrawn("Møterom Fjorden", (11, 0, 24, 8)),
        RoomDrawn("Venterom 1", (0, 8, 10, 14)),
        RoomDrawn("Resepsjonen", (10, 8, 24, 14)),
    ),
    doors=((4.5, 8, 6, 8), (15, 8, 16.2, 8), (10, 10.2, 10, 11.6), (16, 14, 18, 14)),
    windows=((1, 0, 5, 0), (6, 0, 10, 0), (13, 0, 17, 0), (18.5, 0, 22.5, 0), (24, 2, 24, 6),
             (0, 2, 0, 6), (0, 9.5, 0, 12.5), (2, 14, 8, 14), (20, 14, 23, 14)),
)  # fmt: skip


def draw_floor(floor: FloorDrawn) -> bytes:
    """A PNG, the same bytes for the same floor."""
    size = tuple(round((side + 2 * EDGE_M) * PER_METRE) for side in (floor.width, floor.depth))
    picture = Image.new("RGB", (size[0], size[1]), PAPER)
    board = ImageDraw.Draw(picture)
    font = ImageFont.load_default(30)
    for room in floor.rooms:
        box = _span(room.corners)
        board.rectangle(box, fill=FLOOR, outline=INK, width=THIN)
        _write(board, box[0] + 26, box[1] + 22, room.name, font)
    board.rectangle(_span((0, 0, floor.width, floor.depth)), outline=INK, width=WALL)
    for window in floor.windows:
        board.line(_span(window), fill=PAPER, width=WALL)
        board.line(_span(window), fill=GLASS, width=THIN)
    for door in floor.doors:
        board.line(_span(door), fill=FLOOR, width=WALL + 6)
        _swing(board, door)
    into = BytesIO()
    picture.save(into, "PNG", optimize=True)
    return into.getvalue()


def _write(board: ImageDraw.ImageDraw, x: float, y: float, text: str, font: Font) -> None:
    """Pillow's own face has no ø, so it gets its stroke here; no other letter of ours is missing."""
    plain = text.replace("ø", "o")
    board.text((x, y), plain, fill=INK, font=font)
    for at, letter in enumerate(text):
        if letter == "ø":
            left, top, right, bottom = board.textbbox((x, y), "o", font)
            start = board.textlength(plain[:at], font)
            board.line((left + start, bottom + 2, right + start, top - 2), fill=INK, width=2)


def _span(corners: Span) -> tuple[int, int, int, int]:
    x0, y0, x1, y1 = (round((each + EDGE_M) * PER_METRE) for each in corners)
    return x0, y0, x1, y1


def _swing(board: ImageDraw.ImageDraw, door: Span) -> None:
    """The leaf and the quarter of a circle that it sweeps."""
    x0, y0, x1, y1 = _span(door)
    reach = max(x1 - x0, y1 - y0)
    sweep = (x0 - reach, y0 - reach, x0 + reach, y0 + reach)
    if x1 > x0:
        board.arc(sweep, 270, 360, fill=INK, width=2)
        board.line((x0, y0, x0, y0 - reach), fill=INK, width=3)
    else:
        board.arc(sweep, 0, 90, fill=INK, width=2)
        board.line((x0, y0, x0 + reach, y0), fill=INK, width=3)
