"""What own factors are read from: taken in, kept by content, and handed back for download."""

import hashlib
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from fastapi import Request
from pydantic import BaseModel
from starlette.datastructures import UploadFile

from app.accounts.actor import Actor
from app.impact.commands import Stored
from app.kit.documents import MOST_BYTES, kind_of
from app.kit.files import Files
from app.kit.forms import Submission, submitted
from app.kit.text import sayable

BODY_BYTES = MOST_BYTES + 200_000
"""One document at its limit, and the form around it."""

_Posted = TypeVar("_Posted", bound=BaseModel)


def stored(files: Files, actor: Actor, upload: UploadFile) -> Stored:
    """Raises ``DocumentRefused`` and ``DocumentTooLarge``: known by the content, never the name."""
    content = upload.file.read(MOST_BYTES + 1)
    kind = kind_of(content)
    key = files.put(actor.org_id, content, kind.suffix)
    name = sayable(upload.filename or "")[-120:].strip() or kind.suffix
    return Stored(name, key, hashlib.sha256(content).hexdigest(), len(content), kind)


def uploaded(command: type[_Posted]) -> Callable[[Request], AsyncIterator[Submission[_Posted]]]:
    """``submitted`` for a form with a file, whose temporary file is closed with the answer."""
    read = submitted(command)

    async def reading(request: Request) -> AsyncIterator[Submission[_Posted]]:
        try:
            yield await read(request)
        finally:
            await request.close()

    return reading
