"""Paints a scene: backdrop, shadow on the floor, then every part from the back to the front."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from app.demo.drawing_scene import Colour, Flat, Part, Point, Scene, mixed, projected

WIDTH, HEIGHT = 1200, 900
OVERSAMPLED = 3  # drawn three times as large and averaged down: smooth edges
# The share of the picture that a piece may fill, and where its middle comes to lie.
_FILLED = (0.70, 0.72)
_MIDDLE = (0.5, 0.515)
_SLANT: Flat = (0.34, 0.20)  # cm along x and y that a shadow moves for each cm of height
_INK: Colour = (44, 48, 66)


@dataclass(frozen=True)
class View:
    """From centimetres on the picture plane to pixels of the large drawing."""

    scale: float
    left: float
    top: float

    def pixel(self, p: Point) -> Flat:
        x, y = projected(p)
        return self.left + x * self.scale, self.top + y * self.scale


def _corners(part: Part) -> list[Point]:
    (x0, y0, z0), (x1, y1, z1) = part.low, part.high
    return [(x, y, z) for x in (x0, x1) for y in (y0, y1) for z in (z0, z1)]


def _outlines(part: Part) -> list[Point]:
    return [corner for face in part.faces for corner in face.corners]


def _view(scene: Scene, most: float) -> View:
    """Everything in the middle of the picture; ``most`` pixels per cm keep small things small."""
    flat = [projected(p) for part in scene.parts for p in _outlines(part)]
    x0, x1 = min(p[0] for p in flat), max(p[0] for p in flat)
    y0, y1 = min(p[1] for p in flat), max(p[1] for p in flat)
    scale = min(WIDTH * _FILLED[0] / (x1 - x0), HEIGHT * _FILLED[1] / (y1 - y0), most) * OVERSAMPLED
    return View(
        scale,
        WIDTH * OVERSAMPLED * _MIDDLE[0] - (x0 + x1) / 2 * scale,
        HEIGHT * OVERSAMPLED * _MIDDLE[1] - (y0 + y1) / 2 * scale,
    )


def paint(scene: Scene, tint: Colour, *, most: float = 9.0) -> Image.Image:
    """The finished picture, ``WIDTH`` x ``HEIGHT``, on a backdrop of the given tint."""
    view = _view(scene, most)
    small = _backdrop(tint)
    small = _shadowed(small, scene, view)
    canvas = small.resize((WIDTH * OVERSAMPLED, HEIGHT * OVERSAMPLED), Image.Resampling.BICUBIC)
    for part in _back_to_front(scene.parts):
        _paint_part(canvas, part, view)
    return canvas.reduce(OVERSAMPLED)


def _backdrop(tint: Colour) -> Image.Image:
    """A wall that runs into the floor without an edge, lighter behind the piece."""
    floor, wall = mixed(tint, (255, 255, 255), 0.30), mixed(tint, (255, 255, 255), 0.62)
    column = Image.new("RGB", (1, 90))
    for y in range(90):
        share = 1 / (1 + math.exp(-(y - 56) / 5.0))
        column.putpixel((0, y), mixed(wall, floor, share * 0.85 + y / 90 * 0.15))
    picture = column.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    glow = ImageChops.invert(Image.radial_gradient("L")).resize((WIDTH + 500, HEIGHT + 300))
    glow = glow.crop((250, 100, 250 + WIDTH, 100 + HEIGHT)).point(lambda v: v * 0.5)
    picture.paste((255, 255, 255), (0, 0), glow)
    return picture


def _shadowed(picture: Image.Image, scene: Scene, view: View) -> Image.Image:
    """A long soft shadow to the right, and a tight dark one where things touch the floor."""
    ground = min(part.low[2] for part in scene.parts)
    size = (WIDTH, HEIGHT)
    long, tight = Image.new("L", size, 0), Image.new("L", size, 0)
    on_long, on_tight = ImageDraw.Draw(long), ImageDraw.Draw(tight)
    for part in scene.parts:
        if not part.casts:
            continue
        spread: list[Flat] = []
        for x, y, z in _outlines(part) if len(part.faces) < 40 else _corners(part):
            h = z - ground
            spread.append(view.pixel((x + h * _SLANT[0], y + h * _SLANT[1], ground)))
        on_long.polygon(_hull([(x / OVERSAMPLED, y / OVERSAMPLED) for x, y in spread]), fill=255)
        foot = [view.pixel((x, y, ground)) for x, y, z in _outlines(part) if z - ground < 3]
        if foot:
            on_tight.polygon(_hull([(x / OVERSAMPLED, y / OVERSAMPLED) for x, y in foot]), fill=255)
    for mask, blur, strength in ((long, 15, 0.20), (tight, 7, 0.34)):
        soft = mask.filter(ImageFilter.GaussianBlur(blur))
        picture.paste(_INK, (0, 0), soft.point(lambda v, s=strength: v * s))
    return picture


def _hull(points: Sequence[Flat]) -> list[Flat]:
    """The convex hull, by Andrew's monotone chain."""
    ordered = sorted(set(points))

    def half(walk: Sequence[Flat]) -> list[Flat]:
        kept: list[Flat] = []
        for x, y in walk:
            while len(kept) > 1:
                (ax, ay), (bx, by) = kept[-2], kept[-1]
                if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                    break
                kept.pop()
            kept.append((x, y))
        return kept[:-1]

    hull = half(ordered) + half(ordered[::-1])
    return hull if len(hull) > 2 else [*ordered, *ordered, *ordered][:3]


