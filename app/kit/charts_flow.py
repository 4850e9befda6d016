"""Geometry of the charts with words in them: a trend with ranges, a waterfall and a Sankey.

Drawn 360 units wide, which a phone shows one to one, so that words keep their size; where they would
meet, they are wrapped, thinned out or given room. Every number of a chart stands in a table below.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 360
LETTER = 6.2
"""Width of a letter at 11 units, on the generous side: no browser is asked."""
LINE = 13


# -- Trend ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Moment:
    """One value of a series, such as a year's; empty where nothing is known.

    ``is_entered`` values came from outside the ledger and are drawn hollow.
    """

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    is_entered: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    y: float
    value: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A point with its range, and the word below, which is empty where there is no room for it."""

    x: float
    y: float
    low: float
    high: float
    has_range: bool
    is_entered: bool


@dataclass(frozen=True, slots=True)
class Word:
    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Trend:
    """Lines join neighbours alone: a year without a value is a gap and not a slope.

    Neither is what was entered joined with what was calculated: they are by different methods.
    """

    height: int
    left: int
    bottom: float
    zero: float
    digits: int
    ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]
    lines: tuple[str, ...]
    words: tuple[Word, ...]


TREND_HEIGHT, TOP, BOTTOM, LEFT, RIGHT = 220, 14, 26, 52, 16


def trend(moments: Sequence[Moment]) -> Trend:
    """Values over time, the axis always with its zero."""
    known = [
        edge
        for each in moments
        if each.value is not None
        for edge in (each.value, _or(each.low, each.value), _or(each.high, each.value))
    ]
    ticks, digits = scale(min(known, default=0.0), max(known, default=0.0))
    lowest, highest = ticks[0], ticks[-1]
    bottom = TREND_HEIGHT - BOTTOM

    def y(value: float) -> float:
        return round(bottom - (value - lowest) / (highest - lowest) * (bottom - TOP), 2)

    step = (WIDTH - LEFT - RIGHT) / max(1, len(moments))
    xs = [round(LEFT + step * (at + 0.5), 2) for at in range(len(moments))]
    marks, lines = [], []
    before: tuple[float, float] | None = None
    was_entered = False
    for x, each in zip(xs, moments, strict=True):
        if each.value is None:
            before = None
            continue
        low, high = _or(each.low, each.value), _or(each.high, each.value)
        has_range = low != each.value or high != each.value
        marks.append(Mark(x, y(each.value), y(low), y(high), has_range, each.is_entered))
        if before is not None and was_entered == each.is_entered:
            lines.append(f"M{before[0]} {before[1]}L{x} {y(each.value)}")
        before, was_entered = (x, y(each.value)), each.is_entered
    return Trend(
        height=TREND_HEIGHT,
        left=LEFT,
        bottom=bottom,
        zero=y(0),
        digits=digits,
        ticks=tuple(Tick(y(each), each) for each in ticks),
        marks=tuple(marks),
        lines=tuple(lines),
        words=_thinned(xs, [each.label for each in moments], step),
    )


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value


def _thinned(xs: Sequence[float], labels: Sequence[str], step: float) -> tuple[Word, ...]:
    """Every n-th word, counted from the last, so that no two touch."""
    widest = max((len(each) for each in labels), default=0) * LETTER + LETTER
    every = max(1, math.ceil(widest / step))
    last = len(labels) - 1
    return tuple(
        Word(x, text)
        for at, (x, text) in enumerate(zip(xs, labels, strict=True))
        if (last - at) % every == 0
    )


def scale(low: float, high: float, most: int = 5) -> tuple[list[float], int]:
    """Round numbers around the values and zero, two at least, and how many decimals they need."""
    low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        return [0.0, 1.0], 0
    rough = (high - low) / most
    power = math.floor(math.log10(rough))
    step = next(
        each * 10.0**power for each in (1, 2, 5, 10, 20) if each * 10.0**power >= rough * (1 - 1e-9)
    )
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    return [round(each * step, digits) for each in range(first, last + 1)], digits


# -- Waterfall -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a waterfall: a total stands on the ground, a change on what came before it."""

    label: str
    value: int
    text: str
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class Fall:
    """A step as a bar, in hundredths of the line's length."""

    label: str
    text: str
    start: float
    length: float
    kind: str
    zero: float


def waterfall(steps: Sequence[Step]) -> list[Fall]:
    """``kind`` is total, up or down. A step of nothing has no length; no steps give no bars."""
    ends: list[tuple[int, int]] = []
    reached = 0
    for each in steps:
        before = 0 if each.is_total else reached
        reached = before + each.value
        ends.append((before, reached))
    lowest = min((min(pair) for pair in ends), default=0)
    highest = max((max(pair) for pair in ends), default=0)
    lowest, highest = min(lowest, 0), max(highest, 0)
    whole = (highest - lowest) or 1

    def at(value: int) -> float:
        return 100 * (value - lowest) / whole

    return [
        Fall(
            each.label,
            each.text,
            round(at(min(pair)), 3),
            round(at(max(pair)) - at(min(pair)), 3),
            "total" if each.is_total else "up" if each.value >= 0 else "down",
            round(at(0), 3),
        )
        for each, pair in zip(steps, ends, strict=True)
    ]


# -- Sankey --------------------------------------------------------------------------------------

