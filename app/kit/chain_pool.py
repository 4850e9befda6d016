"""Child processes that hash segments of a chain, beside the process that asks for them.

A link holds when the digest stored before it and its row give its own, so that segments can be
looked at in any order. What a child says is taken only for a segment that holds to its end; any
other, and any that no child answered for, is walked again by the one who asked. A child that is
killed or hangs costs time, and never the verdict.
"""

import json
import os
import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from app.kit.chain_rows import Alike, Held

_ROOT = Path(__file__).resolve().parents[2]
CHILDREN_MOST = 3
"""More would ask more of the database's disk than it has."""
SECONDS_A_SEGMENT = 120
"""Of waiting for one answer: a segment takes a tenth of a second."""


Tally = Callable[[Mapping[str, Alike]], None]
"""Told what a segment's rows share, by table; one at a time, and not in order. It raises nothing."""


class Segment(NamedTuple):
    """The links behind ``after`` up to ``upto``, and the digest that stands at ``after``."""

    after: int
    upto: int
    previous: str


def children() -> int:
    """How many processes may help here; none on a machine with one processor.

    As many as there are processors: a child reads a row in two thirds of the time that it takes
    the process that asked, which has other things to look at meanwhile, and not as much of it.
    """
    processors = os.cpu_count() or 1
    return min(CHILDREN_MOST, processors) if processors > 1 else 0


class Hashers:
    """Children at work on segments from the first on.

    Where processors are left, whoever started them takes from the last.
    """

    def __init__(
        self,
        given: Mapping[str, Any],
        segments: Sequence[Segment],
        statement: Callable[[Segment], str],
        tally: Tally,
    ) -> None:
        """``given`` is a child's first line; ``statement`` says in SQL how a segment is read."""
        self._given, self._statement, self._tally = given, statement, tally
        self._telling = threading.Lock()
        self._waiting = deque(segments)
        self.held: dict[Segment, Held] = {}
        self._children: list[_Child] = []
        self._threads = [
            threading.Thread(target=self._drive, daemon=True) for _ in range(children())
        ]
        for each in self._threads:
            each.start()

    @property
    def pids(self) -> list[int]:
        return [each.pid for each in self._children]

    def another(self) -> Segment | None:
        """The last segment that nobody has taken; none where the children need every processor."""
        if children() == (os.cpu_count() or 1):
            return None
        try:
            return self._waiting.pop()
        except IndexError:
            return None

    def keep(self, segment: Segment, held: Held | None) -> None:
        """What was found of a segment. After one that does not hold, no other is begun."""
        if held is not None and held.seq == segment.upto:
            # Told at once, by whoever got the answer: a long ledger's would not all be kept.
            with self._telling:
                self._tally(held.alike)
            self.held[segment] = held._replace(alike={})
        else:
            self._waiting.clear()

    def wait(self) -> None:
        """Until nobody works on a segment."""
        for each in self._threads:
            each.join()

    def end(self) -> None:
        """Ends every child, whatever it does."""
        self._waiting.clear()
        for each in self._children:
            each.end()
        self.wait()
        # One that was only being started then.
        for each in self._children:
            each.end()

    def _drive(self) -> None:
        try:
            child = _Child()
        except OSError:
            return
        self._children.append(child)
        try:
            child.say(self._given)
            while True:
                segment = self._waiting.popleft()
                seq, digest, counted, alike = child.ask(
                    [self._statement(segment), segment.after, segment.previous]
                )
                told = {name: Alike(*each) for name, each in alike.items()}
                self.keep(segment, Held(seq, digest, counted, told))
        except (OSError, ValueError, TypeError, IndexError):
            return  # nothing left to do, or a child that is gone: its segment is walked again
        finally:
            child.close()


class _Child:
    """One process, and lines of JSON to and from it."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-S", "-c", "from app.kit.chain_child import main; main()"],
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=subprocess.DEVNULL,
                # Unlike a photo's decoder it reaches the database, by all that libpq may look for.
                env={**os.environ, "PYTHONPATH": os.pathsep.join([str(_ROOT), *sys.path])},
                start_new_session=True,  # Ctrl-C in the terminal is for the command to handle
            )
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        ours.settimeout(SECONDS_A_SEGMENT)
        self._channel, self._lines = ours, ours.makefile("rb")

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, job: Sequence[Any]) -> Any:
        """Raises ``OSError`` or ``ValueError`` when the child is gone, hangs or talks nonsense."""
        self.say(job)
        return json.loads(self._lines.readline())

    def say(self, what: Any) -> None:
        self._channel.sendall(json.dumps(what).encode() + b"\n")

    def end(self) -> None:
        """Kills the process, if it still runs, and collects it; whoever waits for it is told."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """For the one who waits for it."""
        self.end()
        self._lines.close()
        self._channel.close()
