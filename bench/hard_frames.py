"""Camera frames in which a label is hard to read, drawn the same every time.

A code of 48 characters at 2.2 and 3 pixels a module, each turned, blurred, dim, inverted, covered
and seen aslant: fourteen frames of 640 × 480.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from math import cos, radians, sin, sqrt

from PIL import Image, ImageFilter, ImageOps

from labels.qr import Encoder

PREFIX = "HTTPS://FURNITURE.DISTRICT.EXAMPLE/I/"
CODE = "7K3QWX9R2M4"
TEXT = PREFIX + CODE
SIZES = (2.2, 3.0)
WIDTH, HEIGHT = 640, 480
FINE = 20
"""Pixels a module while a frame is drawn, so that turning it costs no sharpness."""

QUIET = 4
WALL = 205
BLUR_PX = 1.5
CONTRAST, NOISE, NOISE_SEED = 0.20, 12, 20_260
COVERED = 0.24
ASLANT = 30


@dataclass(frozen=True)
class Hard:
    name: str
    picture: Image.Image


def frames() -> Iterator[Hard]:
    """The fourteen, in a fixed order."""
    for pixels, (name, draw) in product(SIZES, WAYS.items()):
        yield Hard(f"{name}, {pixels:g} px", draw(pixels))


def _fine() -> Image.Image:
    """The code with its quiet zone, many pixels a module."""
    encoder = Encoder.for_prefix(PREFIX)
    side = encoder.side
    modules = Image.new("L", (side, side))
    modules.putdata(
        [0 if row >> (side - 1 - x) & 1 else 255 for row in encoder.rows(CODE) for x in range(side)]
    )
    framed = ImageOps.expand(modules, QUIET, fill=255)
    return framed.resize((framed.width * FINE, framed.height * FINE), Image.Resampling.NEAREST)


def _seen(fine: Image.Image, pixels: float) -> Image.Image:
    """A drawing as the camera sees it: so many pixels a module, on a wall."""
    scale = pixels / FINE
    size = round(fine.width * scale), round(fine.height * scale)
    frame = Image.new("L", (WIDTH, HEIGHT), WALL)
    small = fine.resize(size, Image.Resampling.BOX)
    frame.paste(small, ((WIDTH - size[0]) // 2, (HEIGHT - size[1]) // 2))
    return frame


def _turned(degrees: float) -> Callable[[float], Image.Image]:
    def draw(pixels: float) -> Image.Image:
        turned = _fine().rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=WALL)
        return _seen(turned, pixels)

    return draw


def _blurred(pixels: float) -> Image.Image:
    return _seen(_fine(), pixels).filter(ImageFilter.GaussianBlur(BLUR_PX))


def _dim(pixels: float) -> Image.Image:
    """A fifth of the contrast, in the dark, with a sensor's noise on top."""
    draw = random.Random(NOISE_SEED)
    seen = _seen(_fine(), pixels)
    noisy = [60 + each * CONTRAST + draw.gauss(0, NOISE) for each in seen.tobytes()]
    dim = Image.new("L", seen.size)
    dim.putdata([min(255, max(0, round(each))) for each in noisy])
    return dim


def _inverted(pixels: float) -> Image.Image:
    return ImageOps.invert(_seen(_fine(), pixels))


def _covered(pixels: float) -> Image.Image:
    """A sticker over 24 % of the code, on the corner that has no finder.

    That is 29 % of its data, and level Q restores a quarter: these two show where reading ends.
    """
    fine = _fine()
    code = fine.width - 2 * QUIET * FINE
    side = round(code * sqrt(COVERED))
    at = fine.width - QUIET * FINE - side
    fine.paste(128, (at, at, at + side, at + side))
    return _seen(fine, pixels)


def _aslant(pixels: float) -> Image.Image:
    """Turned 30° about the upright axis, from a distance of three times its width."""
    fine = _fine()
    width, height = fine.size
    distance = 3.0 * width
    corners = []
    for x, y in ((-0.5, -0.5), (-0.5, 0.5), (0.5, 0.5), (0.5, -0.5)):
        depth = distance + x * width * sin(radians(ASLANT))
        scale = distance / depth
        corners.append((x * width * cos(radians(ASLANT)) * scale, y * height * scale))
    left, top = min(x for x, _ in corners), min(y for _, y in corners)
    wanted = [(x - left, y - top) for x, y in corners]
    size = round(max(x for x, _ in wanted)), round(max(y for _, y in wanted))
    source = [(0.0, 0.0), (0.0, float(height)), (float(width), float(height)), (float(width), 0.0)]
    seen = fine.transform(
        size,
        Image.Transform.PERSPECTIVE,
        _coefficients(wanted, source),
        Image.Resampling.BICUBIC,
        fillcolor=WALL,
    )
    return _seen(seen, pixels)


Points = list[tuple[float, float]]


def _coefficients(wanted: Points, source: Points) -> list[float]:
    """The eight numbers that Pillow's perspective wants, by Gauss's elimination."""
    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(wanted, source, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    for at in range(8):
        best = max(range(at, 8), key=lambda row: abs(rows[row][at]))
        rows[at], rows[best] = rows[best], rows[at]
        for row in range(8):
            if row != at:
                ratio = rows[row][at] / rows[at][at]
                rows[row] = [a - ratio * b for a, b in zip(rows[row], rows[at], strict=True)]
    return [rows[at][8] / rows[at][at] for at in range(8)]


WAYS: dict[str, Callable[[float], Image.Image]] = {
    "turned 45°": _turned(45),
    "turned 180°": _turned(180),
    "blurred": _blurred,
    "dim": _dim,
    "inverted": _inverted,
    "24 % covered": _covered,
    "aslant 30°": _aslant,
}
