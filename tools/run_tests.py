"""Runs the parts of the test suite, counts them, and says loudly what was left out.

``python -m tools.run_tests [PART …] [-- PYTEST OPTIONS]``; without a part all. The last line is
``N passed, N failed, N skipped``. What asks no database runs once, in the SQLite part. What a
machine cannot run (no browser, no PostgreSQL, no real data) is named with how to install it; with
CI=true that is a failure.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tools import chromium, postgres, shared_data, system_packages
from tools.junit import Counts, read

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ["app", "labels", "migrations", "bench", "tests", "tools"]
LINT = {
    "ruff format": ["ruff", "format", "--check", *SOURCES],
    "ruff check": ["ruff", "check", *SOURCES],
    "mypy": ["mypy", *SOURCES],
}
# A hung test prints every thread's stack; a hung part is ended.
STACKS_AFTER_SECONDS = 300
PART_SECONDS = 2400
FAST = "not browser and not image_build"
MARKERS = {
    "sqlite": f"{FAST} and not postgres",
    "postgresql": FAST,
    "browser": "browser",
    "browser on postgresql": "browser and on_both",
    "image build": "image_build",
}
PARTS = ["lint", *MARKERS]
MOST_REPEATED = 3
"""Files of journeys: where more fail, it is not the machine."""
# The journeys of a file share a server, and what they did to its pieces is the same in every run.
DISTRIBUTION = {
    "sqlite": "load",
    "postgresql": "load",
    "browser": "loadfile",
    "browser on postgresql": "loadfile",
}
ON_POSTGRESQL = {"postgresql", "browser on postgresql"}
IN_A_BROWSER = {"browser", "browser on postgresql"}


@dataclass
class Report:
    """What has run so far, and what could not."""

    parts: dict[str, Counts] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


def call(command: list[str], environment: dict[str, str]) -> int:
    """Runs one command in a group of its own, so that ending it ends its children too."""
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        # Every server and command that a test starts would read the program's sources anew.
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "", **environment},
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return process.wait(PART_SECONDS)
    except subprocess.TimeoutExpired:
        print(f"{command[0]} ran longer than {PART_SECONDS} s and was ended", flush=True)
        return 1
    finally:
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def run_lint() -> Counts:
    counts = Counts()
    for name, command in LINT.items():
        if call(command, {}) == 0:
            counts.passed += 1
        else:
            counts.failed += 1
            counts.failures.append(name)
    return counts


def run_part(part: str, environment: dict[str, str], extra: list[str]) -> Counts:
    """The part's tests. Journeys that failed beside others are run again with their file, alone.

    Two browsers and two servers on two cores make each other wait, longer than a journey does. One
    that is wrong fails alone too; which ones had to be repeated is said at the end of the run.
    """
    counts = run_pytest(part, environment, extra)
    files = sorted({f"{name.partition('::')[0].replace('.', '/')}.py" for name in counts.failures})
    is_file = all((ROOT / each).is_file() for each in files)
    if part not in IN_A_BROWSER or not 0 < len(files) <= MOST_REPEATED or not is_file:
        return counts
    print(f"\n===== {part}: once more, alone: {', '.join(files)} =====", flush=True)
    if run_pytest(part, environment, files, is_alone=True).failed:
        return counts
    return Counts(
        counts.passed + counts.failed, 0, counts.skipped, [], counts.skips, counts.failures
    )


def run_pytest(
    part: str, environment: dict[str, str], extra: list[str], *, is_alone: bool = False
) -> Counts:
    """One pytest run; a run that ended without its report, or found no test, has failed."""
    with tempfile.TemporaryDirectory(prefix="omlop-test-") as folder:
        results = Path(folder) / "results.xml"
        is_one = is_alone or part == "image build"
        workers = [] if is_one else ["-n", "2", "--dist", DISTRIBUTION[part]]
        code = call(
            [
                *("pytest", "-q", *workers, "-m", MARKERS[part], f"--junitxml={results}"),
                *("-o", f"faulthandler_timeout={STACKS_AFTER_SECONDS}", *extra),
            ],
            environment,
        )
        counts = read(results) if results.exists() else Counts()
    if counts.total == 0 or (code != 0 and counts.failed == 0):
        counts.failures.append(f"{part}: pytest ended with {code} and ran {counts.total} tests")
        counts.failed += 1
    return counts


@contextlib.contextmanager
def database_of(part: str) -> Iterator[dict[str, str]]:
    """The environment that points the tests at the part's database; SQLite needs none."""
    if part not in ON_POSTGRESQL:
        yield {"OMLOP_TEST_DATABASE_URL": ""}
        return
    with postgres.server() as server:
        yield {"OMLOP_TEST_DATABASE_URL": server.url}


def missing_for(part: str) -> str | None:
    """Why this machine cannot run the part, with the command that mends it."""
    if part in ON_POSTGRESQL and postgres.programs() is None:
        return f"the {part} part: no server; install with: apt-get install postgresql"
    if part in IN_A_BROWSER and chromium.find() is None:
        return (
            f"the {part} part: no Chromium; install with: apt-get install chromium, "
            "or name one in CHROMIUM"
        )
    return None


def run(parts: list[str], extra: list[str]) -> Report:
    report = Report()
    for part in parts:
        missing = missing_for(part)
        if missing:
            report.left_out.append(missing)
            continue
        print(f"\n===== {part} =====", flush=True)
        started = time.monotonic()
        if part == "lint":
            report.parts[part] = run_lint()
        else:
            with database_of(part) as environment:
                report.parts[part] = run_part(part, environment, extra)
        report.seconds[part] = time.monotonic() - started
    if shared_data.folder() is None:
        report.left_out.append(f"tests on real data: {shared_data.ABSENT}")
    return report


def show(report: Report) -> int:
    """Prints the end of the run; answers the exit code."""
    print("\n===== summary =====")
    for part, counts in report.parts.items():
        for name, reason in counts.skips:
            print(f"skipped ({part}): {name}: {reason}")
    for part, counts in report.parts.items():
        for name in counts.failures:
            print(f"FAILED ({part}): {name}")
        for name in counts.repeated:
            print(f"REPEATED ({part}): {name} failed beside others and passed alone")
    for part, counts in report.parts.items():
        print(f"  {part:<21} {counts.line()} in {report.seconds[part]:.0f} s")
    for each in report.left_out:
        print(f"LEFT OUT: {each}")
    total = sum(report.parts.values(), Counts())
    is_ci = os.environ.get("CI") == "true"
    if report.left_out and is_ci:
        print("With CI=true nothing may be left out: this run has failed.")
    print(total.line(), flush=True)
    return int(total.failed > 0 or (is_ci and bool(report.left_out)))


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tools.run_tests", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"some of: {', '.join(PARTS)}")
    end = arguments.index("--") if "--" in arguments else len(arguments)
    known, extra = parser.parse_args(arguments[:end]), arguments[end + 1 :]
    unknown = set(known.parts) - set(PARTS)
    if unknown:
        parser.error(f"unknown part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    # A polite end from outside unwinds like Ctrl-C, so that the database server stops too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parts = known.parts or PARTS
    if (ON_POSTGRESQL | IN_A_BROWSER) & set(parts):
        system_packages.install_missing()
    try:
        return show(run(parts, extra))
    except KeyboardInterrupt:
        print("\nStopped before the end; nothing is left running.")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
