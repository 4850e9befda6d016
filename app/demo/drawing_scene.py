"""A drawing board for furniture: solids in centimetres, one light, one soft shadow on the floor.

The camera stands in front, to the right and above, so of every box the front, the right side and
the top are seen. Axes: x to the right, y away from the viewer, z up.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from typing import TypeVar

Point = tuple[float, float, float]
Flat = tuple[float, float]
Colour = tuple[int, int, int]
Choice = TypeVar("Choice")

_YAW, _PITCH = math.radians(33), math.radians(21)
_TO_CAMERA: Point = (
    math.sin(_YAW) * math.cos(_PITCH),
    -math.cos(_YAW) * math.cos(_PITCH),
    math.sin(_PITCH),
)
_TO_LIGHT: Point = (-0.40, -0.50, 0.77)


def colour_of(code: str) -> Colour:
    """``#rrggbb`` as three numbers."""
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """``one`` with ``share`` (0 to 1) of ``other`` in it."""
    r, g, b = (round(a + (c - a) * share) for a, c in zip(one, other, strict=True))
    return r, g, b


def lit(colour: Colour, strength: float) -> Colour:
    """A colour in more or less light; shade turns a little blue, as it does indoors."""
    if strength >= 1:
        return mixed(colour, (255, 252, 246), min(1.0, (strength - 1) * 1.6))
    return mixed(colour, (38, 42, 66), (1 - strength) * 0.92)


def _facing(normal: Point) -> float:
    """How light a face is: 1.06 from above, 0.93 in front, 0.76 at the right side."""
    towards = sum(a * b for a, b in zip(normal, _TO_LIGHT, strict=True))
    return 0.64 + 0.43 * (0.5 + 0.5 * towards) + 0.07 * max(0.0, normal[2])


def projected(p: Point) -> Flat:
    """Where a point lies on the picture plane, in cm, y downwards."""
    x, y, z = p
    across = x * math.cos(_YAW) + y * math.sin(_YAW)
    up = (-x * math.sin(_YAW) + y * math.cos(_YAW)) * math.sin(_PITCH) + z * math.cos(_PITCH)
    return across, -up


def _nearness(p: Point) -> float:
    return sum(a * b for a, b in zip(p, _TO_CAMERA, strict=True))


@dataclass
class Face:
    """A flat piece of surface with the light that falls on it."""

    corners: Sequence[Point]
    colour: Colour


@dataclass
class Part:
    """One solid: its faces back to front, and the box around it that decides what hides what."""

    low: Point
    high: Point
    faces: list[Face]
    soft: float = 0.0  # cm by which edges are rounded off
    opacity: float = 1.0
    casts: bool = True

    def hides(self, other: "Part") -> bool:
        """Whether a ray from the camera can meet this part and then the other."""
        gap = 0.01
        return (
            other.low[0] < self.high[0] - gap
            and other.high[1] > self.low[1] + gap
            and other.low[2] < self.high[2] - gap
        )

    @property
    def nearness(self) -> float:
        x, y, z = ((a + b) / 2 for a, b in zip(self.low, self.high, strict=True))
        return _nearness((x, y, z))


def rounded(outline: Sequence[Flat], radius: float | Sequence[float]) -> list[Flat]:
    """The outline with its corners rounded; one radius, or one for each corner."""
    out: list[Flat] = []
    count = len(outline)
    for i, (x, y) in enumerate(outline):
        wanted = radius if isinstance(radius, int | float) else radius[i]
        before, after = outline[i - 1], outline[(i + 1) % count]
        to_before = math.dist((x, y), before)
        to_after = math.dist((x, y), after)
        cut = min(wanted, to_before / 2, to_after / 2)
        if cut <= 0:
            out.append((x, y))
            continue
        one = (x + (before[0] - x) * cut / to_before, y + (before[1] - y) * cut / to_before)
        two = (x + (after[0] - x) * cut / to_after, y + (after[1] - y) * cut / to_after)
        for step in range(9):
            t = step / 8
            out.append(
                (
                    (1 - t) ** 2 * one[0] + 2 * t * (1 - t) * x + t**2 * two[0],
                    (1 - t) ** 2 * one[1] + 2 * t * (1 - t) * y + t**2 * two[1],
                )
            )
    return out


def rectangle(a0: float, b0: float, a1: float, b1: float, radius: float = 0) -> list[Flat]:
    return rounded([(a0, b0), (a1, b0), (a1, b1), (a0, b1)], radius)


