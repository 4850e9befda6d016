"""What a measuring module uses: the shape of a figure, rounds interleaved, CPU time, memory.

CPU milliseconds are the honest unit on shared machines; wall time is printed beside them.
"""

import gc
import resource
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NotRequired, TypedDict, TypeVar

Result = TypeVar("Result")

ROUNDS = 5


class Figure(TypedDict):
    """One row of the table. ``must`` and ``reach`` are the targets of the same unit, or None."""

    name: str
    value: float
    unit: str
    must: float | None
    reach: float | None
    better: Literal["lower", "higher"]
    note: str
    runs: NotRequired[list[float]]
    min: NotRequired[float]
    max: NotRequired[float]


def figure(
    name: str,
    runs: Sequence[float],
    unit: str,
    *,
    must: float | None = None,
    reach: float | None = None,
    better: Literal["lower", "higher"] = "lower",
    note: str = "",
) -> Figure:
    """The median of the runs, with their least and greatest."""
    return Figure(
        name=name,
        value=statistics.median(runs),
        unit=unit,
        must=must,
        reach=reach,
        better=better,
        note=note,
        runs=list(runs),
        min=min(runs),
        max=max(runs),
    )


def cpu_seconds() -> float:
    """CPU time of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def peak_mib() -> float:
    """The greatest resident size of this process so far, in MiB (Linux counts in KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def cpu_ms(work: Callable[[], object]) -> float:
    """CPU milliseconds of one call, with the garbage of earlier calls collected before."""
    gc.collect()
    before = cpu_seconds()
    work()
    return (cpu_seconds() - before) * 1000


def wall_ms(work: Callable[[], object]) -> float:
    gc.collect()
    before = time.perf_counter()
    work()
    return (time.perf_counter() - before) * 1000


def interleaved(
    variants: Mapping[str, Callable[[], Result]], *, rounds: int = ROUNDS
) -> dict[str, list[Result]]:
    """Runs every variant once to warm up, then all of them in turn, round after round.

    What disturbs the machine for some seconds then falls on all variants alike.
    """
    for each in variants.values():
        each()
    results: dict[str, list[Result]] = {name: [] for name in variants}
    for _ in range(rounds):
        for name, each in variants.items():
            results[name].append(each())
    return results
