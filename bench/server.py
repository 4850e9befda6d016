"""A server of our own to measure: `omlop serve` as a process beside us, on loopback.

Its CPU time is read from /proc for the whole process tree, the database server's included where
there is one, so that no work hides in a child.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.harness import ROUNDS, interleaved
from bench.load import Answered, Requests, send
from tools import postgres

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60
STOP_SECONDS = 20
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Database:
    """A place for an empty database. ``process_id`` is its server's, where it has one."""

    name: str
    url: str
    process_id: int | None


@contextlib.contextmanager
def databases() -> Iterator[list[Database]]:
    """SQLite in a folder of its own, and PostgreSQL (flushing for real) where it is installed."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="omlop-bench-"))
        found = [Database("SQLite", f"sqlite:///{folder}/omlop.db", None)]
        if postgres.programs() is None:
            print("LEFT OUT: PostgreSQL rows: no server; install with: apt-get install postgresql")
        else:
            started = stack.enter_context(postgres.server(durable=True))
            found.append(Database("PostgreSQL", started.url, started.process_id))
        yield found


@dataclass(frozen=True)
class Server:
    url: str
    process_id: int
    database: Database
    headers: Mapping[str, str] = field(default_factory=dict)

    def cpu_ms(self) -> tuple[float, float]:
        """CPU time used so far by the server with its children, and by its database server."""
        database = self.database.process_id
        return tree_cpu_ms(self.process_id), tree_cpu_ms(database) if database else 0.0

    def resident_mib(self) -> float:
        return tree_resident_mib(self.process_id)


def environment(database: Database, folder: Path) -> dict[str, str]:
    """What a program under measurement sees: its database, its own data folder, nothing else."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("OMLOP_")}
    return {**ours, "OMLOP_DATABASE_URL": database.url, "OMLOP_DATA_DIR": str(folder)}


@contextlib.contextmanager
def serving(
    database: Database, folder: Path, *, headers: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """`omlop serve` on the database, until the block ends."""
    port = postgres.free_port()
    url = f"http://127.0.0.1:{port}"
    seen = {
        **environment(database, folder),
        "OMLOP_BIND_HOST": "127.0.0.1",
        "OMLOP_BIND_PORT": str(port),
        "OMLOP_PUBLIC_URL": url,
    }
    command = [sys.executable, "-m", "app", "serve"]
    with started(command, folder, f"{url}/healthz", env=seen) as process_id:
        yield Server(url, process_id, database, headers or {})


@contextlib.contextmanager
def started(
    command: Sequence[str], folder: Path, healthy_url: str, *, env: Mapping[str, str] | None = None
) -> Iterator[int]:
    """Starts a server, waits until it answers at ``healthy_url``, gives its process id, stops it.

    Raises RuntimeError with the end of its log when it does not come up.
    """
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        if not _healthy(process, healthy_url):
            end = log.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"the server did not start:\n{end}")
        yield process.pid
    finally:
        for each in (signal.SIGTERM, signal.SIGKILL):
            if process.poll() is None:
                process.send_signal(each)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(STOP_SECONDS)


def _healthy(process: subprocess.Popen[bytes], url: str) -> bool:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(url, timeout=2).close()
            return True
        time.sleep(0.1)
    return False


def _stat(process_id: int) -> list[str]:
    """The fields after the name, which may itself hold spaces: state is the first."""
    text = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8")
    return text.rpartition(")")[2].split()


def tree(process_id: int) -> list[int]:
    """The process and all that descend from it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parents.setdefault(int(_stat(int(entry.name))[1]), []).append(int(entry.name))
    found = [process_id]
    for each in found:
        found.extend(parents.get(each, []))
    return found


def tree_cpu_ms(process_id: int) -> float:
    """utime + stime of all that live, and of their children that have ended (cutime, cstime)."""
    ticks = 0
    for each in tree(process_id):
        with contextlib.suppress(OSError):
            ticks += sum(int(field) for field in _stat(each)[11:15])
    return ticks * 1000 / TICKS


def tree_resident_mib(process_id: int) -> float:
    total = 0
    for each in tree(process_id):
        with contextlib.suppress(OSError):
            pages = Path(f"/proc/{each}/statm").read_text(encoding="utf-8").split()[1]
            total += int(pages) * os.sysconf("SC_PAGE_SIZE")
    return total / 1024 / 1024


@dataclass(frozen=True)
class Round:
    """One round of one kind of request: what came back and what it cost."""

    answered: Answered
    cpu_ms_per_request: float
    database_ms_per_request: float
    """The part of it that a database server of its own needed."""


def measure_round(server: Server, requests: Requests, connections: int, seconds: float) -> Round:
    """Raises RuntimeError when answers were errors: a fast refusal is no figure."""
    signed = Requests(
        requests.paths, requests.method, requests.bodies, {**server.headers, **requests.headers}
    )
    before = server.cpu_ms()
    answered = send(server.url, signed, connections=connections, seconds=seconds)
    own, database = (now - then for now, then in zip(server.cpu_ms(), before, strict=True))
    if answered.failed or not answered.count:
        raise RuntimeError(
            f"{answered.failed} of {answered.count} requests failed: {requests.paths[0]}"
        )
    return Round(answered, (own + database) / answered.count, database / answered.count)


def measure_all(
    server: Server,
    kinds: Mapping[str, Requests],
    *,
    connections: int = 8,
    seconds: float = 2,
    rounds: int = ROUNDS,
) -> dict[str, list[Round]]:
    """Every kind of request, ``rounds`` rounds interleaved after one to warm up."""

    def one(requests: Requests) -> Callable[[], Round]:
        return lambda: measure_round(server, requests, connections, seconds)

    variants = {name: one(requests) for name, requests in kinds.items()}
    return interleaved(variants, rounds=rounds)
