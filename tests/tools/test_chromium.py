"""The system's browser is found, and starts the way the journeys start it."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tools import chromium


def test_the_browser_that_the_user_names_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = tmp_path / "my-browser"
    named.write_text("#!/bin/sh\n")
    named.chmod(0o755)
    monkeypatch.setenv("CHROMIUM", str(named))
    assert chromium.find() == chromium.find_shell() == str(named)
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "absent"))
    assert chromium.find() is None


def test_without_a_browser_on_the_path_none_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert chromium.find() is None
    assert chromium.find_shell() is None


def test_the_engine_alone_is_taken_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("chromium", chromium.WITHOUT_WINDOWS):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
        assert chromium.find_shell() == str(tmp_path / name)
    assert chromium.find() == str(tmp_path / "chromium")


@pytest.mark.browser
def test_the_browser_starts_and_runs_script(page: Page) -> None:
    page.set_content("<p id=a>Omløp</p><script>document.title = 'satt av skript'</script>")
    assert page.title() == "satt av skript"
    assert page.locator("#a").inner_text() == "Omløp"
