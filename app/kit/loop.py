"""The server's event loop: uvloop, in which no connection waits for its turn to be accepted.

libuv accepts one connection in each turn of the loop, and a turn lasts as long as all requests that
are ready. Where 50 phones come at once, the last is accepted after 50 turns: on a busy machine after
seconds, while the first are answered in 150 ms. asyncio's own loop accepts all, and needs 0.14 ms
more for each request.
"""

import asyncio
import errno
import logging
import os
import socket
from collections.abc import Callable
from typing import Any

import uvloop

_log = logging.getLogger(__name__)
_FULL = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_FULL_SECONDS = 1.0

Protocols = Callable[[], asyncio.BaseProtocol]


class Loop(uvloop.Loop):
    """uvloop's, with servers that accept all connections that wait."""

    async def create_server(self, protocol_factory: Protocols, *where: Any, **options: Any) -> Any:
        """As asyncio's; the server that is answered listens already. Without TLS."""
        bound = await super().create_server(
            protocol_factory, *where, **{**options, "start_serving": False}
        )
        return _Server(self, bound, protocol_factory, options.get("backlog", 100))


class _Server:
    """``bound`` holds the addresses; what comes to them is accepted here."""

    def __init__(self, loop: Loop, bound: Any, protocols: Protocols, backlog: int) -> None:
        self.sockets = bound.sockets
        self._loop, self._bound, self._protocols = loop, bound, protocols
        self._begun: set[asyncio.Task[None]] = set()
        # Copies: a loop refuses to watch the sockets of its own servers.
        self._doors = [socket.socket(fileno=os.dup(each.fileno())) for each in bound.sockets]
        for door in self._doors:
            door.setblocking(False)
            door.listen(backlog)
            self._watch(door)

    def _watch(self, door: socket.socket) -> None:
        if door in self._doors:
            self._loop.add_reader(door, self._accept_all, door)

    def _accept_all(self, door: socket.socket) -> None:
        while True:
            try:
                connection, _ = door.accept()
            except BlockingIOError:
                return
            except ConnectionAbortedError:
                continue
            except OSError as error:
                if error.errno not in _FULL:
                    raise
                # Asked at once it would say the same again. Who waits keeps the place.
                _log.exception("no more connections can be accepted for now")
                self._loop.remove_reader(door)
                self._loop.call_later(_FULL_SECONDS, self._watch, door)
                return
            begun = self._loop.create_task(self._begin(connection))
            self._begun.add(begun)
            begun.add_done_callback(self._begun.discard)

    async def _begin(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await self._loop.connect_accepted_socket(self._protocols, connection)

    def close(self) -> None:
        """Nobody new is accepted. Connections that were go on."""
        doors, self._doors = self._doors, []
        for door in doors:
            self._loop.remove_reader(door)
            door.close()
        self._bound.close()

    async def wait_closed(self) -> None:
        """Nothing is left to wait for: the connections know of their own end."""
