"""Counts in pytest's XML report, and the names behind them."""

from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET


@dataclass
class Counts:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: list[str] = field(default_factory=list)
    skips: list[tuple[str, str]] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    """Passed only when they ran again, with nothing beside them."""

    @property
    def total(self) -> int:
        return self.passed + self.failed + self.skipped

    def line(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
            self.failures + other.failures,
            self.skips + other.skips,
            self.repeated + other.repeated,
        )


def read(report: Path) -> Counts:
    """Counts each test once; an error in set-up or teardown is a failure of its test."""
    outcomes: dict[str, str] = {}
    reasons: dict[str, str] = {}
    for case in ET.parse(report).iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        skip = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            outcomes[name] = "failed"
        elif skip is not None:
            outcomes.setdefault(name, "skipped")
            reasons[name] = skip.get("message") or skip.get("type") or "no reason given"
        else:
            outcomes.setdefault(name, "passed")
    failures = [name for name, outcome in outcomes.items() if outcome == "failed"]
    skips = [(name, reasons[name]) for name, outcome in outcomes.items() if outcome == "skipped"]
    passed = len(outcomes) - len(failures) - len(skips)
    return Counts(passed, len(failures), len(skips), failures, skips)
