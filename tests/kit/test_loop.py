"""Connections that come at once are accepted at once, however long the loop's turns are."""

import asyncio
import resource
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
import uvloop

from app.kit.loop import Loop

PHONES = 50


class Counted(asyncio.Protocol):
    """Says what it hears, and counts those who came."""

    def __init__(self, came: list[Any]) -> None:
        self._came = came

    def connection_made(self, transport: Any) -> None:
        self._came.append(transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(data)


def run(loop: asyncio.AbstractEventLoop, seen: Callable[[Any, list[Any]], Any]) -> Any:
    """What ``seen(server, came)`` finds on a server that listens on a free port."""

    async def all_of_it() -> Any:
        came: list[Any] = []
        server = await loop.create_server(lambda: Counted(came), "127.0.0.1", 0, backlog=100)
        try:
            return await seen(server, came)
        finally:
            for each in came:
                each.close()
            server.close()
            await server.wait_closed()
            await asyncio.sleep(0.05)  # until what was closed has gone from the loop

    try:
        return loop.run_until_complete(all_of_it())
    finally:
        loop.close()


@contextmanager
def phones(server: Any, count: int = PHONES) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        address = server.sockets[0].getsockname()
        yield [stack.enter_context(socket.create_connection(address)) for _ in range(count)]


async def turns_until_all_came(server: Any, came: list[Any]) -> int:
    with phones(server):
        for turn in range(5 * PHONES):
            if len(came) == PHONES:
                return turn
            await asyncio.sleep(0)
    raise AssertionError(f"{len(came)} of {PHONES} came")


def test_all_who_wait_are_accepted_in_a_few_turns_of_the_loop() -> None:
    assert run(Loop(), turns_until_all_came) <= 8


def test_the_plain_loop_needs_a_turn_for_each_which_is_why_this_one_is_ours() -> None:
    assert run(uvloop.new_event_loop(), turns_until_all_came) >= PHONES


def test_what_is_said_is_answered_and_a_closed_server_takes_nobody() -> None:
    async def seen(server: Any, _: list[Any]) -> bytes:
        address = server.sockets[0].getsockname()
        reader, writer = await asyncio.open_connection(*address)
        server.close()
        writer.write(b"hei")
        heard = await reader.readexactly(3)
        writer.close()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(*address)
        return heard

    assert run(Loop(), seen) == b"hei"


def test_who_comes_when_no_file_may_be_opened_is_accepted_afterwards() -> None:
    async def seen(server: Any, came: list[Any]) -> tuple[int, int]:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        with phones(server, 3) as there:
            try:
                resource.setrlimit(resource.RLIMIT_NOFILE, (there[-1].fileno() + 1, hard))
                for _ in range(20):
                    await asyncio.sleep(0)
                before = len(came)
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            # It asks again after a second.
            for _ in range(300):
                await asyncio.sleep(0.05 if len(came) < 3 else 0)
        return before, len(came)

    assert run(Loop(), seen) == (0, 3)


def test_an_address_in_use_is_an_error_at_once() -> None:
    async def seen(server: Any, _: list[Any]) -> None:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            await asyncio.get_running_loop().create_server(lambda: Counted([]), "127.0.0.1", port)

    run(Loop(), seen)
