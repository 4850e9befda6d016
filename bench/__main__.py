"""``python -m bench [NAME …]``: measures, prints the table, writes bench/results.json.

Each module runs in a process of its own, so that none inherits the heap of another. The floor of
our stack is measured first in every run, whatever else is asked for.
"""

import argparse
import importlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import tomllib
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, cast

from bench import floor, yardstick
from bench.harness import Figure
from bench.table import table

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER / "results.json"
FLOOR = "floor"
NOT_MEASURING = {"__init__", "__main__", "harness", "yardstick", "table", "server", "load"}
MODULE_SECONDS = 3600


def modules() -> list[str]:
    """The measuring modules: every one here that defines ``measure``."""
    return sorted(
        each.stem
        for each in FOLDER.glob("*.py")
        if each.stem not in NOT_MEASURING and "\ndef measure(" in each.read_text(encoding="utf-8")
    )


def git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=FOLDER.parent, capture_output=True, text=True, check=False
    )
    return done.stdout if done.returncode == 0 else ""


def committed() -> dict[tuple[str, str], float]:
    """The figures of the last committed run, by module and name."""
    text = git("show", "HEAD:bench/results.json")
    figures = json.loads(text)["figures"] if text else []
    return {(each["module"], each["name"]): each["value"] for each in figures}


def version() -> str:
    project = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])


def machine() -> dict[str, Any]:
    cpu = ""
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        cpu = next((each.split(":", 1)[1].strip() for each in lines if "model name" in each), "")
    return {
        "cpu": cpu or platform.processor(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "sqlite": yardstick.SQLITE_VERSION,
    }


def measure_apart(module: str) -> list[dict[str, Any]] | None:
    """The module's figures, or nothing when it failed (its own output says why)."""
    with tempfile.TemporaryDirectory(prefix="omlop-bench-") as folder:
        target = Path(folder) / "figures.json"
        command = [sys.executable, "-m", "bench", "--into", str(target), module]
        try:
            subprocess.run(command, cwd=FOLDER.parent, timeout=MODULE_SECONDS, check=True)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as problem:
            print(f"{module}: {problem}", flush=True)
            return None
        return cast("list[dict[str, Any]]", json.loads(target.read_text(encoding="utf-8")))


def measure_here(module: str, target: Path) -> None:
    figures: list[Figure] = importlib.import_module(f"bench.{module}").measure()
    rows = [{"module": module, **each} for each in figures]
    target.write_text(json.dumps(rows), encoding="utf-8")


def earlier_figures(measured: list[str]) -> list[dict[str, Any]]:
    """What the results file holds of modules that are not measured now."""
    if not RESULTS.exists():
        return []
    known = json.loads(RESULTS.read_text(encoding="utf-8"))["figures"]
    return [each for each in known if each["module"] not in measured]


def run(chosen: list[str]) -> int:
    load_before, before = os.getloadavg(), yardstick.measure_loops()
    figures: list[dict[str, Any]] = []
    failed = []
    modules_now = [FLOOR, *(each for each in chosen if each != FLOOR)]
    for module in modules_now:
        print(f"measuring {module} …", flush=True)
        measured = measure_apart(module)
        figures += measured or []
        failed += [module] if measured is None else []
    after = yardstick.measure_loops()
    moved = yardstick.moved(before, after)
    done = [module for module in modules_now if module not in failed]
    factor_of = partial(floor.factor, [each for each in figures if each["module"] == FLOOR])
    results = {
        "version": version(),
        "commit": git("rev-parse", "HEAD").strip(),
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {**machine(), "factor": factor_of()},
        "load": {"before": load_before, "after": os.getloadavg()},
        "yardstick": {"before": before, "after": after, "is_noisy": bool(moved)},
        "figures": sorted(earlier_figures(done) + figures, key=lambda each: str(each["module"])),
    }
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(table(figures, committed(), factor_of))
    if (slower := factor_of()) is not None:
        print(f"\nthis machine needs {slower:.2f} × the reference machine's CPU time (floor)")
    loops = ", ".join(f"{name} {before[name]:.0f} → {after[name]:.0f} ms" for name in before)
    print(f"yardstick: {loops}")
    if moved:
        shown = ", ".join(f"{name} ×{ratio:.2f}" for name, ratio in moved.items())
        print(f"NOISY: the yardstick moved ({shown}); measure again on a quiet machine")
    for module in failed:
        print(f"FAILED: {module} gave no figures")
    return int(bool(failed))


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("names", nargs="*", help="modules to measure; without any, all")
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    known = parser.parse_args(arguments)
    unknown = set(known.names) - set(modules())
    if unknown:
        parser.error(
            f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(modules())}"
        )
    if known.into:
        measure_here(known.names[0], known.into)
        return 0
    return run(known.names or modules())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
