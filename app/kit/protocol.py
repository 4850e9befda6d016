"""The server's side of a connection: an answer leaves in one piece.

uvicorn gives the head of an answer to the transport and then its body, and uvloop sends each at once.
The first of them wakes the reader, who finds half an answer: a sixth of the CPU time of a page was
spent there.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_HEAD = b"HTTP/1."


class WholeAnswers(HttpToolsProtocol):
    """uvicorn's protocol, on a transport that holds a head until what follows it comes."""

    def connection_made(self, transport: Any) -> None:
        held: Any = _HoldsHead(transport, self.loop)
        super().connection_made(held)


class _HoldsHead:
    """A transport. A head that nothing follows in this turn of the loop goes alone."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head: bytes | None = None

    def write(self, content: bytes) -> None:
        if self._head is not None:
            head, self._head = self._head, None
            self._transport.writelines((head, content))
        elif content.startswith(_HEAD):
            self._head = content
            self._loop.call_soon(self._go_alone)
        else:
            self._transport.write(content)

    def _go_alone(self) -> None:
        if self._head is not None:
            head, self._head = self._head, None
            self._transport.write(head)

    def close(self) -> None:
        self._go_alone()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
