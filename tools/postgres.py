"""A PostgreSQL server of our own for tests and benchmark: made, used and thrown away.

It never touches a server that runs already. The server refuses to run as root, so under root it
runs as ``postgres`` or ``nobody``.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Debian keeps the server's programs off the path, in a folder for each major version.
DEBIAN = Path("/usr/lib/postgresql")
PROGRAMS = ("initdb", "postgres", "pg_isready", "createdb")
ROLE = "omlop"
START_SECONDS = 60
STOP_SECONDS = 30
# Statistics that come by themselves, at a moment of their own, change the plans that a test looks at.
QUICK = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off"]


class PostgresMissingError(Exception):
    """No server program was found; the message says how to install one."""


@dataclass(frozen=True)
class Server:
    """A running server. ``url`` names an empty database; its role may create more."""

    url: str
    process_id: int


def programs() -> Path | None:
    """The folder that holds all of PROGRAMS, newest version first, or nothing."""
    debian = sorted(DEBIAN.glob("*/bin"), key=lambda each: float(each.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    folders = [*debian, Path(on_path).resolve().parent] if on_path else debian
    complete = (each for each in folders if all((each / name).exists() for name in PROGRAMS))
    return next(complete, None)


def unprivileged() -> str | None:
    """Whom to run the server as: nobody else unless we are root."""
    if os.geteuid() != 0:
        return None
    known = {each.pw_name for each in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Programs:
    """Calls the server's programs as the unprivileged user, in a folder that user may enter."""

    def __init__(self, folder: Path, bin_folder: Path) -> None:
        self.folder, self.bin_folder, self.user = folder, bin_folder, unprivileged()
        self.group = pwd.getpwnam(self.user).pw_gid if self.user else None
        if self.user:
            shutil.chown(folder, self.user)

    def start(self, name: str, *arguments: str, log: Path) -> subprocess.Popen[bytes]:
        with log.open("ab") as output:
            return subprocess.Popen(
                [str(self.bin_folder / name), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                user=self.user,
                group=self.group,
                extra_groups=[] if self.user else None,
                # Ctrl-C reaches only us; we then stop the server in good order.
                start_new_session=True,
            )

    def run(self, name: str, *arguments: str) -> bool:
        return self.start(name, *arguments, log=self.folder / "log").wait() == 0


@contextlib.contextmanager
def server(*, durable: bool = False, max_connections: int = 200) -> Iterator[Server]:
    """Starts a server on loopback and stops it at the end, Ctrl-C included.

    ``durable`` keeps the real flushing to disk, which the benchmark must pay; tests need not.
    Raises PostgresMissingError when there is no server program, RuntimeError with the log's end
    when it does not start.
    """
    bin_folder = programs()
    if bin_folder is None:
        raise PostgresMissingError("no PostgreSQL server; install with: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="omlop-pg-"))
    calls = _Programs(folder, bin_folder)
    try:
        with _running(calls, durable=durable, max_connections=max_connections) as started:
            yield started
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _running(calls: _Programs, *, durable: bool, max_connections: int) -> Iterator[Server]:
    cluster, port = calls.folder / "cluster", free_port()
    made = calls.run(
        *("initdb", "-D", str(cluster), "-U", ROLE, "--auth=trust"),
        *("--encoding=UTF8", "--no-locale", "--no-sync"),
    )
    options = [f"max_connections={max_connections}", "listen_addresses=127.0.0.1"]
    options += [] if durable else QUICK
    flags = [part for option in options for part in ("-c", option)]
    place = ["-D", str(cluster), "-p", str(port), "-k", str(calls.folder)]
    process = calls.start("postgres", *place, *flags, log=calls.folder / "log") if made else None
    try:
        if process is None or not _ready(calls, process, port):
            end = (calls.folder / "log").read_text(errors="replace")[-2000:]
            raise RuntimeError(f"PostgreSQL did not start:\n{end}")
        yield Server(f"postgresql+psycopg://{ROLE}@127.0.0.1:{port}/{ROLE}", process.pid)
    finally:
        if process is not None:
            _stop(process)


def _ready(calls: _Programs, process: subprocess.Popen[bytes], port: int) -> bool:
    until = time.monotonic() + START_SECONDS
    where = ["-h", "127.0.0.1", "-p", str(port), "-U", ROLE]
    while time.monotonic() < until and process.poll() is None:
        if calls.run("pg_isready", "-q", *where):
            return calls.run("createdb", *where, ROLE)
        time.sleep(0.1)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Fast shutdown, then the immediate one: SIGINT and SIGQUIT in PostgreSQL's own meaning."""
    for each in (signal.SIGINT, signal.SIGQUIT):
        if process.poll() is not None:
            return
        process.send_signal(each)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
