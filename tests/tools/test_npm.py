"""npm is found with a Node that is new enough, and only then; sponsor links leave the lock."""

import json
from pathlib import Path

import pytest

from tools import npm, strip_funding


def programs(folder: Path, version: str) -> None:
    for name, output in (("node", version), ("npm", "11")):
        (folder / name).write_text(f"#!/bin/sh\necho {output}\n")
        (folder / name).chmod(0o755)


def test_a_node_on_the_path_is_taken_from_version_20(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    programs(tmp_path, "v20.1.0")
    assert npm.node_on_path() == str(tmp_path / "npm")
    programs(tmp_path, "v18.20.0")
    assert npm.node_on_path() is None


def test_without_node_on_the_path_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert npm.node_on_path() is None


def test_only_the_sponsor_links_leave_the_lock(tmp_path: Path) -> None:
    lock = tmp_path / "package-lock.json"
    kept = {"version": "1.0.0", "integrity": "sha512-a", "license": "MIT"}
    content = {"packages": {"": {}, "node_modules/a": {**kept, "funding": {"url": "x"}}}}
    lock.write_text(json.dumps(content))
    assert strip_funding.strip(lock) == 1
    assert json.loads(lock.read_text()) == {"packages": {"": {}, "node_modules/a": kept}}
