"""System packages are installed where we may, and only those that are missing."""

import os
from pathlib import Path

import pytest

from app.kit import pdf
from tools import chromium, postgres, system_packages


@pytest.fixture
def apt_get(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An apt-get that only writes down what it was asked; the machine stays as it is."""
    asked = tmp_path / "asked"
    program = tmp_path / "apt-get"
    program.write_text(f'#!/bin/sh\necho "$@" >> {asked}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(chromium, "find", lambda: None)
    monkeypatch.setattr(postgres, "programs", lambda: Path("/usr/bin"))
    monkeypatch.setattr(pdf, "has_libraries", lambda: True)
    return asked


def test_root_on_debian_installs_only_what_is_missing(apt_get: Path) -> None:
    system_packages.install_missing()
    update, install = apt_get.read_text().splitlines()
    assert update.startswith("update")
    assert install.split()[0] == "install"
    assert "chromium" in install.split()
    assert "postgresql" not in install.split()


def test_nobody_but_root_installs_anything(apt_get: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    system_packages.install_missing()
    assert not apt_get.exists()


def test_what_is_two_packages_is_asked_for_as_two(
    apt_get: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "has_libraries", lambda: False)
    system_packages.install_missing()
    assert {"libpango-1.0-0", "libpangoft2-1.0-0"} <= set(apt_get.read_text().split())


def test_nothing_is_asked_for_when_all_is_there(
    apt_get: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chromium, "find", lambda: "/usr/bin/chromium")
    system_packages.install_missing()
    assert not apt_get.exists()
