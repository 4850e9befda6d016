"""The figures as a table: against the targets, and against the last committed run."""

from collections.abc import Mapping, Sequence
from typing import Any

HEADS = ("figure", "value", "least–most", "must", "× must", "reach", "× reach", "× last", "met")


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


def met(row: Mapping[str, Any]) -> str:
    """The best target that the value meets."""
    targets = [("reach", row["reach"]), ("must", row["must"])]
    stated = [(name, target) for name, target in targets if target is not None]
    if not stated:
        return "–"
    value, lower = row["value"], row["better"] == "lower"
    kept = (name for name, target in stated if (value <= target if lower else value >= target))
    return next(kept, "NO")


def cells(row: Mapping[str, Any], last: float | None) -> tuple[str, ...]:
    value, better = row["value"], row["better"]
    ratios = [times_better(value, each, better) for each in (row["must"], row["reach"], last)]
    spread = f"{number(row['min'])}–{number(row['max'])}" if "min" in row else "–"
    return (
        f"{row['module']}: {row['name']}",
        f"{number(value)} {row['unit']}",
        spread,
        number(row["must"]),
        number(ratios[0]),
        number(row["reach"]),
        number(ratios[1]),
        number(ratios[2]),
        met(row),
    )


def table(rows: Sequence[Mapping[str, Any]], last: Mapping[tuple[str, str], float]) -> str:
    """Lines of aligned columns; a note stands below its row."""
    body = [cells(row, last.get((row["module"], row["name"]))) for row in rows]
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
