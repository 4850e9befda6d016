"""Photos that come with a form: read with it, decoded and stored before anything is written."""

from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel
from starlette.datastructures import UploadFile

from app.accounts.actor import Actor
from app.items.service_photo_files import StoredFile, store_first
from app.kit.errors import Invalid
from app.kit.files import Files
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.images import PhotoRefused

AT_ONCE = 10
PHOTO_BYTES = AT_ONCE * 21_000_000
"""The body of an upload: ten photos of 20 MB, and the form around them."""

_Posted = TypeVar("_Posted", bound=BaseModel)


def uploaded(
    command: type[_Posted],
) -> Callable[[Request], AsyncIterator[Submission[_Posted]]]:
    """``submitted`` for a form with files: their temporary files are closed with the answer."""
    read = submitted(command)

    async def reading(request: Request) -> AsyncIterator[Submission[_Posted]]:
        try:
            yield await read(request)
        finally:
            await request.close()

    return reading


def stored_photos(
    request: Request, actor: Actor, form: Submission[Any], *, least: int = 0
) -> list[list[StoredFile]]:
    """The form's photos, decoded, their first size stored. Raises ``PhotoRefused`` naming the file."""
    files: Files = request.app.state.files
    uploads = form.files.get("photos", [])
    if len(uploads) < least:
        raise Invalid(by_field={"photos": gettext(N_("Velg minst ett bilde."))})
    if len(uploads) > AT_ONCE:
        text = gettext(N_("Velg høyst %(most)s bilder om gangen.")) % {"most": AT_ONCE}
        raise Invalid(by_field={"photos": text})
    return [_stored(files, actor, each) for each in uploads]


def _stored(files: Files, actor: Actor, upload: UploadFile) -> list[StoredFile]:
    try:
        return store_first(files, actor.org_id, upload.file.read())
    except PhotoRefused as problem:
        named = gettext(problem.detail or problem.title) % problem.values
        # The name is shown beside the reason; a percent sign in it must not be read as a place.
        problem.detail = f"{(upload.filename or '')[:80]}: {named}".replace("%", "%%")
        problem.values = {"": ""}
        raise