def ellipse(a: float, b: float, ra: float, rb: float | None = None, steps: int = 56) -> list[Flat]:
    rb = ra if rb is None else rb
    turn = 2 * math.pi / steps
    return [(a + ra * math.cos(i * turn), b + rb * math.sin(i * turn)) for i in range(steps)]


def thick_line(middle: Sequence[Flat], thickness: float) -> list[Flat]:
    """A band of even thickness along a line: the side view of a bent shell."""
    left: list[Flat] = []
    right: list[Flat] = []
    for i, (a, b) in enumerate(middle):
        before, after = middle[max(0, i - 1)], middle[min(len(middle) - 1, i + 1)]
        da, db = after[0] - before[0], after[1] - before[1]
        length = math.hypot(da, db) or 1.0
        na, nb = -db / length * thickness / 2, da / length * thickness / 2
        left.append((a + na, b + nb))
        right.append((a - na, b - nb))
    return left + right[::-1]


def bend(points: Sequence[Flat], radius: float) -> list[Flat]:
    """An open line with its inner corners rounded."""
    return rounded(points, [0, *[radius] * (len(points) - 2), 0])


_PLACED: dict[str, Callable[[float, float, float], Point]] = {
    "x": lambda a, b, t: (t, a, b),  # the outline is (y, z)
    "y": lambda a, b, t: (a, t, b),  # the outline is (x, z)
    "z": lambda a, b, t: (a, b, t),  # the outline is (x, y)
}


