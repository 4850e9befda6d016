"""Child processes that decode photos: few, bounded, replaced often, never left behind.

Started with ``subprocess`` and not with ``multiprocessing``, because the latter imports the whole
program again in each child, and answers with pickles.
"""

import atexit
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.kit.image_child import heif_is_usable, received

_ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 30  # a cold disk and a busy machine; a warm one needs 0.1
_LONGEST_ANSWER = 64 * 1024 * 1024  # bytes; a child that claims more is broken
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TZ")
# glibc gives a photo's buffers back to the system after each photo, which then fills them with
# zeroes again, page by page: a tenth of the whole work (measured, 7,000 page faults a photo). Up to
# 64 MiB stay with the child instead, and only a buffer over 32 MiB, which no phone's photo needs,
# is given back.
_MEMORY_KEPT = {
    "MALLOC_MMAP_THRESHOLD_": str(32 * 1024 * 1024),
    "MALLOC_TRIM_THRESHOLD_": str(64 * 1024 * 1024),
}


class ChildFault(Exception):  # noqa: N818 - named by the fact it states
    """The child is gone or talks nonsense; it has been ended, the next photo gets a fresh one."""


class ChildSlow(ChildFault):
    """The photo took longer than its time."""


class ChildUnavailable(ChildFault):
    """No child could be had: none starts, all are busy, or the pool is closing."""


@dataclass(frozen=True)
class Limits:
    """``guarantees.md`` §6. Bytes, pixels and seconds."""

    file_bytes: int = 20_000_000
    pixels: int = 50_000_000
    webp_pixels: int = 25_000_000
    memory_bytes: int = 512 * 1024 * 1024
    seconds: float = 20.0
    heic: bool = field(default_factory=heif_is_usable)
    photos_per_child: int = 100
    children: int = field(default_factory=lambda: max(1, min(4, os.cpu_count() or 1)))
    wait_seconds: float = 30.0


class Child:
    """One process and the socket to it; used by one thread at a time."""

    def __init__(self, limits: Limits) -> None:
        self.photos = 0
        self.is_ended = False
        ours, theirs = socket.socketpair()
        self._channel = ours
        with theirs:
            self._process: subprocess.Popen[bytes] = subprocess.Popen(  # noqa: S603 - our own module, our own numbers
                [
                    sys.executable,
                    "-P",
                    "-c",
                    "from app.kit.image_child import main; main()",
                    str(limits.memory_bytes),
                    str(max(1, round(limits.seconds))),
                    str(limits.pixels),
                    str(limits.webp_pixels),
                    str(int(limits.heic)),
                ],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env=_environment(),
                start_new_session=True,  # Ctrl-C in the terminal is for the server to handle
            )
        ours.settimeout(_START_SECONDS)
        if not self._is_ready():
            self.end()
            raise ChildUnavailable

    def _is_ready(self) -> bool:
        try:
            return self._channel.recv(1) == b"R"
        except OSError:
            return False

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, job: bytes, content: bytes, seconds: float) -> tuple[dict[str, Any], bytes]:
        """The child's answer: what it tells, and the bytes that follow.

        Raises:
            ChildSlow: There was no whole answer within ``seconds``.
            ChildFault: The child died or answered nonsense.
        """
        self.photos += 1
        until = time.monotonic() + seconds
        try:
            self._channel.settimeout(seconds)
            self._channel.sendall(job + len(content).to_bytes(4, "big") + content)
            length = int.from_bytes(self._receive(4, until), "big")
            told = json.loads(self._receive(length, until))
            rest = sum(each["length"] for each in told.get("sizes", ()))
            return told, self._receive(rest, until)
        except TimeoutError as fault:
            raise ChildSlow from fault
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
            raise ChildFault from fault

    def _receive(self, length: int, until: float) -> bytes:
        if not 0 <= length <= _LONGEST_ANSWER:
            raise ValueError
        # Each wait is bounded by what is left of the photo's time, not by the whole of it.
        self._channel.settimeout(max(0.001, until - time.monotonic()))
        content = received(self._channel, length)
        if content is None or time.monotonic() > until:
            raise TimeoutError if content is not None else ConnectionError
        return bytes(content)

    def end(self) -> None:
        """Kills the process, if it still runs, and collects it, so that no zombie stays."""
        self.is_ended = True
        self._process.kill()
        self._process.wait()
        self._channel.close()


def _environment() -> dict[str, str]:
    """Only what a Python needs to start: a decoder has no business with our settings."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {**kept, **_MEMORY_KEPT, "PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"}


class Pool:
    """At most ``limits.children`` processes, started when first needed, safe from any thread."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._places = threading.Semaphore(self.limits.children)
        self._lock = threading.Lock()
        self._idle: list[Child] = []
        self._all: set[Child] = set()
        atexit.register(self.close)

    @property
    def pids(self) -> list[int]:
        with self._lock:
            return sorted(child.pid for child in self._all)

    def ask(self, job: bytes, content: bytes) -> tuple[dict[str, Any], bytes]:
        """Has a child do ``job``; waits for a free one.

        Raises:
            ChildFault: And its two kinds; the pool is whole again when it is raised.
        """
        with self._child() as child:
            return child.ask(job, content, self.limits.seconds)

    @contextmanager
    def _child(self) -> Iterator[Child]:
        if not self._places.acquire(timeout=self.limits.wait_seconds):
            raise ChildUnavailable
        try:
            child = self._taken()
            try:
                yield child
            except ChildFault as fault:
                if child.is_ended:
                    raise ChildUnavailable from fault  # the pool was closed under this photo
                self._end(child)
                raise
            except BaseException:
                self._end(child)
                raise
            self._give_back(child)
        finally:
            self._places.release()

    def _taken(self) -> Child:
        while True:
            with self._lock:
                child = self._idle.pop() if self._idle else None
            if child is None:
                break
            if child.is_alive:
                return child
            self._end(child)
        child = Child(self.limits)
        with self._lock:
            self._all.add(child)
        return child

    def _give_back(self, child: Child) -> None:
        if child.photos >= self.limits.photos_per_child:
            self._end(child)
            return
        with self._lock:
            if child in self._all:
                self._idle.append(child)

    def _end(self, child: Child) -> None:
        with self._lock:
            self._all.discard(child)
        child.end()

    def close(self) -> None:
        """Ends every child; a photo that comes later starts a new one."""
        with self._lock:
            ending, self._all, self._idle = self._all, set(), []
        for child in ending:
            child.end()
