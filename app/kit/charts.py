"""Geometry of our charts, so that a template only writes down what it is given."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Slice:
    """One part of a whole, in the unit that `slices` was asked for."""

    start: float
    length: float
    whole: float

    def ring(self, x: float, y: float, outer: float, inner: float) -> str:
        """The path of this part of a ring around (x, y), clockwise from twelve o'clock."""
        if self.length >= self.whole:
            return _circle(x, y, outer) + _circle(x, y, inner)
        a, b = (
            2 * math.pi * edge / self.whole - math.pi / 2
            for edge in (self.start, self.start + self.length)
        )
        large = int(self.length > self.whole / 2)

        def at(angle: float, radius: float) -> str:
            return f"{x + radius * math.cos(angle):.2f} {y + radius * math.sin(angle):.2f}"

        return (
            f"M{at(a, outer)}A{outer} {outer} 0 {large} 1 {at(b, outer)}"
            f"L{at(b, inner)}A{inner} {inner} 0 {large} 0 {at(a, inner)}Z"
        )


def _circle(x: float, y: float, radius: float) -> str:
    return (
        f"M{x - radius} {y}A{radius} {radius} 0 1 1 {x + radius} {y}"
        f"A{radius} {radius} 0 1 1 {x - radius} {y}Z"
    )


def slices(parts: Sequence[Sequence[object]], whole: float) -> list[Slice]:
    """Where each part begins and how long it is, when all together are `whole` long.

    A part is (label, number, text). Parts below zero count as nothing: a share cannot be shown
    as a length that is missing.
    """
    numbers = [max(float(str(part[1])), 0.0) for part in parts]
    total = sum(numbers)
    done = 0.0
    result: list[Slice] = []
    for number in numbers:
        start = whole * done / total if total else 0.0
        done += number
        end = whole * done / total if total else 0.0
        result.append(Slice(round(start, 4), round(end - start, 4), whole))
    return result
