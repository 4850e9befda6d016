"""The lock files hold no address, and nothing older than the security floors we know of."""

import json
import re
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PYTHON_LOCKS = sorted(ROOT.glob("requirements*.txt"))
NPM_LOCKS = [ROOT / "package-lock.json", ROOT / "design" / "theme" / "package-lock.json"]
LOCKS = PYTHON_LOCKS + NPM_LOCKS
ADDRESS = re.compile(
    r"https?:|--index-url|--extra-index-url|--find-links|\bfile:|git\+|\"resolved\"", re.IGNORECASE
)

# Oldest versions without a known hole that reaches us; revised by hand at each release.
FLOORS = {
    "starlette": "1.3.1",
    "python-multipart": "0.0.30",
    "pillow": "13.0.0",
    "jinja2": "3.1.6",
    "pysqlite3": "0.6.1",
}
# SQLite itself: below it committed writes can be lost in WAL, or full-text search be abused.
SQLITE_FLOOR = "3.53.3"


def parts(number: str) -> tuple[int, ...]:
    """Dotted numbers as integers; suffixes such as rc1 are cut off."""
    return tuple(int(each) for each in re.findall(r"\d+", number.split("rc", maxsplit=1)[0]))


def pins(lock: Path) -> dict[str, str]:
    found = re.findall(
        r"^([a-zA-Z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", lock.read_text(), re.MULTILINE
    )
    return {name.lower().replace("_", "-"): number for name, number in found}


def test_every_python_lock_stands_in_the_list() -> None:
    names = {each.name for each in PYTHON_LOCKS}
    assert names >= {"requirements.txt", "requirements-test.txt", "requirements-node.txt"}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_a_lock_holds_no_address(lock: Path) -> None:
    lines = lock.read_text(encoding="utf-8").splitlines()
    found = [f"{n}: {line.strip()}" for n, line in enumerate(lines, 1) if ADDRESS.search(line)]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://index.example/simple",
        "--find-links ./wheels",
        '"resolved": "https://registry.example/x.tgz"',
        "omlop @ file:///home/x",
    ],
)
def test_the_address_search_finds_each_kind_it_is_there_for(line: str) -> None:
    assert ADDRESS.search(line)


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda lock: str(lock.name))
def test_every_pin_of_a_python_lock_carries_a_hash(lock: Path) -> None:
    blocks = re.split(r"\n(?=[a-zA-Z0-9])", lock.read_text())
    pinned = [block for block in blocks if "==" in block.splitlines()[0]]
    assert pinned
    assert [b.splitlines()[0] for b in pinned if "--hash=sha256:" not in b] == []


@pytest.mark.parametrize("lock", NPM_LOCKS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_every_package_of_an_npm_lock_carries_its_integrity(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    packages = re.findall(
        r'^    "node_modules/[^"]+": \{(.*?)^    \}', text, re.MULTILINE | re.DOTALL
    )
    assert packages
    assert [package for package in packages if '"integrity": "sha' not in package] == []


def test_the_test_lock_pins_what_the_running_program_pins() -> None:
    running, testing = pins(ROOT / "requirements.txt"), pins(ROOT / "requirements-test.txt")
    assert {name: testing.get(name) for name in running} == running


@pytest.mark.parametrize(("package", "floor"), FLOORS.items())
def test_no_locked_version_is_below_its_security_floor(package: str, floor: str) -> None:
    assert parts(pins(ROOT / "requirements.txt")[package]) >= parts(floor)


@pytest.mark.parametrize(("package", "floor"), FLOORS.items())
def test_no_installed_version_is_below_its_security_floor(package: str, floor: str) -> None:
    if package == "pysqlite3" and "pysqlite3" not in sys.modules:
        pytest.importorskip("pysqlite3", reason="no wheel of pysqlite3 for this machine")
    assert parts(version(package)) >= parts(floor)


def test_the_bundled_sqlite_is_not_below_its_security_floor() -> None:
    driver = pytest.importorskip("pysqlite3", reason="no wheel of pysqlite3 for this machine")
    assert parts(driver.sqlite_version) >= parts(SQLITE_FLOOR)


def test_the_lock_of_the_heic_extra_is_in_step_and_in_the_lock_of_nothing_else() -> None:
    asked = re.findall(
        r"^([a-z-]+)==(\S+)", (ROOT / "requirements-heic.in").read_text(), re.MULTILINE
    )
    extra, running = pins(ROOT / "requirements-heic.txt"), pins(ROOT / "requirements.txt")
    assert asked == [("pillow-heif", extra["pillow-heif"])]
    assert {name: running.get(name) for name in extra if name != "pillow-heif"} == {
        name: number for name, number in extra.items() if name != "pillow-heif"
    }
    assert "pillow-heif" not in running | pins(ROOT / "requirements-test.txt")


def test_the_lock_of_the_pdf_extra_is_in_step_and_in_the_lock_of_nothing_else() -> None:
    asked = re.findall(
        r"^([a-z-]+)==(\S+)", (ROOT / "requirements-pdf.in").read_text(), re.MULTILINE
    )
    extra, running = pins(ROOT / "requirements-pdf.txt"), pins(ROOT / "requirements.txt")
    assert asked == [("weasyprint", extra["weasyprint"])]
    both = extra.keys() & running.keys()
    assert both >= {"pillow", "fonttools"}
    assert {name: extra[name] for name in both} == {name: running[name] for name in both}
    assert "weasyprint" not in running | pins(ROOT / "requirements-test.txt")


def direct_dependencies() -> list[str]:
    names: list[str] = []
    for source in sorted(ROOT.glob("requirements*.in")):
        names += re.findall(r"^([a-zA-Z][a-zA-Z0-9._-]*)", source.read_text(), re.MULTILINE)
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    return [*names, *package.get("dependencies", {}), *package.get("devDependencies", {})]


def test_each_direct_dependency_has_its_reason_in_the_decision_record() -> None:
    rows = (ROOT / "docs" / "adr" / "0003-dependencies.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| (\S+) \|", rows, re.MULTILINE))
    assert [name for name in direct_dependencies() if name not in named] == []
