"""Files that are written whole before their first byte leaves.

So a slow reader holds no snapshot of the database, and what can not be written is a refusal and not
half a file.
"""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import IO

from fastapi.responses import StreamingResponse

from app.kit.exports import MEDIA_TYPES, Format

IN_MEMORY = 4_000_000
"""Bytes; a larger file is written to the disk."""
_AT_ONCE = 1 << 16


@contextmanager
def written() -> Iterator[IO[bytes]]:
    """What is written to, and then ``sent``; it is closed if anything is raised before its end."""
    with ExitStack() as unsent:
        file = unsent.enter_context(tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))
        yield file
        unsent.pop_all()  # closed when it is sent


def sent(file: IO[bytes], form: Format, name: str) -> StreamingResponse:
    """The whole file under a name without its ending."""
    file.seek(0)
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form.value}"'}
    return StreamingResponse(_read(file), media_type=MEDIA_TYPES[form], headers=headers)


def _read(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_AT_ONCE):
            yield piece
