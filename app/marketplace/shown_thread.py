"""The request's thread: who said what, with which files."""

from typing import Any
from uuid import UUID

from fastapi import Request as WebRequest
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.kit import i18n
from app.kit.i18n import N_, gettext
from app.kit.page import url
from app.marketplace import queries
from app.marketplace.models_files import FileKind, MessageFile
from app.marketplace.service_thread import files_of
from app.marketplace.shown import names_of


def thread(
    request: WebRequest, session: Session, actor: Actor, request_id: UUID
) -> list[dict[str, Any]]:
    """The request's messages, the oldest first."""
    rows = session.scalars(queries.messages_of(actor, request_id)).all()
    people = names_of(session, {each.person_id for each in rows if each.person_id is not None})
    files = files_of(session, actor, [each.id for each in rows]) if rows else {}
    return [
        {
            "text": each.text,
            "who": people.get(each.person_id, "") if each.person_id else "",
            "when": i18n.datetime_(each.created_at),
            "is_mine": each.person_id == actor.person_id,
            "files": [_shown(request, file) for file in files.get(each.id, [])],
        }
        for each in rows
    ]


def _shown(request: WebRequest, file: MessageFile) -> dict[str, Any]:
    megabytes = i18n.number(file.byte_count / 1_000_000, 1)
    kilobytes = i18n.number(max(1, round(file.byte_count / 1_000)))
    is_large = file.byte_count >= 1_000_000
    return {
        "href": url(request, "requests:file", message_file_id=file.id),
        "name": file.name,
        "is_photo": file.kind is FileKind.PHOTO,
        "size": (
            gettext(N_("%(size)s MB"), size=megabytes)
            if is_large
            else gettext(N_("%(size)s kB"), size=kilobytes)
        ),
    }
