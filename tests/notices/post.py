"""A real SMTP server that keeps what it gets, and a queue that sends to it at once."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from app.kit.db import Database
from app.kit.files import Files
from app.kit.jobs import Parts, Queue, queue_at_once
from app.kit.mail import Mail
from app.main import make_templates
from app.notices.jobs import SEND, SEND_DIGEST, SEND_OUTSIDE

PUBLIC_URL = "https://omlop.example.no"


@dataclass
class Sink:
    """Takes letters, or answers as the test says; ``refuses`` is asked at each letter."""

    answer: str = "250 OK"
    answer_to_recipient: str = "250 OK"
    refuses: Callable[[], bool] = lambda: False
    letters: list[EmailMessage] = field(default_factory=list)
    envelopes: list[list[str]] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802  (aiosmtpd's name)
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.answer_to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer_to_recipient

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.refuses():
            return "451 Try again later"
        if self.answer.startswith("250"):
            self.envelopes.append(list(envelope.rcpt_tos))
            self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        return self.answer

    @property
    def ids(self) -> list[str]:
        return [str(each["Message-ID"]) for each in self.letters]

    def text(self, index: int = -1) -> str:
        part = self.letters[index].get_body(("plain",))
        assert part is not None
        return str(part.get_content())


@contextmanager
def a_server(sink: Sink) -> Iterator[Mail]:
    """The server on a free port of this machine, and the settings that lead to it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(sink, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield Mail("127.0.0.1", port, is_encrypted=False, sender="omlop@example.no")
    finally:
        server.stop()


def parts_of(database: Database, files: Files, mail: Mail) -> Parts:
    return Parts(database, files, mail, make_templates(), PUBLIC_URL)


def sending(database: Database, files: Files, mail: Mail) -> Queue:
    """A queue that runs each call where it is made, woken by every commit."""
    queue = Queue(
        queue_at_once(), parts_of(database, files, mail), [SEND, SEND_DIGEST, SEND_OUTSIDE], ()
    )
    database.enqueue = queue.enqueue
    return queue
