"""An answer leaves in one piece; a head whose body takes its time does not wait for it."""

import asyncio
from typing import Any

import pytest
import uvicorn

from app.kit.loop import Loop
from app.kit.protocol import WholeAnswers, _HoldsHead

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n"
SECONDS = 5


class Transport:
    """What was given to it, call by call."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, bytes]] = []

    def write(self, content: bytes) -> None:
        self.calls.append(("write", content))

    def writelines(self, contents: tuple[bytes, ...]) -> None:
        self.calls.append(("writelines", b"".join(contents)))

    def close(self) -> None:
        self.calls.append(("close", b""))

    def is_closing(self) -> bool:
        return True


async def given(*steps: Any) -> list[tuple[str, bytes]]:
    """The calls that reach the transport; ``...`` is a turn of the loop."""
    real: Any = Transport()
    held = _HoldsHead(real, asyncio.get_running_loop())
    for step in steps:
        if step is ...:
            await asyncio.sleep(0)
        elif step is None:
            held.close()
        else:
            held.write(step)
    await asyncio.sleep(0)
    calls: list[tuple[str, bytes]] = real.calls
    return calls


@pytest.mark.parametrize(
    ("steps", "calls"),
    [
        ((HEAD, b"body"), [("writelines", HEAD + b"body")]),
        ((HEAD,), [("write", HEAD)]),
        ((HEAD, ..., b"body"), [("write", HEAD), ("write", b"body")]),
        ((HEAD, b"bo", b"dy"), [("writelines", HEAD + b"bo"), ("write", b"dy")]),
        ((HEAD, None), [("write", HEAD), ("close", b"")]),
        ((HEAD, b"a", HEAD, b"b"), [("writelines", HEAD + b"a"), ("writelines", HEAD + b"b")]),
        ((b"body",), [("write", b"body")]),
    ],
    ids=["whole", "head", "late body", "parts", "closed", "two answers", "no head"],
)
def test_a_head_goes_with_what_follows_it(
    steps: tuple[Any, ...], calls: list[tuple[str, bytes]]
) -> None:
    assert asyncio.run(given(*steps)) == calls


def test_what_else_is_asked_of_the_transport_it_answers_itself() -> None:
    real: Any = Transport()
    nowhere: Any = None
    assert _HoldsHead(real, nowhere).is_closing()


async def slowly(scope: Any, _receive: Any, send: Any) -> None:
    """The head at once, the body when somebody has seen the head."""
    headers = [(b"content-length", b"4")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await scope["app_seen"].wait()
    await send({"type": "http.response.body", "body": b"body"})


def test_a_head_is_read_before_its_body_is_made() -> None:
    async def read() -> bytes:
        seen = asyncio.Event()

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await slowly({**scope, "app_seen": seen}, receive, send)

        config = uvicorn.Config(app, port=0, http=WholeAnswers, lifespan="off", log_config=None)
        server = uvicorn.Server(config)
        config.load()
        server.lifespan = config.lifespan_class(config)
        await server.startup()
        reader, writer = await asyncio.open_connection(*server.servers[0].sockets[0].getsockname())
        try:
            writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), SECONDS)
            seen.set()
            return head + await asyncio.wait_for(reader.readexactly(4), SECONDS)
        finally:
            writer.close()
            await server.shutdown()

    loop = Loop()
    try:
        answer = loop.run_until_complete(read())
    finally:
        loop.close()
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\nbody")