@dataclass
class Scene:
    """What is drawn; parts are added in any order."""

    parts: list[Part] = field(default_factory=list)

    def prism(
        self,
        axis: str,
        outline: Sequence[Flat],
        start: float,
        end: float,
        colour: Colour,
        *,
        soft: float = 0.0,
        opacity: float = 1.0,
        end_outline: Sequence[Flat] | None = None,
        casts: bool = True,
        lean: float = 0.0,
    ) -> None:
        """An outline pushed along an axis; ``end_outline`` lets it grow narrower or wider.

        ``lean`` pushes it back by that many cm for each cm of height above the outline's foot.
        """
        foot = min(b for _, b in outline)

        def place(a: float, b: float, t: float) -> Point:
            x, y, z = _PLACED[axis](a, b, t)
            return x, y + lean * (z - foot), z

        last = outline if end_outline is None else end_outline
        area = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise([*outline, outline[0]]))
        sides: list[tuple[float, Face]] = []
        for i in range(len(outline)):
            j = (i + 1) % len(outline)
            da, db = outline[j][0] - outline[i][0], outline[j][1] - outline[i][1]
            length = math.hypot(da, db)
            if length < 1e-6:
                continue
            sign = 1 if area > 0 else -1
            normal = _PLACED[axis](db / length * sign, -da / length * sign, 0.0)
            if sum(n * c for n, c in zip(normal, _TO_CAMERA, strict=True)) <= 0:
                continue
            corners = [
                place(*outline[i], start),
                place(*outline[j], start),
                place(*last[j], end),
                place(*last[i], end),
            ]
            near = sum(_nearness(corner) for corner in corners)
            sides.append((near, Face(corners, lit(colour, _facing(normal)))))
        faces = [face for _, face in sorted(sides, key=lambda side: side[0])]
        is_low_end = axis == "y"  # of the two ends the camera sees the front one
        cap, at = (outline, start) if is_low_end else (last, end)
        normal = {"x": (1.0, 0.0, 0.0), "y": (0.0, -1.0, 0.0), "z": (0.0, 0.0, 1.0)}[axis]
        faces.append(Face([place(a, b, at) for a, b in cap], lit(colour, _facing(normal))))
        self._add(faces, soft, opacity, casts, [place(a, b, start) for a, b in outline])

    def box(
        self,
        low: Point,
        high: Point,
        colour: Colour,
        *,
        soft: float = 0.0,
        opacity: float = 1.0,
        casts: bool = True,
    ) -> None:
        (x0, y0, z0), (x1, y1, z1) = low, high
        faces = [
            Face(
                [(x1, y0, z0), (x1, y1, z0), (x1, y1, z1), (x1, y0, z1)],
                lit(colour, _facing((1, 0, 0))),
            ),
            Face(
                [(x0, y0, z0), (x1, y0, z0), (x1, y0, z1), (x0, y0, z1)],
                lit(colour, _facing((0, -1, 0))),
            ),
            Face(
                [(x0, y0, z1), (x1, y0, z1), (x1, y1, z1), (x0, y1, z1)],
                lit(colour, _facing((0, 0, 1))),
            ),
        ]
        self._add(faces, soft, opacity, casts, [low, high])

    def rod(self, start: Point, end: Point, radius: float, colour: Colour, tip: float = 0) -> None:
        """A round bar in any direction; ``tip`` is the radius at its end when it tapers."""
        tip = tip or radius
        (ax, ay), (bx, by) = projected(start), projected(end)
        length = math.hypot(bx - ax, by - ay) or 1e-6
        # Across the bar in the picture, pointing to the side the light comes from.
        nx, ny = -(by - ay) / length, (bx - ax) / length
        if nx * -0.6 + ny * -0.8 < 0:
            nx, ny = -nx, -ny
        right = (math.cos(_YAW), math.sin(_YAW), 0.0)
        up = (
            -math.sin(_YAW) * math.sin(_PITCH),
            math.cos(_YAW) * math.sin(_PITCH),
            math.cos(_PITCH),
        )
        side: Point = tuple(r * nx - u * ny for r, u in zip(right, up, strict=True))  # type: ignore[assignment]

        def off(p: Point, by: float) -> Point:
            x, y, z = (c + s * by for c, s in zip(p, side, strict=True))
            return x, y, z

        faces = [
            Face(self._facing_disc(at, r), lit(colour, 0.9))
            for at, r in sorted(((start, radius), (end, tip)), key=lambda each: _nearness(each[0]))
        ]
        strips = 9
        for i in range(strips):
            a, b = 1 - 2 * i / strips, 1 - 2 * (i + 1) / strips
            corners = [
                off(start, a * radius),
                off(start, b * radius),
                off(end, b * tip),
                off(end, a * tip),
            ]
            across = (a + b) / 2
            faces.append(Face(corners, lit(colour, 0.86 + 0.2 * across - 0.1 * across**2)))
        self._add(faces, 0, 1, True, [start, end], radius)

    @staticmethod
    def _facing_disc(middle: Point, radius: float) -> list[Point]:
        x, y, z = middle
        out: list[Point] = []
        for a, b in ellipse(0, 0, radius, steps=24):
            out.append(
                (
                    x + a * math.cos(_YAW) - b * math.sin(_YAW) * math.sin(_PITCH),
                    y + a * math.sin(_YAW) + b * math.cos(_YAW) * math.sin(_PITCH),
                    z + b * math.cos(_PITCH),
                )
            )
        return out

    def ball(self, middle: Point, radius: float, colour: Colour, steps: int = 12) -> None:
        """A sphere, lit from the upper left."""
        faces = []
        for i in range(steps):
            share = i / (steps - 1)
            at = (
                middle[0] - share * radius * 0.28,
                middle[1] - share * radius * 0.28,
                middle[2] + share * radius * 0.36,
            )
            strength = 0.72 + 0.38 * share
            faces.append(
                Face(self._facing_disc(at, radius * (1 - share * 0.82)), lit(colour, strength))
            )
        self._add(faces, 0, 1, True, [middle], radius)

    def _add(
        self,
        faces: list[Face],
        soft: float,
        opacity: float,
        casts: bool,  # noqa: FBT001 - private, and named at each call's own signature
        more: Sequence[Point],
        margin: float = 0.0,
    ) -> None:
        every = [corner for face in faces for corner in face.corners] if not margin else []
        every += more
        low = tuple(min(p[i] for p in every) - margin for i in range(3))
        high = tuple(max(p[i] for p in every) + margin for i in range(3))
        self.parts.append(
            Part((low[0], low[1], low[2]), (high[0], high[1], high[2]), faces, soft, opacity, casts)
        )


@dataclass(frozen=True)
class Look:
    """What varies between two pieces of a kind: colours, and the dice for small differences."""

    main: Colour
    wood: Colour
    metal: Colour
    dark: Colour
    white: Colour
    dice: Random

    def either(self, *ways: Choice) -> Choice:
        """One of the ways, the same for the same piece."""
        return self.dice.choice(ways)

    def about(self, measure: float, share: float = 0.06) -> float:
        """A measure that differs a little from model to model."""
        return measure * self.dice.uniform(1 - share, 1 + share)


Kind = Callable[[Scene, Look], None]
