"""The figures as a table: against the targets, and against the last committed run.

Targets in time were set on a reference machine. Beside each stands what it is on a machine as fast
as this one, by the factor of ``bench/floor.py``; "met" says which target is met as it is written,
"met here" which one as it is here.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

HEADS = (
    "figure",
    "value",
    "least–most",
    "must",
    "must here",
    "× must",
    "reach",
    "reach here",
    "× reach",
    "× last",
    "met",
    "met here",
)
TIMES = frozenset({"ms", "ms CPU", "s", "s CPU"})
RATES = ("/s", "/CPU s")


def times_better(value: float, than: float | None, better: str) -> float | None:
    """How many times better the value is: 2.0 is twice as good, below 1 is worse."""
    if than is None or min(value, than) <= 0:
        return None
    return than / value if better == "lower" else value / than


def number(value: float | None) -> str:
    """Three significant figures, thousands apart."""
    if value is None:
        return "–"
    return f"{value:,.0f}".replace(",", " ") if abs(value) >= 100 else f"{value:.3g}"


def here(target: float | None, unit: str, factor: float | None) -> float | None:
    """A target on a machine that needs ``factor`` times the CPU time; sizes are alike on all."""
    if target is None or factor is None:
        return None
    if unit in TIMES:
        return target * factor
    return target / factor if unit.endswith(RATES) else target


def met(row: Mapping[str, Any], *, must: float | None, reach: float | None) -> str:
    """The best of these targets that the value meets."""
    targets = [("reach", reach), ("must", must)]
    stated = [(name, target) for name, target in targets if target is not None]
    if not stated:
        return "–"
    value, lower = row["value"], row["better"] == "lower"
    kept = (name for name, target in stated if (value <= target if lower else value >= target))
    return next(kept, "NO")


def cells(row: Mapping[str, Any], last: float | None, factor: float | None) -> tuple[str, ...]:
    value, better, unit = row["value"], row["better"], row["unit"]
    must, reach = row["must"], row["reach"]
    must_here, reach_here = here(must, unit, factor), here(reach, unit, factor)
    ratios = [times_better(value, each, better) for each in (must, reach, last)]
    spread = f"{number(row['min'])}–{number(row['max'])}" if "min" in row else "–"
    return (
        f"{row['module']}: {row['name']}",
        f"{number(value)} {unit}",
        spread,
        number(must),
        number(must_here),
        number(ratios[0]),
        number(reach),
        number(reach_here),
        number(ratios[1]),
        number(ratios[2]),
        met(row, must=must, reach=reach),
        met(row, must=must_here, reach=reach_here),
    )


def table(
    rows: Sequence[Mapping[str, Any]],
    last: Mapping[tuple[str, str], float],
    factor_of: Callable[[str], float | None] = lambda _module: None,
) -> str:
    """Lines of aligned columns; a note stands below its row."""
    body = [
        cells(row, last.get((row["module"], row["name"])), factor_of(row["module"])) for row in rows
    ]
    widths = [max(len(line[column]) for line in [HEADS, *body]) for column in range(len(HEADS))]

    def line(parts: Sequence[str]) -> str:
        first, *others = (part.ljust(width) for part, width in zip(parts, widths, strict=True))
        padded = [each.strip().rjust(width) for each, width in zip(others, widths[1:], strict=True)]
        return "  ".join([first, *padded])

    lines = [line(HEADS), "  ".join("─" * width for width in widths)]
    for row, parts in zip(rows, body, strict=True):
        lines.append(line(parts))
        if row["note"]:
            lines.append(f"    {row['note']}")
    return "\n".join(lines)