COLUMN, NODE, GAP, FLOWS_HIGH = 112, 10, 8, 240
"""Room for the words of each side, width of a node, space between nodes, height of all flows."""
MOST_NODES = 8
"""A side; the smallest are shown as one."""
LINES = 3


@dataclass(frozen=True, slots=True)
class Flow:
    """So much went from one to another, which may have the same name on both sides."""

    source: str
    target: str
    value: int


@dataclass(frozen=True, slots=True)
class Node:
    """A bar with its words beside it; ``number`` is its pattern, from 1 to 6."""

    x: float
    y: float
    height: float
    lines: tuple[str, ...]
    words_x: float
    words_y: float
    anchor: str
    value: int
    number: int


@dataclass(frozen=True, slots=True)
class Ribbon:
    path: str
    number: int


@dataclass(frozen=True, slots=True)
class Sankey:
    height: int
    nodes: tuple[Node, ...]
    ribbons: tuple[Ribbon, ...]


def sankey(flows: Sequence[Flow], others: str) -> Sankey:
    """Where things came from on the left, where they went on the right, the largest on top.

    What is below one counts as nothing. ``others`` is what the smallest are called together where a
    side has more than eight.
    """
    real = [each for each in flows if each.value > 0]
    left = _shown([(each.source, each.value) for each in real], others)
    right = _shown([(each.target, each.value) for each in real], others)
    added: dict[tuple[str, str], int] = defaultdict(int)
    for each in real:
        source = each.source if each.source in left else others
        target = each.target if each.target in right else others
        added[source, target] += each.value
    whole = sum(added.values())
    if not whole:
        return Sankey(0, (), ())
    per = FLOWS_HIGH / whole
    left_nodes, left_height = _column(left, per, is_left=True)
    right_nodes, right_height = _column(right, per, is_left=False)
    out = {name: node.y for name, node in left_nodes.items()}
    into = {name: node.y for name, node in right_nodes.items()}
    ribbons = []
    for source in left:
        for target in right:
            value = added.get((source, target), 0)
            if value:
                width = value * per
                path = _ribbon(out[source], into[target], width)
                ribbons.append(Ribbon(path, left_nodes[source].number))
                out[source] += width
                into[target] += width
    nodes = (*left_nodes.values(), *right_nodes.values())
    return Sankey(math.ceil(max(left_height, right_height)), nodes, tuple(ribbons))


def _shown(parts: Sequence[tuple[str, int]], others: str) -> dict[str, int]:
    """The names of a side with their sums, the largest first and the rest together last."""
    sums: dict[str, int] = defaultdict(int)
    for name, value in parts:
        sums[name] += value
    rest = sums.pop(others, 0)
    order = sorted(sums, key=lambda name: (-sums[name], name))
    if len(order) + bool(rest) > MOST_NODES:
        rest += sum(sums[name] for name in order[MOST_NODES - 1 :])
        order = order[: MOST_NODES - 1]
    return {name: sums[name] for name in order} | ({others: rest} if rest else {})


def _column(side: dict[str, int], per: float, *, is_left: bool) -> tuple[dict[str, Node], float]:
    """Nodes from top to bottom, each with room for its words; and where the last one ends."""
    found: dict[str, Node] = {}
    y = 0.0
    for at, (name, value) in enumerate(side.items()):
        lines = wrapped(name, COLUMN - 6)
        height = value * per
        words_high = (len(lines) + 1) * LINE + 2  # the last line is the number
        room = max(height, words_high)
        top = y + (room - height) / 2
        found[name] = Node(
            x=COLUMN if is_left else WIDTH - COLUMN - NODE,
            y=round(top, 2),
            height=round(height, 2),
            lines=lines,
            words_x=COLUMN - 6 if is_left else WIDTH - COLUMN + 6,
            words_y=round(y + (room - words_high) / 2 + LINE - 2, 2),
            anchor="end" if is_left else "start",
            value=value,
            number=at % 6 + 1,
        )
        y += room + GAP
    return found, y - GAP


def _ribbon(y0: float, y1: float, width: float) -> str:
    x0, x1 = COLUMN + NODE, WIDTH - COLUMN - NODE
    middle = (x0 + x1) / 2
    return (
        f"M{x0} {y0:.2f}C{middle} {y0:.2f} {middle} {y1:.2f} {x1} {y1:.2f}"
        f"L{x1} {y1 + width:.2f}C{middle} {y1 + width:.2f} {middle} {y0 + width:.2f} "
        f"{x0} {y0 + width:.2f}Z"
    )


def wrapped(text: str, width: float, most: int = LINES) -> tuple[str, ...]:
    """A name in lines of no more than this width; what has no room ends with an ellipsis."""
    letters = max(4, int(width // LETTER))
    lines: list[str] = []
    line = ""
    words = text.split()
    while words:
        word = words.pop(0)
        if not line and len(word) > letters:
            line, rest = word[: letters - 1] + "-", word[letters - 1 :]
            words.insert(0, rest)
            lines.append(line)
            line = ""
        elif not line:
            line = word
        elif len(line) + 1 + len(word) <= letters:
            line = f"{line} {word}"
        else:
            lines.append(line)
            line = ""
            words.insert(0, word)
    if line:
        lines.append(line)
    if len(lines) > most:
        lines = lines[:most]
        lines[-1] = lines[-1][: letters - 1].rstrip(" -") + "…"
    return tuple(lines) or ("–",)
