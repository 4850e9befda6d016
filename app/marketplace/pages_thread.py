"""Messages with photos and documents on the request's own page, and the files handed back."""

from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.items.uploads import uploaded
from app.kit.documents import MOST_BYTES, DocumentRefused, DocumentTooLarge
from app.kit.errors import Invalid, NotFound, Problem
from app.kit.files import FileMissing, Files
from app.kit.forms import Submission
from app.kit.i18n import N_, gettext
from app.kit.images import PhotoRefused
from app.kit.once import once
from app.kit.page import redirect
from app.kit.text import sayable
from app.kit.web import Db
from app.marketplace.commands import PostMessage
from app.marketplace.models_files import FileKind, MessageFile
from app.marketplace.outputs import MessageOut
from app.marketplace.pages_requests import request_page
from app.marketplace.service_thread import (
    MOST_FILES,
    MOST_NAME,
    StoredAttachment,
    files_visible_to,
    post_with_files,
    require_seen,
    store_attachment,
)

router = APIRouter()
log = structlog.get_logger()

MOST_UPLOAD = MOST_FILES * 21_000_000
"""The body of a message: five photos of 20 MB, and the form around them."""
MessageForm = Annotated[Submission[PostMessage], Depends(uploaded(PostMessage))]
TOO_MANY = N_("Velg høyst fem filer om gangen.")


class Attached(BaseModel):
    """What the key of a message stands for besides its text: another file is another message."""

    sha256: list[str]


def stored_files(request: Request, actor: Actor, uploads: list[Any]) -> list[StoredAttachment]:
    files: Files = request.app.state.files
    chosen = [each for each in uploads if each.filename]
    if len(chosen) > MOST_FILES:
        raise Invalid(by_field={"files": TOO_MANY})
    stored = []
    for each in chosen:
        name, content = each.filename or "", each.file.read(MOST_BYTES * 2 + 1)
        try:
            stored.append(store_attachment(files, actor, name, content))
        except (PhotoRefused, DocumentRefused, DocumentTooLarge) as problem:
            if len(chosen) > 1:  # which of them?
                problem.members["file"] = sayable(name)[-MOST_NAME:]
            raise
    return stored


@router.post(
    "/bestillinger/{request_id}/melding",
    name="requests:do_post_message",
    max_body_size=MOST_UPLOAD,
)
def post_message(
    request: Request, request_id: UUID, form: MessageForm, actor: SignedIn, db: Db
) -> Response:
    actor.must(Permission.REQUEST_MAKE)
    with db.read() as session:
        require_seen(session, actor, request_id)
    try:
        command = form.valid(request_id=request_id)
        stored = stored_files(request, actor, form.files.get("files", []))
        commands = [command, Attached(sha256=[each.sha256 for each in stored])]
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                commands,
                lambda: MessageOut.all([post_with_files(session, actor, command, stored)]),
            )
    except (Invalid, PhotoRefused, DocumentRefused, DocumentTooLarge) as problem:
        with db.read() as session:
            return request_page(
                request,
                session,
                actor,
                request_id,
                form=form.raw,
                errors=_said(problem),
                status=problem.status,
            )
    message = gettext(N_("Meldingen er sendt."))
    return redirect(request, "requests:show", message=message, request_id=request_id)


def _said(problem: Problem) -> dict[str, str]:
    """At the field: the text's own, else at the files."""
    if isinstance(problem, Invalid) and problem.by_field:
        return {name: gettext(text) for name, text in problem.by_field.items()}
    text = gettext(problem.detail or problem.title)
    text = text % problem.values if problem.values else text
    text = f"{problem.members['file']}: {text}" if "file" in problem.members else text
    return {"" if isinstance(problem, Invalid) else "files": text}


@router.get("/bestillinger/vedlegg/{message_file_id}", name="requests:file")
async def show_file(request: Request, message_file_id: UUID, actor: SignedIn, db: Db) -> Response:
    """A photo to look at; a document only for download, whatever it may hold."""
    actor.must(Permission.REQUEST_MAKE)
    with db.read() as session:
        query = files_visible_to(actor).where(MessageFile.id == message_file_id)
        found = session.scalar(query)
    if found is None:
        raise NotFound(N_("Fant ikke filen."))
    tag = f'"{found.sha256}"'
    headers = {
        "ETag": tag,
        "Cache-Control": "private, max-age=3600",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Disposition": _disposition(found),
    }
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    files: Files = request.app.state.files
    try:
        content = await run_in_threadpool(files.get, found.key)
    except FileMissing:
        log.error("attachment_without_file", message_file_id=str(message_file_id), key=found.key)  # noqa: TRY400
        raise
    return Response(content, 200, headers, found.media_type)


def _disposition(found: MessageFile) -> str:
    how = "inline" if found.kind is FileKind.PHOTO else "attachment"
    plain, suffix = _plain(found.name), _plain(found.key.rpartition(".")[2])
    return f"{how}; filename=\"{plain}.{suffix}\"; filename*=UTF-8''{quote(found.name, safe='')}"


def _plain(text: str) -> str:
    """As a header can hold it."""
    return "".join(each if each.isascii() and each.isalnum() else "_" for each in text)
