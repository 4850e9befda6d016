"""The answer of a JSON route that writes: one unit of work, and kept under the caller's key."""

from collections.abc import Callable, Sequence
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.kit.db import Database
from app.kit.libpq import NothingChanged
from app.kit.once import Caller, as_it_is, once


def answered(
    db: Database,
    caller: Caller,
    key: str | None,
    commands: Sequence[BaseModel],
    call: Callable[[Session], Any],
    status: int = 200,
    *,
    read: Callable[[Any], Any] = as_it_is,
) -> JSONResponse:
    """What ``call`` gives, or gave when the request came before under ``key``; ``read`` as ``once``.

    Raises what ``call`` and ``once`` raise; then nothing is written and no key is kept.
    """

    def done(*, is_believed_new: bool) -> Any:
        with db.write() as session:
            return once(
                session,
                caller,
                key,
                commands,
                lambda: call(session),
                read,
                is_believed_new=is_believed_new,
            )

    try:
        answer = done(is_believed_new=True)  # as nearly every key is
    except NothingChanged:
        answer = done(is_believed_new=False)
    return JSONResponse(answer, status)
