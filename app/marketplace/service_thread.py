"""Files of a request's thread: stored before the row is written, seen by who sees the request."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.items.service_photo_files import store_first
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.documents import kind_of
from app.kit.errors import NotFound
from app.kit.files import Files
from app.kit.i18n import N_
from app.kit.text import sayable
from app.marketplace.commands import PostMessage
from app.marketplace.models import Message, Request
from app.marketplace.models_files import FileKind, MessageFile
from app.marketplace.queries import requests_visible_to
from app.marketplace.service_request import post_message

MOST_FILES = 5
"""Files of one message."""
MOST_NAME = 120
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF", b"GIF8", b"BM")
"""How pictures begin; HEIC says what it is a little later."""


@dataclass(frozen=True, slots=True)
class StoredAttachment:
    """A file that is in the store already."""

    kind: FileKind
    name: str
    key: str
    media_type: str
    sha256: str
    byte_count: int


def store_attachment(files: Files, actor: Actor, name: str, content: bytes) -> StoredAttachment:
    """A picture loses its metadata, a document is kept as it is.

    Slow; never inside a ``write`` block. Raises ``PhotoRefused``, ``DocumentRefused``,
    ``DocumentTooLarge``; nothing is stored then.
    """
    shown = sayable(name).replace("/", "_").replace("\\", "_")[-MOST_NAME:].strip() or "fil"
    if content.startswith(PICTURES) or content[4:8] == b"ftyp":
        first = store_first(files, actor.org_id, content)[0]
        stem = shown.rpartition(".")[0] or shown
        return StoredAttachment(
            kind=FileKind.PHOTO,
            name=f"{stem[: MOST_NAME - 5]}.{first.key.rpartition('.')[2]}",
            key=first.key,
            media_type=first.media_type,
            sha256=first.sha256,
            byte_count=first.byte_count,
        )
    kind = kind_of(content)
    key = files.put(actor.org_id, content, kind.suffix)
    return StoredAttachment(
        kind=FileKind.DOCUMENT,
        name=shown,
        key=key,
        media_type=kind.media_type,
        sha256=key.rpartition("/")[2].partition(".")[0],
        byte_count=len(content),
    )


def post_with_files(
    session: Session, actor: Actor, command: PostMessage, stored: Sequence[StoredAttachment]
) -> Message:
    """A line of the thread with what was attached to it."""
    actor.must(Permission.REQUEST_MAKE)
    [message] = post_message(session, actor, [command])
    now = clock_of(session).now()
    session.add_all(
        MessageFile(
            id=new_id(),
            org_id=message.org_id,
            message_id=message.id,
            position=position,
            kind=each.kind,
            name=each.name,
            key=each.key,
            media_type=each.media_type,
            sha256=each.sha256,
            byte_count=each.byte_count,
            created_at=now,
        )
        for position, each in enumerate(stored, 1)
    )
    return message


def require_seen(session: Session, actor: Actor, request_id: UUID) -> None:
    """Before anything is stored for it. Raises ``NotFound``."""
    seen = requests_visible_to(actor).where(Request.id == request_id)
    if session.scalar(seen.with_only_columns(Request.id)) is None:
        raise NotFound(N_("Fant ikke bestillingen."))


def files_visible_to(actor: Actor) -> Select[MessageFile]:
    """Files of the threads of requests the actor sees."""
    requests = requests_visible_to(actor).with_only_columns(Request.id)
    return (
        select(MessageFile)
        .join(
            Message,
            and_(Message.org_id == MessageFile.org_id, Message.id == MessageFile.message_id),
        )
        .where(MessageFile.org_id == actor.org_id, Message.request_id.in_(requests))
    )


def files_of(
    session: Session, actor: Actor, message_ids: Sequence[UUID]
) -> dict[UUID, list[MessageFile]]:
    """The files of these messages, which the caller has seen, by message."""
    found: dict[UUID, list[MessageFile]] = {}
    for each in session.scalars(
        select(MessageFile)
        .where(MessageFile.org_id == actor.org_id, MessageFile.message_id.in_(message_ids))
        .order_by(MessageFile.message_id, MessageFile.position)
    ):
        found.setdefault(each.message_id, []).append(each)
    return found