def _back_to_front(parts: Sequence[Part]) -> list[Part]:
    """An order in which nothing is painted over what hides it.

    Where two could hide one another (the boxes around them overlap), the one whose middle is
    farther away comes first, unless that would break an order that is certain.
    """
    certain: dict[int, set[int]] = {i: set() for i in range(len(parts))}
    likely: dict[int, set[int]] = {i: set() for i in range(len(parts))}
    for i, one in enumerate(parts):
        for j in range(i):
            other = parts[j]
            over, under = one.hides(other), other.hides(one)
            behind = certain
            if over and under:
                behind, over = likely, one.nearness >= other.nearness
                under = not over
            if over:
                behind[i].add(j)
            elif under:
                behind[j].add(i)
    waiting = set(certain)
    order: list[Part] = []
    while waiting:
        allowed = [i for i in waiting if not certain[i] & waiting] or list(waiting)
        free = [i for i in allowed if not likely[i] & waiting] or allowed
        first = min(free, key=lambda i: (parts[i].nearness, i))
        waiting.remove(first)
        order.append(parts[first])
    return order


def _paint_part(canvas: Image.Image, part: Part, view: View) -> None:
    faces = [([view.pixel(corner) for corner in face.corners], face.colour) for face in part.faces]
    if not part.soft and part.opacity == 1:
        draw = ImageDraw.Draw(canvas)
        for polygon, colour in faces:
            draw.polygon(polygon, fill=colour)
        return
    blur = part.soft * view.scale * 0.5
    margin = math.ceil(blur * 2) + 4
    xs = [x for polygon, _ in faces for x, _ in polygon]
    ys = [y for polygon, _ in faces for _, y in polygon]
    left, top = math.floor(min(xs)) - margin, math.floor(min(ys)) - margin
    size = (math.ceil(max(xs)) + margin - left, math.ceil(max(ys)) + margin - top)
    middle = faces[len(faces) // 2][1]
    layer, mask = Image.new("RGB", size, middle), Image.new("L", size, 0)
    on_layer, on_mask = ImageDraw.Draw(layer), ImageDraw.Draw(mask)
    for polygon, colour in faces:
        moved = [(x - left, y - top) for x, y in polygon]
        on_layer.polygon(moved, fill=colour)
        on_mask.polygon(moved, fill=255)
    if blur:
        layer = _blurred(layer, blur * 0.9)
        # Blurring a mask and cutting it at the middle rounds its corners off.
        mask = _blurred(mask, blur).point(lambda v: max(0, min(255, (v - 112) * 8)))
    if part.opacity < 1:
        mask = mask.point(lambda v: v * part.opacity)
    canvas.paste(layer, (left, top), mask)


def _blurred(picture: Image.Image, radius: float) -> Image.Image:
    """A Gaussian blur, done on a third of the size where nobody can tell."""
    if radius < 9:
        return picture.filter(ImageFilter.GaussianBlur(radius))
    small = picture.resize((picture.width // 3 + 1, picture.height // 3 + 1), Image.Resampling.BOX)
    small = small.filter(ImageFilter.GaussianBlur(radius / 3))
    return small.resize(picture.size, Image.Resampling.BICUBIC)
