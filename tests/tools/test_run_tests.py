"""The runner's arithmetic and its voice: nothing is lost, and nothing is left out in silence."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools import chromium, postgres, run_tests
from tools import shared_data as real_data
from tools.junit import Counts, read

REPORT = """<testsuites><testsuite>
<testcase classname="a" name="passes"/>
<testcase classname="a" name="fails"><failure message="no"/></testcase>
<testcase classname="a" name="breaks in teardown"/>
<testcase classname="a" name="breaks in teardown"><error message="late"/></testcase>
<testcase classname="a" name="waits"><skipped message="no data" type="pytest.skip"/></testcase>
</testsuite></testsuites>"""


def test_each_test_of_a_report_is_counted_once_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "report.xml").write_text(REPORT)
    counts = read(tmp_path / "report.xml")
    assert (counts.passed, counts.failed, counts.skipped) == (1, 2, 1)
    assert counts.failures == ["a::fails", "a::breaks in teardown"]
    assert counts.skips == [("a::waits", "no data")]


def test_the_last_line_is_the_plain_sum_of_the_parts(capsys: pytest.CaptureFixture[str]) -> None:
    parts = {"sqlite": Counts(5, 0, 1, [], [("a", "why")]), "browser": Counts(2, 0, 0)}
    code = run_tests.show(run_tests.Report(parts, {"sqlite": 1.0, "browser": 2.0}))
    printed = capsys.readouterr().out.splitlines()
    assert code == 0
    assert printed[-1] == "7 passed, 0 failed, 1 skipped"
    assert "skipped (sqlite): a: why" in printed


@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
def test_what_was_left_out_fails_the_run_in_ci_and_is_always_said(
    ci: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CI", ci)
    report = run_tests.Report({"sqlite": Counts(1)}, {"sqlite": 1.0}, ["the browser part: none"])
    assert run_tests.show(report) == code
    assert "LEFT OUT: the browser part: none" in capsys.readouterr().out


def test_a_failed_test_fails_the_run() -> None:
    report = run_tests.Report({"sqlite": Counts(1, 1, 0, ["a"])}, {"sqlite": 1.0})
    assert run_tests.show(report) == 1


def test_a_run_that_found_no_test_has_failed() -> None:
    one_file = ["tests/tools/test_postgres.py", "-k", "nothing_has_this_name"]
    counts = run_tests.run_pytest("postgresql", {}, one_file)
    assert counts.failures == ["postgresql: pytest ended with 5 and ran 0 tests"]


JOURNEY = """
from pathlib import Path
import pytest
pytestmark = pytest.mark.browser
def test_well(): pass
def test_passes_the_second_time():
    mark = Path(__file__).with_suffix(".seen")
    is_second = mark.exists()
    mark.touch()
    assert is_second
{more}
"""


@pytest.mark.parametrize(
    ("part", "more", "code", "said"),
    [
        ("browser", "", 0, "REPEATED (browser): {name}::test_passes_the_second_time failed beside"),
        ("browser", "def test_never(): assert False", 1, "FAILED (browser): {name}::test_never"),
        ("sqlite", "", 1, "FAILED (sqlite): {name}::test_passes_the_second_time"),
    ],
)
def test_a_journey_that_failed_beside_others_is_run_again_with_its_file_alone(
    part: str,
    more: str,
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = JOURNEY if part == "browser" else JOURNEY.replace("pytestmark =", "unmarked =")
    (tmp_path / "test_journey.py").write_text(text.replace("{more}", more))
    monkeypatch.setattr(run_tests, "ROOT", tmp_path)
    monkeypatch.setattr(
        run_tests,
        "call",
        lambda command, _: (
            subprocess.run(
                [sys.executable, "-m", *command, "-p", "no:cacheprovider"],
                cwd=tmp_path,
                check=False,
            ).returncode
        ),
    )
    counts = run_tests.run_part(part, {}, ["test_journey.py"])
    assert run_tests.show(run_tests.Report({part: counts}, {part: 1.0})) == code
    assert said.format(name="test_journey") in capsys.readouterr().out


def test_a_missing_browser_and_a_missing_server_are_named_with_their_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chromium, "find", lambda: None)
    monkeypatch.setattr(postgres, "programs", lambda: None)
    assert "apt-get install chromium" in str(run_tests.missing_for("browser"))
    assert "apt-get install postgresql" in str(run_tests.missing_for("postgresql"))
    assert "apt-get install" in str(run_tests.missing_for("browser on postgresql"))
    assert run_tests.missing_for("sqlite") is None


def test_the_real_data_is_looked_for_where_the_user_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMLOP_SHARED_DATA", str(tmp_path))
    assert real_data.folder() == tmp_path
    monkeypatch.setenv("OMLOP_SHARED_DATA", str(tmp_path / "absent"))
    assert real_data.folder() is None
