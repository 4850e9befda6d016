"""What every test can ask for: the real data and the browser. The databases are in databases.py."""

import inspect
import os
from pathlib import Path

import pytest
from hypothesis import settings

from tools import chromium
from tools import shared_data as real_data

pytest_plugins = ["tests.databases", "tests.people"]

# A test is never timed: on a busy machine any of an example's steps may take its time.
settings.register_profile("untimed", settings(), deadline=None)
settings.load_profile("untimed")

OF_THE_SERVER = {"SERVER_URL", "new_url"}
"""What a module knows whose tests, or whose fixtures' tests, run on the database in use."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "image_build: runs the image's build steps in a clean folder"
    )


def asks_database(item: pytest.Item) -> bool:
    """Whether the test, or a fixture it asks for, is about the database that is in use."""
    if item.get_closest_marker("postgres"):
        return True
    information = getattr(item, "_fixtureinfo", None)
    found = information.name2fixturedefs.values() if information else ()
    functions = [each.func for definitions in found for each in definitions]
    modules = [vars(inspect.getmodule(item.obj)), *(each.__globals__ for each in functions)]  # type: ignore[attr-defined]
    return any(not OF_THE_SERVER.isdisjoint(each) for each in modules)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What asks no database runs once, with SQLite: on PostgreSQL it would do the same again."""
    if not os.environ.get("OMLOP_TEST_DATABASE_URL"):
        return
    left_out = [each for each in items if not asks_database(each)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [each for each in items if asks_database(each)]


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("shared_data") and real_data.folder() is None:
        pytest.skip(real_data.ABSENT)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if real_data.folder() is None:
        terminalreporter.write_line(f"LEFT OUT: tests on real data: {real_data.ABSENT}", red=True)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data; the tests that need it skip with the reason when it is absent."""
    folder = real_data.folder()
    if folder is None:
        pytest.skip(real_data.ABSENT)
    return folder


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """How pytest-playwright starts the system's Chromium; no browser is downloaded."""
    is_shown = bool(os.environ.get("OMLOP_SHOW_BROWSER"))
    path = chromium.find() if is_shown else chromium.find_shell()
    if path is None:
        pytest.skip("no Chromium; install with: apt-get install chromium")
    return {"executable_path": path, "args": chromium.FLAGS, "headless": not is_shown}
