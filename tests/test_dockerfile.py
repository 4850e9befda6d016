"""Runs the image's own build steps in a clean folder, where no image engine is to be had.

The steps are read from the Dockerfile, so the two cannot drift apart. What this cannot show: the
base images, the Python version they bring, and the steps that need root; no image is built.
"""

import os
import shlex
import shutil
import signal
import subprocess
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tools.npm import node_on_path, npm_from_wheel

ROOT = Path(__file__).resolve().parent.parent
STEP_SECONDS = 300
NEEDS_ROOT = ("useradd ",)


@dataclass
class Stage:
    name: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def arguments(self, instruction: str) -> list[str]:
        return [argument for name, argument in self.steps if name == instruction]


def stages() -> list[Stage]:
    """The Dockerfile's stages with their instructions, continued lines joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    found: list[Stage] = []
    for line in text.splitlines():
        instruction, _, argument = line.strip().partition(" ")
        if instruction == "FROM":
            words = argument.split()
            found.append(Stage(words[2] if "AS" in words else "final"))
        elif instruction and not instruction.startswith("#"):
            found[-1].steps.append((instruction, argument.strip()))
    return found


class Builder:
    """Carries the steps out below one folder, which stands where the image's root would.

    Each stage works at the same place and is set aside when it ends, so that paths written into
    files (the environment's scripts) are as valid in the last stage as they are in the image.
    """

    def __init__(self, folder: Path) -> None:
        self.root, self.aside = folder / "root", folder / "stages"
        self.programs = folder / "bin"
        self.programs.mkdir()
        # The image's base brings `python` and `npm`; here the machine's own stand in for them.
        python = Path(sysconfig.get_config_var("BINDIR")) / "python3"
        # Found before our own `npm` stands first on the path: it must never find itself.
        npm = f"exec {shlex.join([found] if (found := node_on_path()) else npm_from_wheel())}"
        for name, command in (("python", f"exec {python}"), ("npm", npm)):
            (self.programs / name).write_text(f'#!/bin/sh\n{command} "$@"\n')
            (self.programs / name).chmod(0o755)

    def place(self, path: str, work_folder: Path) -> Path:
        return self.root / path.lstrip("/") if path.startswith("/") else work_folder / path

    def copy(self, argument: str, work_folder: Path) -> None:
        words = argument.split()
        origin = ROOT
        if words[0].startswith("--from="):
            origin = self.aside / words.pop(0).removeprefix("--from=")
        *sources, target = words
        for source in sources:
            path = origin / source.lstrip("/")
            to = self.place(target, work_folder)
            if path.is_dir():
                skip = shutil.ignore_patterns("__pycache__", "vendor") if origin == ROOT else None
                shutil.copytree(path, to, dirs_exist_ok=True, symlinks=True, ignore=skip)
            else:
                to.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, to / path.name)

    def run(self, command: str, work_folder: Path) -> str:
        path = f"{self.programs}:{os.environ['PATH']}"
        known = {name: os.environ[name] for name in os.environ if not name.startswith("OMLOP_")}
        process = subprocess.Popen(
            ["sh", "-ec", command],
            cwd=work_folder,
            env={**known, "PATH": path},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            printed, _ = process.communicate(timeout=STEP_SECONDS)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        assert process.returncode == 0, f"RUN {command}\n{printed[-3000:]}"
        return printed

    def build(self, stage: Stage) -> dict[str, str]:
        """What each RUN step printed."""
        work_folder, printed = self.root, {}
        for instruction, argument in stage.steps:
            if instruction == "WORKDIR":
                work_folder = self.place(argument, work_folder)
                work_folder.mkdir(parents=True, exist_ok=True)
            elif instruction == "COPY":
                self.copy(argument, work_folder)
            elif instruction == "RUN" and not argument.startswith(NEEDS_ROOT):
                printed[argument] = self.run(argument, work_folder)
        self.aside.mkdir(exist_ok=True)
        self.root.rename(self.aside / stage.name)
        return printed


@pytest.mark.image_build
def test_the_build_steps_end_in_a_program_that_starts(tmp_path: Path) -> None:
    builder = Builder(tmp_path)
    printed: dict[str, str] = {}
    for stage in stages():
        printed |= builder.build(stage)
    served = tmp_path / "stages" / "final" / "srv" / "omlop"
    assert "serve" in printed[".venv/bin/omlop --help"]
    assert list((served / "static" / "vendor").glob("*.css"))
    assert not (served / "node_modules").exists()


def test_the_program_does_not_run_as_root() -> None:
    last = stages()[-1]
    assert last.arguments("USER") == ["omlop"]
    after = [name for name, _ in last.steps[last.steps.index(("USER", "omlop")) :]]
    assert "RUN" not in after


def test_the_health_check_asks_the_port_that_is_served() -> None:
    last = stages()[-1]
    (check,) = last.arguments("HEALTHCHECK")
    given = dict(each.split("=", 1) for each in last.arguments("ENV")[0].split())
    port = given["OMLOP_BIND_PORT"]
    assert f"127.0.0.1:{port}/healthz" in check
    assert last.arguments("EXPOSE") == [port]


def test_each_file_that_is_copied_is_let_through_by_the_ignore_file() -> None:
    allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = [
        source
        for stage in stages()
        for argument in stage.arguments("COPY")
        if not argument.startswith("--from")
        for source in shlex.split(argument)[:-1]
    ]
    assert copied
    assert [source for source in copied if f"!{source}" not in allowed] == []
