"""The demo's site on a free port, for the browser journeys and the pictures of the README."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.demo.stage import PASSWORD

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS, STOP_SECONDS = 60, 35
DONE = "demo-played"

__all__ = ["PASSWORD", "play_demo", "serve_demo"]


def _environment(folder: Path, address: str) -> dict[str, str]:
    """This process's environment without its Omløp settings, so that only ours count."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OMLOP_")}
    return {
        **kept,
        "OMLOP_DATA_DIR": str(folder),
        "OMLOP_PUBLIC_URL": address,
        "OMLOP_IS_DEMO": "true",
    }


def play_demo(folder: Path) -> None:
    """Plays the story into the folder, once."""
    if (folder / DONE).exists():
        return
    subprocess.run(
        [sys.executable, "-m", "app", "demo", "--no-serve"],
        cwd=ROOT,
        env=_environment(folder, "http://127.0.0.1:8000"),
        check=True,
        stdout=subprocess.DEVNULL,
    )


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def _wait(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Until the server answers; says what its log says when it does not."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start:\n{log.read_text(encoding='utf-8')[-4000:]}")


@contextmanager
def serve_demo(folder: Path) -> Iterator[str]:
    """Serves a played demo and gives its address; ends that one process afterwards."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    log = folder / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "app", "serve", "--port", str(port)],
            cwd=ROOT,
            env=_environment(folder, address),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait(address, server, log)
            yield address
        finally:
            server.terminate()
            try:
                server.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
