"""The demo's site on a free port, for the browser journeys and the pictures of the README."""

import multiprocessing
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

from app import cli
from app.demo.stage import PASSWORD

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS, STOP_SECONDS = 60, 35
DONE = "demo-played"

# Reading the program's modules is most of a server's start: one process reads them, and each
# server begins as its copy.
_SERVERS = multiprocessing.get_context("forkserver")
_SERVERS.set_forkserver_preload(["tools.demo_site"])

__all__ = ["PASSWORD", "DemoServer", "play_demo", "serve_demo"]


def _environment(folder: Path, address: str, database_url: str) -> dict[str, str]:
    """This process's environment without its Omløp settings, so that only ours count."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OMLOP_")}
    return {
        **kept,
        "OMLOP_DATA_DIR": str(folder),
        "OMLOP_DATABASE_URL": database_url,
        "OMLOP_PUBLIC_URL": address,
        "OMLOP_IS_DEMO": "true",
    }


def play_demo(folder: Path, database_url: str = "") -> None:
    """Plays the story once, into the folder's own SQLite file unless a database is named."""
    if (folder / DONE).exists():
        return
    subprocess.run(
        [sys.executable, "-m", "app", "demo", "--no-serve"],
        cwd=ROOT,
        env=_environment(folder, "http://127.0.0.1:8000", database_url),
        check=True,
        stdout=subprocess.DEVNULL,
    )


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def _run(arguments: list[str], environment: Mapping[str, str], log: Path) -> None:
    """In the server's own process: the command as from a shell in the project's folder."""
    with log.open("ab") as output:
        os.dup2(output.fileno(), sys.stdout.fileno())
        os.dup2(output.fileno(), sys.stderr.fileno())
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    sys.exit(cli.main(arguments))


def _wait(address: str, server: BaseProcess, log: Path) -> None:
    """Until the server answers; says what its log says when it does not."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.is_alive():
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start:\n{log.read_text(encoding='utf-8')[-4000:]}")


class DemoServer:
    """One server on one port: it can be ended, also without warning, and started again."""

    def __init__(
        self, folder: Path, database_url: str = "", settings: Mapping[str, str] | None = None
    ) -> None:
        """``settings`` are more of Omløp's, by the names of their variables."""
        self.folder, self.database_url, self.port = folder, database_url, free_port()
        self.settings = settings or {}
        self.address = f"http://127.0.0.1:{self.port}"
        self._process: BaseProcess | None = None

    def start(self) -> None:
        log = self.folder / "server.log"
        environment = _environment(self.folder, self.address, self.database_url)
        self._process = _SERVERS.Process(
            target=_run,
            args=(["serve", "--port", str(self.port)], {**environment, **self.settings}, log),
        )
        self._process.start()
        _wait(self.address, self._process, log)

    def stop(self) -> None:
        """Lets it finish what it does; ends it when it does not."""
        if self._process is None:
            return
        self._process.terminate()
        self._process.join(STOP_SECONDS)
        if self._process.is_alive():
            self.kill()
        self._process = None

    def kill(self) -> None:
        """As a power cut: nothing is finished."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None


@contextmanager
def serve_demo(folder: Path, database_url: str = "") -> Iterator[str]:
    """Serves a played demo and gives its address; ends that one process afterwards."""
    server = DemoServer(folder, database_url)
    try:
        server.start()
        yield server.address
    finally:
        server.stop()
